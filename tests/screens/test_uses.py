"""The three uses of the app from Home, key by key and with the mouse alone; the keys are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.change.setup import StepStatus
from advisor.decide.makers import keep_makers
from screens.app import AdvisorApp
from screens.preview import PreviewScreen
from screens.run import RunScreen
from screens.setup import SetupScreen
from screens.setup_words import ProfileScreen
from screens.walk import WalkScreen
from screens.welcome import demo
from screens.widgets.rows import RowList
from tests.screens.stage import LOOKS, Stage, answer_all, answer_all_by_mouse, screen_text, settle, staged, until

pytestmark = pytest.mark.usefixtures("own_home", "named")


class Hands:
    """Presses keys and remembers them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.pressed: list[str] = []

    async def press(self, *keys: str) -> str:
        self.pressed += keys
        return await self.stage.press(*keys)


async def test_decide_and_print_is_a_key_for_each_question_and_five_more(
    account_files: list[str], own_home: Path
) -> None:
    async with staged(account_files) as stage:
        hands = Hands(stage)
        await answer_all(await hands.press("2", "enter"), hands.press)
        asked = len(stage.app.screen.walk.given)  # type: ignore[attr-defined]
        await hands.press("enter")
        assert "Written to" in await hands.press("e", "enter")
    assert len(hands.pressed) == 5 + asked + hands.pressed.count("g")
    assert next((own_home / "iam-records").glob("0001-*.pdf")).read_bytes().startswith(b"%PDF")


async def test_a_half_walked_tree_the_set_up_and_the_plan_are_there_after_a_restart(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("2", "enter", "g", "enter")
        assert "of 18 done" in await stage.press("6", "enter", "space")
        await until(lambda: stage.app.session.known_findings is not None)
        await stage.press("5", "plus")
        planned = [change.id for change in stage.app.session.plan]
        assert planned
    async with staged(account_files) as stage:
        assert "question 2" in await stage.press("2")
        assert "of 18 done" in await stage.press("6")
        assert [change.id for change in stage.app.session.plan] == planned
        assert f"8 Plan {len(planned)}" in await stage.press("8")


async def test_a_finding_to_its_preview_with_the_mouse_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.click("5 Findings")
        await until(lambda: stage.app.session.known_findings is not None)
        await stage.text()
        text = await stage.click("p Preview")
        assert "[All]" in text
        assert "[Undo]" in await stage.click("Undo")
        assert "5 Findings" in text


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_decide_and_print_with_the_mouse_alone(
    account_files: list[str], own_home: Path, size: tuple[int, int], theme: str
) -> None:
    async with staged(account_files, size, theme) as stage:
        await stage.click("2 Decide")
        text = await stage.click("▸ How people sign in")
        await answer_all_by_mouse(stage, text)
        assert "recorded as 0001" in await stage.click("↵ Record it")
        await stage.click("e Print")
        assert "Written to" in await stage.click("PDF")
    assert next((own_home / "iam-records").glob("0001-*.pdf")).stat().st_size > 1000


async def test_the_demo_account_is_set_up_by_keys(own_home: Path) -> None:
    """Every key is counted: Enter takes the profile, the cursor goes to the next open step by itself."""
    pytest.importorskip("moto")
    keep_makers("M. Reyes")  # said once, at the first record
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.session.known_findings is not None)
        await settle(pilot)
        hands = Hands(Stage(app, pilot))
        await hands.press("6")
        await until(lambda: isinstance(app.screen, ProfileScreen))
        await hands.press("enter")
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        assert setup.book is not None
        before = setup.book.done
        rows = setup.query_one("#steps-list", RowList)

        def here() -> StepStatus:
            assert setup.book is not None and rows.row is not None
            return next(item for item in setup.book.steps if item.step.id == rows.row.key)

        # by hand: what to do, then the account is read again, or the user's word is kept
        assert here().status == "yours"
        assert "By hand" in await hands.press("enter")
        assert "the record will say that you did" in await hands.press("r")
        await hands.press("tab", "enter")
        assert setup.book.done == before + 1

        # what is not done in a demo is left out, each with one key
        left_out = 0
        while here().status in ("yours", "unknown") or here().needs:
            if here().status == "decide":
                break
            await hands.press("space")
            left_out += 1

        # the decision leads back by itself
        assert here().status == "decide"
        text = await hands.press("enter")
        assert isinstance(app.screen, WalkScreen)
        await answer_all(text, hands.press)
        questions = len(app.screen.walk.given)
        await hands.press("enter")
        await until(lambda: app.screen is setup)

        # everything that is ready, as one
        await hands.press("p")
        await until(lambda: isinstance(app.screen, PreviewScreen) and app.screen.found and app.screen.found.access)
        await hands.press("exclamation_mark", "enter")
        asked = await hands.press("A")
        assert "Undo:" in asked
        assert "the reason" not in asked, f"a guard says no to what the playbook offers:\n{asked}"
        await hands.press(*(("tab",) if "▸ Keep looking" in asked else ()), "enter")
        await until(lambda: isinstance(app.screen, RunScreen) and app.screen.is_read_again, 120)
        assert "the account was read again" in screen_text(app)
        await hands.press("enter")
        await until(lambda: app.screen is setup and setup.book is not None and setup.book.done > before + 1)
        await hands.press("e", "enter")
        await settle(pilot)
    assert next(own_home.glob("iam-setup-*.pdf")).read_bytes().startswith(b"%PDF")
    assert questions + left_out <= len(hands.pressed) <= 25
