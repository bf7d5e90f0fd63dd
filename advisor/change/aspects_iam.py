"""Aspects of IAM: users, groups, roles, policies, credentials, providers."""

from __future__ import annotations

from typing import Any

from advisor.change.aspects import UNREAD, Key, aspect, or_none, touches
from advisor.change.documents import meaning_of
from advisor.model.document import parse_document
from advisor.model.effects.principals import inline_of
from advisor.model.snapshot import Snapshot


def _holder(snapshot: Snapshot, key: Key) -> Any:
    fields = {"User": snapshot.users, "Group": snapshot.groups, "Role": snapshot.roles}
    return next((holder for holder in fields[key[0]] if holder.name == key[1]), None)  # type: ignore[attr-defined]


def pages(client: Any, operation: str, result: str, **parameters: Any) -> list[Any]:
    """All pages of a list call."""
    found: list[Any] = []
    for page in client.get_paginator(operation).paginate(**parameters):
        found += page.get(result, ())
    return found


def text_meaning(text: Any) -> Any:
    """A policy text (or JSON values) by its meaning, so that order and white space do not count as drift."""
    return meaning_of(parse_document(text)) if text else None


def _named(key: Key) -> dict[str, str]:
    return {f"{key[0]}Name": key[1]}


def _get(clients: Any, key: Key) -> Any:
    kind = key[0]
    found = or_none(lambda: getattr(clients.get("iam"), f"get_{kind.lower()}")(**_named(key)))
    return found[kind] if found else None


_READS = {kind: (f"iam:Get{kind}",) for kind in ("User", "Group", "Role")}
_GETS = tuple(f"iam:Get{kind}" for kind in ("User", "Group", "Role"))


@aspect("exists", *_GETS)(lambda clients, key: _get(clients, key) is not None)
def _exists(snapshot: Snapshot, key: Key) -> Any:
    return _holder(snapshot, key) is not None


def _read_attached(clients: Any, key: Key) -> Any:
    found = or_none(
        lambda: pages(clients.get("iam"), f"list_attached_{key[0].lower()}_policies", "AttachedPolicies", **_named(key))
    )
    return None if found is None else sorted(policy["PolicyArn"] for policy in found)


@aspect("attached", *(f"iam:ListAttached{kind}Policies" for kind in ("User", "Group", "Role")))(_read_attached)
def _attached(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    return None if holder is None else sorted(holder.attached)


def _read_inline(clients: Any, key: Key) -> Any:
    get = getattr(clients.get("iam"), f"get_{key[0].lower()}_policy")
    found = or_none(lambda: get(**_named(key), PolicyName=key[2]))
    return text_meaning(found["PolicyDocument"]) if found else None


@aspect("inline", *(f"iam:Get{kind}Policy" for kind in ("User", "Group", "Role")))(_read_inline)
def _inline(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    policy = inline_of(holder, key[2]) if holder else None
    return meaning_of(policy.document) if policy else None


def _read_boundary(clients: Any, key: Key) -> Any:
    return ((_get(clients, key) or {}).get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")


@aspect("boundary", "iam:GetUser", "iam:GetRole")(_read_boundary)
def _boundary(snapshot: Snapshot, key: Key) -> Any:
    return getattr(_holder(snapshot, key), "boundary", None)


def _read_tags(clients: Any, key: Key) -> Any:
    found = _get(clients, key)
    return None if found is None else {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}


@aspect("tags", "iam:GetUser", "iam:GetRole")(_read_tags)
def _tags(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    return None if holder is None else dict(holder.tags)


def _read_groups(clients: Any, key: Key) -> Any:
    found = or_none(lambda: pages(clients.get("iam"), "list_groups_for_user", "Groups", UserName=key[1]))
    return None if found is None else sorted(group["GroupName"] for group in found)


@aspect("groups", "iam:ListGroupsForUser")(_read_groups)
def _groups(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    return None if holder is None else sorted(holder.groups)


def _read_keys(clients: Any, key: Key) -> Any:
    found = or_none(lambda: pages(clients.get("iam"), "list_access_keys", "AccessKeyMetadata", UserName=key[1]))
    return None if found is None else {item["AccessKeyId"]: item["Status"] == "Active" for item in found}


@aspect("keys", "iam:ListAccessKeys")(_read_keys)
def _keys(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    if holder is None:
        return None
    return UNREAD if holder.sign_in.keys is None else {item.id: item.active for item in holder.sign_in.keys}


def _read_password(clients: Any, key: Key) -> Any:
    return or_none(lambda: clients.get("iam").get_login_profile(UserName=key[1])) is not None


@aspect("password", "iam:GetLoginProfile")(_read_password)
def _password(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    if holder is None:
        return False
    return UNREAD if holder.sign_in.console is None else holder.sign_in.console


def _read_mfa(clients: Any, key: Key) -> Any:
    found = or_none(lambda: pages(clients.get("iam"), "list_mfa_devices", "MFADevices", UserName=key[1]))
    return None if found is None else sorted(device["SerialNumber"] for device in found)


@aspect("mfa", "iam:ListMFADevices")(_read_mfa)
def _mfa(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    if holder is None:
        return None
    return UNREAD if holder.sign_in.mfa_serials is None else sorted(holder.sign_in.mfa_serials)


def _read_trust(clients: Any, key: Key) -> Any:
    found = _get(clients, key)
    return text_meaning(found["AssumeRolePolicyDocument"]) if found else None


@aspect("trust", "iam:GetRole")(_read_trust)
def _trust(snapshot: Snapshot, key: Key) -> Any:
    role = _holder(snapshot, key)
    return meaning_of(role.trust) if role else None


@aspect("description", "iam:GetRole")(lambda clients, key: (_get(clients, key) or {}).get("Description") or "")
def _description(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    return "" if holder is None else UNREAD if holder.description is None else holder.description


@aspect("session-length", "iam:GetRole")(lambda clients, key: (_get(clients, key) or {}).get("MaxSessionDuration"))
def _session_length(snapshot: Snapshot, key: Key) -> Any:
    holder = _holder(snapshot, key)
    return None if holder is None else UNREAD if holder.max_session_seconds is None else holder.max_session_seconds


def _read_profile(clients: Any, key: Key) -> Any:
    found = or_none(lambda: clients.get("iam").get_instance_profile(InstanceProfileName=key[0]))
    return None if found is None else [role["RoleName"] for role in found["InstanceProfile"]["Roles"]]


@aspect("profile", "iam:GetInstanceProfile")(_read_profile)
def _profile(snapshot: Snapshot, key: Key) -> Any:
    if snapshot.settings.instance_profiles is None:
        return UNREAD
    for arn, roles in snapshot.settings.instance_profiles:
        if arn.rsplit("/", 1)[-1] == key[0]:
            return [role.rsplit("/", 1)[-1] for role in roles]
    return None


def _read_versions(clients: Any, key: Key) -> Any:
    """Each version's text and whether it is the default; version ids are AWS's own."""
    iam, arn = clients.get("iam"), key[0]
    found = or_none(lambda: pages(iam, "list_policy_versions", "Versions", PolicyArn=arn))
    if not found:
        return None
    texts = [
        iam.get_policy_version(PolicyArn=arn, VersionId=item["VersionId"])["PolicyVersion"]["Document"]
        for item in found
    ]
    return sorted(
        ([text_meaning(text), item["IsDefaultVersion"]] for text, item in zip(texts, found, strict=True)), key=repr
    )


@aspect("versions", "iam:ListPolicyVersions", "iam:GetPolicyVersion")(_read_versions)
def _versions(snapshot: Snapshot, key: Key) -> Any:
    policy = snapshot.policy_by_arn.get(key[0])
    if policy is None:
        return None
    return sorted(([meaning_of(item.document), item.is_default] for item in policy.versions), key=repr)


@aspect("alias", "iam:ListAccountAliases")(
    lambda clients, key: next(iter(clients.get("iam").list_account_aliases()["AccountAliases"]), "")
)
def _alias(snapshot: Snapshot, key: Key) -> Any:
    return snapshot.alias


def _read_password_policy(clients: Any, key: Key) -> Any:
    found = or_none(lambda: clients.get("iam").get_account_password_policy())
    return _without_defaults(found["PasswordPolicy"]) if found else {}


def _without_defaults(policy: dict[str, Any]) -> dict[str, Any]:
    """Fields that say something: an answer may name a switch that is off or leave it out."""
    return {name: value for name, value in policy.items() if value and name != "ExpirePasswords"}


@aspect("password-policy", "iam:GetAccountPasswordPolicy")(_read_password_policy)
def _password_policy(snapshot: Snapshot, key: Key) -> Any:
    policy = snapshot.settings.password_policy
    return UNREAD if policy is None else _without_defaults(policy)


def _read_providers(clients: Any, key: Key) -> Any:
    iam = clients.get("iam")
    listed = {
        "oidc": lambda: iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        "saml": lambda: iam.list_saml_providers()["SAMLProviderList"],
    }
    return sorted(item["Arn"] for item in listed[key[0]]())


@aspect("providers", "iam:ListOpenIDConnectProviders", "iam:ListSAMLProviders")(_read_providers)
def _providers(snapshot: Snapshot, key: Key) -> Any:
    found = snapshot.settings.providers
    return UNREAD if found is None else sorted(item.arn for item in found if item.kind == key[0])


def _enter_touches() -> None:
    for kind in ("User", "Group", "Role"):
        name = f"${kind}Name"
        for verb in ("Attach", "Detach"):
            touches(f"iam:{verb}{kind}Policy", "attached", kind, name)
        for verb in ("Put", "Delete"):
            touches(f"iam:{verb}{kind}Policy", "inline", kind, name, "$PolicyName")
        for verb in ("Create", "Delete"):
            touches(f"iam:{verb}{kind}", "exists", kind, name)
    for kind in ("User", "Role"):
        name = f"${kind}Name"
        for verb in ("Put", "Delete"):
            touches(f"iam:{verb}{kind}PermissionsBoundary", "boundary", kind, name)
        for verb in ("Tag", "Untag"):
            touches(f"iam:{verb}{kind}", "tags", kind, name)
    for operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        touches(f"iam:{operation}", "groups", "User", "$UserName")
    for operation in ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"):
        touches(f"iam:{operation}", "keys", "User", "$UserName")
    for operation in ("CreateLoginProfile", "DeleteLoginProfile"):
        touches(f"iam:{operation}", "password", "User", "$UserName")
    touches("iam:DeactivateMFADevice", "mfa", "User", "$UserName")
    touches("iam:UpdateAssumeRolePolicy", "trust", "Role", "$RoleName")
    touches("iam:UpdateRole", "description", "Role", "$RoleName")
    touches("iam:UpdateRole", "session-length", "Role", "$RoleName")
    for operation in ("Create", "Delete"):
        touches(f"iam:{operation}InstanceProfile", "profile", "$InstanceProfileName")
        touches(f"iam:{operation}AccountAlias", "alias")
        touches(f"iam:{operation}OpenIDConnectProvider", "providers", "oidc")
        touches(f"iam:{operation}SAMLProvider", "providers", "saml")
    for operation in ("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"):
        touches(f"iam:{operation}", "profile", "$InstanceProfileName")
    for operation in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"):
        touches(f"iam:{operation}", "versions", "$PolicyArn")
    for operation in ("UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"):
        touches(f"iam:{operation}", "password-policy")


_enter_touches()
