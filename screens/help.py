"""Help: what the screen is for, its keys, the legend, the command that gives the same answer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen, Screen

from screens.keymap import bindings_with
from screens.palette import bindings_of
from screens.signs import ADMINISTRATOR, BECOMES, DECISIONS, KINDS, LINES, ONLY_IF, PERHAPS, PRACTICES, SEVERITIES, mark
from screens.widgets.bars import clickable, key_name
from screens.widgets.pane import Drawn, Pane


class HelpScreen(ModalScreen[None]):
    """Lists everything that can be done where the user is."""

    BINDINGS = [
        Binding("escape,question_mark,q", "dismiss", "Back", id="help.back"),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self.about = about

    def compose(self) -> ComposeResult:
        with Pane(classes="dialog"):
            yield Drawn(self._text)

    def _text(self, width: int) -> Content:
        purpose = getattr(self.about, "purpose", "")
        command = getattr(self.about, "command", "")
        parts: list[Content] = [Content(purpose)] if purpose else []
        if command:
            parts.append(Content.assemble(("As a command  ", "$quiet"), command))
        parts += [Content(""), Content.styled("KEYS HERE", "bold"), *self._keys((self.about,), width)]
        parts += [Content(""), Content.styled("LEGEND", "bold"), *_legend(width)]
        moving = [node for node in (self.about.focused,) if node is not None]
        parts += [Content(""), Content.styled("MOVING", "bold"), *self._keys(moving, width)]
        parts += [Content(""), Content.styled("EVERYWHERE", "bold"), *self._keys((self.app,), width)]
        own = "Your own keys stand in keys.json in the folder of the configuration: see the documentation, Keys."
        parts += [Content(""), Content.styled(own, "$quiet")]
        return Content("\n").join(parts)

    def _keys(self, nodes: Iterable[object], width: int) -> list[Content]:
        found: dict[str, list[Content]] = {}
        for node in nodes:
            for keys, told, id in _grouped(node, self.app):
                lines = _key_cell(" ".join(keys), told, width // 2 - 1)
                found.setdefault(" ".join(keys), [clickable(line, f"screen.take('{id}')") for line in lines])
        return in_columns(list(found.values()), width, 2)

    async def action_take(self, id: str) -> None:
        """A click on a key does what the key does where the help was asked for."""
        nodes = (self.about.focused, self.about, self.app)
        found = (
            (node, one) for node in nodes if node is not None for one in bindings_of(node, self.app) if one.id == id
        )
        node, binding = next(found, (None, None))
        self.dismiss()
        if binding is not None:
            self.app.call_later(self.app.run_action, binding.action, node)


def _key_cell(keys: str, told: str, room: int) -> list[Content]:
    """A key with what it does, folded in a column of its own."""
    first, *rest = textwrap.wrap(told, max(room - 13, 10))
    lines = [Content.assemble((f"{keys:<12} ", "bold"), first)]
    return [*lines, *(Content(" " * 13 + line) for line in rest)]


def _grouped(node: object, app: App[Any]) -> list[tuple[list[str], str, str]]:
    """(names of keys, what they do, id) of a node's bindings."""
    keys: dict[str, list[str]] = {}
    for key, binding in bindings_with(app._keymap, node):
        keys.setdefault(binding.action, []).append(key_name(key))
    return [
        (
            keys[binding.action],
            getattr(node, "verb", "") or binding.description
            if binding.id == "rows.open"
            else binding.tooltip or binding.description,
            binding.id,
        )
        for binding in bindings_of(node, app)
        if binding.description and binding.id
    ]


def _legend(width: int) -> list[Content]:
    signs = [*KINDS.values(), *DECISIONS.values(), ADMINISTRATOR, BECOMES, ONLY_IF, PERHAPS, *SEVERITIES.values()]
    told = [(sign, sign.word) for sign in signs]
    told += [(sign, f"practice: {sign.word}") for sign in PRACTICES.values()]
    told += [(sign, f"line: {sign.word}") for sign in LINES.values()]
    return in_columns([[Content.assemble(mark(sign), f"  {word}")] for sign, word in told], width, 3)


def in_columns(cells: list[list[Content]], width: int, columns: int) -> list[Content]:
    """Cells (each some lines) one below the other, in columns of the same width."""
    high, room = -(-len(cells) // columns), width // columns
    rows = []
    for at in range(high):
        beside = [cells[place] for place in range(at, len(cells), high)]
        for line in range(max(map(len, beside))):
            parts = [cell[line] if line < len(cell) else Content("") for cell in beside]
            rows.append(
                Content("").join(part.truncate(room - 1, ellipsis=True, pad=True).pad_right(1) for part in parts)
            )
    return rows
