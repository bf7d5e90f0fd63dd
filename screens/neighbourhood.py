"""What stands around a thing, as lines to walk: each node once, with the edge by which it was reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from screens.reasons import conditions_short, who
from screens.signs import ADMINISTRATOR, CERTAINTY, KINDS, Sign, kind_of
from screens.wording import clean, cut_end

if TYPE_CHECKING:
    import networkx as nx

    from advisor.graph.paths import Path, Paths

MOST_LINES = 2000
MOST_CONDITION = 24
_VERBS = {
    "member-of": "is a member of", "attached": "has", "inline": "has", "bounded-by": "is limited by",
    "can-assume": "may assume", "trusts": "trusts", "grants-on": "grants on", "carried-by": "runs",
    "becomes": "becomes", "entitled-to": "is entitled to",
}  # fmt: skip
_ORDER = {"member-of": 0, "attached": 1, "inline": 1, "bounded-by": 2, "becomes": 3, "can-assume": 4}
"""What a thing holds stands before what it can do."""


@dataclass(frozen=True)
class Edge:
    """From one node to another; `data` is what the graph says of it, or the hop of a path."""

    source: str
    target: str
    data: dict[str, Any]

    @property
    def status(self) -> str:
        return str(self.data.get("status", "open"))

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", ""))

    @property
    def words(self) -> str:
        """What it says, of several edges the first."""
        return clean(self.data.get("label") or _VERBS.get(self.kind, self.kind.replace("-", " ")))

    @property
    def mark(self) -> str:
        """What stands behind the words and is never cut: how many more there are, `if`, `?`."""
        more = len(self.data.get("all_words", ())) - 1
        condition = cut_end(f" if {self.data.get('if', '')}", MOST_CONDITION).rstrip()
        return (f" +{more}" if more > 0 else "") + {"conditional": condition, "unknown": " ?"}.get(self.status, "")

    @property
    def label(self) -> str:
        return self.words + self.mark


@dataclass(frozen=True)
class Branch:
    """One thing of the drawing: a node, the edge that leads to it, and from which one it was reached."""

    node: str
    data: dict[str, Any]
    at: int
    """The number of its line, and `parent` that of the line from which it was reached (-1: none)."""
    parent: int
    edge: Edge | None = None
    inward: bool = False
    """The edge leads from this node to the one above it."""
    elsewhere: str = ""
    """`above` or `below`: where the node stands with what hangs on it; empty where that is here."""

    @property
    def text(self) -> str:
        return f"{self.node} {self.data.get('label', '')} {self.edge.label if self.edge else ''}"


def sign_of(data: dict[str, Any]) -> Sign:
    """The sign of a node: hollow for what is outside of the account."""
    kind = str(data.get("kind", ""))
    if kind == "administrator":
        return ADMINISTRATOR
    if kind == "service":
        return KINDS["service"]
    return kind_of(f"outside-{kind}") if data.get("outside") and f"outside-{kind}" in KINDS else kind_of(kind)


def label_of(node: str, data: dict[str, Any]) -> str:
    label = str(data.get("label") or node)
    if data.get("kind") == "account":
        return f"account {who(label)}" if label.isdecimal() else clean(label)
    return clean(label)


def with_paths(graph: nx.MultiDiGraph, found: Paths | None) -> nx.MultiDiGraph:
    """The graph with an edge for each hop of the ways to administrators; administrators are marked."""
    drawn = graph.copy()
    for arn in found.admins if found else ():
        if arn in drawn:
            drawn.nodes[arn]["administrator"] = True
    for path in found.paths if found else ():
        _add_path(drawn, path)
    return drawn


def only_paths(graph: nx.MultiDiGraph, found: Paths, centre: str) -> nx.MultiDiGraph:
    """Just the ways to administrators that begin at the centre or lead through it."""
    import networkx as nx

    drawn: nx.MultiDiGraph = nx.MultiDiGraph()
    drawn.add_node(centre, **graph.nodes.get(centre, {"kind": "outside", "label": who(centre)}))
    for path in found.paths:
        if centre in (path.source, *(hop.target for hop in path.hops)):
            _add_path(drawn, path, graph)
    return drawn


def _add_path(drawn: nx.MultiDiGraph, path: Path, known: nx.MultiDiGraph | None = None) -> None:
    source = path.source
    for number, hop in enumerate(path.hops, 1):
        is_end = number == len(path.hops) and (hop.target == source or hop.target == "")
        target = "administrator" if is_end else hop.target
        for node in (source, target):
            if node not in drawn:
                drawn.add_node(node, **_node_data(node, known))
        if number == len(path.hops):
            drawn.nodes[target]["administrator"] = True
        status = "unknown" if hop.state == "unknown" or hop.gaps else "conditional" if hop.conditions else "open"
        label = hop.title or hop.technique
        if not drawn.has_edge(source, target, key=f"hop {label}"):
            told = {"label": label, "status": status, "if": conditions_short(hop.conditions)}
            drawn.add_edge(source, target, key=f"hop {label}", kind="becomes", **told)
        source = target


def _node_data(node: str, known: nx.MultiDiGraph | None) -> dict[str, Any]:
    if known is not None and node in known:
        return dict(known.nodes[node])
    if node == "administrator":
        return {"kind": "administrator", "label": "administrator", "administrator": True, "outside": False}
    kind = "user" if ":user/" in node else "role" if ":role/" in node else "outside"
    return {"kind": kind, "label": who(node), "outside": kind == "outside"}


def branches(graph: nx.MultiDiGraph, centre: str, hops: int) -> list[Branch]:
    """The lines around the centre, so many hops far; at most `MOST_LINES`.

    A node hangs where it is nearest to the centre; where another edge leads to it, it is only named.
    """
    depth = _depths(graph, centre, hops)
    lines = [Branch(centre, dict(graph.nodes[centre]), 0, -1)]
    home, drawn = {centre: 0}, set[tuple[str, str]]()

    def grow(at: int, level: int) -> None:
        parent = lines[at].node
        steps = [step for step in _steps(graph, parent) if _pair(step) not in drawn and step[0] in depth]
        steps = [step for step in steps if depth[step[0]] == level + 1 or not step[2]]
        for node, edge, inward in steps:
            if _pair((node, edge, inward)) in drawn or len(lines) >= MOST_LINES:
                continue
            drawn.add(_pair((node, edge, inward)))
            is_home = node not in home and depth[node] == level + 1
            lines.append(Branch(node, dict(graph.nodes[node]), len(lines), at, edge, inward))
            if is_home:
                home[node] = len(lines) - 1
            if is_home and level + 1 < hops:
                grow(len(lines) - 1, level + 1)

    if hops:
        grow(0, 0)
    return [replace(line, elsewhere=_elsewhere(line, home)) for line in lines]


def _elsewhere(line: Branch, home: dict[str, int]) -> str:
    at = home.get(line.node, line.at)
    return "" if at == line.at else "above" if at < line.at else "below"


def _pair(step: tuple[str, Edge, bool]) -> tuple[str, str]:
    return step[1].source, step[1].target


def _depths(graph: nx.MultiDiGraph, centre: str, hops: int) -> dict[str, int]:
    depth, level = {centre: 0}, [centre]
    for number in range(1, hops + 1):
        after = (node for one in level for node in (*graph.successors(one), *graph.predecessors(one)))
        level = [node for node in dict.fromkeys(after) if node not in depth]
        depth.update(dict.fromkeys(level, number))
    return depth


def _steps(graph: nx.MultiDiGraph, node: str) -> list[tuple[str, Edge, bool]]:
    """(other node, edge, whether it leads here) for all that is next to a node: what it leads to first."""
    outward = [(target, edge, False) for target, edge in _joined(graph.out_edges(node, data=True), forward=True)]
    inward = [(source, edge, True) for source, edge in _joined(graph.in_edges(node, data=True), forward=False)]
    leads_to = {target for target, _, _ in outward}
    leads_here = {source for source, edge, _ in inward if edge.data.get("kind") == "can-assume"}
    both = [
        *(step for step in outward if not _said(step, leads_here)),
        *(step for step in inward if step[0] != node and not _said(step, leads_to)),
    ]
    return sorted(
        both,
        key=lambda step: (step[2], _ORDER.get(step[1].kind, 9), CERTAINTY[step[1].status], step[1].label, step[0]),
    )


def _said(step: tuple[str, Edge, bool], others: set[str]) -> bool:
    """A trust is the other side of a right to assume, which is drawn."""
    return step[0] in others and all(edge.data.get("kind") == "trusts" for edge in step[1].data["all"])


def _joined(found: Iterable[tuple[str, str, dict[str, Any]]], *, forward: bool) -> Iterator[tuple[str, Edge]]:
    """All edges between two nodes as one, the surest first, with all their words."""
    together: dict[str, list[Edge]] = {}
    for source, target, data in found:
        together.setdefault(target if forward else source, []).append(Edge(source, target, data))
    for node, edges in together.items():
        edges.sort(key=lambda edge: (CERTAINTY[edge.status], edge.label))
        words = tuple(dict.fromkeys(edge.words for edge in edges))
        first = edges[0]
        yield node, Edge(first.source, first.target, {**first.data, "all": edges, "all_words": words})


def shown_graph(graph: nx.MultiDiGraph, lines: Iterable[Branch]) -> nx.MultiDiGraph:
    """The part of the graph that the lines show, and no more: what an export writes."""
    import networkx as nx

    drawn: nx.MultiDiGraph = nx.MultiDiGraph()
    for line in lines:
        drawn.add_node(line.node, **graph.nodes[line.node])
    for line in lines:
        for edge in line.edge.data["all"] if line.edge else ():
            drawn.add_edge(edge.source, edge.target, **edge.data)
    return drawn
