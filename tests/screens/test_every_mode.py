"""What holds in each mode: a filter, something to copy, help with every key, dimmed keys that say why."""

from __future__ import annotations

import pytest

from screens.base import AdvisorScreen
from screens.help import HelpScreen
from screens.palette import bindings_of
from screens.widgets.bars import MessageRow, _is_idle, key_name, shown_keys
from tests.screens.stage import Stage, staged, until

MODES = ("1", "2", "3", "4", "5", "6", "7", "8", "a")


pytestmark = pytest.mark.usefixtures("own_home")


async def at(stage: Stage, mode: str) -> str:
    await until(lambda: stage.app.session.known_cut is not None or not stage.app.session.can_judge)
    text = await stage.press(mode)
    if "For whom is the account set up?" in text:
        text = await stage.press("escape")
    if mode == "a":
        await stage.type("read pay")
        text = await stage.press("enter")
    return await stage.text(0.15)


@pytest.mark.parametrize("mode", MODES)
async def test_a_filter_narrows_or_says_that_nothing_matches(account_files: list[str], mode: str) -> None:
    async with staged(account_files) as stage:
        await at(stage, mode)
        await stage.press("slash")
        text = await stage.type("zzzz")
        assert "zzzz" in text
        rows = stage.app.screen.filtered  # type: ignore[attr-defined]
        assert rows is not None and not len(rows.rows)
        assert "Nothing matches" in text or not rows.total
        assert "zzzz" not in await stage.press("escape")


@pytest.mark.parametrize("mode", MODES)
async def test_something_is_copied_or_told(
    account_files: list[str], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(account_files) as stage:
        copied: list[str] = []
        monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
        await at(stage, mode)
        text = await stage.press("y")
        assert copied or "There is nothing here to copy." in text
        assert copied or mode in ("2", "6", "7", "8"), "what there is to copy on this screen is copied"


@pytest.mark.parametrize("mode", MODES)
async def test_help_lists_every_key_of_the_screen(account_files: list[str], mode: str) -> None:
    async with staged(account_files, (120, 60)) as stage:
        await at(stage, mode)
        screen = stage.app.screen
        assert isinstance(screen, AdvisorScreen)
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpScreen)
        told = stage.app.screen._text(110).plain
        for binding in bindings_of(screen):
            if binding.description and binding.id:
                assert key_name(binding.key.split(",")[0]) in told, binding
        assert "LEGEND" in told and "administrator" in told
        assert screen.purpose.split(".")[0][:30] in told


@pytest.mark.parametrize("mode", MODES)
async def test_a_key_that_cannot_work_is_dimmed_and_says_why(account_files: list[str], mode: str) -> None:
    async with staged(account_files, (160, 40)) as stage:
        await at(stage, mode)
        screen = stage.app.screen
        dimmed = [(key, action) for key, _, action in shown_keys(screen) if _is_idle(screen, action)]
        for key, action in dimmed:
            name = action.partition(".")[2].partition("(")[0]
            why = screen.why_not(name)  # type: ignore[attr-defined]
            await stage.press(key)
            assert screen.query_one(MessageRow).message.plain == why
