"""A change applied to the demo account and taken back, in the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from screens.app import AdvisorApp
from screens.apply import RunScreen
from screens.preview import PreviewScreen
from screens.welcome import demo
from screens.widgets.rows import RowList
from tests.screens.stage import screen_text, settle

pytest.importorskip("moto")


async def until(holds: object, seconds: float = 60) -> None:
    """Wait for something that is worked out in a thread."""
    for _ in range(int(seconds * 10)):
        if holds():  # type: ignore[operator]
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come in time")


async def test_a_change_is_armed_applied_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: app.session.known_findings is not None)
        await settle(pilot)
        await pilot.press("5")
        await settle(pilot)
        rows = app.screen.query_one("#findings", RowList)
        row = next(row for row in rows.rows if "Passwords may be short" in row.text)
        rows.go_to(row.key)
        await pilot.press("p")
        await until(lambda: isinstance(app.screen, PreviewScreen) and app.screen.found and app.screen.found.access)
        await settle(pilot)

        await pilot.press("A")
        await settle(pilot)
        assert "Arm the account first" in screen_text(app)
        await pilot.press("exclamation_mark", "enter")
        await settle(pilot)
        assert "ARMED" in screen_text(app).splitlines()[0]

        await pilot.press("A")
        await settle(pilot)
        asked = screen_text(app)
        assert "Apply 1 call to acme-demo 1111 2222 3333?" in asked
        assert "gained 0" in asked
        assert "Undo: 1 call ready" in asked
        assert "▸ " in next(line for line in asked.splitlines() if "Keep looking" in line)
        app.screen.query_one("#deed").focus()
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, RunScreen) and app.screen.state and not app.screen.is_applying)
        await settle(pilot)
        assert "1 of 1 calls done · finished" in screen_text(app)

        await pilot.press("u")
        await until(lambda: app.screen.state.status == "undone")  # type: ignore[attr-defined]
        await settle(pilot)
        assert "undone" in screen_text(app)
        journal = next((tmp_path / "iam-advisor" / "journal").glob("*.jsonl"), None)
        assert journal is None or journal.stat().st_mode & 0o077 == 0
