"""The search: from administrators backwards over sets of actors and targets, at three levels of certainty.

Moves are never taken apart into pairs. A user who can join a group becomes a node of its own there: the user with the
rights of that group added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from advisor.graph.hands import Hands
from advisor.graph.holders import Holder
from advisor.graph.in_hand import hold
from advisor.graph.interpret import Interpreter
from advisor.graph.joins import Joins, widen
from advisor.graph.moves import LEVELS, Level, Move, level_of
from advisor.graph.reuse import Earlier
from advisor.graph.together import widen_together
from advisor.graph.universe import Bits, members

if TYPE_CHECKING:
    from advisor.graph.reads import Ending, Reading

Way = tuple[tuple[Move, int], ...]
FAR = 1 << 30
_SMALL = 6


class Search:
    """All moves of one account, and who reaches the goal in how many hops."""

    def __init__(self, interpreter: Interpreter, like: Search | None = None) -> None:
        """`like`: the search before a change."""
        self.interpreter = interpreter
        self.account = interpreter.account
        self.moves: list[Move] = []
        self.by_target: dict[int, list[Move]] = defaultdict(list)
        """Moves with few targets, by each of these."""
        self.by_targets: dict[Bits, list[Move]] = defaultdict(list)
        """Those with many, by the whole set."""
        self.arriving: list[Move] = []
        self.moves_of: dict[int, list[Move]] = defaultdict(list)
        self.joined: dict[int, tuple[int, str]] = {}
        """Nodes beyond the account's own: (the user, ARN of the group that it joins)."""
        self.holder_of: list[Holder] = list(self.account.holder_of)
        self.admins: dict[int, Level] = {}
        self.acting: dict[int, Bits] = {}
        """Where the moves of such nodes start from, by the move's identity."""
        self.joins = Joins(self)
        self.changing = Hands(interpreter)
        self.earlier = Earlier(interpreter, like)
        self._collect()

    @property
    def size(self) -> int:
        return len(self.holder_of)

    def _collect(self) -> None:
        self.admins.update(self.interpreter.admins.of_account())
        for holder in self.account.holders:
            for move in self.earlier.moves(holder, self._climbing(holder)):
                if move.groups:
                    self.joins.add(move)
                else:
                    self.add(move)

    def _climbing(self, holder: Holder) -> list[int]:
        """The members who are not administrators for sure: who reaches one of those needs nothing more."""
        return [node for node in holder.members if self.admins.get(node) != 0]

    @cached_property
    def hands(self) -> tuple[Move, ...]:
        """Who could make others administrators, if these were in hand as well."""
        found: list[Move] = []
        for holder in self.account.holders:
            if climbing := self._climbing(holder):
                found += self.changing.of(holder, climbing)
        self.interpreter.needs.powers.forget()
        return tuple(found)

    def add(self, move: Move) -> None:
        """Take a move of the account's own principals in."""
        self._keep(move)
        for node in members(move.actors):
            self.moves_of[node].append(move)

    def _keep(self, move: Move) -> None:
        self.moves.append(move)
        if move.arrivals:
            self.arriving.append(move)
        if move.targets.bit_count() <= _SMALL:
            for node in members(move.targets):
                self.by_target[node].append(move)
        else:
            self.by_targets[move.targets].append(move)

    def make_node(self, user: int, group: str, holder: Holder) -> int:
        """The node of a user that has joined a group."""
        there = self.size
        self.holder_of.append(holder)
        self.joined[there] = (user, group)
        formula = self.interpreter.admins.is_one(holder, user)
        if formula:
            self.admins[there] = level_of(formula)
        return there

    def gain(self, there: int, moves: Iterable[Move]) -> None:
        """What the user of such a node can by the group."""
        user, _ = self.joined[there]
        for move in moves:
            if move.actors >> user & 1:
                if id(move) not in self.acting:
                    self._keep(move)
                self.moves_of[there].append(move)
                self.acting[id(move)] = self.acting.get(id(move), 0) | 1 << there

    def self_of(self, node: int) -> int:
        """The principal behind a node: a user in a group that it joined is that user."""
        return self.joined[node][0] if node in self.joined else node

    def is_created(self, node: int) -> bool:
        """Whether it is the node of a principal that is not there yet."""
        return False


class Goal:
    """Distances to one goal.

    `rings[level][hops]` are the nodes that are that many hops away when only moves of that level or surer ones count.
    """

    def __init__(self, search: Search, wanted: dict[int, Level], *, arrivals: bool = False) -> None:
        """`arrivals`: whether becoming an administrator is what is wanted."""
        self.search = search
        self.wanted = wanted
        self.arrivals = arrivals
        self.reading: Reading | None = None
        """The resource, where one is the goal, and how each of those wanted comes to what it holds."""
        self.endings: dict[int, Ending] = {}
        self.rings: dict[Level, list[Bits]] = {}
        self.tried: set[int] = set()
        """Users for whom several groups at once were asked about."""
        self.held: set[tuple[int, Level]] = set()
        """For whom it was asked, and how surely, whether they grant rights to somebody whom they have in hand."""
        self.spread()
        while widen(self) or widen_together(self) or (arrivals and hold(self)):
            self.spread()

    def spread(self) -> None:
        """Work the distances out, with the nodes of joined groups that there are by now."""
        self.rings = {level: self._spread(level) for level in LEVELS}
        self._seen = (self.search.size, len(self.search.moves))

    @property
    def reached(self) -> Bits:
        """All nodes that lead there, those that are there included."""
        return reduce(or_, (ring for rings in self.rings.values() for ring in rings), 0)

    def widest(self) -> Goal:
        """The goal with every group that somebody can join worked out."""
        self.search.joins.expand()
        if self._seen != (self.search.size, len(self.search.moves)):
            self.spread()
        return self

    def reach(self, node: int, level: Level) -> int:
        """The hops from a node, by its moves and the distances so far; `FAR` where there is no way."""
        if self.wanted.get(node, FAR) <= level:
            return 0
        hops = (self.hops_by(move, level, node) for move in self.search.moves_of.get(node, ()))
        return min((count for count in hops if count is not None), default=FAR)

    def _spread(self, level: Level) -> list[Bits]:
        start = sum(1 << node for node, sure in self.wanted.items() if sure <= level)
        rings, seen = [start], start
        done: set[int] = set()
        found = self._actors(self.search.arriving if self.arrivals else (), level, done)
        while True:
            found = (found | self.reaching(rings[-1], level, done)) & ~seen
            if not found:
                return rings
            rings.append(found)
            seen |= found
            found = 0

    def reaching(self, ring: Bits, level: Level, done: set[int]) -> Bits:
        """Who reaches the ring by a move; each is looked at once, whatever it reaches."""
        found = 0
        for node in members(ring):
            if moves := self.search.by_target.get(node):
                found |= self._actors(moves, level, done)
        for targets, moves in self.search.by_targets.items():
            if targets & ring:
                found |= self._actors(moves, level, done)
        return found

    def _actors(self, moves: Iterable[Move], level: Level, done: set[int]) -> Bits:
        found = 0
        for move in moves:
            if move.level <= level and id(move) not in done:
                done.add(id(move))
                found |= self._acting(move)
        return found

    def _acting(self, move: Move) -> Bits:
        return self.search.acting.get(id(move), move.actors)

    def within(self, level: Level) -> Bits:
        """All who reach the goal that surely."""
        found = 0
        for ring in self.rings[level]:
            found |= ring
        return found

    def distance(self, node: int, level: Level) -> int | None:
        return next((hops for hops, ring in enumerate(self.rings[level]) if ring >> node & 1), None)

    def hops_by(self, move: Move, level: Level, start: int = -1) -> int | None:
        """The length of the shortest way that begins with the move, not counting ways back to the start."""
        if move.level > level:
            return None
        if self.arrivals and move.arrivals:
            return 1
        targets = move.targets & ~(1 << start) if start >= 0 else move.targets
        for hops, ring in enumerate(self.rings[level]):
            if targets & ring:
                return hops + 1
        return None

    def best(self, move: Move, start: int) -> tuple[Level, int] | None:
        """The surest level at which the move leads to the goal, and the hops it then takes."""
        for level in LEVELS:
            hops = self.hops_by(move, level, start)
            if hops is not None:
                return level, hops
        return None

    def ways(self, node: int, level: Level, *, every: bool, start: int = -1) -> Iterator[Way]:
        """The shortest ways from a node as (move, node it leads to); -1: the actor itself. `start` is avoided."""
        distance = self.distance(node, level)
        if distance == 0:
            yield ()
        for move in self.search.moves_of.get(node, ()) if distance else ():
            if distance and self.hops_by(move, level) == distance:
                yield from self.ways_by(move, level, distance, start=start, every=every)
                if not every:
                    return

    def _arrives(self, move: Move, node: int) -> bool:
        """Whether the move makes the node an administrator, which the start, too, may become by what it reached."""
        return self.arrivals and bool(move.arrivals >> node & 1)

    def ways_by(self, move: Move, level: Level, hops: int, *, start: int, every: bool) -> Iterator[Way]:
        """The ways of that many hops that begin with the move and do not come back to the start; one, or every one."""
        if hops == 1 and self.arrivals and move.arrivals:
            for node in (-1,) if move.is_own else members(move.arrivals):
                yield ((move, node),)
                if not every:
                    return
            return
        targets = move.targets & self.rings[level][hops - 1]
        if start >= 0:
            targets &= ~(1 << start)
        for node in members(targets):
            for rest in self.ways(node, level, every=every, start=start):
                if start < 0 or all(there != start or self._arrives(step, there) for step, there in rest):
                    yield ((move, node), *rest)
                    if not every:
                        return
