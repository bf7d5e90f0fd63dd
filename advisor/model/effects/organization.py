"""What an organization's management account changes for this account, and how its people come in."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.table import EffectError, Parameters, Undo, call, cannot_undo, document_of, missing, models
from advisor.model.gap import Gap
from advisor.model.organization import Entitlement, Level, NamedPolicy, Organization
from advisor.model.snapshot import Snapshot

_KINDS = {"SERVICE_CONTROL_POLICY": "scps", "RESOURCE_CONTROL_POLICY": "rcps"}
_PENDING = "created, attached nowhere: "


def _organization(snapshot: Snapshot) -> Organization:
    if snapshot.organization is None:
        raise EffectError(
            "AWSOrganizationsNotInUseException", f"account `{snapshot.account}` is in no organization that was read"
        )
    return snapshot.organization


def _with(snapshot: Snapshot, **fields: Any) -> Snapshot:
    return msgspec.structs.replace(snapshot, organization=msgspec.structs.replace(_organization(snapshot), **fields))


def levels_of(organization: Organization) -> list[tuple[str, str, Level]]:
    """(field, account, level) of every level that was read."""
    return [
        (field, account, level)
        for field in ("scps", "rcps")
        for account, levels in getattr(organization, field) or ()
        for level in levels
    ]


def _is_limit(snapshot: Snapshot, policy_id: str) -> bool:
    """Whether it is an SCP or RCP that was read; other kinds (declarative, tag, …) limit no access here."""
    return any(
        policy_id in (item.id, item.name) for *_, level in levels_of(_organization(snapshot)) for item in level.policies
    )


def find_named(organization: Organization, policy_id: str) -> tuple[str, NamedPolicy]:
    """The field (`scps` or `rcps`) and the policy of that id."""
    for field, _, level in levels_of(organization):
        for policy in level.policies:
            if policy_id in (policy.id, policy.name):
                return field, policy
    raise missing("organization policy", policy_id)


def _is_target(level: Level, target: str) -> bool:
    return target in (level.target, level.target.rsplit("/", 1)[-1])


def _map_levels(snapshot: Snapshot, field: str, change: Any) -> Snapshot:
    organization = _organization(snapshot)
    held = getattr(organization, field)
    if held is None:
        return snapshot
    changed = tuple((account, tuple(change(level) for level in levels)) for account, levels in held)
    return _with(snapshot, **{field: changed})


def policy_id_to_come(like: Operation) -> str:
    """Stands for the id of an organization policy that AWS has not made yet."""
    return f"(policy {like.id or 'to come'})"


def _created(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    return {"Policy": {"PolicySummary": {"Id": policy_id_to_come(like), "Name": p["Name"]}}}


def _undo_create(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    return Undo((call(like, "DeletePolicy", PolicyId={"from": like.id, "path": "Policy.PolicySummary.Id"}),))


@models("organizations:CreatePolicy", undo=_undo_create, result=_created)
def create_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    """A policy that is attached nowhere limits nothing; it waits on a level of its own outside every account."""
    field = _KINDS.get(p["Type"])
    organization = _organization(snapshot)
    if field is None or getattr(organization, field) is None:
        return snapshot
    policy = NamedPolicy(p["Name"], document_of(p["Content"]), policy_id_to_come(like))
    waiting = (_PENDING + policy.id, (Level("", (policy,)),))
    return _with(snapshot, **{field: (*(getattr(organization, field) or ()), waiting)})


def _undo_update(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    if not _is_limit(before, p["PolicyId"]):
        return Undo((), "the text before was not read, so it cannot be put back", reversible=False)
    _, old = find_named(_organization(before), p["PolicyId"])
    return Undo((call(like, "UpdatePolicy", PolicyId=p["PolicyId"], Name=old.name, Content=old.document.as_json()),))


@models("organizations:UpdatePolicy", undo=_undo_update)
def update_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if not _is_limit(snapshot, p["PolicyId"]):
        return _unread_policy(snapshot, p["PolicyId"])
    field, old = find_named(_organization(snapshot), p["PolicyId"])
    document = document_of(p["Content"]) if "Content" in p else old.document
    new = NamedPolicy(p.get("Name", old.name), document, old.id)

    def change(level: Level) -> Level:
        if all(policy.id != old.id or policy.name != old.name for policy in level.policies):
            return level
        return Level(level.target, tuple(new if policy == old else policy for policy in level.policies))

    return _map_levels(snapshot, field, change)


def _undo_delete(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    if not _is_limit(before, p["PolicyId"]):
        return Undo((), "the policy's text was not read, so it cannot be made again", reversible=False)
    field, old = find_named(_organization(before), p["PolicyId"])
    kind = next(name for name, value in _KINDS.items() if value == field)
    step = call(like, "CreatePolicy", Name=old.name, Description="", Type=kind, Content=old.document.as_json())
    return Undo((step,), f"`{old.name}` comes back with another id.")


@models("organizations:DeletePolicy", undo=_undo_delete)
def delete_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if not _is_limit(snapshot, p["PolicyId"]):
        return snapshot
    field, old = find_named(_organization(snapshot), p["PolicyId"])
    attached = any(level.target and old in level.policies for _, _, level in levels_of(_organization(snapshot)))
    if attached:
        raise EffectError("PolicyInUseException", f"the policy `{old.name}` is still attached")
    held = getattr(_organization(snapshot), field) or ()
    return _with(snapshot, **{field: tuple(item for item in held if item[0] != _PENDING + old.id)})


def _undo_attachment(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    other = "DetachPolicy" if like.operation == "AttachPolicy" else "AttachPolicy"
    return Undo((call(like, other, PolicyId=p["PolicyId"], TargetId=p["TargetId"]),))


@models("organizations:AttachPolicy", undo=_undo_attachment)
def attach_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if not _is_limit(snapshot, p["PolicyId"]):
        return _unread_policy(snapshot, p["PolicyId"])
    field, policy = find_named(_organization(snapshot), p["PolicyId"])

    def change(level: Level) -> Level:
        if not _is_target(level, p["TargetId"]) or policy in level.policies:
            return level
        return Level(level.target, (*level.policies, policy))

    return _map_levels(snapshot, field, change)


def _unread_policy(snapshot: Snapshot, policy_id: str) -> Snapshot:
    gap = Gap(
        "organizations:DescribePolicy",
        "absent",
        "the policy is attached nowhere that was read",
        "what it denies",
        policy_id,
    )
    return snapshot if gap in snapshot.gaps else msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap))


@models("organizations:DetachPolicy", undo=_undo_attachment)
def detach_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if not _is_limit(snapshot, p["PolicyId"]):
        return _unread_policy(snapshot, p["PolicyId"])
    field, policy = find_named(_organization(snapshot), p["PolicyId"])

    def change(level: Level) -> Level:
        if not _is_target(level, p["TargetId"]):
            return level
        kept = tuple(item for item in level.policies if item != policy)
        if not kept and field == "scps":
            raise EffectError("ConstraintViolationException", f"`{level.target}` would be left without a policy")
        return Level(level.target, kept)

    return _kept(_map_levels(snapshot, field, change), field, policy)


def _kept(snapshot: Snapshot, field: str, policy: NamedPolicy) -> Snapshot:
    """A policy that is attached nowhere any more still exists, and can be attached again."""
    held = getattr(_organization(snapshot), field)
    if held is None or any(policy in level.policies for _, _, level in levels_of(_organization(snapshot))):
        return snapshot
    return _with(snapshot, **{field: (*held, (_PENDING + policy.id, (Level("", (policy,)),)))})


def _undo_type(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    if p["PolicyType"] in (_organization(before).policy_types or ()):
        return Undo()
    return Undo((call(like, "DisablePolicyType", RootId=p["RootId"], PolicyType=p["PolicyType"]),))


@models("organizations:EnablePolicyType", undo=_undo_type)
def enable_policy_type(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    types = _organization(snapshot).policy_types or ()
    return _with(snapshot, policy_types=types if p["PolicyType"] in types else (*types, p["PolicyType"]))


@models(
    "organizations:DisablePolicyType", undo=cannot_undo("Attachments of that type are gone and must be made again.")
)
def disable_policy_type(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    types = tuple(kind for kind in _organization(snapshot).policy_types or () if kind != p["PolicyType"])
    return _with(snapshot, policy_types=types)


@models(
    "organizations:CreateOrganization",
    undo=lambda before, p, like: Undo(
        (call(like, "DeleteOrganization"),), "A Free plan that ended with it does not come back."
    ),
)
def create_organization(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    features = p.get("FeatureSet", "ALL")
    new = Organization(
        id="", management_account=snapshot.account, features=features, accounts=((snapshot.account, ""),)
    )
    return msgspec.structs.replace(snapshot, organization=new)


@models("organizations:DeleteOrganization", undo=cannot_undo("A deleted organization cannot come back."))
def delete_organization(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return msgspec.structs.replace(snapshot, organization=None)


def _root_feature(enable: str, disable: str, feature: str) -> None:
    def undo(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        had, enables = feature in (_organization(before).root_features or ()), like.operation == enable
        return Undo() if had == enables else Undo((call(like, disable if enables else enable),))

    @models(f"iam:{enable}", undo=undo)
    def turn_on(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        features = _organization(snapshot).root_features or ()
        return _with(snapshot, root_features=features if feature in features else (*features, feature))

    @models(f"iam:{disable}", undo=undo)
    def turn_off(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        features = _organization(snapshot).root_features or ()
        return _with(snapshot, root_features=tuple(item for item in features if item != feature))


_root_feature(
    "EnableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootCredentialsManagement",
    "RootCredentialsManagement",
)  # fmt: skip
_root_feature("EnableOrganizationsRootSessions", "DisableOrganizationsRootSessions", "RootSessions")


def _people(snapshot: Snapshot, entitlements: tuple[Entitlement, ...]) -> Snapshot:
    return msgspec.structs.replace(
        snapshot, human_access=msgspec.structs.replace(snapshot.human_access, entitlements=entitlements)
    )


def _role_of(snapshot: Snapshot, permission_set: str) -> str:
    for held in snapshot.human_access.entitlements or ():
        if held.permission_set == permission_set and held.role:
            return held.role
    return ""


def _is_assignment(held: Entitlement, p: Parameters) -> bool:
    return (held.principal, held.permission_set) == (p["PrincipalId"], p["PermissionSetArn"])


_ASSIGNMENT = ("InstanceArn", "TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")


def _undo_assignment(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    other = "DeleteAccountAssignment" if like.operation == "CreateAccountAssignment" else "CreateAccountAssignment"
    return Undo((call(like, other, **{name: p[name] for name in _ASSIGNMENT}),))


@models("sso-admin:CreateAccountAssignment", undo=_undo_assignment)
def create_assignment(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    held = snapshot.human_access.entitlements or ()
    if p["TargetId"] != snapshot.account or any(_is_assignment(item, p) for item in held):
        return snapshot
    role = _role_of(snapshot, p["PermissionSetArn"])
    new = Entitlement("permission-set", p["PrincipalType"].lower(), p["PrincipalId"], role, p["PermissionSetArn"])
    if not role:
        gap = Gap(
            "iam:GetRole", "absent", "Identity Center makes the role of this permission set when it is first assigned",
            "what the permission set allows in this account", p["PermissionSetArn"],
        )  # fmt: skip
        snapshot = msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap))
    return _people(snapshot, (*held, new))


@models("sso-admin:DeleteAccountAssignment", undo=_undo_assignment)
def delete_assignment(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if p["TargetId"] != snapshot.account:
        return snapshot
    held = snapshot.human_access.entitlements or ()
    return _people(snapshot, tuple(item for item in held if not _is_assignment(item, p)))


def permission_set_to_come(like: Operation) -> str:
    return f"(permission set {like.id or 'to come'})"


def _undo_permission_set(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    made = {"from": like.id, "path": "PermissionSet.PermissionSetArn"}
    return Undo((call(like, "DeletePermissionSet", InstanceArn=p["InstanceArn"], PermissionSetArn=made),))


def _unchanged(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    """A permission set is nothing in the account before it is assigned."""
    return snapshot


models(
    "sso-admin:CreatePermissionSet",
    undo=_undo_permission_set,
    result=lambda before, p, like: {
        "PermissionSet": {"Name": p["Name"], "PermissionSetArn": permission_set_to_come(like)}
    },
)(_unchanged)
models("sso-admin:DeletePermissionSet", undo=cannot_undo("The permission set's policies are needed to make it again."))(
    _unchanged
)
