"""Questions over several accounts at once: what nothing places is in each caller's own account.

Source: IAM User Guide, "Cross-account policy evaluation logic": in its own account an identity policy is enough.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.collect.files import read_files
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.principal import InlinePolicy, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from tests.access.agreement import disagreements
from tests.evaluate.worlds import document
from tests.generate.account import ACCOUNT, OUTSIDE, generate

LAYERS = ("identity", "boundary", "resource", "scp", "rcp")
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def user(account: str, *statements: dict[str, Any]) -> User:
    held = (InlinePolicy("own", document(list(statements or (ALL,)))),)
    return User(f"arn:aws:iam::{account}:user/ana", "ana", f"AIDA{account}", inline=held)


def account(number: str, *statements: dict[str, Any], **more: Any) -> Snapshot:
    return Snapshot(number, Source("live", read_layers=LAYERS), "", users=(user(number, *statements),), **more)


def say(index: AccessIndex, action: str, resource: str | None = None) -> list[str]:
    """The decisions of both accounts' user by `can`, after comparing them with `who_can`'s."""
    listed = {answer.principal: answer.decision for answer in index.who_can(action, resource).answers}
    said = []
    for number in (ACCOUNT, OUTSIDE):
        name = f"arn:aws:iam::{number}:user/ana"
        alone = index.can(name, action, resource).decision
        assert listed.get(name, "denied") == (alone if not alone.endswith("deny") else "denied")
        said.append(alone)
    return said


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreateUser", None),
        ("s3:ListAllMyBuckets", None),
        ("s3:GetObject", "arn:aws:s3:::nobody-knows-it/x"),
        ("iam:GetRole", "arn:aws:iam::*:role/build"),
        ("kms:CreateKey", None),
    ],
)
def test_each_account_is_asked_about_its_own(action: str, resource: str | None) -> None:
    index = build_index((account(ACCOUNT), account(OUTSIDE)))
    assert say(index, action, resource) == ["allowed", "allowed"]
    for number in (ACCOUNT, OUTSIDE):
        assert action in {item.action for item in index.what_can(f"arn:aws:iam::{number}:user/ana")}


def test_a_resource_of_one_account_stays_there() -> None:
    bucket = Resource("arn:aws:s3:::plans", "s3:bucket", ACCOUNT)
    index = build_index((account(ACCOUNT, resources=(bucket,)), account(OUTSIDE)))
    assert say(index, "s3:GetObject", "arn:aws:s3:::plans/x") == ["allowed", "implicit-deny"]


def test_the_account_that_is_named_as_home_has_what_nothing_places() -> None:
    index = build_index((account(ACCOUNT), account(OUTSIDE)), home=OUTSIDE)
    assert say(index, "iam:CreateUser") == ["implicit-deny", "allowed"]


def test_the_account_of_a_resource_that_nothing_places_is_open() -> None:
    only = {**ALL, "Condition": {"StringEquals": {"aws:ResourceAccount": OUTSIDE}}}
    index = build_index((account(ACCOUNT, only), account(OUTSIDE, only)))
    assert say(index, "s3:GetObject", "arn:aws:s3:::nobody-knows-it/x") == ["conditional", "conditional"]


def test_each_account_has_its_own_resource_control_policies() -> None:
    deny = document([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}])
    guarded = ((OUTSIDE, (Level("r-1", (NamedPolicy("guard", deny),)),)), (ACCOUNT, ()))
    full = (Level("r-1", (NamedPolicy("full", document([ALL])),)),)
    organization = Organization("o-abc1234567", scps=((ACCOUNT, full), (OUTSIDE, full)), rcps=guarded)
    both = tuple(account(number, organization=organization) for number in (ACCOUNT, OUTSIDE))
    said = say(build_index(both), "s3:GetObject", "arn:aws:s3:::nobody-knows-it/x")
    assert said == ["allowed", "explicit-deny"]


def two_accounts(seed: int) -> AccessIndex:
    with tempfile.TemporaryDirectory() as folder:
        files: list[str] = []
        for number in (ACCOUNT, OUTSIDE):
            place = Path(folder) / number
            place.mkdir()
            export, resources, org = generate(150, seed, account=number).write(place)
            files += [export, resources]
        return build_index(read_files(files, org=org))


@pytest.mark.parametrize("seed", [31, 32])
def test_index_and_single_requests_agree_over_two_accounts(seed: int) -> None:
    index = two_accounts(seed)
    assert len({snapshot.account for snapshot in index.snapshots}) == 2
    asked, found = disagreements(index, seed, asks=60, principals_each=20, elsewhere=OUTSIDE)
    assert asked == 1_200
    assert not found, found[:3]


def test_can_on_any_resource_says_what_who_can_says() -> None:
    """A Deny on every pattern that is allowed denies, though it does not cover `*`; a grant of one resource allows."""
    split = (
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": f"arn:aws:dynamodb:*:{ACCOUNT}:table/a"},
        {"Effect": "Deny", "Action": "*", "NotResource": f"arn:aws:ec2:*:{ACCOUNT}:*"},
    )
    granted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:user/ana"}, "Action": "sqs:*"}
    queue = Resource(f"arn:aws:sqs:eu-west-1:{OUTSIDE}:jobs", "sqs:queue", OUTSIDE, "eu-west-1", document([granted]))
    nothing = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
    index = build_index((account(ACCOUNT, *split), account(OUTSIDE, nothing, resources=(queue,))))
    assert say(index, "dynamodb:GetItem") == ["implicit-deny", "implicit-deny"]
    assert say(index, "sqs:SendMessage") == ["implicit-deny", "allowed"]
