"""Home and Findings: what fails, with the change beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.screens.stage import WIDE, staged


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
