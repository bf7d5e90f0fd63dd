"""Fixing condition keys: a small dialog that gives back the context to ask with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.widgets.key_words import KeyWords
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.verdict import Conditions

Context = dict[str, tuple[str, ...]]


class FixScreen(ModalScreen[Context | None]):
    """Asks for `KEY=VALUE[,VALUE…]`; several with blanks between; nothing frees them all."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back", id="fix.back")]

    def __init__(self, context: Context, suggestion: str) -> None:
        super().__init__()
        self._text = " ".join(f"{key}={','.join(values)}" for key, values in context.items()) or suggestion

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(
                "Fix condition keys: KEY=VALUE, several with a blank between. Empty frees them all.", markup=False
            )
            yield Input(clean(self._text), id="context")
            yield KeyWords("↵ Ask with them   Ctrl+U Empty it   Esc Leave as it is")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(read_context(event.value))
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)


def read_context(text: str) -> Context:
    """`aws:SourceIp=10.0.0.1 aws:MultiFactorAuthPresent=true` as a context."""
    found: Context = {}
    for part in text.split():
        key, equals, values = part.partition("=")
        if not equals or not key:
            raise ValueError(f"`{part}` is not KEY=VALUE")
        found[key.lower()] = tuple(values.split(","))
    return found


def suggestion_for(conditions: Conditions) -> str:
    """What would satisfy the first condition, as text to start from."""
    for group in conditions:
        for condition in group:
            value = "" if condition.unless or not condition.values else condition.values[0]
            return f"{condition.key}={value}"
    return ""
