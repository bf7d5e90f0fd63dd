"""Writing what is on the screen to a file of the user's choice: a menu of formats, the last one chosen first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from advisor.errors import AdvisorError
from screens.defects import Defect, ToldDefects
from screens.kept import keep, recall
from screens.widgets.key_words import KeyWords
from screens.widgets.rows import Line, RowList
from screens.wording import clean, shown_path


class FileDialog(ToldDefects, ModalScreen[str]):
    """A dialog that writes one file and gives back what to tell then; what went wrong stands in its `#write-error`."""

    @work(thread=True, exclusive=True, group="write")
    def write_file(self, target: Path, made: Callable[[], str | bytes], then: Callable[[], object]) -> None:
        from advisor.advice.accepted import write_private

        try:
            written = made()
            write_private(target, written if isinstance(written, bytes) else written.encode())
        except AdvisorError as error:
            told = f"{error.message}. {error.advice}" if error.advice else error.message
            self.app.call_from_thread(self._failed, told)
            return
        except OSError as error:
            self.app.call_from_thread(self._failed, f"{target} cannot be written: {error.strerror}")
            return
        then()
        self.app.call_from_thread(self.dismiss, f"Written to {shown_path(target)}")

    def tell_defect(self, defect: Defect) -> None:
        self._failed(defect.message)

    def _failed(self, told: str) -> None:
        self.query_one("#write-error", Static).update(Content(f"× {clean(told)}"))


class WriteScreen(FileDialog):
    """The menu. `write(format)` gives the text; the answer is what to tell when the file is written."""

    AUTO_FOCUS = "#formats"
    BINDINGS = [
        Binding("escape", "dismiss('')", "Back", id="write.back"),
        Binding("tab", "app.focus_next", "The file", id="write.other", show=False),
    ]

    def __init__(
        self,
        what: str,
        formats: Mapping[str, tuple[str, str]],
        name: str,
        write: Callable[[str], str | bytes],
        *,
        title: str = "",
    ) -> None:
        super().__init__()
        self.question = title or f"Write the {what} as it is shown"
        self.what = what
        self.formats = formats
        self.file_name = re.sub(r"[^A-Za-z0-9._@-]+", "-", name).strip("-.") or "iam"
        self.write = write

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.question, markup=False)
            yield RowList([Line(id, Content(title)) for id, (title, _) in self.formats.items()], id="formats")
            yield Input(id="file")
            yield Static("", id="write-error", markup=False)
            yield KeyWords("↵ Write   Tab The file   Esc Back")

    def on_mount(self) -> None:
        self.query_one("#formats", RowList).go_to(recall("write").get(self.what, next(iter(self.formats))))

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        if message.row is not None:
            self.query_one("#file", Input).value = f"~/{self.file_name}.{self.formats[message.row.key][1]}"

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self._write(message.row.key, self.query_one("#file", Input).value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        row = self.query_one("#formats", RowList).row
        if row is not None:
            self._write(row.key, event.value)

    def _write(self, format: str, file: str) -> None:
        def remember() -> None:
            keep("write", {**recall("write"), self.what: format})

        self.write_file(Path(file).expanduser(), lambda: self.write(format), remember)
