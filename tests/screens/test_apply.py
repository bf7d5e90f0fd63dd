"""A change applied to the demo account and taken back, in the app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot

from advisor.change.journal import is_waited_for
from advisor.change.undo_preview import UndoPreview, undo_preview
from advisor.model.difference import AccessChange, Difference
from screens.app import AdvisorApp
from screens.confirm import ConfirmScreen
from screens.plan_effect import access_told
from screens.preview import PreviewScreen
from screens.run import RunScreen
from screens.welcome import demo
from screens.widgets.rows import RowList
from tests.screens.stage import screen_text, settle, staged, until

pytest.importorskip("moto")


@asynccontextmanager
async def short_passwords(size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[None]]:
    """The demo account armed, with the preview of a change to its password policy."""
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=size) as pilot:
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
        yield pilot


async def has_ended(app: AdvisorApp, status: str) -> str:
    await until(lambda: isinstance(app.screen, RunScreen) and not app.screen.is_applying)
    await until(lambda: app.screen.state.status == status)  # type: ignore[attr-defined]
    await until(lambda: app.session.reading is None or app.session.reading.finished)
    await asyncio.sleep(0.1)
    return screen_text(app)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


async def test_a_change_is_armed_applied_and_taken_back(own_state: Path) -> None:
    async with short_passwords() as pilot:
        app: AdvisorApp = pilot.app  # type: ignore[assignment]
        await pilot.press("A")
        await settle(pilot)
        asked = screen_text(app)
        assert "Apply 1 call to acme-demo 1111 2222 3333?" in asked
        assert "gained 0" in asked
        assert "Undo: 1 call ready" in asked
        assert "▸ Apply 1 call" in asked
        await pilot.press("enter")
        assert "1 of 1 calls done · finished" in await has_ended(app, "finished")

        await pilot.press("u")
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        asked = screen_text(app)
        assert "Take back run" in asked
        assert "1 iam:UpdateAccountPasswordPolicy" in asked
        assert "Lost 0 · gained 0" in asked
        await pilot.press("escape")
        assert app.screen.state.status == "finished"  # type: ignore[attr-defined]

        await pilot.press("u")
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        assert "undone" in await has_ended(app, "undone")
        await pilot.press("escape")
        assert isinstance(app.screen, PreviewScreen), "what was taken back may be applied again"
        (journal,) = (own_state / "iam-advisor" / "journal").glob("*.jsonl")
        assert journal.stat().st_mode & 0o077 == 0


async def test_while_an_undo_is_prepared_no_key_keeps_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = Event()

    def late(*asked: Any) -> UndoPreview:
        going_on.wait(20)
        return undo_preview(*asked)

    monkeypatch.setattr("advisor.change.undo_preview.undo_preview", late)
    async with short_passwords() as pilot:
        app: AdvisorApp = pilot.app  # type: ignore[assignment]
        await pilot.press("A", "enter")
        assert "▸ Keep it" in await has_ended(app, "finished")
        run = app.screen
        assert isinstance(run, RunScreen) and run.state is not None
        await pilot.press("u")
        shown = screen_text(app)
        assert "preparing the undo" in shown and "Keep it" not in shown
        await pilot.press("enter", "u")
        assert app.screen is run
        going_on.set()
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        assert "▸ Keep it" in screen_text(app)

        going_on.clear()
        await pilot.press("u", "escape")
        assert "▸ Keep it" in screen_text(app), "Esc leaves the undo"
        going_on.set()
        await settle(pilot)
        assert app.screen is run, "what was left does not ask any more"

        await pilot.press("escape")
        await settle(pilot)
        assert not isinstance(app.screen, PreviewScreen), "it is applied: nothing offers it again"
        assert f"Applied, run {run.state.id}" in screen_text(app)
        await pilot.press("8", "v")
        await settle(pilot)
        await pilot.press("enter", "u")
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        await has_ended(app, "undone")


async def with_the_switch(pilot: Pilot[None]) -> str:
    await pilot.press("A")
    await until(lambda: isinstance(pilot.app.screen, ConfirmScreen))
    assert "then undone unless you keep it" in screen_text(pilot.app)  # type: ignore[arg-type]
    await pilot.press("tab", "enter")
    await until(lambda: isinstance(pilot.app.screen, RunScreen))
    return await has_ended(pilot.app, "finished")  # type: ignore[arg-type]


async def test_the_switch_counts_down_wherever_one_is_until_the_run_is_kept() -> None:
    async with short_passwords() as pilot:
        app: AdvisorApp = pilot.app  # type: ignore[assignment]
        shown = await with_the_switch(pilot)
        assert "▸ Keep it" in shown
        assert "left, then it is undone by itself" in shown
        await pilot.press("1")
        await settle(pilot)
        top = screen_text(app)
        assert " UNDO IN 4:" in top.splitlines()[0]

        await pilot.press("q")
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        assert "nobody waits for that any more" in screen_text(app)
        await pilot.press("escape", "K")
        await settle(pilot)
        assert isinstance(app.screen, RunScreen)
        assert is_waited_for(app.switch.run)
        await pilot.press("enter")
        assert "kept" in await has_ended(app, "kept")
        assert "UNDO IN" not in screen_text(app)
        await pilot.press("u")
        await until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        await has_ended(app, "undone")


async def test_what_nobody_keeps_is_undone_by_itself_on_any_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.apply.SWITCH_MINUTES", 0.1)
    async with short_passwords((80, 24)) as pilot:
        app: AdvisorApp = pilot.app  # type: ignore[assignment]
        await with_the_switch(pilot)
        await pilot.press("1")
        app.session.disarm()
        assert "undone" in await has_ended(app, "undone")
        assert app.session.undone_in is None


def test_what_becomes_unknown_is_neither_gained_nor_lost() -> None:
    """A policy of AWS that was not read may allow or deny: that is said, and not counted as a loss."""
    what = {"actions": ("s3:GetObject", "s3:PutObject"), "resource": "*"}
    lost = AccessChange("ana", before="allowed", after="implicit-deny", **what)
    open_one = AccessChange("ana", before="allowed", after="unknown", **what)
    told = access_told(Difference("unknown", (), (lost, open_one)))
    assert told == ["1 loses 2 actions", "gained 0", "? access of 1 unknown"]


async def test_the_journal_names_the_runs_that_it_cannot_read(own_state: Path) -> None:
    folder = own_state / "iam-advisor" / "journal"
    folder.mkdir(parents=True)
    (folder / "2026-11-24-7.jsonl").write_text('{"line": "run", "schema": "advisor/journal/9"}\n')
    samples = Path(__file__).parents[1] / "samples"
    async with staged([samples / "snapshot-1.json"]) as stage:
        text = await stage.press("8", "v")
        assert "0 runs · 1 cannot be read" in text
        assert "? 2026-11-24-7" in text
        assert "newer version of the" in await stage.press("down", "enter")


async def test_a_kept_plan_that_cannot_be_read_is_told_and_set_aside(own_state: Path) -> None:
    file = own_state / "iam-advisor" / "plans" / "111122223333.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("schema: advisor/plan/9\n")
    async with staged([Path(__file__).parents[1] / "samples" / "snapshot-1.json"], (120, 36)) as stage:
        assert "newer version of the advisor" in await stage.text()
        assert "Empty" in await stage.press("8")
    assert file.with_name("111122223333.yaml.unread").read_text() == "schema: advisor/plan/9\n"
