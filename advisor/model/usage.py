"""When a principal last used a service and its actions, as IAM's last accessed information tells it."""

from __future__ import annotations

import msgspec


class ServiceUse(msgspec.Struct, frozen=True, gc=False):
    """The last attempt to use a service that the principal may use, allowed or not. Times are ISO 8601 in UTC.

    `None` as a time: none in AWS's tracking period of at least 400 days. `actions` has those that AWS tracks one by one
    (management actions of some services), by their names.
    """

    service: str
    """Its namespace, as before the colon of an action."""
    last: str | None = None
    actions: tuple[tuple[str, str | None], ...] = ()


Uses = tuple[ServiceUse, ...]
