"""The drawing around a thing: walked, centred, limited to paths, written exactly as it is shown."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.neighbourhood import branches, shown_graph
from screens.strands import all_branches, strands
from screens.widgets.canvas import Canvas
from tests.screens.stage import WIDE, staged

pytestmark = pytest.mark.usefixtures("own_home")
WORDS = ("has", "runs a new Lambda function as the role", "gives a function a layer or a start-up variable of its own")


def chain() -> nx.MultiDiGraph:
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for node in "abcd":
        graph.add_node(node, kind="role", label=node, outside=False)
    graph.add_edge("a", "b", kind="can-assume", status="open")
    graph.add_edge("b", "c", kind="can-assume", status="conditional")
    graph.add_edge("c", "d", kind="can-assume", status="unknown")
    graph.add_edge("b", "a", kind="trusts", status="open")
    return graph


def test_each_node_stands_once_and_only_so_far() -> None:
    lines = branches(chain(), "a", 2)
    assert [line.node for line in lines] == ["a", "b", "c"], "a trust is the other side of what is drawn"
    drawn = [strand.draw(80).plain for strand in strands(lines, 80)]
    assert drawn == [" ◆ a ──may assume──▸ ◆ b ╌╌may assume if╌╌▸ ◆ c "]


def test_what_has_no_room_beside_hangs_below_and_no_name_is_lost() -> None:
    lines = branches(chain(), "a", 3)
    drawn = [strand.draw(44).plain for strand in strands(lines, 44)]
    assert drawn == [
        " ◆ a ",
        " └──may assume──▸ ◆ b ",
        "                  └╌╌may assume if╌╌▸ ◆ c ",
        "                     └┄┄may assume ?┄┄▸ ◆ d ",
    ]


def test_a_node_hangs_where_it_is_nearest() -> None:
    graph = chain()
    graph.add_edge("a", "d", kind="trusts", status="open")
    lines = branches(graph, "a", 3)
    assert {line.node: line.elsewhere for line in lines if line.parent == 0} == {"b": "", "d": ""}
    assert [line.elsewhere for line in lines if line.node == "d" and line.parent > 0] == ["below"]


@given(
    edges=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(WORDS)), min_size=1, max_size=40),
    width=st.integers(40, 130),
    hops=st.integers(1, 6),
)
def test_a_drawing_has_everything_once_in_its_width_and_nothing_over_another(
    edges: list[tuple[int, int, str]], width: int, hops: int
) -> None:
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    for source, target, words in edges:
        for node in (source, target):
            graph.add_node(f"n{node}", kind="role", label="node " * (node % 4) + f"n{node}", outside=False)
        graph.add_edge(f"n{source}", f"n{target}", kind="becomes", label=words, status="open")
    lines = branches(graph, f"n{edges[0][0]}", hops)
    drawn = strands(lines, width)
    assert sorted(branch.at for branch in all_branches(drawn)) == [line.at for line in lines]
    for strand in drawn:
        for before, piece in pairwise(strand.pieces):
            assert before.end <= piece.x, strand.draw(200).plain
        if strand.pieces[-1].x <= width - 30:
            assert strand.pieces[-1].end <= width, strand.draw(200).plain


def test_an_export_holds_what_is_shown_and_no_more() -> None:
    graph = chain()
    shown = shown_graph(graph, branches(graph, "a", 1))
    assert set(shown.nodes) == {"a", "b"}
    assert all({source, target} <= {"a", "b"} for source, target in shown.edges())


async def test_a_drawing_is_walked_and_centred(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("4", "j", "n")
        assert "around chris" in text or "around" in text
        assert "only paths to ▲" in text
        text = await stage.press("v")
        assert "2 hops" in text
        assert "is a member of" in text
        before = text
        await stage.press("j", "enter")
        assert "around" in await stage.text()
        assert (await stage.press("escape")).splitlines()[2] == before.splitlines()[2]


async def test_a_drawing_is_written_as_it_is_shown(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("3", "n", "e")
        text = await stage.press("enter")
    assert "Written to" in text
    (file,) = own_home.glob("iam-drawing-*.svg")
    assert ElementTree.fromstring(file.read_text()).tag.endswith("svg")
    assert "snapshot" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


async def test_arrow_keys_and_clicks_go_where_they_point(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("4", "j", "n", "v")
        canvas = stage.app.screen.query_one(Canvas)
        text = await stage.press("right")
        assert canvas.branch is not None and canvas.branch.parent == 0
        first = canvas.branch.data["label"]
        assert f"[≡ {first}]" in text or f"[◆ {first}]" in text or f"[§ {first}]" in text
        await stage.press("down")
        assert canvas.branch.at > 1
        await stage.press("g")
        assert canvas.branch.at == 0
        last = canvas.lines[-1].data["label"]
        assert "]" in await stage.click(f" {last}")
        assert canvas.branch.data["label"] == last


async def test_a_drawing_that_is_cut_short_says_so(account_files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.neighbourhood.MOST_LINES", 3)
    monkeypatch.setattr("screens.drawing.MOST_LINES", 3)
    async with staged(account_files, WIDE) as stage:
        assert "the first 3 lines of more" in await stage.press("4", "j", "n", "v")
