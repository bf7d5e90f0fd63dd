"""Ways on which somebody who is in hand already is granted rights by somebody else who is: a role that a user assumes
attaches a policy to that very user. Neither leads to an administrator alone.

It is asked only for those who get there in no other way for sure. Each such way becomes a chain of nodes of its own:
its principals, with the start in hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from advisor.graph.moves import LEVELS, Level, Move
from advisor.graph.universe import Bits, members

if TYPE_CHECKING:
    from advisor.graph.search import Goal, Search

Step = tuple[Move, int]


class _Grant(msgspec.Struct, frozen=True, gc=False):
    """The way to one who grants, the move that grants, and the way to the one who is granted, if that is another."""

    to_actor: tuple[Step, ...]
    move: Move
    beneficiary: int
    group: int = -1
    """The group that the beneficiary is put into."""
    to_beneficiary: tuple[Step, ...] = ()


def hold(goal: Goal) -> bool:
    """Open such ways for those whom nothing as sure leads to an administrator; whether there were some."""
    search = goal.search
    grants: dict[int, list[Move]] = {}
    for move in search.hands:
        for node in members(move.actors):
            grants.setdefault(node, []).append(move)
    found = False
    for level in LEVELS if grants else ():
        for node in members(_leading_to(goal, grants, level) & ~goal.within(level)):
            if (node, level) not in goal.held:
                goal.held.add((node, level))
                grant = _grant(search, node, grants, level)
                if grant is not None:
                    _open(search, node, grant)
                    found = True
        if found:
            return True
    return False


def _leading_to(goal: Goal, actors: Iterable[int], level: Level) -> Bits:
    """The account's principals who reach one of these, and these themselves; administrators aside."""
    search = goal.search
    reached = sum(1 << node for node in actors)
    ring, done = reached, set[int]()
    while ring:
        ring = goal.reaching(ring, level, done) & ~reached
        reached |= ring
    administrators = sum(1 << node for node, sure in search.admins.items() if sure < 2)
    return reached & search.account.nodes.all & ~administrators


def _reached(search: Search, start: int, level: Level) -> dict[int, tuple[Step, ...]]:
    """Whom the start becomes by moves that are as sure, each with the moves, the shortest first."""
    found: dict[int, tuple[Step, ...]] = {start: ()}
    ring, seen = [start], 1 << start
    while ring:
        following = []
        for node in ring:
            for move in search.moves_of.get(node, ()):
                new = move.targets & search.account.nodes.all & ~seen if move.level <= level else 0
                seen |= new
                for target in members(new):
                    found[target] = (*found[node], (move, target))
                    following.append(target)
        ring = following
    return found


def _grant(search: Search, start: int, grants: dict[int, list[Move]], level: Level) -> _Grant | None:
    """The grant of the nearest one who can make somebody in hand an administrator."""
    reached = _reached(search, start, level)
    mine = sum(1 << node for node in reached)
    for actor, way in reached.items():
        passed = [start, *(node for _, node in way)]
        for move in grants.get(actor, ()):
            others = move.arrivals & mine & ~(1 << actor)
            if move.level <= level and (others or move.groups):
                near = [node for node in passed if others >> node & 1] or list(members(others))[:1]
                found = [(node, -1) for node in near] or _put_in_group(search, move, passed, level)
                for node, group in found[:1]:
                    return _Grant(way, move, node, group, () if node in passed else reached[node])
    return None


def _put_in_group(search: Search, move: Move, users: Iterable[int], level: Level) -> list[tuple[int, int]]:
    """A user in hand, and a group that makes it an administrator."""
    made = search.joins.made_administrator
    return [
        (user, group)
        for user in users
        for group in (members(move.groups) if search.account.user_bits >> user & 1 else ())
        if (sure := made(user, group)) is not None and sure <= level
    ]


def _open(search: Search, start: int, grant: _Grant) -> None:
    """Make the nodes of the way."""
    there = _walk(search, start, grant.to_actor)
    edited = search.changing.edited_for(grant.move, search.self_of(there), grant.beneficiary)
    move, holder = replace(grant.move, arrivals=1 << grant.beneficiary, groups=0, policy=edited), None
    if grant.group >= 0:
        named = search.account.groups.arns[grant.group]
        holder = search.joins.holder(grant.beneficiary, grant.group)
    else:
        named = search.account.nodes.arns[grant.beneficiary]
    move = replace(move, named=named)
    if grant.to_beneficiary:
        back = search.make_node(start, "", search.holder_of[start])
        _add(search, there, replace(move, arrivals=0, targets=1 << back))
        *steps, (last, node) = grant.to_beneficiary
        _add(search, _walk(search, back, steps), replace(last, arrivals=1 << node, targets=0, is_own=False))
    elif holder is not None:
        joined = search.make_node(grant.beneficiary, named, holder)
        _add(search, there, replace(move, arrivals=0, targets=1 << joined))
    else:
        _add(search, there, move)


def _walk(search: Search, at: int, steps: tuple[Step, ...] | list[Step]) -> int:
    """Nodes for the principals on a way, each with the start in hand; the last of them."""
    for move, node in steps:
        there = search.make_node(node, "", search.holder_of[node])
        _add(search, at, replace(move, arrivals=0, targets=1 << there))
        at = there
    return at


def _add(search: Search, at: int, move: Move) -> None:
    alone = replace(move, actors=search.account.bit(search.self_of(at)))
    if at in search.joined:
        search.gain(at, [alone])
    else:
        search.add(alone)
