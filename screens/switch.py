"""The dead man's switch of the app: a run that was applied with it is undone by itself unless somebody keeps it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

    from advisor.change.journal import RunState
    from advisor.model.snapshot import Source
    from screens.confirm import ConfirmScreen
    from screens.run import RunScreen
    from screens.session import Session


class Switch:
    """Waits for one run, whatever is on the screen; says so at the next start where the program ended meanwhile."""

    def __init__(self, app: App[None], session: Session) -> None:
        self.app = app
        self.session = session
        self.state: RunState | None = None
        self.source: Source | None = None
        self._lock = ExitStack()
        self._timer: Timer | None = None
        self._told: set[str] = set()

    @property
    def run(self) -> str:
        """Id of the run that is waited for; empty while there is none."""
        return self.state.id if self.state else ""

    @property
    def left(self) -> float | None:
        """Seconds until the run is undone; `None` where nothing is waited for."""
        from advisor.change.undo import seconds_left

        return seconds_left(self.state) if self.state else None

    def follow(self, state: RunState, source: Source) -> None:
        """Wait for a run that has just ended, if it was applied with the switch on."""
        from advisor.change.journal import waited_for

        if state.undo_at is None or state.status not in ("finished", "stopped"):
            self.rest(state.id)
            return
        self.let_go()
        if not self._lock.enter_context(waited_for(state.id)):
            self._lock.close()
            return
        self.state, self.source = state, source
        self._told.add(state.id)
        self._timer = self.app.set_interval(1, self._tick)
        self._show(self.left)

    def rest(self, run: str) -> None:
        """The run is at work: its time is not looked at before it has ended (`follow`)."""
        if run == self.run:
            self.let_go()

    def let_go(self) -> None:
        """The run is kept or taken back: nothing is waited for any more."""
        if self._timer is not None:
            self._timer.stop()
        self._lock.close()
        self.state, self.source, self._timer = None, None, None
        self._show(None)

    def _show(self, left: float | None) -> None:
        self.session.undone_in = left
        self.app.refresh_bindings()

    def _tick(self) -> None:
        from advisor.change.journal import read_run
        from advisor.change.undo import seconds_left

        if self.state is None:
            return
        try:
            left = seconds_left(read_run(self.state.id))
        except AdvisorError:
            left = seconds_left(self.state)
        if left is None:  # kept or taken back elsewhere
            self.let_go()
            self.session.announce("journal")
            return
        self.session.undone_in = left
        if left <= 0 and self._timer is not None:
            self._timer.stop()
            screen = self.open()
            self.app.call_after_refresh(screen.undo_by_itself)

    def open(self) -> RunScreen:
        """The screen of the run that is waited for, brought to the front."""
        from screens.run import RunScreen

        assert self.state is not None
        top = self.app.screen
        if isinstance(top, RunScreen) and top.state is not None and top.state.id == self.state.id:
            return top
        screen = RunScreen(self.session, state=self.state, source=self.source)
        self.app.push_screen(screen)
        return screen

    def stays(self, leave: Callable[[], object]) -> bool:
        """Before the app ends: whether it asks first, as nobody waits for the run then; `leave` ends it."""
        from screens.confirm import ConfirmScreen
        from screens.run_words import clock

        if self.state is None or self.left is None:
            return False
        told = [
            f"Run {self.run} is undone in {clock(self.left)} unless you keep it.",
            "When the advisor ends, nobody waits for that any more: the next start says so and asks.",
        ]
        question = ConfirmScreen(told, "Keep it and quit", "Stay", other="Quit, decide later")
        self.app.push_screen(question, lambda answer: self._leave(question, answer, leave))
        return True

    def _leave(self, question: ConfirmScreen, answer: str | None, leave: Callable[[], object]) -> None:
        from advisor.change.undo import keep

        if answer is None:
            return
        if not question.took_other and self.state is not None:
            keep(self.run)
        leave()

    def look_for_forsaken(self) -> None:
        """After an account was opened: a run that nobody waits for any more is offered first, once."""
        if self.session.can_judge:
            self.app.run_worker(self._find_forsaken, thread=True, group="switch")

    def _find_forsaken(self) -> None:
        from advisor.change.undo import forsaken

        snapshot = self.session.snapshot
        if snapshot is None or snapshot.source.kind != "live":
            return
        found = [run for run in forsaken(snapshot.account) if run.id not in self._told]
        if found:
            self.app.call_from_thread(partial(self._offer, found[0]))

    def _offer(self, state: RunState) -> None:
        from screens.run import RunScreen

        self._told.add(state.id)
        self.app.push_screen(RunScreen(self.session, state=state))
