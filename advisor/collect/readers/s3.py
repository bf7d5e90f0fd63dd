"""S3: buckets with all that decides who may use them, access points, and the account's public access block."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.readers.times import date_from_aws
from advisor.collect.reading import Reading
from advisor.model.resource import Grant, PublicAccessBlock, Resource

NO_POLICY = ("NoSuchBucketPolicy", "NoSuchAccessPointPolicy")
NO_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "*",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "authenticated",
}


def read_buckets(reading: Reading, regions: tuple[str, ...]) -> Part:
    """Every bucket of the account that is in one of the Regions (all of them when `regions` is empty)."""
    buckets = reading.pages("s3:ListBuckets", "Buckets", partly=True)
    if buckets is None:
        return Part()
    found = reading.each("buckets", buckets, lambda bucket: _read_bucket(reading, bucket, regions))
    return Part(resources=tuple(bucket for bucket in found if bucket), layers=("resource",))


def _read_bucket(reading: Reading, bucket: dict[str, Any], regions: tuple[str, ...]) -> Resource | None:
    name = bucket["Name"]
    arn = f"arn:{reading.partition}:s3:::{name}"
    region = bucket.get("BucketRegion") or _fetch_region(reading, name, arn)
    if regions and region and region not in regions:
        return None
    tags = _ask(reading, "s3:GetBucketTagging", name, arn, region, ("NoSuchTagSet",))
    policy = _ask(reading, "s3:GetBucketPolicy", name, arn, region, NO_POLICY)
    block = _ask(reading, "s3:GetPublicAccessBlock", name, arn, region, NO_BLOCK)
    ownership = _ask(reading, "s3:GetBucketOwnershipControls", name, arn, region, ("OwnershipControlsNotFoundError",))
    acl = _ask(reading, "s3:GetBucketAcl", name, arn, region)
    abac = _ask(reading, "s3:GetBucketAbac", name, arn, region)
    text = (policy or {}).get("Policy")
    return Resource(
        arn=arn,
        kind="s3:bucket",
        account=reading.account,
        region=region,
        policy=reading.document(text, "s3:GetBucketPolicy", arn) if text else None,
        tags=tuple((tag["Key"], tag["Value"]) for tag in (tags or {}).get("TagSet", ())),
        public_access_block=block_from_aws(block),
        object_ownership=ownership_from_aws(ownership),
        abac=None if abac is None else abac.get("AbacStatus", {}).get("Status") == "Enabled",
        grants=grants_from_aws(acl or {}),
        settings=_created(bucket),
    )


def _created(bucket: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    created = date_from_aws(bucket.get("CreationDate"))
    return (("created", created),) if created else ()


def _ask(
    reading: Reading, call: str, name: str, arn: str, region: str, none: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    return reading.call(call, region or None, resource=arn, none=none, Bucket=name)


def _fetch_region(reading: Reading, name: str, arn: str) -> str:
    """The Region of a bucket where the list does not say. The oldest Region is told as nothing at all."""
    answer = reading.call("s3:GetBucketLocation", resource=arn, Bucket=name)
    if answer is None:
        return ""
    place = answer.get("LocationConstraint")
    return {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(place, place or "")


def block_from_aws(answer: dict[str, Any] | None) -> PublicAccessBlock | None:
    """`None`: not read. Where AWS says that there is none, all four switches are off."""
    if answer is None:
        return None
    found = answer.get("PublicAccessBlockConfiguration", {})
    return PublicAccessBlock(
        block_acls=bool(found.get("BlockPublicAcls")),
        ignore_acls=bool(found.get("IgnorePublicAcls")),
        block_policy=bool(found.get("BlockPublicPolicy")),
        restrict_buckets=bool(found.get("RestrictPublicBuckets")),
    )


def ownership_from_aws(answer: dict[str, Any] | None) -> str | None:
    """`BucketOwnerEnforced` (ACLs do not count), …; a bucket without the setting is an old one: `ObjectWriter`."""
    if answer is None:
        return None
    rules = answer.get("OwnershipControls", {}).get("Rules", ())
    return str(rules[0]["ObjectOwnership"]) if rules else "ObjectWriter"


def grants_from_aws(acl: dict[str, Any]) -> tuple[Grant, ...]:
    """The entries of an ACL but for the owner's own."""
    owner = acl.get("Owner", {}).get("ID")
    entries = [(grantee_from_aws(entry.get("Grantee", {})), entry["Permission"]) for entry in acl.get("Grants", ())]
    return tuple(
        Grant(kind="acl", grantee=grantee, operations=(permission,))
        for grantee, permission in entries
        if grantee and grantee != owner
    )


def grantee_from_aws(grantee: dict[str, Any]) -> str:
    """`*` for everybody, `authenticated` for anybody with an AWS account, else the canonical id (or group)."""
    uri = str(grantee.get("URI") or "")
    return GROUPS.get(uri, uri) or str(grantee.get("ID", ""))


def read_access_points(reading: Reading, region: str) -> Part:
    points = reading.pages(
        "s3control:ListAccessPoints", "AccessPointList", region, partly=True, AccountId=reading.account
    )
    if points is None:
        return Part()
    found = reading.each("access points", points, lambda point: _read_access_point(reading, point, region))
    return Part(resources=tuple(point for point in found if point))


def _read_access_point(reading: Reading, point: dict[str, Any], region: str) -> Resource:
    name, account = point["Name"], reading.account
    arn = point.get("AccessPointArn") or f"arn:{reading.partition}:s3:{region}:{account}:accesspoint/{name}"
    head = reading.call("s3control:GetAccessPoint", region, resource=arn, AccountId=account, Name=name)
    call = "s3control:GetAccessPointPolicy"
    policy = reading.call(call, region, resource=arn, none=NO_POLICY, AccountId=account, Name=name)
    text = (policy or {}).get("Policy")
    return Resource(
        arn=arn,
        kind="s3:accesspoint",
        account=account,
        region=region,
        policy=reading.document(text, call, arn) if text else None,
        public_access_block=block_from_aws(head),
        bucket=point["Bucket"],
        vpc_origin=point.get("NetworkOrigin") == "VPC",
    )


def read_account_block(reading: Reading) -> Part:
    """The block of the whole account: it is the same in every Region."""
    answer = reading.call("s3control:GetPublicAccessBlock", none=NO_BLOCK, AccountId=reading.account)
    return Part() if answer is None else Part(settings={"public_access_block": block_from_aws(answer)})
