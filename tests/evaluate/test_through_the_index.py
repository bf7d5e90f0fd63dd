"""Knowledge that only a snapshot gives: when it was read, what could not be read, what stands behind an access point.

Each question goes to `can` and to `who_can`: they must say the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.model.gap import Gap
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.principal import InlinePolicy, Role, Tags, User
from advisor.model.resource import Compute, Grant, Resource
from advisor.model.snapshot import Settings, Snapshot, Source
from tests.evaluate.worlds import ACCOUNT, document
from tests.policies import delegating

LAYERS = ("identity", "boundary", "resource", "scp", "rcp")
BUCKET = "arn:aws:s3:::plans"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/desk"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def user(name: str, *statements: dict[str, Any], tags: Tags = ()) -> User:
    inline = (InlinePolicy("own", document(list(statements))),) if statements else ()
    return User(f"arn:aws:iam::{ACCOUNT}:user/{name}", name, f"AIDA{name.upper()}", inline=inline, tags=tags)


def role(name: str, *statements: dict[str, Any]) -> Role:
    trust = document([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}])
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return Role(arn, name, trust, f"AROA{name.upper()}", inline=(InlinePolicy("own", document(list(statements))),))


def index_of(*things: User | Role | Resource | Gap, taken_at: str = "2026-11-24T08:00:00Z", **more: Any) -> AccessIndex:
    def of(kind: type) -> tuple[Any, ...]:
        return tuple(thing for thing in things if isinstance(thing, kind))

    return build_index(
        (
            Snapshot(
                ACCOUNT,
                Source("live", read_layers=LAYERS),
                taken_at,
                users=of(User),
                roles=of(Role),
                resources=of(Resource),
                gaps=of(Gap),
                **more,
            ),
        )
    )


def say(index: AccessIndex, name: str, action: str, resource: str, **context: tuple[str, ...]) -> str:
    """The decision of `can`, after comparing it with `who_can`'s."""
    principal = f"arn:aws:iam::{ACCOUNT}:{name}"
    keys = {key.replace("__", ":"): values for key, values in context.items()}
    alone = index.can(principal, action, resource, keys).decision
    listed = {answer.principal: answer.decision for answer in index.who_can(action, resource, keys).answers}
    assert listed.get(principal, "denied") == (alone if not alone.endswith("deny") else "denied")
    return alone


def dated(operator: str, key: str, value: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}


# --- A request is not before its snapshot -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "key", "value", "said"),
    [
        ("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", "implicit-deny"),
        ("DateLessThan", "aws:CurrentTime", "2026-11-24T08:00:00Z", "implicit-deny"),
        ("DateLessThanEquals", "aws:CurrentTime", "2026-11-24T08:00:00Z", "conditional"),
        ("DateLessThan", "aws:CurrentTime", "2031-01-01T00:00:00Z", "conditional"),
        ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", "allowed"),
        ("DateGreaterThan", "aws:CurrentTime", "2026-11-24T08:00:00Z", "conditional"),
        ("DateGreaterThanEquals", "aws:CurrentTime", "2026-11-24T08:00:00Z", "allowed"),
        ("DateEquals", "aws:CurrentTime", "2020-01-01", "implicit-deny"),
        ("DateNotEquals", "aws:CurrentTime", "2020-01-01", "allowed"),
        ("DateNotEquals", "aws:CurrentTime", "no date", "implicit-deny"),
        ("NumericLessThan", "aws:EpochTime", "1577836800", "implicit-deny"),
        ("DateLessThan", "aws:EpochTime", "1577836800", "implicit-deny"),
        ("StringLike", "aws:CurrentTime", "2020*", "conditional"),
        ("Null", "aws:CurrentTime", "true", "implicit-deny"),
    ],
)
def test_a_time_in_the_past_is_decided(operator: str, key: str, value: str, said: str) -> None:
    index = index_of(user("ana", dated(operator, key, value)))
    assert say(index, "user/ana", "s3:GetObject", f"{BUCKET}/x") == said


def test_the_time_that_the_asker_fixes_comes_first() -> None:
    index = index_of(user("ana", dated("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")))
    then = ("2019-06-01T00:00:00Z",)
    assert say(index, "user/ana", "s3:GetObject", f"{BUCKET}/x", aws__currenttime=then) == "allowed"


def test_without_the_time_of_the_snapshot_nothing_is_known_of_the_request() -> None:
    index = index_of(user("ana", dated("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")), taken_at="")
    assert say(index, "user/ana", "s3:GetObject", f"{BUCKET}/x") == "conditional"


@pytest.mark.parametrize(
    ("revoked", "said"),
    [
        ("2026-11-22T20:00:00Z", "allowed"),  # 36 hours before the snapshot: no session is older
        ("2026-11-22T20:00:01Z", "conditional"),
        ("2031-01-01T00:00:00Z", "conditional"),
    ],
)
def test_sessions_that_were_revoked_long_ago_have_ended(revoked: str, said: str) -> None:
    deny = dated("DateLessThan", "aws:TokenIssueTime", revoked, "Deny")
    assert say(index_of(role("build", ALL, deny)), "role/build", "s3:GetObject", f"{BUCKET}/x") == said
    assert say(index_of(user("ana", ALL, deny)), "user/ana", "s3:GetObject", f"{BUCKET}/x") == said


def test_the_witness_of_a_time_is_not_before_the_snapshot() -> None:
    index = index_of(user("ana", dated("DateLessThan", "aws:CurrentTime", "2031-01-01T00:00:00Z")))
    verdict = index.can(f"arn:aws:iam::{ACCOUNT}:user/ana", "s3:GetObject", f"{BUCKET}/x")
    assert verdict.witness == {"aws:currenttime": ("2030-12-31T23:59:59Z",)}


# --- What could not be read -------------------------------------------------------------------------------------------

TAGGED = {
    "Effect": "Allow",
    "Action": "sqs:*",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}},
}
LOCKED = {
    "Effect": "Deny",
    "Action": "sqs:*",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:ResourceTag/locked": "yes"}},
}


@pytest.mark.parametrize(
    "gap", [("tag:GetResources", None), ("resourcegroupstaggingapi:GetResources", None), ("sqs:ListQueueTags", QUEUE)]
)
def test_tags_that_were_refused_are_unknown_and_not_absent(gap: tuple[str, str | None]) -> None:
    people = (user("ana", TAGGED), user("ben", ALL, LOCKED))
    queue = Resource(QUEUE, "sqs:queue", ACCOUNT, "eu-west-1")
    assert say(index_of(*people, queue), "user/ana", "sqs:SendMessage", QUEUE) == "implicit-deny"
    index = index_of(*people, queue, Gap(gap[0], "refused", "AccessDenied", "the tags", gap[1]))
    assert say(index, "user/ana", "sqs:SendMessage", QUEUE) == "unknown"
    assert say(index, "user/ben", "sqs:SendMessage", QUEUE) == "unknown"
    assert say(index, "user/ana", "sqs:SendMessage", QUEUE, **{"aws__resourcetag/team": ("blue",)}) == "allowed"
    verdict = index.can(f"arn:aws:iam::{ACCOUNT}:user/ana", "sqs:SendMessage", QUEUE)
    assert [found.call for found in verdict.gaps] == [gap[0]]


@pytest.mark.parametrize(
    ("abac", "gap", "said"),
    [
        (True, False, "allowed"),
        (False, False, "implicit-deny"),
        (None, False, "implicit-deny"),
        (None, True, "unknown"),
    ],
)
def test_whether_the_tags_of_a_bucket_count(abac: bool | None, gap: bool, said: str) -> None:
    reader = user("ana", {**TAGGED, "Action": "s3:GetObject"})
    gaps = [Gap("s3:GetBucketAbac", "refused", "AccessDenied", "whether tags count", BUCKET)] if gap else []
    index = index_of(reader, Resource(BUCKET, "s3:bucket", ACCOUNT, tags=(("team", "blue"),), abac=abac), *gaps)
    assert say(index, "user/ana", "s3:GetObject", f"{BUCKET}/x") == said


def test_grants_that_were_refused_can_only_allow() -> None:
    policy = document([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}])
    people = (user("ana"), user("ben", ALL), user("cleo", {**ALL, "Effect": "Deny"}))
    gap = Gap("kms:ListGrants", "refused", "AccessDenied", "the grants", KEY)
    index = index_of(*people, Resource(KEY, "kms:key", ACCOUNT, "eu-west-1", policy), gap)
    assert say(index, "user/ana", "kms:Decrypt", KEY) == "unknown"
    assert say(index, "user/ben", "kms:Decrypt", KEY) == "allowed"
    assert say(index, "user/cleo", "kms:Decrypt", KEY) == "explicit-deny"
    assert say(index, "user/ana", "kms:ScheduleKeyDeletion", KEY) == "implicit-deny"  # no grant can hold it


@pytest.mark.parametrize(("ownership", "said"), [("ObjectWriter", "unknown"), ("BucketOwnerEnforced", "implicit-deny")])
def test_an_acl_that_was_refused_can_only_allow(ownership: str, said: str) -> None:
    gap = Gap("s3:GetBucketAcl", "refused", "AccessDenied", "the ACL", BUCKET)
    index = index_of(user("ana"), Resource(BUCKET, "s3:bucket", ACCOUNT, object_ownership=ownership), gap)
    assert say(index, "user/ana", "s3:ListBucket", BUCKET) == said
    assert say(index, "user/ana", "s3:GetObject", f"{BUCKET}/x") == "implicit-deny"


def test_an_acl_may_let_in_everybody_with_an_account() -> None:
    grant = Grant("acl", "authenticated", ("READ",))
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, object_ownership="ObjectWriter", grants=(grant,))
    assert say(index_of(user("ana"), bucket), "user/ana", "s3:ListBucket", BUCKET) == "allowed"


def test_what_a_grant_gives_is_found_whichever_way_it_is_asked() -> None:
    name = f"arn:aws:iam::{ACCOUNT}:user/ana"
    policy = document([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}])
    grants = (Grant("kms-grant", name, ("kms:Decrypt",)),)
    index = index_of(user("ana"), Resource(KEY, "kms:key", ACCOUNT, "eu-west-1", policy, grants=grants))
    assert [answer.actions for answer in index.who_can("kms:*", KEY).answers] == [("kms:Decrypt",)]
    assert [(item.action, item.resources) for item in index.what_can(name)] == [("kms:Decrypt", (KEY,))]


def test_a_bucket_policy_gives_nothing_of_other_services() -> None:
    policy = document([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": [BUCKET, f"{BUCKET}/*"]}])
    index = index_of(user("ana"), Resource(BUCKET, "s3:bucket", ACCOUNT, policy=policy))
    found = index.what_can(f"arn:aws:iam::{ACCOUNT}:user/ana")
    assert found and {item.action.partition(":")[0] for item in found} == {"s3"}


# --- Access points ----------------------------------------------------------------------------------------------------

DELEGATES = delegating(BUCKET)


@pytest.mark.parametrize(
    ("bucket_says", "name", "said"),
    [
        ([], "user/ana", "implicit-deny"),
        ([DELEGATES], "user/ana", "allowed"),
        ([{**DELEGATES, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}}], "user/ana", "allowed"),
        ([{**DELEGATES, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ben"}}], "user/ana", "implicit-deny"),
        ([{**DELEGATES, "Effect": "Deny"}], "user/ben", "explicit-deny"),
        ([], "user/ben", "allowed"),  # own permissions of the bucket's account
    ],
)
def test_the_bucket_behind_an_access_point_must_allow_too(bucket_says: list[Any], name: str, said: str) -> None:
    granted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}, "Action": "s3:GetObject"}
    own = document([{**granted, "Resource": f"{POINT}/object/*"}])
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, policy=document(bucket_says) if bucket_says else None)
    point = Resource(POINT, "s3:accesspoint", ACCOUNT, "eu-west-1", own, bucket="plans")
    index = index_of(user("ana"), user("ben", ALL), bucket, point)
    assert say(index, name, "s3:GetObject", f"{POINT}/object/a/b.txt") == said


def test_a_bucket_that_was_not_read_leaves_its_access_points_unknown() -> None:
    own = document(
        [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": f"{POINT}/object/*"}]
    )
    named = document([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"{POINT}/object/*"}])
    for policy, said in ((own, "implicit-deny"), (named, "unknown")):
        point = Resource(POINT, "s3:accesspoint", ACCOUNT, "eu-west-1", policy, bucket="plans")
        assert say(index_of(user("ana"), point), "user/ana", "s3:GetObject", f"{POINT}/object/x") == said


# --- Who is meant, and what is named ----------------------------------------------------------------------------------


def test_a_federated_user_is_not_the_user_of_the_same_name() -> None:
    federated = f"arn:aws:sts::{ACCOUNT}:federated-user/ana"
    policy = document([{"Effect": "Allow", "Principal": {"AWS": federated}, "Action": "s3:*", "Resource": "*"}])
    index = index_of(user("ana", {**ALL, "Effect": "Deny"}), Resource(BUCKET, "s3:bucket", ACCOUNT, policy=policy))
    assert index.can(federated, "s3:GetObject", f"{BUCKET}/x").decision == "unknown"


def test_saml_and_oidc_roles_are_not_assumed_by_name() -> None:
    trust = document([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"}])
    index = index_of(user("ana", ALL), Role(f"arn:aws:iam::{ACCOUNT}:role/desk", "desk", trust))
    there = f"arn:aws:iam::{ACCOUNT}:role/desk"
    assert say(index, "user/ana", "sts:AssumeRole", there) == "allowed"
    assert say(index, "user/ana", "sts:AssumeRoleWithSAML", there) == "implicit-deny"
    assert say(index, "user/ana", "sts:AssumeRoleWithWebIdentity", there) == "implicit-deny"


def _levels(*policies: Any) -> dict[str, Any]:
    full = NamedPolicy("FullAWSAccess", document([ALL]))
    levels = (Level("r-1", (full,)), Level(ACCOUNT, (full, *(NamedPolicy("guard", item) for item in policies))))
    return {"organization": Organization("o-abc1234567", scps=((ACCOUNT, levels),), rcps=((ACCOUNT, ()),))}


def test_an_organization_that_only_lets_through_is_no_reason() -> None:
    index = index_of(user("ana", ALL), **_levels())
    (answer,) = index.who_can("s3:GetObject", f"{BUCKET}/x").answers
    alone = index.can(answer.principal, "s3:GetObject", f"{BUCKET}/x")
    assert [reason.kind for reason in answer.because] == [reason.kind for reason in alone.because] == ["inline"]
    assert next(step for step in alone.trace if step.layer == "scp").reasons  # the trace keeps it


def test_an_organization_on_which_the_answer_hangs_is_the_last_reason() -> None:
    deny = document([dated("Bool", "aws:MultiFactorAuthPresent", "false", "Deny")])
    index = index_of(user("ana", ALL), **_levels(deny))
    (answer,) = index.who_can("s3:GetObject", f"{BUCKET}/x").answers
    alone = index.can(answer.principal, "s3:GetObject", f"{BUCKET}/x")
    told = [(reason.kind, reason.policy, reason.effect) for reason in answer.because]
    assert told == [("inline", "own", "Allow"), ("scp", "guard", "Deny")]
    assert answer.because == alone.because


@pytest.mark.parametrize(
    "call",
    [
        "iam:ListAccessKeys", "iam:ListMFADevices", "iam:GetLoginProfile", "iam:ListSSHPublicKeys",
        "iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails", "iam:GetRole", "iam:GetUser",
    ],
)  # fmt: skip
def test_what_else_was_not_read_of_a_principal_hides_none_of_its_policies(call: str) -> None:
    people = (user("ana", ALL), role("build"))
    gaps = [Gap(call, "refused", "AccessDenied", "something else", person.arn) for person in people]
    index = index_of(*people, *gaps)
    assert say(index, "user/ana", "sqs:SendMessage", QUEUE) == "allowed"
    assert say(index, "role/build", "sqs:SendMessage", QUEUE) == "implicit-deny"
    assert say(index, "user/ana", "iam:DeleteUser", people[0].arn) == "allowed"
    assert say(index, "role/build", "iam:DeleteUser", people[0].arn) == "implicit-deny"


@pytest.mark.parametrize("call", ["iam:GetAccountAuthorizationDetails", "iam:GetUserPolicy", "UserPolicyList"])
def test_a_policy_that_was_not_read_makes_its_holder_unknown(call: str) -> None:
    person = user("ana")
    index = index_of(person, Gap(call, "refused", "AccessDenied", "a policy", person.arn))
    assert say(index, "user/ana", "sqs:SendMessage", QUEUE) == "unknown"


def test_tags_of_users_and_roles_count_where_they_are_what_is_acted_on() -> None:
    tagged = {
        "Effect": "Allow",
        "Action": "iam:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:ResourceTag/team": "blue"}},
    }
    index = index_of(user("ana", tagged), user("ben", tags=(("Team", "blue"),)), user("cleo"))
    for name, said in (("ben", "allowed"), ("cleo", "implicit-deny"), ("dora", "conditional")):
        assert say(index, "user/ana", "iam:DeleteUser", f"arn:aws:iam::{ACCOUNT}:user/{name}") == said


def test_tags_of_instances_and_of_what_the_tagging_api_told_count() -> None:
    own, told, other = (f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-{at}" for at in range(3))
    tagged = {
        "Effect": "Allow",
        "Action": "ec2:StopInstances",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}},
    }
    index = index_of(
        user("ana", tagged),
        compute=(Compute(own, "ec2:instance", ACCOUNT, "eu-west-1", tags=(("team", "blue"),)),),
        settings=Settings(tags_seen=((told, (("team", "red"),)),)),
    )
    for arn, said in ((own, "allowed"), (told, "implicit-deny"), (other, "conditional")):
        assert say(index, "user/ana", "ec2:StopInstances", arn) == said
