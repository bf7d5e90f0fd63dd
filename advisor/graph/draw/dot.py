"""Graphviz dot. Source: graphviz.org, "The DOT Language": a quoted string escapes only the quote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.graph.draw.look import edge_label, look_of, looks_of, plain, statuses_of

if TYPE_CHECKING:
    import networkx as nx

_STYLE = {"open": "solid", "conditional": "dashed", "unknown": "dotted"}


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    lines = ["digraph account {", "  rankdir=LR;", '  node [shape=box, style="rounded,filled", fontname="sans-serif"];']
    if title:
        lines.append(f"  label={_quoted(title)};")
    for node, data in sorted(graph.nodes(data=True)):
        look = look_of(data)
        label = _quoted(f"{look.sign} {data.get('label', node)}")
        lines.append(
            f'  {_quoted(node)} [label={label}, tooltip={_quoted(node)}, fillcolor="{look.fill}", color="{look.line}"];'
        )
    for source, target, data in sorted(
        graph.edges(data=True), key=lambda edge: (edge[0], edge[1], edge_label(edge[2]))
    ):
        style = _STYLE[data.get("status", "open")]
        lines.append(f"  {_quoted(source)} -> {_quoted(target)} [label={_quoted(edge_label(data))}, style={style}];")
    return "\n".join([*lines, *_legend(graph), "}", ""])


def _legend(graph: nx.MultiDiGraph) -> Iterator[str]:
    """What the signs and lines mean, in a box of its own."""
    yield '  subgraph cluster_legend {\n    label="signs"; fontname="sans-serif"; color="#9aa4ab"; rank=same;'
    for number, look in enumerate(looks_of(graph)):
        label = _quoted(f"{look.sign} {look.word}")
        yield f'    "legend {number}" [label={label}, fillcolor="{look.fill}", color="{look.line}"];'
    for status, word in statuses_of(graph):
        ends = f'"legend {status} from" -> "legend {status} to"'
        yield f'    "legend {status} from" [label="", shape=point]; "legend {status} to" [label="", shape=point];'
        yield f"    {ends} [label={_quoted(word)}, style={_STYLE[status]}];"
    yield "  }"


def _quoted(text: object) -> str:
    """A quoted string. A backslash would begin one of dot's own escapes (`\\N`, `\\l`), so it is doubled."""
    return '"' + plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
