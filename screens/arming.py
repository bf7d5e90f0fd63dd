"""Arming: the one place where the session is allowed to change an account, for five idle minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from advisor.errors import AdvisorError
from screens.session import IDLE_SECONDS
from screens.widgets.key_words import KeyWords
from screens.wording import account_in_fours, clean

if TYPE_CHECKING:
    from screens.base import AdvisorScreen
    from screens.session import Session


def why_not(session: Session) -> str:
    """Why the open account cannot be armed; empty where it can."""
    snapshot = session.snapshot
    if snapshot is None or snapshot.source.kind not in ("live", "demo"):
        return "A file cannot be changed: open the live account or the demo (@)."
    return ""


def toggle(screen: AdvisorScreen) -> None:
    """Arm the account, or disarm it."""
    session, snapshot = screen.session, screen.session.snapshot
    if session.is_armed:
        session.disarm()
        screen.say("Read-only again.")
    elif snapshot is None or why_not(session):
        screen.say(why_not(session))
    else:
        is_demo = snapshot.source.kind == "demo"
        screen.app.push_screen(ArmScreen(snapshot.account, is_demo=is_demo), lambda typed: _armed(screen, typed))


def _armed(screen: AdvisorScreen, typed: str | None) -> None:
    from advisor.change.armed import arm

    snapshot = screen.session.snapshot
    if typed is None or snapshot is None:
        return
    try:
        arm(snapshot.account, typed, IDLE_SECONDS)
    except AdvisorError as error:
        screen.tell_error(error)
        return
    screen.session.arm(time.monotonic() + IDLE_SECONDS)
    screen.say("Armed for five idle minutes. Nothing is called before you apply.")


class ArmScreen(ModalScreen[str | None]):
    """Asks for the account's id; for the demo Enter is enough."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Stay read-only", id="arm.back")]

    def __init__(self, account: str, *, is_demo: bool) -> None:
        super().__init__()
        self.account = account
        self.is_demo = is_demo

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Arm {account_in_fours(self.account)}: then changes can be applied to it.", markup=False)
            told = "This is the demo: Enter arms it." if self.is_demo else "Type the id of the account that you mean."
            yield Static(told, markup=False)
            yield Input(self.account if self.is_demo else "", placeholder="account id", id="account-id")
            yield KeyWords("↵ Arm   Esc Stay read-only")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(clean(event.value).replace(" ", ""))
