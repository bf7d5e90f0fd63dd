"""Opening an account: in a thread, with progress, stoppable, showing what is there while the rest is read."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError, SignInError
from screens import calm
from screens.base import AdvisorScreen
from screens.defects import kept_defect
from screens.kept_plan import kept_plan
from screens.session import Opener, Reading, Session

if TYPE_CHECKING:
    from textual.app import App

    from advisor.account import Advisor
    from advisor.model.snapshot import Snapshot


class Opening:
    """Starts, follows and stops the reading of an account."""

    def __init__(self, app: App[None], session: Session) -> None:
        self.app = app
        self.session = session

    def start(self, opener: Opener | None, source: str) -> None:
        """Read an account; without an opener offer where one may come from."""
        if opener is None:
            from screens.welcome import WelcomeScreen

            self.app.push_screen(WelcomeScreen(self.session, self))
            return
        self.stop()
        reading = Reading(source, ask=self._ask_code)
        self.session.opener, self.session.reading = opener, reading
        self.session.source = source
        self.app.run_worker(partial(self._read, opener, reading), thread=True, group="reading")
        self.app.set_timer(0.25, partial(self._show_progress, reading))

    def again(self) -> None:
        """Read the same account once more."""
        if self.session.opener is not None:
            self.start(self.session.opener, self.session.source)

    def stop(self) -> None:
        """Stop a reading; what was read is kept."""
        reading = self.session.reading
        if reading is not None and not reading.finished:
            reading.cancel.set()

    def _show_progress(self, reading: Reading) -> None:
        """A reading that is not done at once gets a screen with its progress."""
        if reading is not self.session.reading or reading.finished or self.session.advisor is not None:
            return
        from screens.reading import ReadingScreen

        self.app.push_screen(ReadingScreen(self.session, self))

    def _read(self, opener: Opener, reading: Reading) -> None:
        def is_current() -> bool:
            return reading is self.session.reading

        def show_partial(snapshot: Snapshot) -> None:
            from advisor.account import Advisor

            # An account that is read again stays whole on the screen until it is whole again.
            if is_current() and (self.session.advisor is None or self.session.is_partial):
                self.app.call_from_thread(partial(self.session.opened, Advisor((snapshot,)), partial=True))

        try:
            advisor = opener(reading, show_partial)
        except Exception as error:  # a defect is told in the place of the account, as any other reason is
            reading.error = error if isinstance(error, AdvisorError) else kept_defect(error, "reading")
            reading.finished = True
            if is_current():
                self.app.call_from_thread(self._failed, reading)
            return
        reading.finished = True
        calm.keep()
        if is_current():
            self.app.call_from_thread(self._opened, advisor)

    def _ask_code(self, question: str) -> str:
        """Ask for the digits of an MFA device in the app: standard input is the screen's."""
        from screens.code import CodeScreen

        answered, given = Event(), [""]

        def answer(code: str | None) -> None:
            given[0] = code or ""
            answered.set()

        self.app.call_from_thread(self.app.push_screen, CodeScreen(question), answer)
        answered.wait()
        if not given[0]:
            raise SignInError(
                "no MFA code was given", advice="choose the profile again when you have the device at hand"
            )
        return given[0]

    def _opened(self, advisor: Advisor) -> None:
        unread = None
        try:
            self.session.plan = kept_plan(advisor)
        except AdvisorError as error:
            self.session.plan, unread = (), error
        self.session.opened(advisor)
        self.session.announce("reading")
        if unread is not None:
            self._tell(unread)

    def _failed(self, reading: Reading) -> None:
        assert reading.error is not None
        self.session.announce("reading")
        if self.session.advisor is None:
            from screens.welcome import WelcomeScreen

            self.app.push_screen(WelcomeScreen(self.session, self, failed=reading.error))
            return
        if self.session.is_partial:
            self.session.announce("account")  # the part that was read stays, and no longer says that more will come
        self._tell(reading.error)

    def _tell(self, error: AdvisorError) -> None:
        for screen in reversed(self.app.screen_stack):
            if isinstance(screen, AdvisorScreen):
                screen.tell_error(error)
                return
