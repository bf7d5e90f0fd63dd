"""The rows around every screen, moving between modes, help, palette, filter, ASCII and small windows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.color import Color
from textual.filter import NoColor

from advisor.account import Advisor, Progress
from advisor.errors import SignInError
from screens.app import AdvisorApp
from screens.ascii import in_ascii, wants_ascii
from screens.widgets.rows import RowList
from tests.screens.stage import opener_of, screen_text, settle, staged


async def test_home_names_the_account_and_counts_what_it_holds(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.text()
    first = text.splitlines()[0]
    assert "1111 2222 3333" in first
    assert "READ-ONLY" in first
    assert "4 users" in text
    assert "5 roles" in text


async def test_modes_keep_their_place(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        opened = await stage.press("3", "enter")
        assert "Explore › ben" in opened
        assert "Home" in (await stage.press("1")).splitlines()[2]
        assert "Explore › ben" in await stage.press("3")


async def test_escape_goes_back_and_the_cursor_is_where_it_was(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("3", "j", "enter", "escape")
        assert any(line.startswith(" ▸ ▲     Admin") for line in (await stage.text()).splitlines())


async def test_filter_narrows_and_escape_shows_all_again(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("3", "slash")
        text = await stage.type("pay")
        assert "PayrollApp" in text
        assert "chris" not in text
        assert "1 of 9" in text
        assert "chris" in await stage.press("escape")


async def test_filter_without_a_match_names_the_nearest(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("3", "slash")
        text = await stage.type("pyrollapp")
        assert "Nearest: payrollapp" in text
        assert "PayrollApp" in await stage.press("enter")


async def test_help_lists_the_keys_and_the_legend(account_files: list[str]) -> None:
    async with staged(account_files, (120, 40)) as stage:
        text = await stage.press("question_mark")
    assert "KEYS" in text
    assert "LEGEND" in text
    assert "not granted" in text


async def test_tabs_crumbs_and_keys_are_buttons(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        tabs = (await stage.text()).splitlines()[1]
        await stage.pilot.click(offset=(tabs.index("3 Explore"), 1))
        assert "Explore › principals" in await stage.text()
        await stage.pilot.click("#kinds", offset=(16, 0))
        assert "Explore › groups" in await stage.text()


async def test_click_selects_and_click_again_opens(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("3")
        await stage.pilot.click("#things", offset=(6, 3))
        assert stage.app.screen.query_one("#things", RowList).cursor == 2
        await stage.pilot.click("#things", offset=(6, 3))
        assert "Explore › OpsRole" in await stage.text()


async def test_too_small_a_window_says_so(account_files: list[str]) -> None:
    async with staged(account_files, (50, 12)) as stage:
        assert "60 columns and 16 rows" in " ".join((await stage.text()).split())


async def test_a_broken_file_is_explained_and_nothing_is_opened(tmp_path: Path) -> None:
    broken = tmp_path / "account.json"
    broken.write_text('{"UserDetailList": [')
    async with staged([broken]) as stage:
        text = await stage.text()
    assert "×" in text
    assert "account.json" in "".join(text.split()), "a long path is wrapped"
    assert "Nothing was opened" in text


async def test_no_account_offers_where_one_may_come_from() -> None:
    app = AdvisorApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        text = screen_text(app)
    assert "Nothing is called until you choose" in text
    assert "Open a file" in text


def test_every_sign_has_an_ascii_form_of_one_cell() -> None:
    assert in_ascii("▸ ● ◆ ≡ § ■ ☼ ○ ◇ □ ✓ ± × – ▲ ↑ ━ ─ …").isascii()


def test_ascii_signs_for_plain_terminals() -> None:
    assert wants_ascii({"TERM": "linux"}, "utf-8")
    assert wants_ascii({"TERM": "xterm"}, "ANSI_X3.4-1968")
    assert not wants_ascii({"TERM": "xterm"}, "UTF-8")
    assert not wants_ascii({"TERM": "linux", "ADVISOR_SIGNS": "unicode"}, "UTF-8")


async def test_without_colours_nothing_is_said_by_colour_alone(
    account_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR no colour code is sent, and the cursor's row is reversed."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = AdvisorApp(opener_of(account_files), "account.json", ansi_color=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        rows = app.screen.query_one("#things", RowList)
        strip = rows.render_line(rows.cursor + 1).apply_filter(NoColor(), Color(0, 0, 0))
    styles = [segment.style for segment in strip if segment.style and segment.text.strip()]
    colours = [colour for style in styles for colour in (style.color, style.bgcolor) if colour is not None]
    assert all(colour.is_default for colour in colours)
    assert all(style.reverse for style in styles)


async def test_the_ascii_screen_still_answers(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("a", *"read", "space", *"pay", "enter")
        text = in_ascii(await stage.text())
    assert text.isascii()
    assert "5 can . 1 if . 3 of 9 cannot" in text
    assert any("+ U" in line and "dora" in line and "PayrollRead" in line for line in text.splitlines())


async def test_quitting_does_not_wait_for_what_is_being_worked_out(account_files: list[str]) -> None:
    started = time.perf_counter()
    app = AdvisorApp(lambda progress, partly: time.sleep(30), "slow")  # type: ignore[arg-type,func-returns-value]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
    assert time.perf_counter() - started < 10


async def test_a_reading_that_fails_late_says_so_on_the_welcome() -> None:
    def refused(progress: Progress, partly: object) -> Advisor:
        progress("principals", 1, 4)
        time.sleep(0.8)
        raise SignInError("AWS knows no such profile", advice="run `aws login`")

    app = AdvisorApp(refused, "profile x")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.5)
        assert "0 of 1 reads" in screen_text(app)
        await settle(pilot)
        await pilot.pause(0.3)
        text = screen_text(app)
    assert "× AWS knows no such profile" in text
    assert "run `aws login`" in text
