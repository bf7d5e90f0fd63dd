"""The uses of the app with the mouse alone, and that dialogs can be left without a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.decide.makers import keep_makers
from advisor.reference.schema.setup import PROFILES
from screens.app import AdvisorApp
from screens.preview import PreviewScreen
from screens.setup import SetupScreen
from screens.walk import WalkScreen
from screens.welcome import demo
from screens.widgets.rows import RowList
from screens.write import WriteScreen
from tests.screens.stage import Stage, screen_text, settle, staged
from tests.screens.test_uses import click_text, until


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_who_can_and_why_with_the_mouse_alone(account_files: list[str], size: tuple[int, int]) -> None:
    """A question that stands there is taken; what is typed needs a keyboard, nothing else does."""
    async with staged(account_files, size) as stage:
        text = await click_text(stage, "Who can … ?")
        assert "Ask › who can" in text
        text = await click_text(stage, "read acme-payroll")
        text = text if "can ·" in text else await click_text(stage, "read acme-payroll")
        assert "5 can · 1 if" in text
        await click_text(stage, "AuditReader")
        text = await click_text(stage, "↵ Why")
        assert "± allowed if" in text
        assert "MfaRead" in text
        assert "who can" in await click_text(stage, "› who can")


async def test_a_resource_says_who_can_read_it_with_the_mouse_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await click_text(stage, "3 Explore")
        await click_text(stage, "Resources")
        await click_text(stage, "acme-payroll")
        text = await click_text(stage, "w Who can read it")
        assert "Who can read" in text
        assert "5 can · 1 if" in text


async def test_dialogs_are_left_with_the_mouse(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files) as stage:
        await click_text(stage, "3 Explore")
        await click_text(stage, "e Export")
        assert isinstance(stage.app.screen, WriteScreen)
        await click_text(stage, "Esc Back")
        assert not isinstance(stage.app.screen, WriteScreen)
        await click_text(stage, "e Export")
        await stage.pilot.click(offset=(1, 22))
        await stage.text()
        assert not isinstance(stage.app.screen, WriteScreen), "a click beside a dialog closes it"
        await click_text(stage, "e Export")
        assert "Written to" in await click_text(stage, "↵ Write")
    assert list(own_home.glob("iam-principals-*.csv"))


async def test_the_set_up_is_gone_through_with_the_mouse_alone(own_home: Path) -> None:
    pytest.importorskip("moto")
    keep_makers("M. Reyes")  # said once, at the first record; a name needs a keyboard
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.session.known_findings is not None)
        await settle(pilot)
        stage = Stage(app, pilot)
        await click_text(stage, "6 Set-up")
        await until(lambda: isinstance(app.screen, SetupScreen) or "For whom" in screen_text(app))
        await until(lambda: "For whom" in screen_text(app))
        await click_text(stage, PROFILES["team"])
        if "For whom" in screen_text(app):
            await click_text(stage, "↵ Take it")
        setup: SetupScreen = app.screen  # type: ignore[assignment]
        assert isinstance(setup, SetupScreen)
        await until(lambda: setup.book and setup.book.profile == "team")
        assert setup.book is not None

        # by hand: what to do is opened, and a crumb leads back
        by_hand = next(item for item in setup.book.steps if item.status == "yours")
        setup.query_one("#steps-list", RowList).go_to(by_hand.step.id)
        assert "By hand" in await click_text(stage, "↵ Open")
        await click_text(stage, "Set-up ›")
        assert app.screen is setup

        await _decide_and_come_back(stage, setup)

        # everything that is ready, previewed as one, and armed
        await click_text(stage, "p Preview all")
        await until(lambda: isinstance(app.screen, PreviewScreen))
        await click_text(stage, "! Arm")
        assert "ARMED" in await click_text(stage, "↵ Arm")


async def _decide_and_come_back(stage: Stage, setup: SetupScreen) -> None:
    """A step that a decision comes before: a crumb leads back undecided, the record leads back decided."""

    def shown() -> type:
        return type(stage.app.screen)

    step = next(item.step.id for item in setup.book.steps if item.status == "decide")  # type: ignore[union-attr]
    setup.query_one("#steps-list", RowList).go_to(step)
    await click_text(stage, "↵ Open")
    assert shown() is WalkScreen
    await click_text(stage, "Set-up ›")
    assert shown() is SetupScreen
    text = await click_text(stage, "↵ Open")
    for _ in range(12):
        if "› outcome" in text:
            break
        if "(•) I do not know yet" in text:
            first = next(line for line in text.splitlines() if "( )" in line)
            await click_text(stage, first.strip()[4:24])
        text = await click_text(stage, "↵ Take it")
    assert "Recorded as 0001." in await click_text(stage, "↵ Record it")
    assert shown() is SetupScreen
    await until(lambda: all(item.step.id != step or item.status != "decide" for item in setup.book.steps))  # type: ignore[union-attr]
