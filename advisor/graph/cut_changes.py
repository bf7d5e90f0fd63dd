"""Edits as changes: one `Change` for each document or attachment, with its operations and what takes them back."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from advisor.errors import UsageError
from advisor.graph.cut_boundaries import boundaries, short
from advisor.graph.edit_limits import Only
from advisor.graph.edits import GUARD, Edit
from advisor.model.change import Change, Operation
from advisor.model.edits import add_condition, as_list, remove_actions, remove_principal
from advisor.model.effects import EffectError, with_undo
from advisor.model.rewrite import Place, find_place, kind_and_name, remove, write
from advisor.model.snapshot import Snapshot

Json = dict[str, Any]


_ALONE = ("detach", "guard", "grant")
"""Kinds of edits that are no part of another text for a document that stands."""


def changes_of(edits: Iterable[Edit], snapshot: Snapshot) -> tuple[Change, ...]:
    """The changes that make these edits, in the order of the documents that they touch."""
    together: dict[tuple[str, str, str], list[Edit]] = {}
    bound: list[Edit] = []
    for edit in sorted(_settled(tuple(edits), snapshot)):
        if edit.kind == "bound":
            bound.append(edit)
        else:
            kind = edit.kind if edit.kind in _ALONE else edit.place
            together.setdefault((kind, edit.policy, edit.owner), []).append(edit)
    made = [_made(kind, policy, owner, group, snapshot) for (kind, policy, owner), group in sorted(together.items())]
    return tuple(_finished(change, snapshot) for change in (*made, *boundaries(bound, snapshot)))


def _made(kind: str, policy: str, owner: str, group: list[Edit], snapshot: Snapshot) -> Change:
    if kind == "detach":
        return _detach(snapshot, policy, owner)
    if kind == "guard":
        return _guard(snapshot, group)
    return _grant(snapshot, owner, group) if kind == "grant" else _rewrite(snapshot, group)


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
    title = f"{short(policy)}: detach from {name}"
    return Change(id="", title=title, operations=(operation,), template="cut", target=policy)


def _guard(snapshot: Snapshot, edits: list[Edit]) -> Change:
    """An inline policy of the actor that denies it what a trust policy grants it by name."""
    owner = edits[0].owner
    kind, name = kind_and_name(snapshot, owner)
    document = {"Version": "2012-10-17", "Statement": [*_written(snapshot, edits[0]), *_denies(edits)]}
    parameters = {f"{kind}Name": name, "PolicyName": edits[0].policy, "PolicyDocument": document}
    operation = Operation("iam", f"Put{kind}Policy", parameters, account=snapshot.account)
    roles = dict.fromkeys(short(arn) for edit in edits for arn in edit.resources if arn != "*")
    actions = dict.fromkeys(edit.action for edit in edits if edit.resources == ("*",))
    parts = [f"may not assume {', '.join(roles)}"] if roles else []
    parts += [f"a deny of its own for {', '.join(actions)}"] if actions else []
    return Change(id="", title=f"{name}: {'; '.join(parts)}", operations=(operation,), template="cut", target=owner)


def _grant(snapshot: Snapshot, thing: str, edits: list[Edit]) -> Change:
    """Statements out of the policy that a thing has of its own: a function's by their names, as Lambda wants it."""
    actions = ", ".join(dict.fromkeys(edit.action for edit in edits))
    title = f"{short(thing)}: its own policy no longer grants {actions}"
    try:
        place = find_place(snapshot, "resource", thing, thing)
        sids = [place.document.statements[at].sid for at in sorted({edit.statement for edit in edits})]
        if snapshot.resource_by_arn[thing].kind != "lambda:function" or not all(sids):
            return Change(
                id="", title=title, template="cut", target=thing, note="its policy cannot be written from here"
            )
    except UsageError as error:
        return Change(id="", title=title, template="cut", target=thing, note=str(error))
    region = snapshot.resource_by_arn[thing].region or None
    calls = (
        Operation(
            "lambda", "RemovePermission", {"FunctionName": short(thing), "StatementId": sid}, account=snapshot.account,
            region=region,
        )
        for sid in sids
    )  # fmt: skip
    return Change(id="", title=title, operations=tuple(calls), template="cut", target=thing)


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
    split = _limited(statements, listed, edits)
    kept = [statement for statement in statements if statement is not None]
    kept += split
    kept += _denies(edit for edit in edits if edit.kind == "deny")
    if place.kind == "trust":
        kept = kept or [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]
    elif place.kind == "managed":
        kept = kept or [_nothing()]
    return {**value, "Statement": kept}


def _limited(statements: list[Json | None], listed: list[Json], edits: Iterable[Edit]) -> list[Json]:
    """Take actions with conditions out of their statements: what is returned are statements of their own."""
    limits: dict[tuple[int, str], list[Edit]] = {}
    for edit in edits:
        if edit.kind == "condition":
            limits.setdefault((edit.statement, edit.action), []).append(edit)
    split = []
    for (at, action), some in limits.items():
        statement = statements[at]
        if statement is None or not _lists(statement, action):
            continue  # it is taken out altogether
        statements[at] = remove_actions(statement, [action])
        own = {name: value for name, value in listed[at].items() if name != "Sid"}
        conditions = _together(some)
        if conditions is not None:
            for only in conditions:
                own = add_condition(own, only.condition(negated=False))
            split.append({**own, "Action": action})
    return split


def _lists(statement: Json, action: str) -> bool:
    return action.lower() in (name.lower() for name in as_list(statement.get("Action")))


def _together(edits: Iterable[Edit]) -> list[Only] | None:
    """What remains under all of these conditions, by key; `None` where nothing does."""
    kept: dict[str, set[str]] = {}
    for only in (only for edit in edits for only in edit.only):
        kept[only.key] = kept.get(only.key, set(only.values)) & set(only.values)
    return [Only(key, tuple(sorted(values))) for key, values in sorted(kept.items())] if all(kept.values()) else None


def _denies(edits: Iterable[Edit]) -> Iterable[Json]:
    """One deny for all actions on the same resources; a deny on everything makes narrower ones needless."""
    together: dict[tuple[str, ...], list[str]] = {}
    limits: dict[str, list[Edit]] = {}
    for edit in edits:
        if not edit.only:
            together.setdefault(edit.resources, []).append(edit.action)
        else:
            limits.setdefault(edit.action, []).append(edit)
    conditions = {action: _together(some) for action, some in limits.items()}
    together.setdefault(("*",), []).extend(action for action, found in conditions.items() if found is None)
    wide = set(together[("*",)])
    for resources, actions in sorted(together.items()):
        left = sorted(set(actions) if resources == ("*",) else set(actions) - wide)
        if left:
            yield {"Effect": "Deny", "Action": left, "Resource": "*" if resources == ("*",) else list(resources)}
    for action, found in sorted(conditions.items()):
        for only in found or () if action not in wide else ():
            yield {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": only.condition(negated=True)}


def _nothing() -> Json:
    """A managed policy must have a statement; this one grants what everybody may do anyway."""
    return {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}


def _title(edits: list[Edit]) -> str:
    first = edits[0]
    name = short(first.policy)
    if first.kind == "trust":
        return f"{name}: trust no longer names {', '.join(short(edit.resources[0]) for edit in edits)}"
    return f"{name}: {'; '.join([*_taken_words(edits), *_limited_words(edits)])}"


def _taken_words(edits: list[Edit]) -> list[str]:
    """`no iam:PutUserPolicy`, `no iam:PassRole on power`."""
    taken = [edit for edit in edits if not edit.only]
    if not taken:
        return []
    actions = ", ".join(dict.fromkeys(edit.action for edit in taken))
    scoped = all(edit.kind == "deny" and edit.resources != ("*",) for edit in taken)
    return [f"no {actions} on {_some(taken[0].resources)}" if scoped else f"no {actions}"]


def _limited_words(edits: list[Edit]) -> list[str]:
    """`iam:PassRole only with iam:PassedToService ec2.amazonaws.com`."""
    limits: dict[str, list[Edit]] = {}
    for edit in edits:
        if edit.only:
            limits.setdefault(edit.action, []).append(edit)
    return [
        f"{action} only with {' and '.join(f'{only.key} {_some(only.values)}' for only in found)}"
        if found
        else f"no {action}"
        for action, found in ((action, _together(some)) for action, some in limits.items())
    ]


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - 3
    return ", ".join(short(name) for name in names[:3]) + (f" and {more} more" if more > 0 else "")
