"""Customer managed policies and their versions."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.principals import put_policy
from advisor.model.effects.table import (
    EffectError,
    Parameters,
    Undo,
    call,
    document_of,
    exists,
    in_use,
    merge_tags,
    missing,
    models,
    tags_from,
    tags_to,
    undo_by,
)
from advisor.model.effects.users import iam_arn
from advisor.model.principal import Group, ManagedPolicy, PolicyVersion, Role, User
from advisor.model.snapshot import Snapshot

DEFAULT_VERSIONS_QUOTA = 5
"""IAM's quota for versions of a managed policy, where GetAccountSummary was not read."""


def find_policy(snapshot: Snapshot, arn: str) -> ManagedPolicy:
    policy = snapshot.policy_by_arn.get(arn)
    if policy is None:
        raise missing("policy", arn)
    return policy


def _policy_arn(snapshot: Snapshot, p: Parameters) -> str:
    return iam_arn(snapshot, "policy", p.get("Path", "/"), p["PolicyName"])


def _created_policy(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    return {"Policy": {"PolicyName": p["PolicyName"], "Arn": _policy_arn(before, p), "DefaultVersionId": "v1"}}


def _undo_create(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    return Undo((call(like, "DeletePolicy", PolicyArn=_policy_arn(before, p)),))


@models("iam:CreatePolicy", undo=_undo_create, result=_created_policy)
def create_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn = _policy_arn(snapshot, p)
    if any(not old.is_aws_managed and old.name.lower() == p["PolicyName"].lower() for old in snapshot.policies):
        raise exists("policy", p["PolicyName"])
    version = PolicyVersion("v1", document_of(p["PolicyDocument"]), is_default=True)
    policy = ManagedPolicy(
        arn,
        p["PolicyName"],
        (version,),
        path=p.get("Path", "/"),
        attachment_count=0,
        boundary_count=0,
        tags=tags_from(p),
        description=p.get("Description", ""),
    )
    return put_policy(snapshot, None, policy)


def next_version(policy: ManagedPolicy) -> str:
    """The id that AWS will give, as far as the versions that exist tell (a deleted newest one would push it up)."""
    return f"v{max((int(version.id[1:]) for version in policy.versions), default=0) + 1}"


def versions_quota(snapshot: Snapshot) -> int:
    return (snapshot.settings.summary or {}).get("VersionsPerPolicyQuota", DEFAULT_VERSIONS_QUOTA)


def _created_version(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    version = next_version(find_policy(before, p["PolicyArn"]))
    return {"PolicyVersion": {"VersionId": version, "IsDefaultVersion": p.get("SetAsDefault", False)}}


def _undo_version(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    arn = p["PolicyArn"]
    made = {"from": like.id, "path": "PolicyVersion.VersionId"}
    steps = [call(like, "DeletePolicyVersion", PolicyArn=arn, VersionId=made)]
    if p.get("SetAsDefault"):
        steps.insert(
            0, call(like, "SetDefaultPolicyVersion", PolicyArn=arn, VersionId=_default(find_policy(before, arn)))
        )
    return Undo(tuple(steps))


def _default(policy: ManagedPolicy) -> str:
    for version in policy.versions:
        if version.is_default:
            return version.id
    raise missing("default version of", policy.arn)


@models("iam:CreatePolicyVersion", undo=_undo_version, result=_created_version)
def create_policy_version(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = _own(find_policy(snapshot, p["PolicyArn"]))
    if len(policy.versions) >= versions_quota(snapshot):
        raise EffectError(
            "LimitExceeded",
            f"the policy `{policy.name}` has {len(policy.versions)} versions, its quota: first delete the oldest that "
            "is not in use",
        )
    version = PolicyVersion(next_version(policy), document_of(p["PolicyDocument"]))
    grown = msgspec.structs.replace(policy, versions=(*policy.versions, version))
    if p.get("SetAsDefault"):
        grown = _with_default(grown, version.id)
    return put_policy(snapshot, policy, grown)


def _own(policy: ManagedPolicy) -> ManagedPolicy:
    if policy.is_aws_managed:
        raise EffectError("AccessDenied", f"`{policy.name}` is AWS's own policy and cannot be changed")
    return policy


def _with_default(policy: ManagedPolicy, version_id: str) -> ManagedPolicy:
    if all(version.id != version_id for version in policy.versions):
        raise missing("policy version", version_id)
    versions = tuple(
        msgspec.structs.replace(version, is_default=version.id == version_id)
        if version.is_default != (version.id == version_id)
        else version
        for version in policy.versions
    )
    return msgspec.structs.replace(policy, versions=versions)


def _undo_default(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = _default(find_policy(before, p["PolicyArn"]))
    if old == p["VersionId"]:
        return Undo()
    return Undo((call(like, "SetDefaultPolicyVersion", PolicyArn=p["PolicyArn"], VersionId=old),))


@models("iam:SetDefaultPolicyVersion", undo=_undo_default)
def set_default_policy_version(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = _own(find_policy(snapshot, p["PolicyArn"]))
    return put_policy(snapshot, policy, _with_default(policy, p["VersionId"]))


def _undo_delete_version(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    policy = find_policy(before, p["PolicyArn"])
    old = next((version for version in policy.versions if version.id == p["VersionId"]), None)
    if old is None:
        return Undo((), f"version {p['VersionId']} of `{policy.name}` was not read and cannot be made again", False)
    step = call(
        like, "CreatePolicyVersion", PolicyArn=policy.arn, PolicyDocument=old.document.as_json(), SetAsDefault=False
    )
    return Undo((step,), f"Version {old.id} of `{policy.name}` comes back under a new number.")


@models("iam:DeletePolicyVersion", undo=_undo_delete_version)
def delete_policy_version(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = _own(find_policy(snapshot, p["PolicyArn"]))
    old = next((version for version in policy.versions if version.id == p["VersionId"]), None)
    if old is None:
        raise missing("policy version", p["VersionId"])
    if old.is_default:
        raise EffectError("DeleteConflict", f"{old.id} is the default version of `{policy.name}`")
    kept = tuple(version for version in policy.versions if version is not old)
    return put_policy(snapshot, policy, msgspec.structs.replace(policy, versions=kept))


def _recreate_policy(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    policy = find_policy(before, p["PolicyArn"])
    if policy.document is None:
        return Undo((), f"the text of `{policy.name}` was not read, so it cannot be made again", reversible=False)
    create: dict[str, Any] = {
        "PolicyName": policy.name,
        "Path": policy.path,
        "PolicyDocument": policy.document.as_json(),
    }
    if policy.tags:
        create["Tags"] = tags_to(policy.tags)
    if policy.description:
        create["Description"] = policy.description
    older = len(policy.versions) > 1
    note = f"`{policy.name}` comes back with its default version only, as v1." if older else ""
    if policy.description is None:
        note = f"{note} Its description and tags were not read, so they are not restored.".strip()
    return Undo((call(like, "CreatePolicy", **create),), note)


@models("iam:DeletePolicy", undo=_recreate_policy)
def delete_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = _own(find_policy(snapshot, p["PolicyArn"]))
    if is_in_use(snapshot, policy.arn):
        raise in_use("policy", policy.name, "attachments")
    if len(policy.versions) > 1:
        raise in_use("policy", policy.name, "versions besides its default")
    return put_policy(snapshot, policy, None)


def is_in_use(snapshot: Snapshot, arn: str) -> bool:
    """Attached to a principal or used as a boundary."""
    holders: tuple[User | Group | Role, ...] = (*snapshot.users, *snapshot.groups, *snapshot.roles)
    bounded: tuple[User | Role, ...] = (*snapshot.users, *snapshot.roles)
    return any(arn in holder.attached for holder in holders) or any(holder.boundary == arn for holder in bounded)


def _undo_tags(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = dict(find_policy(before, p["PolicyArn"]).tags)
    touched = [tag["Key"] for tag in p["Tags"]] if "Tags" in p else list(p["TagKeys"])
    back = tuple((name, old[name]) for name in touched if name in old)
    fresh = [name for name in touched if name not in old]
    steps = [call(like, "TagPolicy", PolicyArn=p["PolicyArn"], Tags=tags_to(back))] if back else []
    if fresh and "Tags" in p:
        steps.append(call(like, "UntagPolicy", PolicyArn=p["PolicyArn"], TagKeys=fresh))
    return Undo(
        tuple(steps), "A tag that the policy had before under the same key does not come back." if fresh else ""
    )


@models("iam:TagPolicy", undo=_undo_tags)
def tag_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = find_policy(snapshot, p["PolicyArn"])
    tagged = msgspec.structs.replace(policy, tags=merge_tags(policy.tags, tags_from(p)))
    return put_policy(snapshot, policy, tagged)


@models("iam:UntagPolicy", undo=_undo_tags)
def untag_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = find_policy(snapshot, p["PolicyArn"])
    kept = tuple(tag for tag in policy.tags if tag[0] not in p["TagKeys"])
    return put_policy(snapshot, policy, msgspec.structs.replace(policy, tags=kept))


__all__ = ["find_policy", "is_in_use", "next_version", "undo_by", "versions_quota"]
