"""The cheapest set of changes after which nobody untolerated reaches an administrator.

An exact integer program where `highspy` is installed (potentials over tolerated nodes, edits shared by all hops that
they close), greedy with pruning otherwise. The result is checked by searching the changed account again, since a change
can open a way as well as close one; what is left is cut in another round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from advisor.graph.cut_changes import changes_of
from advisor.graph.cut_problem import Problem, problem_of
from advisor.graph.cut_solve import solve
from advisor.graph.edits import Edit
from advisor.graph.outside import is_party
from advisor.graph.paths import ADMIN, Finder, Path, finder_of, parted
from advisor.graph.solver import STOPPED, Stopped
from advisor.model.change import Change
from advisor.model.effects import EffectError, apply_to
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from threading import Event

    from advisor.access.account import OpenAccount

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
    """The cheapest cut of an account, for its own principals and for those who come in from outside.

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
    """The rounds of one cut: each closes what the search of the account so changed still finds."""

    def __init__(self, account: OpenAccount, tolerate: Iterable[str], assume: tuple[str, ...], step: _Steps) -> None:
        self.step = step
        step("paths", 0)
        self.finder = finder_of(account, assume)
        self.tolerated = frozenset(_named(self.finder, name) for name in tolerate)
        self.first = self.snapshot = account.snapshot
        self.admins = self.finder.admins
        self.before, self.left_alone = _parted(self.finder, self.tolerated)
        self.changes: list[Change] = []
        self.others: list[Change] = []
        """The changes without the boundaries, in the order in which they are made."""
        self.bounded: list[Edit] = []
        """The boundaries of all rounds: who is denied more in a later one has one boundary for all of it."""
        self.is_optimal = True
        self.bound = self.cost = 0.0
        self.notes: dict[str, None] = {}

    def cut(self) -> Cut:
        remaining = self.before
        for number in range(_ROUNDS):
            if not remaining or not self._round(number):
                break
            self.step("checking", 4)
            remaining, _ = _parted(self.finder, self.tolerated)
        return Cut(
            changes=tuple(self.changes),
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
        made = frozenset(self.snapshot.policy_by_arn).difference(self.first.policy_by_arn)
        problem = problem_of(self.finder, self.tolerated, self.step.check, made)
        self.step("solving", 2)
        solution = solve(problem, self.step.cancel)
        self.step("changes", 3)
        bound = [edit for edit in solution.edits if edit.kind == "bound"]
        found = changes_of((edit for edit in solution.edits if edit.kind != "bound"), self.snapshot)
        found = tuple(change for change in found if change.operations)
        if not found and not bound:
            return False
        costs = dict(zip(problem.edits, problem.costs, strict=True))
        paid = sum(costs[edit] for edit in solution.edits)
        if number == 0:  # whatever closes all paths closes those of the first round, so it costs at least this
            self.bound = paid * (1 - solution.gap)
        self.is_optimal, self.cost = self.is_optimal and solution.optimal and number == 0, self.cost + paid
        self.notes |= {solution.note: None} if solution.note else {}
        self.others += found
        self.bounded += bound
        self.changes = _most_first((*self.others, *changes_of(self.bounded, self.first)), self.before)
        self.snapshot = _after(self.first, (*self.others, *changes_of(self.bounded, self.first)))
        self.step("checking", 4)
        self.finder = self.finder.after(self.snapshot)
        return True


def paths_to_close(account: OpenAccount, tolerated: Iterable[str]) -> tuple[Path, ...]:
    """The paths that a cut of the account counts: of several accounts those within the first."""
    return _parted(finder_of(account), tolerated)[0]


def _parted(finder: Finder, tolerated: Iterable[str]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The paths to be closed, and those of who is tolerated."""
    return parted(finder.find(ADMIN, None, every=False).paths, tolerated)


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


def _named(finder: Finder, name: str) -> str:
    """The principal or the party from outside that a name stands for."""
    return name if is_party(finder, name) else finder.account.nodes.arns[finder.node(name)]


def _after(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    for change in changes:
        try:
            snapshot = apply_to(change, snapshot)
        except EffectError:
            continue  # it shows as what remains
    return snapshot


__all__ = ["Cut", "Problem", "Stopped", "find_cut", "paths_to_close", "places_of"]
