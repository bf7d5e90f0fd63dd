"""Users for whom one group is not enough: they join several, or one that lets them join another.

It is asked only where no single group leads to the goal. All groups that can be joined are taken at once, since rights
add up; if that leads there, as many are left out again as can be. Denials do not add up: groups that deny are tried
without, too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from advisor.graph.holders import Holder
from advisor.graph.moves import Level, Move, level_of
from advisor.graph.universe import members

if TYPE_CHECKING:
    from advisor.graph.joins import Joins
    from advisor.graph.search import Goal

_ADMINISTRATOR = "admin"


class Joined(msgspec.Struct, frozen=True, gc=False):
    """Groups in an order in which they can be joined, each by a move, and the rights with all of them."""

    steps: tuple[tuple[int, Move], ...]
    holder: Holder

    @property
    def groups(self) -> tuple[int, ...]:
        return tuple(group for group, _ in self.steps)


def widen_together(goal: Goal) -> bool:
    """Open several groups at once for users whom no single one leads to the goal; whether some were."""
    waiting = [node for node in goal.search.joins.of if node not in goal.tried and not _is_led(goal, node)]
    goal.tried.update(waiting)
    known: dict[tuple[object, ...], tuple[int, ...]] = {}
    opened = [_open(goal, node, known) for node in waiting]
    return any(opened)


def _is_led(goal: Goal, node: int) -> bool:
    """Whether the user is there, or gets there by joining a group."""
    joining = (move for move in goal.search.moves_of.get(node, ()) if move.technique.gives == "group-rights")
    return goal.wanted.get(node) == 0 or any(goal.best(move, node) is not None for move in joining)


def _open(goal: Goal, node: int, known: dict[tuple[object, ...], tuple[int, ...]]) -> bool:
    """Make the nodes of the user with one group after the other. `known`: the groups for those who hold the same."""
    joins = goal.search.joins
    own = joins.search.holder_of[node]
    alone = node if own.personal_mask else -1
    key = (own.id, alone, *sorted(move.groups for move in joins.of[node]))
    if key not in known:
        known[key] = _fewest(goal, node)
    joined = _closure(joins, node, known[key]) if known[key] else None
    if joined is None:
        return False
    (first, _), *rest = joined.steps
    joins.open(node, first, as_administrator=True)
    at, holder = joins.nodes[node, first], joins.account.like(own, (*own.documents, *joins.documents_of(first)))
    for group, move in rest:
        holder = joins.account.like(holder, (*holder.documents, *joins.documents_of(group)))
        named = joins.account.groups.arns[group]
        there = goal.search.make_node(node, named, holder)
        goal.search.gain(at, [replace(move, targets=1 << there, named=named, groups=0)])
        at = there
    goal.search.gain(at, _gains(joins, replace(joined, holder=holder), node))
    return True


def _gains(joins: Joins, joined: Joined, node: int) -> list[Move]:
    """What a user can that has joined these groups, by editing them as well."""
    interpreter = joins.search.interpreter
    moves = [move for move in interpreter.moves(joined.holder, [node]) if not move.groups]
    return moves + [
        move for group in joined.groups for move in interpreter.edits_of_group(joined.holder, [node], group)
    ]


def _fewest(goal: Goal, node: int) -> tuple[int, ...]:
    """Groups that lead to the goal when all of them are joined, none of which can be left out; nothing if none do."""
    joins = goal.search.joins
    every = _closure(joins, node)
    if every is None or len(every.steps) < 2:
        return ()
    kind = [group for group in every.groups if not _denies(joins, group)]
    for joined in (every, _closure(joins, node, kind)):
        found = _leads(goal, node, joined)
        if joined is None or found is None:
            continue
        groups = joined.groups
        for group in joined.groups:
            fewer = _closure(joins, node, [one for one in groups if one != group])
            if fewer is not None and _leads(goal, node, fewer, found[1]) == found:
                groups = fewer.groups
        return groups
    return ()


def _closure(joins: Joins, node: int, only: Collection[int] | None = None) -> Joined | None:
    """All groups, or just these, as far as they can be joined one after the other; `None` where one of them cannot."""
    holder = joins.search.holder_of[node]
    steps: dict[int, Move] = {}
    moves = list(joins.of[node])
    while moves:
        found: dict[int, Move] = {}
        for move in moves:
            found |= {group: move for group in members(move.groups) if only is None or group in only}
        new = {group: move for group, move in found.items() if group not in steps and joins.documents_of(group)}
        documents = [document for group in new for document in joins.documents_of(group)]
        holder = joins.account.like(holder, (*holder.documents, *documents)) if new else holder
        steps |= new
        more = any(joins.lets_join(group) for group in new)
        moves = [move for move in joins.search.interpreter.moves(holder, [node]) if move.groups] if more else []
    if not steps or (only is not None and len(steps) < len(only)):
        return None
    return Joined(tuple(steps.items()), holder)


def _denies(joins: Joins, group: int) -> bool:
    lines = (line for document in joins.documents_of(group) for line in joins.account.lines.of(document))
    return any(line.is_deny for line in lines)


def _leads(goal: Goal, node: int, joined: Joined | None, technique: str = "") -> tuple[Level, str] | None:
    """How surely these groups lead to the goal together, and by which technique; by a given one only, if named."""
    if joined is None:
        return None
    if goal.arrivals and technique in ("", _ADMINISTRATOR):
        formula = goal.search.interpreter.admins.is_one(joined.holder, node)
        if formula:
            return level_of(formula), _ADMINISTRATOR
    found = []
    for move in _gains(goal.search.joins, joined, node):
        best = goal.best(move, node) if technique in ("", move.technique.id) else None
        if best is not None:
            found.append((best[0], move.technique.id))
    return min(found, default=None)
