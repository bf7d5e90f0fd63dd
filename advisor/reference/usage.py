"""When a principal last used an action, as far as last accessed information says it."""

from __future__ import annotations

import msgspec

from advisor.model.usage import Uses
from advisor.reference.knowledge import load


class LastUse(msgspec.Struct, frozen=True):
    """`at`: ISO 8601, `None` for never in the tracking period. Not `exact`: that is the last use of the service."""

    at: str | None
    exact: bool = True


def last_use(uses: Uses | None, action: str) -> LastUse | None:
    """The last use of an action (`iam:PutUserPolicy`, any case). `None`: it is not known.

    Where AWS tracks the service but not the action, the action was used no later than the service; where a service is
    not in the report, the principal was not allowed to use it.
    """
    if uses is None or action.lower() in _untracked():
        return None
    service, _, name = action.lower().partition(":")
    for use in uses:
        if use.service.lower() == service:
            if use.last is None:
                return LastUse(None)
            for tracked, at in use.actions:
                if tracked.lower().rsplit(":", 1)[-1] == name:
                    return LastUse(at)
            return LastUse(use.last, exact=False)
    return LastUse(None)


def _untracked() -> frozenset[str]:
    return frozenset(item.lower() for item in load("lists")["untracked-actions"].items)
