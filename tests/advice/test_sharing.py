"""Who is let in from outside: what is public, shared, or open to a confused deputy, and what only looks so."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from advisor.advice.facts import ask, definitions
from advisor.advice.templates import fill
from advisor.model.organization import NamedPolicy
from advisor.model.resource import Grant, PublicAccessBlock, Resource
from tests.advice.fact_cases import GITHUB, federated
from tests.advice.small_accounts import ID, OUTSIDE, SIBLING, bucket, document, organization, read, role
from tests.shared_material import shared

OPEN = {"settings": {"public_access_block": PublicAccessBlock()}}
EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
OTHERS_DENIED = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}},
}  # fmt: skip


def public(*resources: Resource, **more: Any) -> Any:
    return ask(read(resources=resources, **{**OPEN, **more}), "share.public").value


def when(**condition: Any) -> dict[str, Any]:
    ((operator, keys),) = condition.items()
    return {**EVERYONE, "Condition": {operator: {key.replace("__", ":"): value for key, value in keys.items()}}}


@pytest.mark.parametrize(
    ("statements", "is_public"),
    [
        ([EVERYONE], True),
        ([{**EVERYONE, "Principal": {"AWS": "*"}}], True),
        ([{**EVERYONE, "Principal": None, "NotPrincipal": {"AWS": f"arn:aws:iam::{ID}:user/x"}}], True),
        ([when(Bool={"aws__SecureTransport": "true"})], True),
        ([when(IpAddress={"aws__SourceIp": "0.0.0.0/1"})], True),
        ([when(IpAddress={"aws__SourceIp": "203.0.113.0/24"})], False),
        ([when(StringLike={"aws__PrincipalArn": "*"})], True),
        ([when(StringEquals={"aws__PrincipalOrgID": "o-example"})], False),
        ([when(StringEqualsIfExists={"aws__PrincipalOrgID": "o-example"})], True),
        ([when(StringEquals={"aws__PrincipalOrgID": "${aws:PrincipalOrgID}"})], True),
        ([when(StringEquals={"aws__SourceVpce": "vpce-1a2b3c4d"})], False),
        ([EVERYONE, OTHERS_DENIED], False),
        ([{**EVERYONE, "Effect": "Deny"}], False),
        ([{**EVERYONE, "Principal": {"Service": "cloudtrail.amazonaws.com"}}], False),
        ([{**EVERYONE, "Principal": {"AWS": OUTSIDE}}], False),
    ],
)
def test_public_is_what_a_stranger_reaches(statements: list[dict[str, Any]], is_public: bool) -> None:
    cleaned = [{key: value for key, value in one.items() if value is not None} for one in statements]
    assert bool(public(bucket("a", *cleaned))) is is_public


@pytest.mark.parametrize(
    ("block", "of_bucket", "is_public"),
    [
        (PublicAccessBlock(), PublicAccessBlock(restrict_buckets=True), False),
        (PublicAccessBlock(restrict_buckets=True), None, False),
        (PublicAccessBlock(block_policy=True, block_acls=True), None, True),
    ],
)
def test_only_the_switch_that_restricts_closes_a_public_policy(
    block: PublicAccessBlock, of_bucket: PublicAccessBlock | None, is_public: bool
) -> None:
    found = public(
        bucket("a", EVERYONE, public_access_block=of_bucket), settings={"public_access_block": block}
    )  # fmt: skip
    assert bool(found) is is_public


@pytest.mark.parametrize(
    ("grantee", "ownership", "block", "is_public"),
    [
        ("*", "ObjectWriter", PublicAccessBlock(), True),
        ("authenticated", "BucketOwnerPreferred", PublicAccessBlock(), True),
        ("*", "BucketOwnerEnforced", PublicAccessBlock(), False),
        ("*", "ObjectWriter", PublicAccessBlock(ignore_acls=True), False),
        ("*", "ObjectWriter", PublicAccessBlock(block_acls=True), True),
        ("0123abcd", "ObjectWriter", PublicAccessBlock(), False),
    ],
)
def test_a_buckets_acl_counts_where_acls_do(
    grantee: str, ownership: str, block: PublicAccessBlock, is_public: bool
) -> None:
    item = bucket("a", grants=(Grant("acl", grantee, ("READ",)),), object_ownership=ownership)
    assert bool(public(item, settings={"public_access_block": block})) is is_public


def test_an_access_point_in_a_vpc_is_never_public() -> None:
    arn = f"arn:aws:s3:eu-west-1:{ID}:accesspoint/p"
    opened = document({**EVERYONE, "Resource": f"{arn}/object/*"})
    point = Resource(arn=arn, kind="s3:accesspoint", account=ID, policy=opened, bucket="a")
    assert public(point, bucket("a", {**EVERYONE, "Resource": "*"})) == (arn, "arn:aws:s3:::a")
    in_vpc = msgspec.structs.replace(point, vpc_origin=True)
    assert public(in_vpc, bucket("a")) == ()


def test_an_acl_of_which_nobody_knows_whether_it_counts_is_unknown() -> None:
    account = read(resources=(bucket("a", grants=(Grant("acl", "*", ("READ",)),)),), **OPEN)
    answer = ask(account, "share.public")
    assert answer.value is None
    assert [gap.call for gap in answer.gaps] == ["s3:GetBucketOwnershipControls"]


def test_a_resource_control_policy_closes_what_a_policy_opens() -> None:
    ours = document({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}},
    })  # fmt: skip
    from advisor.model.organization import Level

    level = Level("r-1", (NamedPolicy("Ours", ours), NamedPolicy("RCPFullAWSAccess", document(
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}))))  # fmt: skip
    assert public(bucket("a", EVERYONE), organization=organization(rcps=((ID, (level,)),))) == ()


def test_log_delivery_and_enforced_acls_are_no_outsiders() -> None:
    delivery = Grant("acl", "http://acs.amazonaws.com/groups/s3/LogDelivery", ("WRITE",))
    enforced = bucket("b", grants=(Grant("acl", "0123abcd", ("READ",)),), object_ownership="BucketOwnerEnforced")
    assert ask(read(resources=(bucket("a", grants=(delivery,)), enforced)), "share.resource").value == ()


def test_what_access_analyzer_finds_counts_for_what_was_not_read() -> None:
    findings = [
        {"resource": "arn:aws:rds:eu-west-1:111122223333:snapshot:s", "type": "AWS::RDS::DBSnapshot", "public": False,
         "principals": [OUTSIDE]},
        {"resource": "arn:aws:ecr:eu-west-1:111122223333:repository/r", "type": "AWS::ECR::Repository", "public": True,
         "principals": ["*"]},
        {"resource": "arn:aws:efs:eu-west-1:111122223333:file-system/f", "type": "AWS::EFS::FileSystem",
         "public": False, "principals": [SIBLING]},
        {"resource": "arn:aws:iam::111122223333:role/r", "type": "AWS::IAM::Role", "public": False,
         "principals": [OUTSIDE]},
    ]  # fmt: skip
    account = read(settings={"extra": {"analyzer.findings": {"eu-west-1": findings}}})
    assert ask(account, "share.resource").value == (findings[0]["resource"],)
    assert ask(account, "share.public").value == (findings[1]["resource"],)
    assert ask(account, "share.accounts").value == (OUTSIDE,)


def test_without_an_analyzer_its_findings_are_unknown_and_say_why() -> None:
    answer = ask(read(), "analyzer.open")
    assert answer.value is None
    assert "no analyzer" in answer.gaps[0].reason


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ({}, True),
        ({"StringEquals": {"aws:SourceAccount": ID}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ID}:*"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": ID}}, True),
        ({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}, True),
        ({"ArnLike": {"aws:SourceArn": "*"}}, True),
    ],
)
def test_a_service_must_say_on_whose_behalf_it_calls(condition: dict[str, Any], is_open: bool) -> None:
    statement = {**EVERYONE, "Principal": {"Service": "sns.amazonaws.com"}, "Condition": condition}
    account = read(resources=(bucket("a", statement),))
    assert bool(ask(account, "share.service_open").value) is is_open
    if is_open and "StringEqualsIfExists" not in condition:
        (change,) = fill("resource-source-account", account, "arn:aws:s3:::a", {"service": "sns.amazonaws.com"})
        assert change.operations[0].operation == "PutBucketPolicy"
        assert f'"aws:SourceAccount": "{ID}"' in str(change.operations[0].parameters).replace("'", '"')


@pytest.mark.parametrize(
    ("claim", "value", "is_open"),
    [
        ("sub", "repo:acme/app:*", False),
        ("sub", "repo:acme/*", False),
        ("sub", "repo:acme*", True),
        ("sub", "repo:acm?/app:*", True),
        ("sub", "repo:*/app:ref:refs/heads/main", True),
        ("sub", "*acme*", True),
        ("sub", "repo:acme/app:ref:refs/heads/main", False),
        ("sub", "repository_owner:acme:environment:prod", False),
        ("repository", "acme/*", False),
        ("repository", "acme*", True),
        ("job_workflow_ref", "acme/app/.github/workflows/*", False),
    ],
)
def test_a_subject_fixes_the_owner(claim: str, value: str, is_open: bool) -> None:
    account = read(roles=(role("ci", federated({"StringLike": {f"{GITHUB}:{claim}": value}})),))
    assert bool(ask(account, "oidc.open").value) is is_open


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}, False),
        ({"StringLike": {"cognito-identity.amazonaws.com:aud": "*"}}, True),
        ({"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}, True),
        ({"StringEqualsIfExists": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}, True),
    ],
)
def test_a_role_for_cognito_names_its_pool(condition: dict[str, Any], is_open: bool) -> None:
    trust = document({
        "Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
    })  # fmt: skip
    assert bool(ask(read(roles=(role("app", trust),)), "oidc.any_pool").value) is is_open


def test_for_all_values_fixes_nothing_that_may_be_absent() -> None:
    def opened(claim: str, value: str) -> bool:
        condition = {"ForAllValues:StringEquals": {f"{GITHUB}:{claim}": value}}
        return bool(ask(read(roles=(role("ci", federated(condition)),)), "oidc.open").value)

    assert opened("repository_id", "12345")
    assert not opened("sub", "repo:acme/app:ref:refs/heads/main")


def test_the_registry_has_every_fact_of_the_sources_list() -> None:
    """Part A of the shared decisions file names each fact in the first column of its table."""
    part = shared("facts/decisions.md").read_text("utf-8").split("## A. Facts")[1].split("\n## 1.")[0]
    named = set[str]()
    for line in part.splitlines():
        prefix = ""
        for token in re.findall(r"`([^`]+)`", line.split("|")[1]) if line.startswith("|") else ():
            for piece in re.sub(r"\(.*\)", "", token).split("/"):
                prefix = piece.partition(".")[0] if "." in piece else prefix
                named.add(piece if "." in piece or not prefix else f"{prefix}.{piece}")
    known = definitions()
    assert len(named) > 60
    assert {name for name in named if name not in known and not name.endswith("*")} == set()
    assert all(any(fact.startswith(name[:-1]) for fact in known) for name in named if name.endswith("*"))
