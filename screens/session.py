"""What the whole app knows: the account that is open, how far its reading is, the plan, the messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError
from screens import calm
from screens.places import Places
from screens.signs import CERTAINTY

if TYPE_CHECKING:
    from textual.signal import Signal

    from advisor.account import Advisor, Progress
    from advisor.graph.cut import Cut
    from advisor.graph.paths import Path, Paths
    from advisor.model.change import Change
    from advisor.model.finding import Findings
    from advisor.model.snapshot import Snapshot
    from screens.cut_figures import Figures

IDLE_SECONDS = 300
"""So long without a key an armed account stays armed."""

Partial = Callable[["Snapshot"], None]
Opener = Callable[["Progress", "Partial | None"], "Advisor"]
"""Opens an account, tells its progress, may hand over unfinished snapshots. `progress.cancel` is an Event: stop."""


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
    ask: Callable[[str], str] | None = None
    """Asks the user for the code of an MFA device, from the thread that reads."""
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
        self.plan_effect = ""
        """What the plan comes to, in words; empty while it is worked out."""
        self.armed_until: float | None = None
        self.touched_at = time.monotonic()
        """When the last key was pressed."""
        self.undone_in: float | None = None
        """Seconds until the run that waits for it is undone by itself."""
        self.changed: Signal[str] | None = None
        self.wanted_finding = ""
        """The finding that Home leads to: Findings puts its cursor on it."""
        self.remembers_anyway = False
        """For tests, which run without a terminal."""
        self.remembers = True
        """Whether places are kept over restarts: not where the app runs without a terminal."""
        self.places = Places()
        self._findings: tuple[Advisor, Findings] | None = None
        self._paths: tuple[Advisor, Paths] | None = None
        self._cut: tuple[Advisor, Cut] | None = None
        self._cutting = Lock()
        self._cut_watch: Progress | None = None
        self._cut_step: tuple[str, int, int | None] | None = None
        self.figures: dict[str, Figures | None] = {}
        """Of the usual cut's changes, by their ids, as far as they are worked out."""
        self._risks: dict[str, Path] = {}
        self._diffs: dict[str, tuple[Advisor, list[tuple[str, str]]]] = {}

    @property
    def snapshot(self) -> Snapshot | None:
        return self.advisor.snapshot if self.advisor else None

    @property
    def is_reading(self) -> bool:
        return self.reading is not None and not self.reading.finished

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def announce(self, what: str) -> None:
        """Tell the screens: `account`, `reading`, `plan`, `findings` or `armed`."""
        if self.changed is not None:
            self.changed.publish(what)

    def opened(self, advisor: Advisor, *, partial: bool = False) -> None:
        if self.advisor is None or self.advisor.snapshot.account != advisor.snapshot.account:
            self.places = Places(advisor.snapshot.account, remembers=self.remembers)
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
            calm.keep()
        return self._findings[1]

    @property
    def known_findings(self) -> Findings | None:
        """The findings where they are worked out already."""
        return self._findings[1] if self._findings and self._findings[0] is self.advisor else None

    @property
    def can_judge(self) -> bool:
        """Whether the account is read far enough for findings to mean something."""
        return self.advisor is not None and not self.is_partial

    def forget_findings(self) -> None:
        """Judge anew the next time: a risk was accepted, or something outside the account changed."""
        self._findings = None

    def diff_of(self, change: Change) -> list[tuple[str, str]]:
        """(mark, text) of each line of a change's diff; `-` and `+` are what it takes away and adds."""
        advisor = self.advisor
        if advisor is None or not change.operations:
            return []
        known = self._diffs.get(change.id)
        if known is None or known[0] is not advisor:
            known = self._diffs[change.id] = (advisor, _diff(advisor, change))
        return known[1]

    def add_to_plan(self, changes: tuple[Change, ...]) -> str:
        """Add changes to the plan; answer what to tell about it."""
        ids = {change.id for change in self.plan}
        added = tuple(change for change in changes if change.id not in ids and not self.elsewhere(change))
        if not added:
            return next(filter(None, map(self.elsewhere, changes)), "") or "The plan has it already."
        self.plan = (*self.plan, *added)
        self.announce("plan")
        return f"Added. The plan now has {len(self.plan)} {'change' if len(self.plan) == 1 else 'changes'}."

    def elsewhere(self, change: Change) -> str:
        """Why a change of another account is not made from here; empty for the account's own."""
        from advisor.change.choose import elsewhere

        reason = elsewhere(self.snapshot.account, change) if self.snapshot is not None else ""
        return f"The change {reason}." if reason else ""

    def replace_in_plan(self, before: tuple[Change, ...], after: tuple[Change, ...]) -> None:
        """Put changes with their values given in the place of those without."""
        by_id = {old.id: new for old, new in zip(before, after, strict=True)}
        self.plan = tuple(by_id.get(change.id, change) for change in self.plan)
        self._diffs.clear()
        self.announce("plan")

    def remove_from_plan(self, id: str) -> None:
        self.plan = tuple(change for change in self.plan if change.id != id)
        self.announce("plan")

    def applied(self, changes: tuple[Change, ...]) -> None:
        """Changes that were made need no place in the plan any more."""
        made = {change.id for change in changes}
        self.plan = tuple(change for change in self.plan if change.id not in made)
        self.announce("plan")

    def arm(self, until: float) -> None:
        self.armed_until = until
        self.announce("armed")

    def touch(self) -> None:
        """The user is there: the time for which the account is armed begins anew."""
        self.touched_at = time.monotonic()
        if self.is_armed:
            self.armed_until = time.monotonic() + IDLE_SECONDS

    def disarm(self) -> None:
        self.armed_until = None
        self.announce("armed")

    def paths(self) -> Paths:
        """Ways to administrators in the open account, searched once; call it from a worker."""
        advisor = self.advisor
        if advisor is None:
            raise AdvisorError("no account is open")
        if self._paths is None or self._paths[0] is not advisor:
            found = advisor.paths()
            risks: dict[str, Path] = {}
            for path in found.paths:
                best = risks.get(path.source)
                if best is None or _rank(path) < _rank(best):
                    risks[path.source] = path
            self._risks = risks
            self._paths = (advisor, found)
            calm.keep()
        return self._paths[1]

    @property
    def known_paths(self) -> Paths | None:
        """The ways to administrators where they are searched already."""
        return self._paths[1] if self._paths and self._paths[0] is self.advisor else None

    def cut(self, progress: Progress | None = None, cancel: Event | None = None) -> Cut:
        """The cheapest cut with those tolerated who are by default, worked out once; call it from a worker.

        Raises:
            AdvisorError: `cancel` was set while it was worked out, here or by another worker.
        """
        advisor = self.advisor
        if advisor is None:
            raise AdvisorError("no account is open")
        self._cut_watch = progress or self._cut_watch
        if progress is not None and self._cut_step is not None:
            progress(*self._cut_step)
        while not self._cutting.acquire(timeout=0.1):
            if cancel is not None and cancel.is_set():
                raise AdvisorError("the search for the cheapest cut was stopped")
        try:
            if self._cut is None or self._cut[0] is not advisor:
                self._cut = (advisor, advisor.cut(self.tolerated, progress=self._tell_cut, cancel=cancel))
                self.figures = {}
                self._cut_step = None
            return self._cut[1]
        finally:
            self._cutting.release()

    def _tell_cut(self, what: str, done: int, total: int | None) -> None:
        """To whoever asked last: it may have been begun by somebody else."""
        self._cut_step = (what, done, total)
        if self._cut_watch is not None:
            self._cut_watch(what, done, total)

    @property
    def tolerated(self) -> tuple[str, ...]:
        """Who may become administrator unless the user says otherwise, of those who are none yet."""
        kept = self.advisor.tolerated if self.advisor is not None else ()
        return tuple(arn for arn in kept if arn not in self.administrators)

    @property
    def known_cut(self) -> Cut | None:
        """The cheapest cut where it is worked out already."""
        return self._cut[1] if self._cut and self._cut[0] is self.advisor else None

    @property
    def administrators(self) -> frozenset[str]:
        """ARNs of the administrators, once they are worked out."""
        return frozenset(self.known_paths.admins) if self.known_paths else frozenset()

    def nearest_path(self, arn: str) -> Path | None:
        """The surest and shortest way of a principal to an administrator, where one is known."""
        return self._risks.get(arn) if self.known_paths else None

    @property
    def is_armed(self) -> bool:
        return self.armed_until is not None and self.armed_until > time.monotonic()


def _rank(path: Path) -> tuple[int, int]:
    return CERTAINTY[path.status], len(path.hops)


def _diff(advisor: Advisor, change: Change) -> list[tuple[str, str]]:
    from advisor.change.diff import diff
    from advisor.change.diff_text import lines_of
    from advisor.model.effects import apply_to

    try:
        after = apply_to(change, advisor.snapshot)
    except AdvisorError as error:
        return [(" ", f"? {error.message}")]
    return [(line.mark, line.text) for line in lines_of(diff(advisor.snapshot, after))]
