"""The cut as a problem: demands, each with the needs that could be taken away, each need with the edits that do so."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advisor.graph.edits import Edit, Edits
from advisor.graph.moves import Move
from advisor.graph.paths import ADMIN, Finder
from advisor.graph.search import Goal
from advisor.graph.universe import Bits, members

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


def problem_of(finder: Finder, tolerated: frozenset[str]) -> Problem:
    """All hops that lead from somebody untolerated to an administrator, or through tolerated ones."""
    return _Maker(finder, tolerated).make()


class _Maker:
    def __init__(self, finder: Finder, tolerated: frozenset[str]) -> None:
        self.finder = finder
        self.goal: Goal = finder.goal(ADMIN)
        self.edits = Edits(finder.explainer)
        position = finder.account.nodes.position
        self.admins = sum(1 << node for node in self.goal.wanted)
        self.free = sum(1 << position[arn] for arn in tolerated) | sum(1 << node for node in finder.search.joined)
        self.free &= ~self.admins
        self.number: dict[Edit, int] = {}
        self.demands: dict[Demand, None] = {}

    def make(self) -> Problem:
        reached = 0
        for rings in self.goal.rings.values():
            for ring in rings:
                reached |= ring
        for node in members(reached & ~self.admins):
            for move in self.finder.search.moves_of.get(node, ()):
                for demand in self._of_move(move, node, reached):
                    self.demands[demand] = None
        edits = tuple(self.number)
        return Problem(edits, tuple(self.edits.cost(edit) for edit in edits), tuple(self.demands))

    def _of_move(self, move: Move, node: int, reached: Bits) -> Iterator[Demand]:
        source = node if self.free >> node & 1 else -1
        actor = self.finder.search.joined.get(node, (node, ""))
        if move.arrivals:
            yield from self._to(move, actor, source, -1, () if move.is_own else tuple(members(move.arrivals)))
        targets = move.targets & ~move.arrivals & ~(1 << node)
        if goals := targets & self.admins:
            yield from self._to(move, actor, source, -1, tuple(members(goals)))
        for target in members(targets & self.free & reached):
            yield from self._to(
                move, actor, source, target, (target,) if target < len(self.finder.account.nodes) else ()
            )

    def _to(
        self, move: Move, actor: tuple[int, str], source: int, target: int, through: tuple[int, ...]
    ) -> Iterator[Demand]:
        """One demand for targets that the same statements reach: every statement that reaches one must be ended."""
        node, group = actor
        needs = []
        for need in move.technique.needs:
            ways = self.edits.of_need(need, move, node, through, group)
            if ways and all(ways):
                needs.append(tuple(sorted({tuple(self._numbered(edit) for edit in way) for way in ways})))
        yield Demand(source, target, tuple(needs))

    def _numbered(self, edit: Edit) -> int:
        return self.number.setdefault(edit, len(self.number))
