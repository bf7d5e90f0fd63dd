"""The cheapest set of changes after which nobody untolerated reaches an administrator.

An exact integer program where `highspy` is installed (potentials over tolerated nodes, edits shared by all hops that
they close), greedy with pruning otherwise. The result is checked by searching the changed account again, since a change
can open a way as well as close one; what is left is cut in another round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from advisor.graph.closed import counted
from advisor.graph.cut_changes import changes_of
from advisor.graph.cut_problem import Problem, problem_of
from advisor.graph.cut_solve import solve
from advisor.graph.edits import Edit
from advisor.graph.outside import is_party
from advisor.graph.paths import Finder, Path, find_paths, finder_of, follow, parted
from advisor.graph.solver import STOPPED, Stopped
from advisor.model.arn import account_of
from advisor.model.change import Change
from advisor.model.effects import EffectError, apply_everywhere
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from threading import Event

    from advisor.access.account import OpenAccount
    from advisor.graph.across import Across

_ROUNDS = 3


class Cut(msgspec.Struct, frozen=True):
    """The changes, how many paths they close, and what stays open.

    `gap` is how far the cost may be above the cheapest possible, as a share; `optimal` that it is proven to be none.
    """

    changes: tuple[Change, ...]
    closes: int
    remaining: tuple[Path, ...]
    optimal: bool
    gap: float
    paths: int = 0
    """How many paths there were, without those that are left alone."""
    note: str = ""
    left_alone: tuple[Path, ...] = ()
    """The paths of those who are tolerated."""
    admins: tuple[str, ...] = ()
    """Who is administrator already."""


def find_cut(
    account: OpenAccount,
    tolerate: Iterable[str] = (),
    assume: Iterable[str] = (),
    *,
    progress: Callable[[str, int, int | None], None] | None = None,
    cancel: Event | None = None,
) -> Cut:
    """The cheapest cut of all accounts that are open, for their principals and for those who come in from outside.

    `tolerate` names who may reach an administrator: principals, or parties as role trust policies name them.
    `progress` is told each step before it begins; `cancel` stops the work between and within steps.

    Raises:
        UsageError: somebody who is tolerated is not in the account.
        Stopped: `cancel` was set.
    """
    return _Work(account, tuple(tolerate), tuple(assume), _Steps(progress, cancel)).cut()


class _Steps:
    """Tells what is being done, and stops when nobody waits any more."""

    def __init__(self, progress: Callable[[str, int, int | None], None] | None, cancel: Event | None) -> None:
        self.progress = progress
        self.cancel = cancel

    def __call__(self, what: str, done: int) -> None:
        self.check()
        if self.progress is not None:
            self.progress(what, done, len(STEPS))

    def check(self) -> None:
        if self.cancel is not None and self.cancel.is_set():
            raise Stopped(STOPPED)


STEPS = ("paths", "hops", "solving", "changes", "checking")
"""What `progress` is told."""


class _Work:
    """The rounds of one cut: each closes what the search of the accounts so changed still finds."""

    def __init__(self, account: OpenAccount, tolerate: Iterable[str], assume: tuple[str, ...], step: _Steps) -> None:
        self.step, self.assume = step, assume
        step("paths", 0)
        self.first = self.account = account
        """Before the cut, and after the rounds so far."""
        found = find_paths(account, assume=assume)
        self.admins = found.admins
        self.tolerated = frozenset(_named(self._finders(), name) for name in tolerate)
        self.before, self.left_alone = parted(found.paths, self.tolerated)
        self.changes: tuple[Change, ...] = ()
        self.others: list[Change] = []
        """The changes without the boundaries, in the order in which they are made."""
        self.bounded: list[Edit] = []
        """The boundaries of all rounds: who is denied more in a later one has one boundary for all of it."""
        self.is_optimal = True
        self.bound = self.cost = 0.0
        self.notes: dict[str, None] = {}

    def _finders(self) -> Sequence[Finder]:
        across = self._across()
        return across.finders if across else (finder_of(self.account, self.assume),)

    def _across(self) -> Across | None:
        if len(self.account.snapshots) < 2:
            return None
        from advisor.graph.across import across_of

        return across_of(self.account, self.assume)

    def cut(self) -> Cut:
        remaining = self.before
        for number in range(_ROUNDS):
            if not remaining or not self._round(number):
                break
            self.step("checking", 4)
            remaining, _ = parted(find_paths(self.account, assume=self.assume).paths, self.tolerated)
        if not self.assume:
            counted(self.first, self.changes, self.account)
        return Cut(
            changes=tuple(_most_first(self.changes, self.before)),
            closes=len(self.before) - len(remaining),
            remaining=remaining,
            optimal=self.is_optimal and not remaining,
            gap=0.0 if self.is_optimal or not self.cost else max(1 - self.bound / self.cost, 0.0),
            paths=len(self.before),
            note="; ".join(self.notes),
            left_alone=self.left_alone,
            admins=self.admins,
        )

    def _round(self, number: int) -> bool:
        """Close what can be closed; whether anything was."""
        self.step("hops", 1)
        problem = problem_of(self._finders(), self.tolerated, self.step.check, self._made(), self._across())
        self.step("solving", 2)
        solution = solve(problem, self.step.cancel)
        self.step("changes", 3)
        if not self._take(solution.edits):
            return False
        costs = dict(zip(problem.edits, problem.costs, strict=True))
        paid = sum(costs[edit] for edit in solution.edits)
        if number == 0:  # whatever closes all paths closes those of the first round, so it costs at least this
            self.bound = paid * (1 - solution.gap)
        self.is_optimal, self.cost = self.is_optimal and solution.optimal and number == 0, self.cost + paid
        self.notes |= {solution.note: None} if solution.note else {}
        return True

    def _made(self) -> frozenset[str]:
        """The policies that the cut has made so far."""
        now, then = (
            {arn for one in some.snapshots for arn in one.policy_by_arn} for some in (self.account, self.first)
        )
        return frozenset(now - then)

    def _take(self, edits: Iterable[Edit]) -> bool:
        """Add the changes of a round; whether there are any."""
        edits = tuple(edits)
        bound = [edit for edit in edits if edit.kind == "bound"]
        others = _changes_in((edit for edit in edits if edit.kind != "bound"), self.account.snapshots)
        if not others and not bound:
            return False
        self.others += others
        self.bounded += bound
        self.changes = (*self.others, *_changes_in(self.bounded, self.first.snapshots))
        before = self.account
        self.account = self.first.with_snapshots(_after(self.first.snapshots, self.changes))
        self.step("checking", 4)
        follow(before, self.account)
        self._finders()  # while the account before is there
        return True


def _changes_in(edits: Iterable[Edit], snapshots: Sequence[Snapshot]) -> list[Change]:
    """The changes that make the edits, each in the account that it is about; in others than the first they say so."""
    by_account: dict[str, list[Edit]] = {}
    for edit in edits:
        by_account.setdefault(account_of(edit.owner or edit.policy), []).append(edit)
    found = []
    for at, snapshot in enumerate(snapshots):
        made = changes_of(by_account.get(snapshot.account, ()), snapshot)
        titled = (replace(change, title=f"{snapshot.account} {change.title}") if at else change for change in made)
        found += [change for change in titled if change.operations]
    return found


def places_of(path: Path) -> frozenset[str]:
    """Who acts in a path, and the policies and carriers of the statements that it stands on: targets of changes."""
    reasons = [reason for hop in path.hops for need in hop.requires for reason in need.because]
    return frozenset(
        (*(hop.actor for hop in path.hops), *(one.policy for one in reasons), *(one.owner for one in reasons))
    )


def _most_first(changes: Iterable[Change], paths: Iterable[Path]) -> list[Change]:
    """The changes that most paths are about come first."""
    counted = Counter(place for path in paths for place in places_of(path))
    return sorted(changes, key=lambda change: -counted[change.target])


def _named(finders: Sequence[Finder], name: str) -> str:
    """The principal or the party from outside that a name stands for."""
    if any(is_party(finder, name) for finder in finders):
        return name
    finder = next((finder for finder in finders if finder.has_node(name)), finders[0])
    return finder.account.nodes.arns[finder.node(name)]


def _after(snapshots: tuple[Snapshot, ...], changes: Iterable[Change]) -> tuple[Snapshot, ...]:
    for change in changes:
        try:
            snapshots = apply_everywhere((change,), snapshots)
        except EffectError:
            continue  # it shows as what remains
    return snapshots


__all__ = ["Cut", "Problem", "Stopped", "find_cut", "places_of"]
