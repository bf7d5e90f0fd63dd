"""Work that takes its time: what is being done, for how long, and stopping it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event

from textual.content import Content

from screens.widgets.rows import spread

SHOWN_AFTER, STOPPED_AFTER = 1.0, 3.0
"""Seconds after which it is told, and after which Esc stops it."""


@dataclass
class Working:
    """Filled from the thread that works, looked at by the screen."""

    what: str
    started: float = field(default_factory=time.monotonic)
    cancel: Event = field(default_factory=Event)
    step: str = ""
    done: int = 0
    total: int | None = None

    def tell(self, step: str, done: int, total: int | None) -> None:
        """What is done now: called by who works."""
        self.step, self.done, self.total = step, done, total

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def is_long(self) -> bool:
        return self.seconds >= SHOWN_AFTER

    @property
    def can_be_stopped(self) -> bool:
        return self.seconds >= STOPPED_AFTER

    def told(self, width: int) -> Content:
        """`the cheapest cut: solving, 3 of 5 · 0:04                Esc stops`."""
        minutes, seconds = divmod(int(self.seconds), 60)
        where = f", {self.done + 1} of {self.total}" if self.total else ""
        left = Content(f" … {self.what}: {self.step or 'begins'}{where} · {minutes}:{seconds:02}")
        right = Content.styled("Esc stops ", "$quiet") if self.can_be_stopped else Content("")
        return spread(left, right, width)
