"""Drawings of a graph, or of a part of it: dot, Mermaid, GraphML, JSON, and SVG and HTML that stand alone.

Names in an account are hostile: each format escapes them in its own way, and nothing in them becomes markup or script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from advisor.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx

FORMATS = ("dot", "mermaid", "svg", "html", "graphml", "json")


def draw(graph: nx.MultiDiGraph, format: str, *, title: str = "") -> str:
    """The graph as text in one of `FORMATS`.

    Raises:
        UsageError: for a format that is not among them.
    """
    if format not in FORMATS:
        raise UsageError(f"`{format}` is no format of a drawing", advice=f"choose one of: {', '.join(FORMATS)}")
    return _writer(format)(graph, title)


def _writer(format: str) -> Callable[[nx.MultiDiGraph, str], str]:
    from importlib import import_module

    module = import_module(f"advisor.graph.draw.{format}")
    writer: Callable[[nx.MultiDiGraph, str], str] = module.write
    return writer
