"""Help: what the screen is for, its keys, the legend, the command that gives the same answer."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen

from screens.palette import bindings_of
from screens.signs import ADMINISTRATOR, BECOMES, DECISIONS, KINDS, PRACTICES, SEVERITIES, mark
from screens.widgets.bars import key_name
from screens.widgets.pane import Drawn


class HelpScreen(ModalScreen[None]):
    """Lists everything that can be done where the user is."""

    BINDINGS = [
        Binding("escape,question_mark,q", "dismiss", "Back", id="help.back"),
        Binding("down,j", "scroll(1)", "Down", id="help.down", show=False),
        Binding("up,k", "scroll(-1)", "Up", id="help.up", show=False),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self.about = about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Drawn(self._text)

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def _text(self, width: int) -> Content:
        purpose = getattr(self.about, "purpose", "")
        command = getattr(self.about, "command", "")
        parts: list[Content] = [Content(purpose)] if purpose else []
        if command:
            parts.append(Content.assemble(("As a command  ", "$quiet"), command))
        parts += [Content(""), Content.styled("KEYS", "bold"), *self._keys(width), Content("")]
        parts += [Content.styled("LEGEND", "bold"), *_legend(width)]
        return Content("\n").join(parts)

    def _keys(self, width: int) -> list[Content]:
        nodes: list[object] = [node for node in (self.about.focused, self.about, self.app) if node is not None]
        found: dict[str, Content] = {}
        for node in nodes:
            for binding in _grouped(node):
                keys = " ".join(binding[0])
                found.setdefault(keys, Content.assemble((f"{keys:<13} ", "bold"), binding[1]))
        return in_two_columns(list(found.values()), width)


def _grouped(node: object) -> list[tuple[list[str], str]]:
    """(names of keys, what they do) of a node's bindings."""
    keys: dict[str, list[str]] = {}
    for key, binding in node._bindings:  # type: ignore[attr-defined]
        keys.setdefault(binding.action, []).append(key_name(key))
    return [
        (
            keys[binding.action],
            getattr(node, "verb", "") or binding.description if binding.id == "rows.open" else binding.description,
        )
        for binding in bindings_of(node)
        if binding.description and binding.id
    ]


def _legend(width: int) -> list[Content]:
    signs = [*KINDS.values(), *DECISIONS.values(), ADMINISTRATOR, BECOMES, *SEVERITIES.values()]
    cells = [Content.assemble(mark(sign), f"  {sign.word}") for sign in signs]
    cells += [Content.assemble(mark(sign), f"  practice: {sign.word}") for sign in PRACTICES.values()]
    return in_two_columns(cells, width)


def in_two_columns(cells: list[Content], width: int) -> list[Content]:
    half, room = (len(cells) + 1) // 2, width // 2
    right = [*cells[half:], *[Content("")] * half]
    return [
        Content.assemble(
            left.truncate(room - 1, ellipsis=True).pad_right(max(room - left.cell_length, 1)),
            other.truncate(room, ellipsis=True),
        )
        for left, other in zip(cells[:half], right, strict=False)
    ]
