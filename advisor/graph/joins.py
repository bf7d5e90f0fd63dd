"""Groups that users can join: kept as sets, and worked out group by group only as far as an answer hangs on it.

A user with the rights of a group added becomes a node of its own. Of all groups that a user can join, as many are
worked out as it takes to know the surest and the shortest way through one of them; `expand` works out every one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.graph.holders import Holder
from advisor.graph.moves import Level, Move, level_of
from advisor.graph.universe import Bits, members
from advisor.model.document import Document

if TYPE_CHECKING:
    from advisor.graph.search import Goal, Search

_SOON = 2
"""Hops of joining a group and using its rights once: nothing shorter is left when no group makes administrators."""


class Gain(msgspec.Struct, frozen=True, gc=False):
    """What the users of one holder can in one group: the holder with its rights added, and the moves that use them."""

    holder: Holder
    moves: tuple[Move, ...]


class Joins:
    """Who can join which groups, and the nodes made of it so far."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.account = search.account
        self.of: dict[int, list[Move]] = defaultdict(list)
        """By user: its moves into groups, each with a set of groups."""
        self.nodes: dict[tuple[int, int], int] = {}
        """Nodes by (user, position of the group)."""
        self._users: dict[int, list[int]] = defaultdict(list)
        self._holders: dict[tuple[int, int], Holder | None] = {}
        self._gains: dict[tuple[int, int], Gain] = {}
        self._documents: dict[int, tuple[Document, ...]] = {}
        self._masks: dict[int, int] = {}
        self._edited: dict[int, Bits] = {}
        self._full: set[int] = set()
        self._is_whole = False

    def add(self, move: Move) -> None:
        (node,) = members(move.actors)
        if node not in self.of:
            self._users[self.search.holder_of[node].id].append(node)
        self.of[node].append(move)

    def expand(self) -> None:
        """Work out every group of every user."""
        if self._is_whole:
            return
        self._is_whole = True
        for node in self.of:
            for group in self.groups(node):
                self.open(node, group)

    def groups(self, node: int) -> Iterator[int]:
        """The groups that a user can join, those first that others gained by, and last those that it can edit then."""
        bits: Bits = 0
        for move in self.of[node]:
            bits |= move.groups
        found = [group for group in members(bits) if self._mask(group) or self._edits(node) >> group & 1]
        yield from sorted(found, key=lambda group: (-self._mask(group).bit_count(), group))

    def open(self, node: int, group: int, *, as_administrator: bool = False) -> bool:
        """Make the node of a user in a group; whether that says anything new.

        Of one who is an administrator there nothing more needs to be known, on the way to an administrator.
        """
        there = self.nodes.get((node, group))
        if there is not None and (as_administrator or there in self._full):
            return False
        gain = None if as_administrator else self.gain(node, group)
        holder = gain.holder if gain else self.holder(node, group)
        if holder is None or (gain is None and not as_administrator):
            return False
        if there is None:
            there = self._make(node, group, holder)
        if gain is not None:
            self._full.add(there)
            self.search.gain(there, gain.moves)
        return True

    def made_administrator(self, node: int, group: int) -> Level | None:
        """How surely a user would be an administrator in the group, whoever puts it there; `None` for never."""
        if not self.account.user_bits >> node & 1 or group in self.account.groups_of(node):
            return None
        holder = self.holder(node, group)
        formula = self.search.interpreter.admins.is_one(holder, node) if holder else None
        return level_of(formula) if formula else None

    def _make(self, node: int, group: int, holder: Holder) -> int:
        named = self.account.groups.arns[group]
        there = self.nodes[node, group] = self.search.make_node(node, named, holder)
        for move in self.of[node]:
            if move.groups >> group & 1:
                self.search.add(msgspec.structs.replace(move, targets=1 << there, named=named, groups=0))
        return there

    def gain(self, node: int, group: int) -> Gain | None:
        """What a user gains in a group; the same for all who hold the same."""
        holder = self.holder(node, group)
        if holder is None:
            return None
        key = (self.search.holder_of[node].id, group)
        found = self._gains.get(key)
        if found is None:
            users = [user for user in self._users[key[0]] if any(move.groups >> group & 1 for move in self.of[user])]
            interpreter, mask = self.search.interpreter, self._mask(group)
            moves = [move for move in interpreter.moves(holder, users, using=mask) if not move.groups] if mask else []
            moves += interpreter.edits_of_group(holder, users, group)
            found = self._gains[key] = Gain(holder, tuple(moves))
            interpreter.needs.powers.forget()
        is_admin = bool(self.search.interpreter.admins.is_one(holder, node))
        return found if is_admin or any(move.actors >> node & 1 for move in found.moves) else None

    def holder(self, node: int, group: int) -> Holder | None:
        """The rights of a user with those of a group added; `None` when it has them all and cannot edit the group."""
        own = self.search.holder_of[node]
        key = (own.id, group)
        if key not in self._holders:
            known = {document.digest for document in own.documents}
            more = tuple(item for item in self.documents_of(group) if item.digest not in known)
            self._holders[key] = self.account.like(own, (*own.documents, *more)) if more else None
        return self._holders[key] or (own if self._edits(node) >> group & 1 else None)

    def _edits(self, node: int) -> Bits:
        """The groups whose policies a user may write."""
        holder = self.search.holder_of[node]
        key = node if holder.personal_mask else -1 - holder.id
        if key not in self._edited:
            self._edited[key] = self.search.interpreter.edited_groups(holder, node)
        return self._edited[key]

    def documents_of(self, group: int) -> tuple[Document, ...]:
        if group not in self._documents:
            held = self.account.held_by_group(self.account.snapshot.groups[group])
            self._documents[group] = tuple(dict.fromkeys(item.document for item in held))
            self._masks[group] = self.account.allowed(self._documents[group], "identity")
        return self._documents[group]

    def lets_join(self, group: int) -> bool:
        """Whether its rights could let somebody join a group."""
        return bool(self._mask(group) & self.search.interpreter.joining)

    def _mask(self, group: int) -> int:
        if group not in self._masks:
            self.documents_of(group)
        return self._masks[group]


def widen(goal: Goal) -> bool:
    """Open the groups that could bring users nearer to a goal than what is open so far; whether some were."""
    joins = goal.search.joins
    grew = False
    for node in joins.of:
        if goal.wanted.get(node) != 0:
            grew |= _widen(goal, joins, node)
    return grew


def _widen(goal: Goal, joins: Joins, node: int) -> bool:
    grew = False
    groups = list(joins.groups(node))
    surest = min(move.level for move in joins.of[node])
    if goal.arrivals:
        for group in groups:
            level = _administrator_in(goal, joins, node, group)
            if level is not None:
                grew |= joins.open(node, group, as_administrator=True)
                if level <= surest and _is_so_sure(joins, node, group, surest):
                    return grew
    for group in groups:
        if _is_settled(goal, node, surest):
            break
        grew |= joins.open(node, group)
    return grew


def _administrator_in(goal: Goal, joins: Joins, node: int, group: int) -> Level | None:
    """How surely the user is an administrator in the group."""
    holder = joins.holder(node, group)
    formula = goal.search.interpreter.admins.is_one(holder, node) if holder else None
    return level_of(formula) if formula else None


def _is_so_sure(joins: Joins, node: int, group: int, level: Level) -> bool:
    return any(move.level <= level and move.groups >> group & 1 for move in joins.of[node])


def _is_settled(goal: Goal, node: int, surest: Level) -> bool:
    """Whether a way of the fewest hops through a group is open already, as sure as joining one can be."""
    return any(
        move.technique.gives == "group-rights"
        and move.level <= surest
        and goal.reach(next(members(move.targets)), surest) < _SOON
        for move in goal.search.moves_of.get(node, ())
    )
