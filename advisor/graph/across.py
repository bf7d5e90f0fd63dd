"""Paths over several accounts that were opened together: who crosses from one into another, and what that leads to.

Each account is searched on its own. Between them stand the crossings: roles that are assumed, and functions that are
taken over, from another account, as both sides allow it. Their ends are goals of the search in the account before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from advisor.graph.explain import Hop, Required
from advisor.graph.moves import DECISIONS, LEVELS, STATUS, Level
from advisor.graph.outside import outside_paths
from advisor.graph.paths import ADMIN, Finder, Path, Paths, before_of, finder_of, rank
from advisor.graph.search import Goal
from advisor.graph.universe import Bits, members
from advisor.model.arn import account_of
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.graph.reads import Reading
    from advisor.model.principal import Role
    from advisor.model.resource import Compute
    from advisor.model.verdict import Answer
    from advisor.reference.schema.escalations import Technique

_BY_ROLE = "x-xacct"


class Crossing(msgspec.Struct, frozen=True, gc=False):
    """A principal of one account becomes a role of another."""

    actor: str
    target: str
    level: Level
    hop: Hop


class _Tail(msgspec.Struct, frozen=True, gc=False):
    """What follows once a crossing is reached."""

    level: Level
    hops: tuple[Hop, ...]
    target: str


def find_across(
    account: OpenAccount, to: str, source: str | None, assume: Iterable[str], *, every: bool,
    reading: Reading | None = None,
) -> Paths:  # fmt: skip
    """The ways of all accounts that are open, within each and from one into another."""
    search = across_of(account, assume)
    goals = search.goals(to, reading)
    if source not in (None, "outside") and not any(finder.knows(str(source)) for finder in search.finders):
        search.finders[0].find(to, source, every=every)  # says that there is nobody of that name
    within = [
        finder.find(to, source, every=every)
        for finder, goal in zip(search.finders, goals, strict=True)
        if goal is not None and (source in (None, "outside") or finder.knows(str(source)))
    ]
    found = [path for paths in within for path in paths.paths]
    found += search.crossing(goals, source, every=every)
    return Paths(
        admins=tuple(sorted(arn for finder in search.finders for arn in finder.admins)),
        paths=tuple(sorted(found, key=rank)),
        gaps=tuple(gap for snapshot in account.snapshots for gap in snapshot.gaps),
        truncated=any(paths.truncated for paths in within),
    )


_FOUND: WeakKeyDictionary[OpenAccount, dict[tuple[str, ...], Across]] = WeakKeyDictionary()


def across_of(account: OpenAccount, assume: Iterable[str]) -> Across:
    known = _FOUND.setdefault(account, {})
    key = tuple(sorted(assume))
    if key not in known:
        known[key] = Across(account, key)
    return known[key]


class Across:
    """The finders of several accounts, and the crossings between them."""

    def __init__(self, account: OpenAccount, assume: tuple[str, ...]) -> None:
        self.snapshots = account.snapshots
        first = finder_of(account, assume)
        before = before_of(account)
        earlier = _FOUND.get(before, {}).get(assume) if before is not None else None
        if earlier is not None:
            others = tuple(
                one if one.account.snapshot is snapshot else one.after(snapshot)
                for one, snapshot in zip(earlier.finders[1:], account.snapshots[1:], strict=True)
            )
        else:
            techniques = load("escalations", account.knowledge)
            others = tuple(Finder(snapshot, techniques, assume) for snapshot in account.snapshots[1:])
        self.finders: tuple[Finder, ...] = (first, *others)
        self.at = {finder.account.snapshot.account: at for at, finder in enumerate(self.finders)}
        for finder in others:
            finder.opened = first.opened
        self.crossings = tuple(item for at in range(len(self.finders)) for item in self._into(account, at))
        """Every way from one account into another."""

    def _into(self, account: OpenAccount, at: int) -> Iterator[Crossing]:
        finder = self.finders[at]
        roles = finder.account.snapshot.roles
        trust = finder.search.interpreter.needs.trust
        for document, bits in trust.roles.items():
            if any(element.everyone or self._is_other(at, element.aws) for element in trust.elements(document)):
                for node in members(bits):
                    yield from self._assumed(account, at, roles[node - finder.account.users])
        for item in finder.account.snapshot.compute:
            yield from self._taken_over(account, at, item)

    def _is_other(self, at: int, names: Iterable[str]) -> bool:
        owners = (account_of(name) if ":" in name else name for name in names)
        return any(self.at.get(owner, at) != at for owner in owners)

    def _assumed(self, account: OpenAccount, at: int, role: Role) -> Iterator[Crossing]:
        title = self.finders[at].techniques[_BY_ROLE].title
        for answer in self._foreign(account, at, "sts:AssumeRole", role.arn):
            required = Required("sts:AssumeRole", role.arn, answer.because)
            yield self._crossing(_BY_ROLE, title, (answer,), role.arn, (required,))

    def _taken_over(self, account: OpenAccount, at: int, item: Compute) -> Iterator[Crossing]:
        """Things that carry a role and have a policy of their own, by which another account may act on them."""
        finder = self.finders[at]
        resource = next((one for one in finder.account.snapshot.resources if one.arn == item.arn), None)
        if not item.role or resource is None or resource.policy is None:
            return
        for technique in finder.search.interpreter.leading:
            needs = [need for need in technique.needs if need.resource == "existing"]
            if technique.carries_role and item.kind in technique.existing[:1] and len(needs) == len(technique.needs):
                yield from self._by_policy(account, at, technique, item, [need.action for need in needs])

    def _by_policy(
        self, account: OpenAccount, at: int, technique: Technique, item: Compute, actions: list[str]
    ) -> Iterator[Crossing]:
        assert item.role is not None
        each = [
            {answer.principal: answer for answer in self._foreign(account, at, action, item.arn)} for action in actions
        ]
        for principal in set.intersection(*(set(one) for one in each)):
            answers = tuple(one[principal] for one in each)
            required = tuple(
                Required(action, item.arn, answer.because) for action, answer in zip(actions, answers, strict=True)
            )
            yield self._crossing(technique.id, technique.title, answers, item.role, required)

    def _foreign(self, account: OpenAccount, at: int, action: str, resource: str) -> Iterator[Answer]:
        """The principals of the other accounts that may."""
        for answer in account.who_can(action, resource):
            owner = account_of(answer.principal)
            is_other = self.at.get(owner, at) != at
            if is_other and answer.kind in ("user", "role") and answer.decision in DECISIONS:
                yield answer

    def _crossing(
        self, technique: str, title: str, answers: tuple[Answer, ...], target: str, requires: tuple[Required, ...]
    ) -> Crossing:
        conditions = next((answer.conditions for answer in answers if answer.conditions), ())
        gaps = tuple(dict.fromkeys(gap for answer in answers for gap in answer.gaps))
        hop = Hop(technique, answers[0].principal, target, requires, conditions, gaps=gaps, title=title)
        return Crossing(answers[0].principal, target, max(DECISIONS[answer.decision] for answer in answers), hop)

    # --- Goals ---

    def goals(self, to: str, reading: Reading | None) -> list[Goal | None]:
        """The goal within each account; `None` where there is none.

        Raises:
            UsageError: for a principal that is in no account.
        """
        if to == ADMIN:
            return [finder.goal(ADMIN) for finder in self.finders]
        if reading is not None:
            for finder in self.finders:
                finder.aim(reading)
            return [finder.goal(to) for finder in self.finders]
        goals = [finder.goal(to) if finder.has_node(to) else None for finder in self.finders]
        if not any(goals):
            self.finders[0].node(to)  # says that there is nobody of that name
        return goals

    def reached(self) -> list[Bits]:
        """The nodes of each account that lead to an administrator of any."""
        reach = _Reach(self, self.goals(ADMIN, None))
        found = []
        for at in range(len(self.finders)):
            goals = (reach.goals(depth)[at] for depth in range(len(self.finders) + 1))
            found.append(reduce(or_, (goal.reached for goal in goals if goal is not None), 0))
        return found

    # --- From one account into another ---

    def crossing(self, goals: list[Goal | None], source: str | None, *, every: bool) -> list[Path]:
        """The ways that cross at least once, each by as few crossings as lead there at all."""
        found: list[Path] = []
        seen: set[str] = set()
        reach = _Reach(self, goals)
        for depth in range(1, len(self.finders) + 1):
            mine = [path for at in range(len(self.finders)) for path in reach.paths(at, depth, source, every=every)]
            found += [path for path in mine if path.source not in seen]
            seen |= {path.source for path in mine}
        return found


class _Reach:
    """What crossings lead to, by how many of them it takes: `by[depth][account]`."""

    def __init__(self, across: Across, goals: list[Goal | None]) -> None:
        self.across = across
        self.finders = across.finders
        self.by: list[list[Goal | None]] = [goals]
        self._known: dict[tuple[str, int], tuple[int | None, ...]] = {}
        self._after: dict[tuple[str, int], list[_Tail]] = {}
        self._from: dict[str, list[Crossing]] = {}
        for crossing in across.crossings:
            self._from.setdefault(crossing.actor, []).append(crossing)

    def goals(self, depth: int) -> list[Goal | None]:
        while len(self.by) <= depth:
            self.by.append([self._goal(at, len(self.by)) for at in range(len(self.finders))])
        return self.by[depth]

    def _goal(self, at: int, depth: int) -> Goal | None:
        """Those who cross from the account and then are that many crossings, less one, from the goal."""
        position = self.finders[at].account.nodes.position
        wanted: dict[int, Level] = {}
        for actor, crossings in self._from.items():
            if actor in position:
                levels = [level for one in crossings if (level := self._level(one, depth)) is not None]
                if levels:
                    wanted[position[actor]] = min(levels)
        return Goal(self.finders[at].search, wanted) if wanted else None

    def _level(self, crossing: Crossing, depth: int) -> Level | None:
        """How sure it is that the crossing leads on to the goal."""
        distances = self._distances(crossing.target, depth - 1)
        sure: Level | None = next((level for level in LEVELS if distances[level] is not None), None)
        return None if sure is None else max(sure, crossing.level)

    def _distances(self, arn: str, depth: int) -> tuple[int | None, ...]:
        """The hops from a principal to the goal at each level, asked for once for all who cross there."""
        found = self._known.get((arn, depth))
        if found is None:
            goal, node = self._there(arn, depth)
            found = tuple(goal.distance(node, level) if goal else None for level in LEVELS)
            self._known[arn, depth] = found
        return found

    def _there(self, arn: str, depth: int) -> tuple[Goal | None, int]:
        at = self.across.at.get(arn.split(":")[4], -1)
        node = self.finders[at].account.nodes.position.get(arn, -1) if at >= 0 else -1
        return (self.goals(depth)[at], node) if node >= 0 else (None, -1)

    def paths(self, at: int, depth: int, source: str | None, *, every: bool) -> Iterator[Path]:
        goal = self.goals(depth)[at]
        if goal is None:
            return
        finder = self.finders[at]
        is_inside = source not in (None, "outside") and finder.has_node(str(source))
        if not is_inside:
            party = None if source in (None, "outside") else source
            for path in outside_paths(finder, goal, source=party, quiet=source is None):
                yield self._whole(path, self._tails(path.target, depth)[0])
        if source is not None and not is_inside:
            return
        for node in range(len(finder.account.nodes)) if source is None else (finder.node(source),):
            arn = finder.account.nodes.arns[node]
            if node in goal.wanted:
                yield from (self._whole(Path(arn, arn, "open", ()), tail) for tail in self._tails(arn, depth))
            elif finder.search.admins.get(node, 2) == 2:
                for path in finder.ways_from(goal, node, every=every):
                    yield self._whole(path, self._tails(path.target, depth)[0])

    def _whole(self, path: Path, tail: _Tail) -> Path:
        """A way to somebody who crosses, with all that follows."""
        status = max(path.status, STATUS[tail.level], key=STATUS.index)
        return Path(path.source, tail.target, status, (*path.hops, *tail.hops))

    def _tails(self, arn: str, depth: int) -> list[_Tail]:
        """What follows, by the best crossing of each technique, the best of all first."""
        if (arn, depth) not in self._after:
            self._after[arn, depth] = self._work_out(arn, depth)
        return self._after[arn, depth]

    def _work_out(self, arn: str, depth: int) -> list[_Tail]:
        ways = [(level, one) for one in self._from[arn] if (level := self._level(one, depth)) is not None]
        ways.sort(key=lambda way: (way[0], self._hops(way[1], way[0], depth), way[1].target))
        best: dict[str, tuple[Level, Crossing]] = {}
        for level, crossing in ways:
            best.setdefault(crossing.hop.technique, (level, crossing))
        return [self._tail(level, crossing, depth) for level, crossing in best.values()]

    def _tail(self, level: Level, crossing: Crossing, depth: int) -> _Tail:
        goal, node = self._there(crossing.target, depth - 1)
        assert goal is not None
        finder = self.finders[self.across.at[crossing.target.split(":")[4]]]
        way = next(iter(goal.ways(node, level, every=False)))
        inner = finder.path(goal, node, way)
        if depth == 1:
            return _Tail(level, (crossing.hop, *inner.hops), inner.target)
        rest = self._tails(inner.target, depth - 1)[0]
        return _Tail(level, (crossing.hop, *inner.hops, *rest.hops), rest.target)

    def _hops(self, crossing: Crossing, level: Level, depth: int) -> int:
        return self._distances(crossing.target, depth - 1)[level] or 0
