"""Operations on what a snapshot holds in part or not at all: compute, topics, rules, the organization's own settings.

Those that change nothing in a snapshot are entered as such: that is known, and not the same as not modelled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.account import set_check
from advisor.model.effects.roles import find_profile
from advisor.model.effects.table import (
    Parameters,
    Result,
    Undo,
    call,
    cannot_undo,
    exists,
    missing,
    models,
    undo_by,
)
from advisor.model.gap import Gap
from advisor.model.organization import Entitlement
from advisor.model.resource import Compute, Grant, PublicAccessBlock, Resource
from advisor.model.snapshot import Snapshot


def _nothing_here(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return snapshot


def _to_come(path: str, what: str, *beside: str) -> Result:
    """A result that only AWS can name; it stands in brackets till then. `beside`: further names for it at the end."""

    def result(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
        *outer, last = path.split(".")
        value: Any = dict.fromkeys((last, *beside), f"({what} {like.id or 'to come'})")
        for part in reversed(outer):
            value = {part: value}
        return value  # type: ignore[no-any-return]

    return result


def _undo_made(operation: str, parameter: str, path: str, *kept: str) -> Any:
    """An inverse that deletes what the call returned."""

    def inverse(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        made = {parameter: {"from": like.id, "path": path}}
        return Undo((call(like, operation, **{name: p[name] for name in kept}, **made),))

    return inverse


for _name, _undo, _result in (
    ("organizations:EnableAWSServiceAccess", undo_by("DisableAWSServiceAccess", "ServicePrincipal"), None),
    ("organizations:DisableAWSServiceAccess", undo_by("EnableAWSServiceAccess", "ServicePrincipal"), None),
    (
        "organizations:RegisterDelegatedAdministrator",
        undo_by("DeregisterDelegatedAdministrator", "AccountId", "ServicePrincipal"),
        None,
    ),
    (
        "organizations:DeregisterDelegatedAdministrator",
        undo_by("RegisterDelegatedAdministrator", "AccountId", "ServicePrincipal"),
        None,
    ),
    (
        "organizations:CreateOrganizationalUnit",
        _undo_made("DeleteOrganizationalUnit", "OrganizationalUnitId", "OrganizationalUnit.Id"),
        _to_come("OrganizationalUnit.Id", "unit"),
    ),
    ("organizations:DeleteOrganizationalUnit", cannot_undo("The unit comes back with another id only."), None),
    (
        "organizations:CreateAccount",
        cannot_undo(
            "An account is closed, not deleted, and can leave the organization after four days at the earliest."
        ),
        _to_come("CreateAccountStatus.Id", "request"),
    ),
    (
        "sso-admin:AttachManagedPolicyToPermissionSet",
        undo_by("DetachManagedPolicyFromPermissionSet", "InstanceArn", "PermissionSetArn", "ManagedPolicyArn"),
        None,
    ),
    (
        "sso-admin:DetachManagedPolicyFromPermissionSet",
        undo_by("AttachManagedPolicyToPermissionSet", "InstanceArn", "PermissionSetArn", "ManagedPolicyArn"),
        None,
    ),
    (
        "sns:Subscribe",
        _undo_made("Unsubscribe", "SubscriptionArn", "SubscriptionArn"),
        _to_come("SubscriptionArn", "subscription"),
    ),
    ("sns:Unsubscribe", cannot_undo("Whoever was told must confirm a new subscription."), None),
    (
        "eks:CreatePodIdentityAssociation",
        _undo_made("DeletePodIdentityAssociation", "associationId", "association.associationId", "clusterName"),
        _to_come("association.associationId", "association"),
    ),
    (
        "rolesanywhere:CreateTrustAnchor",
        _undo_made("DeleteTrustAnchor", "trustAnchorId", "trustAnchor.trustAnchorId"),
        _to_come("trustAnchor.trustAnchorId", "anchor", "trustAnchorArn"),
    ),
    (
        "rolesanywhere:CreateProfile",
        _undo_made("DeleteProfile", "profileId", "profile.profileId"),
        _to_come("profile.profileId", "profile"),
    ),
):
    models(_name, undo=_undo, result=_result, silent=True)(_nothing_here)


def _undo_targets(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    return Undo((call(like, "RemoveTargets", Rule=p["Rule"], Ids=[target["Id"] for target in p["Targets"]]),))


models("events:PutTargets", undo=_undo_targets, silent=True)(_nothing_here)
models("events:RemoveTargets", undo=cannot_undo("The target's details are needed to write it again."), silent=True)(
    _nothing_here
)


@models("events:PutRule", undo=undo_by("DeleteRule", "Name"), result=_to_come("RuleArn", "rule"))
def put_rule(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return set_check(snapshot, "setup.L2", True) if "Root" in str(p.get("EventPattern")) else snapshot


models("events:DeleteRule", undo=cannot_undo("The rule's pattern is needed to make it again."), silent=True)(
    _nothing_here
)


def _bucket_arn(snapshot: Snapshot, p: Parameters) -> str:
    return f"arn:{snapshot.partition}:s3:::{p['Bucket']}"


@models("s3:CreateBucket", undo=undo_by("DeleteBucket", "Bucket"))
def create_bucket(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn = _bucket_arn(snapshot, p)
    if arn in snapshot.resource_by_arn:
        raise exists("bucket", p["Bucket"])
    bucket = Resource(
        arn, "s3:bucket", snapshot.account, like.region or "us-east-1", public_access_block=PublicAccessBlock()
    )
    return msgspec.structs.replace(snapshot, resources=(*snapshot.resources, bucket))


@models("s3:DeleteBucket", undo=cannot_undo("A deleted bucket's name may be taken by others."))
def delete_bucket(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _without(snapshot, _bucket_arn(snapshot, p))


def _without(snapshot: Snapshot, arn: str) -> Snapshot:
    if arn not in snapshot.resource_by_arn:
        raise missing("resource", arn)
    return msgspec.structs.replace(snapshot, resources=tuple(item for item in snapshot.resources if item.arn != arn))


def _topic_arn(snapshot: Snapshot, p: Parameters, like: Operation) -> str:
    return f"arn:{snapshot.partition}:sns:{like.region or 'us-east-1'}:{snapshot.account}:{p['Name']}"


@models(
    "sns:CreateTopic",
    undo=lambda before, p, like: Undo((call(like, "DeleteTopic", TopicArn=_topic_arn(before, p, like)),)),
    result=lambda before, p, like: {"TopicArn": _topic_arn(before, p, like)},
)
def create_topic(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    """AWS gives a new topic a default policy, which is not known before it is made."""
    arn = _topic_arn(snapshot, p, like)
    if arn in snapshot.resource_by_arn:
        return snapshot
    topic = Resource(arn, "sns:topic", snapshot.account, arn.split(":")[3])
    gap = Gap("sns:GetTopicAttributes", "absent", "the topic is not made yet", "who may use the topic", arn)
    return msgspec.structs.replace(snapshot, resources=(*snapshot.resources, topic), gaps=(*snapshot.gaps, gap))


@models("sns:DeleteTopic", undo=cannot_undo("A deleted topic's subscriptions do not come back."))
def delete_topic(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    without = _without(snapshot, p["TopicArn"])
    kept = tuple(gap for gap in without.gaps if gap.resource != p["TopicArn"])
    return msgspec.structs.replace(without, gaps=kept)


def _find_compute(snapshot: Snapshot, kind: str, name: str) -> Compute:
    for thing in snapshot.compute:
        if thing.kind == kind and name in (thing.arn, thing.arn.rsplit("/", 1)[-1], thing.arn.rsplit(":", 1)[-1]):
            return thing
    raise missing(kind.replace(":", " "), name)


def _edit_compute(snapshot: Snapshot, old: Compute, **fields: Any) -> Snapshot:
    new = msgspec.structs.replace(old, **fields)
    return msgspec.structs.replace(snapshot, compute=tuple(new if item is old else item for item in snapshot.compute))


def _undo_metadata(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = dict(_find_compute(before, "ec2:instance", p["InstanceId"]).settings).get("http_tokens", "optional")
    return Undo((call(like, "ModifyInstanceMetadataOptions", InstanceId=p["InstanceId"], HttpTokens=old),))


@models("ec2:ModifyInstanceMetadataOptions", undo=_undo_metadata)
def metadata_options(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    instance = _find_compute(snapshot, "ec2:instance", p["InstanceId"])
    settings = dict(instance.settings) | ({"http_tokens": p["HttpTokens"]} if "HttpTokens" in p else {})
    return _edit_compute(snapshot, instance, settings=tuple(settings.items()))


@models(
    "ec2:AssociateIamInstanceProfile",
    undo=_undo_made("DisassociateIamInstanceProfile", "AssociationId", "IamInstanceProfileAssociation.AssociationId"),
    result=_to_come("IamInstanceProfileAssociation.AssociationId", "association"),
)
def associate_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    profile = p["IamInstanceProfile"]
    name = profile.get("Name") or profile["Arn"].rsplit("/", 1)[-1]
    _, roles = find_profile(snapshot, name)
    instance = _find_compute(snapshot, "ec2:instance", p["InstanceId"])
    return _edit_compute(snapshot, instance, role=next(iter(roles), None))


def _undo_function(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = _find_compute(before, "lambda:function", p["FunctionName"]).role
    return Undo((call(like, "UpdateFunctionConfiguration", FunctionName=p["FunctionName"], Role=old),))


@models("lambda:UpdateFunctionConfiguration", undo=_undo_function)
def function_configuration(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    function = _find_compute(snapshot, "lambda:function", p["FunctionName"])
    return _edit_compute(snapshot, function, role=p["Role"]) if "Role" in p else snapshot


def _person(p: Parameters) -> tuple[str, str]:
    """(`user` or `group`, id) of an entitlement's principal."""
    center = p["entitlement"]["principalRole"]["principal"]["identityCenter"]
    return ("group", center["groupId"]) if "groupId" in center else ("user", center["userId"])


@models(
    "account-access:CreateApplication",
    undo=_undo_made("DeleteApplication", "applicationArn", "applicationArn"),
    result=_to_come("applicationArn", "application"),
)
def create_application(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    people = snapshot.human_access
    made = (*(people.applications or ()), f"(application {like.id or 'to come'})")
    return msgspec.structs.replace(snapshot, human_access=msgspec.structs.replace(people, applications=made))


@models(
    "account-access:CreateEntitlement",
    undo=_undo_made("DeleteEntitlement", "entitlementId", "entitlementId", "applicationArn"),
    result=_to_come("entitlementId", "entitlement"),
)
def create_entitlement(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    people, (kind, principal) = snapshot.human_access, _person(p)
    new = Entitlement("account-access", kind, principal, p["entitlement"]["principalRole"]["roleArn"])
    held = (*(people.entitlements or ()), new)
    return msgspec.structs.replace(snapshot, human_access=msgspec.structs.replace(people, entitlements=held))


@models(
    "ram:CreateResourceShare",
    undo=_undo_made("DeleteResourceShare", "resourceShareArn", "resourceShare.resourceShareArn"),
    result=_to_come("resourceShare.resourceShareArn", "share"),
)
def create_share(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    """Each shared resource that was read gets a grant for each principal."""
    grants = tuple(Grant("ram-share", principal) for principal in p.get("principals", ()))
    shared = set(p.get("resourceArns", ()))
    resources = tuple(
        msgspec.structs.replace(item, grants=(*item.grants, *grants)) if item.arn in shared else item
        for item in snapshot.resources
    )
    return msgspec.structs.replace(snapshot, resources=resources)
