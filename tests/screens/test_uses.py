"""The three uses of the app from Home, key by key and with the mouse alone; the keys are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from screens.app import AdvisorApp
from screens.preview import PreviewScreen
from screens.run import RunScreen
from screens.setup import SetupScreen
from screens.walk import WalkScreen
from screens.welcome import demo
from screens.widgets.rows import RowList
from tests.screens.stage import Stage, screen_text, settle, staged


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("IAM_ADVISOR_DECIDED_BY", "M. Reyes")
    return tmp_path


async def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something that is worked out in a thread."""
    for _ in range(int(seconds * 10)):
        if holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come in time")


class Hands:
    """Presses keys and counts them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.keys = 0

    async def press(self, *keys: str) -> str:
        self.keys += len(keys)
        return await self.stage.press(*keys)


async def answer_all(hands: Hands, text: str) -> int:
    """Enter after Enter to the outcome; where nothing is suggested the first option is chosen. How many questions."""
    for asked in range(12):
        if "› outcome" in text:
            return asked
        text = await hands.press(*(("g",) if "(•) I do not know yet" in text else ()), "enter")
    raise AssertionError("no outcome after twelve questions")


async def test_decide_and_print_is_a_key_for_each_question_and_five_more(
    account_files: list[str], own_home: Path
) -> None:
    async with staged(account_files) as stage:
        hands = Hands(stage)
        text = await hands.press("2", "enter")
        unsuggested = 0
        asked = 0
        while "› outcome" not in text:
            unsuggested += "(•) I do not know yet" in text
            asked += 1
            text = await hands.press(*(("g",) if "(•) I do not know yet" in text else ()), "enter")
        await hands.press("enter")
        assert "Written to" in await hands.press("e", "enter")
    assert hands.keys == 5 + asked + unsuggested
    assert next((own_home / "iam-records").glob("0001-*.pdf")).read_bytes().startswith(b"%PDF")


async def test_a_half_walked_tree_the_set_up_and_the_plan_are_there_after_a_restart(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("2", "enter", "g", "enter")
        assert "of 18 done" in await stage.press("6", "space")
        await until(lambda: stage.app.session.known_findings is not None)
        await stage.press("5", "plus")
        planned = [change.id for change in stage.app.session.plan]
        assert planned
    async with staged(account_files) as stage:
        assert "question 2" in await stage.press("2")
        assert "of 18 done" in await stage.press("6")
        assert [change.id for change in stage.app.session.plan] == planned
        assert f"8 Plan {len(planned)}" in await stage.press("8")


async def click_text(stage: Stage, words: str) -> str:
    """Click in the middle of the first place where these words stand."""
    lines = screen_text(stage.app).splitlines()
    row = next((at for at, line in enumerate(lines) if words in line), None)
    assert row is not None, f"{words!r} stands nowhere:\n" + "\n".join(lines)
    await stage.pilot.click(offset=(lines[row].index(words) + len(words) // 2, row))
    return await stage.text(0.15)


async def test_a_finding_to_its_preview_with_the_mouse_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await click_text(stage, "5 Findings")
        await until(lambda: stage.app.session.known_findings is not None)
        await stage.text()
        text = await click_text(stage, "p Preview")
        assert "[All]" in text
        assert "[Undo]" in await click_text(stage, "Undo")
        assert "5 Findings" in text


async def test_decide_and_print_with_the_mouse_alone(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files) as stage:
        await click_text(stage, "2 Decide")
        text = await click_text(stage, "How people sign in")
        for _ in range(12):
            if "› outcome" in text:
                break
            if "(•) I do not know yet" in text:
                first = next(line for line in text.splitlines() if "( )" in line)
                await click_text(stage, first.strip()[4:24])
            text = await click_text(stage, "↵ Take it")
        assert "recorded as 0001" in await click_text(stage, "↵ Record it")
        await click_text(stage, "e Print")
        assert "Written to" in await click_text(stage, "PDF")
    assert next((own_home / "iam-records").glob("0001-*.pdf")).stat().st_size > 1000


async def test_the_demo_account_is_set_up_by_keys(own_home: Path) -> None:
    pytest.importorskip("moto")
    app = AdvisorApp(demo().opener, "demo")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.session.known_findings is not None)
        await settle(pilot)
        hands = Hands(Stage(app, pilot))
        await hands.press("6")
        await until(lambda: isinstance(app.screen, SetupScreen) and app.screen.book)
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        assert setup.book is not None
        before = setup.book.done

        # by hand: the steps, then the account is read again and says what it saw
        assert "By hand" in await hands.press("enter")
        await hands.press("r")
        await until(lambda: not setup.checking)
        assert "Not done yet" in screen_text(app)

        # the decision
        steps = setup.query_one("#steps-list", RowList)
        topic = next(item for item in setup.book.steps if item.status == "decide")
        await hands.press("G")
        while steps.row is not None and steps.row.key != topic.step.id:
            await hands.press("k")
        text = await hands.press("enter")
        assert isinstance(app.screen, WalkScreen)
        await answer_all(hands, text)
        await hands.press("enter")
        assert app.screen.record is not None
        await hands.press("escape")

        # everything that is ready, as one
        await until(lambda: setup.book is not None)
        await hands.press("p")
        await until(lambda: isinstance(app.screen, PreviewScreen) and app.screen.found and app.screen.found.access)
        await hands.press("exclamation_mark", "enter")
        asked = await hands.press("A")
        assert "Undo:" in asked
        if "the reason" in asked:
            raise AssertionError(f"a guard says no to what the playbook offers:\n{asked}")
        if "▸ Keep looking" in asked:  # a guard does not know: then the safe side has the focus
            await hands.press("tab")
        await hands.press("enter")
        await until(lambda: isinstance(app.screen, RunScreen) and app.screen.is_read_again, 120)
        assert "the account was read again" in screen_text(app)
        await hands.press("enter", "escape")
        await until(lambda: setup.book is not None and setup.book.done > before)
        await hands.press("e", "enter")
        await settle(pilot)
    assert next(own_home.glob("iam-setup-*.md")).read_text().count("✓ done") > before
    assert hands.keys <= 40
