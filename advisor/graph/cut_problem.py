"""The cut as a problem: demands, each with the needs that could be taken away, each need with the edits that do so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from advisor.graph.edit_costs import EditCosts
from advisor.graph.edits import Edit, Edits
from advisor.graph.moves import Move
from advisor.graph.outside import entries
from advisor.graph.paths import ADMIN, Finder
from advisor.graph.universe import Bits, members
from advisor.model.arn import account_of
from advisor.model.work import paused_collector

if TYPE_CHECKING:
    from advisor.graph.across import Across, Crossing

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
    finders: Sequence[Finder],
    tolerated: frozenset[str],
    check: Check = lambda: None,
    made: frozenset[str] = frozenset(),
    across: Across | None = None,
) -> Problem:
    """All hops that lead from somebody untolerated to an administrator, or through tolerated ones.

    `check` is called again and again and may raise: nobody waits any more. `made`: boundaries of earlier rounds.
    `across`: what stands between the accounts, where there are several.
    """
    with paused_collector():
        reached = across.reached() if across else [finder.goal(ADMIN).reached for finder in finders]
        pool = _Pool(tolerated, check, made)
        bases = accumulate((finder.search.size for finder in finders), initial=0)
        makers = [_Maker(*one, pool) for one in zip(finders, reached, bases, strict=False)]
        for maker in makers:
            maker.make()
        if across is not None:
            for crossing in across.crossings:
                here, there = (makers[across.at[account_of(arn)]] for arn in (crossing.actor, crossing.target))
                _cross(pool, crossing, here, there)
        return Problem(tuple(pool.costs), tuple(pool.costs.values()), tuple(pool.demands))


class _Pool:
    """Edits and demands of all accounts."""

    def __init__(self, tolerated: frozenset[str], check: Check, made: frozenset[str]) -> None:
        self.tolerated, self.check, self.made = tolerated, check, made
        self.number: dict[Edit, int] = {}
        self.costs: dict[Edit, float] = {}
        self.demands: dict[Demand, None] = {}


class _Maker:
    """The demands of one account. `base`: what its nodes are numbered from."""

    def __init__(self, finder: Finder, reached: Bits, base: int, pool: _Pool) -> None:
        self.finder = finder
        self.reached = reached
        self.base = base
        self.pool = pool
        self.edits = Edits(finder.explainer, pool.made)
        self.costs = EditCosts(finder.explainer)
        self.nodes = finder.account.nodes
        self.admins = sum(1 << node for node in finder.goal(ADMIN).wanted)
        position = self.nodes.position
        self.free = sum(1 << position[arn] for arn in pool.tolerated if arn in position)
        self.free |= sum(1 << node for node in finder.search.joined)
        self.free &= ~self.admins

    def make(self) -> None:
        for node in members(self.reached & ~self.admins):
            self.pool.check()
            for move in self.finder.search.moves_of.get(node, ()):
                self._of_move(move, node)
        self._of_outsiders()

    def _of_move(self, move: Move, node: int) -> None:
        actor = self.finder.search.joined.get(node, (node, ""))
        source = self.source(node)
        if move.arrivals:
            self._to(move, actor, source, -1, 0 if move.is_own else move.arrivals)
        targets = move.targets & ~move.arrivals & ~(1 << node)
        if goals := targets & self.admins:
            self._to(move, actor, source, -1, goals)
        for target in members(targets & self.free & self.reached):
            self._to(move, actor, source, self.base + target, 1 << self.finder.search.self_of(target))

    def source(self, node: int) -> int:
        """The potential of who acts: none, for somebody untolerated."""
        return self.base + node if self.free >> node & 1 else -1

    def target(self, node: int) -> int | None:
        """The potential of who is reached; `None` for somebody whose own ways are closed."""
        if self.admins >> node & 1:
            return -1
        return self.base + node if self.free & self.reached & 1 << node else None

    def _to(self, move: Move, actor: tuple[int, str], source: int, target: int, through: Bits) -> None:
        """One demand for targets that the same statements reach: every statement that reaches one must be ended."""
        node, group = actor
        needs = (self.edits.of_need(need, move, node, through & self.nodes.all, group) for need in move.technique.needs)
        self.demand(source, target, (self.numbered(ways) for ways in needs if ways and all(ways)))

    def demand(self, source: int, target: int, needs: Iterable[tuple[Way, ...]]) -> None:
        self.pool.demands[Demand(source, target, tuple(needs))] = None

    def _of_outsiders(self) -> None:
        """Who comes in from outside straight to an administrator or to somebody tolerated; others are closed behind."""
        for party, node, _ in entries(self.finder, quiet=True):
            target = self.target(node)
            if party.name not in self.pool.tolerated and target is not None:
                ways = self.edits.of_entry(party.name, node)
                self.demand(-1, target, (self.numbered(ways),) if ways else ())

    def numbered(self, ways: Iterable[tuple[Edit, ...]]) -> tuple[Way, ...]:
        return tuple(sorted({tuple(self._number(edit) for edit in way) for way in ways}))

    def _number(self, edit: Edit) -> int:
        found = self.pool.number.get(edit)
        if found is None:
            found = self.pool.number[edit] = len(self.pool.number)
            self.pool.costs[edit] = self.costs.of(edit)
        return found


def _cross(pool: _Pool, crossing: Crossing, here: _Maker, there: _Maker) -> None:
    """The demand that nobody untolerated crosses; it is met on either side of the border.

    An administrator could take whatever is denied on its own side off again.
    """
    node, target = here.nodes.position[crossing.actor], there.target(there.nodes.position[crossing.target])
    if target is None or (crossing.actor in pool.tolerated and not here.free >> node & 1):
        return
    needs = []
    for need in crossing.hop.requires:
        mine = [] if here.admins >> node & 1 else here.edits.of_crossing(node, need.action, need.resource)
        theirs = there.edits.of_crossed(crossing.actor, need.action, need.resource)
        needs += [maker.numbered(ways) for maker, ways in ((here, mine), (there, theirs)) if ways and all(ways)]
    here.demand(here.source(node), target, needs)
