"""Messages: what was told in the message row, the latest first."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from screens.base import AdvisorScreen
from screens.widgets.rows import Line, RowList
from screens.wording import clean, count


class MessagesScreen(AdvisorScreen):
    """The list."""

    purpose = "What was told in the message row, the latest first."
    command = "advisor journal"

    def body(self) -> ComposeResult:
        rows = RowList(id="messages", empty="Nothing was told yet.")
        rows.verb = ""
        yield rows

    def on_mount(self) -> None:
        notes = list(reversed(self.session.notes))
        rows = [
            Line(
                str(at),
                Content.assemble(("× " if note.is_failure else "  ", "$risk-high bold"), clean(note.text)),
                right=Content.styled(f"{note.at:%H:%M:%S}", "$quiet"),
            )
            for at, note in enumerate(notes)
        ]
        self.query_one("#messages", RowList).show_rows(rows)
        self.set_title("Messages", count(len(notes), "message"))

    def copied(self) -> str:
        row = self.query_one("#messages", RowList).row
        return row.text.strip() if row else ""
