"""One of a few: tabs inside a screen, and the legend at the foot of a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from screens.signs import Sign, mark
from screens.widgets.bars import clickable


def choices(labels: Sequence[str], chosen: int, action: str) -> Content:
    """` Plan  [Journal]`: each a button; the chosen one is in brackets, which tell it without colour."""
    parts = [
        clickable(
            Content.styled(f"[{label}]", "bold reverse") if at == chosen else Content(f" {label} "),
            action.format(at),
        )
        for at, label in enumerate(labels)
    ]
    return Content.assemble(" ", Content(" ").join(parts))


class Legend(Widget):
    """The signs of a list with their words, in one line; what has no room is under `?`."""

    auto_links = False
    DEFAULT_CSS = "Legend { height: 1; width: 1fr; } Legend.-nothing { display: none; }"

    def __init__(self, signs: Sequence[Sign] = ()) -> None:
        super().__init__()
        self._signs = signs
        self.set_class(not signs, "-nothing")

    def show(self, signs: Sequence[Sign]) -> None:
        self._signs = signs
        self.set_class(not signs, "-nothing")
        self.refresh()

    def render(self) -> Content:
        return legend_line(self._signs, self.content_size.width)


def legend_line(signs: Sequence[Sign], width: int) -> Content:
    """`✓ allowed  ± allowed if`, as many as have room: a word is never cut."""
    line = Content("")
    for sign in signs:
        more = Content.assemble(line, "  " if line.plain else " ", mark(sign), (f" {sign.word}", "$quiet"))
        if more.cell_length > width:
            break
        line = more
    return line
