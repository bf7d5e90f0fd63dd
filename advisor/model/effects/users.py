"""Users and groups: their life, memberships and credentials."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.principals import bound, edit, find, put, refuse_leftovers
from advisor.model.effects.table import (
    Parameters,
    Undo,
    call,
    cannot_undo,
    exists,
    in_use,
    missing,
    models,
    tags_from,
    tags_to,
    undo_by,
)
from advisor.model.principal import AccessKey, Group, SignIn, User
from advisor.model.snapshot import Snapshot


def iam_arn(snapshot: Snapshot, kind: str, path: str, name: str) -> str:
    """The ARN that IAM gives to a thing: `arn:aws:iam::123456789012:user/path/name`."""
    return f"arn:{snapshot.partition}:iam::{snapshot.account}:{kind}{path}{name}"


def _created(kind: str) -> Any:
    """What CreateUser and its like return: the name and the ARN (ids are AWS's own)."""

    def result(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
        name, path = p[f"{kind}Name"], p.get("Path", "/")
        return {kind: {f"{kind}Name": name, "Path": path, "Arn": iam_arn(before, kind.lower(), path, name)}}

    return result


@models("iam:CreateUser", undo=undo_by("DeleteUser", "UserName"), result=_created("User"))
def create_user(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    name, path = p["UserName"], p.get("Path", "/")
    if any(user.name.lower() == name.lower() for user in snapshot.users):
        raise exists("user", name)
    nothing = SignIn(console=False, mfa=False, mfa_serials=(), keys=(), special=())
    user = User(iam_arn(snapshot, "user", path, name), name, path=path, tags=tags_from(p), sign_in=nothing)
    return bound(put(snapshot, "User", None, user), "User", name, p.get("PermissionsBoundary"))


def _recreate_user(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    user: User = find(before, "User", p["UserName"])
    create = {"UserName": user.name, "Path": user.path}
    if user.boundary:
        create["PermissionsBoundary"] = user.boundary
    if user.tags:
        create["Tags"] = tags_to(user.tags)  # type: ignore[assignment]
    note = f"`{user.name}` comes back with another id: policies elsewhere that name it must be saved again."
    return Undo((call(like, "CreateUser", **create),), note)


@models("iam:DeleteUser", undo=_recreate_user)
def delete_user(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    user: User = find(snapshot, "User", p["UserName"])
    refuse_leftovers("user", user)
    sign_in = user.sign_in
    left = {
        "groups": user.groups, "access keys": sign_in.keys, "a password": sign_in.console,
        "MFA devices": sign_in.mfa_serials, "other credentials": sign_in.special,
    }  # fmt: skip
    for what, there in left.items():
        if there:
            raise in_use("user", user.name, what)
    freed = bound(snapshot, "User", user.name, None)
    return put(freed, "User", find(freed, "User", user.name), None)


@models("iam:CreateGroup", undo=undo_by("DeleteGroup", "GroupName"), result=_created("Group"))
def create_group(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    name, path = p["GroupName"], p.get("Path", "/")
    if any(group.name.lower() == name.lower() for group in snapshot.groups):
        raise exists("group", name)
    return put(snapshot, "Group", None, Group(iam_arn(snapshot, "group", path, name), name, path=path))


def _recreate_group(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    group: Group = find(before, "Group", p["GroupName"])
    return Undo((call(like, "CreateGroup", GroupName=group.name, Path=group.path),))


@models("iam:DeleteGroup", undo=_recreate_group)
def delete_group(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    group: Group = find(snapshot, "Group", p["GroupName"])
    refuse_leftovers("group", group)
    if any(group.name in user.groups for user in snapshot.users):
        raise in_use("group", group.name, "members")
    return put(snapshot, "Group", group, None)


def _undo_membership(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    named = {"GroupName": p["GroupName"], "UserName": p["UserName"]}
    was_member = p["GroupName"] in find(before, "User", p["UserName"]).groups
    if like.operation == "AddUserToGroup":
        return Undo() if was_member else Undo((call(like, "RemoveUserFromGroup", **named),))
    return Undo((call(like, "AddUserToGroup", **named),)) if was_member else Undo()


@models("iam:AddUserToGroup", undo=_undo_membership)
def add_user_to_group(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    find(snapshot, "Group", p["GroupName"])
    user: User = find(snapshot, "User", p["UserName"])
    if p["GroupName"] in user.groups:
        return snapshot
    return edit(snapshot, "User", user.name, groups=(*user.groups, p["GroupName"]))


@models("iam:RemoveUserFromGroup", undo=_undo_membership)
def remove_user_from_group(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    find(snapshot, "Group", p["GroupName"])
    user: User = find(snapshot, "User", p["UserName"])
    return edit(snapshot, "User", user.name, groups=tuple(name for name in user.groups if name != p["GroupName"]))


def sign_in_edit(snapshot: Snapshot, name: str, **fields: Any) -> Snapshot:
    user: User = find(snapshot, "User", name)
    return edit(snapshot, "User", name, sign_in=msgspec.structs.replace(user.sign_in, **fields))


def new_key_id(like: Operation) -> str:
    """Stands for the id of a key that AWS has not made yet."""
    return f"(key {like.id or 'to come'})"


def _created_key(before: Snapshot, p: Parameters, like: Operation) -> dict[str, Any]:
    return {"AccessKey": {"AccessKeyId": new_key_id(like), "UserName": p["UserName"]}}


def _undo_create_key(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    made = {"from": like.id, "path": "AccessKey.AccessKeyId"}
    return Undo((call(like, "DeleteAccessKey", UserName=p["UserName"], AccessKeyId=made),))


@models("iam:CreateAccessKey", undo=_undo_create_key, result=_created_key)
def create_access_key(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    user: User = find(snapshot, "User", p["UserName"])
    keys = (*(user.sign_in.keys or ()), AccessKey(new_key_id(like), active=True))
    return sign_in_edit(snapshot, user.name, keys=keys)


def find_key(snapshot: Snapshot, p: Parameters) -> AccessKey:
    user: User = find(snapshot, "User", p["UserName"])
    for key in user.sign_in.keys or ():
        if key.id == p["AccessKeyId"]:
            return key
    raise missing("access key", p["AccessKeyId"])


def _undo_update_key(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    status = "Active" if find_key(before, p).active else "Inactive"
    if status == p["Status"]:
        return Undo()
    return Undo((call(like, "UpdateAccessKey", UserName=p["UserName"], AccessKeyId=p["AccessKeyId"], Status=status),))


@models("iam:UpdateAccessKey", undo=_undo_update_key)
def update_access_key(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    old = find_key(snapshot, p)
    new = msgspec.structs.replace(old, active=p["Status"] == "Active")
    keys = find(snapshot, "User", p["UserName"]).sign_in.keys
    return sign_in_edit(snapshot, p["UserName"], keys=tuple(new if key is old else key for key in keys))


@models("iam:DeleteAccessKey", undo=cannot_undo("A deleted access key cannot come back."))
def delete_access_key(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    old = find_key(snapshot, p)
    keys = find(snapshot, "User", p["UserName"]).sign_in.keys
    return sign_in_edit(snapshot, p["UserName"], keys=tuple(key for key in keys if key is not old))


@models("iam:CreateLoginProfile", undo=undo_by("DeleteLoginProfile", "UserName"))
def create_login_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if find(snapshot, "User", p["UserName"]).sign_in.console:
        raise exists("password of", p["UserName"])
    return sign_in_edit(snapshot, p["UserName"], console=True)


def _new_password(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    name = p["UserName"]
    step = call(
        like,
        "CreateLoginProfile",
        UserName=name,
        Password={"secret": f"password of {name}"},
        PasswordResetRequired=True,
    )
    note = f"`{name}` gets a new password, which is shown once; the old one does not come back."
    return Undo((step,), note, reversible=False)


@models("iam:DeleteLoginProfile", undo=_new_password)
def delete_login_profile(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if find(snapshot, "User", p["UserName"]).sign_in.console is False:
        raise missing("password of", p["UserName"])
    return sign_in_edit(snapshot, p["UserName"], console=False)


@models("iam:DeactivateMFADevice", undo=cannot_undo("The person must register the MFA device again."))
def deactivate_mfa_device(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    serials = tuple(
        item for item in find(snapshot, "User", p["UserName"]).sign_in.mfa_serials or () if item != p["SerialNumber"]
    )
    return sign_in_edit(snapshot, p["UserName"], mfa_serials=serials, mfa=bool(serials))


def _same(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return snapshot


models("iam:DeleteVirtualMFADevice", undo=cannot_undo("A deleted MFA device cannot come back."), silent=True)(_same)


def _drop_special(kind: str, field: str) -> Any:
    def effect(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        special = find(snapshot, "User", p["UserName"]).sign_in.special or ()
        return sign_in_edit(
            snapshot, p["UserName"], special=tuple(item for item in special if item != f"{kind}:{p[field]}")
        )

    return effect


for _operation, _kind, _field in (
    ("DeleteServiceSpecificCredential", "service-specific", "ServiceSpecificCredentialId"),
    ("DeleteSSHPublicKey", "ssh", "SSHPublicKeyId"),
    ("DeleteSigningCertificate", "certificate", "CertificateId"),
):
    models(f"iam:{_operation}", undo=cannot_undo("The deleted credential cannot come back."))(
        _drop_special(_kind, _field)
    )
