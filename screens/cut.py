"""The cheapest cut: the changes that close every path to administrators, each to be ticked, previewed and planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.paths import by_source
from screens.reasons import who
from screens.tolerate import TolerateScreen
from screens.walk_words import ChangeRow
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.graph.cut import Cut
    from advisor.model.change import Change
    from screens.session import Session


class CutScreen(AdvisorScreen):
    """The changes of the cheapest cut."""

    mode = "paths"
    purpose = "The mildest changes that close the paths. t names who may become administrator, p previews the ticked."
    command = "advisor cut --tolerate P"
    BINDINGS = [
        Binding("p", "preview", "Preview all", id="cut.preview"),
        Binding("space", "tick", "Accept, reject", id="cut.tick"),
        Binding("plus", "plan", "Plan", id="cut.plan", tooltip="Add the ticked changes to the plan"),
        Binding("t", "tolerate", "Tolerate", id="cut.tolerate", tooltip="Who may become administrator"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Paths", "cheapest cut"))
        self.cut: Cut | None = None
        self.left_out: set[str] = set()
        self.tolerated: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        yield Drawn(self._told, id="cut-told")
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield RowList(id="changes", empty="… being worked out")
            yield Detail()

    def show_account(self) -> None:
        if self.session.can_judge:
            self._work_out(self.tolerated)

    @work(thread=True, exclusive=True, group="cut")
    def _work_out(self, tolerated: tuple[str, ...]) -> None:
        worker, advisor = get_current_worker(), self.session.advisor
        if advisor is None:
            return
        try:
            found = advisor.cut(tolerated)
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: Cut) -> None:
        self.cut = found
        rows = self.query_one("#changes", RowList)
        rows.empty = Content("✓ There is no path to close.")
        self._fill()
        proof = "proved cheapest" if found.optimal else f"within {found.gap:.0%} of the cheapest" if found.gap else ""
        self.set_title("cheapest cut", proof)

    def _fill(self) -> None:
        changes = self.cut.changes if self.cut else ()
        self.query_one("#cut-told", Drawn).show(self._told)
        rows = [ChangeRow(at, change, change.id not in self.left_out) for at, change in enumerate(changes, 1)]
        self.query_one("#changes", RowList).show_rows(rows)

    def _told(self, width: int) -> Content:
        found = self.cut
        if found is None:
            return Content(" …")
        told = Content.styled(f" {found.closes} of {found.paths} paths closed by all of them", "bold")
        names = "  ".join(f"▲ {who(arn)}" for arn in self.tolerated)
        lines = [
            told,
            Content.styled(f" tolerated: {names or 'nobody yet'}        t adds one or takes one away", "$quiet"),
        ]
        if found.note:
            lines.append(Content(f" {clean(found.note)}"))
        if found.remaining:
            lines.append(Content.styled(f" ? {len(found.remaining)} stay open", "$is-unknown"))
        return Content("\n").join(lines)

    def _ticked(self) -> tuple[Change, ...]:
        return tuple(change for change in self.cut.changes if change.id not in self.left_out) if self.cut else ()

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        if isinstance(row, ChangeRow):
            change = row.change
            self.query_one(Detail).show(
                Content(clean(change.title)), Content(""), lambda width: change_drawn(self.session, change, width)
            )

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.query_one(Detail).focus()

    def action_tick(self) -> None:
        row = self.query_one("#changes", RowList).row
        if isinstance(row, ChangeRow):
            self.left_out ^= {row.change.id}
            self._fill()

    def action_preview(self) -> None:
        from screens.preview import preview

        if self._ticked():
            preview(self, self._ticked(), "the cut")
        else:
            self.say("Nothing is ticked." if self.cut else "The cut is still being worked out.")

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self._ticked()) if self._ticked() else "Nothing is ticked.")

    def action_tolerate(self) -> None:
        found = self.session.known_paths
        sources = [row.source for row in by_source(found)] if found else []
        self.app.push_screen(TolerateScreen(sources, self.tolerated), self._tolerate)

    def _tolerate(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None and chosen != self.tolerated:
            self.tolerated = chosen
            self.query_one("#changes", RowList).dim()
            self._work_out(chosen)
