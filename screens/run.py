"""One run of calls: while it goes on, after it stopped or is done, with the ways to keep it, go on or take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.confirm import ConfirmScreen
from screens.defects import Defect
from screens.run_words import Shown, clock, forsaken_told, shown_steps, steps_drawn, undo_told, ways_of
from screens.widgets.pane import Drawn, hanging
from screens.widgets.rows import Line, Row, RowList, blank
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.change.journal import RunState
    from advisor.change.undo_preview import UndoPreview
    from advisor.model.change import Change
    from advisor.model.snapshot import Source

Work = Callable[[Any, str | None, Any], "RunState"]
"""What is done with (boto3 session, endpoint, arming)."""


class RunScreen(AdvisorScreen):
    """A run: while it goes on, after it stopped, after it is done, or read from the journal."""

    AUTO_FOCUS = "#ways"
    mode = "plan"
    purpose = "The calls of one run. What is done can be taken back, what stopped can go on; the journal has it all."
    command = "advisor apply PLAN --account ID · advisor undo · advisor keep · advisor journal"
    BINDINGS = [
        Binding("u", "undo", "Undo", id="run.undo"),
        Binding("exclamation_mark", "arm", "Arm", id="run.arm", tooltip="Allow changes for five idle minutes"),
    ]

    def __init__(
        self,
        session: Any,
        *,
        changes: tuple[Change, ...] = (),
        overrides: dict[str, str] | None = None,
        undo_after: float | None = None,
        state: RunState | None = None,
        source: Source | None = None,
    ) -> None:
        super().__init__(session, ("Plan", f"run {state.id}" if state else "apply"))
        self.changes = changes
        self.overrides = overrides or {}
        self.undo_after = undo_after
        self.state = state
        self.source = source or session.snapshot.source
        """Where the account of the run is reached: another one may be open by the time it is taken back."""
        self.steps: dict[int, Shown] = shown_steps(state) if state else {}
        self.error = ""
        self.secrets: list[tuple[str, str]] = []
        self.is_applying = False
        self.is_preparing = False
        """What taking it back would do is being worked out: until the question is there no key does anything else."""
        self.is_read_again = False

    def body(self) -> ComposeResult:
        yield Drawn(self._drawn, id="steps")
        rows = RowList(id="ways")
        rows.verb = "Do it"
        yield rows

    def on_mount(self) -> None:
        self.set_interval(1, self._count_down)
        if self.state is None:
            self._begin(self._apply)
        else:
            self._show()

    def session_changed(self, what: str) -> None:
        super().session_changed(what)
        if what == "account" and not self.session.is_partial and self._has_ended:
            self.is_read_again = True
            self._show()
        elif what == "journal" and self.state is not None and not self.is_applying:
            self._read()

    def _read(self) -> None:
        from advisor.change.journal import read_run

        assert self.state is not None
        try:
            self.state = read_run(self.state.id)
        except AdvisorError:
            return
        self.steps = shown_steps(self.state)
        self._show()

    @property
    def _has_ended(self) -> bool:
        return self.state is not None and not self.is_applying and bool(self.changes)

    @property
    def _status(self) -> str:
        return self.state.status if self.state else "not begun"

    @property
    def _left(self) -> float | None:
        """Seconds until this run is undone by itself; `None` where nobody does that."""
        switch = self.app.switch  # type: ignore[attr-defined]
        left: float | None = switch.left if self.state is not None and switch.run == self.state.id else None
        return left

    def _count_down(self) -> None:
        if self._left is not None and not self.is_applying:
            self._show()

    # Running

    def _begin(self, work_of: Work, *, promised: bool = False) -> None:
        self.is_applying, self.is_preparing = True, False
        self.error = ""
        if self.state is not None:
            self.app.switch.rest(self.state.id)  # type: ignore[attr-defined]
        self._show()
        self._run(work_of, promised)

    @work(thread=True, exclusive=True, group="apply")
    def _run(self, work_of: Work, promised: bool) -> None:
        """`promised`: the user asked for it when the account was armed."""
        from advisor.change.armed import arm
        from advisor.collect.signin import open_source

        session = self.session
        state: RunState | None
        try:
            ask = session.reading.ask if session.reading else None
            aws, endpoint = open_source(self.source, mfa_prompt=ask)
            account = self.state.account if self.state else session.snapshot.account  # type: ignore[union-attr]
            armed = arm(account, account) if session.is_armed or promised else None
            state, error = work_of(aws, endpoint, armed), ""
        except AdvisorError as failure:
            state, error = self._after_failure(failure), f"{failure.message}. {failure.advice}".rstrip(". ")
        self.app.call_from_thread(self._ended, state, error)

    def tell_defect(self, defect: Defect) -> None:
        """What was done until then is in the journal, in the run that began last."""
        from advisor.change.journal import runs

        if not self.is_applying:
            super().tell_defect(defect)
            return
        state = self.state or (next(iter(runs()), None) if self.steps else None)
        self._ended(state, defect.message)

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
            overrides=self.overrides, ask=lambda guard: True, undo_after=self.undo_after, on_event=self._told,
            show_secret=self._secret,
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
            self.steps = shown_steps(state)
            self.crumbs = ("Plan", f"run {state.id}")
            self.app.switch.follow(state, self.source)  # type: ignore[attr-defined]
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
        status = "preparing the undo…" if self.is_preparing else "running" if self.is_applying else self._status
        left = None if self.is_applying else self._left
        waits = Content.styled(f" · undone by itself in {clock(left)} unless kept", "bold") if left is not None else ""
        self.set_title(self.crumbs[-1], Content.assemble(status, waits))

    def _drawn(self, width: int) -> Content:
        lines: list[Content] = []
        state = self.state
        if state is not None and not self.is_applying:
            total = len(state.steps)
            sign = "✓ " if state.status in ("finished", "kept") and state.done == total else ""
            again = " · the account was read again" if self.is_read_again else ""
            told = f" {sign}{state.done} of {total} calls done · {state.status}{again}"
            lines.append(Content.styled(told, "bold"))
            if self._is_forsaken(state):
                lines.append(hanging("!", forsaken_told(state), width, "bold"))
        if self.is_preparing:
            lines.append(
                hanging("…", "preparing the undo: what it takes back is being worked out · Esc leaves it", width)
            )
        if self.error:
            lines.append(hanging("×", self.error, width, "$fails bold"))
        lines += steps_drawn(self.steps.values(), width)
        return Content("\n").join(lines) if lines else Content(" …")

    def _is_forsaken(self, state: RunState) -> bool:
        from advisor.change.journal import is_waited_for

        waits = state.undo_at is not None and state.status in ("finished", "stopped", "interrupted")
        return waits and self._left is None and not is_waited_for(state.id)

    def _ways(self) -> list[Row]:
        if self.is_applying or self.is_preparing:
            return []
        rows: list[Row] = [
            Line(f"secret {at}", Content.assemble("Show once: ", (clean(name), "bold")), value="secret")
            for at, (name, _) in enumerate(self.secrets)
        ]
        if self.state is None:
            return [blank("way"), *rows, Line("leave", Content("Back to the plan"), value="leave")]
        first, *ways = ways_of(self.state, self._left)
        return [first, *rows, *ways]

    # What the user does

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        deed = message.row.value  # type: ignore[attr-defined]
        if deed == "leave":
            self._leave()
        elif deed == "secret":
            name, value = self.secrets.pop(int(message.row.key.split()[1]))
            self.app.push_screen(ConfirmScreen([f"{name}:", value, "It is shown this once."], "I have it", "Done"))
            self._show()
        elif deed == "keep":
            self._keep()
        elif deed == "undo":
            self.action_undo()
        elif not self.session.is_armed:
            self.say("Arm the account first: !")
        else:
            self._begin(self._resume)

    def _leave(self) -> None:
        self.app.pop_screen()
        self._pass_preview()

    def _pass_preview(self) -> None:
        """What is applied now is not offered again by the preview that it came from."""
        from screens.preview import PreviewScreen

        below, state = self.app.screen, self.state
        if state is None or not self.changes or state.status not in ("finished", "kept"):
            return
        if isinstance(below, PreviewScreen) and below.changes == self.changes:
            self.app.pop_screen()
            if isinstance(self.app.screen, AdvisorScreen):
                self.app.screen.say(f"Applied, run {state.id}: 8 Plan › Journal takes it back.")

    def _keep(self) -> None:
        from advisor.change.undo import keep

        assert self.state is not None
        try:
            self.state = keep(self.state.id)
        except AdvisorError as error:
            self.tell_error(error)
            return
        self.app.switch.let_go()  # type: ignore[attr-defined]
        self.session.announce("journal")
        self.say("Kept: it is not undone by itself. Undo stays possible: u.")
        self._show()

    def action_arm(self) -> None:
        from screens import arming

        arming.toggle(self)

    def action_undo(self) -> None:
        if self.is_preparing:
            return
        if self.is_applying or self.state is None or not self.state.done:
            self.say("There is nothing to take back.")
        elif not self.session.is_armed:
            self.say("Arm the account first: !")
        else:
            self.is_preparing = True
            self._show()
            self._ask_undo(self.state)

    @work(thread=True, exclusive=True, group="undo")
    def _ask_undo(self, state: RunState) -> None:
        """Work out what taking it back would do, then ask."""
        from advisor.change.undo_preview import undo_preview

        session = self.session
        is_read = session.can_judge and (session.reading is None or session.reading.finished)
        account = session.advisor if is_read and session.snapshot.account == state.account else None  # type: ignore[union-attr]
        found: UndoPreview | AdvisorError | None = None
        try:
            found = undo_preview(state, account)
        except AdvisorError as error:
            found = error
        finally:
            self.app.call_from_thread(self._prepared, found)

    def _prepared(self, found: UndoPreview | AdvisorError | None) -> None:
        """Ask, unless the user left meanwhile; `None` after a defect, which is told by itself."""
        is_wanted, self.is_preparing = self.is_preparing and self.app.screen is self, False
        if not self.is_attached:
            return
        self._show()
        if isinstance(found, AdvisorError):
            self.tell_error(found)
        elif found is not None and is_wanted:
            self._ask(found)

    def _ask(self, found: UndoPreview) -> None:
        calls = len(found.calls)
        doubtful = found.access is None or any(guard.sign != "yes" for guard in found.guards)
        question = ConfirmScreen(undo_told(found, calls), f"Undo {count(calls, 'call')}", "Leave it", sure=not doubtful)
        self.app.push_screen(question, lambda answer: None if answer is None else self._begin(self._take_back))

    def undo_by_itself(self) -> None:
        """The time is over and nobody kept the run: it is taken back, as was asked for when it was applied."""
        if not self.is_applying:
            self._begin(self._take_back, promised=True)

    def action_back(self) -> None:
        if self.is_applying:
            self.say("An apply stops only between calls; this one is going on.")
            return
        if self.is_preparing:
            self.is_preparing = False
            self._show()
            return
        super().action_back()
        if self not in self.app.screen_stack:
            self._pass_preview()

    def copied(self) -> str:
        return self.error or (self.state.id if self.state else "")
