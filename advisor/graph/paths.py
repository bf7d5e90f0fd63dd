"""Every way to power: from each source to an administrator, a principal or a resource, hop by hop with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal
from weakref import ReferenceType, WeakKeyDictionary, ref

import msgspec
from msgspec.structs import replace

from advisor.errors import UsageError
from advisor.graph.admins import probes, removals
from advisor.graph.explain import Explainer, Hop, Required
from advisor.graph.holders import Account
from advisor.graph.interpret import Interpreter
from advisor.graph.lines import Actions, Lines
from advisor.graph.moves import STATUS, Level, Move
from advisor.graph.search import Goal, Search, Way
from advisor.graph.state import check_assumed
from advisor.graph.trust import ASSUME, FEDERATED
from advisor.model.gap import Gap
from advisor.model.work import paused_collector
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.graph.granted import GrantedSearch
    from advisor.graph.reads import Reading
    from advisor.model.snapshot import Snapshot
    from advisor.reference.schema.escalations import Technique

MOST_PATHS = 200_000
ADMIN = "admin"
Status = Literal["open", "conditional", "unknown"]


class Path(msgspec.Struct, frozen=True):
    """One way from a source to power. Its status is that of its weakest hop."""

    source: str
    target: str
    status: Status
    hops: tuple[Hop, ...]


def parted(paths: Iterable[Path], tolerated: Iterable[str]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The paths to be closed, and those of who may become administrator: where paths are counted, both are told."""
    free, found = frozenset(tolerated), tuple(paths)
    return tuple(path for path in found if path.source not in free), tuple(
        path for path in found if path.source in free
    )


class Paths(msgspec.Struct, frozen=True):
    """All administrators, and the ways of everyone else, the surest and shortest first."""

    admins: tuple[str, ...]
    paths: tuple[Path, ...]
    gaps: tuple[Gap, ...] = ()
    truncated: bool = False
    """There were more than `MOST_PATHS`."""


def find_paths(
    account: OpenAccount, to: str = ADMIN, source: str | None = None, assume: Iterable[str] = (), all: bool = False
) -> Paths:
    """The ways to administrators (`to="admin"`), to a principal, or to a resource, by ARN or name.

    `source` limits them to one principal, or to `outside`; `assume` names what counts as there although it was not read
    (a kind of thing such as `lambda:function`, a state, or `all`). By default one shortest path for each source and
    technique of its first hop; with `all` every minimal one.

    Raises:
        UsageError: for a principal that is not in the account, and for something that nothing can be assumed by.
    """
    if to == ADMIN or ":iam:" in to or not to.startswith("arn:"):
        return _find(account, to, source, assume, every=all)
    from advisor.graph.reads import Reading

    return _find(account, to, source, assume, every=all, reading=Reading(account, to))


def _find(
    account: OpenAccount, to: str, source: str | None, assume: Iterable[str], *, every: bool,
    reading: Reading | None = None,
) -> Paths:  # fmt: skip
    if len(account.snapshots) > 1:
        from advisor.graph.across import find_across

        return find_across(account, to, source, assume, every=every, reading=reading)
    finder = finder_of(account, assume)
    if reading is not None:
        finder.aim(reading)
    return finder.find(to, source, every=every)


def follow(account: OpenAccount, after: OpenAccount) -> None:
    """Let the account after a change be searched by what the search of the one before it found already."""
    _BEFORE[after] = ref(account)


_FINDERS: WeakKeyDictionary[OpenAccount, dict[tuple[str, ...], Finder]] = WeakKeyDictionary()
_BEFORE: WeakKeyDictionary[OpenAccount, ReferenceType[OpenAccount]] = WeakKeyDictionary()


def before_of(account: OpenAccount) -> OpenAccount | None:
    """The account before the change that made this one, as long as it is open."""
    return _BEFORE[account]() if account in _BEFORE else None


def finder_of(account: OpenAccount, assume: Iterable[str] = ()) -> Finder:
    """The finder of an account, made once for what is assumed."""
    known = _FINDERS.setdefault(account, {})
    key = tuple(sorted(assume))
    if key not in known:
        before = before_of(account)
        if before is not None and before.knowledge == account.knowledge:
            made = finder_of(before, key).after(account.snapshot)
        else:
            techniques = load("escalations", account.knowledge)
            check_assumed(key, techniques.values())
            made = Finder(account.snapshot, techniques, key)
        made.opened = frozenset(snapshot.account for snapshot in account.snapshots)
        known[key] = made
    return known[key]


class Finder:
    """The search of one account, and the paths read from it."""

    def __init__(
        self,
        snapshot: Snapshot,
        techniques: Mapping[str, Technique],
        assume: tuple[str, ...] = (),
        like: Finder | None = None,
    ) -> None:
        """`like`: a finder with the same techniques on the account before a change; its answers are used again."""
        self.techniques, self.assume = techniques, assume
        with paused_collector():
            lines = like.account.lines if like else Lines(Actions(action_names(techniques)))
            self.account: Account = Account(snapshot, lines, like.account if like else None)
            interpreter = Interpreter(self.account, techniques, assume, like.search.interpreter if like else None)
            self.search: Search = Search(interpreter, like.search if like else None)
        self.explainer: Explainer = Explainer(
            self.search.interpreter, self.search.earlier, like.explainer if like else None
        )
        self._goals: dict[str, Goal] = {}
        self._granted: GrantedSearch | None = None
        self._usual: Paths | None = None
        """The ways to administrators, which the list of paths and the cut both ask for."""
        self.opened: frozenset[str] = frozenset()
        """The accounts that are open: their principals are sources of their own."""

    def after(self, snapshot: Snapshot) -> Finder:
        """The finder of the account after a change: what the change does not touch is not worked out again."""
        return Finder(snapshot, self.techniques, self.assume, self)

    @property
    def admins(self) -> tuple[str, ...]:
        """ARNs of the administrators, those on a condition included."""
        arns = self.account.nodes.arns
        return tuple(sorted(arns[node] for node, level in self.search.admins.items() if node < len(arns) and level < 2))

    @property
    def granted(self) -> GrantedSearch:
        """The search for goals beside administrators."""
        if self._granted is None:
            from advisor.graph.granted import GrantedSearch

            with paused_collector():
                self._granted = GrantedSearch(self.search.interpreter, self.search)
        return self._granted

    def goal(self, to: str) -> Goal:
        """The distances to what is asked for."""
        if to not in self._goals:
            if to == ADMIN:
                self._goals[to] = Goal(self.search, self.search.admins, arrivals=True)
            else:
                self._goals[to] = Goal(self.granted, {self.node(to): 0})
        return self._goals[to]

    def aim(self, reading: Reading) -> None:
        """Make a resource a goal: whoever reads it is there."""
        if reading.resource not in self._goals:
            endings = reading.by_node(self.granted)
            goal = self._goals[reading.resource] = Goal(self.granted, {at: one.level for at, one in endings.items()})
            goal.reading, goal.endings = reading, endings

    def node(self, text: str) -> int:
        """The node of a principal by ARN or name."""
        nodes = self.account.nodes
        if text in nodes.position:
            return nodes.position[text]
        named = [at for at, principal in enumerate(self.account.principals) if principal.name == text]
        if len(named) == 1:
            return named[0]
        raise UsageError(
            f"`{text}` is no user or role of account {self.account.snapshot.account}"
            if not named
            else f"`{text}` is the name of a user and of a role",
            advice="it is not among the principals that were read" if text.startswith("arn:") else "give its ARN",
        )

    def find(self, to: str, source: str | None, *, every: bool) -> Paths:
        """All that leads to a goal."""
        is_usual = (to, source, every) == (ADMIN, None, False)
        if is_usual and self._usual is not None:
            return self._usual
        with paused_collector():
            found = self._find(to, source, every=every)
        self._usual = found if is_usual else self._usual
        return found

    def _find(self, to: str, source: str | None, *, every: bool) -> Paths:
        goal = self.goal(to).widest() if every else self.goal(to)
        found: list[Path] = []
        for path in self._paths(goal, source, every):
            found.append(path)
            if len(found) >= MOST_PATHS:
                break
        return Paths(
            admins=self.admins,
            paths=tuple(sorted(found, key=rank)),
            gaps=tuple(self.account.snapshot.gaps),
            truncated=len(found) >= MOST_PATHS,
        )

    def _paths(self, goal: Goal, source: str | None, every: bool) -> Iterator[Path]:
        outside = source == "outside"
        wanted = range(len(self.account.nodes)) if source is None else () if outside else self._one(source)
        for node in wanted:
            # administrators can go anywhere: their ways are told to who asks for them
            is_asked = source is not None or self.search.admins.get(node) != 0
            if is_asked and node in goal.endings and not goal.endings[node].is_reading:
                yield self.path(goal, node, ())
            elif is_asked and (node not in goal.wanted or goal.wanted[node] == 2):
                yield from self.ways_from(goal, node, every)
        if source is None or outside or not wanted:
            from advisor.graph.outside import outside_paths

            yield from outside_paths(
                self, goal, source=None if outside or source is None else source, quiet=source is None
            )

    def has_node(self, text: str) -> bool:
        """Whether a principal of the account has that ARN or name."""
        try:
            return self.node(text) >= 0
        except UsageError:
            return False

    def knows(self, source: str) -> bool:
        """Whether a principal, or a party from outside, has that ARN or name."""
        from advisor.graph.outside import is_party

        return self.has_node(source) or is_party(self, source)

    def _one(self, source: str) -> tuple[int, ...]:
        """The node of the source; nothing for a party from outside."""
        try:
            return (self.node(source),)
        except UsageError:
            from advisor.graph.outside import is_party

            if is_party(self, source):
                return ()
            raise

    def ways_from(self, goal: Goal, node: int, every: bool) -> Iterator[Path]:
        """The paths of one source: the best one for each technique of the first hop."""
        best: dict[str, tuple[Level, int, Move]] = {}
        moves = goal.search.moves_of.get(node, ())
        found = [(move, *reached) for move in moves if (reached := goal.best(move, node)) is not None]
        if every:
            least = {level: min((h for _, lv, h in found if lv == level), default=0) for level in (0, 1, 2)}
            for move, level, hops in found:
                if hops == least[level]:
                    yield from self._along(goal, node, move, level, hops, every=True)
            return
        for move, level, hops in found:
            known = best.get(move.technique.id)
            if known is None or (level, hops) < known[:2]:
                best[move.technique.id] = (level, hops, move)
        for level, hops, move in best.values():
            yield from self._along(goal, node, move, level, hops, every=False)

    def _along(self, goal: Goal, node: int, move: Move, level: Level, hops: int, *, every: bool) -> Iterator[Path]:
        for way in goal.ways_by(move, level, hops, start=node, every=every):
            yield self.path(goal, node, way)

    def path(self, goal: Goal, node: int, way: Way) -> Path:
        """A way as a value; with no moves, that of who is there already."""
        arns, search = self.account.nodes.arns, goal.search
        hops: list[Hop] = []
        level: Level = 0
        at, name = node, arns[node]
        for move, there in way:
            actor, target = search.self_of(at), search.self_of(there)
            label = move.named or arns[actor if there < 0 else target]
            hops.append(replace(self.explainer.hop(move, actor, target, label), actor=name))
            level = max(level, move.level)
            at = there if there >= 0 else at
            name = label if search.is_created(at) else arns[search.self_of(at)]
        if way and goal.arrivals and way[-1][0].arrivals:
            return Path(arns[node], hops[-1].target, STATUS[level], tuple(hops))
        level = max(level, goal.wanted.get(at, 0))
        if goal.reading is None:
            return Path(arns[node], name, STATUS[level], tuple(hops))
        return Path(arns[node], goal.reading.resource, STATUS[level], (*hops, goal.reading.hop(name, goal.endings[at])))


def action_names(techniques: Mapping[str, Technique]) -> list[str]:
    """The actions that matter: those of the techniques, the probes of an administrator, and assuming a role."""
    names = [action for item in techniques.values() for need in item.needs for action in (need.action, *need.instead)]
    freeing = [action for actions in removals().values() for action in actions]
    return [*names, *probes(), *freeing, ASSUME, *FEDERATED, "iam:DeletePolicyVersion"]


def rank(path: Path) -> tuple[object, ...]:
    conditions = sum(len(hop.conditions) for hop in path.hops)
    return (
        STATUS.index(path.status), len(path.hops), conditions, path.source, path.hops[0].technique, path.target,
    )  # fmt: skip


__all__ = ["Finder", "Hop", "Path", "Paths", "Required", "find_paths", "finder_of", "parted"]
