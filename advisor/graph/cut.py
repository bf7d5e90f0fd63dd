"""The cheapest set of changes after which nobody untolerated reaches an administrator.

An exact integer program where `highspy` is installed (potentials over tolerated nodes, edits shared by all hops that
they close), greedy with pruning otherwise. The result is checked by searching the changed account again, since a change
can open a way as well as close one; what is left is cut in another round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from advisor.graph.cut_changes import changes_of
from advisor.graph.cut_problem import Problem, problem_of
from advisor.graph.cut_solve import solve
from advisor.graph.paths import ADMIN, Finder, Path, finder_of
from advisor.model.change import Change
from advisor.model.effects import EffectError, apply_to
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
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
    """How many paths there were."""
    note: str = ""


def find_cut(account: OpenAccount, tolerate: Iterable[str] = (), assume: Iterable[str] = ()) -> Cut:
    """The cheapest cut of an account. `tolerate` names principals that may reach an administrator.

    Raises:
        UsageError: somebody who is tolerated is not in the account.
    """
    assume = tuple(assume)
    first = finder_of(account, assume)
    tolerated = frozenset(first.account.nodes.arns[first.node(name)] for name in tolerate)
    before = _open_paths(first, tolerated)
    finder, snapshot = first, account.snapshot
    changes: list[Change] = []
    optimal, bound, cost = True, 0.0, 0.0
    notes: dict[str, None] = {}
    for number in range(_ROUNDS):
        problem = problem_of(finder, tolerated)
        if not problem.demands:
            break
        solution = solve(problem)
        made = changes_of(solution.edits, snapshot, finder, prefix=f"cut-{number + 1}")
        made = tuple(change for change in made if change.operations)
        if not made:
            break
        costs = dict(zip(problem.edits, problem.costs, strict=True))
        paid = sum(costs[edit] for edit in solution.edits)
        if number == 0:  # whatever closes all paths closes those of the first round, so it costs at least this
            bound = paid * (1 - solution.gap)
        optimal, cost = optimal and solution.optimal and number == 0, cost + paid
        if solution.note:
            notes[solution.note] = None
        changes += made
        snapshot = _after(snapshot, made)
        finder = finder.after(snapshot)
    remaining = before if not changes else _open_paths(finder, tolerated)
    return Cut(
        changes=tuple(changes),
        closes=len(before) - len(remaining),
        remaining=remaining,
        optimal=optimal and not remaining,
        gap=0.0 if optimal or not cost else 1 - bound / cost,
        paths=len(before),
        note="; ".join(notes),
    )


def _open_paths(finder: Finder, tolerated: frozenset[str]) -> tuple[Path, ...]:
    """The paths of the account's own principals that are not tolerated."""
    nodes = finder.account.nodes.position
    found = finder.find(ADMIN, None, every=False).paths
    return tuple(path for path in found if path.source in nodes and path.source not in tolerated)


def _after(snapshot: Snapshot, changes: Iterable[Change]) -> Snapshot:
    for change in changes:
        try:
            snapshot = apply_to(change, snapshot)
        except EffectError:
            continue  # it shows as what remains
    return snapshot


__all__ = ["Cut", "Problem", "find_cut"]
