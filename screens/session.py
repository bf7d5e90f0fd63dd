"""What the whole app knows: the account that is open, how far its reading is, the plan, the messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from textual.signal import Signal

    from advisor.account import Advisor, Progress
    from advisor.model.change import Change
    from advisor.model.finding import Findings
    from advisor.model.snapshot import Snapshot

Partial = Callable[["Snapshot"], None]
Opener = Callable[["Progress", "Partial | None"], "Advisor"]
"""Opens an account and tells its progress; may hand over unfinished snapshots. `progress.cancel` is an Event: stop when it is set."""


@dataclass
class Step:
    done: int
    total: int | None


@dataclass
class Reading:
    """An account being read: filled from the threads that read, looked at by the screens."""

    source: str
    started: float = field(default_factory=time.monotonic)
    cancel: Event = field(default_factory=Event)
    steps: dict[str, Step] = field(default_factory=dict)
    finished: bool = False
    error: AdvisorError | None = None

    def __call__(self, what: str, done: int, total: int | None) -> None:
        self.steps[what] = Step(done, total)

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self.started)

    @property
    def counts(self) -> tuple[int, int]:
        """(reads that are done, reads that are known of)."""
        steps = list(self.steps.values())
        return sum(1 for step in steps if step.total is not None and step.done >= step.total), len(steps)


@dataclass(frozen=True)
class Note:
    """A message that was shown in the message row."""

    text: str
    at: datetime
    is_failure: bool = False


class Session:
    """Shared by all screens; `changed` tells them that the account, the plan or the armed state is another one."""

    def __init__(self) -> None:
        self.advisor: Advisor | None = None
        self.source = ""
        self.opener: Opener | None = None
        self.reading: Reading | None = None
        self.is_partial = False
        self.notes: list[Note] = []
        self.plan: tuple[Change, ...] = ()
        self.armed_until: float | None = None
        self.changed: Signal[str] | None = None
        self._findings: tuple[Advisor, Findings] | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        return self.advisor.snapshot if self.advisor else None

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def announce(self, what: str) -> None:
        """Tell the screens: `account`, `reading`, `plan`, `findings` or `armed`."""
        if self.changed is not None:
            self.changed.publish(what)

    def opened(self, advisor: Advisor, *, partial: bool = False) -> None:
        self.advisor = advisor
        self.is_partial = partial
        self.announce("account")

    def findings(self) -> Findings:
        """Findings of the open account, worked out once; call it from a worker."""
        advisor = self.advisor
        if advisor is None:
            raise AdvisorError("no account is open")
        if self._findings is None or self._findings[0] is not advisor:
            self._findings = (advisor, advisor.findings())
        return self._findings[1]

    @property
    def known_findings(self) -> Findings | None:
        """The findings where they are worked out already."""
        return self._findings[1] if self._findings and self._findings[0] is self.advisor else None

    @property
    def is_armed(self) -> bool:
        return self.armed_until is not None and self.armed_until > time.monotonic()
