"""Graphviz dot. Source: graphviz.org, "The DOT Language": a quoted string escapes only the quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.graph.draw.look import edge_label, look_of, plain

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
    return "\n".join([*lines, "}", ""])


def _quoted(text: object) -> str:
    """A quoted string. A backslash would begin one of dot's own escapes (`\\N`, `\\l`), so it is doubled."""
    return '"' + plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
