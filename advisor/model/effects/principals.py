"""What users, groups and roles have in common: attached and inline policies, boundaries, tags."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.arn import account_of
from advisor.model.change import Operation
from advisor.model.effects.table import (
    EffectError,
    Parameters,
    Undo,
    call,
    document_of,
    merge_tags,
    missing,
    models,
    tags_from,
    tags_to,
    undo_by,
)
from advisor.model.gap import Gap
from advisor.model.principal import Group, InlinePolicy, ManagedPolicy, Role, User
from advisor.model.snapshot import Snapshot

Holder = User | Group | Role
_FIELDS = {"User": "users", "Group": "groups", "Role": "roles"}


def find(snapshot: Snapshot, kind: str, name: str) -> Any:
    """The user, group or role (`kind` as in AWS's names: `User`) of that name."""
    at = _places(snapshot, kind).get(name)
    if at is None:
        raise missing(kind.lower(), name)
    return getattr(snapshot, _FIELDS[kind])[at]


def _places(snapshot: Snapshot, kind: str) -> dict[str, int]:
    """Where each name stands. Kept with the snapshot and handed on to the next: many changes follow each other."""
    known = snapshot.__dict__.setdefault("places", {})
    if kind not in known:
        holders = getattr(snapshot, _FIELDS[kind])
        known[kind] = {holder.name: at for at, holder in reversed(list(enumerate(holders)))}
    return known[kind]  # type: ignore[no-any-return]


def _with_places(snapshot: Snapshot, **fields: Any) -> Snapshot:
    """The snapshot with other fields, where everybody still stands in the same place."""
    made = msgspec.structs.replace(snapshot, **fields)
    made.__dict__["places"] = snapshot.__dict__.get("places", {})
    return made


def put(snapshot: Snapshot, kind: str, old: Holder | None, new: Holder | None) -> Snapshot:
    """Replace one holder, add it (no `old`) or take it away (no `new`). All others are shared."""
    field = _FIELDS[kind]
    holders = getattr(snapshot, field)
    if old is not None and new is not None and old.name == new.name:
        at = _places(snapshot, kind)[old.name]
        return _with_places(snapshot, **{field: (*holders[:at], new, *holders[at + 1 :])})
    if old is None:
        changed = (*holders, new)
    elif new is None:
        changed = tuple(holder for holder in holders if holder is not old)
    else:
        changed = tuple(new if holder is old else holder for holder in holders)
    return msgspec.structs.replace(snapshot, **{field: changed})


def edit(snapshot: Snapshot, kind: str, name: str, **fields: Any) -> Snapshot:
    holder = find(snapshot, kind, name)
    if all(getattr(holder, field) == value for field, value in fields.items()):
        return snapshot
    return put(snapshot, kind, holder, msgspec.structs.replace(holder, **fields))


def count_use(snapshot: Snapshot, arn: str, *, attached: int = 0, bounded: int = 0) -> Snapshot:
    """Keep a managed policy's counts; an AWS managed policy comes into sight with its first use."""
    policy = snapshot.policy_by_arn.get(arn)
    if policy is None:
        return _first_use(snapshot, arn, attached, bounded) if attached > 0 or bounded > 0 else snapshot
    changed = msgspec.structs.replace(
        policy,
        attachment_count=_moved(policy.attachment_count, attached),
        boundary_count=_moved(policy.boundary_count, bounded),
    )
    return put_policy(snapshot, policy, changed)


def put_policy(snapshot: Snapshot, old: ManagedPolicy | None, new: ManagedPolicy | None) -> Snapshot:
    if old is None:
        policies = (*snapshot.policies, new)
    elif new is None:
        policies = tuple(policy for policy in snapshot.policies if policy is not old)
    else:
        policies = tuple(new if policy is old else policy for policy in snapshot.policies)
    return _with_places(snapshot, policies=policies)


def _moved(count: int | None, by: int) -> int | None:
    return None if count is None else max(0, count + by)


def _first_use(snapshot: Snapshot, arn: str, attached: int, bounded: int) -> Snapshot:
    if account_of(arn) != "aws":
        raise missing("policy", arn)
    policy = ManagedPolicy(
        arn, arn.rsplit("/", 1)[-1], path=_path(arn), attachment_count=attached, boundary_count=bounded
    )
    gap = Gap(
        "iam:GetPolicyVersion", "absent", "the account did not use this AWS managed policy when it was read",
        f"what {policy.name} allows", arn,
    )  # fmt: skip
    return msgspec.structs.replace(snapshot, policies=(*snapshot.policies, policy), gaps=(*snapshot.gaps, gap))


def _path(arn: str) -> str:
    middle = arn.split(":policy/", 1)[-1].rpartition("/")[0]
    return f"/{middle}/" if middle else "/"


def inline_of(holder: Holder, name: str) -> InlinePolicy | None:
    return next((policy for policy in holder.inline if policy.name == name), None)


def _enter_policies(kind: str) -> None:
    key = f"{kind}Name"

    def undo_attach(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        if p["PolicyArn"] in find(before, kind, p[key]).attached:
            return Undo()
        return Undo((call(like, f"Detach{kind}Policy", **{key: p[key], "PolicyArn": p["PolicyArn"]}),))

    @models(f"iam:Attach{kind}Policy", undo=undo_attach)
    def attach(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        holder = find(snapshot, kind, p[key])
        if p["PolicyArn"] in holder.attached:
            return snapshot
        counted = count_use(snapshot, p["PolicyArn"], attached=1)
        return edit(counted, kind, p[key], attached=(*holder.attached, p["PolicyArn"]))

    @models(f"iam:Detach{kind}Policy", undo=undo_by(f"Attach{kind}Policy", key, "PolicyArn"))
    def detach(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        holder = find(snapshot, kind, p[key])
        if p["PolicyArn"] not in holder.attached:
            raise missing("attached policy", p["PolicyArn"])
        counted = count_use(snapshot, p["PolicyArn"], attached=-1)
        return edit(counted, kind, p[key], attached=tuple(arn for arn in holder.attached if arn != p["PolicyArn"]))

    def undo_inline(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        old, named = (
            inline_of(find(before, kind, p[key]), p["PolicyName"]),
            {key: p[key], "PolicyName": p["PolicyName"]},
        )
        if old is None:
            return Undo((call(like, f"Delete{kind}Policy", **named),))
        return Undo((call(like, f"Put{kind}Policy", **named, PolicyDocument=old.document.as_json()),))

    @models(f"iam:Put{kind}Policy", undo=undo_inline)
    def put_inline(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        holder = find(snapshot, kind, p[key])
        policy = InlinePolicy(p["PolicyName"], document_of(p["PolicyDocument"]))
        if inline_of(holder, policy.name) is None:
            return edit(snapshot, kind, p[key], inline=(*holder.inline, policy))
        kept = tuple(policy if old.name == policy.name else old for old in holder.inline)
        return edit(snapshot, kind, p[key], inline=kept)

    @models(f"iam:Delete{kind}Policy", undo=undo_inline)
    def delete_inline(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        holder = find(snapshot, kind, p[key])
        if inline_of(holder, p["PolicyName"]) is None:
            raise missing("inline policy", p["PolicyName"])
        return edit(snapshot, kind, p[key], inline=tuple(old for old in holder.inline if old.name != p["PolicyName"]))


def _enter_boundaries(kind: str) -> None:
    key = f"{kind}Name"

    def undo(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        old = find(before, kind, p[key]).boundary
        if old is None:
            return Undo((call(like, f"Delete{kind}PermissionsBoundary", **{key: p[key]}),))
        return Undo((call(like, f"Put{kind}PermissionsBoundary", **{key: p[key], "PermissionsBoundary": old}),))

    @models(f"iam:Put{kind}PermissionsBoundary", undo=undo)
    def put_boundary(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        return bound(snapshot, kind, p[key], p["PermissionsBoundary"])

    @models(f"iam:Delete{kind}PermissionsBoundary", undo=undo)
    def delete_boundary(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        if find(snapshot, kind, p[key]).boundary is None:
            raise missing("permissions boundary of", p[key])
        return bound(snapshot, kind, p[key], None)


def bound(snapshot: Snapshot, kind: str, name: str, arn: str | None) -> Snapshot:
    """Set or take away a permissions boundary and keep the policies' counts."""
    old = find(snapshot, kind, name).boundary
    if old == arn:
        return snapshot
    if old is not None:
        snapshot = count_use(snapshot, old, bounded=-1)
    if arn is not None:
        snapshot = count_use(snapshot, arn, bounded=1)
    return edit(snapshot, kind, name, boundary=arn)


def _enter_tags(kind: str) -> None:
    key = f"{kind}Name"

    def undo(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        old = dict(find(before, kind, p[key]).tags)
        touched = [tag["Key"] for tag in p["Tags"]] if "Tags" in p else list(p["TagKeys"])
        back = tuple((name, old[name]) for name in touched if name in old)
        fresh = [name for name in touched if name not in old]
        steps = []
        if back:
            steps.append(call(like, f"Tag{kind}", **{key: p[key], "Tags": tags_to(back)}))
        if fresh and "Tags" in p:
            steps.append(call(like, f"Untag{kind}", **{key: p[key], "TagKeys": fresh}))
        return Undo(tuple(steps))

    @models(f"iam:Tag{kind}", undo=undo)
    def tag(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        return edit(snapshot, kind, p[key], tags=merge_tags(find(snapshot, kind, p[key]).tags, tags_from(p)))

    @models(f"iam:Untag{kind}", undo=undo)
    def untag(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        kept = tuple(tag for tag in find(snapshot, kind, p[key]).tags if tag[0] not in p["TagKeys"])
        return edit(snapshot, kind, p[key], tags=kept)


for _kind in ("User", "Group", "Role"):
    _enter_policies(_kind)
for _kind in ("User", "Role"):
    _enter_boundaries(_kind)
    _enter_tags(_kind)


def refuse_leftovers(what: str, holder: Holder) -> None:
    """AWS deletes a principal only when it carries no policies."""
    if holder.attached or holder.inline:
        raise in_use_error(what, holder)


def in_use_error(what: str, holder: Holder) -> EffectError:
    return EffectError("DeleteConflict", f"the {what} `{holder.name}` still has policies")
