"""GraphML, for Gephi, yEd and networkx. Source: graphml.graphdrawing.org, "The GraphML File Format"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from advisor.graph.draw.look import looks_of, plain, statuses_of

if TYPE_CHECKING:
    import networkx as nx

_NODE_KEYS = ("kind", "label", "outside", "type", "administrator")
_EDGE_KEYS = ("kind", "status", "label", "by", "statement")


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    lines += [f'  <key id="n_{key}" for="node" attr.name="{key}" attr.type="string"/>' for key in _NODE_KEYS]
    lines += [f'  <key id="e_{key}" for="edge" attr.name="{key}" attr.type="string"/>' for key in _EDGE_KEYS]
    lines.append(f'  <graph id={quoteattr(plain(title) or "account")} edgedefault="directed">')
    lines.append(f"    <desc>{escape(plain(title))}. {escape(_legend(graph))}</desc>")
    for node, data in sorted(graph.nodes(data=True)):
        lines += [f"    <node id={quoteattr(plain(node))}>", *_values("n", _NODE_KEYS, data), "    </node>"]
    for source, target, data in sorted(graph.edges(data=True), key=lambda edge: (edge[0], edge[1], str(edge[2]))):
        head = f"    <edge source={quoteattr(plain(source))} target={quoteattr(plain(target))}>"
        lines += [head, *_values("e", _EDGE_KEYS, data), "    </edge>"]
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def _legend(graph: nx.MultiDiGraph) -> str:
    """What the kinds and statuses mean, for whoever opens the file."""
    kinds = ", ".join(f"{look.sign} {look.word}" for look in looks_of(graph))
    lines = ", ".join(f"{status}: {word}" for status, word in statuses_of(graph))
    return f"Nodes: {kinds}. Edges by status: {lines}."


def _values(prefix: str, keys: tuple[str, ...], data: dict[str, Any]) -> Iterator[str]:
    for key in keys:
        if data.get(key) is not None:
            value = str(data[key]).lower() if isinstance(data[key], bool) else str(data[key])
            yield f'      <data key="{prefix}_{key}">{escape(plain(value))}</data>'
