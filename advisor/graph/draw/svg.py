"""An SVG that stands alone: no script, no font or picture from elsewhere; every name is text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from advisor.graph.draw.layout import Place, places
from advisor.graph.draw.look import STATUS, edge_label, look_of, looks_of, plain, statuses_of

if TYPE_CHECKING:
    import networkx as nx

_WIDTH, _HEIGHT, _COLUMN, _ROW, _MARGIN, _TOP, _LEGEND = 210, 34, 450, 58, 24, 34, 34
_LIFT = 42
_DASH = {"open": "", "conditional": ' stroke-dasharray="7 4"', "unknown": ' stroke-dasharray="2 4"'}
_FONT = "system-ui, sans-serif"


def write(graph: nx.MultiDiGraph, title: str = "") -> str:
    spots = places(graph)
    width = max((layer for layer, _ in spots.values()), default=0) * _COLUMN + _WIDTH + 2 * _MARGIN
    height = max((row for _, row in spots.values()), default=0) * _ROW + _HEIGHT + _TOP + _LEGEND + 2 * _MARGIN
    width = max(width, 760, 2 * _MARGIN + round(8.4 * len(plain(title))))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" '
        f'font-family="{_FONT}" font-size="13" role="img">',
        f"<title>{escape(plain(title or 'Who can do what'))}</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#47535c"/></marker></defs>',
        f'<rect width="{width}" height="{height:g}" fill="#ffffff"/>',
        f'<text x="{_MARGIN}" y="26" font-size="14" font-weight="600" fill="#1c2329">{escape(plain(title))}</text>',
        '<g class="edges">',
        *_edges(graph, spots),
        '</g><g class="nodes">',
        *(_node(node, data, spots[node]) for node, data in sorted(graph.nodes(data=True))),
        "</g>",
        *_legend(graph, height - _MARGIN),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _corner(place: Place) -> tuple[float, float]:
    return _MARGIN + place[0] * _COLUMN, _MARGIN + _TOP + place[1] * _ROW


def _edges(graph: nx.MultiDiGraph, spots: dict[str, Place]) -> Iterator[str]:
    """One curve for all edges from one node to another, with their labels; the longest lie under the others' labels."""
    together: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for source, target, data in graph.edges(data=True):
        together.setdefault((source, target), []).append(data)
    length = {pair: spots[pair[1]][0] - spots[pair[0]][0] for pair in together}
    for (source, target), found in sorted(together.items(), key=lambda item: (-length[item[0]], item[0])):
        labels = sorted({edge_label(data) for data in found})
        status = min((data.get("status", "open") for data in found), key=list(STATUS).index)
        yield _edge(source, target, labels, status, spots)


def _edge(source: str, target: str, labels: list[str], status: str, spots: dict[str, Place]) -> str:
    (x1, y1), (x2, y2) = _corner(spots[source]), _corner(spots[target])
    y1, y2 = y1 + _HEIGHT / 2, y2 + _HEIGHT / 2
    lift = _LIFT if spots[target][0] - spots[source][0] > 1 else 0  # over the nodes in between
    if spots[source][0] < spots[target][0]:
        x1, bend = x1 + _WIDTH, (x2 - x1 - _WIDTH) / 2
        curve = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1 - lift:g} {x2 - bend:g} {y2 - lift:g} {x2:g} {y2:g}"
    else:  # back, or within a layer: around the right side
        x1, x2 = x1 + _WIDTH, x2 + _WIDTH
        curve = f"M{x1:g} {y1:g}C{x1 + 70:g} {y1:g} {x2 + 70:g} {y2:g} {x2:g} {y2:g}"
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 - 5 - lift * 3 / 4
    label = plain(labels[0], 40) if len(labels) == 1 else f"{plain(labels[0], 34)} +{len(labels) - 1}"
    ends = f"data-from={quoteattr(plain(source))} data-to={quoteattr(plain(target))}"
    return (
        f'<g class="edge" {ends}><title>{escape("; ".join(map(plain, labels)))}</title>'
        f'<path d="{curve}" fill="none" stroke="#7a858d" stroke-width="1.4"{_DASH[status]} marker-end="url(#head)"/>'
        f'<text x="{x:g}" y="{y:g}" font-size="11" text-anchor="middle" fill="#333d44" '
        f'stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(label)}</text></g>'
    )


def _node(node: str, data: dict[str, Any], place: Place) -> str:
    look = look_of(data)
    x, y = _corner(place)
    label = plain(data.get("label", node))
    return (
        f"<g class={quoteattr('node')} data-id={quoteattr(plain(node))} data-kind={quoteattr(look.word)}>"
        f"<title>{escape(f'{look.word}: {plain(node)}')}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" '
        f'fill="{look.fill}" stroke="{look.line}"/>'
        f'<text x="{x + 10:g}" y="{y + 22:g}" fill="{look.line}">{look.sign}</text>'
        f'<text x="{x + 30:g}" y="{y + 22:g}" fill="#1c2329">{escape(plain(label, 25))}</text></g>'
    )


def _legend(graph: nx.MultiDiGraph, y: float) -> Iterator[str]:
    """Only the signs and lines that the drawing uses."""
    x = float(_MARGIN)
    yield '<g class="legend" font-size="12" fill="#47535c">'
    for look in looks_of(graph):
        yield f'<text x="{x:g}" y="{y:g}"><tspan fill="{look.line}">{look.sign}</tspan> {look.word}</text>'
        x += 34 + 7 * len(look.word)
    for status, word in statuses_of(graph):
        yield f'<path d="M{x:g} {y - 4:g}h26" stroke="#7a858d" stroke-width="1.4"{_DASH[status]}/>'
        yield f'<text x="{x + 32:g}" y="{y:g}">{word}</text>'
        x += 60 + 7 * len(word)
    yield "</g>"
