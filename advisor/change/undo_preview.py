"""What taking a run back would do, worked out before anything is called, so that a person can be asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.change.diff import ThingDiff, diff
from advisor.change.guards import Guard, changed_account, guards_for
from advisor.change.journal import RunState, StepState
from advisor.change.preview import Call
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.difference import Difference
from advisor.model.effects import EffectError, name_of, resolve

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_MADE = ("done", "calling", "undoing")


class UndoPreview(msgspec.Struct, frozen=True):
    """The calls that would take a run back, in their order, and what comes of them.

    `things`, `access` and `guards` are as the account that was given would change; empty where there was none, or
    where it is not as the run left it: then `doubt` says so.
    """

    run: str
    calls: tuple[Call, ...]
    left: tuple[str, ...] = ()
    """What the run did and nothing takes back: call and subject."""
    things: tuple[ThingDiff, ...] = ()
    access: Difference | None = None
    guards: tuple[Guard, ...] = ()
    doubt: str = ""


def undo_preview(run: RunState, account: OpenAccount | None = None) -> UndoPreview:
    """What `undo_run` would call, and, for the account as it was read after the run, what would change.

    Raises:
        UsageError: the run was taken back already, or did nothing.
    """
    if run.status == "undone":
        raise UsageError(f"run `{run.id}` was taken back already")
    made = [state for state in reversed(run.steps) if state.status in _MADE]
    if not made:
        raise UsageError(f"run `{run.id}` did nothing that could be taken back")
    operations = [(state, operation) for state in made for operation in _still_to_call(run, state)]
    calls = tuple(
        Call(number, name_of(operation), state.step.subject, state.step.title, operation.region or "")
        for number, (state, operation) in enumerate(operations, 1)
    )
    left = tuple(
        f"{name_of(state.step.operation)} {state.step.subject}".strip()
        for state in made
        if not state.step.undo and not state.step.reversible
    )
    found = UndoPreview(run.id, calls, left)
    return found if account is None else _with_effects(found, account, tuple(one for _, one in operations))


def _still_to_call(run: RunState, state: StepState) -> tuple[Operation, ...]:
    """The undo calls of a step that were not made yet, with what the run's calls returned in its places."""
    results = run.results(state.step.change)
    known = {old: new for other in run.steps for old, new in other.renamed.items()}
    return tuple(
        msgspec.structs.replace(operation, parameters=_renumbered(resolve(operation.parameters, results), known))
        for operation in state.step.undo[state.undone :]
    )


def _renumbered(parameters: dict[str, object], known: dict[str, str]) -> dict[str, object]:
    place = f"{parameters.get('PolicyArn')}#{parameters.get('VersionId')}"
    return {**parameters, "VersionId": known[place]} if place in known else parameters


def _with_effects(found: UndoPreview, account: OpenAccount, operations: tuple[Operation, ...]) -> UndoPreview:
    change = Change(f"undo-{found.run}", f"run {found.run} taken back", operations)
    try:
        after = changed_account(account, (change,))
    except EffectError as error:
        return msgspec.structs.replace(found, doubt=f"the account is not as the run left it: {error.message}")
    access = account.difference(after)
    return msgspec.structs.replace(
        found,
        things=diff(account.snapshot, after.snapshot),
        access=access,
        guards=guards_for((change,), account, after=after, difference=access),
    )
