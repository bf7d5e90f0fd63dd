"""A path need by need: each with the statement that meets it, marked in its policy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content

from advisor.evaluate.pattern import action_matches
from screens.base import AdvisorScreen
from screens.documents import DocumentLine, lines_of
from screens.reasons import document_of, told, who
from screens.widgets.columns import Column, line
from screens.widgets.pane import Detail
from screens.widgets.rows import RowList
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.graph.explain import Required
    from advisor.graph.paths import Path
    from advisor.model.document import Document
    from advisor.model.verdict import Reason
    from screens.session import Session

COLUMNS = (Column("", 2), Column("what is needed", share=3), Column("by", share=2))
_QUOTED = re.compile(r'"([^"]+)"')
_LEAD = 3
"""Lines before the first statement of a policy as it is usually written."""
_ELEMENTS = ("Action", "NotAction", "Resource", "NotResource", "Principal", "Condition")


@dataclass(frozen=True)
class NeedRow:
    """One need of one hop, with one statement that meets it (none where nothing is known)."""

    hop: int
    need: Required
    reason: Reason | None
    key: str
    selectable: bool = True

    @property
    def text(self) -> str:
        return f"{self.need.action} {self.need.resource}"

    def draw(self, width: int) -> Content:
        what = Content(f"{clean(self.need.action)} on {short_name(self.need.resource)}")
        by = told(self.reason) if self.reason else Content.styled("? nothing known", "$is-unknown")
        return line(COLUMNS, (Content(str(self.hop)), what, by), width)


def needs_of(path: Path) -> list[NeedRow]:
    """A row for each statement behind each need of each hop, in the order of the path."""
    return [
        NeedRow(number, need, reason, f"{number}.{at}.{place}")
        for number, hop in enumerate(path.hops, 1)
        for at, need in enumerate(hop.requires)
        for place, reason in enumerate(need.because or (None,))
    ]


def speaking(document: Document, reason: Reason, action: str, width: int) -> list[DocumentLine]:
    """The lines of the statement that say what is needed: those about the action, the resource, whom it trusts."""
    lines = [one for one in lines_of(document, width) if one.statement == reason.statement]
    return [one for one in lines if one.element in _ELEMENTS and (one.element != "Action" or _names(one, action))]


def _names(line: DocumentLine, action: str) -> bool:
    patterns = [text for text in _QUOTED.findall(line.plain) if ":" in text or text == "*"]
    return any(action_matches(pattern, action) for pattern in patterns)


def statement_drawn(advisor: Advisor, need: Required, width: int, most: int = 3) -> list[Content]:
    """The first statement behind a need, as far as it speaks of it; nothing where its text is not there."""
    for reason in need.because[:1]:
        document = document_of(advisor, reason)
        if document is not None:
            found = speaking(document, reason, need.action, max(width - 6, 30))
            return [one.shifted(6).content(marked=True) for one in found[:most]]
    return []


class PathWhyScreen(AdvisorScreen):
    """What a path needs, and the policy behind each need with its statement marked."""

    mode = "paths"
    purpose = "What each hop needs and the statement that allows it, marked in its policy. ↵ reads the policy alone."
    command = "advisor paths"
    BINDINGS = [Binding("y", "copy", "Copy", id="path_why.copy")]

    def __init__(self, session: Session, path: Path) -> None:
        super().__init__(session, ("Paths", who(path.source), "why"))
        self.path = path

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            rows = RowList(id="needs")
            rows.verb = "Read"
            yield rows
            yield Detail()

    def show_account(self) -> None:
        self.query_one("#needs", RowList).show_rows(needs_of(self.path))
        self.set_title("why", f"{count(len(self.path.hops), 'hop')} to ▲ · {self.path.status}")

    @property
    def row(self) -> NeedRow | None:
        row = self.query_one("#needs", RowList).row
        return row if isinstance(row, NeedRow) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row, advisor = self.row, self.session.advisor
        if row is None or advisor is None:
            return
        document = document_of(advisor, row.reason) if row.reason else None
        hop = self.path.hops[row.hop - 1]
        title = Content(f"{row.hop}  {clean(hop.title)}")
        if row.reason is None or document is None:
            self.query_one(Detail).show(title, Content(""), lambda width: Content("   no policy text stands behind it"))
            return
        self._show_policy(title, row.reason, document)

    def _show_policy(self, title: Content, reason: Reason, document: Document) -> None:
        """From the statement on: the panel's title stays in sight, and what is above is a key away."""

        def draw(width: int) -> Content:
            lines = lines_of(document, max(width - 4, 40))
            first = next((at for at, one in enumerate(lines) if one.statement == reason.statement), 0)
            start = first if first > _LEAD else 0
            before = [Content.styled(f"      ⋮ {start} lines before: ↵ reads them", "$quiet")] if start else []
            shown = [one.content(marked=one.statement == reason.statement) for one in lines[start:]]
            return Content("\n").join(one.truncate(width, ellipsis=True) for one in (*before, *shown))

        self.query_one(Detail).show(title, told(reason), draw)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        from screens.policy import PolicyScreen

        row, advisor = self.row, self.session.advisor
        document = document_of(advisor, row.reason) if row and row.reason and advisor else None
        if row is None or row.reason is None or document is None:
            self.say("The text of this policy is not there.")
            return
        title = "trust policy" if row.reason.kind == "trust" else short_name(row.reason.policy)
        self.app.push_screen(PolicyScreen(self.session, title, document, self.crumbs, (row.reason.statement,)))

    def copied(self) -> str:
        from screens.path_words import path_drawn

        return path_drawn(self.path, 160).plain

    def command_here(self) -> str:
        return f"advisor paths --source {self.path.source}"
