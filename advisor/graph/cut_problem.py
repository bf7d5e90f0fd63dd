"""The cut as a problem: demands, each with the needs that could be taken away, each need with the edits that do so."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from advisor.graph.edit_costs import EditCosts
from advisor.graph.edits import Edit, Edits
from advisor.graph.moves import Move
from advisor.graph.outside import entries
from advisor.graph.paths import ADMIN, Finder
from advisor.graph.search import Goal
from advisor.graph.universe import Bits, members
from advisor.model.work import paused_collector

Check = Callable[[], None]
Way = tuple[int, ...]
"""Edits (by position) of which one is enough to end one way in which a need is met."""


class Demand(msgspec.Struct, frozen=True):
    """One hop that must not be possible any more, or not more than its target's potential.

    `needs`: the hop is closed when, for one need, every way in which it is met is ended. `source` and `target` are
    nodes with a potential; -1 as source: the actor is not tolerated, -1 as target: the goal itself.
    """

    source: int
    target: int
    needs: tuple[tuple[Way, ...], ...]


class Problem(msgspec.Struct, frozen=True):
    """Demands over edits with costs."""

    edits: tuple[Edit, ...]
    costs: tuple[float, ...]
    demands: tuple[Demand, ...]


def problem_of(
    finder: Finder, tolerated: frozenset[str], check: Check = lambda: None, made: frozenset[str] = frozenset()
) -> Problem:
    """All hops that lead from somebody untolerated to an administrator, or through tolerated ones.

    `check` is called again and again and may raise: nobody waits any more. `made`: boundaries of earlier rounds.
    """
    with paused_collector():
        return _Maker(finder, tolerated, check, made).make()


class _Maker:
    def __init__(self, finder: Finder, tolerated: frozenset[str], check: Check, made: frozenset[str]) -> None:
        self.finder = finder
        self.check = check
        self.tolerated = tolerated
        self.goal: Goal = finder.goal(ADMIN)
        self.edits = Edits(finder.explainer, made)
        self.nodes = finder.account.nodes
        self.admins = sum(1 << node for node in self.goal.wanted)
        self.free = sum(1 << self.nodes.position[arn] for arn in tolerated if arn in self.nodes.position)
        self.free |= sum(1 << node for node in finder.search.joined)
        self.free &= ~self.admins
        self.number: dict[Edit, int] = {}
        self.demands: dict[Demand, None] = {}

    def make(self) -> Problem:
        reached = 0
        for rings in self.goal.rings.values():
            for ring in rings:
                reached |= ring
        for node in members(reached & ~self.admins):
            self.check()
            for move in self.finder.search.moves_of.get(node, ()):
                self._of_move(move, node, reached)
        self._of_outsiders(reached)
        edits = tuple(self.number)
        costs = EditCosts(self.finder.explainer)
        return Problem(edits, tuple(costs.of(edit) for edit in edits), tuple(self.demands))

    def _of_move(self, move: Move, node: int, reached: Bits) -> None:
        source = node if self.free >> node & 1 else -1
        actor = self.finder.search.joined.get(node, (node, ""))
        if move.arrivals:
            self._to(move, actor, source, -1, 0 if move.is_own else move.arrivals)
        targets = move.targets & ~move.arrivals & ~(1 << node)
        if goals := targets & self.admins:
            self._to(move, actor, source, -1, goals)
        for target in members(targets & self.free & reached):
            self._to(move, actor, source, target, 1 << target)

    def _to(self, move: Move, actor: tuple[int, str], source: int, target: int, through: Bits) -> None:
        """One demand for targets that the same statements reach: every statement that reaches one must be ended."""
        node, group = actor
        needs = []
        for need in move.technique.needs:
            ways = self.edits.of_need(need, move, node, through & self.nodes.all, group)
            if ways and all(ways):
                needs.append(self._numbered(ways))
        self.demands[Demand(source, target, tuple(needs))] = None

    def _of_outsiders(self, reached: Bits) -> None:
        """Who comes in from outside straight to an administrator or to somebody tolerated; others are closed behind."""
        for party, node, _ in entries(self.finder, quiet=True):
            if party.name in self.tolerated or not (self.admins | self.free & reached) >> node & 1:
                continue
            ways = self.edits.of_entry(party.name, node)
            target = -1 if self.admins >> node & 1 else node
            self.demands[Demand(-1, target, (self._numbered(ways),) if ways else ())] = None

    def _numbered(self, ways: list[tuple[Edit, ...]]) -> tuple[Way, ...]:
        number = self.number
        return tuple(sorted({tuple(number.setdefault(edit, len(number)) for edit in way) for way in ways}))
