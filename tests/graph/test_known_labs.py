"""Accounts shaped like publicly known labs, in words of our own: what is planted is found, its twins are not."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.graph.paths import Path, find_paths
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, document, trusting

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EC2 = trusting(service="ec2.amazonaws.com")
INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"
RUN_COMMAND = "arn:aws:ssm:*:*:document/AWS-RunShellScript"


def ways(lab: Lab, source: str, **more: Any) -> list[Path]:
    return list(find_paths(lab.open(), source=source, **more).paths)


def firsts(found: list[Path], *statuses: str) -> set[str]:
    return {path.hops[0].technique for path in found if path.status in (statuses or ("open",))}


# --- Which rights make an administrator ---

OTHERS = ["ec2:*", "s3:*", "lambda:*", "kms:*", "sts:*", "organizations:*", "cloudtrail:*", "rds:*", "dynamodb:*"]


@pytest.mark.parametrize(
    ("statements", "is_one"),
    [
        ([allow("s3:*"), {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], True),
        ([allow(["iam:*", *OTHERS, "secretsmanager:*", "ssm:*", "logs:*", "cloudformation:*"])], True),
        ([ANYTHING, deny("*")], False),
        ([ANYTHING, {"Effect": "Deny", "NotAction": "ec2:DescribeInstances", "Resource": "*"}], False),
        ([ANYTHING, deny("iam:*"), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}], False),
        ([ANYTHING, *(deny(action) for action in ["iam:*", *OTHERS])], False),
    ],
)
def test_rights_that_are_split_and_denied_again(statements: list[dict[str, Any]], is_one: bool) -> None:
    lab = Lab()
    name = lab.user("ana", *statements)
    assert (name in find_paths(lab.open()).admins) == is_one


@pytest.mark.parametrize(
    ("denied", "found"),
    [
        (deny("iam:PassRole"), True),  # it may take the deny off itself, once it has given itself everything
        (deny(["iam:PassRole", "iam:DeleteUserPolicy"]), False),
        (deny("iam:*Pol*"), False),
        (deny(["iam:PassRole", "iam:RemoveUserFromGroup"]), False),
    ],
)
def test_a_deny_that_one_can_take_off_oneself_keeps_nobody(denied: dict[str, Any], found: bool) -> None:
    lab = Lab()
    lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")), denied)
    assert bool(ways(lab, "ana")) == found


@pytest.mark.parametrize(("kept", "found"), [("guardrail-*", True), ("an*", False)])
def test_a_deny_comes_off_where_only_others_are_kept_from_taking_theirs_off(kept: str, found: bool) -> None:
    lab = Lab()
    kept_on = deny("iam:DeleteUserPolicy", arn("user", kept))
    lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")), deny("iam:PassRole"), kept_on)
    assert bool(ways(lab, "ana")) == found


def test_what_a_boundary_keeps_from_coming_off_stays_on() -> None:
    rest = {"Effect": "Allow", "NotAction": "iam:DeleteUserPolicy", "Resource": "*"}
    for boundary, found in (([ANYTHING], True), ([rest], False)):
        lab = Lab()
        limit = lab.policy("limit", *boundary)
        lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")), deny("iam:CreateUser"), boundary=limit)
        assert bool(ways(lab, "ana")) == found


@pytest.mark.parametrize(
    "boundary",
    [
        deny("*"),
        allow("ec2:DescribeInstances"),
        {"Effect": "Allow", "NotAction": ["*"], "Resource": "*"},
    ],
)
def test_a_boundary_that_lets_nothing_through_leaves_no_way(boundary: dict[str, Any]) -> None:
    lab = Lab()
    lab.user("ana", ANYTHING, boundary=lab.policy("limit", boundary))
    lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
    assert ways(lab, "ana") == []


def test_a_boundary_of_identity_rights_alone_can_be_left_by_a_new_principal() -> None:
    lab = Lab()
    lab.user("ana", ANYTHING, boundary=lab.policy("limit", allow("iam:*")))
    assert find_paths(lab.open()).admins == ()
    assert "x-iam-user-new" in firsts(ways(lab, "ana"))


# --- Rights that only look like a way ---


@pytest.mark.parametrize(
    "statements",
    [
        [allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/mine-*")],
        [allow("iam:CreatePolicyVersion"), deny("iam:CreatePolicyVersion")],
        [allow("iam:CreatePolicyVersion", DateLessThan={"aws:TokenIssueTime": "2020-01-01T00:00:01Z"})],
        [allow("iam:CreatePolicyVersion", arn("policy", "Mine"))],
    ],
    ids=["policies of AWS", "denied again", "a session that nobody can have", "wrong case"],
)
def test_a_version_of_an_own_policy_that_cannot_be_written(statements: list[dict[str, Any]]) -> None:
    lab = Lab()
    lab.role("job", EC2, attached=(lab.policy("mine", *statements),))
    assert ways(lab, "job") == []


def test_a_version_can_be_written_with_any_later_session() -> None:
    lab = Lab()
    later = allow("iam:CreatePolicyVersion", DateGreaterThan={"aws:TokenIssueTime": "2020-01-01T00:00:01Z"})
    lab.role("job", EC2, attached=(lab.policy("mine", later),))
    assert firsts(ways(lab, "job")) == {"iam-001"}


# --- One call, several things ---


def managed_instance() -> Lab:
    lab = Lab()
    lab.runs("ec2:instance", INSTANCE, lab.role("power", EC2, ANYTHING, profile=True))
    return lab


def test_a_command_needs_its_document_and_its_instance() -> None:
    lab = managed_instance()
    lab.user("ana", allow("ssm:SendCommand", [INSTANCE, RUN_COMMAND]))
    lab.user("ben", allow("ssm:SendCommand", INSTANCE))
    lab.user("eve", allow("ssm:SendCommand", RUN_COMMAND))
    assert firsts(ways(lab, "ana")) == {"ssm-002"}
    assert ways(lab, "ben") == ways(lab, "eve") == []


def test_a_command_needs_both_where_instances_were_not_read() -> None:
    lab = Lab()
    lab.role("power", EC2, ANYTHING, profile=True)
    lab.user("ana", allow("ssm:SendCommand", ["arn:aws:ec2:*:*:instance/*", RUN_COMMAND]))
    lab.user("eve", allow("ssm:SendCommand", RUN_COMMAND))
    assert firsts(ways(lab, "ana"), "unknown") == {"ssm-002"}
    assert ways(lab, "eve") == []


def test_an_instance_is_launched_only_with_all_that_belongs_to_it() -> None:
    lab = Lab()
    lab.role("power", EC2, ANYTHING, profile=True)
    parts = ("instance", "subnet", "network-interface", "security-group", "volume")
    all_parts = [f"arn:aws:ec2:*:{ACCOUNT}:{part}/*" for part in parts] + ["arn:aws:ec2:*::image/*"]
    lab.user("ana", allow("iam:PassRole"), allow("ec2:RunInstances", all_parts))
    lab.user("eve", allow("iam:PassRole"), allow("ec2:RunInstances", all_parts[:-1]))
    assert "ec2-001" in firsts(ways(lab, "ana"))
    assert "ec2-001" not in firsts(ways(lab, "eve"), "open", "conditional", "unknown")


def test_a_key_is_sent_to_an_instance_that_one_knows() -> None:
    lab = managed_instance()
    lab.user("ana", allow("ec2-instance-connect:SendSSHPublicKey", INSTANCE))
    assert firsts(ways(lab, "ana")) == {"x-eic-alone"}


# --- Names that the actor chooses ---

FUNCTIONS = f"arn:aws:lambda:*:{ACCOUNT}:function:"


def new_function(create: str, invoke: str, *more: dict[str, Any]) -> Lab:
    lab = Lab()
    lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
    grants = (allow("lambda:CreateFunction", create), allow("lambda:InvokeFunction", invoke))
    lab.user("ana", allow("iam:PassRole"), *grants, *more)
    return lab


@pytest.mark.parametrize(
    ("create", "invoke", "shown"),
    [
        (f"{FUNCTIONS}dev-*", f"{FUNCTIONS}*-job", "dev-*-job"),
        ("*", f"{FUNCTIONS}dev-*", "dev-*"),
        ("*", "*", "*"),
        ("arn:aws:lambda:*:function:dev", "arn:aws:lambda:*", "dev"),
    ],
)
def test_one_name_fits_both_calls_and_is_shown_as_a_pattern(create: str, invoke: str, shown: str) -> None:
    (path,) = ways(new_function(create, invoke), "ana")
    assert [required.resource for required in path.hops[0].requires[1:]] == [f"{FUNCTIONS}{shown}"] * 2
    assert all(required.because for required in path.hops[0].requires)


@pytest.mark.parametrize(
    ("create", "invoke"),
    [(f"{FUNCTIONS}dev-*", f"{FUNCTIONS}prod-*"), (f"{FUNCTIONS}Dev", f"{FUNCTIONS}dev"), (f"{FUNCTIONS}dev?", "x")],
)
def test_no_name_fits_both_calls(create: str, invoke: str) -> None:
    assert ways(new_function(create, invoke), "ana") == []


def test_a_denial_of_usual_names_leaves_others() -> None:
    names = [f"{FUNCTIONS}new-*", f"{FUNCTIONS}test*"]
    assert firsts(ways(new_function("*", "*", deny("lambda:*", names)), "ana")) == {"lambda-001"}


def test_hundreds_of_patterns_are_compared_with_each_other() -> None:
    many = [f"{FUNCTIONS}team-{number}-*" for number in range(200)]
    lab = Lab()
    lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
    grants = (allow("lambda:CreateFunction", many[:150]), allow("lambda:InvokeFunction", many[149:]))
    lab.user("ana", allow("iam:PassRole"), *grants)
    (path,) = ways(lab, "ana")
    assert path.hops[0].requires[1].resource == f"{FUNCTIONS}team-149-*"


def test_more_patterns_than_are_compared_make_unknown() -> None:
    """Of 3,600 kinds of names one is left, and it is not among those that are looked at, unless a statement says so."""
    left = [f"{FUNCTIONS}a{number}*" for number in range(60)]
    right = [f"{FUNCTIONS}*b{number}" for number in range(60)]
    grants = (allow("lambda:CreateFunction", left), allow("lambda:InvokeFunction", right))
    others = deny("lambda:*", [*left[:59], *right[:59]])
    named = {"Effect": "Deny", "Action": "lambda:*", "NotResource": f"{FUNCTIONS}a59*b59"}
    for denied, status in ((others, "unknown"), (named, "open")):
        lab = Lab()
        lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
        lab.user("ana", allow("iam:PassRole"), *grants, denied)
        (path,) = ways(lab, "ana")
        assert path.status == status
        assert [gap.call for gap in path.hops[0].gaps] == (["patterns"] if status == "unknown" else [])


# --- Rolling back, swapping, tagging ---


def test_an_older_version_is_better_than_the_present_one() -> None:
    lab = Lab()
    older = [document(allow("ec2:Describe*")), document(ANYTHING), document(allow("s3:List*"))]
    present = [allow("iam:SetDefaultPolicyVersion"), allow(["iam:Get*", "iam:List*"])]
    lab.user("ana", attached=(lab.policy("wandering", *present, older=older),))
    lab.user("ben", attached=(lab.policy("narrow", *present, older=older[::2]),))
    assert firsts(ways(lab, "ana")) == {"x-iam-setdefault"}
    assert ways(lab, "ben") == []


def test_the_role_of_a_profile_is_swapped_for_a_better_one() -> None:
    lab = Lab()
    lab.role("meek", EC2, deny("*"), profile=True)
    mighty = lab.role("mighty", EC2, ANYTHING)
    profile = ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"]
    lab.user("ana", allow(["iam:PassRole", "ec2:RunInstances", *profile]))
    lab.user("ben", allow(["iam:PassRole", "ec2:RunInstances", profile[0]]))
    (path,) = (path for path in ways(lab, "ana") if path.status == "open")
    assert (path.hops[0].technique, path.target) == ("x-ec2-swap-profile", mighty)
    assert firsts(ways(lab, "ben")) == set()


def test_a_limit_by_tags_is_none_for_who_sets_the_tags() -> None:
    lab = Lab()
    lab.user("boss", ANYTHING)
    mine: Any = {"StringEquals": {"aws:ResourceTag/developer": "true"}}
    lab.user("ana", allow("iam:CreateAccessKey", **mine), allow("iam:TagUser"))
    lab.user("ben", allow("iam:CreateAccessKey", **mine))
    lab.user("eve", allow("iam:CreateAccessKey", **mine), allow("iam:TagUser", arn("user", "eve")))
    assert firsts(ways(lab, "ana")) == {"x-iam-retag-key"}
    assert ways(lab, "ben") == ways(lab, "eve") == []


def test_who_needs_no_tags_has_no_way_by_tags() -> None:
    lab = Lab()
    lab.user("boss", ANYTHING)
    lab.user("ben", allow("s3:Get*", StringEquals={"aws:ResourceTag/team": "blue"}))
    lab.user("ana", allow(["iam:CreateAccessKey", "iam:TagUser"]))
    assert firsts(ways(lab, "ana")) == {"iam-002"}


def test_who_rewrites_no_tag_that_the_policy_refuses_comes_no_further() -> None:
    lab = Lab()
    lab.user("boss", ANYTHING, tags=(("team", "red"),))
    never: Any = {"StringEquals": {"aws:ResourceTag/team": "blue", "aws:PrincipalTag/team": "blue"}}
    lab.user("ana", allow("iam:CreateAccessKey", **never), allow("iam:TagUser"), tags=(("team", "green"),))
    assert ways(lab, "ana") == []


# --- Chains ---


def test_a_chain_of_roles_to_a_task_to_the_administrator() -> None:
    lab = Lab()
    boss = lab.role("boss", trusting(service="ecs-tasks.amazonaws.com"), ANYTHING)
    tasks = allow(["ecs:CreateCluster", "ecs:RegisterTaskDefinition", "ecs:RunTask"])
    middle = lab.role("middle", trusting(aws=arn("user", "ana")), allow("iam:PassRole", boss), tasks)
    lab.user("ana", allow("sts:AssumeRole", middle))
    (path,) = (path for path in ways(lab, "ana") if path.status == "open")
    assert [(hop.technique, hop.target) for hop in path.hops] == [("sts-001", middle), ("ecs-002", boss)]


def test_a_function_that_can_make_keys_leads_to_the_administrator() -> None:
    lab = Lab()
    boss = lab.user("boss", ANYTHING)
    maker = lab.role("maker", trusting(service="lambda.amazonaws.com"), allow("iam:CreateAccessKey", boss))
    function = lab.runs("lambda:function", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:keys", maker)
    lab.user("ana", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], function))
    paths = [path for path in ways(lab, "ana") if path.hops[0].technique == "lambda-004"]
    assert [[hop.technique for hop in path.hops] for path in paths] == [["lambda-004", "iam-002"]]
    assert paths[0].target == boss


# --- Policies of functions ---


def with_policy(lab: Lab, function: str, *statements: dict[str, Any]) -> list[Path]:
    from msgspec.structs import replace

    from advisor.account import Advisor
    from advisor.model.resource import Resource

    policy = Resource(function, "lambda:function", ACCOUNT, "us-east-1", policy=document(*statements))
    return list(find_paths(Advisor([replace(lab.snapshot(), resources=(policy,))])).paths)


def to(principal: str, actions: list[str], function: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": actions, "Resource": function}


CODE = ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]


def function_of_power() -> tuple[Lab, str]:
    lab = Lab()
    role = lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
    return lab, lab.runs("lambda:function", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ledger", role)


def test_the_policy_of_a_function_is_enough_for_whom_it_names() -> None:
    lab, function = function_of_power()
    ana = lab.user("ana", boundary=lab.policy("limit", allow("s3:*")))
    lab.user("ben")
    found = with_policy(lab, function, to(ana, CODE, function))
    assert {path.source for path in found} == {ana}
    assert "lambda-004" in firsts(found)
    (hop,) = next(path.hops for path in found if path.hops[0].technique == "lambda-004")
    assert [reason.owner for required in hop.requires for reason in required.because] == [function, function]


def test_the_policy_of_a_function_delegates_to_the_account_and_grants_nothing_by_it() -> None:
    lab, function = function_of_power()
    lab.user("ana", allow("s3:*"))
    assert with_policy(lab, function, to(ROOT, CODE, function)) == []


def test_a_boundary_limits_what_the_policy_of_a_function_grants_to_a_role() -> None:
    lab, function = function_of_power()
    limit = lab.policy("limit", allow("s3:*"))
    bounded = lab.role("bounded", EC2, boundary=limit)
    free = lab.role("free", EC2)
    found = with_policy(lab, function, to(bounded, CODE, function), to(free, CODE, function))
    assert {path.source for path in found} == {free}


def test_the_policy_of_a_function_and_the_actors_own_add_up_and_deny() -> None:
    lab, function = function_of_power()
    ana = lab.user("ana", allow(CODE[1], function))
    ben = lab.user("ben", allow(CODE, function))
    eve = lab.user("eve", deny(CODE[0]))
    found = with_policy(
        lab, function,
        to(ana, CODE[:1], function), to(ben, CODE[:1], function, "Deny"), to(eve, CODE, function),
    )  # fmt: skip
    assert {path.source for path in found} == {ana}
    assert "lambda-004" in firsts(found)
