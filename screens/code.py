"""The code of an MFA device: asked in the app, never kept."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.widgets.key_words import KeyWords
from screens.wording import clean


class CodeScreen(ModalScreen[str | None]):
    """Gives back the digits."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Do not sign in", id="code.back")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(clean(self.question), markup=False)
            yield Input(placeholder="6 digits", id="code", restrict=r"[0-9]*", max_length=8)
            yield KeyWords("↵ Sign in   Esc Do not sign in")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
