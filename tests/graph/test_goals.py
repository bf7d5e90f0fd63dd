"""Ways to a principal or to data, where rights that are granted on the way count for what comes after."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from advisor.account import Advisor
from advisor.graph.paths import Path, find_paths
from advisor.model.resource import Resource
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, document, trusting

VAULT = "arn:aws:s3:::vault"
INSIDE = f"{VAULT}/*"
EC2 = trusting(service="ec2.amazonaws.com")


def ways(lab: Lab, *policy: dict[str, Any], to: str = VAULT, **more: Any) -> dict[str, list[Path]]:
    """The ways to the bucket by the name of who starts, with a policy of the bucket's own if there is one."""
    own = document(*policy) if policy else None
    bucket = Resource(VAULT, "s3:bucket", ACCOUNT, "us-east-1", policy=own)
    found: dict[str, list[Path]] = {}
    for path in find_paths(Advisor([replace(lab.snapshot(), resources=(bucket,))]), to=to, **more).paths:
        found.setdefault(path.source.rsplit("/", 1)[-1], []).append(path)
    return found


def hops(found: dict[str, list[Path]]) -> dict[str, list[list[str]]]:
    return {name: [[hop.technique for hop in path.hops] for path in paths] for name, paths in found.items()}


def on_self(kind: str, name: str) -> dict[str, Any]:
    return allow(f"iam:Put{kind.title()}Policy", arn(kind, name))


def test_who_grants_itself_rights_reads_the_data() -> None:
    lab = Lab()
    lab.role("job", trusting(aws=arn("user", "ana")), on_self("role", "job"))
    lab.user("ana")
    lab.user("ben", on_self("user", "ana"))
    assert hops(ways(lab)) == {"job": [["iam-005", "reads"]], "ana": [["sts-001", "iam-005", "reads"]]}


def test_what_is_granted_stays_within_the_boundary() -> None:
    lab = Lab()
    for name, limit in (("free", ["iam:*", "s3:Get*"]), ("bound", ["iam:PutRolePolicy", "s3:List*"])):
        lab.role(name, EC2, on_self("role", name), boundary=lab.policy(f"{name}-limit", allow(limit)))
    found = ways(lab)
    assert hops(found) == {"free": [["iam-005", "reads"]]}
    assert find_paths(lab.open()).paths == ()
    assert [reason.kind for reason in found["free"][0].hops[1].requires[0].because] == ["boundary"]


def test_a_deny_stays_unless_it_can_be_taken_off() -> None:
    lab = Lab()
    lab.user("ana", on_self("user", "ana"), deny("s3:*"))
    lab.user("ben", on_self("user", "ben"), deny(["s3:*", "iam:DeleteUserPolicy", "sts:*", "iam:Create*", "iam:Up*"]))
    assert hops(ways(lab)) == {"ana": [["iam-007", "reads"]]}


def test_the_organization_binds_what_is_granted() -> None:
    lab = Lab()
    lab.scps = [document(ANYTHING, deny("s3:GetObject"))]
    lab.user("ana", on_self("user", "ana"))
    assert ways(lab) == {}


def test_a_group_that_can_be_joined_lets_read() -> None:
    lab = Lab()
    lab.group("readers", allow("s3:GetObject", INSIDE))
    lab.group("others", allow("s3:GetObject", "arn:aws:s3:::attic/*"))
    join = allow("iam:AddUserToGroup", [arn("group", "readers"), arn("group", "others")])
    lab.user("ana", join)
    lab.user("ben", join, deny("s3:GetObject"))
    lab.user("eve", allow("iam:AddUserToGroup", arn("group", "others")))
    found = ways(lab)
    assert hops(found) == {"ana": [["iam-013", "reads"]]}
    read = found["ana"][0].hops[1]
    assert [reason.owner for reason in read.requires[0].because] == [arn("group", "readers")]


def test_who_creates_a_user_with_rights_reads_by_it() -> None:
    lab = Lab()
    lab.user("ana", allow(["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"], arn("user", "new-*")))
    found = ways(lab)
    assert hops(found) == {"ana": [["x-iam-user-new", "reads"]]}
    created, read = found["ana"][0].hops
    assert read.actor == created.target and read.target == found["ana"][0].target == VAULT


def test_a_bucket_that_admits_one_role_only() -> None:
    lab = Lab()
    only = lab.role("only", trusting(aws=arn("user", "ana")))
    lab.user("ana", allow("sts:AssumeRole", only))
    lab.user("boss", ANYTHING)
    lab.user("eve", on_self("user", "eve"))
    lab.user("wide", allow("s3:*"))
    admits = {**allow("s3:GetObject", INSIDE), "Principal": {"AWS": only}}
    refuses = {**deny("s3:*", [VAULT, INSIDE], StringNotEquals={"aws:PrincipalArn": only}), "Principal": "*"}
    assert hops(ways(lab, admits, refuses)) == {
        "ana": [["sts-001", "reads"]],
        "eve": [["iam-007", "iam-012", "reads"]],
    }
    asked = ways(lab, admits, refuses, source="boss")["boss"]
    assert ["iam-012", "reads"] in [[hop.technique for hop in path.hops] for path in asked]


def test_who_writes_the_policy_of_the_bucket_opens_it_to_itself() -> None:
    lab = Lab()
    lab.user("ana", allow("s3:PutBucketPolicy", VAULT))
    lab.user("ben", allow("s3:PutBucketPolicy", VAULT), deny("s3:GetObject"))
    lab.user("eve", allow("s3:PutBucketPolicy", "arn:aws:s3:::attic"))
    lab.user("kim", allow(["s3:PutBucketPolicy", "s3:GetObject"]))
    found = ways(lab)
    assert hops(found) == {"ana": [["x-s3-policy"]]}
    (hop,) = found["ana"][0].hops
    assert (hop.target, hop.requires[0].action) == (VAULT, "s3:PutBucketPolicy")
    assert hop.requires[0].because[0].owner == arn("user", "ana")


def test_who_makes_itself_administrator_becomes_every_principal() -> None:
    lab = Lab()
    lab.role("vip", EC2)
    lab.role("linked", trusting(service="x.amazonaws.com"), path="/aws-service-role/x.amazonaws.com/")
    lab.user("ana", on_self("user", "ana"))
    lab.user("boss", ANYTHING)
    assert hops(ways(lab, to="vip")) == {"ana": [["iam-007", "iam-012"]]}
    assert ways(lab, to="linked") == {}
    assert "boss" in ways(lab, to="vip", source="boss")


def test_the_search_for_administrators_is_what_it_was() -> None:
    lab = Lab()
    lab.role("vip", EC2)
    lab.user("ana", on_self("user", "ana"))
    account = lab.open()
    before = find_paths(account, all=True)
    assert find_paths(account, to="vip").paths
    assert find_paths(account, all=True) == before
