"""The impact of each of many changes at once is that of each one after those before it."""

from __future__ import annotations

import pytest

from advisor.access.impacts import EVERYBODY, touched_by, with_impacts
from advisor.access.used import Use, used_of
from advisor.account import Advisor
from advisor.graph.cut import find_cut
from advisor.model.change import Change, Operation
from advisor.model.difference import AccessChange
from advisor.model.effects import apply_to
from advisor.model.usage import ServiceUse
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, trusting

VENDOR = "arn:aws:iam::444455556666:root"


def _lab() -> Lab:
    lab = Lab()
    shared = lab.policy("shared", allow(["iam:PassRole", "iam:AttachUserPolicy"]), allow("s3:*"))
    lab.group("devs", allow("iam:CreateAccessKey"))
    for name in ("ana", "ben"):
        lab.user(name, allow("iam:PutUserPolicy", arn("user", name)), attached=(shared,), groups=("devs",))
    lab.user("eve", allow("iam:PutUserPolicy", arn("user", "eve")))
    lab.role("power", trusting(aws=[arn("user", "eve"), VENDOR, arn("user", "ben")]), ANYTHING)
    return lab


def _one_by_one(account: Advisor, changes: tuple[Change, ...]) -> list[set[tuple[str, str, str]]]:
    found, state = [], account
    for change in changes:
        after = state.with_snapshot(apply_to(change, state.snapshot))
        found.append(_told(state.difference(after).lost))
        state = after
    return found


def _told(items: tuple[AccessChange, ...]) -> set[tuple[str, str, str]]:
    return {(item.principal, action, item.resource) for item in items for action in item.actions}


def test_changes_of_different_principals_are_compared_together_with_the_same_result() -> None:
    account = _lab().open()
    changes = find_cut(account).changes
    assert len(changes) > 3
    found = tuple(with_impacts(account, changes))
    assert [change.id for change in found] == [change.id for change in changes]
    lost = [_told(change.impact.lost) for change in found if change.impact]
    assert set().union(*lost) == set().union(*_one_by_one(account, changes))
    for change in found:
        alone = account.difference(account.with_snapshot(apply_to(change, account.snapshot)))
        assert change.impact and _told(change.impact.lost) <= _told(alone.lost)


@pytest.mark.parametrize(
    ("operation", "parameters", "touched"),
    [
        ("CreatePolicyVersion", {"PolicyArn": arn("policy", "shared")}, {"user/ana", "user/ben"}),
        ("DetachUserPolicy", {"UserName": "ana", "PolicyArn": arn("policy", "shared")}, {"user/ana"}),
        ("PutGroupPolicy", {"GroupName": "devs"}, {"user/ana", "user/ben"}),
        ("DeleteRolePolicy", {"RoleName": "power", "PolicyName": "own"}, {"role/power"}),
        ("CreateUser", {"UserName": "new"}, set()),
    ],
)
def test_whom_a_call_touches(operation: str, parameters: dict[str, str], touched: set[str]) -> None:
    change = Change("one", "one", (Operation("iam", operation, parameters),))
    expected = {f"arn:aws:iam::{ACCOUNT}:{name}" for name in touched}
    assert touched_by([_lab().snapshot()], change) == (expected or EVERYBODY)


def test_used_access_is_told_with_how_sure_that_is() -> None:
    lab = Lab()
    at = "2026-11-01T00:00:00+00:00"
    lab.user("ana", uses=(ServiceUse("iam", at, (("CreateUser", at),)), ServiceUse("s3")))
    lab.user("ben")
    lost = (
        AccessChange(
            arn("user", "ana"), ("iam:CreateUser", "iam:PutUserPolicy", "s3:GetObject"), "*", "allowed", "implicit-deny"
        ),
        AccessChange(arn("user", "ben"), ("iam:CreateUser",), "*", "allowed", "implicit-deny"),
        AccessChange(VENDOR, ("sts:AssumeRole",), "*", "allowed", "implicit-deny"),
    )
    used = used_of(lab.snapshot(), lost)
    assert used.exact == (Use(arn("user", "ana"), "iam:CreateUser", at, exact=True),)
    assert [use.action for use in used.uses] == ["iam:CreateUser", "iam:PutUserPolicy"]
    assert used.unknown == 1
