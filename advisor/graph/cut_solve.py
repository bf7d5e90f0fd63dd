"""Solves a cut: HiGHS with a proven gap where it is installed, else greedy with pruning, called unproven."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

import msgspec

from advisor.graph.cut_problem import Demand, Problem
from advisor.graph.edits import Edit

SECONDS = 20.0
_ONE_AT_A_TIME = Lock()
"""HiGHS shares its scheduler between all models of a process, and screens ask for cuts from several threads."""


class Solution(msgspec.Struct, frozen=True):
    """The edits to make, and how far the cost may be from the cheapest."""

    edits: tuple[Edit, ...]
    optimal: bool
    gap: float


def solve(problem: Problem) -> Solution:
    """The cheapest edits that meet all demands that can be met."""
    possible = tuple(demand for demand in problem.demands if demand.needs)
    problem = msgspec.structs.replace(problem, demands=possible)
    with _ONE_AT_A_TIME:
        try:
            import highspy
        except ImportError:
            return greedy(problem)
        return _exact(problem, highspy) or greedy(problem)


def _exact(problem: Problem, highspy: Any) -> Solution | None:
    """The integer program: an edit is made or not; a tolerated node has a potential; a need is ended or not."""
    # Switching callbacks on prints a banner on standard output, before anything can be said against it.
    model = type("QuietHighs", (highspy.Highs,), {"enableCallbacks": lambda self: None})()
    model.silent()
    model.setOptionValue("threads", 1)
    model.setOptionValue("time_limit", SECONDS)
    made = [model.addBinary(obj=cost) for cost in problem.costs]
    potential = {node: model.addVariable(lb=0.0, ub=1.0) for node in _tolerated(problem.demands)}
    for demand in problem.demands:
        ended = []
        for ways in demand.needs:
            if len(ways) == 1:
                ended.append(sum(made[edit] for edit in ways[0]))
                continue
            need = model.addVariable(lb=0.0, ub=1.0)
            for way in ways:
                model.addConstr(sum(made[edit] for edit in way) - need >= 0)
            ended.append(need)
        left = sum(ended)
        if demand.source >= 0:
            left = left + potential[demand.source]
        model.addConstr(left >= 1 if demand.target < 0 else left - potential[demand.target] >= 0)
    model.run()
    info = model.getInfo()
    if info.primal_solution_status != 2:
        return None
    values = model.getSolution().col_value
    edits = tuple(edit for at, edit in enumerate(problem.edits) if values[made[at].index] > 0.5)
    gap = 0.0 if info.mip_gap in (float("inf"),) or info.mip_gap < 1e-9 else float(info.mip_gap)
    return Solution(edits, model.getModelStatus() == highspy.HighsModelStatus.kOptimal and gap <= 1e-4, gap)


def _tolerated(demands: Iterable[Demand]) -> list[int]:
    return sorted({node for demand in demands for node in (demand.source, demand.target) if node >= 0})


def greedy(problem: Problem) -> Solution:
    """Again and again the edits that close most for their cost; then those that are not needed go, dearest first."""
    chosen: set[int] = set()
    while True:
        bundle = _best_bundle(problem, chosen, _unmet(problem, chosen))
        if bundle is None:
            break
        chosen |= bundle
    for edit in sorted(chosen, key=lambda at: -problem.costs[at]):
        if not _unmet(problem, chosen - {edit}):
            chosen.discard(edit)
    return Solution(tuple(problem.edits[edit] for edit in sorted(chosen)), optimal=False, gap=1.0)


def _best_bundle(problem: Problem, chosen: set[int], unmet: list[Demand]) -> set[int] | None:
    worth: dict[tuple[int, ...], int] = {}
    for demand in unmet:
        for ways in demand.needs:
            parts = [min(way, key=lambda at: (problem.costs[at], at)) for way in ways if not chosen & set(way)]
            bundle = tuple(sorted(set(parts)))
            worth[bundle] = worth.get(bundle, 0) + 1
    if not worth:
        return None

    def price(bundle: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        return sum(problem.costs[at] for at in bundle) / worth[bundle], bundle

    best: tuple[int, ...] = min(worth, key=price)
    return set(best)


def _unmet(problem: Problem, chosen: set[int]) -> list[Demand]:
    """The demands on ways from somebody untolerated that still lead to the goal."""
    live = [demand for demand in problem.demands if not _is_met(demand, chosen)]
    reaching = {-1}
    while True:
        more = {demand.source for demand in live if demand.target in reaching and demand.source >= 0} - reaching
        if not more:
            break
        reaching |= more
    ending = [demand for demand in live if demand.target in reaching]
    return ending if any(demand.source < 0 for demand in ending) else []


def _is_met(demand: Demand, chosen: set[int]) -> bool:
    return any(all(chosen & set(way) for way in ways) for ways in demand.needs)
