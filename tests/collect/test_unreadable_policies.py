"""A policy that AWS would not have accepted hides what it says, and nothing else of the file.

Each account is read from its export and asked: what could hinge on the policy is unknown, the rest is answered.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.access.touched import Touching
from advisor.collect.files import read_files
from tests.policies import ACCOUNT
from tests.policies import written as document

QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}
BROKEN: dict[str, Any] = {
    "unknown effect": {"Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]},
    "unknown element": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Unless": {}}]},
    "unknown version": {"Version": "2030-01-01", "Statement": [SEND]},
    "no statement": {"Version": "2012-10-17"},
    "no JSON": "{not json",
    "a key twice": '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    "a number": 7,
}


def user(name: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"Arn": arn, "UserName": name, "UserId": f"AIDA{name.upper()}", "Path": "/", **more}


def inline(document: Any) -> list[dict[str, Any]]:
    return [{"PolicyName": "own", "PolicyDocument": document}]


def managed(name: str, document: Any, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
    return {"Arn": arn, "PolicyName": name, "DefaultVersionId": "v1", "PolicyVersionList": [version], **more}


def holding(name: str) -> list[dict[str, str]]:
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"}]


def index_of(folder: Path, *, resources: Any = None, **lists: Any) -> AccessIndex:
    lists.setdefault("UserDetailList", []).append(user("zoe", UserPolicyList=inline(document(SEND))))
    files = [folder / "account.json"]
    files[0].write_text(json.dumps(lists))
    if resources is not None:
        files.append(folder / "resources.json")
        files[1].write_text(json.dumps(resources))
    return build_index(read_files(files))


def say(index: AccessIndex, name: str, action: str = "sqs:SendMessage", resource: str | None = QUEUE) -> str:
    """The decision of `can`, after comparing it with `who_can`'s."""
    arn = f"arn:aws:iam::{ACCOUNT}:{name}"
    alone = index.can(arn, action, resource).decision
    listed = {answer.principal: answer.decision for answer in index.who_can(action, resource).answers}
    assert listed.get(arn, "denied") == (alone if not alone.endswith("deny") else "denied")
    return alone


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_an_inline_policy_that_is_none_makes_its_holder_unknown(tmp_path: Path, text: Any) -> None:
    index = index_of(tmp_path, UserDetailList=[user("ana", UserPolicyList=[*inline(text), *inline(document(SEND))])])
    for resource in (QUEUE, None, "arn:aws:sqs:*:*:j*"):
        assert say(index, "user/ana", resource=resource) == "unknown"
        assert say(index, "user/zoe", resource=resource) == "allowed"
    (gap,) = index.snapshots[0].gaps
    assert gap.resource == f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert "AWS would not accept this policy" in gap.reason
    assert "UserDetailList[0].UserPolicyList[0].PolicyDocument" in gap.reason


def test_an_explicit_deny_beside_it_still_decides(tmp_path: Path) -> None:
    deny = document({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"})
    held = [*inline(BROKEN["unknown effect"]), {"PolicyName": "no", "PolicyDocument": deny}]
    index = index_of(tmp_path, UserDetailList=[user("ana", UserPolicyList=held)])
    assert say(index, "user/ana") == "explicit-deny"
    assert say(index, "user/ana", "sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:news") == "unknown"


def test_a_policy_of_a_group_makes_its_members_unknown(tmp_path: Path) -> None:
    group = {"Arn": f"arn:aws:iam::{ACCOUNT}:group/team", "GroupName": "team", "GroupPolicyList": inline(7)}
    index = index_of(tmp_path, UserDetailList=[user("ana", GroupList=["team"])], GroupDetailList=[group])
    assert say(index, "user/ana") == "unknown"
    assert say(index, "user/zoe") == "allowed"


def test_a_managed_policy_makes_its_holders_unknown_and_is_not_called_missing(tmp_path: Path) -> None:
    index = index_of(
        tmp_path,
        UserDetailList=[user("ana", AttachedManagedPolicies=holding("wide"))],
        Policies=[managed("wide", BROKEN["no statement"])],
    )
    assert say(index, "user/ana") == "unknown"
    (gap,) = index.snapshots[0].gaps
    assert "AWS would not accept this policy" in gap.reason


def test_a_boundary_that_is_none_leaves_a_denial_a_denial(tmp_path: Path) -> None:
    bounded = {"PermissionsBoundary": {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/edge"}}
    people = [user("ana", UserPolicyList=inline(document(SEND)), **bounded), user("ben", **bounded)]
    index = index_of(tmp_path, UserDetailList=people, Policies=[managed("edge", {"Statement": 1})])
    for resource in (QUEUE, None):
        assert say(index, "user/ana", resource=resource) == "unknown"
        assert say(index, "user/ben", resource=resource) == "implicit-deny"


def test_an_old_version_that_is_none_changes_no_answer(tmp_path: Path) -> None:
    policy = managed("wide", document(SEND))
    policy["PolicyVersionList"].append({"VersionId": "v0", "IsDefaultVersion": False, "Document": {"Statement": 1}})
    index = index_of(tmp_path, UserDetailList=[user("ana", AttachedManagedPolicies=holding("wide"))], Policies=[policy])
    assert say(index, "user/ana") == "allowed"
    assert [gap.resource for gap in index.snapshots[0].gaps] == [f"arn:aws:iam::{ACCOUNT}:policy/wide v0"]


def test_a_trust_policy_hides_who_becomes_the_role_and_not_what_it_may_do(tmp_path: Path) -> None:
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    role = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/build",
        "RoleName": "build",
        "RoleId": "AROABUILD",
        "AssumeRolePolicyDocument": BROKEN["unknown element"],
        "RolePolicyList": inline(document(SEND)),
    }
    other = {**role, "Arn": f"arn:aws:iam::{ACCOUNT}:role/desk", "RoleName": "desk", "AssumeRolePolicyDocument": TRUST}
    index = index_of(
        tmp_path, UserDetailList=[user("ana", UserPolicyList=inline(document(assume)))], RoleDetailList=[role, other]
    )
    assert say(index, "role/build") == "allowed"
    assert say(index, "user/ana", "sts:AssumeRole", role["Arn"]) == "unknown"
    assert say(index, "user/ana", "sts:AssumeRole", other["Arn"]) == "allowed"


def test_a_resource_policy_that_is_none_may_allow_and_deny(tmp_path: Path) -> None:
    queues = [{"Arn": QUEUE, "Policy": BROKEN["unknown effect"]}, {"Arn": f"{QUEUE}-2"}]
    index = index_of(tmp_path, UserDetailList=[user("ana")], resources=queues)
    assert (say(index, "user/ana"), say(index, "user/zoe")) == ("unknown", "unknown")
    assert (say(index, "user/ana", resource=f"{QUEUE}-2"), say(index, "user/zoe", resource=f"{QUEUE}-2")) == (
        "implicit-deny",
        "allowed",
    )


def test_roles_whose_trust_policy_is_none_are_among_those_that_somebody_may_assume(tmp_path: Path) -> None:
    role = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/build",
        "RoleName": "build",
        "RoleId": "AROABUILD",
        "AssumeRolePolicyDocument": BROKEN["no JSON"],
    }
    index = index_of(tmp_path, UserDetailList=[user("ana")], RoleDetailList=[role])
    (answer,) = (a for a in index.who_can("sts:AssumeRole").answers if a.principal.endswith("user/ana"))
    assert (answer.decision, answer.resources) == ("unknown", (role["Arn"],))


def test_a_principal_of_whom_nothing_could_be_read_is_unknown_wherever_it_is_asked(tmp_path: Path) -> None:
    index = index_of(tmp_path, UserDetailList=[user("ana", UserPolicyList=inline(7))])
    for action in ("iam:CreateUser", "s3:ListAllMyBuckets", "ec2:RunInstances", "kms:CreateKey", "sqs:PurgeQueue"):
        assert say(index, "user/ana", action, None) == "unknown", action


FULL = {"name": "FullAWSAccess", "policy": document({"Effect": "Allow", "Action": "*", "Resource": "*"})}
NO_S3 = {"name": "NoStorage", "policy": document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})}
BROKEN_SCP = {"name": "Broken", "id": "p-broken", "policy": BROKEN["unknown effect"]}
OTHER = "444455556666"


def in_organization(folder: Path, *policies: Any, kind: str = "scps") -> AccessIndex:
    people = {"UserDetailList": [user("ana", UserPolicyList=inline(document({**SEND, "Action": "*"})))]}
    (folder / "account.json").write_text(json.dumps(people))
    root = {"target": "r-1", "policies": [FULL]}
    levels = {ACCOUNT: {kind: [root, {"target": ACCOUNT, "policies": policies}]}, OTHER: {kind: [root]}}
    (folder / "org.json").write_text(json.dumps({"organization": {"Id": "o-1"}, "accounts": levels}))
    return build_index(read_files([folder / "account.json"], org=folder / "org.json"))


def test_a_service_control_policy_that_is_none_may_deny_what_the_others_leave(tmp_path: Path) -> None:
    index = in_organization(tmp_path, FULL, BROKEN_SCP, NO_S3)
    for resource in (QUEUE, None, "arn:aws:sqs:*:*:j*"):
        assert say(index, "user/ana", resource=resource) == "unknown"
    assert say(index, "user/ana", "s3:ListAllMyBuckets", None) == "explicit-deny"
    (gap,) = index.snapshots[0].gaps
    assert (gap.call, gap.kind, gap.resource) == ("organizations:DescribePolicy", "failed", "p-broken")
    assert "scps[1].policies[1].policy" in gap.reason
    found = {item.action: item.decision for item in index.what_can(f"arn:aws:iam::{ACCOUNT}:user/ana")}
    assert found["sqs:SendMessage"] == "unknown"
    assert "s3:GetObject" not in found


def test_one_that_may_be_the_only_allow_of_its_level_does_not_deny(tmp_path: Path) -> None:
    assert say(in_organization(tmp_path, BROKEN_SCP), "user/ana") == "unknown"


def test_a_resource_control_policy_that_is_none_may_deny(tmp_path: Path) -> None:
    index = in_organization(tmp_path, BROKEN_SCP, kind="rcps")
    assert say(index, "user/ana") == "unknown"
    assert say(index, "user/ana", "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/new") == "allowed"


def test_another_unreadable_policy_above_an_account_may_change_everything(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    old = in_organization(tmp_path / "old", FULL)
    new = in_organization(tmp_path, FULL, BROKEN_SCP)
    for before, after, touched in ((old, new, 1), (new, old, 1), (new, new, 0)):
        assert sum(len(group.members) for group in Touching(before, after).groups()) == touched
