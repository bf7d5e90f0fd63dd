"""`graph`: the account as a drawing or as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import command, into_option
from advisor.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx

    from advisor.cli.session import Session

FORMATS = ("dot", "mermaid", "svg", "html", "graphml", "json")


@command("graph", formats=FORMATS)
@click.option("--around", metavar="NODE", help="Only the part around this ARN or name.")
@click.option("--hops", type=click.IntRange(min=0), default=1, show_default=True, help="How far around it.")
@into_option
def graph(session: Session, around: str | None, hops: int, into: str | None) -> None:
    """The account as a graph, or the part around NODE: dot, Mermaid, SVG, HTML (stands alone), GraphML or JSON."""
    from advisor.graph.draw import draw

    account = session.account
    whole = account.graph
    part = _part(whole, around, hops) if around else whole
    if session.is_json and into is None:
        from advisor.graph.draw.json import as_values

        session.emit(as_values(part))
        return
    title = f"{account.snapshot.alias or account.snapshot.account}{f', around {around}' if around else ''}"
    session.save(draw(part, session.format, title=title), into)


def _part(whole: nx.MultiDiGraph, around: str, hops: int) -> nx.MultiDiGraph:
    from advisor.graph.build import find_node, neighbourhood

    node = find_node(whole, around)
    if node is None:
        raise UsageError(f"there is no node `{around}`, or several have that name", advice="give its whole ARN")
    return neighbourhood(whole, node, hops)
