"""Resource control policies: what they take away shows action by action, in whichever account the resource is.

Source: AWS Organizations User Guide, "Resource control policies (RCPs)": they bind the resources of the accounts to
which they are attached, whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from advisor.access.difference import compare
from advisor.access.index import AccessIndex, build_index
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.resource import Resource
from tests.access.test_several_accounts import ALL, account
from tests.evaluate.worlds import document
from tests.generate.account import ACCOUNT, OUTSIDE

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
FULL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
ALIKE = ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage")


def queue(owner: str, *lets_in: Any) -> Resource:
    """A queue whose policy lets somebody do everything with it."""
    arn = f"arn:aws:sqs:eu-west-1:{owner}:jobs"
    said = [{"Effect": "Allow", "Principal": one, "Action": "sqs:*", "Resource": arn} for one in lets_in]
    return Resource(arn, "sqs:queue", owner, "eu-west-1", document(said) if said else None)


def index_of(
    *resources: Resource, may: str = "sqs:*", on: str = "*", controls: Mapping[str, dict[str, Any]] | None = None
) -> AccessIndex:
    """Ana in each of two accounts of an organization; `controls` are Deny statements of their RCPs."""
    levels = {}
    for number in (ACCOUNT, OUTSIDE):
        said = [FULL, *([controls[number]] if controls and number in controls else [])]
        levels[number] = (Level("r-1", (NamedPolicy("guard", document(said)),)),)
    full = (Level("r-1", (NamedPolicy("full", document([ALL])),)),)
    organization = Organization(
        "o-abc1234567", scps=tuple((number, full) for number in levels), rcps=tuple(levels.items())
    )
    own = {"Effect": "Allow", "Action": may, "Resource": on}
    there = {number: tuple(one for one in resources if one.account == number) for number in levels}
    return build_index([account(number, own, organization=organization, resources=there[number]) for number in levels])


def denying(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize("denied", ALIKE)
@pytest.mark.parametrize(("whose", "on"), [(ACCOUNT, "*"), (OUTSIDE, f"arn:aws:sqs:eu-west-1:{OUTSIDE}:jobs")])
def test_what_can_tells_apart_what_an_rcp_does(denied: str, whose: str, on: str) -> None:
    """Actions that AWS treats alike and that the principal's own policies name together."""
    index = index_of(queue(OUTSIDE, {"AWS": ANA}), on=on, controls={whose: denying(denied)})
    found = {item.action for item in index.what_can(ANA) if on in item.resources}
    assert found.intersection(ALIKE) == set(ALIKE) - {denied}


@pytest.mark.parametrize("whose", [ACCOUNT, OUTSIDE])
@pytest.mark.parametrize("cut", [False, True])
def test_an_rcp_that_is_taken_off_gives_back_what_it_took(whose: str, cut: bool) -> None:
    """To principals of all accounts that the resource's policy lets in; also where it denies on one resource only."""
    mine = queue(whose, {"AWS": ANA})
    guard = denying("sqs:SendMessage", mine.arn if cut else "*")
    before, after = index_of(mine, controls={whose: guard}), index_of(mine)
    assert before.can(ANA, "sqs:SendMessage", mine.arn).decision == "explicit-deny"
    assert after.can(ANA, "sqs:SendMessage", mine.arn).decision == "allowed"
    gained, lost = compare(before, after), compare(after, before)
    assert gained.verdict == "new-access"
    assert ANA in {change.principal for change in gained.gained if change.actions == ("sqs:SendMessage",)}
    assert ANA in {change.principal for change in lost.lost if change.actions == ("sqs:SendMessage",)}
    assert lost.verdict == "proved"


def test_an_rcp_that_is_taken_off_a_pattern_gives_back_what_it_took() -> None:
    guard = denying("s3:GetObject", "arn:aws:s3:::secret/*")
    found = compare(index_of(may="s3:*", controls={ACCOUNT: guard}), index_of(may="s3:*"))
    assert found.verdict == "new-access"
    assert [(item.principal, item.actions, item.resource) for item in found.gained] == [
        (ANA, ("s3:GetObject",), "arn:aws:s3:::secret/*")
    ]


@pytest.mark.parametrize("on", ["*", f"arn:aws:s3:::{ACCOUNT}-plans/*", "arn:aws:s3:::*/secret"])
def test_an_rcp_that_is_taken_off_lets_everybody_in_again(on: str) -> None:
    """Whom a resource's policy lets in need not be of the accounts; a public bucket is what RCPs are there for."""
    arn = f"arn:aws:s3:::{ACCOUNT}-plans"
    public = document([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{arn}/*"}])
    bucket = Resource(arn, "s3:bucket", ACCOUNT, policy=public)
    foreign = denying("s3:*", on, Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc1234567"}})
    before, after = index_of(bucket, controls={ACCOUNT: foreign}), index_of(bucket)
    found = compare(before, after)
    assert ("*", ("s3:GetObject",)) in {(change.principal, change.actions) for change in found.gained}
    assert found.verdict == "new-access"
    assert [change.principal for change in compare(after, before).gained] == []
