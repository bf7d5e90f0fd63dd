"""One policy document to read, line by line, with the statements that matter marked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from screens.base import AdvisorScreen
from screens.documents import DocumentLine, lines_of
from screens.widgets.rows import RowList
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.document import Document
    from screens.session import Session


@dataclass(frozen=True)
class LineRow:
    """A line of the policy as a row of the list."""

    line: DocumentLine
    marked: bool
    selectable: bool = True

    @property
    def key(self) -> str:
        return str(self.line.number)

    @property
    def text(self) -> str:
        return self.line.plain

    def draw(self, width: int) -> Content:
        return self.line.content(marked=self.marked).truncate(width, ellipsis=True)


class PolicyScreen(AdvisorScreen):
    """The whole text of a policy."""

    mode = "explore"
    purpose = "The policy as it stands, statement by statement. [ and ] go from statement to statement."
    command = "advisor collect"
    BINDINGS = [
        Binding("right_square_bracket", "statement(1)", "Next statement", id="policy.next"),
        Binding("left_square_bracket", "statement(-1)", "Statement before", id="policy.before"),
        Binding("y", "copy", "Copy", id="policy.copy"),
    ]

    def __init__(
        self,
        session: Session,
        title: str,
        document: Document,
        trail: tuple[str, ...] = (),
        marked: Collection[int] = (),
    ) -> None:
        super().__init__(session, (*trail, clean(title)))
        self.document = document
        self.marked = marked

    def body(self) -> ComposeResult:
        yield RowList(id="lines")

    def on_mount(self) -> None:
        rows = self.query_one("#lines", RowList)
        lines = lines_of(self.document, max(self.app.size.width - 12, 40))
        rows.verb = ""
        rows.show_rows([LineRow(line, line.statement in self.marked) for line in lines])
        self.set_title(self.crumbs[-1], count(len(self.document.statements), "statement"))
        first = next((str(line.number) for line in lines if line.statement in self.marked), None)
        if first:
            rows.go_to(first)

    def action_statement(self, step: int) -> None:
        rows = self.query_one("#lines", RowList)
        here = rows.row.line.statement if isinstance(rows.row, LineRow) else None
        wanted = (-1 if here is None else here) + step
        found = next((row.key for row in rows.rows if isinstance(row, LineRow) and row.line.statement == wanted), None)
        if found:
            rows.go_to(found)

    def copied(self) -> str:
        return self.document.text

    def copies(self) -> list[tuple[str, str]]:
        rows = self.query_one("#lines", RowList)
        here = rows.row.line.statement if isinstance(rows.row, LineRow) else None
        text = statement_text(self.document, here) if here is not None and here >= 0 else ""
        return [("the statement", text)]


def statement_text(document: Document, number: int) -> str:
    """One statement of a policy as JSON; empty where there is none of that number."""
    import json

    try:
        statements = json.loads(document.text)["Statement"]
    except (ValueError, KeyError, TypeError):
        return ""
    found = statements if isinstance(statements, list) else [statements]
    return json.dumps(found[number], indent=2, ensure_ascii=False) if 0 <= number < len(found) else ""


def needed_to_read(session: Session) -> PolicyScreen:
    """The policy that reading an account needs: before one is open."""
    import json

    from advisor.collect.permissions import policy_for
    from advisor.model.document import parse_document

    return PolicyScreen(session, "what reading needs", parse_document(json.dumps(policy_for("collect"))), ("Welcome",))
