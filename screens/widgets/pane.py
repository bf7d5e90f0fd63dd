"""Text that is drawn anew for each width: details, cards, traces."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from screens.wording import clean

Draw = Callable[[int], Content]


def nothing(width: int) -> Content:
    return Content("")


class Drawn(Widget):
    """Shows what `draw` gives for its width."""

    auto_links = False
    DEFAULT_CSS = "Drawn { height: auto; width: 1fr; }"

    def __init__(self, draw: Draw = nothing, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw

    def show(self, draw: Draw) -> None:
        self._draw = draw
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._draw(width).get_height({}, width) if width > 0 else 0

    def render(self) -> Content:
        return self._draw(self.content_size.width)


class Rule(Widget):
    """A title in a line across: heavy and bold while what is under it has the focus."""

    auto_links = False
    DEFAULT_CSS = "Rule { height: 1; width: 1fr; }"
    left: reactive[Content] = reactive(Content(""))
    right: reactive[Content] = reactive(Content(""))
    heavy: reactive[bool] = reactive(False)

    def __init__(
        self, left: Content | str = "", right: Content | str = "", *, id: str | None = None, heavy: bool = False
    ) -> None:
        super().__init__(id=id)
        self.set_reactive(Rule.left, Content(left) if isinstance(left, str) else left)
        self.set_reactive(Rule.right, Content(right) if isinstance(right, str) else right)
        self.set_reactive(Rule.heavy, heavy)

    def render(self) -> Content:
        return ruled(self.left, self.right, self.content_size.width, heavy=self.heavy)


def ruled(left: Content, right: Content, width: int, *, heavy: bool = False) -> Content:
    """`━━ Home ━━━━━━ 15 open ━━`, as wide as it may be."""
    line = "━" if heavy else "─"
    tail = Content.assemble(" ", right, " ", line * 2) if right.plain else Content("")
    room = max(width - tail.cell_length - 4, 0)
    title = left.truncate(room, ellipsis=True)
    title = title.stylize("bold") if heavy else title
    fill = max(width - title.cell_length - tail.cell_length - (4 if title.plain else 0), 0)
    if not title.plain:
        return Content.assemble(Content.styled(line * fill, "$quiet"), tail.stylize_before("$quiet"))
    return Content.assemble(
        Content.styled(line * 2, "$quiet"),
        " ",
        title,
        " ",
        Content.styled(line * fill, "$quiet"),
        tail.stylize_before("$quiet"),
    )


class Pane(VerticalScroll, can_focus=True):
    """Text that scrolls, by the keys that lists have too."""

    BINDINGS = [
        Binding("down,j", "scroll_down", "Down", id="pane.down", show=False),
        Binding("up,k", "scroll_up", "Up", id="pane.up", show=False),
        Binding("ctrl+d,pagedown", "page_down", "Page down", id="pane.page_down", show=False),
        Binding("ctrl+u,pageup", "page_up", "Page up", id="pane.page_up", show=False),
        Binding("home,g", "scroll_home", "First", id="pane.first", show=False),
        Binding("end,G", "scroll_end", "Last", id="pane.last", show=False),
    ]


class Detail(Pane):
    """What is known of the selected row, under (or beside) the list, with a title rule. Scrolls on its own.

    Until there is something to show the list has all the room.
    """

    DEFAULT_CSS = """
    Detail { height: auto; max-height: 50%; scrollbar-size-vertical: 1; background: $background; }
    Detail.-nothing { display: none; }
    """

    def compose(self) -> ComposeResult:
        yield Rule(id="detail-rule")
        yield Drawn(id="detail-text")

    def on_mount(self) -> None:
        self.add_class("-nothing")

    def show(self, title: Content, right: Content, draw: Draw) -> None:
        self.remove_class("-nothing")
        rule = self.query_one("#detail-rule", Rule)
        rule.left, rule.right = title, right
        self.query_one("#detail-text", Drawn).show(draw)
        self.scroll_home(animate=False)

    def on_focus(self) -> None:
        self.query_one("#detail-rule", Rule).heavy = True

    def on_blur(self) -> None:
        self.query_one("#detail-rule", Rule).heavy = False


def hanging(label: str, text: str, width: int, style: str = "") -> Content:
    """A label and its text, wrapped so that the text stands in a column of its own."""
    room = max(width - 14, 20)
    lines = textwrap.wrap(clean(text), room, break_on_hyphens=False) or [""]
    first = Content.assemble((f"   {label:<10}", "$quiet"), (lines[0], style))
    return Content("\n").join([first, *(Content.styled(" " * 13 + one, style) for one in lines[1:])])
