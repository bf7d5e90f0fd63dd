"""Reading: what is being read, how far it is, how long it takes, and how to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from screens.base import AdvisorScreen
from screens.widgets.pane import Drawn
from screens.wording import clean

if TYPE_CHECKING:
    from screens.opening import Opening
    from screens.session import Session, Step


class ReadingScreen(AdvisorScreen):
    """Progress of a reading. Enter goes on to Home, which fills in."""

    purpose = "The account is being read. Nothing is changed by reading; Esc stops and keeps what is there."
    command = "advisor collect -o FILE"
    BINDINGS = [
        Binding("enter", "home", "Open Home now, it fills in", id="reading.home"),
        Binding("escape", "stop", "Stop", id="reading.stop"),
    ]

    def __init__(self, session: Session, opening: Opening) -> None:
        super().__init__(session, ("Reading",))
        self.opening = opening

    def body(self) -> ComposeResult:
        yield Drawn(self._progress)

    def on_mount(self) -> None:
        self.set_interval(0.2, self._tick)
        self._tick()

    def session_changed(self, what: str) -> None:
        self._tick()

    def _tick(self) -> None:
        reading = self.session.reading
        if reading is None or not self.is_attached:
            return
        if self.app.screen is self and (reading.finished or self.session.advisor is not None):
            self.app.pop_screen()
            return
        minutes, seconds = divmod(reading.seconds, 60)
        stops = " · Esc stops, keeps what is read" if reading.seconds >= 3 else ""
        self.set_title(f"Reading {clean(reading.source)}", f"{minutes}:{seconds:02}{stops}")
        self.query_one(Drawn).show(self._progress)

    def _progress(self, width: int) -> Content:
        reading = self.session.reading
        if reading is None:
            return Content("")
        done, total = reading.counts
        lines = [bar(done, total, width)] if total else [Content(" …")]
        steps = list(reading.steps.items())
        room = max(self.app.size.height - 9, 4)
        open_first = sorted(steps, key=lambda item: _is_done(item[1]))[:room]
        lines += [_line(what, step) for what, step in open_first]
        return Content("\n").join(lines)

    def action_home(self) -> None:
        self.app.pop_screen()

    def action_stop(self) -> None:
        self.opening.stop()
        self.say("Stopping: what was read is kept.")


def bar(done: int, total: int, width: int) -> Content:
    """`████░░░░ 27 of 44 reads`"""
    label = f"  {done:,} of {total:,} reads"
    room = max(min(width - len(label) - 2, 48), 4)
    full = room * done // max(total, 1)
    return Content.assemble(" ", ("█" * full, "$is-allowed"), ("░" * (room - full), "$quiet"), label)


def _is_done(step: Step) -> bool:
    return step.total is not None and step.done >= step.total


def _line(what: str, step: Step) -> Content:
    if step.total is None:
        far = f"{step.done:,}"
    elif _is_done(step):
        far = f"{step.total:,}"
    else:
        far = f"{step.done:,} of {step.total:,}"
    sign = Content.styled("✓", "$holds") if _is_done(step) else Content("…")
    return Content.assemble("   ", sign, f" {clean(what):<36} {far}")
