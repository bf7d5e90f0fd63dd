"""Aspects of resources, of the account's settings and of the organization."""

from __future__ import annotations

from typing import Any

from advisor.change.aspects import TOUCHES, UNREAD, Key, Touch, aspect, or_none, touches
from advisor.change.aspects_iam import pages, text_meaning
from advisor.change.documents import meaning_of
from advisor.model.change import Operation
from advisor.model.effects.account import find_trail
from advisor.model.effects.organization import levels_of
from advisor.model.effects.resources import HOMES, block_from, block_to, find_queue
from advisor.model.effects.table import EffectError, Parameters
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot

_NAME_OF = {home.kind: home.names[0] for home in HOMES}
_FINDERS = {home.kind: home.find for home in HOMES}


def _resource(snapshot: Snapshot, key: Key) -> Resource | None:
    kind, name = key[0], key[1]
    try:
        if kind == "sqs:queue":
            return find_queue(snapshot, {"QueueUrl": name})
        return _FINDERS[kind](snapshot, {_NAME_OF[kind]: name})
    except EffectError:
        return None


_GETTERS: dict[str, Any] = {
    "s3:bucket": lambda client, name: client.get_bucket_policy(Bucket=name)["Policy"],
    "kms:key": lambda client, name: client.get_key_policy(KeyId=name, PolicyName="default")["Policy"],
    "sns:topic": lambda client, name: client.get_topic_attributes(TopicArn=name)["Attributes"].get("Policy"),
    "secretsmanager:secret": lambda client, name: client.get_resource_policy(SecretId=name).get("ResourcePolicy"),
    "ecr:repository": lambda client, name: client.get_repository_policy(repositoryName=name)["policyText"],
    "dynamodb:table": lambda client, name: client.get_resource_policy(ResourceArn=name)["Policy"],
    "lambda:function": lambda client, name: client.get_policy(FunctionName=name)["Policy"],
    "sqs:queue": lambda client, name: (
        client.get_queue_attributes(QueueUrl=name, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
    ),
}
_POLICY_READS = (
    "s3:GetBucketPolicy", "kms:GetKeyPolicy", "sns:GetTopicAttributes", "secretsmanager:GetResourcePolicy",
    "ecr:GetRepositoryPolicy", "dynamodb:GetResourcePolicy", "lambda:GetPolicy", "sqs:GetQueueAttributes",
)  # fmt: skip


def _read_policy(clients: Any, key: Key) -> Any:
    kind, name, region = key
    client = clients.get(kind.split(":")[0], region or None)
    return text_meaning(or_none(lambda: _GETTERS[kind](client, name)))


@aspect("resource-policy", *_POLICY_READS)(_read_policy)
def _policy(snapshot: Snapshot, key: Key) -> Any:
    """A resource whose policy could not be read compares with nothing."""
    if key[0] == "lambda:function":
        resource = next((item for item in snapshot.resources if item.arn.endswith(f":function:{key[1]}")), None)
    else:
        resource = _resource(snapshot, key)
    if resource is None or resource.arn in snapshot.gaps_by_resource:
        return UNREAD
    return meaning_of(resource.policy) if resource.policy else None


def _enter_policies() -> None:
    for home in HOMES:
        for operation in (home.write, home.delete):
            if operation:
                touches(f"{home.service}:{operation}", "resource-policy", home.kind, f"${home.names[0]}", "@region")
    touches("sqs:SetQueueAttributes", "resource-policy", "sqs:queue", "$QueueUrl", "@region")
    for operation in ("AddPermission", "RemovePermission"):
        touches(f"lambda:{operation}", "resource-policy", "lambda:function", "$FunctionName", "@region")


_enter_policies()


def _bucket(snapshot: Snapshot, key: Key) -> Resource | None:
    return _resource(snapshot, ("s3:bucket", key[0]))


@aspect("bucket", "s3:HeadBucket")(
    lambda clients, key: or_none(lambda: clients.get("s3", key[1] or None).head_bucket(Bucket=key[0])) is not None
)
def _bucket_exists(snapshot: Snapshot, key: Key) -> Any:
    return _bucket(snapshot, key) is not None


def _read_block(clients: Any, key: Key) -> Any:
    found = or_none(lambda: clients.get("s3", key[1] or None).get_public_access_block(Bucket=key[0]))
    return block_to(block_from(found["PublicAccessBlockConfiguration"] if found else {}))


@aspect("bucket-block", "s3:GetPublicAccessBlock")(_read_block)
def _block(snapshot: Snapshot, key: Key) -> Any:
    bucket = _bucket(snapshot, key)
    return block_to(bucket.public_access_block) if bucket and bucket.public_access_block else UNREAD


def _read_ownership(clients: Any, key: Key) -> Any:
    found = or_none(lambda: clients.get("s3", key[1] or None).get_bucket_ownership_controls(Bucket=key[0]))
    return found["OwnershipControls"]["Rules"][0]["ObjectOwnership"] if found else None


@aspect("bucket-ownership", "s3:GetBucketOwnershipControls")(_read_ownership)
def _ownership(snapshot: Snapshot, key: Key) -> Any:
    bucket = _bucket(snapshot, key)
    return (bucket.object_ownership if bucket else None) or UNREAD


def _read_abac(clients: Any, key: Key) -> Any:
    return clients.get("s3", key[1] or None).get_bucket_abac(Bucket=key[0])["AbacStatus"]["Status"] == "Enabled"


@aspect("bucket-abac", "s3:GetBucketAbac")(_read_abac)
def _abac(snapshot: Snapshot, key: Key) -> Any:
    bucket = _bucket(snapshot, key)
    return UNREAD if bucket is None or bucket.abac is None else bucket.abac


def _read_account_block(clients: Any, key: Key) -> Any:
    found = or_none(lambda: clients.get("s3control").get_public_access_block(AccountId=key[0]))
    return block_to(block_from(found["PublicAccessBlockConfiguration"] if found else {}))


@aspect("account-block", "s3control:GetPublicAccessBlock")(_read_account_block)
def _account_block(snapshot: Snapshot, key: Key) -> Any:
    block = snapshot.settings.public_access_block
    return UNREAD if block is None else block_to(block)


def _read_trail(clients: Any, key: Key) -> Any:
    client = clients.get("cloudtrail", key[1] or None)
    found = client.describe_trails(trailNameList=[key[0]], includeShadowTrails=False)["trailList"]
    if not found:
        return None
    trail = found[0]
    logging = client.get_trail_status(Name=key[0])["IsLogging"]
    switches = ("IsMultiRegionTrail", "IsOrganizationTrail", "LogFileValidationEnabled")
    return [trail["S3BucketName"], *(bool(trail.get(name)) for name in switches), bool(logging)]


@aspect("trail", "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus")(_read_trail)
def _trail(snapshot: Snapshot, key: Key) -> Any:
    if snapshot.settings.trails is None:
        return UNREAD
    try:
        trail = find_trail(snapshot, key[0])
    except EffectError:
        return None
    return [trail.bucket, trail.multi_region, trail.organization, bool(trail.log_validation), bool(trail.logging)]


def _read_analyzer(clients: Any, key: Key) -> Any:
    found = pages(clients.get("accessanalyzer", key[1] or None), "list_analyzers", "analyzers")
    return next((item["type"] for item in found if item["name"] == key[0]), None)


@aspect("analyzer", "accessanalyzer:ListAnalyzers")(_read_analyzer)
def _analyzer(snapshot: Snapshot, key: Key) -> Any:
    found = snapshot.settings.analyzers
    if found is None:
        return UNREAD
    return next((item.type for item in found if item.name == key[0] and key[1] in ("", item.region)), None)


_SWITCHES: dict[str, tuple[str, Any]] = {
    "setup.D3": (
        "ec2:GetEbsEncryptionByDefault",
        lambda client: client.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
    ),
    "setup.D2.snapshots": (
        "ec2:GetSnapshotBlockPublicAccessState",
        lambda client: client.get_snapshot_block_public_access_state()["State"] == "block-all-sharing",
    ),
    "setup.D2.images": (
        "ec2:GetImageBlockPublicAccessState",
        lambda client: (
            client.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
        ),
    ),
    "setup.D4": (
        "ec2:GetInstanceMetadataDefaults",
        lambda client: client.get_instance_metadata_defaults()["AccountLevel"].get("HttpTokens") == "required",
    ),
}


@aspect("switch", *(call for call, _ in _SWITCHES.values()))(
    lambda clients, key: _SWITCHES[key[0]][1](clients.get("ec2", key[1] or None))
)
def _switch(snapshot: Snapshot, key: Key) -> Any:
    value = snapshot.settings.extra.get(key[0])
    return value.get(key[1], UNREAD) if isinstance(value, dict) else UNREAD


def _read_contact(clients: Any, key: Key) -> Any:
    client = clients.get("account")
    return or_none(lambda: client.get_alternate_contact(AlternateContactType=key[0])) is not None


@aspect("contact", "account:GetAlternateContact")(_read_contact)
def _contact(snapshot: Snapshot, key: Key) -> Any:
    found = snapshot.settings.contacts
    return UNREAD if found is None else found.get(key[0], UNREAD)


def _read_targets(clients: Any, key: Key) -> Any:
    found = or_none(lambda: pages(clients.get("organizations"), "list_targets_for_policy", "Targets", PolicyId=key[0]))
    return any(target["TargetId"] == key[1] for target in found or ())


@aspect("organization-policy", "organizations:ListTargetsForPolicy")(_read_targets)
def _targets(snapshot: Snapshot, key: Key) -> Any:
    if snapshot.organization is None:
        return UNREAD
    levels = [level for _, _, level in levels_of(snapshot.organization) if level.target.rsplit("/", 1)[-1] == key[1]]
    if not levels:
        return UNREAD
    return any(key[0] in (policy.id, policy.name) for level in levels for policy in level.policies)


def _enter_touches() -> None:
    for operation in ("CreateBucket", "DeleteBucket"):
        touches(f"s3:{operation}", "bucket", "$Bucket", "@region")
    for operation in ("PutPublicAccessBlock", "DeletePublicAccessBlock"):
        touches(f"s3:{operation}", "bucket-block", "$Bucket", "@region")
        touches(f"s3control:{operation}", "account-block", "$AccountId")
    for operation in ("PutBucketOwnershipControls", "DeleteBucketOwnershipControls"):
        touches(f"s3:{operation}", "bucket-ownership", "$Bucket", "@region")
    touches("s3:PutBucketAbac", "bucket-abac", "$Bucket", "@region")
    for operation in ("CreateTrail", "DeleteTrail", "UpdateTrail", "StartLogging", "StopLogging"):
        touches(f"cloudtrail:{operation}", "trail", "$Name", "@region")
    for operation in ("CreateAnalyzer", "DeleteAnalyzer"):
        touches(f"accessanalyzer:{operation}", "analyzer", "$analyzerName", "@region")
    for verb in ("Enable", "Disable"):
        touches(f"ec2:{verb}EbsEncryptionByDefault", "switch", "setup.D3", "@region")
        touches(f"ec2:{verb}SnapshotBlockPublicAccess", "switch", "setup.D2.snapshots", "@region")
        touches(f"ec2:{verb}ImageBlockPublicAccess", "switch", "setup.D2.images", "@region")
    touches("ec2:ModifyInstanceMetadataDefaults", "switch", "setup.D4", "@region")
    for operation in ("PutAlternateContact", "DeleteAlternateContact"):
        touches(f"account:{operation}", "contact", "$AlternateContactType")
    for operation in ("AttachPolicy", "DetachPolicy"):
        touches(f"organizations:{operation}", "organization-policy", "$PolicyId", "$TargetId")


_enter_touches()


def _created_policy(parameters: Parameters, like: Operation) -> tuple[Touch, ...]:
    """A policy that is created is looked at under the ARN that it will get; the partition is filled in by `steps`."""
    path = parameters.get("Path", "/")
    return (Touch("versions", (f"arn:{{partition}}:iam::{like.account}:policy{path}{parameters['PolicyName']}",)),)


TOUCHES["iam:CreatePolicy"] = _created_policy
