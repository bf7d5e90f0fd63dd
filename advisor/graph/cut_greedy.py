"""A cut without a solver, and a cost below which no cut can be: both by pure counting."""

from __future__ import annotations

from advisor.graph.cut_problem import Demand, Problem


def greedy(problem: Problem) -> set[int]:
    """Again and again the edits that close most for their cost; then those that are not needed go, dearest first."""
    chosen: set[int] = set()
    while True:
        bundle = _best_bundle(problem, chosen, unmet(problem, chosen))
        if bundle is None:
            break
        chosen |= bundle
    for edit in sorted(chosen, key=lambda at: -problem.costs[at]):
        if not unmet(problem, chosen - {edit}):
            chosen.discard(edit)
    return chosen


def _best_bundle(problem: Problem, chosen: set[int], open: list[Demand]) -> set[int] | None:
    worth: dict[tuple[int, ...], int] = {}
    for demand in open:
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


def unmet(problem: Problem, chosen: set[int]) -> list[Demand]:
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


def floor_of(problem: Problem) -> float:
    """A cost below which no cut can be.

    Each hop from somebody untolerated to the goal asks for one of the edits of its needs: it pays into those edits till
    one is paid for. What was paid is no more than any cut costs, since each edit is paid at most its cost.
    """
    left = list(problem.costs)
    asked = {
        frozenset(edit for ways in demand.needs for way in ways for edit in way)
        for demand in problem.demands
        if demand.source < 0 and demand.target < 0 and demand.needs
    }
    paid = 0.0
    for edits in sorted(asked, key=lambda some: (len(some), sorted(some))):
        least = min(left[edit] for edit in edits)
        paid += least
        for edit in edits:
            left[edit] -= least
    return paid
