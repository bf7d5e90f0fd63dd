"""What a change would do, before anything is called: diff, calls, access, paths, practices, quotas, guards, undo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from advisor.change.diff import ThingDiff, diff
from advisor.change.guards import Guard, changed_account, guards_for
from advisor.change.quotas import Quota, quotas_for
from advisor.change.steps import subject_of
from advisor.change.turned import PathsTurned, Turned, paths_turned, practices_turned
from advisor.model.change import Change, Operation
from advisor.model.difference import Difference
from advisor.model.effects import effects_of, invert, name_of, numbered, steps_of

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


class Call(msgspec.Struct, frozen=True):
    """One call that applying would make."""

    number: int
    name: str
    """`iam:CreatePolicyVersion`"""
    subject: str
    change: str
    """Title of the change that it belongs to."""
    region: str = ""


class Preview(msgspec.Struct, frozen=True):
    """Everything to see before a change is applied. `access` and `paths` are `None` where they were not asked for."""

    changes: tuple[Change, ...]
    things: tuple[ThingDiff, ...]
    calls: tuple[Call, ...]
    quotas: tuple[Quota, ...]
    guards: tuple[Guard, ...]
    problems: tuple[str, ...]
    """What our own linter finds in the policies that are new or changed."""
    undo: tuple[Operation, ...]
    reversible: bool
    note: str
    not_modelled: tuple[str, ...]
    access: Difference | None = None
    practices: tuple[Turned, ...] = ()
    paths: PathsTurned | None = None
    needs: tuple[tuple[str, str, str], ...] = ()
    """(title of the change, name, what it is) of each value that is missing: till then access and paths are not told,
    for a placeholder is no access.
    """
    not_asked: str = ""
    """Why AWS itself was not asked about the policies; empty where it was, or where there is nobody to ask."""

    @property
    def refusals(self) -> tuple[Guard, ...]:
        return tuple(guard for guard in self.guards if guard.sign == "no")


def preview(
    account: OpenAccount,
    changes: Change | Iterable[Change],
    *,
    access: bool = True,
    practices: bool = True,
    paths: bool = False,
    guards: bool = True,
) -> Preview:
    """Work out what the changes together would do to the account.

    Raises:
        EffectError: AWS would refuse an operation in the state that it meets.
    """
    changes = (changes,) if isinstance(changes, Change) else tuple(changes)
    after = changed_account(account, changes)
    one, other = account.snapshot, after.snapshot
    undo, reversible, note = _undo(account, changes)
    needs = tuple((change.title, *need) for change in changes for need in change.needs)
    difference = account.difference(after) if access and not needs else None
    return Preview(
        changes=changes,
        things=diff(one, other),
        calls=calls_of(account, changes),
        quotas=quotas_for(one, other),
        guards=guards_for(changes, account, after=after, difference=difference) if guards and not needs else (),
        problems=() if needs else _problems(account, after),
        undo=undo,
        reversible=reversible,
        note=note,
        not_modelled=_not_modelled(account, changes),
        access=difference,
        practices=practices_turned(account, after) if practices and not needs else (),
        paths=paths_turned(account, after) if paths and not needs else None,
        needs=needs,
    )


def calls_of(account: OpenAccount, changes: Iterable[Change]) -> tuple[Call, ...]:
    """The calls of all changes, numbered through."""
    calls: list[Call] = []
    state = account.snapshot
    for change in changes:
        for _, operation, after in steps_of(change.operations, state):
            calls.append(
                Call(len(calls) + 1, name_of(operation), subject_of(operation), change.title, operation.region or "")
            )
            state = after
    return tuple(calls)


def _not_modelled(account: OpenAccount, changes: tuple[Change, ...]) -> tuple[str, ...]:
    state, found = account.snapshot, dict[str, None]()
    for change in changes:
        effects = effects_of(change.operations, state)
        state = effects.snapshot
        found |= dict.fromkeys(effects.not_modelled)
    return tuple(found)


def _undo(account: OpenAccount, changes: tuple[Change, ...]) -> tuple[tuple[Operation, ...], bool, str]:
    """The undo of all changes, last one first, from the state that each of them meets."""
    state, undo, reversible, notes = account.snapshot, tuple[Operation, ...](), True, dict[str, None]()
    for change in changes:
        operations = numbered(change.operations)
        back = invert(operations, state)
        state = effects_of(operations, state).snapshot
        undo, reversible = (*back.operations, *undo), reversible and back.reversible
        if back.note and not (back.reversible and back.note in change.note):
            notes[back.note] = None
    return undo, reversible, " ".join(notes)


def _problems(account: OpenAccount, after: OpenAccount) -> tuple[str, ...]:
    """Slips and doubts that the change brings in, not those that were there."""
    from advisor.advice.lint import lint_snapshot
    from advisor.change.validity import doubts

    known = set(lint_snapshot(account.snapshot))
    slips = [
        f"{slip.code} in {slip.owner.rsplit('/', 1)[-1]}, {slip.where}"
        for slip in lint_snapshot(after.snapshot)
        if slip not in known
    ]
    return (*slips, *(str(doubt) for doubt in doubts(account.snapshot, after.snapshot)))
