"""Accepting a risk: who answers for it, why, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.widgets.key_words import KeyWords
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.finding import Finding

Given = tuple[str, str, str]
"""(owner, reason, ISO date until)"""


class AcceptScreen(ModalScreen[Given | None]):
    """Gives back who accepts, why and until when; nothing is accepted without all three."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back", id="accept.back")]

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding

    def compose(self) -> ComposeResult:
        from advisor.decide.makers import configured_makers

        in_a_quarter = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        with Vertical(classes="dialog"):
            yield Static(f"Accept the risk: {clean(self.finding.title)}", markup=False)
            yield Static("Why is it acceptable?", markup=False)
            yield Input(placeholder="reason", id="reason")
            yield Static("Who answers for it, and until when? Then it is open again.", markup=False)
            yield Input(", ".join(configured_makers()), placeholder="who", id="owner")
            yield Input(in_a_quarter, id="until")
            yield KeyWords("↵ Accept until then   Tab Next field   Esc Leave it open")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        reason, owner, until = (
            self.query_one(f"#{name}", Input).value.strip() for name in ("reason", "owner", "until")
        )
        if not reason:
            self.query_one("#reason", Input).focus()
            self.notify("An accepted risk needs a reason.", markup=False)
            return
        if not owner:
            self.query_one("#owner", Input).focus()
            self.notify("An accepted risk needs somebody who answers for it.", markup=False)
            return
        self.dismiss((owner, reason, until))
