"""Writing changes for other tools: an AWS CLI script, Terraform or CloudFormation, as a file of the user's choice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from advisor.errors import AdvisorError
from screens.kept import keep, recall
from screens.widgets.rows import Line, RowList
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.change import Change
    from advisor.model.snapshot import Snapshot
    from screens.base import AdvisorScreen

_FORMATS = {
    "cli": ("AWS CLI script", "sh"),
    "terraform": ("Terraform", "tf"),
    "cloudformation": ("CloudFormation", "yaml"),
}


def export_changes(screen: AdvisorScreen, changes: tuple[Change, ...]) -> None:
    """Ask for the format and the file, then write it."""
    snapshot = screen.session.snapshot
    if snapshot is None:
        return
    if any(change.needs for change in changes):
        screen.say("A value is still needed: f in the preview gives it.")
        return
    screen.app.push_screen(ExportScreen(changes, snapshot), lambda told: screen.say(told) if told else None)


class ExportScreen(ModalScreen[str]):
    """The menu. Gives back what to tell when the file is written."""

    AUTO_FOCUS = "#formats"
    BINDINGS = [Binding("escape", "dismiss('')", "Back", id="export.back")]

    def __init__(self, changes: tuple[Change, ...], snapshot: Snapshot) -> None:
        super().__init__()
        self.changes = changes
        self.snapshot = snapshot

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Write the changes as", markup=False)
            yield RowList([Line(id, Content(title)) for id, (title, _) in _FORMATS.items()], id="formats")
            yield Input(id="file")
            yield Static("", id="export-error", markup=False)
            yield Static("↵ Write   Tab The file   Esc Back", markup=False)

    def on_mount(self) -> None:
        self.query_one("#formats", RowList).go_to(recall("export").get("format", "cli"))

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        if message.row is not None:
            ending = _FORMATS[message.row.key][1]
            self.query_one("#file", Input).value = f"~/iam-changes-{self.snapshot.account}.{ending}"

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self._write(message.row.key, self.query_one("#file", Input).value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        row = self.query_one("#formats", RowList).row
        if row is not None:
            self._write(row.key, event.value)

    @work(thread=True, exclusive=True, group="export")
    def _write(self, format: str, file: str) -> None:
        from advisor.advice.accepted import write_private
        from advisor.change.export import export

        target = Path(file).expanduser()
        try:
            write_private(target, export(self.changes, self.snapshot, format).encode())
        except AdvisorError as error:
            self.app.call_from_thread(self._failed, error.message)
            return
        except OSError as error:
            self.app.call_from_thread(self._failed, f"{target} cannot be written: {error.strerror}")
            return
        keep("export", {"format": format})
        self.app.call_from_thread(self.dismiss, f"Written to {file}")

    def _failed(self, told: str) -> None:
        self.query_one("#export-error", Static).update(Content(f"× {clean(told)}"))
