"""Plan: changes gathered from everywhere, previewed as one; beside it the journal of what was applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens import arming
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.signs import DIFFERENCE, RUNS, mark
from screens.ticked import ChangeRow
from screens.widgets.choices import Legend, choices
from screens.widgets.pane import Detail, Drawn, hanging
from screens.widgets.rows import Line, RowList
from screens.wording import clean, count, day

if TYPE_CHECKING:
    from advisor.change.journal import RunState, Unread
    from advisor.model.change import Change
    from advisor.model.snapshot import Snapshot
    from screens.session import Session

_RUNS = {
    "finished": "finished",
    "kept": "finished",
    "stopped": "stopped",
    "undo-stopped": "stopped",
    "undone": "undone",
}


class PlanScreen(AdvisorScreen):
    """The plan, and the journal as its other view."""

    mode = "plan"
    purpose = (
        "Changes gathered with +. Space leaves one out, p previews all that are ticked as one, v shows the journal."
    )
    command = "advisor plan new · advisor apply PLAN --account ID · advisor journal"
    BINDINGS = [
        Binding("p", "preview", "Preview all", id="plan.preview"),
        Binding("space", "tick", "Leave out", id="plan.tick"),
        Binding("x", "remove", "Remove", id="plan.remove"),
        Binding("exclamation_mark", "arm", "Arm", id="plan.arm", tooltip="Allow changes for five idle minutes"),
        Binding("e", "export", "Export", id="plan.export", tooltip="CLI script, Terraform or CloudFormation"),
        Binding("u", "undo", "Undo", id="plan.undo", show=False),
        Binding("v", "view", "Journal", id="plan.view", tooltip="The plan, or the journal of what was applied"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Plan",))
        self.left_out: set[str] = set()
        self.shows_journal = False
        self.runs: tuple[RunState, ...] = ()
        self.unread: tuple[Unread, ...] = ()

    def body(self) -> ComposeResult:
        yield Drawn(self._views, id="views")
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield RowList(id="plan")
                yield Legend()
            yield Detail()

    def _views(self, width: int) -> Content:
        return choices(("Plan", "Journal"), int(self.shows_journal), "screen.view")

    def show_account(self) -> None:
        self._fill()

    def session_changed(self, what: str) -> None:
        if what in ("account", "plan"):
            self._fill()
        elif what == "journal":
            self._read_journal()

    def on_screen_resume(self) -> None:
        self._read_journal()

    def _read_journal(self) -> None:
        from advisor.change.journal import all_runs

        self.in_background("journal", all_runs, lambda found: self._show_journal(*found))

    def _show_journal(self, found: tuple[RunState, ...], unread: tuple[Unread, ...]) -> None:
        snapshot = self.session.snapshot
        self.runs = tuple(run for run in found if snapshot is not None and _is_of(run, snapshot))
        self.unread = unread
        self._fill()

    def _fill(self) -> None:
        rows = self.query_one("#plan", RowList)
        self.query_one("#views", Drawn).show(self._views)
        if self.shows_journal:
            rows.empty = Content("Nothing was applied to this account yet.")
            rows.show_rows([*map(_run_row, self.runs), *map(_unread_row, self.unread)])
            self.query_one(Legend).show(tuple(RUNS.values()) if self.runs else ())
            told = f" · {len(self.unread)} cannot be read" if self.unread else ""
            self.set_title("Plan › journal", f"{count(len(self.runs), 'run')}{told}")
        else:
            applied = f" What was applied is in the journal: v ({count(len(self.runs), 'run')})." if self.runs else ""
            rows.empty = Content(f"Empty. Press + on any change; the effects add up here: 5 Findings.{applied}")
            rows.show_rows(
                [ChangeRow(at, one, one.id not in self.left_out) for at, one in enumerate(self.session.plan, 1)]
            )
            self.query_one(Legend).show(tuple(DIFFERENCE.values()) if self.session.plan else ())
            self.set_title("Plan", f"{len(self._ticked())} of {count(len(self.session.plan), 'change')}")
        self.refresh_bindings()

    def why_not(self, action: str) -> str:
        if action in ("tick", "remove") and not isinstance(self.row, ChangeRow):
            return "There is no change here: + on a change adds it to the plan."
        if action in ("preview", "export") and (self.shows_journal or not self._ticked()):
            return "The plan is empty: + on a change adds it."
        return "" if self.session.is_armed or action != "arm" else arming.why_not(self.session)

    def _ticked(self) -> tuple[Change, ...]:
        return tuple(change for change in self.session.plan if change.id not in self.left_out)

    @property
    def row(self) -> object:
        return self.query_one("#plan", RowList).row

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        if isinstance(row, ChangeRow):
            title, change = Content(clean(row.change.title)), row.change
            self.query_one(Detail).show(title, Content(""), lambda width: change_drawn(self.session, change, width))
        elif isinstance(row, Line) and isinstance(row.value, str):
            title, reason = Content(f"Run {row.key} cannot be read"), row.value
            self.query_one(Detail).show(title, Content(""), lambda width: hanging("Why", clean(reason), width))
        else:
            self.query_one(Detail).show(Content(""), Content(""), lambda width: Content(""))

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        row = message.row
        if isinstance(row, ChangeRow):
            from screens.preview import preview

            preview(self, (row.change,), row.change.title)
        elif isinstance(row, Line) and row.value is None:
            from screens.run import RunScreen

            run = next(one for one in self.runs if one.id == row.key)
            self.app.push_screen(RunScreen(self.session, state=run))

    def action_preview(self) -> None:
        from screens.preview import preview

        ticked = self._ticked()
        if not ticked:
            self.say("The plan is empty: + on a change adds it.")
            return
        preview(self, ticked, "the plan")

    def action_tick(self) -> None:
        row = self.row
        if isinstance(row, ChangeRow):
            self.left_out ^= {row.change.id}
            self._fill()
        else:
            self.say(self.why_not("tick"))

    def action_remove(self) -> None:
        row = self.row
        if isinstance(row, ChangeRow):
            self.session.remove_from_plan(row.change.id)
            self.say("Removed from the plan.")
        else:
            self.say(self.why_not("remove"))

    def action_arm(self) -> None:
        arming.toggle(self)

    def action_export(self) -> None:
        from screens.export import export_changes
        from screens.preview import in_order

        made, told = in_order(self.session, self._ticked())
        if made:
            export_changes(self, made)
            if told:
                self.say(told)
        else:
            self.say("The plan is empty: there is nothing to export.")

    def action_undo(self) -> None:
        self.say("Enter on a run in the journal (v) opens it: there u takes it back.")

    def action_view(self) -> None:
        self.shows_journal = not self.shows_journal
        self._fill()


def _is_of(run: RunState, snapshot: Snapshot) -> bool:
    """Whether the run was in this very account, not in a demo that has ended."""
    return run.account == snapshot.account and run.is_there(snapshot.source.endpoint_url)


def _run_row(run: RunState) -> Line:
    content = Content.assemble(
        mark(RUNS[_RUNS.get(run.status, "open")]),
        f" {run.id}  {run.status:<12} {run.done} of {count(len(run.steps), 'call')}",
    )
    return Line(run.id, content, right=Content.styled(day(run.started), "$quiet"))


def _unread_row(run: Unread) -> Line:
    return Line(run.id, Content.styled(f"? {run.id}  {clean(run.reason)}", "$is-unknown"), value=run.reason)
