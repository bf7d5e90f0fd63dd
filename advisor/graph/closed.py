"""How many paths changes close, counted again and again while people tick: each count starts from the one before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from advisor.graph.paths import Path, find_paths, follow, parted
from advisor.model.change import Change
from advisor.model.effects import apply_everywhere

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_LAST: WeakKeyDictionary[OpenAccount, tuple[frozenset[str], OpenAccount]] = WeakKeyDictionary()
"""By account: the changes (by id) that were counted last, and the account after them."""


def closed_by(account: OpenAccount, changes: Iterable[Change], tolerated: Iterable[str], total: int) -> int:
    """How many of `total` paths the changes close together.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    changes = tuple(changes)
    return max(total - len(paths_to_close(_after(account, changes), tolerated)), 0) if changes else 0


def paths_to_close(account: OpenAccount, tolerated: Iterable[str]) -> tuple[Path, ...]:
    """The paths that a cut of the account counts."""
    return parted(find_paths(account).paths, tolerated)[0]


def counted(account: OpenAccount, changes: Iterable[Change], after: OpenAccount) -> None:
    """Let the next count start from an account after changes whose paths were searched already."""
    _LAST[account] = frozenset(change.id for change in changes), after


def _after(account: OpenAccount, changes: tuple[Change, ...]) -> OpenAccount:
    ids = frozenset(change.id for change in changes)
    known = _LAST.get(account)
    if known is not None and known[0] == ids:
        return known[1]
    after = account.with_snapshots(apply_everywhere(changes, account.snapshots))
    is_near = known is not None and len(known[0] ^ ids) < len(ids)
    follow(known[1] if known is not None and is_near else account, after)
    find_paths(after)  # while the one that it follows is surely there
    counted(account, changes, after)
    return after
