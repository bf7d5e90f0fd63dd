"""Changes as things in their last state, for tools that declare and do not call: Terraform and CloudFormation.

Each touched thing is told once, as it will be after all changes, and whether it exists already (then it is imported).
What is taken away cannot be declared by a tool that never made it, and a secret has no place in a state file: such
operations are left over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from advisor.model.change import Change, Operation
from advisor.model.effects import effects_of, name_of, numbered, resolve
from advisor.model.effects.account import find_trail
from advisor.model.effects.policies import find_policy
from advisor.model.effects.principals import find, inline_of
from advisor.model.effects.resources import HOMES, block_to, find_bucket, find_queue
from advisor.model.effects.table import EffectError
from advisor.model.effects.users import iam_arn
from advisor.model.snapshot import Snapshot

Key = tuple[str, ...]
Parameters = Mapping[str, Any]
Tell = Callable[[Snapshot, Key], dict[str, Any] | None]


class Thing(msgspec.Struct, frozen=True):
    """One thing to declare. `kind` is our own name for it (`role`, `attachment`), `key` tells it from others.

    `id` is that of the operation that makes it, for what refers to it.
    """

    kind: str
    key: Key
    values: dict[str, Any]
    exists: bool = False
    region: str = ""
    id: str = ""
    operations: tuple[Operation, ...] = ()
    """The operations that touch it, for tools that cannot declare it."""
    twin: int = 0
    """Counts things whose labels a tool would take for the same, as those of `a-b` and `a.b`."""

    @property
    def label(self) -> str:
        """A short name made of the key."""
        words = [part.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for part in (self.kind, *self.key) if part]
        return " ".join([*words, str(self.twin + 1)] if self.twin else words)


class Declared(msgspec.Struct, frozen=True):
    """All things in the order in which they are first touched, and the operations that no declaration can say."""

    things: tuple[Thing, ...]
    left_over: tuple[Operation, ...]
    snapshot: Snapshot

    @property
    def account(self) -> str:
        return self.snapshot.account


def declare(changes: Iterable[Change], snapshot: Snapshot) -> Declared:
    """Tell every touched thing as it is after the changes.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    after, found, left = snapshot, dict[tuple[str, Key], Thing](), list[Operation]()
    touched: list[tuple[tuple[str, Key], Operation]] = []
    for place, change in enumerate(changes):
        operations = numbered(change.operations)
        effects = effects_of(operations, after)
        after = effects.snapshot
        for operation in operations:
            resolved = msgspec.structs.replace(operation, parameters=resolve(operation.parameters, effects.results))
            ref = _reference(resolved, snapshot)
            if ref is None:
                left.append(resolved)
                continue
            touched.append((ref, resolved))
            found.setdefault(ref, _first(ref, operation, place, snapshot))
    things, gone = [], set[tuple[str, Key]]()
    for ref, thing in found.items():
        told = _told(ref, after, thing.values)
        if told is None:
            gone.add(ref)
        else:
            mine = tuple(operation for other, operation in touched if other == ref)
            things.append(msgspec.structs.replace(thing, values=told, operations=mine))
    left += [operation for ref, operation in touched if ref in gone and _told(ref, snapshot, {}) is not None]
    return Declared(_told_apart(things), tuple(left), after)


def _told_apart(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """The things with labels that differ in their letters and digits."""
    taken: set[str] = set()
    found = []
    for thing in things:
        while (plain := re.sub(r"[^a-z0-9]", "", thing.label.lower())) in taken:
            thing = msgspec.structs.replace(thing, twin=thing.twin + 1)
        taken.add(plain)
        found.append(thing)
    return tuple(found)


def _first(ref: tuple[str, Key], operation: Operation, place: int, snapshot: Snapshot) -> Thing:
    kind, key = ref
    values = _scoped(operation.parameters, place) if kind in BY_PARAMETERS else {}
    exists = _told(ref, snapshot, {}) is not None
    return Thing(kind, key, values, exists, operation.region or "", f"{place}.{operation.id}" if operation.id else "")


def _scoped(value: Any, place: int) -> Any:
    """References told apart by the change that they stand in."""
    if isinstance(value, Mapping):
        if set(value) == {"from", "path"}:
            return {"from": f"{place}.{value['from']}", "path": value["path"]}
        return {key: _scoped(item, place) for key, item in value.items()}
    return [_scoped(item, place) for item in value] if isinstance(value, list | tuple) else value


def _told(ref: tuple[str, Key], snapshot: Snapshot, values: dict[str, Any]) -> dict[str, Any] | None:
    kind, key = ref
    if kind in BY_PARAMETERS:
        return values or None
    try:
        return TELL[kind](snapshot, key)
    except EffectError:
        return None


def _reference(operation: Operation, snapshot: Snapshot) -> tuple[str, Key] | None:
    """The thing that an operation touches; `None` where no declaration can say it."""
    row = _ROWS.get(name_of(operation))
    if row is None:
        return None
    kind, names = row
    if kind == "policy":
        return kind, (_policy_arn(operation.parameters, snapshot),)
    if kind == "topic-policy" and operation.parameters.get("AttributeName") != "Policy":
        return None
    return kind, tuple(_part(name, operation) for name in names)


def _part(name: str, operation: Operation) -> str:
    if name == "@region":
        return operation.region or ""
    if not name.startswith("$"):
        return name
    value = operation.parameters
    for part in name[1:].split("."):
        value = value[part]
    return str(value)


def _policy_arn(p: Parameters, snapshot: Snapshot) -> str:
    return str(p.get("PolicyArn") or iam_arn(snapshot, "policy", p.get("Path", "/"), p["PolicyName"]))


def _tags(thing: Any) -> dict[str, str]:
    return dict(thing.tags)


def _user(snapshot: Snapshot, key: Key) -> dict[str, Any]:
    user = find(snapshot, "User", key[0])
    return {
        "name": user.name,
        "path": user.path,
        "boundary": user.boundary,
        "tags": _tags(user),
        "attached": list(user.attached),
    }


def _group(snapshot: Snapshot, key: Key) -> dict[str, Any]:
    group = find(snapshot, "Group", key[0])
    return {"name": group.name, "path": group.path, "attached": list(group.attached)}


def _role(snapshot: Snapshot, key: Key) -> dict[str, Any]:
    role = find(snapshot, "Role", key[0])
    return {
        "name": role.name,
        "path": role.path,
        "trust": role.trust.as_json(),
        "boundary": role.boundary,
        "tags": _tags(role),
        "attached": list(role.attached),
        "description": role.description,
        "max_session": role.max_session_seconds,
    }


def _attachment(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    kind, name, arn = key
    return {"kind": kind, "name": name, "arn": arn} if arn in find(snapshot, kind, name).attached else None


def _inline(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    kind, name, policy = key
    found = inline_of(find(snapshot, kind, name), policy)
    return {"kind": kind, "name": name, "policy": policy, "document": found.document.as_json()} if found else None


def _membership(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    user, group = key
    return {"user": user, "group": group} if group in find(snapshot, "User", user).groups else None


def _policy(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    policy = find_policy(snapshot, key[0])
    if policy.document is None:
        return None
    return {
        "name": policy.name,
        "path": policy.path,
        "arn": policy.arn,
        "description": policy.description,
        "document": policy.document.as_json(),
        "tags": _tags(policy),
    }


def _profile(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    for arn, roles in snapshot.settings.instance_profiles or ():
        if arn.rsplit("/", 1)[-1] == key[0]:
            return {"name": key[0], "role": roles[0].rsplit("/", 1)[-1] if roles else None}
    return None


def _password_policy(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    return dict(snapshot.settings.password_policy) if snapshot.settings.password_policy else None


def _alias(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    return {"alias": snapshot.alias} if snapshot.alias else None


def _oidc(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    url = key[0].split("://", 1)[-1].split(":oidc-provider/", 1)[-1]
    for provider in snapshot.settings.providers or ():
        if provider.kind == "oidc" and provider.url.split("://", 1)[-1] == url:
            return {"url": f"https://{url}", "audiences": list(provider.audiences), "arn": provider.arn}
    return None


def _bucket(snapshot: Snapshot, key: Key) -> dict[str, Any]:
    find_bucket(snapshot, {"Bucket": key[0]})
    return {"bucket": key[0]}


def _bucket_block(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    block = find_bucket(snapshot, {"Bucket": key[0]}).public_access_block
    return {"bucket": key[0], **block_to(block)} if block and any(block_to(block).values()) else None


def _account_block(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    block = snapshot.settings.public_access_block
    return block_to(block) if block and any(block_to(block).values()) else None


def _resource_policy(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    kind, name = key
    if kind == "sqs:queue":
        resource = find_queue(snapshot, {"QueueUrl": name})
    else:
        home = next(home for home in HOMES if home.kind == kind)
        resource = home.find(snapshot, {home.names[0]: name})
    return (
        {"kind": kind, "name": name, "arn": resource.arn, "document": resource.policy.as_json()}
        if resource.policy
        else None
    )


def _trail(snapshot: Snapshot, key: Key) -> dict[str, Any]:
    trail = find_trail(snapshot, key[0])
    return {
        "name": trail.name,
        "bucket": trail.bucket,
        "multi_region": trail.multi_region,
        "organization": trail.organization,
        "validation": bool(trail.log_validation),
        "logging": bool(trail.logging),
        "arn": trail.arn,
    }


def _analyzer(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    for analyzer in snapshot.settings.analyzers or ():
        if analyzer.name == key[0] and key[1] in ("", analyzer.region):
            return {"name": analyzer.name, "type": analyzer.type, "arn": analyzer.arn}
    return None


def _switch(snapshot: Snapshot, key: Key) -> dict[str, Any] | None:
    value = snapshot.settings.extra.get(key[0])
    on = value.get(key[1]) if isinstance(value, dict) else None
    return {"on": True} if on else None


TELL: dict[str, Tell] = {
    "user": _user, "group": _group, "role": _role, "attachment": _attachment, "inline": _inline,
    "membership": _membership, "policy": _policy, "profile": _profile, "password-policy": _password_policy,
    "alias": _alias, "oidc": _oidc, "bucket": _bucket, "bucket-block": _bucket_block, "account-block": _account_block,
    "resource-policy": _resource_policy, "trail": _trail, "analyzer": _analyzer, "switch": _switch,
}  # fmt: skip

BY_PARAMETERS = frozenset((
    "contact", "budget", "organization-policy", "organization-attachment", "topic", "topic-policy", "subscription",
    "rule", "target", "permission-set", "permission-set-policy", "assignment", "lambda-permission", "saml", "unit",
))  # fmt: skip
"""Kinds that the snapshot does not hold in full: they are told by the parameters of the operation that makes them."""

_ROWS: dict[str, tuple[str, Key]] = {
    "iam:CreateAccountAlias": ("alias", ()),
    "iam:UpdateAccountPasswordPolicy": ("password-policy", ()),
    "iam:CreateOpenIDConnectProvider": ("oidc", ("$Url",)),
    "iam:DeleteOpenIDConnectProvider": ("oidc", ("$OpenIDConnectProviderArn",)),
    "iam:CreateSAMLProvider": ("saml", ("$Name",)),
    "s3:CreateBucket": ("bucket", ("$Bucket",)),
    "s3:PutPublicAccessBlock": ("bucket-block", ("$Bucket",)),
    "s3:DeletePublicAccessBlock": ("bucket-block", ("$Bucket",)),
    "s3control:PutPublicAccessBlock": ("account-block", ()),
    "s3control:DeletePublicAccessBlock": ("account-block", ()),
    "sqs:SetQueueAttributes": ("resource-policy", ("sqs:queue", "$QueueUrl")),
    "lambda:AddPermission": ("lambda-permission", ("$FunctionName", "$StatementId")),
    "account:PutAlternateContact": ("contact", ("$AlternateContactType",)),
    "budgets:CreateBudget": ("budget", ("$Budget.BudgetName",)),
    "organizations:CreatePolicy": ("organization-policy", ("$Name",)),
    "organizations:AttachPolicy": ("organization-attachment", ("$PolicyId", "$TargetId")),
    "organizations:CreateOrganizationalUnit": ("unit", ("$Name",)),
    "sns:CreateTopic": ("topic", ("$Name",)),
    "sns:Subscribe": ("subscription", ("$Endpoint",)),
    "events:PutRule": ("rule", ("$Name",)),
    "events:PutTargets": ("target", ("$Rule",)),
    "sso-admin:CreatePermissionSet": ("permission-set", ("$Name",)),
    "sso-admin:AttachManagedPolicyToPermissionSet": (
        "permission-set-policy",
        ("$PermissionSetArn", "$ManagedPolicyArn"),
    ),
    "sso-admin:CreateAccountAssignment": ("assignment", ("$PermissionSetArn", "$PrincipalId", "$TargetId")),
}


def _enter_rows() -> None:
    for kind in ("User", "Group", "Role"):
        name = f"${kind}Name"
        for verb in ("Create", "Delete", "Tag", "Untag"):
            _ROWS[f"iam:{verb}{kind}"] = (kind.lower(), (name,))
        for verb in ("Put", "Delete"):
            _ROWS[f"iam:{verb}{kind}PermissionsBoundary"] = (kind.lower(), (name,))
            _ROWS[f"iam:{verb}{kind}Policy"] = ("inline", (kind, name, "$PolicyName"))
        for verb in ("Attach", "Detach"):
            _ROWS[f"iam:{verb}{kind}Policy"] = ("attachment", (kind, name, "$PolicyArn"))
    for operation in ("UpdateAssumeRolePolicy", "UpdateRole"):
        _ROWS[f"iam:{operation}"] = ("role", ("$RoleName",))
    for operation in ("AddUserToGroup", "RemoveUserFromGroup"):
        _ROWS[f"iam:{operation}"] = ("membership", ("$UserName", "$GroupName"))
    for operation in (
        "CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy",
        "TagPolicy", "UntagPolicy",
    ):  # fmt: skip
        _ROWS[f"iam:{operation}"] = ("policy", ())
    for operation in (
        "CreateInstanceProfile", "DeleteInstanceProfile", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile",
    ):  # fmt: skip
        _ROWS[f"iam:{operation}"] = ("profile", ("$InstanceProfileName",))
    for home in HOMES:
        for operation in (home.write, home.delete):
            if operation and home.service != "sns":
                _ROWS[f"{home.service}:{operation}"] = ("resource-policy", (home.kind, f"${home.names[0]}"))
    _ROWS["sns:SetTopicAttributes"] = ("topic-policy", ("$TopicArn",))
    for operation in ("CreateTrail", "UpdateTrail", "StartLogging", "StopLogging", "DeleteTrail"):
        _ROWS[f"cloudtrail:{operation}"] = ("trail", ("$Name",))
    for operation in ("CreateAnalyzer", "DeleteAnalyzer"):
        _ROWS[f"accessanalyzer:{operation}"] = ("analyzer", ("$analyzerName", "@region"))
    switches = {
        "EbsEncryptionByDefault": "setup.D3",
        "SnapshotBlockPublicAccess": "setup.D2.snapshots",
        "ImageBlockPublicAccess": "setup.D2.images",
    }
    for name, fact in switches.items():
        for verb in ("Enable", "Disable"):
            _ROWS[f"ec2:{verb}{name}"] = ("switch", (fact, "@region"))
    _ROWS["ec2:ModifyInstanceMetadataDefaults"] = ("switch", ("setup.D4", "@region"))


_enter_rows()
