"""Paths: who can become administrator, hop by hop, with the statements behind each hop."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens.accepting import accept_risk, judge
from screens.base import AdvisorScreen
from screens.path_words import path_drawn, risk
from screens.reasons import who
from screens.signs import ADMINISTRATOR, BECOMES, CERTAINTY, KINDS, ONLY_IF, PERHAPS, kind_of, mark
from screens.tables import Table
from screens.widgets.bars import clickable
from screens.widgets.choices import Legend
from screens.widgets.columns import Column, head, line
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList, spread
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.graph.paths import Path, Paths
    from advisor.model.change import Change
    from advisor.model.finding import Finding
    from screens.session import Session

COLUMNS = (
    Column("", 5), Column("who", share=2, at_most=28), Column("paths", 8), Column("shortest begins", share=3),
    Column("state", 11, least=70),
)  # fmt: skip

LEGEND = (
    ADMINISTRATOR, BECOMES, ONLY_IF, PERHAPS,
    *(KINDS[one] for one in ("user", "role", "outside-user", "policy", "service")),
)  # fmt: skip


_BECOMES = "becomes-administrator"
"""In the ids of findings of who can become administrator."""


@dataclass(frozen=True)
class SourceRow:
    """Somebody with his ways to an administrator, the surest and shortest first."""

    source: str
    paths: tuple[Path, ...]
    is_accepted: bool = False
    """Somebody answers for it until a day."""
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.source

    @property
    def text(self) -> str:
        return f"{self.source} {self.paths[0].hops[0].title} {self.paths[0].status}"

    def draw(self, width: int) -> Content:
        first = self.paths[0]
        name = Content.assemble(mark(kind_of(kind_by_arn(self.source))), " ", who(self.source))
        cells = (
            risk(first),
            name,
            Content(count(len(self.paths), "path")),
            Content(clean(first.hops[0].title)),
            Content("accepted" if self.is_accepted else first.status),
        )
        return line(COLUMNS, cells, width)


def kind_by_arn(arn: str) -> str:
    if ":user/" in arn:
        return "user"
    return "role" if ":role/" in arn else "outside"


def becoming(session: Session, source: str) -> Finding | None:
    """The finding that somebody can become administrator, open or accepted."""
    known = session.known_findings
    about = (one for one in known.findings if _BECOMES in one.id and source in one.resources) if known else ()
    return next(iter(about), None)


def by_source(found: Paths, session: Session | None = None) -> list[SourceRow]:
    """Everyone who can become administrator, the surest first; with the session, who is accepted."""

    def is_accepted(source: str) -> bool:
        finding = becoming(session, source) if session else None
        return finding is not None and finding.status == "accepted"

    grouped: dict[str, list[Path]] = {}
    for path in found.paths:
        grouped.setdefault(path.source, []).append(path)
    rows = [
        SourceRow(
            source,
            tuple(sorted(paths, key=lambda path: (CERTAINTY[path.status], len(path.hops)))),
            is_accepted(source),
        )
        for source, paths in grouped.items()
    ]
    return sorted(rows, key=lambda row: (CERTAINTY[row.paths[0].status], len(row.paths[0].hops), row.source))


class PathsScreen(AdvisorScreen):
    """The list of those who can become administrator, with the selected path."""

    mode = "paths"
    purpose = (
        "Who can become administrator and how: each hop names the statements that allow it. m finds the cheapest cut."
    )
    command = "advisor paths · advisor cut"
    BINDINGS = [
        Binding("w", "why", "Why", id="paths.why", tooltip="Each need with the statement that meets it, in its policy"),
        Binding("p", "preview", "Preview", id="paths.preview", tooltip="The recommended change"),
        Binding("plus", "plan", "Plan", id="paths.plan", show=False, tooltip="Add the recommended change to the plan"),
        Binding("x", "accept", "Accept risk", id="paths.accept", tooltip="Answer for its becoming administrator"),
        Binding("m", "cut", "Cheapest cut", id="paths.cut"),
        Binding("right_square_bracket", "step(1)", "Next path", id="paths.next"),
        Binding("left_square_bracket", "step(-1)", "Path before", id="paths.before", show=False),
        Binding("n", "draw", "Draw", id="paths.draw", tooltip="Its paths, as a drawing"),
        Binding("e", "write", "Export", id="paths.write", tooltip="The list as CSV, JSON or Markdown"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Paths", "to administrators"))
        self.at = 0

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                rows = RowList(id="sources", head=lambda width: head(COLUMNS, width), empty="… being searched")
                rows.verb = "Open"
                yield rows
                yield Legend(LEGEND)
                yield Drawn(self._cut_drawn, id="cut-block")
            yield Detail()

    def show_account(self) -> None:
        if self.session.known_paths is not None:
            self._fill()
            self._find_cut()
        elif self.session.can_judge:
            self._search()
        if self.session.can_judge and self.session.known_findings is None:
            judge(self)

    def session_changed(self, what: str) -> None:
        if what == "account":
            self.show_account()
        elif what in ("paths", "findings"):
            self._fill()
            self.refresh_bindings()
        elif what == "cut":
            self.query_one("#cut-block", Drawn).show(self._cut_drawn)
            self._show_path()
            self.refresh_bindings()

    @work(thread=True, exclusive=True, group="paths")
    def _search(self) -> None:
        try:
            self.session.paths()
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        self.app.call_from_thread(self.session.announce, "paths")
        self._find_cut()

    @work(thread=True, exclusive=True, group="cut")
    def _find_cut(self) -> None:
        try:
            self.session.cut()
        except AdvisorError:
            return  # the cut's own screen tells it
        self.app.call_from_thread(self.session.announce, "cut")
        self._weigh()

    def _weigh(self) -> None:
        """How many paths each change of the cut closes by itself; of the first changes only where there are many."""
        from screens.cut_figures import MOST_AT_ONCE, figures_of

        worker, advisor, found = get_current_worker(), self.session.advisor, self.session.known_cut
        if found is None:
            return
        for change in found.changes[:MOST_AT_ONCE]:
            if advisor is None or worker.is_cancelled or self.session.advisor is not advisor:
                return
            if change.id not in self.session.figures:
                figures = figures_of(advisor, change, found.changes, self.session.tolerated, found.paths)
                self.session.figures[change.id] = figures
                self.app.call_from_thread(self.session.announce, "cut")

    def _cut_drawn(self, width: int) -> Content:
        """The cheapest cut in short, and who is tolerated: under the list where there is room for it."""
        from screens.cut import tolerated_told

        found = self.session.known_cut
        if found is None or not found.changes:
            return Content("")
        verb = "closes" if len(found.changes) == 1 else "close"
        closes = f"{count(len(found.changes), 'change')} {verb} {found.closes} of {found.paths}"
        key = clickable(Content.assemble(("m", "bold"), " Open "), "screen.cut")
        lines = [spread(Content.assemble(("   CHEAPEST CUT  ", "bold"), closes), key, width)]
        lines += [Content(f"     {clean(change.title)}").truncate(width, ellipsis=True) for change in found.changes[:6]]
        if len(found.changes) > 6:
            lines.append(Content.styled(f"     and {len(found.changes) - 6} more", "$quiet"))
        told = tolerated_told(self.session, self.session.tolerated)
        return Content("\n").join([*lines, Content.assemble("  ", told).truncate(width, ellipsis=True)])

    def _fill(self) -> None:
        from advisor.graph.paths import parted

        found = self.session.known_paths
        if found is None:
            return
        sources = by_source(found, self.session)
        rows = self.query_one("#sources", RowList)
        rows.empty = Content("✓ Nobody else can become administrator, as far as was read.    c The rest")
        rows.show_rows(sources)
        perhaps = sum(1 for row in sources if row.paths[0].status == "unknown")
        told = f"{len(sources) - perhaps} can become ▲" + (f", {perhaps} perhaps" if perhaps else "")
        _, left_alone = parted(found.paths, self.session.tolerated)
        kept = f", {len(left_alone):,} tolerated" if left_alone else ""
        self.set_title("to administrators", f"{told} · {count(len(found.paths), 'path')}{kept}")

    @property
    def row(self) -> SourceRow | None:
        row = self.query_one("#sources", RowList).row
        return row if isinstance(row, SourceRow) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self.at = 0
        self._show_path()

    def _show_path(self) -> None:
        row, advisor = self.row, self.session.advisor
        if row is None or advisor is None:
            return
        path = row.paths[self.at]
        with_text = advisor if self.is_wide else None

        def draw(width: int) -> Content:
            return Content("\n").join([path_drawn(path, width, with_text), *self._recommended_drawn(path, width)])

        self.query_one(Detail).show(
            Content(f"{who(row.source)} → ▲ administrator"),
            Content(f"path {self.at + 1} of {len(row.paths)}  [ ]"),
            draw,
        )

    def _recommended_drawn(self, path: Path, width: int) -> list[Content]:
        """`! Recommended  OpsPolicy: no iam:AttachRolePolicy  closes 23 of 27 paths`."""
        found, change = self.session.known_cut, self.recommended(path)
        if found is None or change is None:
            return []
        figures = self.session.figures.get(change.id)
        closes = f"closes {figures.alone} of {count(found.paths, 'path')} " if figures is not None else ""
        first, *rest = textwrap.wrap(clean(change.title), max(width - 17, 20)) or [""]
        told = Content.assemble((" ! Recommended  ", "$risk-some"), first)
        if not rest and told.cell_length + len(closes) + 2 <= width:
            return [Content(""), spread(told, Content(closes), width)]
        more = [Content(f"{' ' * 16}{text}") for text in (*rest, *([closes] if closes else []))]
        return [Content(""), told, *more]

    def recommended(self, path: Path) -> Change | None:
        """The change of the cheapest cut that is about what this path stands on, that of most paths first."""
        from advisor.graph.cut import places_of

        found, places = self.session.known_cut, places_of(path)
        return next((change for change in found.changes if change.target in places), None) if found else None

    def _recommended_here(self) -> tuple[Change, ...]:
        change = self.recommended(self.row.paths[self.at]) if self.row is not None else None
        return (change,) if change is not None else ()

    def action_why(self) -> None:
        from screens.path_why import PathWhyScreen

        if self.row is not None:
            self.app.push_screen(PathWhyScreen(self.session, self.row.paths[self.at]))

    def action_preview(self) -> None:
        from screens.preview import preview

        preview(self, self._recommended_here(), "the recommended change")

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self._recommended_here()))

    def action_step(self, step: int) -> None:
        if self.row is not None:
            self.at = (self.at + step) % len(self.row.paths)
            self._show_path()

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        from screens.node import NodeScreen

        assert isinstance(message.row, SourceRow)
        kind = kind_by_arn(message.row.source)
        self.app.push_screen(NodeScreen(self.session, kind, message.row.source, self.crumbs))

    def action_cut(self) -> None:
        from screens.cut import CutScreen

        self.app.push_screen(CutScreen(self.session))

    def why_not(self, action: str) -> str:
        if action in ("draw", "step", "why", "preview", "plan") and self.row is None:
            return "No path is selected."
        if action in ("preview", "plan") and not self._recommended_here():
            known = self.session.known_cut is not None
            return "The cheapest cut leaves this path as it is." if known else "The cheapest cut is still worked out."
        if action in ("preview", "plan"):
            return self.session.elsewhere(self._recommended_here()[0])
        if action == "accept":
            return self._why_not_accept()
        if action == "step" and self.row is not None and len(self.row.paths) == 1:
            return "There is one path from here."
        return ""

    def _why_not_accept(self) -> str:
        if self.row is None:
            return "No path is selected."
        if self.session.known_findings is None:
            return "The practices are still being checked."
        finding = becoming(self.session, self.row.source)
        if finding is None or finding.status == "unknown":
            return "What is unknown, or is no finding, cannot be accepted: c says what was not read."
        return "It is accepted already: 5 Findings says by whom." if finding.status == "accepted" else ""

    def action_accept(self) -> None:
        finding = becoming(self.session, self.row.source) if self.row is not None else None
        if finding is not None:
            accept_risk(self, finding, partial(judge, self))

    def action_draw(self) -> None:
        from screens.drawing import DrawingScreen

        if self.row is not None:
            drawing = DrawingScreen(self.session, self.row.source, self.crumbs)
            drawing.is_only_paths = True
            self.app.push_screen(drawing)

    def copied(self) -> str:
        return self.row.source if self.row else ""

    def copies(self) -> list[tuple[str, str]]:
        if self.row is None:
            return []
        return [("this path", path_drawn(self.row.paths[self.at], 160).plain)]

    def command_here(self) -> str:
        return f"advisor paths --source {self.row.source}" if self.row else "advisor paths"

    def shown_table(self) -> Table | None:
        rows = [row for row in self.query_one("#sources", RowList).rows if isinstance(row, SourceRow)]
        cells = tuple(
            (row.source, path.status, str(len(path.hops)), " › ".join(hop.title for hop in path.hops), path.target)
            for row in rows
            for path in row.paths
        )
        return Table("paths", ("from", "state", "hops", "how", "to"), cells, "advisor paths")
