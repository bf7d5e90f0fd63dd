"""A question before a deed: verbs on the buttons, the safe side has the focus."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from screens.widgets.key_words import KeyWords
from screens.wording import clean


class ConfirmScreen(ModalScreen[str | None]):
    """Gives back the reason that was typed (empty where none was asked for), or `None` for the safe side."""

    AUTO_FOCUS = "#keep"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Keep looking", id="confirm.back"),
        Binding("right", "app.focus_next", "Next button", id="confirm.next", show=False),
        Binding("left", "app.focus_previous", "Button before", id="confirm.before", show=False),
    ]

    def __init__(
        self,
        told: list[str],
        deed: str,
        safe: str = "Keep looking",
        *,
        other: str = "",
        ask_reason: bool = False,
        sure: bool = False,
    ) -> None:
        super().__init__()
        self.other = other
        """The deed in another way; empty where there is one way only."""
        self.took_other = False
        self.sure = sure
        """Nothing speaks against it, and the account was armed on purpose: then the deed has the focus."""
        self.told = told
        self.deed = deed
        self.safe = safe
        self.ask_reason = ask_reason

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            for line in self.told:
                yield Static(Content(clean(line)))
            if self.ask_reason:
                yield Input(placeholder="the reason, for the journal", id="reason")
            with Horizontal(classes="buttons"):
                yield Button(Content(f"  {clean(self.safe)}"), id="keep", compact=True)
                yield Button(Content(f"  {clean(self.deed)}"), id="deed", compact=True)
                if self.other:
                    yield Button(Content(f"  {clean(self.other)}"), id="other", compact=True)
            next_one = "The next" if self.other else "The other"
            yield KeyWords(f"↵ What ▸ marks   Tab {next_one}   Esc Leave it", classes="keys")

    def on_mount(self) -> None:
        if self.sure:
            self.query_one("#deed", Button).focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The marked button is marked in text too: a colour alone tells nobody which one Enter takes."""
        labels = {"keep": self.safe, "deed": self.deed, "other": self.other}
        for button in self.query(Button):
            button.label = Content(f"{'▸' if button is event.widget else ' '} {clean(labels[button.id or ''])}")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "keep":
            self.dismiss(None)
            return
        reason = self.query_one("#reason", Input).value.strip() if self.ask_reason else ""
        if self.ask_reason and not reason:
            self.query_one("#reason", Input).focus()
            self.notify("To overrule a guard, give a reason.", markup=False)
            return
        self.took_other = event.button.id == "other"
        self.dismiss(reason)
