"""Help: what the screen is for, its keys, the legend, the command that gives the same answer."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen, Screen

from screens.palette import bindings_of
from screens.signs import ADMINISTRATOR, BECOMES, DECISIONS, KINDS, PRACTICES, SEVERITIES, mark
from screens.widgets.bars import key_name
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
        found: dict[str, Content] = {}
        for node in nodes:
            for keys, told in _grouped(node):
                found.setdefault(" ".join(keys), Content.assemble((f"{' '.join(keys):<12} ", "bold"), told))
        return in_columns(list(found.values()), width, 2)


def _grouped(node: object) -> list[tuple[list[str], str]]:
    """(names of keys, what they do) of a node's bindings."""
    keys: dict[str, list[str]] = {}
    for key, binding in node._bindings:  # type: ignore[attr-defined]
        keys.setdefault(binding.action, []).append(key_name(key))
    return [
        (
            keys[binding.action],
            getattr(node, "verb", "") or binding.description
            if binding.id == "rows.open"
            else binding.tooltip or binding.description,
        )
        for binding in bindings_of(node)
        if binding.description and binding.id
    ]


def _legend(width: int) -> list[Content]:
    signs = [*KINDS.values(), *DECISIONS.values(), ADMINISTRATOR, BECOMES, *SEVERITIES.values()]
    cells = [Content.assemble(mark(sign), f"  {sign.word}") for sign in signs]
    cells += [Content.assemble(mark(sign), f"  practice: {sign.word}") for sign in PRACTICES.values()]
    return in_columns(cells, width, 3)


def in_columns(cells: list[Content], width: int, columns: int) -> list[Content]:
    """Cells one below the other, in columns of the same width."""
    high, room = -(-len(cells) // columns), width // columns
    rows = []
    for line in range(high):
        parts = [cells[at] for at in range(line, len(cells), high)]
        rows.append(Content("").join(part.truncate(room - 1, ellipsis=True, pad=True).pad_right(1) for part in parts))
    return rows
