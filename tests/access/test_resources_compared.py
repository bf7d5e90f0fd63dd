"""The access difference where a resource is what it was, and what lies behind or above it is not."""

from __future__ import annotations

from typing import Any

from advisor.access.difference import compare
from advisor.access.index import AccessIndex, build_index
from advisor.model.resource import PublicAccessBlock, Resource
from advisor.model.snapshot import Settings
from tests.access.test_several_accounts import account
from tests.evaluate.worlds import document
from tests.generate.account import ACCOUNT
from tests.policies import delegating

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
BUCKET, POINT = "arn:aws:s3:::plans", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/desk"
DELEGATES = delegating(BUCKET)


def index_of(*resources: Resource, **settings: Any) -> AccessIndex:
    """Ana, whose own policies say nothing of S3."""
    own = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
    return build_index((account(ACCOUNT, own, resources=resources, settings=Settings(**settings)),))


def test_a_bucket_that_delegates_opens_its_access_points() -> None:
    named = {"Effect": "Allow", "Principal": {"AWS": ANA}, "Action": "s3:GetObject", "Resource": f"{POINT}/object/*"}
    point = Resource(POINT, "s3:accesspoint", ACCOUNT, "eu-west-1", document([named]), bucket="plans")
    shut = index_of(point, Resource(BUCKET, "s3:bucket", ACCOUNT))
    opened = index_of(point, Resource(BUCKET, "s3:bucket", ACCOUNT, policy=document([DELEGATES])))
    turned = (ANA, ("s3:GetObject",), f"{POINT}/object/*")
    assert turned in [(change.principal, change.actions, change.resource) for change in compare(shut, opened).gained]
    assert turned in [(change.principal, change.actions, change.resource) for change in compare(opened, shut).lost]


def test_the_block_of_an_account_keeps_everybody_out_until_it_is_taken_off() -> None:
    public = document([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}])
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, policy=public)
    blocked, opened = index_of(bucket, public_access_block=PublicAccessBlock(True, True, True, True)), index_of(bucket)
    found = compare(blocked, opened)
    assert found.verdict == "new-access"
    assert ("*", ("s3:GetObject",)) in [(change.principal, change.actions) for change in found.gained]
    again = compare(opened, blocked)
    assert not again.gained
    assert "*" in [change.principal for change in again.lost]
