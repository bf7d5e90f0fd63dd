"""The drawing: a thing and what stands around it, walked line by line, written exactly as it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens.base import AdvisorScreen
from screens.details import facts_of, told
from screens.neighbourhood import (
    Branch,
    branches,
    label_of,
    only_paths,
    shown_graph,
    sign_of,
    with_paths,
)
from screens.reasons import who
from screens.signs import mark
from screens.widgets.pane import Detail, Drawn, hanging
from screens.widgets.rows import RowList
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    import networkx as nx

    from screens.session import Session

MOST_HOPS = 6
FORMATS = {
    "svg": ("SVG picture", "svg"),
    "html": ("HTML page that stands alone", "html"),
    "dot": ("Graphviz dot", "dot"),
    "mermaid": ("Mermaid", "mmd"),
}


def draw_around(screen: AdvisorScreen, thing: str) -> None:
    """Open the drawing around a principal, policy, resource or outsider."""
    if not thing:
        screen.say("Choose something to draw first.")
        return
    screen.app.push_screen(DrawingScreen(screen.session, thing, screen.crumbs))


class DrawingScreen(AdvisorScreen):
    """Nodes as lines under the one they hang on; the line's form says whether the edge holds now, only if, perhaps."""

    mode = "explore"
    purpose = "What stands around a thing. Arrow keys walk, Enter puts a node into the centre, < and > change how far."
    command = "advisor graph --around NODE --hops N --format svg"
    BINDINGS = [
        Binding("less_than_sign", "hops(-1)", "Nearer", id="drawing.nearer"),
        Binding("greater_than_sign", "hops(1)", "Further", id="drawing.further"),
        Binding("v", "only_paths", "Only paths to ▲", id="drawing.only_paths"),
        Binding("w", "why", "Why this line", id="drawing.why"),
        Binding("e", "export", "Export", id="drawing.export", tooltip="SVG, HTML, dot or Mermaid of what is shown"),
        Binding("left,h", "walk_out", "To what it hangs on", id="drawing.out", show=False),
        Binding("right,l", "walk_in", "To what hangs on it", id="drawing.in", show=False),
    ]
    legend: ClassVar[str] = " ── now  ╌╌ only if  ┄┄ unknown"

    def __init__(self, session: Session, centre: str, trail: tuple[str, ...] = ("Explore",)) -> None:
        super().__init__(session, (*trail[:1], f"around {who(centre)}"))
        self.centre = centre
        self.hops = 2
        self.is_only_paths = False
        self.graph: nx.MultiDiGraph | None = None
        self.lines: list[Branch] = []
        self._before: list[str] = []
        """Centres that Enter left behind: Esc goes back to them."""

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                rows = RowList(id="drawing", empty="… being drawn")
                rows.verb = "Centre"
                yield rows
                yield Drawn(lambda width: Content.styled(self.legend, "$quiet"), id="lines-legend")
            yield Detail()

    def show_account(self) -> None:
        self._draw()

    def session_changed(self, what: str) -> None:
        if what in ("account", "paths"):
            self._draw()

    def why_not(self, action: str) -> str:
        if action == "only_paths" and self.session.known_paths is None:
            return "The paths to administrators are still being searched."
        if action == "why" and (self.branch is None or self.branch.edge is None):
            return "The centre has no line of its own: choose another."
        return ""

    def _draw(self) -> None:
        advisor, paths = self.session.advisor, self.session.known_paths
        if advisor is None:
            return

        def find() -> tuple[str, nx.MultiDiGraph, list[Branch]]:
            from advisor.graph.build import find_node

            graph = with_paths(advisor.graph, paths)
            centre = self.centre if self.centre in graph else find_node(graph, self.centre) or ""
            if self.is_only_paths and paths is not None and centre:
                graph = only_paths(graph, paths, centre)
            hops = 2 * MOST_HOPS if self.is_only_paths else self.hops
            return centre, graph, branches(graph, centre, hops) if centre else []

        self.in_background("drawing", find, lambda found: self._show(*found))

    def _show(self, centre: str, graph: nx.MultiDiGraph, lines: list[Branch]) -> None:
        rows = self.query_one("#drawing", RowList)
        self.graph, self.lines = graph, lines
        rows.empty = Content(f"Nothing is known of {clean(who(self.centre))} but its name.")
        rows.show_rows(lines, keep=False)
        rows.action_ends(-1)
        if not centre:
            return
        self.centre = centre
        nodes = len({line.node for line in lines})
        far = "only paths to ▲" if self.is_only_paths else count(self.hops, "hop")
        self.set_title(f"around {label_of(centre, graph.nodes[centre])}", f"{count(nodes, 'node')} · {far}")

    @property
    def branch(self) -> Branch | None:
        row = self.query_one("#drawing", RowList).row
        return row if isinstance(row, Branch) else None

    def action_hops(self, step: int) -> None:
        wanted = min(max(self.hops + step, 1), MOST_HOPS)
        if wanted == self.hops or self.is_only_paths:
            self.say("Paths are drawn whole." if self.is_only_paths else f"It goes from 1 to {MOST_HOPS} hops.")
            return
        self.hops = wanted
        self._draw()

    def action_only_paths(self) -> None:
        self.is_only_paths = not self.is_only_paths
        self._draw()

    def action_walk_out(self) -> None:
        if self.branch is not None and self.branch.parent >= 0:
            self._go(self.lines[self.branch.parent])

    def action_walk_in(self) -> None:
        here = self.branch
        child = next((line for line in self.lines if here is not None and line.parent == here.at), None)
        if child is not None:
            self._go(child)

    def _go(self, line: Branch) -> None:
        self.query_one("#drawing", RowList).go_to(line.key)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        assert isinstance(message.row, Branch)
        if message.row.node in (self.centre, "administrator"):
            self.say("It is in the centre already." if message.row.node == self.centre else "This is where paths end.")
            return
        self._before.append(self.centre)
        self.centre = message.row.node
        self._draw()

    def action_back(self) -> None:
        if self._before and not self.query_one("#filter").has_class("-open"):
            self.centre = self._before.pop()
            self._draw()
        else:
            super().action_back()

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        line, snapshot = self.branch, self.session.snapshot
        self.refresh_bindings()
        if line is None or snapshot is None:
            return
        kind, now = str(line.data.get("kind", "")), self.session.now
        facts = facts_of(snapshot, kind, line.node, now) if kind != "administrator" else []

        def draw(width: int) -> Content:
            edges = line.edge.data["all"] if line.edge else ()
            ways = [hanging("line" if at == 0 else "", edge_told(edge), width) for at, edge in enumerate(edges)]
            return Content("\n").join([*ways, told(facts, width)])

        title = Content.assemble(label_of(line.node, line.data), "  ", mark(sign_of(line.data), word=False))
        self.query_one(Detail).show(title, Content(""), draw)

    def action_why(self) -> None:
        """The policy behind the line, at its statement."""
        from screens.edge_policy import policy_behind
        from screens.policy import PolicyScreen

        line, snapshot = self.branch, self.session.snapshot
        edges = line.edge.data["all"] if line is not None and line.edge else ()
        for edge in edges:
            found = policy_behind(snapshot, edge) if snapshot else None
            if found is not None:
                name, document, marked = found
                self.app.push_screen(PolicyScreen(self.session, name, document, self.crumbs, marked))
                return
        is_path = any(edge.data.get("kind") == "becomes" for edge in edges)
        there = "The hops of this path, with their statements, are in 4 Paths."
        self.say(there if is_path else "No policy stands behind this line: it is how the account is built.")

    def action_export(self) -> None:
        from screens.write import WriteScreen

        snapshot, graph = self.session.snapshot, self.graph
        if snapshot is None or graph is None or not self.lines:
            self.say("There is nothing to write yet.")
            return
        shown = [line for line in self.query_one("#drawing", RowList).rows if isinstance(line, Branch)]
        title = self.written_title(snapshot.account, snapshot.digest)

        def write(format: str) -> str:
            from advisor.graph.draw import draw

            return draw(shown_graph(graph, shown), format, title=title)

        name = f"iam-drawing-{short_name(self.centre)}"
        menu = WriteScreen("drawing", FORMATS, name, write)
        self.app.push_screen(menu, lambda said: self.say(said) if said else None)

    def written_title(self, account: str, digest: str) -> str:
        """Title, account, digest, coverage and time, in one line of the drawing."""
        from screens.coverage_words import coverage

        read = coverage(self.session).plain or "all read"
        return (
            f"around {who(self.centre)} · account {account} · snapshot {digest[:19]} · {read} · "
            f"{self.session.now:%Y-%m-%d %H:%M} UTC"
        )

    def copied(self) -> str:
        return self.branch.node if self.branch else ""

    def command_here(self) -> str:
        return f"advisor graph --around {self.centre} --hops {self.hops} --format svg"


def edge_told(edge: object) -> str:
    """`ana is a member of devs`, `DevAccess · 3 grants on acme-dev-sandbox`."""
    from screens.neighbourhood import Edge

    assert isinstance(edge, Edge)
    statement = edge.data.get("statement")
    by = f" (statement {statement} of {short_name(str(edge.data.get('by') or 'its trust policy'))})"
    sure = {"conditional": ", under its conditions", "unknown": ", perhaps: not all was read"}.get(edge.status, "")
    label = edge.label.removesuffix(" if").removesuffix(" ?")
    return f"{who(edge.source)} {label} {who(edge.target)}{by if statement is not None else ''}{sure}"
