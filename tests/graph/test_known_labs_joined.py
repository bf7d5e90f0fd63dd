"""Ways over groups, over trust policies that tell principals apart, and over roles in hand, with their look-alikes."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.graph.paths import Path, find_paths
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, document, trusting

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EC2 = trusting(service="ec2.amazonaws.com")


def ways(lab: Lab, source: str, **more: Any) -> list[Path]:
    return list(find_paths(lab.open(), source=source, **more).paths)


def firsts(found: list[Path], *statuses: str) -> set[str]:
    return {path.hops[0].technique for path in found if path.status in (statuses or ("open",))}


# --- Several groups ---


def joining(*groups: str) -> dict[str, Any]:
    return allow("iam:AddUserToGroup", [arn("group", name) for name in groups])


def test_two_groups_that_lead_nowhere_alone_lead_there_together() -> None:
    lab = Lab()
    boss = lab.role("boss", trusting(service="lambda.amazonaws.com"), ANYTHING)
    passers = lab.group("passers", allow("iam:PassRole"))
    runners = lab.group("runners", allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))
    lab.group("readers", allow("s3:Get*"), deny("lambda:*"))
    lab.group("others", allow("sqs:*"))
    lab.user("ana", joining("passers", "runners", "readers", "others"))
    lab.user("ben", joining("passers", "readers", "others"))
    (path,) = ways(lab, "ana")
    assert [(hop.technique, hop.target) for hop in path.hops] == [
        ("iam-013", passers), ("iam-013", runners), ("lambda-001", boss),
    ]  # fmt: skip
    owners = [reason.owner for required in path.hops[2].requires for reason in required.because]
    assert owners == [passers, runners, runners]
    assert ways(lab, "ben") == []


def test_a_group_that_lets_one_join_another() -> None:
    lab = Lab()
    door, boss = lab.group("door", joining("boss")), lab.group("boss", ANYTHING)
    lab.user("ana", joining("door"))
    lab.user("ben", joining("boss"))
    lab.user("eve", joining("nowhere"))
    (path,) = ways(lab, "ana")
    assert [hop.target for hop in path.hops] == [door, boss]
    assert [len(path.hops) for path in ways(lab, "ben")] == [1]
    assert ways(lab, "eve") == []
    assert path.hops[1].requires[0].because[0].owner == door


def test_a_group_that_one_joins_and_edits() -> None:
    lab = Lab()
    empty = lab.group("empty")
    lab.group("self-made", allow("iam:PutGroupPolicy", arn("group", "self-made")))
    lab.user("ana", allow(["iam:AddUserToGroup", "iam:PutGroupPolicy"], empty))
    lab.user("ben", joining("empty"), allow("iam:PutGroupPolicy", arn("group", "other")))
    lab.user("eve", joining("self-made"))
    lab.user("kim", allow(["iam:AddUserToGroup", "iam:AttachGroupPolicy"], empty), boundary=lab.policy("limit"))
    for name in ("ana", "eve"):
        (path,) = ways(lab, name)
        assert [hop.technique for hop in path.hops] == ["iam-013", "iam-011"]
    assert ways(lab, "ben") == ways(lab, "kim") == []


def test_a_group_that_one_joins_whose_policy_one_writes() -> None:
    lab = Lab()
    held = lab.policy("held", allow("s3:Get*"))
    older = lab.policy("older", allow("sqs:*"), older=[document(ANYTHING)])
    lab.policy("loose", allow("sqs:*"))
    lab.group("held", attached=(held,))
    lab.group("writers", allow("iam:CreatePolicyVersion"), attached=(held,))
    lab.group("older", attached=(older,))
    lab.user("ana", joining("held"), allow("iam:CreatePolicyVersion", held))
    lab.user("eve", joining("writers"))
    lab.user("kim", joining("older"), allow("iam:SetDefaultPolicyVersion", older))
    lab.user(
        "ben", joining("held", "older"), allow(["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"], "*loose")
    )
    for name, policy, technique in (
        ("ana", held, "iam-001"),
        ("eve", held, "iam-001"),
        ("kim", older, "x-iam-setdefault"),
    ):
        (path,) = ways(lab, name)
        assert [hop.technique for hop in path.hops] == ["iam-013", technique]
        assert [required.resource for required in path.hops[1].requires] == [policy]
    assert ways(lab, "ben") == []


def test_a_group_that_lets_one_edit_another_that_one_joins() -> None:
    lab = Lab()
    held = lab.policy("held", allow("s3:Get*"))
    lab.group("held", attached=(held,))
    lab.group("writers", allow("iam:CreatePolicyVersion", held))
    lab.group("editors", allow("iam:PutGroupPolicy", arn("group", "held")))
    lab.user("ana", joining("held", "writers"))
    lab.user("kim", joining("held", "editors"))
    lab.user("ben", joining("writers", "editors"))
    for name, technique in (("ana", "iam-001"), ("kim", "iam-011")):
        (path,) = ways(lab, name)
        assert [hop.technique for hop in path.hops] == ["iam-013", "iam-013", technique]
    assert ways(lab, "ben") == []


def test_two_groups_make_up_an_administrator() -> None:
    lab = Lab()
    lab.group("some", allow(["iam:Create*", "iam:Update*", "iam:Pass*"]))
    lab.group("rest", {"Effect": "Allow", "NotAction": ["iam:Create*", "iam:Update*", "iam:Pass*"], "Resource": "*"})
    lab.user("ana", joining("some", "rest"), boundary=lab.policy("limit", ANYTHING))
    found = ways(lab, "ana")
    assert found and all(path.status == "open" for path in found)


# --- Which thing a role may be passed to ---


@pytest.mark.parametrize(
    ("things", "found"),
    [
        (f"arn:aws:lambda:*:{ACCOUNT}:function:*", {"lambda-001"}),
        (["arn:aws:ec2:*:*:instance/*", f"arn:aws:lambda:*:{ACCOUNT}:function:dev-*"], {"lambda-001"}),
        ("arn:aws:ec2:*:*:instance/*", set()),
        ("arn:aws:lambda:*:444455556666:function:*", set()),
    ],
)
def test_a_role_that_may_be_passed_to_some_things_only(things: str | list[str], found: set[str]) -> None:
    lab = Lab()
    lab.role("power", trusting(service="lambda.amazonaws.com"), ANYTHING)
    passing = allow("iam:PassRole", ArnLike={"iam:AssociatedResourceArn": things})
    lab.user("ana", passing, allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))
    assert firsts(ways(lab, "ana"), "open", "conditional", "unknown") == found


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", {"iam-008"}),
        ("arn:aws:iam::aws:policy/IAMFullAccess", {"iam-008"}),
        ("arn:aws:iam::aws:policy/*Access", {"iam-008"}),
        ("arn:aws:iam::aws:policy/PowerUserAccess", set()),
        (arn("policy", "identities"), {"iam-008"}),
        (arn("policy", "readers"), set()),
    ],
)
def test_only_some_policies_may_be_attached(policy: str, found: set[str]) -> None:
    lab = Lab()
    lab.policy("identities", allow("iam:*"))
    lab.policy("readers", allow("iam:Get*"))
    lab.user("ana", allow("iam:AttachUserPolicy", arn("user", "ana"), ArnLike={"iam:PolicyARN": policy}))
    assert firsts(ways(lab, "ana")) == found


@pytest.mark.parametrize(
    ("service", "grant", "technique", "right", "wrong"),
    [
        ("cloudformation", "cloudformation:*", "cloudformation-001", {"cloudformation:RoleArn": arn("role", "power")},
         {"cloudformation:RoleArn": arn("role", "other")}),
        ("ec2", "ec2:RunInstances", "ec2-001", {"ec2:InstanceProfile": arn("instance-profile", "power")},
         {"ec2:InstanceProfile": arn("instance-profile", "other*")}),
    ],
)  # fmt: skip
def test_a_key_that_names_the_passed_role_decides(
    service: str, grant: str, technique: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    lab = Lab()
    lab.role("power", trusting(service=f"{service}.amazonaws.com"), ANYTHING, profile=True)
    lab.role("other", trusting(service=f"{service}.amazonaws.com"), allow("s3:Get*"), profile=True)
    lab.user("ana", allow("iam:PassRole"), allow(grant, ArnLike=right))
    lab.user("ben", allow("iam:PassRole"), allow(grant, ArnLike=wrong))
    assert technique in firsts(ways(lab, "ana"))
    assert firsts(ways(lab, "ben"), "open", "conditional") == set()


# --- Who holds the same is told apart by trust policies ---


def test_of_two_with_the_same_rights_only_the_one_whom_the_trust_names_comes_in() -> None:
    for names in (("ana", "ben"), ("ben", "ana")):
        lab = Lab()
        target = lab.role("target", trusting(aws=arn("user", "ana")), allow("s3:Get*"))
        lab.group("editors", allow(["iam:PutRolePolicy", "sts:AssumeRole"], target))
        for name in names:
            lab.user(name, groups=("editors",))
        assert firsts(ways(lab, "ana")) == {"iam-017"}
        assert ways(lab, "ben") == []


def test_whom_the_trust_refuses_by_name_stays_out_whoever_is_asked_about_first() -> None:
    for names in (("ana", "ben"), ("ben", "ana")):
        lab = Lab()
        refuses = deny("sts:AssumeRole")
        del refuses["Resource"]
        admits: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
        lab.role("boss", document(admits, {**refuses, "Principal": {"AWS": arn("user", "ben")}}), ANYTHING)
        for name in names:
            lab.user(name, allow("sts:AssumeRole"))
        assert firsts(ways(lab, "ana")) == {"sts-001"}
        assert ways(lab, "ben") == []


@pytest.mark.parametrize(
    ("action", "technique"), [("iam:PutRolePolicy", "iam-017"), ("iam:AttachRolePolicy", "iam-014")]
)
def test_who_is_named_by_the_trust_needs_no_right_to_assume(action: str, technique: str) -> None:
    lab = Lab()
    target = lab.role("target", trusting(aws=[arn("user", "ana"), arn("user", "eve")]), allow("s3:Get*"))
    lab.user("ana", allow(action, target))
    lab.user("ben", allow(action, target))
    lab.user("eve", allow(action, target), deny("sts:AssumeRole"))
    assert firsts(ways(lab, "ana")) == {technique}
    assert ways(lab, "ben") == ways(lab, "eve") == []


def test_a_way_may_come_back_to_make_its_start_an_administrator() -> None:
    lab = Lab()
    rights = allow(["iam:PutUserPolicy", "iam:CreateAccessKey"], arn("user", "ana"))
    job = lab.role("job", trusting(aws=arn("user", "ana")), rights)
    ana = lab.user("ana")
    (path,) = ways(lab, "ana")
    assert [(hop.technique, hop.target) for hop in path.hops] == [("sts-001", job), ("iam-018", ana)]


def test_from_outside_over_two_roles_to_one_that_grants_itself_everything() -> None:
    lab = Lab()
    github = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    subject = {"token.actions.githubusercontent.com:sub": "repo:acme/*"}
    lab.role("ci", trusting(federated=github, StringLike=subject))
    lab.role("deploy", trusting(aws=arn("role", "ci")), allow("iam:PutRolePolicy", arn("role", "deploy")))
    (path,) = ways(lab, github)
    assert [hop.technique for hop in path.hops] == ["x-sts-webid", "sts-001", "iam-005"]


# --- Names that are taken ---


@pytest.mark.parametrize(
    ("kind", "names"),
    [("user", ["own"]), ("user", ["OWN"]), ("user", ["team/own"]), ("role", ["job", "JOB"])],
)
def test_nobody_creates_who_is_there(kind: str, names: list[str]) -> None:
    lab = Lab()
    limit = lab.policy("limit", allow("iam:*"))
    lab.role("job", EC2)
    lab.user("own", allow("iam:*", [arn(kind, name) for name in names]), boundary=limit)
    lab.user("other", allow("iam:*", arn(kind, "new-*")), boundary=limit)
    new = {"x-iam-user-new", "x-iam-role-new"}
    assert not firsts(ways(lab, "own")) & new
    assert firsts(ways(lab, "other")) & new


# --- In hand already ---


def in_hand(lab: Lab, action: str, thing: str, *roles: str) -> None:
    """A user who may become some roles, of which the first may do one thing more."""
    for name in roles:
        rights = (allow(action, thing),) if name == roles[0] else ()
        lab.role(name, trusting(aws=arn("user", "ana")), *rights)


@pytest.mark.parametrize(
    ("action", "thing", "technique"),
    [
        ("iam:AttachUserPolicy", arn("user", "ana"), "iam-008"),
        ("iam:PutUserPolicy", "arn:aws:iam::*:user/a*", "iam-007"),
        ("iam:CreatePolicyVersion", arn("policy", "mine"), "iam-001"),
        ("iam:PutGroupPolicy", arn("group", "ours"), "iam-011"),
        ("iam:AddUserToGroup", arn("group", "strong"), "iam-013"),
        ("iam:PutUserPolicy", arn("user", "ben"), ""),
        ("iam:CreatePolicyVersion", arn("policy", "theirs"), ""),
        ("iam:PutGroupPolicy", arn("group", "theirs"), ""),
        ("iam:AddUserToGroup", arn("group", "theirs"), ""),
        ("iam:PutRolePolicy", arn("role", "nobodys"), ""),
    ],
)
def test_a_role_that_one_assumes_grants_one_rights(action: str, thing: str, technique: str) -> None:
    lab = Lab()
    lab.group("ours")
    lab.group("theirs")
    lab.group("strong", ANYTHING)
    lab.policy("theirs", allow("s3:*"))
    lab.role("nobodys", EC2)
    lab.user("ben", groups=("theirs",), attached=(arn("policy", "theirs"),))
    ana = lab.user("ana", groups=("ours",), attached=(lab.policy("mine", allow("s3:*")),))
    in_hand(lab, action, thing, "helper")
    found = ways(lab, "ana")
    assert [[hop.technique for hop in path.hops] for path in found] == ([["sts-001", technique]] if technique else [])
    assert all(path.target == ana and path.hops[1].actor == arn("role", "helper") for path in found)
    assert all(path.hops[1].requires[0].because[0].owner == arn("role", "helper") for path in found)
    assert ways(lab, "helper") == ways(lab, "ben") == []


def test_a_role_is_granted_rights_by_another_and_then_assumed() -> None:
    lab = Lab()
    in_hand(lab, "iam:PutRolePolicy", arn("role", "worker"), "helper", "worker", "other")
    lab.user("ana")
    lab.user("ben")
    (path,) = ways(lab, "ana")
    assert [(hop.technique, hop.actor, hop.target) for hop in path.hops] == [
        ("sts-001", arn("user", "ana"), arn("role", "helper")),
        ("iam-005", arn("role", "helper"), arn("role", "worker")),
        ("sts-001", arn("user", "ana"), arn("role", "worker")),
    ]
    assert path.target == arn("role", "worker")


def test_what_binds_the_one_who_is_granted_rights_or_the_one_who_grants_holds_here_too() -> None:
    for limit in ("user", "role"):
        lab = Lab()
        bound = lab.policy("limit", allow("s3:*"))
        lab.user("ana", boundary=bound if limit == "user" else None)
        trust = trusting(aws=arn("user", "ana"))
        lab.role("helper", trust, allow("iam:PutUserPolicy"), boundary=bound if limit == "role" else None)
        assert ways(lab, "ana") == []


def test_the_cheapest_cut_closes_such_ways_too() -> None:
    lab = Lab()
    in_hand(lab, "iam:PutUserPolicy", arn("user", "ana"), "helper")
    lab.user("ana")
    found = lab.open().cut(())
    assert (found.closes, found.remaining) == (1, ())
