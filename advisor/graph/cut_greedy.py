"""A cut without a solver, and a cost below which no cut can be: both by pure counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from advisor.graph.cut_problem import Demand, Problem, Way

_AS_GOOD = 1.2
"""A bundle that costs so much more than the best one is not taken in the same pass: others may make it needless."""


def greedy(problem: Problem) -> set[int]:
    """The edits that close most for their cost, many in one pass; then those that are not needed go, dearest first."""
    chosen: set[int] = set()
    while True:
        more = _pass(problem, chosen, unmet(problem, chosen))
        if not more:
            break
        chosen |= more
    asking: dict[int, list[Demand]] = defaultdict(list)
    for demand in problem.demands:
        for edit in {edit for ways in demand.needs for way in ways for edit in way} & chosen:
            asking[edit].append(demand)
    for edit in sorted(chosen, key=lambda at: (-problem.costs[at], at)):
        if not _is_needed(problem, chosen - {edit}, asking[edit]):
            chosen.discard(edit)
    return chosen


def _is_needed(problem: Problem, others: set[int], asking: list[Demand]) -> bool:
    """Whether a way is open without an edit: looked at as a whole only where the demands that ask for it leave it."""
    left = [demand for demand in asking if not _is_met(demand, others)]
    if any(demand.source < 0 and demand.target < 0 for demand in left):
        return True
    return bool(left) and bool(unmet(problem, others))


def _pass(problem: Problem, chosen: set[int], open: list[Demand]) -> set[int]:
    """Bundles of edits that each meet a demand, by their price for each demand; each for demands that no other met."""
    worth: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for number, demand in enumerate(open):
        for ways in demand.needs:
            for bundle in _bundles(problem, [way for way in ways if chosen.isdisjoint(way)]):
                worth[bundle].add(number)

    prices = {bundle: sum(problem.costs[at] for at in bundle) / len(worth[bundle]) for bundle in worth}
    most = _AS_GOOD * min(prices.values(), default=0.0)
    found: set[int] = set()
    met: set[int] = set()
    for bundle in sorted(worth, key=lambda some: (prices[some], some)):
        if prices[bundle] <= most and met.isdisjoint(worth[bundle]):
            found.update(bundle)
            met |= worth[bundle]
    return found


def _bundles(problem: Problem, ways: list[Way]) -> Iterator[tuple[int, ...]]:
    """Edits that end all of these ways: each that ends every one by itself, and the cheapest for each."""
    for edit in set(ways[0]).intersection(*ways[1:]):
        yield (edit,)
    if len(ways) > 1:
        yield tuple(sorted({min(way, key=lambda at: (problem.costs[at], at)) for way in ways}))


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
