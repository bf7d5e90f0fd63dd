"""Drawings: each format is what it claims to be, and stays inert whatever the names hold."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import networkx as nx
import pytest

from advisor.errors import UsageError
from advisor.graph.build import build_graph
from advisor.graph.draw import FORMATS, draw
from advisor.graph.draw.layout import places
from tests.graph.labs import Lab, allow, trusting

HOSTILE = (
    '"]; rm [label="x',
    "<script>alert(1)</script>",
    "</text><script>alert(1)</script>",
    "<!--drawing--><!--script-->",
    "]]>&lt;&amp;'\"`;%%",
    'x"] --> y; click x "javascript:alert(1)"',
    "back\\slash\\N and\nnewline\r\x1b[31mred\x00",
    "\u202eevil\u2066",
    "end\nsubgraph x",
)


def _graph() -> nx.MultiDiGraph:
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for name in HOSTILE:
        graph.add_node(name, kind="user", label=name, outside=False)
    for one, other in pairwise(HOSTILE):
        graph.add_edge(one, other, kind="member-of", status="open", label=one)
    return graph


def _account() -> nx.MultiDiGraph:
    lab = Lab()
    lab.group("people", allow("s3:*"))
    lab.user("ana", groups=("people",))
    lab.role("job", trusting(service="lambda.amazonaws.com"))
    return build_graph(lab.open())


@pytest.mark.parametrize("format", FORMATS)
def test_no_character_that_cannot_be_seen_gets_through(format: str) -> None:
    text = draw(_graph(), format, title=HOSTILE[6])
    if format == "json":
        assert len(json.loads(text)["nodes"]) == len(HOSTILE)
        return  # data, to be escaped by who shows it
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", text)


def test_svg_and_graphml_are_well_formed_and_hold_no_script() -> None:
    for format in ("svg", "graphml"):
        root = ElementTree.fromstring(draw(_graph(), format, title=HOSTILE[2]))
        assert not [element for element in root.iter() if element.tag.lower().endswith("script")]
        assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]


def test_html_holds_one_script_and_it_is_ours() -> None:
    page = draw(_graph(), "html", title=HOSTILE[1])
    assert page.count("<script") == 1
    assert "alert(1)</script>" not in page
    assert "https://" not in page.replace("https://www.w3.org", "")
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", page)


def test_html_policy_names_the_hash_of_its_script() -> None:
    import base64
    import hashlib

    page = draw(_account(), "html")
    script = page.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page


def test_dot_names_end_where_they_should() -> None:
    text = draw(_graph(), "dot")
    quoted = r'"(?:[^"\\]|\\.)*"'
    line = re.compile(rf"  {quoted}(?: -> {quoted})? \[(?:[a-z]+=(?:{quoted}|[a-z]+)(?:, )?)+\];")
    body = text.split("  subgraph cluster_legend")[0].splitlines()[3:]
    assert body and all(line.fullmatch(entry) for entry in body)


def test_mermaid_names_are_entities() -> None:
    text = draw(_graph(), "mermaid")
    before, legend = text.split("  subgraph legend")
    for entry in (*before.splitlines()[1:], *legend.split("  end\n")[1].splitlines()):
        assert re.fullmatch(r'  (%%.*|n\d+\["[^"<>&`]*"\]|n\d+ -[-.]*>\|"[^"<>&`]*"\| n\d+|class(Def)? .*)', entry), (
            entry
        )


def test_json_is_the_graph() -> None:
    value = json.loads(draw(_account(), "json"))
    assert {node["kind"] for node in value["nodes"]} == {"group", "policy", "role", "service", "user"}
    assert {"source", "target", "kind", "status"} <= set(value["edges"][0])


def test_layers_lead_from_left_to_right_and_cycles_end() -> None:
    graph: nx.MultiDiGraph = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("a", "c"), ("d", "d")])
    spots = places(graph)
    assert spots["a"][0] < spots["b"][0] < spots["c"][0]
    assert len(set(spots.values())) == 4


def test_a_long_chain_is_laid_out() -> None:
    graph: nx.MultiDiGraph = nx.MultiDiGraph([(str(at), str(at + 1)) for at in range(5_000)])
    assert max(layer for layer, _ in places(graph).values()) == 5_000


def test_the_legend_names_what_is_drawn_and_nothing_else() -> None:
    legend = draw(_account(), "svg").split('class="legend"')[1]
    assert "service" in legend and "now" in legend
    assert "identity provider" not in legend and "only if" not in legend


@pytest.mark.parametrize("format", ["dot", "mermaid", "graphml", "html", "svg"])
def test_every_written_drawing_carries_its_legend(format: str) -> None:
    legend = draw(_account(), format)
    for sign, word in (("●", "user"), ("◆", "role"), ("§", "policy"), ("", "now")):
        assert re.search(rf"{sign}(</\w+>)? ?{word}", legend), word
    assert "identity provider" not in legend


def test_an_unknown_format_says_which_there_are() -> None:
    with pytest.raises(UsageError, match="is no format of a drawing"):
        draw(_account(), "png")


def test_equal_graphs_are_drawn_equal() -> None:
    assert all(draw(_account(), format) == draw(_account(), format) for format in FORMATS)
