"""Which changes go into a plan: those that are asked for, or all that can be undone and that no guard refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from advisor.change.guards import changed_account, refusal_of
from advisor.change.preview import paths_turned
from advisor.model.change import Change
from advisor.model.effects import EffectError, effects_of
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


class LeftOut(msgspec.Struct, frozen=True):
    """A change that did not go into the plan, and why."""

    change: Change
    reason: str


class Choice(msgspec.Struct, frozen=True):
    """The changes of a plan, in order, and what was left out."""

    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...] = ()


def choose(account: OpenAccount, candidates: Iterable[Change], *, asked: bool = False) -> Choice:
    """Take what can be taken, in order; each once.

    `asked`: the user named them, so that only what cannot be made is left out. A change is judged together with those
    before it: two that are sound alone may lock somebody out together.
    """
    left_out: list[LeftOut] = []
    able: list[Change] = []
    state = account.snapshot
    for change in {change.id: change for change in candidates}.values():
        reason = _why_not(change, asked=asked)
        if not reason:
            try:
                state = effects_of(change.operations, state).snapshot
            except EffectError as error:
                reason = f"cannot be made after the changes before it: {error.message}"
        if reason:
            left_out.append(LeftOut(change, reason))
        else:
            able.append(change)
    if asked:
        return Choice(tuple(able), tuple(left_out))
    taken = _passing(account, (), able, left_out, _refusal)
    return Choice(_passing(account, (), taken, left_out, _opening), tuple(left_out))


def _why_not(change: Change, *, asked: bool) -> str:
    if not change.operations:
        return "is done by hand" if change.by_hand else "has no calls"
    if change.needs:
        return "still needs " + ", ".join(f"{name} ({what})" for name, what in change.needs)
    if not asked and not change.reversible:
        return "cannot be undone"
    given = "" if asked else _given(change)
    return f"gives access on purpose ({given}): name its finding to take it" if given else ""


def _given(change: Change) -> str:
    template = load("changes").get(change.template)
    return template.gives if template else ""


def _passing(
    account: OpenAccount,
    before: tuple[Change, ...],
    changes: Sequence[Change],
    left_out: list[LeftOut],
    refuse: Callable[[OpenAccount, tuple[Change, ...]], str],
) -> tuple[Change, ...]:
    """Those of the changes that are not refused, after those before. Halves are tried while something is."""
    if not changes:
        return ()
    refusal = refuse(account, (*before, *changes))
    if not refusal:
        return tuple(changes)
    if len(changes) == 1:
        left_out.append(LeftOut(changes[0], refusal))
        return ()
    middle = len(changes) // 2
    first = _passing(account, before, changes[:middle], left_out, refuse)
    return (*first, *_passing(account, (*before, *first), changes[middle:], left_out, refuse))


def _refusal(account: OpenAccount, changes: tuple[Change, ...]) -> str:
    """Why the changes may not be made together; empty when they may."""
    try:
        after = changed_account(account, changes)
    except EffectError as error:
        return f"cannot be made after the changes before it: {error.message}"
    refused = refusal_of(changes, account, after)
    return f"{refused.id}: {refused.text}" if refused else ""


def _opening(account: OpenAccount, changes: tuple[Change, ...]) -> str:
    """Whose way to administrator the changes would open; empty when nobody's."""
    try:
        opened = paths_turned(account, changed_account(account, changes)).opened
    except EffectError as error:
        return f"cannot be made after the changes before it: {error.message}"
    return f"opens a way to administrator for {opened[0].split()[0].rsplit('/', 1)[-1]}" if opened else ""
