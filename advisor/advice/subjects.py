"""What a change template may say of its subject: plain values looked up in the snapshot.

The closed set of names is `VALUES` in the schema of changes; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from advisor.advice.emergency import is_emergency
from advisor.advice.place_names import parts_of
from advisor.errors import UsageError
from advisor.model.principal import AccessKey, Group, ManagedPolicy, Role, User
from advisor.model.resource import Compute, Resource
from advisor.model.rewrite import Place, find_place
from advisor.model.snapshot import Snapshot

Names = dict[str, Any]
Holder = User | Group | Role


def names_of(kind: str, snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    """The names that a template of this kind may use, nested by their dots, and the subject's ARN.

    Raises:
        UsageError: there is no such subject in the snapshot.
    """
    if kind == "account":
        return {"account": _account(snapshot)}, f"arn:{snapshot.partition}:iam::{snapshot.account}:root"
    names, target = _SUBJECTS[kind](snapshot, subject)
    return {"account": _account(snapshot), **names}, target


_LATEST: list[tuple[Snapshot, Names]] = []
"""The account's names for the snapshot asked about last: thousands of templates may be filled in after another."""


def _account(snapshot: Snapshot) -> Names:
    latest = next(iter(_LATEST), None)
    if latest and latest[0] is snapshot:
        return latest[1]
    names = _account_names(snapshot)
    _LATEST[:] = [(snapshot, names)]
    return names


def _account_names(snapshot: Snapshot) -> Names:
    settings, organization = snapshot.settings, snapshot.organization
    # a routine deny must not bind those who are kept for the day on which everything else fails
    console = [user for user in snapshot.users if user.sign_in.console and not is_emergency(user)]
    spared = {group for user in snapshot.users if is_emergency(user) for group in user.groups}
    covered = {analyzer.region for analyzer in settings.analyzers or () if analyzer.type in ("ACCOUNT", "ORGANIZATION")}
    regions = settings.regions or ()
    return {
        "id": snapshot.account,
        "alias": snapshot.alias or snapshot.account,
        "partition": snapshot.partition,
        "region": next(iter(regions), "us-east-1"),
        "regions": list(regions),
        "regions_without_analyzer": [region for region in regions if region not in covered],
        "console_groups": list(
            dict.fromkeys(group for user in console for group in user.groups if group not in spared)
        ),
        "console_groupless": [user.name for user in console if spared.issuperset(user.groups)],
        "password_max_age": (settings.password_policy or {}).get("MaxPasswordAge") or None,
        "management": (organization.management_account if organization else "") or snapshot.account,
        "organization_id": organization.id if organization else "",
        "inline_same": _inline_same(snapshot),
    }


def _inline_same(snapshot: Snapshot) -> list[Names]:
    """Each inline policy whose text two or more principals share, with the name that its managed twin gets."""
    holders: tuple[Holder, ...] = (*snapshot.users, *snapshot.groups, *snapshot.roles)
    by_text: dict[str, list[tuple[Holder, Any]]] = {}
    for holder in holders:
        for policy in holder.inline:
            by_text.setdefault(policy.document.digest, []).append((holder, policy))
    return [
        {
            "kind": type(holder).__name__,
            "name": holder.name,
            "policy": policy.name,
            "shared": found[0][1].name,
            "document": policy.document.as_json(),
            "first": holder is found[0][0],
        }
        for found in by_text.values()
        if len(found) > 1
        for holder, policy in found
    ]


def find_holder(snapshot: Snapshot, subject: str, kinds: tuple[str, ...]) -> Holder:
    """The user, group or role of that ARN, or of that name where only one kind is asked for."""
    known: Holder | None = snapshot.user_by_arn.get(subject) or snapshot.role_by_arn.get(subject)
    if known is not None and type(known).__name__.lower() in kinds:
        return known
    fields: dict[str, tuple[User, ...] | tuple[Group, ...] | tuple[Role, ...]]
    fields = {"user": snapshot.users, "group": snapshot.groups, "role": snapshot.roles}
    for kind in kinds:
        for holder in fields[kind]:
            if holder.arn == subject or (len(kinds) == 1 and holder.name == subject):
                return holder
    raise UsageError(f"there is no {' or '.join(kinds)} `{subject}` in account {snapshot.account}")


def _holder(snapshot: Snapshot, holder: Holder) -> Names:
    return {
        "name": holder.name,
        "arn": holder.arn,
        "path": holder.path,
        "attached": list(holder.attached),
        "inline": [{"name": policy.name, "document": policy.document.as_json()} for policy in holder.inline],
        "places": places_of(snapshot, holder),
    }


def places_of(snapshot: Snapshot, holder: Holder) -> list[Place]:
    """Every policy document that gives the holder something and can be written here: its own and its groups'."""
    groups = [snapshot.group_by_name[name] for name in getattr(holder, "groups", ()) if name in snapshot.group_by_name]
    places: dict[tuple[str, str, str], Place] = {}
    for carrier in (holder, *groups):
        for policy in carrier.inline:
            place = Place("inline", policy.name, carrier.arn, policy.document)
            places[place.kind, place.policy, place.owner] = place
        for arn in carrier.attached:
            managed = snapshot.policy_by_arn.get(arn)
            if managed and managed.document and not managed.is_aws_managed:
                places["managed", arn, ""] = Place("managed", arn, carrier.arn, managed.document)
    return list(places.values())


def _principal_names(snapshot: Snapshot, holder: Holder) -> Names:
    aws_admin = [
        arn for arn in holder.attached if _gives_everything(snapshot.policy_by_arn.get(arn)) and ":iam::aws:" in arn
    ]
    return {"principal": {**_holder(snapshot, holder), "kind": type(holder).__name__, "aws_admin": aws_admin}}


def _gives_everything(policy: ManagedPolicy | None) -> bool:
    document = policy.document if policy else None
    return document is not None and any(
        statement.allows and "*" in (statement.actions or ()) and "*" in (statement.resources or ())
        for statement in document.statements
    )


def _user(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    user = find_holder(snapshot, subject, ("user",))
    assert isinstance(user, User)
    sign_in = user.sign_in
    special = [item.partition(":") for item in sign_in.special or ()]
    own = {
        **_holder(snapshot, user),
        "groups": list(user.groups),
        "keys": [key.id for key in sign_in.keys or ()],
        "console": bool(sign_in.console),
        "mfa": list(sign_in.mfa_serials or ()),
        "virtual_mfa": [serial for serial in sign_in.mfa_serials or () if ":mfa/" in serial],
        "special_service": [name for kind, _, name in special if kind.startswith("service")],
        "special_ssh": [name for kind, _, name in special if kind.startswith("ssh")],
        "special_certificate": [name for kind, _, name in special if "certificate" in kind],
        "boundary": user.boundary or "",
    }
    return {"user": own, **_principal_names(snapshot, user)}, user.arn


def _group(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    group = find_holder(snapshot, subject, ("group",))
    members = [user.name for user in snapshot.users if group.name in user.groups]
    return {"group": {**_holder(snapshot, group), "members": members}, **_principal_names(snapshot, group)}, group.arn


def _role(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    role = find_holder(snapshot, subject, ("role",))
    assert isinstance(role, Role)
    own = {
        **_holder(snapshot, role),
        "trust": Place("trust", "", role.arn, role.trust),
        "profiles": [arn.rsplit("/", 1)[-1] for arn in role.instance_profiles],
        "boundary": role.boundary or "",
        "max_session": role.max_session_seconds or 3600,
    }
    return {"role": own, **_principal_names(snapshot, role)}, role.arn


def _principal(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    holder = find_holder(snapshot, subject, ("user", "role", "group"))
    return _principal_names(snapshot, holder), holder.arn


def _access_key(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    for user in snapshot.users:
        for key in user.sign_in.keys or ():
            if key.id == subject:
                return {"key": _key(user, key)}, user.arn
    raise UsageError(f"there is no access key `{subject}` in account {snapshot.account}")


def _key(user: User, key: AccessKey) -> Names:
    return {"id": key.id, "user": user.name, "active": key.active}


def _policy(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    policy = snapshot.policy_by_arn.get(subject)
    if policy is None:
        raise UsageError(f"there is no policy `{subject}` in account {snapshot.account}")
    old = sorted((item.id for item in policy.versions if not item.is_default), key=lambda name: int(name[1:]))
    place = Place("managed", policy.arn, policy.arn, policy.document) if policy.document else None
    own = {
        "arn": policy.arn,
        "name": policy.name,
        "place": place,
        "old_versions": old,
        "oldest_version": old[:1],
    }
    return {"policy": own}, policy.arn


def _resource(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    for resource in snapshot.resources:
        if subject in (resource.arn, _name(resource)):
            place = Place("resource", resource.arn, resource.arn, resource.policy) if resource.policy else None
            own = {"arn": resource.arn, "name": _name(resource), "region": resource.region, "place": place}
            return {"resource": own}, resource.arn
    raise UsageError(f"there is no resource `{subject}` in account {snapshot.account}")


def _bucket(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    names, arn = _resource(snapshot, subject)
    if snapshot.resource_by_arn[arn].kind != "s3:bucket":
        raise UsageError(f"`{subject}` is no bucket")
    return names, arn


def _name(thing: Resource | Compute) -> str:
    return thing.arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def _compute(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    thing = next((item for item in snapshot.compute if subject in (item.arn, item.name)), None)
    if thing is None:
        raise UsageError(f"there is no workload `{subject}` in account {snapshot.account}")
    role = snapshot.role_by_arn.get(thing.role or "")
    own = {
        "arn": thing.arn,
        "name": thing.name or _name(thing),
        "region": thing.region,
        "id": _name(thing),
        "role": thing.role or "",
        "role_name": role.name if role else "",
        "role_attached": list(role.attached) if role else [],
        "role_inline": [{"name": item.name, "document": item.document.as_json()} for item in role.inline]
        if role
        else [],
        "role_trust": role.trust.as_json() if role else {},
    }
    return {"compute": own}, thing.arn


def _trail(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    for trail in snapshot.settings.trails or ():
        if subject in (trail.arn, trail.name):
            own = {
                "name": trail.name,
                "arn": trail.arn,
                "region": trail.home_region or trail.arn.split(":")[3],
                "multi_region": trail.multi_region,
            }
            return {"trail": own}, trail.arn
    raise UsageError(f"there is no trail `{subject}` in account {snapshot.account}")


def _statement(snapshot: Snapshot, subject: str) -> tuple[Names, str]:
    """`kind|policy|owner|index`, as a `Reason` names a statement."""
    parts = parts_of(subject)
    if parts is None:
        raise UsageError(f"`{subject}` names no statement", advice="write it as kind|policy|owner|index")
    place = find_place(snapshot, *parts[:3])
    target = place.policy if place.kind in ("managed", "boundary") else place.owner
    index = parts[3]
    label = _label(place, index)
    return {"statement": {"place": place, "policy": place.title, "index": index, "label": label}}, target


def _label(place: Place, index: int) -> str:
    """A statement by its Sid, else by its number."""
    statements = place.document.statements
    sid = next((statement.sid for statement in statements if statement.index == index), None)
    return sid or f"{index + 1} of {len(statements)}"


_SUBJECTS: dict[str, Callable[[Snapshot, str], tuple[Names, str]]] = {
    "user": _user,
    "group": _group,
    "role": _role,
    "principal": _principal,
    "access-key": _access_key,
    "policy": _policy,
    "bucket": _bucket,
    "resource": _resource,
    "compute": _compute,
    "trail": _trail,
    "statement": _statement,
}
