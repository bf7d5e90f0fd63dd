"""Mermaid flowchart. Node ids are our own numbers; labels are quoted, with entity codes for all that is special."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.graph.draw.look import edge_label, look_of, looks_of, plain, statuses_of

if TYPE_CHECKING:
    import networkx as nx

_ARROW = {"open": "-->", "conditional": "-.->", "unknown": "-.->"}


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    lines = ["flowchart LR"]
    if title:
        lines.append(f"  %% {_escaped(title)}")
    ids = {node: f"n{number}" for number, node in enumerate(sorted(graph.nodes))}
    classes: dict[str, list[str]] = {}
    for node, name in ids.items():
        data = graph.nodes[node]
        look = look_of(data)
        lines.append(f'  {name}["{look.sign} {_escaped(data.get("label", node))}"]')
        classes.setdefault(f"fill:{look.fill},stroke:{look.line}", []).append(name)
    for source, target, data in sorted(
        graph.edges(data=True), key=lambda edge: (edge[0], edge[1], edge_label(edge[2]))
    ):
        arrow = _ARROW[data.get("status", "open")]
        lines.append(f'  {ids[source]} {arrow}|"{_escaped(edge_label(data))}"| {ids[target]}')
    lines += _legend(graph)
    for number, (style, names) in enumerate(sorted(classes.items())):
        lines += [f"  classDef k{number} {style},color:#111;", f"  class {','.join(names)} k{number};"]
    return "\n".join([*lines, ""])


def _legend(graph: nx.MultiDiGraph) -> Iterator[str]:
    """What the signs and lines mean, in a box of its own."""
    yield '  subgraph legend ["signs"]'
    for number, look in enumerate(looks_of(graph)):
        yield f'    l{number}["{look.sign} {look.word}"]'
        yield f"    style l{number} fill:{look.fill},stroke:{look.line},color:#111"
    for status, word in statuses_of(graph):
        yield f'    l{status}1[" "] {_ARROW[status]}|"{word}"| l{status}2[" "]'
    yield "  end"


def _escaped(text: object) -> str:
    """Every character that Mermaid, Markdown or HTML could take as its own becomes an entity code."""
    return "".join(
        char if char.isalnum() or char in " -_./:@+=,…?*§■●◆≡" else f"#{ord(char)};" for char in plain(text, 80)
    )
