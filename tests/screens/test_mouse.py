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
from tests.screens.stage import LOOKS, Stage, answer_all_by_mouse, screen_text, settle, staged, until

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_who_can_and_why_with_the_mouse_alone(
    account_files: list[str], size: tuple[int, int], theme: str
) -> None:
    async with staged(account_files, size, theme) as stage:
        text = await stage.click("Who can … ?")
        assert "Ask › who can" in text
        text = await stage.click("read acme-payroll")
        text = text if "can ·" in text else await stage.click("read acme-payroll")
        assert "5 can · 1 if" in text
        await stage.click("AuditReader")
        text = await stage.click("↵ Why")
        assert "± allowed if" in text
        assert "MfaRead" in text
        assert "who can" in await stage.click("› who can")


async def test_any_question_is_put_together_with_the_mouse_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:

        async def take(words: str) -> str:
            """Choose a row, then take it: the first row is chosen already."""
            text = await stage.click(words)
            return text if f"▸ {words}" not in text else await stage.click(f"▸ {words}")

        await stage.click("Who can … ?")
        assert "Who can write …" in await take("write …")
        assert "can ·" in await take("■ acme-payroll")
        await stage.click("New question")
        await stage.click(" Can ")
        await take("◆ AuditReader")
        assert "Can AuditReader service:…" in await take("an action …")
        text = await take("s3:…")
        while "s3:GetObject " not in text:
            before, text = text, await stage.wheel(2)
            assert text != before, "the wheel goes down a long list"
        assert "Can AuditReader s3:GetObject …" in await take("s3:GetObject ")
        assert "± allowed if" in await take("■ acme-payroll")
        await stage.click("New question")
        await stage.click("What can")
        assert "can do" in await take("● ben")


async def test_escape_takes_back_one_choice_of_a_question(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        assert "CHOOSE" in await stage.press("a")
        await stage.click("read …")
        assert "Who can read …" in await stage.press("enter")
        assert "CHOOSE" in await stage.press("escape")


async def test_a_resource_says_who_can_read_it_with_the_mouse_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.click("3 Explore")
        await stage.click("Resources")
        await stage.click("acme-payroll")
        text = await stage.click("w Who can read it")
        assert "Who can read" in text
        assert "5 can · 1 if" in text


async def test_dialogs_are_left_with_the_mouse(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files) as stage:
        await stage.click("3 Explore")
        await stage.click("e Export")
        assert isinstance(stage.app.screen, WriteScreen)
        await stage.click("Esc Back")
        assert not isinstance(stage.app.screen, WriteScreen)
        await stage.click("e Export")
        await stage.pilot.click(offset=(1, 22))
        await stage.text()
        assert not isinstance(stage.app.screen, WriteScreen), "a click beside a dialog closes it"
        await stage.click("e Export")
        assert "Written to" in await stage.click("↵ Write")
    assert list(own_home.glob("iam-principals-*.csv"))


async def test_the_set_up_is_gone_through_with_the_mouse_alone(own_home: Path) -> None:
    pytest.importorskip("moto")
    keep_makers("M. Reyes")  # said once, at the first record; a name needs a keyboard
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.session.known_findings is not None)
        await settle(pilot)
        stage = Stage(app, pilot)
        await stage.click("6 Set-up")
        await until(lambda: isinstance(app.screen, SetupScreen) or "For whom" in screen_text(app))
        await until(lambda: "For whom" in screen_text(app))
        await stage.click(PROFILES["team"])
        if "For whom" in screen_text(app):
            await stage.click("↵ Take it")
        setup: SetupScreen = app.screen  # type: ignore[assignment]
        assert isinstance(setup, SetupScreen)
        await until(lambda: setup.book and setup.book.profile == "team")
        assert setup.book is not None

        # by hand: what to do is opened, and a crumb leads back
        by_hand = next(item for item in setup.book.steps if item.status == "yours")
        setup.query_one("#steps-list", RowList).go_to(by_hand.step.id)
        assert "By hand" in await stage.click("↵ Open")
        await stage.click("Set-up ›")
        assert app.screen is setup

        await _decide_and_come_back(stage, setup)

        # everything that is ready, previewed as one, and armed
        await stage.click("p Preview all")
        await until(lambda: isinstance(app.screen, PreviewScreen))
        await stage.click("! Arm")
        assert "ARMED" in await stage.click("↵ Arm")


async def _decide_and_come_back(stage: Stage, setup: SetupScreen) -> None:
    """A step that a decision comes before: a crumb leads back undecided, the record leads back decided."""

    def shown() -> type:
        return type(stage.app.screen)

    step = next(item.step.id for item in setup.book.steps if item.status == "decide")  # type: ignore[union-attr]
    setup.query_one("#steps-list", RowList).go_to(step)
    await stage.click("↵ Open")
    assert shown() is WalkScreen
    await stage.click("Set-up ›")
    assert shown() is SetupScreen
    await answer_all_by_mouse(stage, await stage.click("↵ Open"))
    assert "Recorded as 0001." in await stage.click("↵ Record it")
    assert shown() is SetupScreen
    await until(lambda: all(item.step.id != step or item.status != "decide" for item in setup.book.steps))  # type: ignore[union-attr]
