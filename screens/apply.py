"""Applying: the calls as they were shown, each in the journal before it is made; then keep it or take it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from advisor.errors import AdvisorError
from screens.arming import writing_session
from screens.base import AdvisorScreen
from screens.confirm import ConfirmScreen
from screens.plan_effect import in_words
from screens.widgets.pane import Drawn
from screens.widgets.rows import Line, Row, RowList, blank
from screens.wording import account_in_fours, clean, count, short_name

if TYPE_CHECKING:
    from advisor.change.journal import RunState
    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from screens.session import Session

_SIGNS = {
    "todo": ("·", "$quiet"), "checking": ("…", ""), "calling": ("…", "bold"), "done": ("✓", "$holds"),
    "already": ("✓", "$holds"), "failed": ("×", "$fails bold"), "settling": ("…", ""), "undoing": ("…", "bold"),
    "undone": ("◦", "$quiet"),
}  # fmt: skip


def start(screen: AdvisorScreen, changes: tuple[Change, ...], found: Preview | None) -> None:
    """Ask once more, then apply. Says why where it cannot be."""
    session = screen.session
    calls = sum(len(change.operations) for change in changes)
    if not session.is_armed:
        screen.say("Arm the account first: !")
        return
    if any(change.needs for change in changes):
        screen.say("A value is still needed: f gives it.")
        return
    if found is None or found.access is None:
        screen.say("The preview is still being worked out.")
        return
    if not calls:
        screen.say("There is no call in this: what is left is done by hand.")
        return
    refusals = found.refusals
    unknown = [guard for guard in found.guards if guard.sign == "unknown"]
    told = what_it_does(session, changes, found)

    def answered(reason: str | None) -> None:
        if reason is not None:
            overrides = {guard.id: reason for guard in refusals}
            screen.app.push_screen(RunScreen(session, changes=changes, overrides=overrides))

    screen.app.push_screen(
        ConfirmScreen(
            told, f"Apply {count(calls, 'call')}", ask_reason=bool(refusals), sure=not refusals and not unknown
        ),
        answered,
    )


def what_it_does(session: Session, changes: tuple[Change, ...], found: Preview) -> list[str]:
    """The question before applying: the account in words, what is gained and lost, the guards, the way back."""
    snapshot = session.snapshot
    calls = sum(len(change.operations) for change in changes)
    name = f"{snapshot.alias} " if snapshot and snapshot.alias else ""
    told = [f"Apply {count(calls, 'call')} to {name}{account_in_fours(snapshot.account) if snapshot else ''}?"]
    effect = in_words(found)
    told += [effect[:1].upper() + effect[1:]] if effect else []
    passed = sum(1 for guard in found.guards if guard.sign == "yes")
    told += [f"× {guard.text}" for guard in found.refusals]
    told += [f"? {guard.text}" for guard in found.guards if guard.sign == "unknown"]
    told += [f"✓ {count(passed, 'guard')} {'says' if passed == 1 else 'say'} yes"] if passed else []
    back = f"Undo: {count(len(found.undo), 'call')} ready, u takes it back"
    return [*told, back if found.reversible and found.undo else f"Not all can be taken back. {found.note}".strip()]


@dataclass(frozen=True)
class Shown:
    """One call as it stands."""

    number: int
    name: str
    subject: str
    status: str
    at: str = ""
    error: str = ""


class RunScreen(AdvisorScreen):
    """A run: while it goes on, after it stopped, after it is done, or read from the journal."""

    AUTO_FOCUS = "#ways"
    mode = "plan"
    purpose = "The calls of one run. What is done can be taken back, what stopped can go on; the journal has it all."
    command = "advisor apply PLAN --account ID · advisor undo · advisor keep · advisor journal"
    BINDINGS = [Binding("u", "undo", "Undo", id="run.undo")]

    def __init__(
        self,
        session: Any,
        *,
        changes: tuple[Change, ...] = (),
        overrides: dict[str, str] | None = None,
        state: RunState | None = None,
    ) -> None:
        super().__init__(session, ("Plan", f"run {state.id}" if state else "apply"))
        self.changes = changes
        self.overrides = overrides or {}
        self.state = state
        self.steps: dict[int, Shown] = _steps_of(state) if state else {}
        self.error = ""
        self.secrets: list[tuple[str, str]] = []
        self.is_applying = False
        self.is_read_again = False

    def body(self) -> ComposeResult:
        yield Drawn(self._drawn, id="steps")
        rows = RowList(id="ways")
        rows.verb = "Do it"
        yield rows

    def on_mount(self) -> None:
        if self.state is None:
            self._begin(self._apply)
        else:
            self._show()

    def session_changed(self, what: str) -> None:
        super().session_changed(what)
        if what == "account" and not self.session.is_partial and self._has_ended:
            self.is_read_again = True
            self._show()

    @property
    def _has_ended(self) -> bool:
        return self.state is not None and not self.is_applying and bool(self.changes)

    # Running

    def _begin(self, work_of: Callable[[Any, str | None, Any], RunState]) -> None:
        self.is_applying = True
        self.error = ""
        self._show()
        self._run(work_of)

    @work(thread=True, exclusive=True, group="apply")
    def _run(self, work_of: Callable[[Any, str | None, Any], RunState]) -> None:
        from advisor.change.armed import arm

        session, snapshot = self.session, self.session.snapshot
        assert snapshot is not None
        state: RunState | None
        try:
            aws, endpoint = writing_session(session)
            armed = arm(snapshot.account, snapshot.account) if session.is_armed else None
            state, error = work_of(aws, endpoint, armed), ""
        except AdvisorError as failure:
            state, error = self._after_failure(failure), f"{failure.message}. {failure.advice}".rstrip(". ")
        self.app.call_from_thread(self._ended, state, error)

    def _after_failure(self, failure: AdvisorError) -> RunState | None:
        from advisor.change.journal import read_run

        run = getattr(failure, "run", "") or (self.state.id if self.state else "")
        return read_run(run) if run else None

    def _apply(self, aws: Any, endpoint: str | None, armed: Any) -> RunState:
        from advisor.change.apply import apply_plan
        from advisor.change.plan import new_plan

        advisor = self.session.advisor
        assert advisor is not None
        return apply_plan(
            new_plan(advisor, self.changes), advisor, aws, armed=armed, endpoint_url=endpoint,
            overrides=self.overrides, ask=lambda guard: True, on_event=self._told, show_secret=self._secret,
        )  # fmt: skip

    def _resume(self, aws: Any, endpoint: str | None, armed: Any) -> RunState:
        from advisor.change.apply import resume

        assert self.state is not None
        return resume(self.state.id, aws, armed=armed, on_event=self._told, show_secret=self._secret)

    def _take_back(self, aws: Any, endpoint: str | None, armed: Any) -> RunState:
        from advisor.change.undo import undo_run

        assert self.state is not None
        return undo_run(self.state.id, aws, armed=armed, on_event=self._told, show_secret=self._secret)

    def _told(self, kind: str, step: Any) -> None:
        operation = step.operation
        shown = Shown(step.number, f"{operation.service}:{operation.operation}", step.subject, kind)
        self.app.call_from_thread(self._step, shown)

    def _secret(self, name: str, value: str) -> None:
        self.app.call_from_thread(self.secrets.append, (name, value))

    def _step(self, shown: Shown) -> None:
        self.steps[shown.number] = shown
        self.query_one("#steps", Drawn).show(self._drawn)

    def _ended(self, state: RunState | None, error: str) -> None:
        self.is_applying = False
        self.state, self.error = state, error
        if state is not None:
            self.steps = _steps_of(state)
            self.crumbs = ("Plan", f"run {state.id}")
        if state is not None and not error:
            self.session.applied(self.changes)
        self._show()
        self.session.announce("journal")
        if state is not None:
            self.app.opening.again()  # type: ignore[attr-defined]

    # Drawing

    def _show(self) -> None:
        self.query_one("#steps", Drawn).show(self._drawn)
        self.query_one("#ways", RowList).show_rows(self._ways(), keep=not self.is_applying)
        status = "running" if self.is_applying else self.state.status if self.state else "not begun"
        self.set_title(self.crumbs[-1], status)

    def _drawn(self, width: int) -> Content:
        lines = []
        widest = max((len(clean(one.name)) for one in self.steps.values()), default=0)
        if self.state is not None and not self.is_applying:
            total = len(self.state.steps)
            sign = "✓ " if self.state.status in ("finished", "kept") and self.state.done == total else ""
            again = " · the account was read again" if self.is_read_again else ""
            told = f" {sign}{self.state.done} of {total} calls done · {self.state.status}{again}"
            lines.append(Content.styled(told, "bold"))
        if self.error:
            lines.append(Content.assemble((" × ", "$fails bold"), clean(self.error)))
        for shown in sorted(self.steps.values(), key=lambda one: one.number):
            sign, style = _SIGNS.get(shown.status, ("·", ""))
            call = Content(f" {shown.number:>2} {clean(shown.name):<{widest}} {short_name(shown.subject)}")
            call = call.truncate(max(width - 28, 20), ellipsis=True, pad=True)
            lines.append(
                Content.assemble("   ", (sign, style), call, (f" {shown.status:<8} {shown.at[11:19]}", "$quiet"))
            )
            if shown.error:
                lines.append(Content.styled(f"       {clean(shown.error)}", "$fails"))
        return Content("\n").join(lines) if lines else Content(" …")

    def _ways(self) -> list[Row]:
        if self.is_applying:
            return []
        state = self.state
        rows: list[Row] = [blank("way")]
        rows += [
            Line(f"secret {at}", Content.assemble("Show once: ", (clean(name), "bold")), value="secret")
            for at, (name, _) in enumerate(self.secrets)
        ]
        if state is None:
            return [*rows, Line("leave", Content("Back to the plan"), value="leave")]
        undo = Line("undo", Content(f"Undo {count(state.done, 'call')}"), value="undo")
        if state.status in ("stopped", "interrupted"):
            left = Line(
                "resume", Content("Resume where it stopped"), right=Content("checks for drift first"), value="resume"
            )
            return [
                *rows,
                undo,
                left,
                Line("leave", Content("Leave it so"), right=Content("both ways stay open"), value="leave"),
            ]
        if state.status in ("finished", "undo-stopped", "kept"):
            return [*rows, Line("leave", Content("Keep it"), value="leave"), undo]
        return [*rows, Line("leave", Content("Back"), value="leave")]

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        deed = message.row.value  # type: ignore[attr-defined]
        if deed == "leave":
            self.app.pop_screen()
        elif deed == "secret":
            name, value = self.secrets.pop(int(message.row.key.split()[1]))
            self.app.push_screen(ConfirmScreen([f"{name}:", value, "It is shown this once."], "I have it", "Done"))
            self._show()
        elif not self.session.is_armed:
            self.say("Arm the account first: !")
        elif deed == "undo":
            self.action_undo()
        else:
            self._begin(self._resume)

    def action_undo(self) -> None:
        if self.is_applying or self.state is None or not self.state.done:
            self.say("There is nothing to take back.")
        elif not self.session.is_armed:
            self.say("Arm the account first: !")
        else:
            self._begin(self._take_back)

    def action_back(self) -> None:
        if self.is_applying:
            self.say("An apply stops only between calls; this one is going on.")
            return
        super().action_back()

    def copied(self) -> str:
        return self.error or (self.state.id if self.state else "")


def _steps_of(state: RunState) -> dict[int, Shown]:
    return {
        one.step.number: Shown(
            one.step.number, f"{one.step.operation.service}:{one.step.operation.operation}", one.step.subject,
            one.status, one.at, one.error,
        )
        for one in state.steps
    }  # fmt: skip
