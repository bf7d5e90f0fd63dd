"""Paths to administrators, the cheapest cut, and the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.stage import WIDE, staged


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def test_who_can_become_administrator_and_by_which_statements(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4")
        assert "3 can become ▲" in text
        assert "↑1     ◆ OpsRole" in text
        text = await stage.press("j")
        assert "│ 1  runs a new Lambda function" in text
        assert "§ DevAccess · 1 PassAny" in text


async def test_all_paths_to_their_preview_in_three_keys(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4", "m")
        assert "19 of 19 paths closed" in text
        text = await stage.press("p")
        assert "preview: the cut" in text
        assert "iam:CreatePolicyVersion" in text


async def test_risk_stands_first_in_explore(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("3")
    lines = [line for line in text.splitlines() if "▲" in line or "↑" in line]
    assert "ben" in lines[0]
    assert any("↑2" in line and "chris" in line for line in lines)


async def test_home_counts_administrators_and_who_can_become_one(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.text()
    assert "▲ 2 administrators" in text
    assert "↑ 3 can become one" in text


async def test_the_plan_adds_up_and_a_change_can_be_left_out(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("4", "m", "plus")
        text = await stage.press("8")
        assert "closes 19 of 19 paths" in text.splitlines()[-2]
        assert "[x] 1" in text
        assert "[ ] 1" in await stage.press("space")
        assert "Nothing is ticked" in await stage.press("p") or "plan is empty" in await stage.text()


async def test_a_file_is_never_armed(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("8", "exclamation_mark")
        assert "A file cannot be changed" in text
        assert "READ-ONLY" in text.splitlines()[0]


async def test_tolerated_principals_are_left_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("4", "m", "t")
        text = await stage.press("space", "enter")
        assert "tolerated: ▲ OpsRole" in text
