"""What a resource's policy names is found, however its patterns are written, in who-can on any resource and what-can.

A policy can only be about its own resource and what is in it: `plans*` in the policy of `plans` is the bucket and its
objects. Source: Amazon S3 User Guide, "Policies and permissions in Amazon S3"; rule 32.
"""

from __future__ import annotations

from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.principal import Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from tests.policies import ACCOUNT, allow, arn, document

LAYERS = ("identity", "boundary", "resource", "scp", "rcp")
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"
ANA = arn("user", "ana")


def index_of(own: str, statement: dict[str, Any], **more: Any) -> AccessIndex:
    kind = ":".join((own.split(":")[2], "bucket" if ":s3:::" in own else "topic"))
    resource = Resource(own, kind, ACCOUNT, policy=document({"Principal": "*", **statement}))
    more.setdefault("users", (User(ANA, "ana", "AIDAEXAMPLE"),))
    return build_index((Snapshot(ACCOUNT, Source("live", read_layers=LAYERS), "", resources=(resource,), **more),))


def found(index: AccessIndex, action: str, principal: str = ANA) -> dict[str, str]:
    """Each resource on which the principal can do the action, as what-can and who-can on any resource both say."""
    answers = [one for one in index.who_can(action).answers if one.principal == principal]
    listed = {resource: one.decision for one in answers for resource in one.resources}
    held = {
        resource: one.decision
        for one in index.what_can(principal)
        if one.action == action
        for resource in one.resources
    }
    assert held == listed
    return held


@pytest.mark.parametrize(
    ("pattern", "objects", "bucket"),
    [
        ("*", ["arn:aws:s3:::plans/*"], ["arn:aws:s3:::plans"]),
        ("arn:aws:s3:::*", ["arn:aws:s3:::plans/*"], ["arn:aws:s3:::plans"]),
        ("arn:aws:s3:::plans*", ["arn:aws:s3:::plans/*"], ["arn:aws:s3:::plans"]),
        ("arn:aws:s3:::pl?ns*", ["arn:aws:s3:::plans/*"], ["arn:aws:s3:::plans"]),
    ],
)
def test_a_bucket_and_its_objects_are_told_apart(pattern: str, objects: list[str], bucket: list[str]) -> None:
    index = index_of("arn:aws:s3:::plans", allow(["s3:GetObject", "s3:ListBucket"], pattern))
    assert sorted(found(index, "s3:GetObject")) == objects
    assert sorted(found(index, "s3:ListBucket")) == bucket


def test_objects_behind_a_wildcard_for_the_bucket_are_found() -> None:
    index = index_of("arn:aws:s3:::plans", allow("s3:GetObject", "arn:aws:s3:::*/public/*"))
    assert sorted(found(index, "s3:GetObject")) == ["arn:aws:s3:::plans/*/public/*", "arn:aws:s3:::plans/public/*"]


@pytest.mark.parametrize("pattern", ["*", f"{TOPIC}*", f"arn:aws:sns:*:{ACCOUNT}:n*", TOPIC])
def test_a_topic_is_found_behind_any_pattern(pattern: str) -> None:
    assert found(index_of(TOPIC, allow("sns:Publish", pattern)), "sns:Publish") == {TOPIC: "allowed"}


def test_actions_of_the_service_are_not_taken_for_those_of_others_that_read_no_policy_of_it() -> None:
    index = index_of(TOPIC, allow("*", TOPIC))
    for action in ("sns:Publish", "sns:Subscribe", "sns:TagResource"):
        assert found(index, action) == {TOPIC: "allowed"}
    assert {item.action.partition(":")[0] for item in index.what_can(ANA)} == {"sns"}


def test_whom_an_allow_with_notprincipal_may_let_in_is_unknown_wherever_it_is_asked() -> None:
    users = (User(ANA, "ana", "AIDAEXAMPLE"), User(arn("user", "ben"), "ben", "AIDAOTHER"))
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": ANA}, "Action": "sns:Publish", "Resource": TOPIC}
    resource = Resource(TOPIC, "sns:topic", ACCOUNT, policy=document(statement))
    source = Source("live", read_layers=LAYERS)
    index = build_index((Snapshot(ACCOUNT, source, "", users=users, resources=(resource,)),))
    assert found(index, "sns:Publish") == {}
    assert found(index, "sns:Publish", arn("user", "ben")) == {TOPIC: "unknown"}
    listed = {one.principal: one.decision for one in index.who_can("sns:Publish", TOPIC).answers}
    assert listed == {"*": "unknown", arn("user", "ben"): "unknown"}


@pytest.mark.parametrize("name", ["aws-service-role/sns.amazonaws.com/AWSServiceRoleForNews", "desk"])
@pytest.mark.parametrize("management", [ACCOUNT, "444455556666"])
def test_scps_cut_down_only_whom_they_bind(name: str, management: str) -> None:
    nothing = NamedPolicy("Nothing", document(allow("iam:GetUser")))
    organization = Organization("o-1", management, scps=((ACCOUNT, (Level("r-1", (nothing,)),)),))
    role = Role(arn("role", name), name.rpartition("/")[2], document(allow("sts:AssumeRole")))
    index = index_of(TOPIC, allow("sns:Publish", TOPIC), users=(), roles=(role,), organization=organization)
    is_bound = name == "desk" and management != ACCOUNT
    assert found(index, "sns:Publish", role.arn) == ({} if is_bound else {TOPIC: "allowed"})
