"""Roles, their trust, and the instance profiles that carry them."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.principals import bound, edit, find, put, refuse_leftovers
from advisor.model.effects.table import (
    EffectError,
    Parameters,
    Undo,
    call,
    document_of,
    exists,
    in_use,
    missing,
    models,
    tags_from,
    tags_to,
    undo_by,
)
from advisor.model.effects.users import iam_arn
from advisor.model.principal import Role
from advisor.model.snapshot import Snapshot

DEFAULT_SESSION_SECONDS = 3600


def _created_role(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    path = p.get("Path", "/")
    return {"Role": {"RoleName": p["RoleName"], "Path": path, "Arn": iam_arn(before, "role", path, p["RoleName"])}}


@models("iam:CreateRole", undo=undo_by("DeleteRole", "RoleName"), result=_created_role)
def create_role(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    name, path = p["RoleName"], p.get("Path", "/")
    if any(role.name.lower() == name.lower() for role in snapshot.roles):
        raise exists("role", name)
    role = Role(
        arn=iam_arn(snapshot, "role", path, name),
        name=name,
        trust=document_of(p["AssumeRolePolicyDocument"]),
        path=path,
        tags=tags_from(p),
        description=p.get("Description", ""),
        max_session_seconds=p.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
    )
    return bound(put(snapshot, "Role", None, role), "Role", name, p.get("PermissionsBoundary"))


def _recreate_role(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    role: Role = find(before, "Role", p["RoleName"])
    create: dict[str, Any] = {
        "RoleName": role.name,
        "Path": role.path,
        "AssumeRolePolicyDocument": role.trust.as_json(),
    }
    if role.max_session_seconds is not None:
        create["MaxSessionDuration"] = role.max_session_seconds
    if role.description:
        create["Description"] = role.description
    if role.boundary:
        create["PermissionsBoundary"] = role.boundary
    if role.tags:
        create["Tags"] = tags_to(role.tags)
    note = f"`{role.name}` comes back with another id: policies elsewhere that name it must be saved again."
    if role.description is None:
        note += " Its description and session length were not read, so they are not restored."
    return Undo((call(like, "CreateRole", **create),), note)


@models("iam:DeleteRole", undo=_recreate_role)
def delete_role(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    role: Role = find(snapshot, "Role", p["RoleName"])
    refuse_leftovers("role", role)
    if role.instance_profiles:
        raise in_use("role", role.name, "instance profiles")
    freed = bound(snapshot, "Role", role.name, None)
    return put(freed, "Role", find(freed, "Role", role.name), None)


def _undo_trust(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find(before, "Role", p["RoleName"]).trust.as_json()
    return Undo((call(like, "UpdateAssumeRolePolicy", RoleName=p["RoleName"], PolicyDocument=old),))


@models("iam:UpdateAssumeRolePolicy", undo=_undo_trust)
def update_assume_role_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return edit(snapshot, "Role", p["RoleName"], trust=document_of(p["PolicyDocument"]))


def _undo_update_role(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    """The account's details tell neither; without ListRoles they are not known."""
    role: Role = find(before, "Role", p["RoleName"])
    old = {"Description": role.description, "MaxSessionDuration": role.max_session_seconds}
    known = {key: value for key, value in old.items() if key in p and value is not None}
    complete = all(key in known for key in old if key in p)
    note = "" if complete else "The role's description or session length before was not read, so it is not put back."
    return Undo((call(like, "UpdateRole", RoleName=role.name, **known),) if known else (), note, complete)


@models("iam:UpdateRole", undo=_undo_update_role)
def update_role(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    names = {"Description": "description", "MaxSessionDuration": "max_session_seconds"}
    return edit(snapshot, "Role", p["RoleName"], **{names[key]: p[key] for key in names if key in p})


Profiles = tuple[tuple[str, tuple[str, ...]], ...]


def _profiles(snapshot: Snapshot) -> Profiles:
    """The instance profiles; where they were not listed, at least those that roles name."""
    if snapshot.settings.instance_profiles is not None:
        return snapshot.settings.instance_profiles
    return tuple((arn, (role.arn,)) for role in snapshot.roles for arn in role.instance_profiles)


def _with_profiles(snapshot: Snapshot, profiles: Profiles) -> Snapshot:
    if snapshot.settings.instance_profiles is None:
        return snapshot
    return msgspec.structs.replace(
        snapshot, settings=msgspec.structs.replace(snapshot.settings, instance_profiles=profiles)
    )


def find_profile(snapshot: Snapshot, name: str) -> tuple[str, tuple[str, ...]]:
    for arn, roles in _profiles(snapshot):
        if arn.rsplit("/", 1)[-1] == name:
            return arn, roles
    raise missing("instance profile", name)


def _created_profile(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    arn = iam_arn(before, "instance-profile", p.get("Path", "/"), p["InstanceProfileName"])
    return {"InstanceProfile": {"InstanceProfileName": p["InstanceProfileName"], "Arn": arn}}


@models(
    "iam:CreateInstanceProfile", undo=undo_by("DeleteInstanceProfile", "InstanceProfileName"), result=_created_profile
)
def create_instance_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    name = p["InstanceProfileName"]
    if any(arn.rsplit("/", 1)[-1] == name for arn, _ in _profiles(snapshot)):
        raise exists("instance profile", name)
    arn = iam_arn(snapshot, "instance-profile", p.get("Path", "/"), name)
    return _with_profiles(snapshot, (*_profiles(snapshot), (arn, ())))


def _recreate_profile(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    arn, _ = find_profile(before, p["InstanceProfileName"])
    path = "/" + arn.split(":instance-profile/", 1)[1].rpartition("/")[0]
    step = call(
        like,
        "CreateInstanceProfile",
        InstanceProfileName=p["InstanceProfileName"],
        Path=path if path == "/" else f"{path}/",
    )
    return Undo((step,))


@models("iam:DeleteInstanceProfile", undo=_recreate_profile)
def delete_instance_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn, roles = find_profile(snapshot, p["InstanceProfileName"])
    if roles:
        raise in_use("instance profile", p["InstanceProfileName"], "a role")
    return _with_profiles(snapshot, tuple(item for item in _profiles(snapshot) if item[0] != arn))


_ROLE_IN_PROFILE = ("InstanceProfileName", "RoleName")


@models("iam:AddRoleToInstanceProfile", undo=undo_by("RemoveRoleFromInstanceProfile", *_ROLE_IN_PROFILE))
def add_role_to_instance_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn, roles = find_profile(snapshot, p["InstanceProfileName"])
    if roles:
        raise EffectError("LimitExceeded", f"the instance profile `{p['InstanceProfileName']}` has a role already")
    role: Role = find(snapshot, "Role", p["RoleName"])
    profiles = tuple((name, (role.arn,)) if name == arn else (name, held) for name, held in _profiles(snapshot))
    return edit(_with_profiles(snapshot, profiles), "Role", role.name, instance_profiles=(*role.instance_profiles, arn))


@models("iam:RemoveRoleFromInstanceProfile", undo=undo_by("AddRoleToInstanceProfile", *_ROLE_IN_PROFILE))
def remove_role_from_instance_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn, roles = find_profile(snapshot, p["InstanceProfileName"])
    role: Role = find(snapshot, "Role", p["RoleName"])
    if role.arn not in roles:
        raise missing("role in instance profile", p["RoleName"])
    profiles = tuple((name, ()) if name == arn else (name, held) for name, held in _profiles(snapshot))
    kept = tuple(name for name in role.instance_profiles if name != arn)
    return edit(_with_profiles(snapshot, profiles), "Role", role.name, instance_profiles=kept)
