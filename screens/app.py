"""The app: wiring, modes, themes and the account that is open. What it says and does is in the screens."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.signal import Signal

from screens import calm, plan_effect
from screens.ascii import AsciiSigns, wants_ascii
from screens.base import AdvisorScreen
from screens.defects import Defect, ToldDefects
from screens.kept import keep, remember_file
from screens.kept_plan import keep_plan
from screens.keymap import own_keys, problems
from screens.modes import MODES, bindings, tabs
from screens.opening import Opening
from screens.session import Opener, Session
from screens.switch import Switch
from screens.themes import THEMES, first_theme, tokens
from screens.threads import LooseThreads


class AdvisorApp(ToldDefects, App[None]):
    """The advisor on one account at a time."""

    TITLE = "IAM Advisor"
    CSS_PATH = ["app.tcss", "home.tcss", "explore.tcss"]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS: ClassVar = set()
    BINDINGS = [
        *bindings(),
        Binding("a", "ask", "Ask", id="app.ask"),
        Binding("c", "coverage", "Coverage", id="app.coverage", tooltip="What was not read, and what stays unknown"),
        Binding("at", "switch_account", "Account", id="app.account", tooltip="Another account, a file or the demo"),
        Binding("colon", "command_palette", "Palette", id="app.palette"),
        Binding("question_mark,f1", "help", "Help", id="app.help", show=False),
        Binding("r", "read_again", "Read again", id="app.read", show=False),
        Binding("M", "messages", "Messages", id="app.messages", show=False, tooltip="What was told so far"),
        Binding("comma", "theme", "Theme", id="app.theme", show=False, tooltip="Choose a theme"),
        Binding("K", "waiting_run", "Keep or undo", id="app.waiting_run", tooltip="The run that is undone by itself"),
        Binding("q", "quit", "Quit", id="app.quit", show=False, tooltip="At once: all is kept"),
    ]

    def __init__(self, opener: Opener | None = None, source: str = "", *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.session = Session()
        self.opening = Opening(self, self.session)
        self.switch = Switch(self, self.session)
        self.mode_tabs = tabs()
        self._first = (opener, source)
        self._placed = ""
        """The account whose place was gone back to."""
        if wants_ascii(os.environ, sys.stdout.encoding):
            self._filters.append(AsciiSigns())
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "ansi-dark" if ansi_color else first_theme(self.available_themes)
        for mode in MODES:
            self.add_mode(mode.name, partial(mode.screen, self.session))
        self.add_mode("ask", self._ask_screen)
        self._asked_from = "home"

    def _ask_screen(self) -> AdvisorScreen:
        from screens.ask import AskScreen

        return AskScreen(self.session)

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        theme = self.current_theme
        return {**variables, **tokens(variables, dark=theme.dark, ansi=theme.ansi)}

    def on_mount(self) -> None:
        asyncio.get_running_loop().set_default_executor(LooseThreads())
        calm.begin()
        self.set_interval(calm.TIDY_SECONDS, self._tidy)
        self.session.remembers = not self.is_headless or self.session.remembers_anyway
        self.session.changed = Signal(self, "session changed")
        self.session.changed.subscribe(self, self._session_changed)
        self.set_keymap(own_keys())
        self.run_worker(self._tell_of_keys, thread=True, group="keys")
        opener, source = self._first
        self.switch_mode("home")
        self.opening.start(opener, source)

    def _tell_of_keys(self) -> None:
        """What is wrong with the user's own keys, once: where no screen can tell it yet, it stands in the messages."""
        for told in problems():
            self.call_from_thread(self._tell, told)

    def _tell(self, told: str) -> None:
        shown = [screen for screen in self.screen_stack if isinstance(screen, AdvisorScreen)]
        if shown:
            shown[-1].say(told, failed=True)

    def tell_defect(self, defect: Defect) -> None:
        shown = [screen for screen in self.screen_stack if isinstance(screen, AdvisorScreen)]
        if shown:
            shown[-1].tell_error(defect)

    def _tidy(self) -> None:
        is_working = any(worker.is_running for worker in self.workers)
        calm.tidy(self.session.touched_at, is_working=is_working)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.MouseDown):
            self.session.touch()
        await super().on_event(event)

    async def run_action(self, action: Any, default_namespace: Any = None, namespaces: Any = None) -> bool:
        """A key that cannot work now says why instead."""
        screen = self.screen
        name = action if isinstance(action, str) else action[1]
        if isinstance(screen, AdvisorScreen) and (default_namespace is screen or str(name).startswith("screen.")):
            why = screen.why_not(str(name).removeprefix("screen.").partition("(")[0])
            if why:
                screen.say(why)
                return True
        return await super().run_action(action, default_namespace, namespaces)

    def _session_changed(self, what: str) -> None:
        if what == "plan" and self.session.advisor is not None:
            keep_plan(self.session.advisor, self.session.plan)
        if what in ("plan", "account"):
            plan_effect.follow(self, self.session)
        if what == "account" and self.session.can_judge:
            self._return_to_place()
            self.switch.look_for_forsaken()

    def _return_to_place(self) -> None:
        """Once for each account: the mode in which it was left."""
        account = self.session.snapshot.account if self.session.snapshot else ""
        if account == self._placed:
            return
        self._placed = account
        mode = self.session.places.mode
        if self.current_mode == "home" and mode in {one.name for one in MODES} - {"home"}:
            self.call_later(self.switch_mode, mode)

    def leave_places(self) -> None:
        """Keep the mode and, of each mode that was looked at, the row, the filter and the order."""
        roots = {mode: stack[0] for mode, stack in self._screen_stacks.items() if stack}
        left = {
            mode: root.place() for mode, root in roots.items() if isinstance(root, AdvisorScreen) and root.is_attached
        }
        self.session.places.leave(self.current_mode, left)

    def why_not(self, action: str) -> str:
        """Why a key of the app cannot work now: before an account is open, only the way to one leads on."""
        is_open = self.session.advisor is not None or self.session.is_reading
        if action in ("go", "ask") and not is_open:
            return "No account is open yet: choose where it comes from."
        return ""

    def _is_refused(self, action: str) -> bool:
        why = self.why_not(action)
        if why:
            self.screen.say(why)  # type: ignore[attr-defined]
        return bool(why)

    def action_go(self, mode: str) -> None:
        if self._is_refused("go"):
            return
        if self.current_mode != mode:
            self.switch_mode(mode)
            self.leave_places()
        elif not getattr(self.screen, "is_applying", False):  # the mode's own key leads back to its first screen
            while len(self.screen_stack) > 1:
                self.pop_screen()

    async def action_quit(self) -> None:
        self.leave_places()
        if not self.switch.stays(self.exit):
            self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.session.undone_in is not None if action == "waiting_run" else True

    def action_waiting_run(self) -> None:
        self.switch.open()

    def action_ask(self) -> None:
        """The question box has a place of its own: question and answer stay, whichever mode is gone to in between."""
        if self._is_refused("ask"):
            return
        if self.current_mode != "ask":
            self._asked_from = str(self.current_mode)
            self.switch_mode("ask")
        else:
            while len(self.screen_stack) > 1:
                self.pop_screen()
        self.screen.start_anew()  # type: ignore[attr-defined]

    def leave_ask(self) -> None:
        """Back to where the question was asked from."""
        self.switch_mode(self._asked_from)

    def action_coverage(self) -> None:
        """What was not read; before an account is open, what reading one needs."""
        if self.session.advisor is None and not self.session.is_reading:
            from screens.policy import needed_to_read

            self.push_screen(needed_to_read(self.session))
            return
        from screens.coverage import CoverageScreen

        self.push_screen(CoverageScreen(self.session))

    def action_switch_account(self) -> None:
        from screens.welcome import SwitcherScreen

        self.push_screen(SwitcherScreen(self.session, self.opening))

    def action_press(self, key: str) -> None:
        """What the key does, for words that are buttons."""
        self.simulate_key(key)

    def on_click(self, event: events.Click) -> None:
        """Beside a dialog: the same as Esc in it."""
        if not isinstance(self.screen, ModalScreen):
            return
        # what lies under the pointer, not what the event was sent to
        under, _ = self.screen.get_widget_at(int(event.screen_x), int(event.screen_y))
        if under is self.screen:
            self.simulate_key("escape")

    def action_help(self) -> None:
        from screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_messages(self) -> None:
        from screens.messages import MessagesScreen

        self.push_screen(MessagesScreen(self.session, ("Messages",)))

    def action_theme(self) -> None:
        if self.no_color:
            self.screen.say("NO_COLOR is set: without colours there is one theme.")  # type: ignore[attr-defined]
        else:
            self.search_themes()

    def _watch_theme(self, theme_name: str) -> None:
        super()._watch_theme(theme_name)
        if self.is_running and not self.no_color and not self.is_headless:
            keep("looks", {"theme": theme_name})

    def action_read_again(self) -> None:
        self.opening.again()


def run(opener: Opener | None = None, source: str = "", file: str = "") -> int:
    """Open the app; `opener` reads the account in a worker, `source` says in words where it comes from.

    Without an opener the app offers the demo, a file and the profiles that are configured. `file` is the path to
    offer again when the app is next started on nothing.
    """
    if file:
        remember_file(file)
    plain = "NO_COLOR" in os.environ
    app = AdvisorApp(opener, source, ansi_color=True if plain else None)
    app.run()
    return app.return_code or 0
