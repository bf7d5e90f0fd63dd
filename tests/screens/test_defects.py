"""An error that nobody foresaw is told and kept for a report; the app goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.app import AdvisorApp
from screens.defects import Defect
from screens.session import Session
from screens.write import WriteScreen
from tests.screens.stage import Stage, screen_text, settle, staged

pytestmark = pytest.mark.usefixtures("own_home")


def fail(*given: object) -> None:
    raise ZeroDivisionError("boom")


async def test_a_defect_in_a_thread_is_told_and_kept_and_the_app_goes_on(
    account_files: list[str], own_home: Path, monkeypatch: pytest.MonkeyPatch, no_defects: list[Defect]
) -> None:
    async with staged(account_files, (120, 36)) as stage:
        stage.app.session.forget_findings()
        monkeypatch.setattr(Session, "findings", fail)
        text = await stage.press("5")
        assert "Findings: a defect, please report ~/state/iam-advisor/defect.txt: ZeroDivisionError: boom" in text
        assert "Explore" in await stage.press("3")
        assert "a defect, please report" in await stage.press("M")
    kept = own_home / "state" / "iam-advisor" / "defect.txt"
    assert "ZeroDivisionError: boom" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert no_defects
    no_defects.clear()


async def test_a_defect_while_writing_is_told_in_the_dialog(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("3", "e")
        dialog = stage.app.screen
        assert isinstance(dialog, WriteScreen)
        dialog.write = fail  # type: ignore[assignment]
        assert "a defect, please report" in await stage.press("enter")
        assert stage.app.screen is dialog


async def test_a_defect_while_reading_is_told_where_another_account_is_offered() -> None:
    app = AdvisorApp(fail, "account.json")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        text = await Stage(app, pilot).text(0.2)
        assert "a defect, please report" in text
        assert "ZeroDivisionError: boom" in screen_text(app)
