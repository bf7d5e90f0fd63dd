"""Nodes and edges as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    return msgspec.json.format(msgspec.json.encode(as_values(graph)), indent=2).decode() + "\n"


def as_values(graph: nx.MultiDiGraph) -> dict[str, list[dict[str, Any]]]:
    """`{"nodes": [{"id", "kind", "label", "outside", …}], "edges": [{"source", "target", "kind", "status", …}]}`."""
    nodes = [{"id": node, **data} for node, data in sorted(graph.nodes(data=True))]
    edges = [
        {"source": source, "target": target, **data}
        for source, target, data in sorted(graph.edges(data=True), key=lambda edge: (edge[0], edge[1], str(edge[2])))
    ]
    return {"nodes": nodes, "edges": edges}
