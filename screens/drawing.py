"""The drawing: a thing and what stands around it, walked with the arrow keys, written exactly as it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens.base import AdvisorScreen
from screens.details import facts_of, told
from screens.edge_policy import condition_of, policy_behind
from screens.neighbourhood import (
    MOST_LINES,
    Branch,
    branches,
    label_of,
    only_paths,
    shown_graph,
    sign_of,
    with_paths,
)
from screens.reasons import who
from screens.signs import ADMINISTRATOR, KINDS, LINES, mark
from screens.strands import all_branches
from screens.widgets.canvas import Canvas
from screens.widgets.choices import Legend
from screens.widgets.pane import Detail, hanging
from screens.widgets.rows import RowList
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    import networkx as nx

    from advisor.model.snapshot import Snapshot
    from screens.session import Session

MOST_HOPS = 6
_KINDS = ("user", "role", "group", "policy", "resource", "service", "outside-user")
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
    """Nodes beside and under the one they hang on; a line's form says whether it holds now, only if, perhaps."""

    mode = "explore"
    purpose = "What stands around a thing. Arrow keys walk, Enter puts a node into the centre, < and > change how far."
    command = "advisor graph --around NODE --hops N --format svg"
    BINDINGS = [
        Binding("less_than_sign", "hops(-1)", "Nearer", id="drawing.nearer"),
        Binding("greater_than_sign", "hops(1)", "Further", id="drawing.further"),
        Binding("v", "only_paths", "Only paths to ▲", id="drawing.only_paths"),
        Binding("w", "why", "Why this line", id="drawing.why"),
        Binding("e", "export", "Export", id="drawing.export", tooltip="SVG, HTML, dot or Mermaid of what is shown"),
    ]

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
                canvas = Canvas(id="drawing", empty="… being drawn")
                canvas.verb = "Centre"
                yield canvas
                yield Legend((*LINES.values(), *(KINDS[kind] for kind in _KINDS), ADMINISTRATOR))
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
            return centre, graph, conditioned(advisor.snapshot, branches(graph, centre, hops)) if centre else []

        self.in_background("drawing", find, lambda found: self._show(*found))

    def _show(self, centre: str, graph: nx.MultiDiGraph, lines: list[Branch]) -> None:
        self.graph, self.lines = graph, lines
        self.canvas.empty = Content(f"Nothing is known of {clean(who(self.centre))} but its name.")
        self.canvas.show_lines(lines)
        if not centre:
            return
        self.centre = centre
        nodes = len({line.node for line in lines})
        more = f", the first {MOST_LINES:,} lines of more" if len(lines) >= MOST_LINES else ""
        far = "only paths to ▲" if self.is_only_paths else count(self.hops, "hop")
        self.set_title(f"around {label_of(centre, graph.nodes[centre])}", f"{count(nodes, 'node')}{more} · {far}")

    @property
    def branch(self) -> Branch | None:
        return self.canvas.branch

    @property
    def canvas(self) -> Canvas:
        return self.query_one("#drawing", Canvas)

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

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        chosen = self.branch
        if chosen is None or chosen.node in (self.centre, "administrator"):
            is_end = chosen is not None and chosen.node != self.centre
            self.say("This is where paths end." if is_end else "It is in the centre already.")
            return
        self._before.append(self.centre)
        self.centre = chosen.node
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
        shown = all_branches(self.canvas.rows)
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


def conditioned(snapshot: Snapshot, lines: list[Branch]) -> list[Branch]:
    """The lines, each that holds only if something is with what that is."""
    for line in lines:
        for edge in (line.edge, *line.edge.data["all"]) if line.edge else ():
            if edge.status == "conditional" and not edge.data.get("if"):
                edge.data["if"] = condition_of(snapshot, edge)
    return lines


def edge_told(edge: object) -> str:
    """`ana is a member of devs`, `DevAccess · 3 grants on acme-dev-sandbox`."""
    from screens.neighbourhood import Edge

    assert isinstance(edge, Edge)
    statement = edge.data.get("statement")
    by = f" (statement {statement} of {short_name(str(edge.data.get('by') or 'its trust policy'))})"
    condition = edge.data.get("if")
    only_if = f", if {condition}" if condition else ", under its conditions"
    sure = {"conditional": only_if, "unknown": ", perhaps: not all was read"}.get(edge.status, "")
    return f"{who(edge.source)} {edge.words} {who(edge.target)}{by if statement is not None else ''}{sure}"
