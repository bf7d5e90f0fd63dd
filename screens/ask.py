"""Ask: who can do something, whether one can, what one can. The answer follows the typing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from advisor.model.change import Flip
from screens.answer_detail import look_at
from screens.answers import WHAT, WHO_LEGEND, AnswerRow
from screens.asking import HINTS, TABS, Question, command_of, table_of
from screens.base import AdvisorScreen
from screens.composing import is_open, rows_to_begin, step_back
from screens.coverage_words import answer_so_far
from screens.denied import Explained, MessageInput, explain, fix_rows, lacking
from screens.fix import Context, FixScreen, suggestion_for
from screens.outcome import Outcome, can_look_through, copied_of, through_others, work_out
from screens.path_words import risk_of
from screens.policy_panel import PolicyPanel
from screens.questions import Asked, asked_of, with_nearest_name
from screens.spelled import also_through, nothing_found, spelled, tabs_drawn
from screens.tables import Table
from screens.verdict import Case, VerdictScreen
from screens.widgets.choices import Legend
from screens.widgets.columns import head
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import Row, RowList

if TYPE_CHECKING:
    from screens.session import Session

QUIET = 0.12
DETAIL_DELAY = 0.08


class AskScreen(AdvisorScreen):
    """The question box and its answer."""

    AUTO_FOCUS = "#question"
    mode = "ask"
    purpose = "Ask in your own words: read, write, delete, admin or an action, then any part of a name. Tab completes."
    command = "advisor who-can ACTION RESOURCE · advisor can · advisor what-can"
    typing_keys = (
        ("enter", "To the answer", "app.press('enter')"),
        ("tab", "Complete", "app.press('tab')"),
        ("down", "Another meaning", "app.press('down')"),
        ("ctrl+t", "Other question", "screen.tab(1)"),
        ("escape", "Leave the box", "app.press('escape')"),
    )
    BINDINGS = [
        Binding("f", "fix", "Fix a condition", id="ask.fix", tooltip="Fix a condition key: KEY=VALUE"),
        Binding("v", "via", "With via", id="ask.via", tooltip="Also who can become one that can"),
        Binding("p", "preview", "Preview", id="ask.preview", tooltip="What the selected change would do"),
        Binding("n", "draw", "Draw", id="ask.draw", tooltip="What stands around the selected one"),
        Binding("e", "write", "Export", id="ask.write", tooltip="The list as CSV, JSON or Markdown"),
        Binding("ctrl+t", "tab(1)", "Other question", id="ask.tab", tooltip="Who can, Can, What can"),
        Binding("ctrl+n", "anew", "New question", id="ask.new", show=False, tooltip="Empty the box and choose"),
        Binding("down", "other(1)", "Another meaning", id="ask.other", show=False),
        Binding("up", "other(-1)", "Meaning before", id="ask.other_before", show=False),
        Binding("tab", "complete", "Complete", id="ask.complete", show=False, priority=True),
    ]

    def __init__(self, session: Session, tab: str = "who", text: str = "") -> None:
        super().__init__(session, ("Ask", "who can"))
        self.tab = tab
        self._start = text
        self.context: Context = {}
        self.with_via = False
        self.through: tuple[str, ...] = ()
        """Who can become one of those that can, once that is worked out."""
        self.asked: tuple[Asked, ...] = ()
        self.outcome: Outcome | None = None
        self.choice = 0
        """Which of the suggestions is asked: ↓ in the box takes the next."""
        self._quiet: Timer | None = None
        self._begin: list[Row] = []
        """What there is to choose while there is no answer."""
        self._nearest = ""
        """What was asked, with a name that there is in the place of one that there is not: Enter takes it."""
        self.explained: Explained | None = None
        """What stands behind a pasted denial, once it is worked out."""
        self._go_on = False
        """Enter was pressed before the answer was there: go to the list when it is."""

    def body(self) -> ComposeResult:
        yield Drawn(lambda width: tabs_drawn(self.tab), id="ask-tabs")
        with Horizontal(id="asking"):
            yield Static("", id="verb", markup=False)
            yield MessageInput(self._start, placeholder=HINTS[self.tab], id="question", compact=True)
        yield Drawn(self._spelled, id="spelled")
        with Container(classes="split"):
            with Vertical(classes="left"):
                rows = RowList(id="answers")
                rows.verb = "Why"
                yield rows
                yield Legend(WHO_LEGEND)
            yield Detail()
            yield PolicyPanel(classes="third")

    def on_mount(self) -> None:
        self._show_tab()

    def start_anew(self) -> None:
        """The box as it was left, all of it selected: typing takes its place."""
        if self.is_attached and self.query("#question"):
            box = self.query_one("#question", Input)
            box.focus()
            box.action_select_all()

    def place(self) -> dict[str, Any]:
        """Questions are kept in their own list."""
        return {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "preview":
            return self.tab == "denied"
        return self.tab == "who" if action == "via" else True

    def why_not(self, action: str) -> str:
        if action in ("draw", "write", "via") and self.outcome is None:
            return "Ask something first."
        if action == "preview" and not isinstance(
            getattr(self.query_one("#answers", RowList).row, "value", None), Flip
        ):
            return "Put the cursor on a change: p shows what it would do."
        return ""

    # The box

    def action_anew(self) -> None:
        box = self.query_one("#question", Input)
        box.value = ""
        box.focus()

    def action_tab_at(self, at: int) -> None:
        self.action_show_tab(list(TABS)[at])

    def action_tab(self, step: int) -> None:
        names = list(TABS)
        self.action_show_tab(names[(names.index(self.tab) + step) % len(names)])

    def action_show_tab(self, name: str) -> None:
        self.tab = name
        self._show_tab()
        self._ask_now()
        self.query_one("#question", Input).focus()

    def _show_tab(self) -> None:
        self.query_one("#ask-tabs", Drawn).refresh()
        self.query_one("#question", Input).placeholder = HINTS[self.tab]
        self.query_one("#verb", Static).update(f" {TABS[self.tab]} ")
        self.crumbs = ("Ask", TABS[self.tab].lower())
        self.set_title(self.crumbs[-1])
        self.refresh_bindings()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id != "question":
            super().on_input_changed(event)
            return
        self._go_on = False
        self.choice = 0
        if self._quiet is not None:
            self._quiet.stop()
        self._quiet = self.set_timer(QUIET, self._ask_now)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "question":
            super().on_input_submitted(event)
            return
        if self._quiet is not None:
            self._quiet.stop()
        if self._nearest and not self.asked:
            event.input.value = self._nearest
            event.input.cursor_position = len(self._nearest)
            return
        self._go_on = True
        self._remember(event.value)
        self._ask_now()

    def _remember(self, text: str) -> None:
        if text.strip() and not is_open(text):
            self.session.places.asked(self.tab, text)

    def action_complete(self) -> None:
        """Tab takes the first suggestion in full; elsewhere it moves to the next panel."""
        box = self.query_one("#question", Input)
        if self.focused is box and self.asked and self.asked[0].completion != box.value:
            box.value = self.asked[0].completion
            box.cursor_position = len(box.value)
        else:
            self.focus_next()

    def action_other(self, step: int) -> None:
        """In the box: ask the next of the suggestions; with one meaning or none, go to the list."""
        if len(self.asked) > 1:
            self.choice += step
            self._ask_now()
        elif step > 0 and len(self.query_one("#answers", RowList).rows):
            self.query_one("#answers", RowList).focus()

    def leave_input(self, box: Any) -> None:
        rows = self.query_one("#answers", RowList)
        rows.focus() if len(rows.rows) else self.action_leave()

    def action_back(self) -> None:
        """From the answer back to where it was asked from; a question in the box is left first."""
        is_covered = self.query_one("#filter", Input).has_class("-open") or self.has_class("-zoomed")
        box = self.query_one("#question", Input)
        if is_covered or isinstance(self.focused, Input):
            super().action_back()
        elif is_open(box.value):
            box.value = step_back(box.value)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        is_on_another = len(self.app.screen_stack) > 1
        self.app.pop_screen() if is_on_another else self.app.leave_ask()  # type: ignore[attr-defined]

    # Asking

    def show_account(self) -> None:
        self._ask_now()

    def _ask_now(self) -> None:
        advisor, text = self.session.advisor, self.query_one("#question", Input).value
        if self.outcome is not None:
            self.query_one("#answers", RowList).dim()
        if advisor is None:
            return
        tab, context, via, choice = self.tab, dict(self.context), self.with_via, self.choice
        before = tuple(self.session.places.questions)

        def find() -> tuple[tuple[Asked, ...], Outcome | None, list[Row]]:
            asked = () if is_open(text) else asked_of(advisor, tab, text)
            at = choice % len(asked) if asked else 0
            asked = (*asked[at:], *asked[:at])
            outcome = work_out(advisor, asked[0], context, via=via) if asked else None
            return asked, outcome, [] if asked else rows_to_begin(advisor, tab, text, before)

        self.in_background("ask", find, lambda found: self._show(text, *found))
        self.explained = None
        if tab == "denied" and text.strip():
            session = self.session
            self.in_background("denied", lambda: explain(session, text, context), self._show_explained)

    def _show_explained(self, explained: Explained | None) -> None:
        self.explained = explained
        self.query_one("#spelled", Drawn).show(self._spelled)
        if self.outcome is not None:
            self.query_one("#answers", RowList).show_rows(self._rows(self.outcome))

    def _show(self, text: str, asked: tuple[Asked, ...], outcome: Outcome | None, begin: list[Row]) -> None:
        if not self.is_attached or text != self.query_one("#question", Input).value:
            return
        answered_before = self.outcome is not None
        self.asked, self.outcome, self.through, self._begin = asked, outcome, (), begin
        self._look_through()
        self.query_one("#spelled", Drawn).show(self._spelled)
        rows = self.query_one("#answers", RowList)
        snapshot = self.session.snapshot
        rows.verb = "Why" if asked else "Take it"
        is_odd = not asked and not begin and self.tab != "denied" and snapshot is not None
        self._nearest = with_nearest_name(text, snapshot) if is_odd and snapshot else ""
        is_denial = self.tab == "denied" and bool(text.strip())
        nothing = lacking(text) if is_denial else nothing_found(text, self._nearest)
        rows.empty = Content("" if outcome or begin else nothing)
        if outcome is not None and outcome.answers is not None:
            rows.empty = Content("Nobody here is granted it.")
        rows.set_head((lambda width: head(WHAT, width)) if outcome and outcome.permissions is not None else None)
        rows.show_rows(self._rows(outcome), keep=answered_before)
        if not answered_before:
            rows.action_ends(-1)
        self.set_title(self.crumbs[-1], f"{outcome.milliseconds:,} ms" if outcome else "")
        if self._go_on and len(rows.rows):
            self._go_on = False
            rows.focus()

    def _look_through(self) -> None:
        """Those who can become one that can: told below the count, in accounts where that is soon worked out."""
        outcome, advisor = self.outcome, self.session.advisor
        if outcome is None or advisor is None or self.with_via or not can_look_through(self.session, outcome):
            return

        def show(found: tuple[str, ...]) -> None:
            if self.outcome is outcome and self.is_attached:
                self.through = found
                self.query_one("#spelled", Drawn).show(self._spelled)

        self.in_background("through", partial(through_others, advisor, outcome), show)

    def _rows(self, outcome: Outcome | None) -> list[Row]:
        if outcome is None:
            return self._begin
        rows = outcome.rows(self.session.administrators, self._account, partial(risk_of, self.session))
        return [*rows, *fix_rows(self.explained.fixes)] if self.explained is not None else rows

    @property
    def _account(self) -> str:
        return self.session.snapshot.account if self.session.snapshot else ""

    def _spelled(self, width: int) -> Content:
        """The question as it is understood, then the answer in numbers."""
        if not self.asked:
            return Content("")
        lines = [spelled(self.asked, self.context, width)]
        if self.outcome is not None:
            told = (answer_so_far(self.session), self.outcome.counted(), self.outcome.rests_on(self._account))
            lines += [Content.assemble(" ", one).truncate(width, ellipsis=True) for one in told if one is not None]
        if self.through:
            lines.append(also_through(self.through, width))
        if self.explained is not None:
            lines += self.explained.drawn(width)
        return Content("\n").join(lines)

    # The answer

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        self.set_timer(DETAIL_DELAY, lambda: self._look_at(row))

    def _look_at(self, row: Row | None) -> None:
        if self.is_attached and self.query_one("#answers", RowList).row is row:
            look_at(self, row, self.outcome)

    def _case(self, row: Row | None) -> Case | None:
        return self.outcome.case(row) if self.outcome is not None and row is not None else None

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        value = getattr(message.row, "value", None)
        if isinstance(value, Question):
            self._ask_again(value)
            return
        if isinstance(value, Flip):
            self.action_preview()
            return
        case = self._case(message.row)
        if case is not None:
            self.app.push_screen(VerdictScreen(self.session, case, self.crumbs))

    def _ask_again(self, question: Question) -> None:
        self.tab = question.tab
        self._show_tab()
        box = self.query_one("#question", Input)
        box.value = question.text
        box.cursor_position = len(question.text)
        self._go_on = True
        self._remember(question.text)

    def action_preview(self) -> None:
        from screens.preview import preview

        flip = getattr(self.query_one("#answers", RowList).row, "value", None)
        if isinstance(flip, Flip):
            preview(self, (flip.change,), flip.change.title)

    def action_draw(self) -> None:
        from screens.drawing import draw_around

        case = self._case(self.query_one("#answers", RowList).row)
        draw_around(self, case.principal if case else "")

    def action_via(self) -> None:
        self.with_via = not self.with_via
        self.say("Also those who can become one that can." if self.with_via else "Only those who can by themselves.")
        self._ask_now()

    def action_fix(self) -> None:
        row = self.query_one("#answers", RowList).row
        conditions = row.answer.conditions if isinstance(row, AnswerRow) else ()
        self.app.push_screen(FixScreen(self.context, suggestion_for(conditions)), self._fixed)

    def _fixed(self, context: Context | None) -> None:
        if context is not None:
            self.context = context
            self._ask_now()

    def copied(self) -> str:
        return copied_of(self.query_one("#answers", RowList).row)

    def command_here(self) -> str:
        return command_of(self.outcome.asked, self.outcome.context, via=self.with_via) if self.outcome else ""

    def copies(self) -> list[tuple[str, str]]:
        return [("JSON", self.outcome.as_json())] if self.outcome is not None else []

    def shown_table(self) -> Table | None:
        if self.outcome is None:
            return None
        title = f"{TABS[self.tab].lower()} {self.outcome.asked.words}"
        return table_of(title, self.query_one("#answers", RowList).rows, self.command_here())
