"""Printing a record: a small menu with the last choice selected, and the file that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.kept import keep, recall
from screens.widgets.key_words import KeyWords
from screens.widgets.rows import Line, RowList
from screens.wording import clean, cut, shown_path
from screens.write import FileDialog

if TYPE_CHECKING:
    from advisor.decide.record import Record
    from screens.base import AdvisorScreen

ROOM_FOR_THE_FILE = 54
FORMATS = (("pdf", "PDF"), ("html", "HTML"), ("md", "Markdown"))


def print_record_of(screen: AdvisorScreen, record: Record) -> None:
    """Ask in which form, then write the file beside the record."""
    screen.app.push_screen(PrintScreen(record), lambda told: screen.say(told) if told else None)


class PrintScreen(FileDialog):
    """The menu. Gives back what to tell when the file is written."""

    BINDINGS = [Binding("escape", "dismiss('')", "Back", id="print.back")]

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Print {self.record.number} {clean(self.record.front.title)}", markup=False)
            rows = [
                Line(id, Content(f"{title:<9} to {cut(shown_path(self._target(id)), ROOM_FOR_THE_FILE)}"))
                for id, title in FORMATS
            ]
            yield RowList(rows, id="formats")
            yield Static("", id="write-error", markup=False)
            yield KeyWords("↵ Write   j k Choose   Esc Back")

    def on_mount(self) -> None:
        self.query_one("#formats", RowList).go_to(recall("print").get("format", "pdf"))

    def _target(self, format: str) -> Path:
        path = Path(self.record.path)
        return path.with_suffix(f".{format}") if format != "md" else path.with_name(f"{path.stem}-print.md")

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self._write(message.row.key)

    def _write(self, format: str) -> None:
        from advisor.decide.record import print_record

        def remember() -> None:
            keep("print", {"format": format})

        self.write_file(self._target(format), lambda: print_record(self.record, format), remember)
