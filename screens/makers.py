"""Who decides: names for the records. Asked once, before the first record; `b` changes them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from advisor.errors import AdvisorError
from screens.widgets.key_words import KeyWords
from screens.wording import clean

if TYPE_CHECKING:
    from screens.base import AdvisorScreen


def set_makers(screen: AdvisorScreen) -> None:
    """Ask for the names, whatever was kept before, and say what is kept now."""

    def told(answered: bool | None) -> None:
        if answered:
            screen.say(_kept())

    screen.app.push_screen(MakersScreen(), told)


def _kept() -> str:
    from advisor.decide.makers import VARIABLE, configured_makers

    names = ", ".join(clean(name) for name in configured_makers()) or "not named"
    return f"Records to come are decided by {names}" + (f", from {VARIABLE}." if os.environ.get(VARIABLE) else ".")


class MakersScreen(ModalScreen[bool]):
    """Gives back whether an answer was given; no name is an answer too: records then say "not named"."""

    BINDINGS = [Binding("escape", "dismiss(False)", "Back", id="makers.back")]

    def compose(self) -> ComposeResult:
        from advisor.decide.makers import configured_makers

        with Vertical(classes="dialog"):
            yield Static("Who decides? The record names you, and whom else you name.", markup=False)
            yield Input(", ".join(configured_makers()), placeholder="names, parted by commas", id="makers")
            yield Static("", id="makers-error", markup=False)
            yield KeyWords("↵ Keep it for all records   empty: records say “not named”   Esc Back")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        from advisor.decide.makers import keep_makers

        try:
            keep_makers(event.value)
        except AdvisorError as error:
            self.query_one("#makers-error", Static).update(f"× {clean(error.message)}")
            return
        self.dismiss(True)
