"""A drawing to walk: lines with several things on each, of which one is chosen. Arrow keys go where they point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.strip import Strip

from screens.strands import Strand, strands
from screens.widgets.rows import GUTTER, RowList

if TYPE_CHECKING:
    from screens.neighbourhood import Branch


class Canvas(RowList):
    """Laid out anew for each width. Posts `Moved` and `Opened` as a list does; `branch` is the chosen thing."""

    DEFAULT_CSS = """
    Canvas > .rows--cursor { background: $background; }
    Canvas:focus > .rows--cursor { background: $background; text-style: none; }
    Canvas:focus:ansi > .rows--cursor { text-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "beside(-1)", "To what it hangs on", id="drawing.out", show=False),
        Binding("right,l", "beside(1)", "To what hangs on it", id="drawing.in", show=False),
    ]

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id, empty=empty)
        self.lines: Sequence[Branch] = ()
        self.chosen = 0
        """Which of the things on the cursor's line."""
        self._laid_out = 0
        """The width for which it is laid out."""
        self._x = 0
        """The column that ↓ and ↑ keep to."""

    def show_lines(self, lines: Sequence[Branch]) -> None:
        """Draw other branches; the cursor goes to the first, in the centre."""
        self.lines = lines
        self.chosen = self._x = 0
        self._lay_out()
        self.action_ends(-1)

    def _lay_out(self) -> None:
        self._laid_out = self._room
        self.show_rows(strands(self.lines, self._room), keep=False)

    @property
    def _room(self) -> int:
        """Columns to draw in, those of the scroll bar left free."""
        return max(self.content_region.width - GUTTER - 2, 20)

    def on_resize(self) -> None:
        super().on_resize()
        here = self.branch
        if self.lines and self._laid_out != self._room:
            self._lay_out()
            if here is not None:
                self.choose(here)

    @property
    def strand(self) -> Strand | None:
        return self.row if isinstance(self.row, Strand) else None

    @property
    def branch(self) -> Branch | None:
        """The thing under the cursor."""
        here = self.strand
        if here is None or not here.branches:
            return None
        return here.branches[min(self.chosen, len(here.branches) - 1)]

    def choose(self, branch: Branch) -> None:
        """Put the cursor on a thing of the drawing."""
        for at, row in enumerate(self.rows):
            if isinstance(row, Strand) and branch in row.branches:
                self._put(at, row.branches.index(branch))
                self._x = row.things[self.chosen].x
                return

    def _put(self, row: int, chosen: int) -> None:
        is_here, self.chosen = row == self.cursor, chosen
        if is_here:
            self._moved()
        self.cursor = row
        self.refresh()

    def action_move(self, step: int) -> None:
        """The next line's thing that stands nearest below or above."""
        at = self._next_selectable(self.cursor, step)
        row = self.rows[at] if at >= 0 else None
        if isinstance(row, Strand):
            self._put(at, row.nearest(self._x))

    def action_ends(self, end: int) -> None:
        self.chosen = 0
        super().action_ends(end)
        self._x = 0

    def action_beside(self, step: int) -> None:
        """To what hangs on the thing, or to what it hangs on; from one that stands elsewhere, to there."""
        here = self.branch
        if here is None:
            return
        if step < 0:
            beside = next((line for line in self.lines if line.at == here.parent), None)
        elif here.elsewhere:
            beside = next((line for line in self.lines if line.node == here.node and not line.elsewhere), None)
        else:
            beside = next((line for line in self.lines if line.parent == here.at), None)
        if beside is not None:
            self.choose(beside)

    async def _on_click(self, event: events.Click) -> None:
        """A click chooses the thing under it, or the nearest on its line; on the chosen one it opens."""
        index = event.y + int(self.scroll_y)
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        if not isinstance(row, Strand) or not row.selectable:
            return
        chosen = row.nearest(event.x - GUTTER)
        if (index, chosen) == (self.cursor, self.chosen):
            self.action_open()
            return
        self._put(index, chosen)
        self._x = row.things[chosen].x

    def _row_strip(self, index: int, width: int) -> Strip:
        row = self.rows[index]
        if not isinstance(row, Strand) or index != self.cursor:
            return super()._row_strip(index, width)
        style = "reverse bold" if self.has_focus else "bold"
        content = row.draw_at(width - GUTTER - 1, self.chosen, style)
        return self._strip(Content.assemble(" ▸ ", content), width)
