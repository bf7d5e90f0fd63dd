"""Whether access that a change takes away was used, where last accessed information was read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from advisor.model.difference import AccessChange
from advisor.model.snapshot import Snapshot
from advisor.reference.usage import last_use


class Use(msgspec.Struct, frozen=True):
    """The last use of one action by one principal; not `exact`: that of its service, so the action's is no later."""

    principal: str
    action: str
    at: str
    exact: bool


class Used(msgspec.Struct, frozen=True):
    """What was used of the access that is lost, latest first, and of how many actions that is not known."""

    uses: tuple[Use, ...] = ()
    unknown: int = 0

    @property
    def exact(self) -> tuple[Use, ...]:
        return tuple(use for use in self.uses if use.exact)


def used_of(snapshot: Snapshot, lost: Iterable[AccessChange]) -> Used:
    """The uses of lost access. Principals of other accounts are not looked at: their uses are never read."""
    found: dict[tuple[str, str], Use] = {}
    unknown: set[tuple[str, str]] = set()
    for item in lost:
        principal = snapshot.user_by_arn.get(item.principal) or snapshot.role_by_arn.get(item.principal)
        if principal is None:
            continue
        for action in item.actions:
            last = last_use(principal.uses, action)
            if last is None:
                unknown.add((item.principal, action))
            elif last.at is not None:
                found[item.principal, action] = Use(item.principal, action, last.at, last.exact)
    latest = sorted(found.values(), key=lambda use: (use.exact, use.at, use.principal, use.action), reverse=True)
    return Used(tuple(latest), len(unknown))
