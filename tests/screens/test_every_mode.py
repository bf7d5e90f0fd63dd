"""What holds in each mode: a filter, something to copy, help with every key, dimmed keys that say why."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.style import Style

import screens
from screens.app import AdvisorApp
from screens.base import AdvisorScreen
from screens.help import HelpScreen
from screens.palette import ScreenCommands, bindings_of
from screens.widgets.bars import MessageRow, _is_idle, key_name, shown_keys
from screens.widgets.pane import Detail
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
        for binding in bindings_of(screen, stage.app):
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


@pytest.mark.parametrize("mode", MODES)
async def test_every_action_is_reached_by_the_palette_and_by_a_click_in_the_help(
    account_files: list[str], mode: str
) -> None:
    async with staged(account_files, (80, 60)) as stage:
        await at(stage, mode)
        screen = stage.app.screen
        own = [one for one in bindings_of(screen, stage.app) if one.description and one.id]
        everywhere = [one for one in bindings_of(stage.app, stage.app) if one.description and one.id]
        offered = {action.partition(".")[2] for _, _, action in ScreenCommands(screen)._commands()}
        assert {one.action for one in own} <= offered
        assert "? Help" in await stage.text(), "the way to it is always on the screen"
        await stage.click("? Help")
        shown = stage.app.screen
        assert isinstance(shown, HelpScreen)
        styles = (span.style for span in shown._text(100).spans)
        clicks = {str(style.meta.get("@click")) for style in styles if isinstance(style, Style)}
        assert {f"screen.take('{id}')" for id in (one.id for one in (*own, *everywhere))} <= clicks


async def test_a_click_on_a_key_in_the_help_does_what_the_key_does(account_files: list[str]) -> None:
    async with staged(account_files, (80, 60)) as stage:
        await at(stage, "3")
        await stage.click("? Help")
        assert "[Groups]" in await stage.click("v → l")
        await stage.click("? Help")
        assert "what y copies" in await stage.click("Choose what to copy")
        await stage.press("escape")
        await stage.click("? Help")
        assert "━━ Findings" in await stage.click("5            Findings")


def every_screen() -> set[type[AdvisorScreen]]:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        importlib.import_module(module.name)
    found, left = set[type[AdvisorScreen]](), [AdvisorScreen]
    while left:
        left += (some := left.pop().__subclasses__())
        found.update(some)
    return found


@pytest.mark.parametrize("screen", sorted(every_screen(), key=str), ids=lambda one: str(one.__name__))
def test_each_key_of_each_screen_has_an_id_a_word_and_an_action(screen: type[AdvisorScreen]) -> None:
    for binding in (
        one
        for owner in screen.__mro__
        for one in vars(owner).get("BINDINGS", ())
        if owner.__module__.startswith("screens")
    ):
        name = binding.action.partition("(")[0].removeprefix("screen.").removeprefix("app.")
        assert binding.id, f"{binding.key}: the user's own keys go by ids"
        assert binding.description, f"{binding.key}: help and palette list what has a word"
        assert any(hasattr(node, f"action_{name}") for node in (screen, AdvisorApp)), binding.action


def test_one_letter_means_the_same_everywhere() -> None:
    """What §2 of the design gives a meaning on every screen; other letters belong to one screen each."""
    meanings = {"p": {"preview"}, "x": {"accept", "remove"}, "n": {"draw"}, "y": {"copy"}, "Y": {"copy_menu"}}
    for screen in every_screen():
        for binding in vars(screen).get("BINDINGS", ()):
            for key in binding.key.split(","):
                does = binding.action.partition("(")[0]
                assert does in meanings.get(key, {does}), screen


@pytest.mark.parametrize("mode", ["2", "3", "5"])
async def test_what_is_selected_is_told_below_a_long_list_at_80_columns(account_files: list[str], mode: str) -> None:
    async with staged(account_files) as stage:
        await at(stage, mode)
        detail = stage.app.screen.query_one(Detail)
        assert detail.region.height >= 4 and detail.region.bottom <= 22
