"""The cheapest cut: the changes that close every path to administrators, each to be ticked, previewed and planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from advisor.graph.closed import closed_by
from advisor.graph.paths import parted
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.cut_figures import MOST_AT_ONCE, Figures, figures_of, last_used, takes_away
from screens.paths import by_source
from screens.reasons import who
from screens.signs import ADMINISTRATOR, mark
from screens.ticked import ChangeRow
from screens.tolerate import TolerateScreen
from screens.widgets.columns import Cell, Column, head, line
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList, spread
from screens.wording import clean, count
from screens.working import Working

if TYPE_CHECKING:
    from advisor.graph.cut import Cut
    from advisor.model.change import Change
    from screens.session import Session


COLUMNS = (
    Column("", 3), Column("change", share=1), Column("closes", 6), Column("takes away", 14),
    Column("last used", 9, least=72),
)  # fmt: skip

MOST_NAMES = 8
"""Of those who are tolerated; large accounts have hundreds of administrators."""


@dataclass(frozen=True, kw_only=True)
class CutRow(ChangeRow):
    """A change of the cut, with what it is worth; `figures` come when they are worked out."""

    figures: Figures | None
    digits: int
    """Of the last row's number."""
    used: Callable[[], str]
    """When what it takes away was last used: worked out for the rows that are drawn."""

    def draw(self, width: int) -> Content:
        closes = "…" if self.figures is None else f"{self.figures.alone:>4,}"
        title: Cell = f"{self.number:>{self.digits}} {clean(self.change.title)}"
        if self.need:
            title = Content.assemble(title, (f"  ? {self.need}", "$is-unknown"))
        told = self.used()
        used = Content.styled(told, "$is-unknown" if told.startswith("?") else "")
        cells = (Content(self.tick), title, Content(closes), Content(takes_away(self.figures)), used)
        return line(COLUMNS, cells, width)


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
        Binding("e", "export", "Export", id="cut.export", tooltip="CLI script, Terraform or CloudFormation"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Paths", "cheapest cut"))
        self.cut: Cut | None = None
        self.left_out: set[str] = set()
        self.tolerated: tuple[str, ...] = ()
        self._was_chosen = False
        """Whether the user said who is tolerated; till then those kept for emergencies are."""
        self.figures: dict[str, Figures | None] = {}
        self.closed: int | None = None
        """Paths that the ticked changes close; `None` while it is worked out."""
        self.working: Working | None = None
        """The work on the cut, while it is under way."""
        self._at = ""
        """The change under the cursor."""

    def body(self) -> ComposeResult:
        yield Drawn(self._told, id="cut-told")
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                yield RowList(id="changes", empty="… being worked out", head=lambda width: head(COLUMNS, width))
            yield Detail()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(0.25, self._show_progress)

    def show_account(self) -> None:
        if self.session.can_judge:
            if not self._was_chosen:
                self.tolerated = self.session.tolerated
            self._start(self.tolerated)

    def _start(self, tolerated: tuple[str, ...]) -> None:
        """Work the cut out anew; what was under way is stopped."""
        self._stop()
        self.working = Working("the cheapest cut")
        self._work_out(tolerated, self.working)

    def _stop(self) -> None:
        if self.working is not None:
            self.working.cancel.set()
        self.working = None

    def on_unmount(self) -> None:
        self._stop()

    def action_back(self) -> None:
        if self.working is not None and self.working.can_be_stopped:
            self._stop()
            self.query_one("#changes", RowList).empty = Content("Stopped. Esc goes back; m in Paths begins anew.")
            self.query_one("#cut-told", Drawn).show(self._told)
            return
        super().action_back()

    def _show_progress(self) -> None:
        if self.working is not None and self.working.is_long:
            self.query_one("#cut-told", Drawn).show(self._told)

    @work(thread=True, exclusive=True, group="cut")
    def _work_out(self, tolerated: tuple[str, ...], working: Working) -> None:
        advisor = self.session.advisor
        if advisor is None:
            return
        try:
            if tolerated == self.session.tolerated:
                found = self.session.cut(working.tell, working.cancel)
            else:
                found = advisor.cut(tolerated, progress=working.tell, cancel=working.cancel)
        except AdvisorError as error:
            if not working.cancel.is_set():
                self.app.call_from_thread(self._failed, error)
            return
        if not working.cancel.is_set():
            self.app.call_from_thread(self._show, found)

    def _failed(self, error: AdvisorError) -> None:
        self.working = None
        self.tell_error(error)

    def _show(self, found: Cut) -> None:
        if not self.is_attached:
            return
        self.working = None
        self.cut = found
        is_usual = found is self.session.known_cut
        self.figures, self.closed = self.session.figures if is_usual else {}, found.closes
        rows = self.query_one("#changes", RowList)
        rows.empty = Content(
            "✓ There is no path to close." if not found.remaining else "? No change closes these paths."
        )
        self._fill()
        self._weigh(found, self.tolerated)
        self.set_title("cheapest cut", proof_told(found))

    def _fill(self) -> None:
        changes = self.cut.changes if self.cut else ()
        self.query_one("#cut-told", Drawn).show(self._told)
        self.query_one("#changes", RowList).show_rows([self._row(at, change) for at, change in enumerate(changes, 1)])
        self.refresh_bindings()

    def _row(self, number: int, change: Change) -> CutRow:
        snapshot = self.session.snapshot
        figures = self.figures.get(change.id)
        digits = len(str(len(self.cut.changes))) if self.cut else 1

        def used() -> str:
            return last_used(snapshot, change, figures, self.session.now) if snapshot else ""

        return CutRow(number, change, change.id not in self.left_out, figures=figures, digits=digits, used=used)

    @work(thread=True, exclusive=True, group="weigh")
    def _weigh(self, found: Cut, tolerated: tuple[str, ...]) -> None:
        """Search the account again for each change by itself, and for all but it: the figures come one by one.

        Of many changes those around the cursor only: each takes as long as a search of the account, twice.
        """
        worker, advisor = get_current_worker(), self.session.advisor
        while advisor is not None and not worker.is_cancelled:
            change = self._not_weighed(found)
            if change is None:
                return
            figures = figures_of(advisor, change, found.changes, tolerated, found.paths)
            if not worker.is_cancelled:
                self.app.call_from_thread(self._weighed, change.id, figures)

    def _not_weighed(self, found: Cut) -> Change | None:
        """The next change whose figures are wanted, nearest to the cursor first."""
        here = next((at for at, change in enumerate(found.changes) if change.id == self._at), 0)
        near = sorted(enumerate(found.changes), key=lambda item: abs(item[0] - here))[:MOST_AT_ONCE]
        return next((change for _, change in near if change.id not in self.figures), None)

    def _weighed(self, id: str, figures: Figures | None) -> None:
        if self.is_attached:
            self.figures[id] = figures
            self._fill()

    @work(thread=True, exclusive=True, group="count")
    def _count(self, ticked: tuple[Change, ...], tolerated: tuple[str, ...], total: int) -> None:
        worker, advisor = get_current_worker(), self.session.advisor
        if advisor is None:
            return
        try:
            closed = closed_by(advisor, ticked, tolerated, total)
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._counted, closed)

    def _counted(self, closed: int) -> None:
        self.closed = closed
        self.query_one("#cut-told", Drawn).show(self._told)

    def _told(self, width: int) -> Content:
        if self.working is not None and self.working.is_long:
            return self.working.told(width)
        found = self.cut
        if found is None:
            return Content(" …" if self.working is not None else "")
        lines = [
            self._bar(found, width),
            spread(
                tolerated_told(self.session, self.tolerated), Content.styled("t adds, takes away ", "$quiet"), width
            ),
        ]
        if others := len(self._ticked()) - len(self._ticked_here()):
            are = "is" if others == 1 else "are"
            told = f" ? {count(others, 'change')} {are} about another account: open that one to preview and plan it"
            lines.append(Content.styled(told, "$is-unknown").truncate(width, ellipsis=True))
        if found.note:
            lines.append(Content(f" {clean(found.note)}"))
        if found.remaining:
            names = ", ".join(dict.fromkeys(clean(who(path.source)) for path in found.remaining))
            told = f" ? {count(len(found.remaining), 'path')} of {names} stay open: no change of ours closes them"
            lines.append(Content.styled(told, "$is-unknown").truncate(width, ellipsis=True))
        return Content("\n").join(lines)

    def _bar(self, found: Cut, width: int) -> Content:
        """`9 of 9 paths closed  ████   without 1: 3 of 9`."""
        closed = "…" if self.closed is None else f"{self.closed:,}"
        row = self.query_one("#changes", RowList).row
        figures = self.figures.get(row.key) if isinstance(row, CutRow) else None
        number = row.number if isinstance(row, CutRow) else 0
        without = f"without {number}: {figures.without:,} of {found.paths:,} " if figures is not None else ""
        told = f" {closed} of {count(found.paths, 'path')} closed  "
        room = max(min(width - len(told) - len(without) - 3, 40), 5)
        full = round(room * (self.closed or 0) / max(found.paths, 1))
        return Content.assemble(
            (told, "bold"), ("█" * full, "$holds"), ("░" * (room - full), "$quiet"), f"   {without}"
        )

    def why_not(self, action: str) -> str:
        if action in ("preview", "plan", "export", "tick") and self.cut is None:
            return "The cut is still being worked out."
        if action in ("preview", "plan", "export") and not self._ticked_here():
            return "Nothing of this account is ticked."
        if action == "tick" and self.query_one("#changes", RowList).row is None:
            return "There is no change to tick."
        return ""

    def action_export(self) -> None:
        from screens.export import export_changes

        export_changes(self, self._ticked_here())

    def command_here(self) -> str:
        return " ".join(["advisor cut", *(f"--tolerate {who(arn)}" for arn in self.tolerated)])

    def copied(self) -> str:
        return "\n".join(change.title for change in self._ticked())

    def _ticked(self) -> tuple[Change, ...]:
        return tuple(change for change in self.cut.changes if change.id not in self.left_out) if self.cut else ()

    def _ticked_here(self) -> tuple[Change, ...]:
        """Those of the account that the questions are about."""
        return tuple(change for change in self._ticked() if not self.session.elsewhere(change))

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        if isinstance(row, CutRow):
            change = row.change
            self._at = change.id
            if self.cut is not None and change.id not in self.figures and len(self.cut.changes) > MOST_AT_ONCE:
                self._weigh(self.cut, self.tolerated)
            self.query_one("#cut-told", Drawn).show(self._told)
            self.query_one(Detail).show(
                Content(clean(change.title)), Content(""), lambda width: change_drawn(self.session, change, width)
            )

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.query_one(Detail).focus()

    def action_tick(self) -> None:
        row = self.query_one("#changes", RowList).row
        if isinstance(row, CutRow) and self.cut is not None:
            self.left_out ^= {row.change.id}
            self.closed = None
            self._fill()
            self._count(self._ticked(), self.tolerated, self.cut.paths)

    def action_preview(self) -> None:
        from screens.preview import preview

        preview(self, self._ticked_here(), "the cut")

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self._ticked_here()))

    def action_tolerate(self) -> None:
        found = self.session.known_paths
        sources = [row.source for row in by_source(found)] if found else []
        self.app.push_screen(TolerateScreen(self.session, sources, self.tolerated), self._tolerate)

    def _tolerate(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None and chosen != self.tolerated:
            self.tolerated, self._was_chosen = chosen, True
            self.query_one("#changes", RowList).dim()
            self._start(chosen)


def proof_told(found: Cut) -> str:
    """`proved cheapest`, `at most 3% above the cheapest`, and why where nothing was proved."""
    if found.optimal:
        return "proved cheapest"
    if not found.changes:
        return ""
    return f"at most {found.gap / (1 - found.gap):.0%} above the cheapest" if found.gap < 1 else "not proved"


def tolerated_told(session: Session, chosen: tuple[str, ...]) -> Content:
    """`tolerated: ▲ emergency-1  ▲ Admin  ▲ ben`: those chosen (or kept for emergencies), then the administrators."""
    administrators = sorted(session.administrators, key=who)
    names = tuple(dict.fromkeys((*chosen, *administrators)))
    marked = [Content.assemble(mark(ADMINISTRATOR), f" {clean(who(arn))}") for arn in names[:MOST_NAMES]]
    more = f"  and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    found = session.known_paths
    left_alone = len(parted(found.paths, chosen)[1]) if found else 0
    told = f"; {count(left_alone, 'path')} left alone" if left_alone else ""
    return Content.assemble(" tolerated: ", Content("  ").join(marked) if marked else "nobody", more, told)
