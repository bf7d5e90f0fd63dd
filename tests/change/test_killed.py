"""Killed at any line of the journal, in a plan of several changes and in its undo: nothing lost, nothing doubled."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.change.journal import read_run, runs
from advisor.change.plan import Plan, new_plan
from advisor.model.change import Change, Operation
from advisor.model.effects import apply_to, with_undo
from tests.change.conftest import Live
from tests.change.small_account import allow, document
from tests.change.test_apply import is_killed_in, resumed

TEXT = document(allow("sqs:ReceiveMessage")).as_json()
EVE = {"UserName": "eve"}
CHANGES: tuple[tuple[tuple[str, dict[str, Any]], ...], ...] = (
    (("CreateGroup", {"GroupName": "late"}), ("AddUserToGroup", {**EVE, "GroupName": "late"})),
    (("CreateAccessKey", EVE), ("CreateAccessKey", EVE)),
    (
        ("PutUserPolicy", {**EVE, "PolicyName": "new", "PolicyDocument": TEXT}),
        (
            "CreatePolicyVersion",
            {"PolicyArn": "arn:aws:iam::111122223333:policy/TeamData", "PolicyDocument": TEXT, "SetAsDefault": True},
        ),
    ),
    (("DeleteLoginProfile", EVE),),
)
"""Several changes to one user, one after the other. The undo needs ids that calls return, and makes a password."""


def several(live: Live) -> Plan:
    changes, state = list[Change](), live.snapshot
    for at, calls in enumerate(CHANGES):
        operations = tuple(Operation("iam", name, given, account=live.account) for name, given in calls)
        changes.append(with_undo(Change(f"c{at}", f"change {at}", operations), state))
        state = apply_to(changes[-1], state)
    return new_plan(live.advisor, changes)


def state_of(live: Live) -> dict[str, Any]:
    """What the plan touches, without ids."""
    iam: Any = live.client("iam")
    groups = sorted(group["GroupName"] for group in iam.list_groups()["Groups"])
    versions = iam.list_policy_versions(PolicyArn=f"arn:aws:iam::{live.account}:policy/TeamData")["Versions"]
    return {
        "groups": groups,
        "members": [user["UserName"] for user in iam.get_group(GroupName="late")["Users"]] if "late" in groups else [],
        "keys": len(iam.list_access_keys(**EVE)["AccessKeyMetadata"]),
        "policies": sorted(iam.list_user_policies(**EVE)["PolicyNames"]),
        "versions": len(versions),
        "password": has_password(iam),
    }


def has_password(iam: Any) -> bool:
    try:
        iam.get_login_profile(**EVE)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def is_applied(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return now == {
        "groups": sorted([*before["groups"], "late"]),
        "members": ["eve"],
        "keys": before["keys"] + 2,
        "policies": sorted([*before["policies"], "new"]),
        "versions": before["versions"] + 1,
        "password": False,
    }


def begun(live: Live, known: set[str]) -> str:
    (run,) = {state.id for state in runs(live.folder)} - known
    return run


APPLY_LINES = 2 + 2 * sum(map(len, CHANGES))
"""The run, two for each call, the end."""


MOMENTS = [("before", at) for at in range(2, APPLY_LINES + 1)] + [("after", at) for at in range(2, APPLY_LINES, 2)]
"""Before a line that tells of a call the call was made; after a line that announces one it was not."""


@pytest.mark.parametrize(("when", "at"), MOMENTS)
def test_a_plan_of_several_changes_goes_on_or_back_from_wherever_it_was_killed(live: Live, when: str, at: int) -> None:
    before, known = state_of(live), {state.id for state in runs(live.folder)}
    plan = several(live)
    assert is_killed_in(lambda: live.apply(plan), when, at)
    run = begun(live, known)
    if at % 2:
        resumed(live, run)
        assert is_applied(before, state_of(live))
    live.undo(run)
    assert state_of(live) == before


UNDO_LINES = 25
PASSWORD_IS_BACK = 3
"""The line that tells of the new password: till then nobody is sure to have seen it."""


@pytest.mark.parametrize("at", range(1, UNDO_LINES + 1))
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_undo_goes_on_from_wherever_it_was_killed(live: Live, when: str, at: int) -> None:
    before = state_of(live)
    run = live.apply(several(live)).id
    assert is_killed_in(lambda: live.undo(run), when, at)
    live.shown.clear()
    if (when, at) != ("after", UNDO_LINES):
        assert live.undo(run).status == "undone"
    assert state_of(live) == before
    assert read_run(run, live.folder).status == "undone"
    if at < PASSWORD_IS_BACK or (when, at) == ("before", PASSWORD_IS_BACK):
        assert "password of eve" in dict(live.shown)
