"""Which changes go into a plan: those that are asked for, or all that can be undone and that no guard refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from advisor.advice.findings import find
from advisor.change.guards import changed_account, refusal_of
from advisor.change.sequence import Choice, LeftOut, in_order
from advisor.change.steps import subject_of
from advisor.change.turned import paths_turned
from advisor.graph.administrators import administrators
from advisor.model.change import Change
from advisor.model.effects.walk import GLOBAL_SERVICES
from advisor.model.finding import Finding
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

__all__ = ["Choice", "LeftOut", "choose", "elsewhere"]
_KEPT = 4
"""So many changed accounts are kept with all that was worked out of them: each may be large."""


class _Trials:
    """An account and what some changes make of it: the same ones are tried again and again, and made once."""

    def __init__(self, account: OpenAccount) -> None:
        self.account = account
        self._made: dict[tuple[str, ...], Choice] = {}
        self._after: dict[tuple[str, ...], OpenAccount] = {}
        self._open: dict[tuple[str, ...], frozenset[str]] = {}

    def made(self, changes: Iterable[Change]) -> Choice:
        """The changes as they are made one after the other."""
        changes = tuple(changes)
        key = _key(changes)
        if key not in self._made:
            self._made[key] = in_order(self.account, changes)
        return self._made[key]

    def after(self, changes: tuple[Change, ...]) -> OpenAccount:
        """The account after them."""
        key = _key(changes)
        known = self._after.pop(key, None)
        self._after[key] = changed_account(self.account, self.made(changes).changes) if known is None else known
        if len(self._after) > _KEPT:
            del self._after[next(iter(self._after))]
        return self._after[key]

    def open_after(self, changes: tuple[Change, ...]) -> frozenset[str]:
        """The findings that are open after them."""
        key = _key(changes)
        if key not in self._open:
            found = find(self.after(changes)).findings
            self._open[key] = frozenset(finding.id for finding in found if finding.status == "open")
        return self._open[key]


Refuse = Callable[[_Trials, tuple[Change, ...]], str]
"""Why some changes may not be made together; empty when they may."""


def _key(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(change.id for change in changes)


def choose(
    account: OpenAccount, candidates: Iterable[Change], *, asked: bool = False, findings: Iterable[Finding] = ()
) -> Choice:
    """Take what can be taken, in order, each once and made on what those before it leave.

    `asked`: the user named them, so that only what cannot be made is left out. A change is judged together with those
    before it: two that are sound alone may lock somebody out together. `findings`: what the changes are to mend.
    """
    able, left_out = list[Change](), list[LeftOut]()
    for change in {change.id: change for change in candidates}.values():
        if reason := elsewhere(account.snapshot.account, change) or _why_not(change, asked=asked):
            left_out.append(LeftOut(change, reason))
        else:
            able.append(change)
    findings, trials = tuple(findings), _Trials(account)
    while True:
        refused = list[LeftOut]()
        choice = _together(trials, tuple(able), findings, refused, asked=asked)
        left_out += refused
        if not refused or not choice.left_out:
            return Choice(choice.changes, (*left_out, *choice.left_out))
        gone = {one.change.id for one in refused}  # what did not fit may have stood behind one of these
        able = [change for change in able if change.id not in gone]


def _together(
    trials: _Trials,
    able: tuple[Change, ...],
    findings: tuple[Finding, ...],
    refused: list[LeftOut],
    *,
    asked: bool,
) -> Choice:
    """Those that nothing speaks against, and those that do not fit behind the others."""
    taken = able if asked else _passing(trials, (), able, refused, _demoting)
    unfit = trials.made(taken).left_out
    missing = {one.change.id for one in unfit}
    taken = tuple(change for change in taken if change.id not in missing)
    for refuse in () if asked else (_refusal, _opening):
        taken = _passing(trials, (), taken, refused, refuse)
    if not asked:
        taken = _without_alternatives(trials, taken, findings, refused)
    taken = _lasting(trials, taken, findings, refused)
    choice = trials.made(taken)  # anew: some were made behind one that is left out now
    return Choice(choice.changes, (*unfit, *choice.left_out))


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
        return f"cannot be undone in full: {change.note}" if change.note else "cannot be undone"
    given = "" if asked else _given(change)
    return f"gives access on purpose ({given}): name its finding to take it" if given else ""


def _given(change: Change) -> str:
    template = load("changes").get(change.template)
    return template.gives if template else ""


def _without_alternatives(
    trials: _Trials, changes: tuple[Change, ...], findings: tuple[Finding, ...], left_out: list[LeftOut]
) -> tuple[Change, ...]:
    """Without the changes of a finding that others, which were chosen for it and change the same things, settle."""
    reasons = _alternatives(changes, findings)
    if not reasons:
        return changes
    fewer = tuple(change for change in changes if change.id not in reasons)
    if trials.made(fewer).left_out:  # others build on what would be left out
        return changes
    open_still = trials.open_after(fewer)
    spare = {id for id, of in reasons.items() if not of & open_still}
    left_out += (LeftOut(change, "what it mends is mended by others") for change in changes if change.id in spare)
    return tuple(change for change in changes if change.id not in spare)


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
    trials: _Trials,
    before: tuple[Change, ...],
    changes: Sequence[Change],
    left_out: list[LeftOut],
    refuse: Refuse,
) -> tuple[Change, ...]:
    """Those of the changes that are not refused, after those before. Halves are tried while something is."""
    if not changes:
        return ()
    refusal = refuse(trials, (*before, *changes))
    if not refusal:
        return tuple(changes)
    if len(changes) == 1:
        left_out.append(LeftOut(changes[0], refusal))
        return ()
    middle = len(changes) // 2
    first = _passing(trials, before, changes[:middle], left_out, refuse)
    return (*first, *_passing(trials, (*before, *first), changes[middle:], left_out, refuse))


def _lasting(
    trials: _Trials, changes: tuple[Change, ...], findings: tuple[Finding, ...], left_out: list[LeftOut]
) -> tuple[Change, ...]:
    """Without those after which a finding is open again that its own changes, which were chosen, close."""
    if not findings or not changes:
        return changes
    open_after = trials.open_after(changes)
    for finding in findings:
        meant = {change.id for change in finding.changes}
        own = tuple(change for change in changes if change.id in meant)
        if finding.id not in open_after or not own or finding.id in trials.open_after(own):
            continue
        others = tuple(change for change in changes if change.id not in meant)
        passing = _passing(trials, own, others, left_out, _reopening(finding, changes))
        kept = meant | {change.id for change in passing}
        changes = tuple(change for change in changes if change.id in kept)
    return changes


def _reopening(finding: Finding, order: tuple[Change, ...]) -> Refuse:
    """Why changes may not be made together, in this order, where the finding is to stay closed."""
    places = {change.id: place for place, change in enumerate(order)}

    def refuse(trials: _Trials, changes: tuple[Change, ...]) -> str:
        together = tuple(sorted(changes, key=lambda change: places[change.id]))
        return f"opens again what others close: {finding.title}" if finding.id in trials.open_after(together) else ""

    return refuse


def _demoting(trials: _Trials, changes: tuple[Change, ...]) -> str:
    """Who would be no administrator any more, that is one outright; empty where all stay."""
    were, now = administrators(trials.account), administrators(trials.after(changes))
    lost = [arn.rsplit("/", 1)[-1] for arn in were if were[arn] != "unknown" and now.get(arn, "unknown") == "unknown"]
    return f"takes administrator from {', '.join(lost)}: name its finding to take it" if lost else ""


def _refusal(trials: _Trials, changes: tuple[Change, ...]) -> str:
    """Why the changes may not be made together; empty when they may."""
    made = trials.made(changes)
    if made.left_out:
        return made.left_out[0].reason
    refused = refusal_of(made.changes, trials.account, trials.after(changes))
    return f"{refused.id}: {refused.text}" if refused else ""


def _opening(trials: _Trials, changes: tuple[Change, ...]) -> str:
    """Whose way to administrator the changes would open; empty when nobody's."""
    turned = paths_turned(trials.account, trials.after(changes))
    for ways, words in ((turned.opened, "opens a way"), (turned.perhaps, "may open a way, by what was not read,")):
        if ways:
            return f"{words} to administrator for {ways[0].split()[0].rsplit('/', 1)[-1]}"
    return ""
