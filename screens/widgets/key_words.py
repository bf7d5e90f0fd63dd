"""The keys of a dialog as buttons: the mouse reaches what the keyboard does."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from screens.widgets.bars import clickable

_KEYS = {"↵": "enter", "Tab": "tab", "Esc": "escape", "Space": "space", "Ctrl+U": "ctrl+u"}


class KeyWords(Widget):
    """`↵ Write   Tab The file   Esc Back`: each part with a key in front does what that key does."""

    auto_links = False
    DEFAULT_CSS = "KeyWords { height: auto; width: 1fr; }"

    def __init__(self, text: str, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._parts = text.split("   ")

    def render(self) -> Content:
        return Content("   ").join(map(_button, self._parts))


def _button(part: str) -> Content:
    key, _, word = part.partition(" ")
    if key not in _KEYS:
        return Content(part)
    return clickable(Content.assemble((key, "bold"), f" {word}"), f"app.press('{_KEYS[key]}')")
