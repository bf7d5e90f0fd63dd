"""A drawing laid out in two dimensions: a thing, what hangs on it to its right and below, each line with its words.

What comes first stands on the same line as far as there is room, the rest hang on a rail under the thing's sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from screens.neighbourhood import Branch, label_of, sign_of
from screens.signs import mark
from screens.wording import cut, cut_end

INDENT = 3
"""From a rail to the next where there is no room under the sign of what hangs on it."""
SHORT_LABEL, LEAST_LABEL, LEAST_NAME = 24, 8, 12
"""Words of a line are cut down to so much for things to stand side by side; the detail has them whole."""
_LINES = {"open": "─", "conditional": "╌", "unknown": "┄"}


@dataclass(frozen=True)
class Piece:
    """Something at a column of a line: a thing (`branch`), or a line with its words."""

    x: int
    content: Content
    branch: Branch | None = None

    @property
    def end(self) -> int:
        return self.x + self.content.cell_length


@dataclass(frozen=True)
class Strand:
    """One line of the drawing, with its pieces from left to right; a row of a list."""

    pieces: tuple[Piece, ...]
    chosen: int = 0
    """Which of the things on this line the cursor is on."""

    @property
    def things(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.branch is not None)

    @property
    def selectable(self) -> bool:
        return bool(self.things)

    @property
    def branches(self) -> tuple[Branch, ...]:
        return tuple(piece.branch for piece in self.things if piece.branch is not None)

    @property
    def key(self) -> str:
        return " ".join(str(branch.at) for branch in self.branches) or f"rail {self.pieces!r}"

    @property
    def text(self) -> str:
        return " ".join(branch.text for branch in self.branches)

    def nearest(self, x: int) -> int:
        """Which thing stands nearest to a column."""
        things = self.things
        return min(range(len(things)), key=lambda at: max(things[at].x - x, x - things[at].end + 1, 0), default=0)

    def draw(self, width: int) -> Content:
        return self._drawn(width, None)

    def draw_at(self, width: int, chosen: int, style: str) -> Content:
        """The line with one thing in brackets, which tell it without colour too."""
        return self._drawn(width, self.things[chosen] if chosen < len(self.things) else None, style)

    def _drawn(self, width: int, chosen: Piece | None, style: str = "") -> Content:
        line, x = Content(""), 0
        for piece in self.pieces:
            content = piece.content
            if piece is chosen:
                content = Content.styled(f"[{content.plain[1:-1]}]", style)
            line, x = Content.assemble(line, " " * (piece.x - x), content), piece.end
        return line.truncate(width, ellipsis=True)


def strands(lines: Sequence[Branch], width: int) -> list[Strand]:
    """The branches of a drawing laid out for a width, each once, in the order of their lines."""
    if not lines:
        return []
    layout = _Layout(lines, width)
    layout.place(lines[0], 0, 0, None)
    return [Strand(tuple(sorted(row, key=lambda piece: piece.x))) for row in layout.rows]


class _Layout:
    """Puts branches on lines, from the left to the right and downwards."""

    def __init__(self, lines: Sequence[Branch], width: int) -> None:
        self.width = width
        self.rows: list[list[Piece]] = []
        self.below: dict[int, list[Branch]] = {}
        for line in lines[1:]:
            self.below.setdefault(line.parent, []).append(line)
        self.span: dict[int, int] = {}
        for line in reversed(lines):
            self.span[line.at] = max(map(self._room_on_a_rail, self.below.get(line.at, ())), default=0)

    def _room_on_a_rail(self, branch: Branch) -> int:
        """How much room right of a rail a branch needs, with all that hangs on it, at the least."""
        own = 1 + _least_edge(branch) + thing_drawn(branch).cell_length
        return max(own, INDENT + self.span[branch.at])

    def put(self, y: int, piece: Piece) -> None:
        while len(self.rows) <= y:
            self.rows.append([])
        self.rows[y].append(piece)

    def place(self, branch: Branch, x: int, y: int, rail_before: int | None) -> int:
        """Put a thing at a place with everything that hangs on it; answer the first line below."""
        thing = thing_drawn(branch)
        if x + thing.cell_length > self.width:
            thing = thing_drawn(branch, max(self.width - x, LEAST_NAME))
        piece = Piece(x, thing, branch)
        self.put(y, piece)
        below, after = self.below.get(branch.at, []), y + 1
        room = self._room_for_edge(below[0], piece.end) if below else 0
        if below and room >= _least_edge(below[0]):
            way = edge_drawn(below[0], room)
            self.put(y, Piece(piece.end, way))
            after = self.place(below[0], piece.end + way.cell_length, y, None)
            below = below[1:]
        return self._hang(below, self._rail(branch, x, rail_before), y + 1, after)

    def _room_for_edge(self, branch: Branch, x: int) -> int:
        """What is left for the line from `x` to a branch beside it, with all that hangs on that."""
        below = self.span[branch.at]
        return self.width - x - max(thing_drawn(branch).cell_length, 1 + below if below else 0)

    def _rail(self, branch: Branch, x: int, rail_before: int | None) -> int:
        """Under the sign; where what hangs there has no room, further to the left."""
        under = x + 1
        if rail_before is None or under + self.span[branch.at] <= self.width:
            return under
        return rail_before + INDENT

    def _hang(self, branches: Sequence[Branch], rail: int, top: int, y: int) -> int:
        """Hang things on a rail, one below the other; it goes from `top` to the last of them."""
        for branch in branches:
            for between in range(top, y):
                self.put(between, Piece(rail, Content.styled("│", "$quiet")))
            fork = "└" if branch is branches[-1] else "├"
            room = self.width - rail - 1 - thing_drawn(branch).cell_length
            way = Content.assemble((fork, "$quiet"), edge_drawn(branch, max(room, LEAST_LABEL)))
            self.put(y, Piece(rail, way))
            top, y = y + 1, self.place(branch, rail + way.cell_length, y, rail)
        return y


def thing_drawn(branch: Branch, room: int = 0) -> Content:
    """` ◆ Admin ▲ `: a space on either side is for the brackets of the cursor. `room` is how much it may take."""
    data = branch.data
    is_admin = data.get("administrator") and data.get("kind") != "administrator"
    place = f" ({branch.elsewhere})" if branch.elsewhere else ""
    tail = (" ▲" if is_admin else "") + place
    name = label_of(branch.node, data)
    if room:
        name = cut(name, max(room - len(tail) - 4, 4))
    return Content.assemble(
        " ", mark(sign_of(data)), " ", (name, "bold" if branch.edge is None else ""),
        (" ▲" if is_admin else "", "$risk-high"), (place, "$quiet"), " ",
    )  # fmt: skip


def edge_drawn(branch: Branch, room: int = 0) -> Content:
    """`──is a member of──▸`; from the thing to what it hangs on `◂──trusts──`. `room` is how much it may take."""
    edge = branch.edge
    assert edge is not None
    line = _LINES[edge.status]
    begin, end = (f"◂{line * 2}", line * 2) if branch.inward else (line * 2, f"{line * 2}▸")
    label = edge.label
    if room:
        label = cut_end(edge.words, max(room - len(begin + end + edge.mark), 1)) + edge.mark
    style = "$is-unknown" if edge.status == "unknown" else "$quiet"
    return Content.assemble((begin, style), label, (end, style))


def _least_edge(branch: Branch) -> int:
    """Cells of its line when the words are cut as far as they may be."""
    edge = branch.edge
    assert edge is not None
    whole = edge_drawn(branch).cell_length
    return whole - max(cell_len(edge.words) - SHORT_LABEL, 0)


def all_branches(rows: Iterable[object]) -> list[Branch]:
    """The branches on these lines."""
    return [branch for row in rows if isinstance(row, Strand) for branch in row.branches]
