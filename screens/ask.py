"""Ask: who can do something, whether one can, what one can. The answer follows the typing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens.answers import WHAT, AnswerRow, PermissionRow, rests_on, summary, who_rows
from screens.asking import Question, by_service, command_of, how_to_ask, start_rows, table_of
from screens.base import AdvisorScreen
from screens.fix import Context, FixScreen, suggestion_for
from screens.policy_panel import PolicyPanel
from screens.questions import Asked, asked_of
from screens.reasons import who
from screens.tables import Table
from screens.trace import answer_told, deciding_layer, layer_lines, reasons_drawn, sentence
from screens.verdict import Case, VerdictScreen
from screens.widgets.bars import clickable
from screens.widgets.columns import head
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import Row, RowList
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.model.verdict import Answers, Permission, Verdict
    from screens.session import Session

TABS = (("who", "Who can"), ("can", "Can"), ("what", "What can"), ("denied", "Why denied"))
_HINTS = {
    "who": "read payroll · delete users · s3:Get* payroll",
    "can": "dora read payroll",
    "what": "a principal, such as dora",
    "denied": "paste the AccessDenied message",
}
QUIET = 0.12
DETAIL_DELAY = 0.08


@dataclass(frozen=True)
class Outcome:
    """What came back for a question, with how long it took."""

    asked: Asked
    context: Context
    milliseconds: int
    answers: Answers | None = None
    verdict: Verdict | None = None
    permissions: tuple[Permission, ...] | None = None


class AskScreen(AdvisorScreen):
    """The question box and its answer."""

    AUTO_FOCUS = "#question"
    mode = "explore"
    purpose = "Ask in your own words: read, write, delete, admin or an action, then any part of a name. Tab completes."
    command = "advisor who-can ACTION RESOURCE · advisor can · advisor what-can"
    BINDINGS = [
        Binding("f", "fix", "Fix a condition", id="ask.fix", tooltip="Fix a condition key: KEY=VALUE"),
        Binding("v", "via", "With via", id="ask.via", tooltip="Also who can become one that can"),
        Binding("n", "draw", "Draw", id="ask.draw", tooltip="What stands around the selected one"),
        Binding("e", "write", "Export", id="ask.write", tooltip="The list as CSV, JSON or Markdown"),
        Binding("ctrl+t", "tab(1)", "Other question", id="ask.tab", tooltip="Who can, Can, What can"),
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
        self.asked: tuple[Asked, ...] = ()
        self.outcome: Outcome | None = None
        self.choice = 0
        """Which of the suggestions is asked: ↓ in the box takes the next."""
        self._quiet: Timer | None = None
        self._nearest = ""
        """What was asked, with a name that there is in the place of one that there is not: Enter takes it."""
        self._go_on = False
        """Enter was pressed before the answer was there: go to the list when it is."""

    def body(self) -> ComposeResult:
        yield Drawn(self._tabs_drawn, id="ask-tabs")
        with Horizontal(id="asking"):
            yield Static("", id="verb", markup=False)
            yield Input(self._start, placeholder=_HINTS[self.tab], id="question", compact=True)
        yield Drawn(self._spelled, id="spelled")
        with Container(classes="split"):
            with Vertical(classes="left"):
                rows = RowList(id="answers")
                rows.verb = "Why"
                yield rows
            yield Detail()
            yield PolicyPanel(classes="third")

    def on_mount(self) -> None:
        self._show_tab()
        if self._start:
            self._ask_now()
        else:
            self._show("", (), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.tab == "who" if action == "via" else True

    def why_not(self, action: str) -> str:
        if action in ("draw", "write") and self.outcome is None:
            return "Ask something first."
        return ""

    # The box

    def _tabs_drawn(self, width: int) -> Content:
        parts = []
        for name, title in TABS:
            label = Content(f" {title} ")
            label = Content.styled(f"[{title}]", "bold reverse") if name == self.tab else label
            parts.append(clickable(label, f"screen.show_tab('{name}')"))
        return Content.assemble(" ", Content(" ").join(parts), ("   Ctrl+T", "$quiet"))

    def action_tab(self, step: int) -> None:
        names = [name for name, _ in TABS]
        self.action_show_tab(names[(names.index(self.tab) + step) % len(names)])

    def action_show_tab(self, name: str) -> None:
        self.tab = name
        self._show_tab()
        self._ask_now()
        self.query_one("#question", Input).focus()

    def _show_tab(self) -> None:
        self.query_one("#ask-tabs", Drawn).show(self._tabs_drawn)
        self.query_one("#question", Input).placeholder = _HINTS[self.tab]
        self.query_one("#verb", Static).update(f" {dict(TABS)[self.tab]} ")
        self.crumbs = ("Ask", dict(TABS)[self.tab].lower())
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
        self.session.places.asked(self.tab, event.value)
        self._ask_now()

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
        if len(rows.rows):
            rows.focus()
        else:
            self.app.pop_screen()

    # Asking

    def show_account(self) -> None:
        if self._start or self.outcome:
            self._ask_now()

    def _ask_now(self) -> None:
        text = self.query_one("#question", Input).value
        if self.outcome is not None:
            self.query_one("#answers", RowList).dim()
        self._ask(text, self.tab, dict(self.context), self.with_via, self.choice)

    @work(thread=True, exclusive=True, group="ask")
    def _ask(self, text: str, tab: str, context: Context, via: bool, choice: int) -> None:
        worker = get_current_worker()
        advisor = self.session.advisor
        if advisor is None:
            return
        try:
            asked = asked_of(advisor, tab, text)
            at = choice % len(asked) if asked else 0
            asked = (*asked[at:], *asked[:at])
            if worker.is_cancelled:
                return
            outcome = _answer(advisor, asked[0], context, via=via) if asked else None
        except AdvisorError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.tell_error, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, text, asked, outcome)

    def _show(self, text: str, asked: tuple[Asked, ...], outcome: Outcome | None) -> None:
        if not self.is_attached or text != self.query_one("#question", Input).value:
            return
        answered_before = self.outcome is not None
        self.asked, self.outcome = asked, outcome
        self.query_one("#spelled", Drawn).show(self._spelled)
        rows = self.query_one("#answers", RowList)
        self._nearest = "" if asked or not text.strip() or self.tab == "denied" else self._with_nearest(text)
        rows.empty = Content("" if outcome else self._nothing(text))
        if outcome is not None and outcome.answers is not None:
            rows.empty = Content("Nobody here is granted it.")
        rows.set_head((lambda width: head(WHAT, width)) if outcome and outcome.permissions is not None else None)
        rows.show_rows(self._rows(outcome), keep=answered_before)
        if not answered_before:
            rows.action_ends(-1)
        self.set_title(self.crumbs[-1], f"{outcome.milliseconds:,} ms" if outcome else "")
        if self._go_on and outcome is not None:
            self._go_on = False
            rows.focus()

    def _nothing(self, text: str) -> str:
        if not text.strip():
            return ""
        if self._nearest:
            return f'Nothing here is called "{clean(text)}". Nearest: {clean(self._nearest)}  ↵ Take it'
        if self.tab == "denied":
            return "This is no AccessDenied message that we know: it should name who, and which action."
        return f'Nothing here is called "{clean(text)}". Try a part of a name, or an action such as s3:GetObject.'

    def _with_nearest(self, text: str) -> str:
        """The question with its last word replaced by the nearest name of the account; empty where none is near."""
        from difflib import get_close_matches

        snapshot = self.session.snapshot
        if snapshot is None:
            return ""
        *rest, last = text.split()
        arns = (resource.arn for resource in snapshot.resources[:5000])
        principals = [*(user.arn for user in snapshot.users), *(role.arn for role in snapshot.roles)][:5000]
        names = {name.lower(): name for name in map(short_name, (*principals, *arns))}
        near = get_close_matches(last.lower(), list(names), n=1, cutoff=0.5)
        return " ".join([*rest, names[near[0]]]) if near else ""

    def _rows(self, outcome: Outcome | None) -> list[Row]:
        if outcome is None:
            text = self.query_one("#question", Input).value
            return [] if text.strip() else start_rows(self.session.places.questions)
        if outcome.answers is not None:
            account = self.session.snapshot.account if self.session.snapshot else ""
            return [*who_rows(outcome.answers, self.session.administrators, account)]
        if outcome.permissions is not None:
            return by_service(outcome.permissions, is_admin=outcome.asked.principal in self.session.administrators)
        assert outcome.verdict is not None
        return [VerdictRow(outcome.asked, outcome.verdict)]

    def _spelled(self, width: int) -> Content:
        """The question as it is understood, then the answer in numbers."""
        if not self.asked:
            return Content("")
        first = self.asked[0]
        fixed = " ".join(f"{clean(key)}={clean(','.join(values))}" for key, values in self.context.items())
        right = clickable(Content.assemble((" f ", "bold"), fixed or "No condition fixed"), "screen.fix")
        room = max(width - right.cell_length - 1, 10)
        others = f"  ↓ {len(self.asked) - 1} more" if len(self.asked) > 1 else ""
        spelled = Content.styled(f" {first.spelled}", "$quiet").truncate(room - len(others), ellipsis=True)
        spelled = Content.assemble(spelled, others).truncate(room, pad=True)
        lines = [Content.assemble(spelled, " ", right)]
        if self.outcome is not None:
            lines.append(Content.assemble(" ", self._counted(self.outcome)).truncate(width, ellipsis=True))
            if self.outcome.answers is not None and self.session.snapshot is not None:
                rests = rests_on(self.outcome.answers, self.session.snapshot.account)
                lines.append(Content.assemble(" ", rests).truncate(width, ellipsis=True))
        return Content("\n").join(lines)

    def _counted(self, outcome: Outcome) -> Content:
        if outcome.answers is not None:
            return summary(outcome.answers)
        if outcome.permissions is not None:
            return Content(f"can do {count(len(outcome.permissions), 'action')}")
        assert outcome.verdict is not None
        return answer_told(outcome.verdict)

    # The answer

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        self.set_timer(DETAIL_DELAY, lambda: self._look_at(row))

    def _look_at(self, row: Row | None) -> None:
        if not self.is_attached or self.query_one("#answers", RowList).row is not row:
            return
        if row is None or isinstance(getattr(row, "value", None), Question):
            self.query_one(Detail).show(Content("How to ask"), Content(""), how_to_ask)
            return
        case = self._case(row)
        if case is not None and not self.has_class("-narrow"):
            self._judge(case)
        elif case is not None:
            detail = self.query_one(Detail)
            detail.display = False

    def _case(self, row: Row) -> Case | None:
        if self.outcome is None or isinstance(getattr(row, "value", None), Question):
            return None
        asked, context = self.outcome.asked, self.outcome.context
        if isinstance(row, AnswerRow):
            answer = row.answer
            action = answer.actions[0] if answer.actions else asked.action
            resource = answer.resources[0] if answer.resources else asked.resource
            return Case(answer.principal, action, resource, context, asked.words)
        if isinstance(row, PermissionRow):
            resource = row.permission.resources[0] if row.permission.resources else None
            return Case(asked.principal, row.permission.action, resource, context, row.permission.action)
        return Case(asked.principal, asked.action, asked.resource, context, asked.words)

    @work(thread=True, exclusive=True, group="judge")
    def _judge(self, case: Case) -> None:
        worker = get_current_worker()
        advisor = self.session.advisor
        if advisor is None:
            return
        try:
            verdict = advisor.can(case.principal, case.action, case.resource, case.context)
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_verdict, case, verdict)

    def _show_verdict(self, case: Case, verdict: Verdict) -> None:
        advisor = self.session.advisor
        if advisor is None or not self.is_attached:
            return
        at = deciding_layer(verdict)

        def draw(width: int) -> Content:
            lines = [Content.assemble(" ", answer_told(verdict)), *layer_lines(verdict, width, at)]
            if verdict.trace:
                lines.append(reasons_drawn(advisor, verdict.trace[at], verdict, width))
            return Content("\n").join(lines)

        detail = self.query_one(Detail)
        detail.display = True
        detail.show(Content(who(case.principal)), Content(clean(case.words)), draw)
        self.query_one(PolicyPanel).show_behind(advisor, verdict.trace[at] if verdict.trace else None)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        value = getattr(message.row, "value", None)
        if isinstance(value, Question):
            self._ask_again(value)
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
        self.session.places.asked(question.tab, question.text)

    def action_draw(self) -> None:
        from screens.drawing import draw_around

        row = self.query_one("#answers", RowList).row
        case = self._case(row) if row is not None else None
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
        row = self.query_one("#answers", RowList).row
        if isinstance(row, AnswerRow):
            return row.answer.principal
        if isinstance(row, VerdictRow):
            return sentence(who(row.asked.principal), row.asked.words, row.verdict)
        return row.permission.action if isinstance(row, PermissionRow) else ""

    def command_here(self) -> str:
        return command_of(self.outcome.asked, self.outcome.context, via=self.with_via) if self.outcome else ""

    def copies(self) -> list[tuple[str, str]]:
        import msgspec

        found = (self.outcome.answers or self.outcome.verdict or self.outcome.permissions) if self.outcome else None
        return [("JSON", msgspec.json.encode(found).decode())] if found is not None else []

    def shown_table(self) -> Table | None:
        if self.outcome is None:
            return None
        title = f"{dict(TABS)[self.tab].lower()} {self.outcome.asked.words}"
        return table_of(title, self.query_one("#answers", RowList).rows, self.command_here())


@dataclass(frozen=True)
class VerdictRow:
    """The one answer of a Can question."""

    asked: Asked
    verdict: Verdict
    selectable: bool = True
    key: str = "verdict"

    @property
    def text(self) -> str:
        return self.asked.words

    def draw(self, width: int) -> Content:
        return Content.assemble(
            who(self.asked.principal), " ", clean(self.asked.words), "  ", answer_told(self.verdict)
        )


def _answer(advisor: Any, asked: Asked, context: Context, *, via: bool) -> Outcome:
    started = time.perf_counter()
    answers = verdict = permissions = None
    if asked.tab == "who":
        answers = advisor.who_can(asked.action, asked.resource, context, via=via)
    elif asked.tab in ("can", "denied"):
        verdict = advisor.can(asked.principal, asked.action, asked.resource, context)
    else:
        permissions = advisor.what_can(asked.principal, None, context)
    took = int((time.perf_counter() - started) * 1000)
    return Outcome(asked, context, took, answers, verdict, permissions)
