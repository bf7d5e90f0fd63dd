"""The search: from administrators backwards over sets of actors and targets, at three levels of certainty.

Moves are never taken apart into pairs. A user who can join a group becomes a node of its own there: the user with the
rights of that group added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from advisor.graph.holders import Holder
from advisor.graph.interpret import Interpreter
from advisor.graph.moves import Level, Move, level_of
from advisor.graph.universe import Bits, members
from advisor.model.document import Document

Way = tuple[tuple[Move, int], ...]
LEVELS: tuple[Level, ...] = (0, 1, 2)
MOST_JOINED = 3_000
"""Beyond so many joined groups only those are followed that make administrators by themselves."""
_SMALL = 48


class Search:
    """All moves of one account, and who reaches the goal in how many hops."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.account = interpreter.account
        self.moves: list[Move] = []
        self.moves_of: dict[int, list[Move]] = defaultdict(list)
        self.joined: dict[int, tuple[int, str]] = {}
        """Nodes beyond the account's own: (the user, ARN of the group that it joins)."""
        self.holder_of: list[Holder] = list(self.account.holder_of)
        self.admins: dict[int, Level] = {}
        self.acting: dict[int, Bits] = {}
        """Where the moves of such nodes start from, by the move's identity."""
        self._powerful: dict[str, bool] = {}
        self._collect()

    @property
    def size(self) -> int:
        return len(self.holder_of)

    def _collect(self) -> None:
        for holder in self.account.holders:
            for node in self._representatives(holder):
                formula = self.interpreter.admins.is_one(holder, node)
                if formula:
                    level = level_of(formula)
                    for member in holder.members if not holder.personal_mask else (node,):
                        self.admins[member] = level
        joins: list[Move] = []
        for holder in self.account.holders:
            others = [node for node in holder.members if self.admins.get(node) != 0]
            for move in self.interpreter.moves(holder, others) if others else ():
                if move.technique.gives == "group-rights":
                    joins.append(move)
                else:
                    self._add(move)
            self.interpreter.needs.powers.forget()
        self._join(joins)

    def _representatives(self, holder: Holder) -> Sequence[int]:
        return holder.members if holder.personal_mask else holder.members[:1]

    def _add(self, move: Move) -> None:
        self.moves.append(move)
        for node in members(move.actors):
            self.moves_of[node].append(move)

    def _join(self, joins: Iterable[Move]) -> None:
        """The nodes of users in groups that they can join, and what they can there."""
        known: dict[tuple[int, frozenset[str]], int] = {}
        for move in joins:
            (node,) = members(move.actors)
            holder = self.holder_of[node]
            group = self.account.snapshot.groups[self.account.groups.position[move.named]]
            documents = tuple(item.document for item in self.account.held_by_group(group))
            added = frozenset(document.digest for document in documents) - {d.digest for d in holder.documents}
            mask = self.account.allowed(documents, "identity")
            is_many = len(self.joined) >= MOST_JOINED
            if (is_many or self._escalates(node)) and not self._makes_administrator(move.named, documents, node):
                continue  # who escalates already needs no group, unless that makes an administrator at once
            if not added or not mask:
                continue
            if (node, added) not in known:
                known[node, added] = self._joined_node(node, move.named, (*holder.documents, *documents), mask)
            there = known[node, added]
            self._add(msgspec.structs.replace(move, targets=1 << there))

    def _joined_node(self, node: int, group: str, documents: tuple[Document, ...], added: int) -> int:
        there = self.size
        holder = self.account.like(self.holder_of[node], documents)
        self.holder_of.append(holder)
        self.joined[there] = (node, group)
        formula = self.interpreter.admins.is_one(holder, node)
        if formula:
            self.admins[there] = level_of(formula)
        if self._escalates(node):
            return there  # by itself already, in one hop: no need to look what else the group would bring
        for move in self.interpreter.moves(holder, (node,), using=added):
            if move.technique.gives != "group-rights":
                self.moves.append(move)
                self.moves_of[there].append(move)
                self.acting[id(move)] = 1 << there
        return there

    def _makes_administrator(self, group: str, documents: tuple[Document, ...], node: int) -> bool:
        """Whether the rights of a group alone make an administrator."""
        if group not in self._powerful:
            holder = self.account.holder("user", documents, (), None)
            self._powerful[group] = bool(self.interpreter.admins.is_one(holder, node))
        return self._powerful[group]

    def _escalates(self, node: int) -> bool:
        """Whether the principal makes itself an administrator."""
        return any(move.arrivals and move.is_own and move.level == 0 for move in self.moves_of.get(node, ()))

    def goal(self, nodes: Iterable[int] = (), *, administrators: bool = True) -> Goal:
        """Who reaches these nodes, or an administrator."""
        return Goal(self, dict(self.admins) if administrators else dict.fromkeys(nodes, 0), arrivals=administrators)


class Goal:
    """Distances to one goal.

    `rings[level][hops]` are the nodes that are that many hops away when only moves of that level or surer ones count.
    """

    def __init__(self, search: Search, wanted: dict[int, Level], *, arrivals: bool) -> None:
        self.search = search
        self.wanted = wanted
        self.arrivals = arrivals
        self.rings: dict[Level, list[Bits]] = {level: self._spread(level) for level in LEVELS}

    def _spread(self, level: Level) -> list[Bits]:
        start = sum(1 << node for node, sure in self.wanted.items() if sure <= level)
        rings, seen = [start], start
        usable = [move for move in self.search.moves if move.level <= level]
        arriving = 0
        if self.arrivals:
            for move in usable:
                if move.arrivals:
                    arriving |= self._acting(move)
        small, large = _by_target(usable, self._acting)
        while True:
            found = arriving if len(rings) == 1 else 0
            for targets, actors in large:
                if targets & rings[-1]:
                    found |= actors
            if small:
                for node in members(rings[-1]):
                    found |= small.get(node, 0)
            found &= ~seen
            if not found:
                return rings
            rings.append(found)
            seen |= found

    def _acting(self, move: Move) -> Bits:
        return self.search.acting.get(id(move), move.actors)

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
                if all(there != start for _, there in rest):
                    yield ((move, node), *rest)
                    if not every:
                        return


def _by_target(
    moves: Iterable[Move], acting: Callable[[Move], Bits]
) -> tuple[dict[int, Bits], list[tuple[Bits, Bits]]]:
    """Actors by single target for moves with few targets, and by the whole set for those with many."""
    small: dict[int, Bits] = defaultdict(int)
    large: dict[Bits, Bits] = defaultdict(int)
    for move in moves:
        actors = acting(move)
        if move.targets.bit_count() <= _SMALL:
            for node in members(move.targets):
                small[node] |= actors
        else:
            large[move.targets] |= actors
    return small, list(large.items())
