"""Who is an administrator, without the search for ways to become one: what guards need before and after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from advisor.graph.admins import Administrators, probes
from advisor.graph.holders import Account
from advisor.graph.lines import Actions, Lines
from advisor.graph.powers import Powers
from advisor.model.verdict import Decision
from advisor.model.work import paused_collector

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_LEVELS: tuple[Decision, ...] = ("allowed", "conditional", "unknown")
_FOUND: WeakKeyDictionary[OpenAccount, dict[str, Decision]] = WeakKeyDictionary()


def administrators(account: OpenAccount) -> dict[str, Decision]:
    """ARNs of users and roles that are administrators, with how sure that is. The search of paths finds the same."""
    if account not in _FOUND:
        with paused_collector():
            _FOUND[account] = _find(Account(account.snapshot, Lines(Actions(probes()))))
    return _FOUND[account]


def _find(account: Account) -> dict[str, Decision]:
    found = Administrators(Powers(account)).of_account()
    return dict(sorted((account.nodes.arns[node], _LEVELS[level]) for node, level in found.items()))
