"""What stands around a thing, as lines to walk: each node once, with the edge by which it was reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.content import Content

from screens.reasons import who
from screens.signs import ADMINISTRATOR, KINDS, Sign, kind_of, mark
from screens.wording import clean, cut_end

if TYPE_CHECKING:
    import networkx as nx

    from advisor.graph.paths import Path, Paths

MOST_LINES = 2000
_VERBS = {
    "member-of": "is a member of", "attached": "has", "inline": "has", "bounded-by": "is limited by",
    "can-assume": "may assume", "trusts": "trusts", "grants-on": "grants on", "carried-by": "runs",
    "becomes": "becomes", "entitled-to": "is entitled to",
}  # fmt: skip
_LINES = {"open": "──", "conditional": "╌╌", "unknown": "┄┄"}
_CERTAINTY = {"open": 0, "conditional": 1, "unknown": 2}


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
    def label(self) -> str:
        kind = str(self.data.get("kind", ""))
        word = self.data.get("label") or _VERBS.get(kind, kind.replace("-", " "))
        return clean(word) + {"conditional": " if", "unknown": " ?"}.get(self.status, "")


@dataclass(frozen=True)
class Branch:
    """One line of the drawing: a node, the edge that leads to it, and how it hangs together with the lines above."""

    node: str
    data: dict[str, Any]
    at: int
    """The number of its line, and `parent` that of the line from which it was reached (-1: none)."""
    parent: int
    edge: Edge | None = None
    inward: bool = False
    """The edge leads from this node to the one above it."""
    indent: str = ""
    is_last: bool = True
    is_again: bool = False
    """The node stands further up already."""
    selectable: bool = True

    @property
    def key(self) -> str:
        return f"{self.at} {self.node}"

    @property
    def text(self) -> str:
        return f"{self.node} {self.data.get('label', '')} {self.edge.label if self.edge else ''}"

    def draw(self, width: int) -> Content:
        admin = " ▲" if self.data.get("administrator") and self.data.get("kind") != "administrator" else ""
        name = Content.assemble(mark(sign_of(self.data)), " ", label_of(self.node, self.data), (admin, "$risk-high"))
        if self.is_again:
            name = Content.assemble(name, ("  (above)", "$quiet"))
        if self.edge is None:
            return name.stylize("bold").truncate(width, ellipsis=True)
        line = _LINES[self.edge.status]
        ends = ("◂" + line, line) if self.inward else (line, line + "▸")
        fork = self.indent + ("└" if self.is_last else "├")
        style = "$is-unknown" if self.edge.status == "unknown" else "$quiet"
        room = max(width - name.cell_length - len(fork) - 8, 12)
        way = Content.assemble((f"{fork}{ends[0]} ", style), cut_end(self.edge.label, room), (f" {ends[1]} ", style))
        return Content.assemble(way, name).truncate(width, ellipsis=True)


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
            drawn.add_edge(source, target, key=f"hop {label}", kind="becomes", label=label, status=status)
        source = target


def _node_data(node: str, known: nx.MultiDiGraph | None) -> dict[str, Any]:
    if known is not None and node in known:
        return dict(known.nodes[node])
    if node == "administrator":
        return {"kind": "administrator", "label": "administrator", "administrator": True, "outside": False}
    kind = "user" if ":user/" in node else "role" if ":role/" in node else "outside"
    return {"kind": kind, "label": who(node), "outside": kind == "outside"}


def branches(graph: nx.MultiDiGraph, centre: str, hops: int) -> list[Branch]:
    """The lines around the centre, so many hops far, nearest first; at most `MOST_LINES`."""
    depth = _depths(graph, centre, hops)
    lines = [Branch(centre, dict(graph.nodes[centre]), 0, -1)]
    placed, drawn = {centre}, set[tuple[str, str]]()

    def grow(at: int, level: int) -> None:
        parent = lines[at].node
        steps = [step for step in _steps(graph, parent) if _pair(step) not in drawn and step[0] in depth]
        steps = [step for step in steps if depth[step[0]] == level + 1 or not step[2]]
        for node, edge, inward in steps:
            if _pair((node, edge, inward)) in drawn or len(lines) >= MOST_LINES:
                continue
            drawn.add(_pair((node, edge, inward)))
            again = node in placed
            lines.append(Branch(node, dict(graph.nodes[node]), len(lines), at, edge, inward, is_again=again))
            placed.add(node)
            if not again and level + 1 < hops:
                grow(len(lines) - 1, level + 1)

    if hops:
        grow(0, 0)
    return _indented(lines)


def _indented(lines: list[Branch]) -> list[Branch]:
    """The lines with the rails that hold them together."""
    last = {line.parent: line.at for line in lines}
    found: list[Branch] = []
    for line in lines:
        above = found[line.parent] if line.parent >= 0 else None
        rail = "" if above is None or above.parent < 0 else "   " if above.is_last else "│  "
        indent = above.indent + rail if above else ""
        found.append(replace(line, indent=indent, is_last=last[line.parent] == line.at))
    return found


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
    both = [*outward, *(step for step in inward if step[0] != node and not _said(step, leads_to))]
    return sorted(both, key=lambda step: (step[2], _CERTAINTY[step[1].status], step[1].label, step[0]))


def _said(step: tuple[str, Edge, bool], leads_to: set[str]) -> bool:
    """A trust is the other side of a right to assume that is drawn already."""
    return step[0] in leads_to and step[1].data.get("kind") == "trusts"


def _joined(found: Iterable[tuple[str, str, dict[str, Any]]], *, forward: bool) -> Iterator[tuple[str, Edge]]:
    """All edges between two nodes as one, the surest first, with all their words."""
    together: dict[str, list[Edge]] = {}
    for source, target, data in found:
        together.setdefault(target if forward else source, []).append(Edge(source, target, data))
    for node, edges in together.items():
        edges.sort(key=lambda edge: (_CERTAINTY[edge.status], edge.label))
        words = list(dict.fromkeys(edge.data.get("label") or edge.label for edge in edges))
        first = edges[0]
        label = str(words[0]) if len(words) == 1 else f"{words[0]}, and {len(words) - 1} more"
        bare = label.removesuffix(" if").removesuffix(" ?")
        yield node, Edge(first.source, first.target, {**first.data, "label": bare, "all": edges})


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
