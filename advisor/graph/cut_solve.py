"""Solves a cut: HiGHS with a proven gap where it is installed, else greedy with pruning, called unproven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.graph.cut_greedy import floor_of, greedy
from advisor.graph.cut_problem import Problem
from advisor.graph.cut_program import program_of
from advisor.graph.edits import Edit
from advisor.graph.solver import SolverFailed, solved

if TYPE_CHECKING:
    from threading import Event


class Solution(msgspec.Struct, frozen=True):
    """The edits to make, and how far the cost may be from the cheapest.

    `gap`: the share of the cost that a cheaper solution may save; `note` says why nothing is proven.
    """

    edits: tuple[Edit, ...]
    optimal: bool
    gap: float
    note: str = ""


def solve(problem: Problem, cancel: Event | None = None) -> Solution:
    """The cheapest edits that meet all demands that can be met.

    Raises:
        Stopped: `cancel` was set while the solver ran.
    """
    possible = tuple(demand for demand in problem.demands if demand.needs)
    problem = msgspec.structs.replace(problem, demands=possible)
    if not possible:
        return Solution((), optimal=True, gap=0.0)
    try:
        found = solved(program_of(problem), cancel)
    except SolverFailed as error:
        return _unproven(problem, str(error))
    edits = tuple(edit for edit, value in zip(problem.edits, found.values, strict=False) if value > 0.5)
    return Solution(edits, optimal=found.gap == 0, gap=found.gap)


def _unproven(problem: Problem, reason: str) -> Solution:
    chosen = greedy(problem)
    cost = sum(problem.costs[at] for at in chosen)
    edits = tuple(problem.edits[at] for at in sorted(chosen))
    return Solution(edits, optimal=False, gap=1 - floor_of(problem) / cost if cost else 0.0, note=f"unproven: {reason}")
