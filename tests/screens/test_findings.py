"""Home and Findings: what fails, with the change beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.screens.stage import WIDE, staged, until


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def test_home_shows_the_practices_and_the_worst(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.text()
    assert "PRACTICES" in text
    assert "WORST FIRST" in text
    assert "can become administrator" in text
    assert any(line.startswith(" ▸ !!!") for line in text.splitlines())


async def test_a_finding_is_two_keys_from_its_preview(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("5", "p")
    assert "preview:" in text
    assert "<resources>" not in text, "what needs values first is left out where something else mends it"
    assert "1 change · 1 call" in text


async def test_a_change_that_needs_values_asks_for_them(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("5", "slash")
        await stage.type("pass any role")
        text = await stage.press("enter", "p")
    assert "f Give values" in text
    assert "<resources>" in text


async def test_the_change_stands_beside_the_finding(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("5")
        text = await stage.text(0.1)
    assert "Change" in text
    assert "Calls" in text


async def test_an_accepted_risk_needs_a_reason_and_comes_back(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        opened = await stage.press("5")
        before = int(opened.split(" open")[0].split()[-1])
        await stage.press("x")
        assert "Accept the risk" in await stage.press("enter")
        await stage.type("known")
        await stage.press("enter")
        await stage.type("M. Reyes")
        text = await stage.press("enter")
        assert f"{before - 1} open · 1 accepted" in text


async def test_plus_adds_the_change_to_the_plan_once(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        assert "Added." in await stage.press("5", "plus")
        assert "has it already" in await stage.press("plus")


async def test_the_findings_are_written_as_they_are_shown(
    account_files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with staged(account_files, WIDE) as stage:
        await stage.press("5")
        known = stage.app.session.known_findings
        assert known is not None
        await stage.press("e", "g")
        assert "Written to" in await stage.press("enter")
    with next(tmp_path.glob("iam-findings-*.csv")).open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[-1] == "id"
    found = rows[: rows.index([])]
    assert [row[-1] for row in found] == [one.id for one in known.findings]
    assert [row[3] for row in found] == [one.title for one in known.findings]


async def test_the_policy_behind_a_finding_is_shown_with_its_statement_marked(account_files: list[str]) -> None:
    async with staged(account_files, (200, 50)) as stage:
        await until(lambda: stage.app.session.known_paths is not None)
        await stage.press("5", "slash")
        await stage.type("pass any role")
        text = await stage.press("enter")
        assert "Policy    § DevAccess" in text
        marked = [line for line in text.splitlines() if '"iam:PassRole"' in line]
        assert len(marked) == 2 and all("▌" in line for line in marked), "in the detail, and in the policy beside it"
        assert any('"Version"' in line and "▌" not in line for line in text.splitlines())


async def test_a_way_to_administrator_stands_hop_by_hop_in_its_finding(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        await until(lambda: stage.app.session.known_paths is not None)
        await stage.press("5", "slash")
        await stage.type("become administrator in 2")
        text = await stage.press("enter")
        assert "▲ administrator" in text and "◆ OpsRole" in text
        assert '"Resource": "*"' not in text
        assert '"Resource": "*"' in await stage.press("w"), "why: the lines of the policies"


async def test_explore_tells_what_is_wrong_with_a_thing_and_previews_the_change(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await until(lambda: stage.app.session.known_paths is not None)
        await stage.press("3", "slash")
        await stage.type("chris")
        text = await stage.press("enter")
        text = await stage.text(0.2)
        assert "becomes ▲ administrator" in text
        assert "Recommended" in text
        assert "preview" in await stage.press("p")
        await stage.press("escape", "x")
        assert "Accept the risk" in await stage.text()
        await stage.press("escape")
        assert "plan 1" in await stage.press("plus") or "Added." in await stage.text()
