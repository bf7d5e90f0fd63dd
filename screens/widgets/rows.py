"""A list of one-line rows that draws only what is seen: the same at twenty rows and at twenty thousand.

The cursor is `▸` in a gutter of its own (a fill alone vanishes without colours) and stays on its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

GUTTER = 3


class Row(Protocol):
    """What a list shows: `key` tells it from others, `text` is what filters look at, `draw` gives its one line."""

    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def selectable(self) -> bool: ...
    def draw(self, width: int) -> Content: ...


@dataclass(frozen=True)
class Line:
    """A row of which the line is at hand: headings, menus, anything short."""

    key: str
    content: Content
    selectable: bool = True
    right: Content | None = None
    """Stands at the right edge and is the last thing to be cut."""
    value: object = None

    @property
    def text(self) -> str:
        return self.content.plain + (self.right.plain if self.right else "")

    def draw(self, width: int) -> Content:
        return spread(self.content, self.right, width)


def heading(text: str, right: str = "") -> Line:
    return Line(
        f"heading {text}", Content.styled(text, "bold"), selectable=False, right=Content.styled(right, "$quiet")
    )


def blank(key: str = "") -> Line:
    return Line(f"blank {key}", Content(""), selectable=False)


def spread(left: Content, right: Content | None, width: int) -> Content:
    """Left text and right text on one line; the left gives way."""
    if right is None or not right.plain:
        return left.truncate(width, ellipsis=True)
    room = max(width - right.cell_length - 1, 0)
    return Content.assemble(left.truncate(room, ellipsis=True, pad=True), " ", right)


class RowList(ScrollView, can_focus=True):
    """The list. Posts `Moved` when the cursor is on another row, `Opened` for Enter or a click on the selected row."""

    DEFAULT_CSS = """
    RowList { height: 1fr; background: $background; overflow-x: hidden; scrollbar-size: 0 1; }
    RowList > .rows--cursor { background: $panel; color: $foreground; }
    RowList:focus > .rows--cursor { background: $primary 30%; color: $foreground; text-style: bold; }
    RowList:ansi > .rows--cursor { background: ansi_default; }
    RowList:focus:ansi > .rows--cursor { background: ansi_default; text-style: reverse; }
    """
    COMPONENT_CLASSES = {"rows--cursor"}
    BINDINGS = [
        Binding("down,j", "move(1)", "Down", id="rows.down", show=False),
        Binding("up,k", "move(-1)", "Up", id="rows.up", show=False),
        Binding("home,g", "ends(-1)", "First", id="rows.first", show=False),
        Binding("end,G", "ends(1)", "Last", id="rows.last", show=False),
        Binding("ctrl+d,pagedown", "half(1)", "Half a page down", id="rows.half_down", show=False),
        Binding("ctrl+u,pageup", "half(-1)", "Half a page up", id="rows.half_up", show=False),
        Binding("enter", "open", "Open", id="rows.open"),
    ]
    cursor: reactive[int] = reactive(-1, init=False)

    @dataclass
    class Moved(Message):
        """The cursor is on another row (or on none: `row` is `None`)."""

        rows: RowList
        row: Row | None

        @property
        def control(self) -> RowList:
            return self.rows

    @dataclass
    class Opened(Message):
        """Enter, or a click on the selected row."""

        rows: RowList
        row: Row

        @property
        def control(self) -> RowList:
            return self.rows

    def __init__(
        self,
        rows: Sequence[Row] = (),
        *,
        head: Callable[[int], Content] | None = None,
        id: str | None = None,
        empty: str = "",
    ) -> None:
        super().__init__(id=id)
        self._all: Sequence[Row] = rows
        self.rows: Sequence[Row] = rows
        self._head = head
        self.empty: Content = Content(empty)
        self.needle = ""
        self._strips: dict[tuple[str, int, int, str], Strip] = {}
        self.stale = False
        self.wanted = ""
        """The row to go to as soon as it is there: where the cursor was when the app was left."""
        self.verb = "Open"
        """What Enter does, for the footer; empty where it does nothing."""

    def on_mount(self) -> None:
        self._measure()
        if self.cursor < 0:
            self.cursor = self._next_selectable(-1, 1)
            if self.cursor >= 0:  # rows that were there from the start: nothing moved, but one is selected
                self.post_message(self.Moved(self, self.row))

    def show_rows(self, rows: Sequence[Row], *, keep: bool = True) -> None:
        """Show other rows; the cursor stays on its row where that is still there, else at its height."""
        key = self.row.key if keep and self.row else None
        before = self.cursor
        self._all = rows
        self._strips.clear()
        self.stale = False
        self._narrow()
        self._place(key, before)
        if self.wanted and self.go_to(self.wanted):
            self.wanted = ""

    def filter(self, needle: str) -> None:
        """Keep the rows that hold all words of `needle`, in any order and case."""
        key = self.row.key if self.row else None
        self.needle = needle
        self._narrow()
        self._place(key, 0)

    def set_head(self, head: Callable[[int], Content] | None) -> None:
        self._head = head
        self._measure()

    def dim(self) -> None:
        """Show that what stands here belongs to an earlier question."""
        self.stale = True
        self._strips.clear()
        self.refresh()

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def total(self) -> int:
        return len(self._all)

    @property
    def unfiltered(self) -> Sequence[Row]:
        return self._all

    def go_to(self, key: str) -> bool:
        """Put the cursor on a row by its key; say whether it is there."""
        found = next((index for index, row in enumerate(self.rows) if row.key == key), None)
        if found is not None:
            self.cursor = found
        return found is not None

    def _narrow(self) -> None:
        words = self.needle.lower().split()
        self.rows = (
            [row for row in self._all if row.selectable and all(word in row.text.lower() for word in words)]
            if words
            else self._all
        )
        self._measure()

    def _place(self, key: str | None, height: int) -> None:
        found = (
            next((index for index, row in enumerate(self.rows) if row.key == key), None) if key is not None else None
        )
        wanted = found if found is not None else min(max(height, 0), len(self.rows) - 1)
        if wanted >= 0 and not self.rows[wanted].selectable:
            after = self._next_selectable(wanted, 1)
            wanted = after if after >= 0 else self._next_selectable(wanted, -1)
        changed = wanted != self.cursor
        self.cursor = wanted
        if not changed:
            self._moved()
        self.refresh()

    def _measure(self) -> None:
        if self.styles.is_auto_height:
            self.refresh(layout=True)
        self.virtual_size = Size(max(self.size.width, 1), len(self.rows) + (self._head is not None))

    def on_resize(self) -> None:
        self._strips.clear()
        self._measure()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def watch_cursor(self) -> None:
        self.refresh()
        self._moved()

    def _moved(self) -> None:
        if not self.is_mounted:
            return
        if self.cursor >= 0:
            top = 1 if self._head is not None else 0
            self.scroll_to_region(
                Region(0, self.cursor + top, 1, 1).expand((0, 0)), animate=False, force=True, immediate=True
            )
            if top and self.cursor - int(self.scroll_y) < 0:
                self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)
        self._place_terminal_cursor()
        self.screen.refresh_bindings()
        self.post_message(self.Moved(self, self.row))

    def _place_terminal_cursor(self) -> None:
        """The terminal's own cursor sits on the row, for screen readers."""
        if self.has_focus and self.cursor >= 0:
            top = 1 if self._head is not None else 0
            line = self.cursor + top - int(self.scroll_y)
            self.app.cursor_position = self.content_region.offset + Offset(1, max(line, 0))

    def on_focus(self) -> None:
        self.refresh()
        self._place_terminal_cursor()

    def on_blur(self) -> None:
        self.refresh()

    def _next_selectable(self, start: int, step: int) -> int:
        index = start + step
        while 0 <= index < len(self.rows):
            if self.rows[index].selectable:
                return index
            index += step
        return -1

    def action_move(self, step: int) -> None:
        found = self._next_selectable(self.cursor, step)
        if found >= 0:
            self.cursor = found
        elif step < 0:
            self.scroll_to(y=0, animate=False)

    def action_ends(self, end: int) -> None:
        found = self._next_selectable(len(self.rows), -1) if end > 0 else self._next_selectable(-1, 1)
        if found >= 0:
            self.cursor = found

    def action_half(self, direction: int) -> None:
        aim = self.cursor + direction * max(self.size.height // 2, 1)
        aim = min(max(aim, 0), len(self.rows) - 1)
        if aim < 0:
            return
        found = aim if self.rows[aim].selectable else self._next_selectable(aim, direction)
        if found >= 0:
            self.cursor = found
        else:
            self.action_ends(direction)

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    async def _on_click(self, event: events.Click) -> None:
        if await self.app._broker_event("click", event, self.screen):
            return
        line = event.y - (1 if self._head is not None else 0)
        index = line + int(self.scroll_y)
        if line < 0 or not 0 <= index < len(self.rows) or not self.rows[index].selectable:
            return
        if index == self.cursor:
            self.action_open()
        else:
            self.cursor = index

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if self._head is not None:
            if y == 0:
                return self._strip(
                    Content.assemble(" " * GUTTER, self._head(width - GUTTER - 1).stylize("$quiet")), width
                )
            y -= 1
        index = y + int(self.scroll_y)
        if not self.rows and self.empty.plain:
            return self._empty_line(int(self.scroll_y) + y, width)
        if not 0 <= index < len(self.rows):
            return Strip.blank(width, self.rich_style)
        return self._row_strip(index, width)

    def _empty_line(self, y: int, width: int) -> Strip:
        """Why there is nothing, wrapped: the way on stands at its end."""
        lines = self.empty.wrap(max(width - GUTTER - 1, 10))
        return self._strip(Content.assemble(" " * GUTTER, lines[y] if y < len(lines) else ""), width)

    def _row_strip(self, index: int, width: int) -> Strip:
        row = self.rows[index]
        here = index == self.cursor and row.selectable
        state = "cursor" if here and self.has_focus else "here" if here else "stale" if self.stale else ""
        cache_key = (row.key, index, width, state)
        if (strip := self._strips.get(cache_key)) is None:
            if len(self._strips) > 2000:
                self._strips.clear()
            content = (getattr(row, "draw_here", row.draw) if here else row.draw)(width - GUTTER - 1)
            gutter = " ▸ " if here else " " * GUTTER
            if here:  # signs take the cursor's colour
                content = (
                    Content.assemble(gutter, content).without_spans
                    if self.has_focus
                    else Content.assemble(gutter, content)
                )
            else:
                content = Content.assemble(gutter, content)
            if self.stale:
                content = content.without_spans.stylize("$quiet")
            strip = self._strips[cache_key] = self._strip(content, width, here=here)
        return strip

    def _strip(self, content: Content, width: int, *, here: bool = False) -> Strip:
        style = self.visual_style
        if here:
            style = self.get_visual_style("rows--cursor")
            # get_visual_style leaves `reverse` out, which is all that marks the row on 16 colours
            style += Style(reverse=self.get_component_styles("rows--cursor").text_style.reverse)
        content = content.truncate(width)
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False)
        strip = strips[0] if strips else Strip.blank(width)
        rich_style: RichStyle = style.rich_style
        return strip.adjust_cell_length(width, rich_style)
