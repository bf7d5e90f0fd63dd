"""One HTML file with the drawing: search, zoom and a list of neighbours, offline.

The script is ours and fixed; its hash stands in the content security policy, so nothing in a name could ever run.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from advisor.graph.draw import svg
from advisor.graph.draw.look import looks_of, plain, statuses_of
from advisor.reference.data import data_folder

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    folder = data_folder("assets") / "drawing"
    page = (folder / "page.html").read_text(encoding="utf-8")
    style = (folder / "page.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    counts = f"{graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges"
    for name, value in (
        ("policy", f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'; base-uri 'none'"),
        ("style", style),
        ("script", script),
        ("counts", counts),
        ("legend", _legend(graph)),
        ("title", escape(plain(title or "Who can do what"))),
        ("drawing", svg.write(graph, title)),  # last: names in it must not be taken for a place to fill
    ):
        page = page.replace(f"<!--{name}-->", value, 1)
    return page


def _legend(graph: nx.MultiDiGraph) -> str:
    """What the signs and lines mean, always in sight."""
    signs = [f'<li><b style="color:{look.line}">{look.sign}</b> {look.word}</li>' for look in looks_of(graph)]
    lines = [f'<li><i class="{status}"></i> {word}</li>' for status, word in statuses_of(graph)]
    return "".join([*signs, *lines])


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
