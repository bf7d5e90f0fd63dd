"""The layer that makes calls: reads always, a write only while the session is armed and only as it was shown."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.change.aspects import reads_of
from advisor.change.journal import Step
from advisor.collect.calls import Clients
from advisor.errors import AdvisorError
from advisor.model.effects import name_of

if TYPE_CHECKING:
    from boto3 import Session

ALWAYS = frozenset(("sts:GetCallerIdentity", "iam:ListPolicyVersions", "iam:ListAccessKeys"))


class NotArmed(AdvisorError):
    """A write was about to be made that nobody armed, or that was not shown. Nothing was sent."""


class Arming(msgspec.Struct, frozen=True):
    """The permission to change one account for a while. It ends by itself; `until` counts on the monotonic clock."""

    account: str
    until: float

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.until - time.monotonic())


def arm(account: str, typed: str, seconds: float = 300) -> Arming:
    """Arm an account: its id must have been typed.

    Raises:
        NotArmed: another id was typed.
    """
    if typed.strip().replace("-", "") != account:
        raise NotArmed(f"`{typed}` is not the id of the account that is open", advice=f"type {account} to arm it")
    return Arming(account, time.monotonic() + seconds)


class ArmedClients(Clients):
    """Clients that make the calls of given steps and what compares them, and refuse everything else.

    A write passes only inside `shown`, with exactly the parameters that were announced there.
    """

    def __init__(
        self, session: Session, steps: Iterable[Step], arming: Arming | None, *, endpoint_url: str | None = None
    ) -> None:
        steps = tuple(steps)
        operations = [operation for step in steps for operation in (step.operation, *step.undo)]
        self._reads = ALWAYS.union(*(reads_of(operation) for operation in operations)) if operations else ALWAYS
        self._writes = frozenset(name_of(operation) for operation in operations)
        self._arming = arming
        self._announced: tuple[str, Mapping[str, Any]] | None = None
        super().__init__(session, self._reads | self._writes, endpoint_url=endpoint_url)

    @contextmanager
    def shown(self, call: str, parameters: Mapping[str, Any]) -> Iterator[None]:
        """Announce one write; it alone passes until the block ends."""
        self._announced = (call, parameters)
        try:
            yield
        finally:
            self._announced = None

    def _refuse_writes(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        call = f"{model.service_model.service_name}:{model.name}"
        if call in self._reads and call not in self._writes:
            return
        if self._announced is None or self._announced[0] != call or self._announced[1] != params:
            if call in self._reads:
                return
            raise NotArmed(f"`{call}` was not shown, so it was not called")
        if self._arming is None:
            raise NotArmed(
                f"`{call}` changes the account, and the session is read-only", advice="arm the account first"
            )
        if not self._arming.seconds_left:
            raise NotArmed(f"`{call}` was not called: the time for which the account was armed is over")
