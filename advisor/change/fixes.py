"""What would allow a request that was denied, the safest first: each change with all else that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.change.case import changed_account
from advisor.change.turned import paths_turned
from advisor.model.change import Flip

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.advice.denied import Denial

MOST = 6
"""Changes that are looked into: behind the smallest few come only coarser ones."""


class Fix(msgspec.Struct, frozen=True):
    """A change that would allow the request, with what it does besides."""

    flip: Flip
    more: int
    """Actions on resources that it gives besides the one asked about, counted for each principal."""
    others: tuple[str, ...]
    """ARNs of the principals besides the one asked about that gain something."""
    opens: tuple[str, ...]
    """Ways to become administrator that open, or that may open from then on, in words."""

    @property
    def is_safe(self) -> bool:
        return not self.opens


def safe_fixes(account: Advisor, denial: Denial, context: dict[str, tuple[str, ...]] | None = None) -> tuple[Fix, ...]:
    """What would allow it: what opens no way to administrator first, then what gives others and itself least.

    To allow it on a pattern would be too wide to be a safe fix.
    """
    is_wide = denial.resource is None or "*" in denial.resource
    allowing = [
        flip
        for flip in account.flips(denial.principal, denial.action, denial.resource, context)
        if flip.to == "allowed" and not (is_wide and flip.change.id.startswith("flip-allow"))
    ]
    found = [_looked_into(account, denial, flip) for flip in allowing[:MOST]]
    return tuple(sorted(found, key=lambda fix: (not fix.is_safe, len(fix.others), fix.more)))


def _looked_into(account: Advisor, denial: Denial, flip: Flip) -> Fix:
    after = changed_account(account, (flip.change,))
    gained = account.difference(after).gained
    turned = paths_turned(account, after)
    actions = sum(len(item.actions) for item in gained)
    who = {item.principal for item in gained}
    return Fix(
        flip,
        more=max(actions - 1, 0),
        others=tuple(sorted(who - {denial.principal, flip.change.target})),
        opens=(*turned.opened, *turned.perhaps),
    )
