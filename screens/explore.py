"""Explore: everything the account holds, as lists to walk through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens import inventory
from screens.details import detail_of
from screens.inventory import Thing
from screens.judged import JudgedScreen, judged_drawn
from screens.path_words import risk_of
from screens.signs import ADMINISTRATOR, BECOMES, CERTAINTY, NOT_READ, PERHAPS, Sign
from screens.signs import KINDS as SIGNS
from screens.tables import Table
from screens.widgets.choices import Legend, choices
from screens.widgets.columns import Column, head
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList
from screens.wording import short_name

if TYPE_CHECKING:
    from screens.session import Session

KINDS: tuple[tuple[str, str, tuple[Column, ...]], ...] = (
    ("principals", "Principals", inventory.PRINCIPALS),
    ("groups", "Groups", inventory.GROUPS),
    ("policies", "Policies", inventory.POLICIES),
    ("resources", "Resources", inventory.RESOURCES),
    ("outside", "Outside", inventory.OUTSIDE),
)
DETAIL_DELAY = 0.08
_LEGENDS: dict[str, tuple[Sign, ...]] = {
    "principals": (ADMINISTRATOR, BECOMES, PERHAPS, NOT_READ, SIGNS["group"], SIGNS["policy"]),
    "groups": (SIGNS["group"], SIGNS["policy"]),
    "policies": (SIGNS["policy"],),
    "resources": (SIGNS["resource"], NOT_READ),
    "outside": (SIGNS["outside-user"], SIGNS["outside-role"], SIGNS["outside-resource"], SIGNS["service"]),
}


class ExploreScreen(JudgedScreen):
    """Lists of principals, groups, policies, resources and outsiders, with the detail of the selected one."""

    mode = "explore"
    purpose = "Everything in the account and who stands outside it. Enter opens a thing; from there all policies."
    command = "advisor graph --around NODE"
    kept = ("kind", "by_name")
    BINDINGS = [
        Binding(
            "v,right,l",
            "kind(1)",
            "Next list",
            id="explore.next",
            tooltip="Principals, groups, policies, resources, outside",
        ),
        Binding("left,h", "kind(-1)", "List before", id="explore.before", show=False),
        Binding("w", "what_can", "What it can", id="explore.what_can"),
        Binding("n", "draw", "Draw", id="explore.draw", tooltip="What stands around it"),
        Binding("o", "order", "Order", id="explore.order", show=False),
        Binding("e", "write", "Export", id="explore.write", tooltip="The list as CSV, JSON or Markdown"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Explore", "principals"))
        self.kind = 0
        self.by_name = False
        self._places: dict[int, str] = {}

    def body(self) -> ComposeResult:
        yield Drawn(self._tabs_of_kinds, id="kinds")
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                yield RowList(id="things")
                yield Legend()
            yield Detail()

    def _tabs_of_kinds(self, width: int) -> Content:
        return choices([title for _, title, _ in KINDS], self.kind, "screen.show_kind({})")

    def show_account(self) -> None:
        self._fill()

    def action_kind(self, step: int) -> None:
        self.action_show_kind((self.kind + step) % len(KINDS))

    def action_show_kind(self, index: int) -> None:
        rows = self.query_one("#things", RowList)
        if rows.row:
            self._places[self.kind] = rows.row.key
        self.close_filter()
        self.kind = index
        self.query_one("#kinds", Drawn).show(self._tabs_of_kinds)
        self._fill()
        if index in self._places:
            rows.go_to(self._places[index])

    def action_order(self) -> None:
        self.by_name = not self.by_name
        self._fill()
        self.say("Ordered by name." if self.by_name else "Ordered by risk.")

    def _fill(self) -> None:
        name, _, columns = KINDS[self.kind % len(KINDS)]
        rows = self.query_one("#things", RowList)
        rows.set_head(lambda width: head(columns, width))
        things = self._things(name)
        if self.by_name:
            things = sorted(things, key=lambda thing: thing.text.lower())
        rows.empty = Content(_EMPTY[name])
        self.query_one(Legend).show(_LEGENDS[name])
        rows.show_rows(things)
        self.crumbs = ("Explore", name)
        self._count()

    def _things(self, name: str) -> list[Thing]:
        snapshot = self.session.snapshot
        if snapshot is None:
            return []
        if name == "principals":
            things = inventory.principals(snapshot, self.session.now, self._risk)
            return things if self.by_name else sorted(things, key=self._rank)
        makers: dict[str, Callable[..., list[Thing]]] = {
            "groups": inventory.groups,
            "policies": inventory.policies,
            "resources": inventory.resources,
            "outside": inventory.outside,
        }
        return makers[name](snapshot)

    def _risk(self, arn: str) -> Content:
        return risk_of(self.session, arn)

    def _rank(self, thing: Thing) -> tuple[int, int]:
        if thing.key in self.session.administrators:
            return -1, 0
        path = self.session.nearest_path(thing.key)
        return (CERTAINTY[path.status], len(path.hops)) if path else (9, 0)

    def session_changed(self, what: str) -> None:
        if what in ("account", "paths"):
            self._fill()
        elif what == "findings":
            self._show_detail(self.thing)
            self.refresh_bindings()

    def _count(self) -> None:
        rows = self.query_one("#things", RowList)
        so_far = " so far" if self.session.is_partial else ""
        total = f"{rows.total:,}{so_far}" if not rows.needle else f"{len(rows.rows):,} of {rows.total:,}"
        self.set_title(
            KINDS[self.kind][0], f"{total} · by {'name' if self.by_name else 'risk'}" if not self.kind else total
        )

    def filter_changed(self) -> None:
        self._count()

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self._detail_timer = self.set_timer(DETAIL_DELAY, lambda: self._show_detail(message.row))  # type: ignore[arg-type]

    def _show_detail(self, row: Thing | None) -> None:
        rows = self.query_one("#things", RowList)
        if rows.row is not row or self.session.snapshot is None:
            return
        title, right, draw = detail_of(self.session.snapshot, row, self.session.now)

        def with_judgement(width: int) -> Content:
            return Content("\n").join([*judged_drawn(self.session, row.key if row else "", width), draw(width)])

        self.query_one(Detail).show(title, right, with_judgement)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        from screens.node import NodeScreen

        thing = message.row
        assert isinstance(thing, Thing)
        self.app.push_screen(NodeScreen(self.session, thing.kind, thing.key, self.crumbs))

    @property
    def thing(self) -> Thing | None:
        row = self.query_one("#things", RowList).row
        return row if isinstance(row, Thing) else None

    @property
    def subject(self) -> str:
        return self.thing.key if self.thing else ""

    def word_of(self, action: str) -> str:
        is_resource = self.thing is not None and self.thing.kind == "resource"
        return "Who can read it" if action == "what_can" and is_resource else ""

    def why_not(self, action: str) -> str:
        if action in ("what_can", "draw") and self.thing is None:
            return "There is nothing in this list to look at."
        if action == "what_can" and self.thing is not None and self.thing.kind not in ("user", "role", "resource"):
            return "Only users and roles can do things, and only resources can be read: a asks about the rest."
        if action == "order" and self.kind:
            return "This list is ordered by name."
        return super().why_not(action)

    def action_what_can(self) -> None:
        from screens.ask import AskScreen

        if self.thing is None:
            return
        is_resource = self.thing.kind == "resource"
        tab, text = ("who", f"read {self.thing.key}") if is_resource else ("what", self.thing.key)
        self.app.push_screen(AskScreen(self.session, tab=tab, text=text))

    def action_draw(self) -> None:
        from screens.drawing import draw_around

        draw_around(self, self.thing.key if self.thing else "")

    def copied(self) -> str:
        return self.thing.key if self.thing else ""

    def copies(self) -> list[tuple[str, str]]:
        return [("its name", short_name(self.thing.key))] if self.thing else []

    def command_here(self) -> str:
        if self.thing is not None and self.thing.kind in ("user", "role"):
            return f"advisor what-can {self.thing.key}"
        return f"advisor graph --around {self.thing.key}" if self.thing else ""

    def shown_table(self) -> Table | None:
        name, _, columns = KINDS[self.kind]
        rows = [row for row in self.query_one("#things", RowList).rows if isinstance(row, Thing)]
        cells = (tuple(cell if isinstance(cell, str) else cell.plain for cell in row.cells()) for row in rows)
        titles = tuple(column.title or "sign" for column in columns)
        return Table(name, (*titles, "id"), tuple((*one, row.key) for one, row in zip(cells, rows, strict=True)))


_EMPTY = {
    "principals": "No user and no role was read.",
    "groups": "This account has no groups.",
    "policies": "No managed policy was read.",
    "resources": "No resource was read: an account export alone holds none. c says what would tell.",
    "outside": "Nobody outside the account is named in a policy that was read.",
}
