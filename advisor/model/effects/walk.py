"""Operations walked over a snapshot one after the other: the snapshot after, what each returned, what takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from advisor.model.change import Change, Operation
from advisor.model.effects.table import ROWS, EffectError, Undo
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot

GLOBAL_SERVICES = ("organizations", "sso-admin", "account-access")
"""Called in another account of the organization, yet they change what holds in this one."""


class Effects(msgspec.Struct, frozen=True):
    """The outcome of a walk. `not_modelled` names operations (`service:Operation`) whose effect is not known."""

    snapshot: Snapshot
    results: Mapping[str, Mapping[str, Any]]
    not_modelled: tuple[str, ...] = ()


class Inverse(msgspec.Struct, frozen=True):
    """What takes a list of operations back: calls in the order to make them, and what does not come back."""

    operations: tuple[Operation, ...]
    reversible: bool = True
    note: str = ""


def name_of(operation: Operation) -> str:
    return f"{operation.service}:{operation.operation}"


def effects_of(
    operations: Iterable[Operation], snapshot: Snapshot, results: Mapping[str, Mapping[str, Any]] | None = None
) -> Effects:
    """Walk the operations. `results` holds what earlier calls returned, by operation id.

    Raises:
        EffectError: AWS would refuse an operation in the state that it meets.
    """
    after, known, unmodelled = snapshot, dict(results or {}), []
    for operation in operations:
        if not _is_about(operation, snapshot):
            continue
        row = ROWS.get(name_of(operation))
        if row is None:
            unmodelled.append(name_of(operation))
            after = _with_gap(after, operation)
            continue
        parameters = resolve(operation.parameters, known)
        before, after = after, _counted(after, row.effect(after, parameters, operation))
        if operation.id is not None and row.result is not None:
            known[operation.id] = row.result(before, parameters, operation)
    if after is not snapshot and after.source.kind != "change":
        after = msgspec.structs.replace(after, source=msgspec.structs.replace(after.source, kind="change"))
    return Effects(after, known, tuple(unmodelled))


def steps_of(operations: Iterable[Operation], snapshot: Snapshot) -> tuple[tuple[Snapshot, Operation, Snapshot], ...]:
    """Each operation with its parameters resolved, between the snapshots before and after it."""
    steps, known, state = [], dict[str, Mapping[str, Any]](), snapshot
    for operation in operations:
        resolved = msgspec.structs.replace(operation, parameters=resolve(operation.parameters, known))
        effects = effects_of((resolved,), state, known)
        steps.append((state, resolved, effects.snapshot))
        state, known = effects.snapshot, dict(effects.results)
    return tuple(steps)


def inverse_of(operation: Operation, before: Snapshot) -> Undo:
    """What takes one operation (parameters resolved) back, from the snapshot before it."""
    row = ROWS.get(name_of(operation))
    if row is None:
        return Undo((), f"how to take back {name_of(operation)} is not known", reversible=False)
    if not _is_about(operation, before):
        return Undo((), f"{name_of(operation)} happens in account {operation.account}, which was not read", False)
    return row.inverse(before, operation.parameters, operation)


def invert(operations: Iterable[Operation], snapshot: Snapshot) -> Inverse:
    """What takes the whole list back, last operation first.

    References to what a call returns need that operation's id: see `with_undo`.
    """
    undos = [inverse_of(operation, before) for before, operation, _ in steps_of(operations, snapshot)]
    back = tuple(step for undo in reversed(undos) for step in undo.operations)
    notes = dict.fromkeys(undo.note for undo in undos if undo.note)
    return Inverse(back, all(undo.reversible for undo in undos), " ".join(notes))


def with_undo(change: Change, snapshot: Snapshot) -> Change:
    """The change with ids on its operations where they are needed, its inverse, and what cannot be taken back."""
    change = msgspec.structs.replace(change, operations=numbered(change.operations))
    back = invert(change.operations, snapshot)
    note = " ".join(part for part in (change.note, back.note) if part)
    return msgspec.structs.replace(change, undo=back.operations, reversible=back.reversible, note=note)


def numbered(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Give an id to each operation that returns something and has none."""
    used = {operation.id for operation in operations}
    fresh = (str(number) for number in range(1, 10_000) if str(number) not in used)
    return tuple(
        msgspec.structs.replace(operation, id=next(fresh))
        if operation.id is None and _returns(operation)
        else operation
        for operation in operations
    )


def resolve(value: Any, results: Mapping[str, Mapping[str, Any]]) -> Any:
    """Put what earlier calls returned in the place of each `{"from": id, "path": …}` that is known."""
    if isinstance(value, dict):
        if set(value) == {"from", "path"}:
            return _look_up(value, results)
        return {key: resolve(item, results) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, results) for item in value]
    return value


def _look_up(reference: dict[str, str], results: Mapping[str, Mapping[str, Any]]) -> Any:
    found: Any = results.get(reference["from"])
    for part in reference["path"].split("."):
        if found is None:
            return reference
        found = found[int(part)] if isinstance(found, list) else found.get(part)
    return reference if found is None else found


def _returns(operation: Operation) -> bool:
    row = ROWS.get(name_of(operation))
    return row is not None and row.result is not None


def _is_about(operation: Operation, snapshot: Snapshot) -> bool:
    return operation.account in (None, snapshot.account) or operation.service in GLOBAL_SERVICES


def _with_gap(snapshot: Snapshot, operation: Operation) -> Snapshot:
    gap = Gap(
        call=name_of(operation),
        kind="absent",
        reason="the effect of this operation is not modelled",
        makes_unknown=f"what {name_of(operation)} changes",
    )
    return snapshot if gap in snapshot.gaps else msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap))


def _counted(before: Snapshot, after: Snapshot) -> Snapshot:
    """Keep the counts of GetAccountSummary in step with the things that they count."""
    summary = after.settings.summary
    if not summary or after is before:
        return after
    moved = {
        name: count(after) - count(before)
        for name, count in _COUNTS.items()
        if name in summary and count(after) != count(before)
    }
    if not moved:
        return after
    summary = summary | {name: summary[name] + by for name, by in moved.items()}
    return msgspec.structs.replace(after, settings=msgspec.structs.replace(after.settings, summary=summary))


_COUNTS: dict[str, Callable[[Snapshot], int]] = {
    "Users": lambda snapshot: len(snapshot.users),
    "Groups": lambda snapshot: len(snapshot.groups),
    "Roles": lambda snapshot: len(snapshot.roles),
    "Policies": lambda snapshot: sum(not policy.is_aws_managed for policy in snapshot.policies),
    "InstanceProfiles": lambda snapshot: len(snapshot.settings.instance_profiles or ()),
    "Providers": lambda snapshot: len(snapshot.settings.providers or ()),
    "MFADevicesInUse": lambda snapshot: sum(len(user.sign_in.mfa_serials or ()) for user in snapshot.users),
}

__all__ = [
    "EffectError", "Effects", "Inverse", "effects_of", "inverse_of", "invert", "name_of", "numbered", "resolve",
    "steps_of", "with_undo",
]  # fmt: skip
