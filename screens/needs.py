"""Giving the values that a change still needs: one field each, in the words of its template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from advisor.errors import AdvisorError
from screens.widgets.key_words import KeyWords
from screens.wording import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.model.change import Change
    from screens.base import AdvisorScreen

Given = dict[str, tuple[str, ...]]


def give(screen: AdvisorScreen, changes: tuple[Change, ...], done: Callable[[tuple[Change, ...]], None]) -> None:
    """Ask for what the changes need; `done` gets them with the values in their places."""
    needs = dict(need for change in changes for need in change.needs)

    def given(values: Given | None) -> None:
        from advisor.advice.given import with_values

        snapshot = screen.session.snapshot
        if not values or snapshot is None:
            return
        try:
            filled = tuple(with_values(change, values, snapshot) if change.needs else change for change in changes)
        except AdvisorError as error:
            screen.tell_error(error)
            return
        screen.session.replace_in_plan(changes, filled)
        done(filled)

    if needs:
        screen.app.push_screen(NeedsScreen(needs), given)
    else:
        screen.say("Nothing is left to give.")


class NeedsScreen(ModalScreen[Given | None]):
    """Gives back the values by name; several with commas between."""

    AUTO_FOCUS = "Input"
    BINDINGS = [Binding("escape", "dismiss(None)", "Back", id="needs.back")]

    def __init__(self, needs: dict[str, str]) -> None:
        super().__init__()
        self.needs = needs

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            for at, (name, what) in enumerate(self.needs.items()):
                yield Static(clean(what or name), markup=False)
                yield Input(placeholder=f"{clean(name)}, several with commas between", id=f"need-{at}")
            yield KeyWords("↵ Next, then put them in   Tab Next field   Esc Back")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The words of a field stay in sight with it."""
        if isinstance(event.widget, Input):
            at = list(self.query(Input)).index(event.widget)
            self.call_after_refresh(self.query(Static)[at].scroll_visible, animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A value that was given leads to the next that is missing; an empty field, or the last one, ends it."""
        fields = list(self.query(Input))
        missing = [one for one in fields[fields.index(event.input) + 1 :] if not one.value.strip()]
        if event.value.strip() and missing:
            missing[0].focus()
        else:
            self._end()

    def _end(self) -> None:
        values: Given = {}
        for at, name in enumerate(self.needs):
            text = self.query_one(f"#need-{at}", Input).value
            values[name] = tuple(part.strip() for part in text.split(",") if part.strip())
        self.dismiss(values)
