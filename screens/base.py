"""What all our screens share: the four rows around the body, messages, filter, and their words for the help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from advisor.model.work import CalledOff, while_wanted
from screens.defects import Defect, ToldDefects
from screens.palette import ScreenCommands
from screens.session import Note
from screens.widgets.bars import AccountBar, KeyLine, MessageRow, ModeTabs, clickable
from screens.widgets.pane import Rule
from screens.widgets.rows import RowList, spread
from screens.wording import clean

if TYPE_CHECKING:
    from screens.session import Session
    from screens.tables import Table

Found = TypeVar("Found")
TOO_SMALL = "The advisor needs 60 columns and 16 rows. Make this window larger."


class AdvisorScreen(ToldDefects, Screen[None]):
    """A screen with the account above, the keys below and one question in between."""

    AUTO_FOCUS = "RowList"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide"), (160, "-ultra")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-tall")]
    COMMANDS = {ScreenCommands}
    BINDINGS = [
        Binding("slash", "filter", "Filter", id="screen.filter", show=False),
        Binding("escape", "back", "Back", id="screen.back", show=False),
        Binding("z", "zoom", "Zoom", id="screen.zoom", show=False, tooltip="This panel alone, or both"),
        Binding("y", "copy", "Copy", id="screen.copy", show=False),
        Binding("Y", "copy_menu", "Copy …", id="screen.copy_menu", show=False, tooltip="Choose what to copy"),
    ]
    purpose: ClassVar[str] = ""
    """Two lines for the help: what the screen is for."""
    command: ClassVar[str] = ""
    """The command that gives the same answer."""
    mode: ClassVar[str] = "home"
    typing_keys: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("enter", "To the list", "app.press('enter')"),
        ("escape", "Close", "app.press('escape')"),
    )
    """(key, word, action) of what the footer shows while a text field has the focus: letters are text there."""
    kept: ClassVar[tuple[str, ...]] = ()
    """Attributes (orders, the list that is open) that are kept over restarts."""

    def __init__(self, session: Session, crumbs: Iterable[str] = ()) -> None:
        super().__init__()
        self.session = session
        self.crumbs = tuple(crumbs)
        self._mode_shown = self.mode

    def compose(self) -> ComposeResult:
        yield Static(TOO_SMALL, id="too-small", markup=False)
        yield AccountBar(self.session)
        yield ModeTabs(self._tabs(), self._current_mode, self.session)
        yield Rule(id="title", heavy=True)
        yield Input(placeholder="filter: part of a name", id="filter", compact=True)
        with Container(id="body"):
            yield from self.body()
        with Vertical(id="bottom"):
            yield MessageRow()
            yield KeyLine()

    def body(self) -> ComposeResult:
        yield from ()

    def _tabs(self) -> tuple[tuple[str, str, str], ...]:
        return getattr(self.app, "mode_tabs", ())

    def _current_mode(self) -> str:
        """The tab that is lit: Ask belongs to Explore."""
        mode = self.app.current_mode
        if mode == "ask":
            return "explore"
        return self.mode if mode == "_default" else str(mode)

    def on_mount(self) -> None:
        if self.session.changed is not None:
            self.session.changed.subscribe(self, self._session_changed)
        self._return_to_place()
        self.set_title(self.crumbs[-1] if self.crumbs else "")
        self.query_one(MessageRow).tray = self._tray()
        self.show_account()

    @property
    def is_wide(self) -> bool:
        """Whether the detail stands beside the list."""
        return self.app.size.width >= 100

    def place(self) -> dict[str, Any]:
        """Row, filter and order of this screen, to be kept over restarts."""
        rows = self.filtered
        kept = {name: getattr(self, name) for name in self.kept}
        if rows is not None:
            kept.update(row=rows.row.key if rows.row else "", needle=rows.needle)
        return kept

    def _return_to_place(self) -> None:
        place = self.session.places.of(self.mode) if len(self.app.screen_stack) == 1 else {}
        for name in self.kept:
            if type(place.get(name)) is type(getattr(self, name)):
                setattr(self, name, place[name])
        rows = self.filtered
        if rows is None or not place:
            return
        rows.wanted = str(place.get("row", ""))
        if needle := str(place.get("needle", "")):
            box = self.query_one("#filter", Input)
            box.add_class("-open")
            box.value = needle

    def _session_changed(self, what: str) -> None:
        self.query_one(AccountBar).refresh()
        self.query_one(ModeTabs).refresh()
        self.query_one(MessageRow).tray = self._tray()
        self.session_changed(what)

    def session_changed(self, what: str) -> None:
        """Something of the session is another: `account`, `findings`, `plan`, `armed`, `reading`."""
        if what == "account":
            self.show_account()

    def show_account(self) -> None:
        """Draw what the open account says."""

    def _tray(self) -> Content:
        plan = self.session.plan
        if not plan:
            return Content("")
        effect = self.session.plan_effect or "its effects are being worked out"
        left = Content.assemble((f"plan {len(plan)}", "bold"), f" · {effect}")
        right = Content.assemble(("8", "bold"), " Open ")
        return clickable(spread(left, right, max(self.size.width - 2, 20)), "app.go('plan')")

    def set_title(self, title: str | Content, right: str | Content = "") -> None:
        rule = self.query_one("#title", Rule)
        trail = [clean(crumb) for crumb in self.crumbs[:-1]]
        last = Content(clean(title)) if isinstance(title, str) else title
        back = [clickable(Content(part), "screen.back") for part in trail]
        rule.left = Content(" › ").join([*back, last])
        rule.right = Content(clean(right)) if isinstance(right, str) else right

    def say(self, text: str | Content, *, failed: bool = False) -> None:
        """Tell something in the message row and keep it under `: messages`."""
        content = Content(text) if isinstance(text, str) else text
        self.session.notes.append(Note(content.plain, self.session.now, failed))
        if failed:
            content = Content.assemble(("× ", "$risk-high bold"), content)
        self.query_one(MessageRow).say(content, 20 if failed else 6)

    def tell_error(self, error: AdvisorError) -> None:
        message = error.message[:1].upper() + error.message[1:]
        advice = f". {error.advice}" if error.advice else ""
        self.say(clean(message + advice), failed=True)

    def tell_defect(self, defect: Defect) -> None:
        self.tell_error(defect)

    def in_background(self, group: str, find: Callable[[], Found], then: Callable[[Found], object]) -> None:
        """Find something in a thread, then show it; a newer call of the same group takes the place of an older."""

        def run() -> None:
            worker = get_current_worker()
            try:
                with while_wanted(lambda: not worker.is_cancelled):
                    found = find()
            except CalledOff:
                return
            except AdvisorError as error:
                if not worker.is_cancelled:
                    self.app.call_from_thread(self.tell_error, error)
                return
            if not worker.is_cancelled:
                self.app.call_from_thread(show, found)

        def show(found: Found) -> None:
            if self.is_attached and self.query("#bottom"):  # the screen may have been closed meanwhile
                then(found)

        self.run_worker(run, thread=True, exclusive=True, group=group)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.query_one("#title", Rule).heavy = isinstance(event.widget, RowList | Input)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        self.query_one("#title", Rule).heavy = False

    # Filter

    @property
    def filtered(self) -> RowList | None:
        """The list that `/` filters."""
        return self.query(RowList).first() if self.query(RowList) else None

    def action_filter(self) -> None:
        if self.filtered is None:
            self.say("There is no list here to filter.")
            return
        box = self.query_one("#filter", Input)
        box.add_class("-open")
        box.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter" and self.filtered is not None:
            self.filtered.filter(event.value)
            self._tell_nothing_found(event.value)
            self.filter_changed()

    def filter_changed(self) -> None:
        """The list shows other rows."""

    def _tell_nothing_found(self, needle: str) -> None:
        rows = self.filtered
        if rows is None or len(rows.rows) or not needle or not rows.total:
            return  # an empty list keeps saying why it is empty
        nearest = clean(nearest_name(needle, rows))
        hint = f" Nearest: {nearest}  ↵ Take it" if nearest else ""
        rows.empty = Content(f'Nothing matches "{clean(needle)}" in {rows.total:,} rows.{hint}')

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "filter" or self.filtered is None:
            return
        nearest = nearest_name(event.value, self.filtered) if not len(self.filtered.rows) else ""
        if nearest:
            event.input.value = clean(nearest)
        self.filtered.focus()

    def close_filter(self) -> bool:
        box = self.query_one("#filter", Input)
        if not box.has_class("-open"):
            return False
        box.remove_class("-open")
        box.value = ""
        if self.filtered is not None:
            self.filtered.focus()
        return True

    # Moving on and back

    def action_back(self) -> None:
        """Close the topmost thing, then go back."""
        if self.close_filter():
            return
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed")
            return
        if isinstance(self.focused, Input):
            self.leave_input(self.focused)
            return
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def leave_input(self, box: Widget) -> None:
        """Esc in a text field leaves it."""
        if self.filtered is not None:
            self.filtered.focus()

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")

    def action_copy(self) -> None:
        what = self.copied()
        if not what:
            self.say("There is nothing here to copy.")
            return
        self.app.copy_to_clipboard(what)
        self.say(f"Copied: {clean(what)}")

    def copied(self) -> str:
        """What `y` copies: the obvious thing."""
        return ""

    def copies(self) -> list[tuple[str, str]]:
        """(what it is, text) for the menu of `Y`, besides what `y` copies."""
        return []

    def command_here(self) -> str:
        """The command that gives what is on the screen; empty where none does."""
        return ""

    def action_copy_menu(self) -> None:
        from screens.copy_menu import CopyScreen

        offered = [("what y copies", self.copied()), *self.copies(), ("the command", self.command_here())]
        there = [(name, text) for name, text in offered if text]
        if not there:
            self.say("There is nothing here to copy.")
            return
        self.app.push_screen(CopyScreen(there), lambda told: self.say(told) if told else None)

    def shown_table(self) -> Table | None:
        """The list as it is shown, to be written; `None` where there is none."""
        return None

    def action_write(self) -> None:
        """Write the list as it is shown: CSV, JSON or Markdown."""
        from screens.tables import FORMATS, written
        from screens.write import WriteScreen

        table = self.shown_table()
        if table is None or not table.rows or self.session.snapshot is None:
            self.say("There is no list here to write.")
            return
        name = f"iam-{table.title}-{self.session.snapshot.account}"
        menu = WriteScreen("list", FORMATS, name, lambda format: written(self.session, table, format))
        self.app.push_screen(menu, lambda told: self.say(told) if told else None)

    def word_of(self, action: str) -> str:
        """What a key does here, where that hangs on what is selected; empty: as its binding says."""
        return ""

    def why_not(self, action: str) -> str:
        """Why a key of this screen cannot work now, in a sentence; empty where it can."""
        return ""


def nearest_name(needle: str, rows: RowList) -> str:
    """The word in the rows that is nearest to what was typed; empty where nothing is near."""
    from difflib import get_close_matches

    words = {word.strip(",;·:") for row in rows.unfiltered[:5000] for word in row.text.lower().split()}
    found = get_close_matches(needle.lower(), sorted(words), n=1, cutoff=0.6)
    return found[0] if found else ""
