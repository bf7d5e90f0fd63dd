"""The drawing around a thing: walked, centred, limited to paths, written exactly as it is shown."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

from screens.neighbourhood import branches, shown_graph
from tests.screens.stage import WIDE, staged

pytestmark = pytest.mark.usefixtures("own_home")


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
    assert [line.node for line in lines if not line.is_again] == ["a", "b", "c"]
    assert lines[-1].is_last
    assert "└╌╌ may assume if ╌╌▸ ◆ c" in lines[-1].draw(80).plain


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
