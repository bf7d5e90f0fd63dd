"""What a change turns in the whole account: practices, and the ways to administrator.

What hangs on a policy that comes in unread is `unknown` from then on: see `unread.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.change.case import break_glass
from advisor.change.unread import hopeful, perhaps_administrators
from advisor.graph.moves import STATUS

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.graph.paths import Path

Key = tuple[str, str]
"""Source and technique of the first hop."""


class Turned(msgspec.Struct, frozen=True):
    """A practice whose status changes."""

    id: str
    title: str
    before: str
    after: str


class PathsTurned(msgspec.Struct, frozen=True):
    """Ways to become administrator: how many close, open and are left, and of which nobody can tell from then on.

    `closed`, `left` and `doubtful` come to what there was, with those in `opened` and `instead` on top: `opened` also
    names who becomes administrator, and ways that become surer.
    """

    closed: tuple[str, ...]
    opened: tuple[str, ...]
    left: int
    left_alone: tuple[str, ...] = ()
    """Of those left, the sources of the ways that a cut leaves alone: principals kept for emergencies."""
    doubtful: tuple[str, ...] = ()
    """Ways that there were, and that may be closed from then on or not; none of them is in `closed` or `left`."""
    perhaps: tuple[str, ...] = ()
    """Ways that there were not, and that may be open from then on or not."""
    instead: tuple[str, ...] = ()
    """Of those left, the ways of those who were administrators: they had none before, for they needed none."""
    ways: tuple[str, ...] = ()
    """The ways that are left, in words."""

    @property
    def unknown(self) -> tuple[str, ...]:
        return (*self.doubtful, *self.perhaps)


def practices_turned(account: OpenAccount, after: OpenAccount) -> tuple[Turned, ...]:
    """The practices whose status changes."""
    from advisor.advice.practices import evaluate

    before = {result.id: result.status for result in evaluate(account)}
    widest = hopeful(account, after)
    other = {result.id: result.status for result in evaluate(widest)} if widest is not None else {}
    return tuple(
        Turned(result.id, result.title, before[result.id], now)
        for result in evaluate(after)
        for now in (result.status if other.get(result.id, result.status) == result.status else "unknown",)
        if before.get(result.id) not in (None, now)
    )


def paths_turned(account: OpenAccount, after: OpenAccount) -> PathsTurned:
    """Whose way to administrator closes, and whose opens or becomes surer.

    Ways are told by their source and first step: behind a step that stays, a longer way takes the place of the
    shortest one without anything having opened. Who was administrator and now has to take a way gained nothing, and a
    way is not closed by making its source an administrator: that opens the widest one.
    """
    from advisor.graph.paths import parted

    turn = _Turn(account, after)
    left = [path for path in turn.new.paths if not turn.is_newly_unknown(path)]
    _, left_alone = parted(left, break_glass(after.snapshot))
    return PathsTurned(
        closed=tuple(sorted(turn.closed())),
        opened=tuple(sorted(turn.opened())),
        left=len(left),
        left_alone=tuple(path.source for path in left_alone),
        doubtful=tuple(sorted(turn.doubtful())),
        perhaps=tuple(sorted(turn.perhaps())),
        instead=tuple(sorted(path_words(path) for path in left if path.source in turn.old.admins)),
        ways=tuple(sorted(path_words(path) for path in left)),
    )


class _Ways:
    """The administrators of an account, and the surest way of each source and first step of the others."""

    def __init__(self, account: OpenAccount) -> None:
        from advisor.graph.paths import find_paths

        found = find_paths(account, to="admin")
        self.paths = found.paths
        self.admins = frozenset(found.admins)
        self.surest: dict[Key, Path] = {}
        for path in found.paths:
            key = _key(path)
            if key not in self.surest or STATUS.index(path.status) < STATUS.index(self.surest[key].status):
                self.surest[key] = path


class _Turn:
    """The ways before and after a change, and the most that there may be after it."""

    def __init__(self, account: OpenAccount, after: OpenAccount) -> None:
        self.old, self.new = _Ways(account), _Ways(after)
        widest = hopeful(account, after)
        self.wide = self.new if widest is None else _Ways(widest)
        self.perhaps_admins = perhaps_administrators(after, widest)

    def closed(self) -> Iterator[str]:
        for key, path in self._gone():
            if key not in self.wide.surest and path.source not in self.perhaps_admins:
                yield path_words(path)

    def opened(self) -> Iterator[str]:
        for key, path in self.new.surest.items():
            old = self.old.surest.get(key)
            is_surer = old is None or STATUS.index(path.status) < STATUS.index(old.status)
            if is_surer and path.status != "unknown" and path.source not in self.old.admins:
                yield path_words(path)
        yield from (_admin_words(arn) for arn in self.new.admins - self.old.admins)

    def doubtful(self) -> Iterator[str]:
        for key, path in self._gone():
            if key in self.wide.surest or path.source in self.perhaps_admins:
                yield path_words(path)
        for key, path in self.new.surest.items():
            if key in self.old.surest and self.is_newly_unknown(path):
                yield path_words(path)
        yield from (_admin_words(arn) for arn in self.old.admins & self.perhaps_admins)

    def perhaps(self) -> Iterator[str]:
        told = self.old.admins | self.new.admins | self.wide.admins
        for key, path in {**self.wide.surest, **self.new.surest}.items():
            is_new = key not in self.old.surest and path.source not in told
            if is_new and (path.status == "unknown" or key not in self.new.surest):
                yield path_words(path)
        yield from (_admin_words(arn) for arn in self.wide.admins - self.new.admins - self.old.admins)

    def is_newly_unknown(self, path: Path) -> bool:
        """Whether the way is unknown after the change, and was surer before or not there."""
        old = self.old.surest.get(_key(path))
        return path.status == "unknown" and (old is None or old.status != "unknown")

    def _gone(self) -> Iterator[tuple[Key, Path]]:
        """The ways that are not found any more, of those who do not become administrators."""
        for key, path in self.old.surest.items():
            if key not in self.new.surest and path.source not in self.new.admins:
                yield key, path


def _key(path: Path) -> Key:
    return path.source, path.hops[0].technique


def path_words(path: Path) -> str:
    """`arn:…:user/ana runs a new Lambda function as the role → arn:…:role/OpsRole, then …`."""
    return f"{path.source} {', then '.join(f'{hop.title or hop.technique} → {hop.target}' for hop in path.hops)}"


def _admin_words(arn: str) -> str:
    return f"{arn} administrator"
