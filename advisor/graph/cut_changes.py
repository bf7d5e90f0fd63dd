"""Edits as changes: one `Change` for each document or attachment, with its operations and what takes them back."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from advisor.errors import UsageError
from advisor.graph.edits import GUARD, Edit
from advisor.model.change import Change, Operation
from advisor.model.edits import remove_actions, remove_principal
from advisor.model.effects import EffectError, with_undo
from advisor.model.rewrite import Place, find_place, kind_and_name, remove, write
from advisor.model.snapshot import Snapshot

Json = dict[str, Any]


def changes_of(edits: Iterable[Edit], snapshot: Snapshot) -> tuple[Change, ...]:
    """The changes that make these edits, in the order of the documents that they touch."""
    together: dict[tuple[str, str, str], list[Edit]] = {}
    for edit in sorted(_settled(tuple(edits), snapshot)):
        kind = edit.kind if edit.kind in ("detach", "guard") else edit.place
        together.setdefault((kind, edit.policy, edit.owner), []).append(edit)
    found = []
    for (kind, policy, owner), group in sorted(together.items()):
        if kind == "detach":
            change = _detach(snapshot, policy, owner)
        elif kind == "guard":
            change = _guard(snapshot, group)
        else:
            change = _rewrite(snapshot, group)
        found.append(_finished(change, snapshot))
    return tuple(found)


def _settled(edits: tuple[Edit, ...], snapshot: Snapshot) -> list[Edit]:
    """The edits; where a trust policy would be left without anyone, its actors are denied by policies of their own.

    Who is from outside has none: then the trust policy admits nobody any more.
    """
    by_role: dict[str, list[Edit]] = {}
    for edit in edits:
        if edit.kind == "trust":
            by_role.setdefault(edit.owner, []).append(edit)
    settled = [edit for edit in edits if edit.kind != "trust"]
    for role, group in by_role.items():
        is_left = _is_left(find_place(snapshot, "trust", group[0].policy, role), group)
        for edit in group:
            if is_left or not _is_own(snapshot, edit.resources[0]):
                settled.append(edit)
            else:
                settled.append(Edit("guard", "inline", GUARD, edit.resources[0], -1, "sts:AssumeRole", (role,)))
    return settled


def _is_own(snapshot: Snapshot, arn: str) -> bool:
    return arn in snapshot.user_by_arn or arn in snapshot.role_by_arn


def _is_left(place: Place, edits: list[Edit]) -> bool:
    """Whether a trust policy still names somebody after the edits."""
    return any(statement.get("Effect") == "Allow" for statement in _edited(place, edits)["Statement"])


def _finished(change: Change, snapshot: Snapshot) -> Change:
    """The change with its undo, under a name that says what it does: another cut may make the same one."""
    if not change.operations:
        return change
    digest = sha256(msgspec.json.encode(change.operations, order="sorted")).hexdigest()[:10]
    change = msgspec.structs.replace(change, id=f"cut-{digest}")
    try:
        return with_undo(change, snapshot)
    except EffectError as error:
        return msgspec.structs.replace(change, operations=(), note=str(error))


def _detach(snapshot: Snapshot, policy: str, owner: str) -> Change:
    kind, name = kind_and_name(snapshot, owner)
    parameters = {f"{kind}Name": name, "PolicyArn": policy}
    operation = Operation("iam", f"Detach{kind}Policy", parameters, account=snapshot.account)
    title = f"{_short(policy)}: detach from {name}"
    return Change(id="", title=title, operations=(operation,), template="cut", target=policy)


def _guard(snapshot: Snapshot, edits: list[Edit]) -> Change:
    """An inline policy of the actor that denies it what a trust policy grants it by name."""
    owner = edits[0].owner
    kind, name = kind_and_name(snapshot, owner)
    document = {"Version": "2012-10-17", "Statement": [*_written(snapshot, edits[0]), *_denies(edits)]}
    parameters = {f"{kind}Name": name, "PolicyName": edits[0].policy, "PolicyDocument": document}
    operation = Operation("iam", f"Put{kind}Policy", parameters, account=snapshot.account)
    roles = dict.fromkeys(_short(arn) for edit in edits for arn in edit.resources if arn != "*")
    actions = dict.fromkeys(edit.action for edit in edits if edit.resources == ("*",))
    parts = [f"may not assume {', '.join(roles)}"] if roles else []
    parts += [f"a deny of its own for {', '.join(actions)}"] if actions else []
    return Change(id="", title=f"{name}: {'; '.join(parts)}", operations=(operation,), template="cut", target=owner)


def _written(snapshot: Snapshot, edit: Edit) -> list[Json]:
    """What a guard of an earlier cut says already."""
    owner = snapshot.user_by_arn.get(edit.owner) or snapshot.role_by_arn.get(edit.owner)
    for inline in owner.inline if owner else ():
        if inline.name == edit.policy:
            found = inline.document.as_json()["Statement"]
            return found if isinstance(found, list) else [found]
    return []


def _rewrite(snapshot: Snapshot, edits: list[Edit]) -> Change:
    """One new text for one document with all its edits."""
    first = edits[0]
    try:
        place = find_place(snapshot, first.place, first.policy, first.owner)
        document = _edited(place, edits)
        is_empty = place.kind == "inline" and not document["Statement"]
        operations = remove(snapshot, place) if is_empty else write(snapshot, place, document, drop_oldest=True)
    except UsageError as error:
        return Change(id="", title=_title(edits), template="cut", target=first.policy, note=str(error))
    target = first.policy if first.place == "managed" else first.owner
    note = ""
    if place.kind == "trust" and not _is_left(place, edits):
        note = "nobody can assume the role afterwards"
    elif document["Statement"] == [_nothing()]:
        note = "a policy must have a statement: the one that is left grants what everybody may do anyway"
    return Change(id="", title=_title(edits), operations=operations, template="cut", target=target, note=note)


def _edited(place: Place, edits: list[Edit]) -> Json:
    """The document after the edits; an inline policy may be left without statements."""
    value = place.document.as_json()
    listed = value["Statement"] if isinstance(value["Statement"], list) else [value["Statement"]]
    statements: list[Json | None] = [dict(statement) for statement in listed]
    for edit in edits:
        statement = statements[edit.statement] if edit.statement >= 0 else None
        if edit.kind == "take-out" and statement is not None:
            statements[edit.statement] = remove_actions(statement, [edit.action])
        elif edit.kind == "trust" and statement is not None:
            statements[edit.statement] = remove_principal(statement, edit.resources[0])
    kept = [statement for statement in statements if statement is not None]
    kept += _denies(edit for edit in edits if edit.kind == "deny")
    if place.kind == "trust":
        kept = kept or [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]
    elif place.kind == "managed":
        kept = kept or [_nothing()]
    return {**value, "Statement": kept}


def _denies(edits: Iterable[Edit]) -> Iterable[Json]:
    """One deny for all actions on the same resources; a deny on everything makes narrower ones needless."""
    together: dict[tuple[str, ...], list[str]] = {}
    for edit in edits:
        together.setdefault(edit.resources, []).append(edit.action)
    wide = set(together.get(("*",), ()))
    for resources, actions in sorted(together.items()):
        left = sorted(set(actions) if resources == ("*",) else set(actions) - wide)
        if left:
            yield {"Effect": "Deny", "Action": left, "Resource": "*" if resources == ("*",) else list(resources)}


def _nothing() -> Json:
    """A managed policy must have a statement; this one grants what everybody may do anyway."""
    return {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}


def _title(edits: list[Edit]) -> str:
    first = edits[0]
    name = _short(first.policy)
    if first.kind == "trust":
        return f"{name}: trust no longer names {', '.join(_short(edit.resources[0]) for edit in edits)}"
    actions = ", ".join(dict.fromkeys(edit.action for edit in edits))
    scoped = all(edit.kind == "deny" and edit.resources != ("*",) for edit in edits)
    if scoped:
        names = ", ".join(_short(arn) for arn in edits[0].resources[:3])
        more = len(edits[0].resources) - 3
        return f"{name}: no {actions} on {names}" + (f" and {more} more" if more > 0 else "")
    return f"{name}: no {actions}"


def _short(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
