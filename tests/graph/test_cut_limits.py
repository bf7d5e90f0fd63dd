"""Cuts that limit rights: conditions, boundaries, and the statements of a function's own policy."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.account import Advisor
from advisor.graph.cut import find_cut
from advisor.graph.cut_problem import problem_of
from advisor.graph.edit_costs import EditCosts
from advisor.graph.edits import Edit
from advisor.graph.paths import find_paths, finder_of
from advisor.model.change import Change
from advisor.model.effects import apply_to, effects_of
from advisor.model.resource import Resource
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, trusting
from tests.policies import document

LAMBDA, EC2 = trusting(service="lambda.amazonaws.com"), trusting(service="ec2.amazonaws.com")
RUN_LAMBDA = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])


def closed(account: Advisor) -> tuple[Change, ...]:
    """The changes of the cut, which closes everything, proves to be the cheapest, and can be taken back."""
    cut = find_cut(account)
    assert cut.paths and not cut.remaining and cut.optimal
    assert not find_paths(Advisor([apply_to(cut.changes, account.snapshot)])).paths
    for change in cut.changes:
        back = effects_of((*change.operations, *change.undo), account.snapshot).snapshot
        assert _ways(Advisor([back])) == _ways(account)
    return cut.changes


def _ways(account: Advisor) -> set[tuple[str, str, str]]:
    return {(path.source, path.hops[0].technique, path.target) for path in find_paths(account).paths}


def kinds_offered(account: Advisor) -> set[tuple[str, str]]:
    return {(edit.kind, edit.action) for edit in problem_of([finder_of(account)], frozenset()).edits}


def prefer(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    monkeypatch.setattr(EditCosts, "of", lambda self, edit: 0.1 if _name(edit) in kinds else 5.0)


def _name(edit: Edit) -> str:
    return f"{edit.kind} if" if edit.only else edit.kind


def passing(*statements: dict[str, Any]) -> Lab:
    """Nine roles with power over Lambda, one role of EC2, and three users who share the right to pass them."""
    lab = Lab()
    for number in range(9):
        lab.role(f"power-{number}", LAMBDA, ANYTHING)
    lab.role("app", EC2)
    shared = lab.policy("shared", *statements)
    for name in ("ana", "ben", "eve"):
        lab.user(name, attached=(shared,))
    return lab


def _written(change: Change) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = change.operations[0].parameters["PolicyDocument"]["Statement"]
    return found


def test_a_role_is_passed_only_to_the_services_that_do_no_harm() -> None:
    (change,) = closed(passing(allow(["iam:PassRole", "iam:GetRole"]), RUN_LAMBDA).open())
    assert change.title == "shared: iam:PassRole only with iam:PassedToService ec2.amazonaws.com"
    assert _written(change)[0]["Action"] == ["iam:GetRole"]
    assert _written(change)[-1] == {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com"]}},
    }


def test_what_a_wildcard_allows_is_denied_to_other_services() -> None:
    (change,) = closed(passing(allow("iam:Pass*"), RUN_LAMBDA).open())
    assert _written(change)[-1] == {
        "Effect": "Deny",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"iam:PassedToService": ["ec2.amazonaws.com"]}},
    }


def test_ways_by_two_services_are_closed_by_what_both_conditions_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, "condition if")
    lab = passing(allow("iam:PassRole"), RUN_LAMBDA, allow("ec2:RunInstances"))
    for number in range(9):
        lab.role(f"strong-{number}", EC2, ANYTHING, profile=True)
    lab.role("job", trusting(service="ecs-tasks.amazonaws.com"))
    (change,) = closed(lab.open())
    assert _written(change)[-1]["Condition"] == {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}


def test_where_no_service_is_left_the_action_goes() -> None:
    lab = passing(allow("iam:PassRole"), RUN_LAMBDA)
    lab.roles = [role for role in lab.roles if role.name != "app"]
    assert ("condition", "iam:PassRole") not in kinds_offered(lab.open())
    closed(lab.open())


def test_policies_that_do_no_harm_may_still_be_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, "condition if")
    lab = Lab()
    reading = lab.policy("reading", allow("s3:GetObject"))
    lab.policy("power", ANYTHING)
    lab.user("dora", attached=(reading,))
    lab.user("ana", allow("iam:AttachUserPolicy"))
    (change,) = closed(lab.open())
    assert _written(change)[-1]["Condition"] == {"ArnEquals": {"iam:PolicyARN": [reading]}}


def test_a_policy_that_leads_on_is_not_among_those_that_may_be_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab()
    lab.user("dora", attached=(lab.policy("leading", allow("iam:CreateAccessKey")),))
    lab.user("ana", allow("iam:AttachUserPolicy"))
    assert ("condition", "iam:AttachUserPolicy") not in kinds_offered(lab.open())


@pytest.mark.parametrize("safe", [True, False])
def test_rights_are_granted_only_to_who_has_a_boundary(monkeypatch: pytest.MonkeyPatch, safe: bool) -> None:
    """It must be one within which no way is left."""
    prefer(monkeypatch, "condition if")
    lab = Lab()
    bound = lab.policy("team-boundary", allow("dynamodb:*" if safe else ["iam:PutUserPolicy", "dynamodb:*"]))
    lab.user("dora", boundary=bound)
    lab.user("ana", allow("iam:PutUserPolicy"))
    account = lab.open()
    assert (("condition", "iam:PutUserPolicy") in kinds_offered(account)) == safe
    changes = closed(account)
    if safe:
        assert _written(changes[0])[-1]["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": [bound]}}


def test_a_boundary_denies_what_one_could_take_a_deny_off_for(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, "bound", "guard")
    lab = Lab()
    lab.user("ana", allow(["iam:PutUserPolicy", "iam:DeleteUserPolicy", "s3:GetObject"]))
    account = lab.open()
    assert "guard" not in {kind for kind, _ in kinds_offered(account)}
    (change,) = closed(account)
    assert [one.operation for one in change.operations] == ["CreatePolicy", "PutUserPermissionsBoundary"]
    after = Advisor([apply_to(change, account.snapshot)])
    for action, resource in (
        ("iam:PutUserPolicy", arn("user", "ana")),
        ("iam:DeleteUserPermissionsBoundary", arn("user", "ana")),
        ("iam:CreatePolicyVersion", change.operations[1].parameters["PermissionsBoundary"]),
    ):
        assert after.can(arn("user", "ana"), action, resource).decision == "explicit-deny"
    assert after.can(arn("user", "ana"), "s3:GetObject", "arn:aws:s3:::b/k").decision == "allowed"


def test_who_is_denied_the_same_shares_a_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, "bound")
    lab = Lab()
    for name in ("ana", "ben"):
        lab.user(name, allow("iam:PutUserPolicy", arn("user", name)))
    lab.role("job", LAMBDA, allow("iam:PutRolePolicy", arn("role", "job")))
    assert [len(change.operations) for change in closed(lab.open())] == [2, 3]


def test_a_boundary_that_is_there_gets_the_deny() -> None:
    lab = Lab()
    bound = lab.policy("bound", ANYTHING)
    lab.role("power", trusting(aws=f"arn:aws:iam::{ACCOUNT}:root"), ANYTHING)
    for name in ("ana", "ben", "eve"):
        lab.user(name, allow("sts:AssumeRole", arn("role", "power")), boundary=bound)
    changes = closed(lab.open())
    assert [change.target for change in changes] == [bound]


@pytest.mark.parametrize("other", [False, True])
def test_a_way_by_a_functions_own_policy_is_closed_there(other: bool) -> None:
    """What else that policy says stays; where the user's own policy allows the same, both are ended."""
    lab = Lab()
    power = lab.role("power", LAMBDA, ANYTHING)
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:job"
    lab.runs("lambda:function", function, power)
    lab.user("ana", *([allow("lambda:UpdateFunctionCode", function)] if other else []))
    named = {"Principal": {"AWS": arn("user", "ana")}, "Resource": function, "Effect": "Allow"}
    policy = document(
        {"Sid": "ana-may", **named, "Action": "lambda:UpdateFunctionCode"},
        {"Sid": "events", **named, "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction"},
    )
    resource = Resource(function, "lambda:function", ACCOUNT, "us-east-1", policy=policy)
    account = Advisor([msgspec.structs.replace(lab.snapshot(), resources=(resource,))])
    changes = closed(account)
    calls = {operation.operation for change in changes for operation in change.operations}
    assert calls == ({"PutUserPolicy"} if other else {"RemovePermission"}) or calls == {
        "RemovePermission",
        "DeleteUserPolicy",
    }
    if not other:
        assert changes[0].operations[0].parameters == {"FunctionName": "job", "StatementId": "ana-may"}


def test_a_condition_that_asks_for_mfa_is_no_edit() -> None:
    lab = Lab()
    lab.user("ana", allow("iam:PutUserPolicy"), mfa=True)
    edits = problem_of([finder_of(lab.open())], frozenset()).edits
    assert not any("multifactor" in only.key.lower() for edit in edits for only in edit.only)


def test_denies_of_several_kinds_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    prefer(monkeypatch, "deny if", "deny")
    lab = passing(allow(["iam:Pass*", "iam:CreateA*"]), RUN_LAMBDA, deny("s3:*"))
    lab.user("boss", ANYTHING)
    (change,) = closed(lab.open())
    assert change.target == arn("policy", "shared")
    assert {"Effect": "Deny", "Action": "s3:*", "Resource": "*"} in _written(change)
