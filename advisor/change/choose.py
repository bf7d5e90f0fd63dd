"""Which changes go into a plan: those that are asked for, or all that can be undone and that no guard refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.findings import find
from advisor.change.guards import changed_account, refusal_of
from advisor.change.steps import subject_of
from advisor.change.turned import paths_turned
from advisor.model.change import Change
from advisor.model.effects import EffectError, effects_of
from advisor.model.effects.walk import GLOBAL_SERVICES
from advisor.model.finding import Finding
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
        reason = elsewhere(account.snapshot.account, change) or _why_not(change, asked=asked)
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


def elsewhere(account: str, change: Change) -> str:
    """Why a change of another account than the one that is asked about is not made from here; empty for its own."""
    others = {step.account for step in change.operations if step.service not in GLOBAL_SERVICES} - {account, None}
    return f"is about account {', '.join(sorted(map(str, others)))}: open that one first" if others else ""


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


def without_alternatives(account: OpenAccount, choice: Choice, findings: Iterable[Finding]) -> Choice:
    """Without the changes of a finding that others, which were chosen for it and change the same things, settle."""
    reasons = _alternatives(choice.changes, findings)
    kept = tuple(change for change in choice.changes if change.id not in reasons)
    if len(kept) == len(choice.changes):
        return choice
    try:
        after = changed_account(account, kept)
    except EffectError:  # others build on what would be left out
        return choice
    open_still = {finding.id for finding in find(after).findings}
    spare = {id for id, of in reasons.items() if not of & open_still}
    dropped = (LeftOut(change, "what it mends is mended by others") for change in choice.changes if change.id in spare)
    return Choice(tuple(change for change in choice.changes if change.id not in spare), (*choice.left_out, *dropped))


def _alternatives(changes: Iterable[Change], findings: Iterable[Finding]) -> dict[str, set[str]]:
    """The changes that come second on the same thing in each of their findings, with those findings."""
    chosen = {change.id: {subject_of(operation) for operation in change.operations} for change in changes}
    first: set[str] = set()
    second: dict[str, set[str]] = {}
    for finding in findings:
        seen: set[str] = set()
        for change in finding.changes:
            things = chosen.get(change.id, set())
            if things & seen:
                second.setdefault(change.id, set()).add(finding.id)
            else:
                first.add(change.id)
            seen |= things
    return {id: of for id, of in second.items() if id not in first}


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
        turned = paths_turned(account, changed_account(account, changes))
    except EffectError as error:
        return f"cannot be made after the changes before it: {error.message}"
    for ways, words in ((turned.opened, "opens a way"), (turned.perhaps, "may open a way, by what was not read,")):
        if ways:
            return f"{words} to administrator for {ways[0].split()[0].rsplit('/', 1)[-1]}"
    return ""
