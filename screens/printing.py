"""Printing a record: a small menu with the last choice selected, and the file that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from advisor.errors import AdvisorError
from screens.defects import Defect, ToldDefects
from screens.kept import keep, recall
from screens.widgets.key_words import KeyWords
from screens.widgets.rows import Line, RowList
from screens.wording import clean, cut, shown_path

if TYPE_CHECKING:
    from advisor.decide.record import Record
    from screens.base import AdvisorScreen

ROOM_FOR_THE_FILE = 54
FORMATS = (("pdf", "PDF"), ("html", "HTML"), ("md", "Markdown"))


def print_record_of(screen: AdvisorScreen, record: Record) -> None:
    """Ask in which form, then write the file beside the record."""
    screen.app.push_screen(PrintScreen(record), lambda told: screen.say(told) if told else None)


class PrintScreen(ToldDefects, ModalScreen[str]):
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
            yield Static("", id="print-error", markup=False)
            yield KeyWords("↵ Write   j k Choose   Esc Back")

    def on_mount(self) -> None:
        self.query_one("#formats", RowList).go_to(recall("print").get("format", "pdf"))

    def _target(self, format: str) -> Path:
        path = Path(self.record.path)
        return path.with_suffix(f".{format}") if format != "md" else path.with_name(f"{path.stem}-print.md")

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self._write(message.row.key)

    @work(thread=True, exclusive=True, group="print")
    def _write(self, format: str) -> None:
        from advisor.advice.accepted import write_private
        from advisor.decide.record import print_record

        target = self._target(format)
        try:
            write_private(target, print_record(self.record, format))
        except AdvisorError as error:
            told = f"{error.message}. {error.advice}" if error.advice else error.message
            self.app.call_from_thread(self._failed, told)
            return
        except OSError as error:
            self.app.call_from_thread(self._failed, f"{target} cannot be written: {error.strerror}")
            return
        keep("print", {"format": format})
        self.app.call_from_thread(self.dismiss, f"Written to {shown_path(target)}")

    def tell_defect(self, defect: Defect) -> None:
        self._failed(defect.message)

    def _failed(self, told: str) -> None:
        self.query_one("#print-error", Static).update(Content(f"× {clean(told)}"))
