"""What can be copied here: a small menu; the text goes to the clipboard and is told in the message row."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.widgets.key_words import KeyWords
from screens.widgets.rows import Line, RowList
from screens.wording import clean, cut_end


class CopyScreen(ModalScreen[str]):
    """The menu of `Y`. Gives back what to tell."""

    BINDINGS = [Binding("escape", "dismiss('')", "Back", id="copy_menu.back")]

    def __init__(self, offered: list[tuple[str, str]]) -> None:
        super().__init__()
        self.offered = offered

    def compose(self) -> ComposeResult:
        rows = [
            Line(name, Content.assemble(f"{name:<16}", (in_one_line(text, 400), "$quiet")), value=text)
            for name, text in self.offered
        ]
        with Vertical(classes="dialog"):
            yield Static("Copy", markup=False)
            yield RowList(rows, id="copies")
            yield KeyWords("↵ Copy   Esc Back")

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        text = str(message.row.value)  # type: ignore[attr-defined]
        self.app.copy_to_clipboard(text)
        self.dismiss(f"Copied {message.row.key}: {in_one_line(text, 200)}")


def in_one_line(text: str, width: int) -> str:
    return cut_end(clean(" ".join(text.split())), width)
