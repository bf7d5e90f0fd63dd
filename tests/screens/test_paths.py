"""Paths to administrators, the cheapest cut, and the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from screens import working
from tests.screens.stage import WIDE, screen_text, staged


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def test_who_can_become_administrator_and_by_which_statements(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4")
        assert "3 can become ▲" in text
        assert "↑1     ◆ OpsRole" in text
        text = await stage.press("j")
        assert "│ 1  runs a new Lambda function" in text
        assert "§ DevAccess · 1 PassAny" in text


async def test_all_paths_to_their_preview_in_three_keys(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4", "m")
        assert "19 of 19 paths closed" in text
        text = await stage.press("p")
        assert "preview: the cut" in text
        assert "iam:CreatePolicyVersion" in text


async def test_the_statement_behind_a_hop_stands_in_the_path_and_marked_in_its_policy(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("4", "j")
        assert "▌" in text and '"Resource": "*"' in text
        text = await stage.press("w")
    assert "iam:PassRole on OpsRole" in text and "§ DevAccess" in text
    marked = [line for line in text.splitlines() if "▌" in line]
    assert any('"Sid"' in line or '"Effect": "Allow"' in line for line in marked)


async def test_a_path_recommends_the_change_of_the_cut_that_is_about_it(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4")
        assert "! Recommended  OpsPolicy: no iam:AttachRolePolicy" in text
        assert "closes 19 of 19 paths" in text
        text = await stage.press("p")
        assert "preview" in text.splitlines()[2] and "iam:CreatePolicyVersion" in text


async def test_the_app_and_the_command_find_the_same_cut(account_files: list[str]) -> None:
    from advisor.account import open_account
    from advisor.cli.plan import tolerated_of

    account = open_account(account_files)
    command = account.cut(tolerated_of(account, ()))
    async with staged(account_files) as stage:
        await stage.press("4", "m")
        found = stage.app.session.known_cut
    assert found is not None and [change.id for change in found.changes] == [change.id for change in command.changes]
    assert (found.closes, found.paths) == (command.closes, command.paths)


async def test_a_tick_counts_anew_and_each_change_says_what_it_closes(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4", "m")
        assert "without 1: 0 of 19" in text
        text = await stage.press("space")
        assert "0 of 19 paths closed" in text and "[ ]  1" in text


async def test_a_long_search_for_a_cut_says_how_far_it_is_and_can_be_stopped(
    account_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from advisor.account import Advisor
    from advisor.errors import AdvisorError

    stopped = Event()

    def endless(self: Advisor, *_: object, progress: Any, cancel: Event, **__: object) -> None:
        progress("solving", 2, 5)
        cancel.wait(20)
        stopped.set()
        raise AdvisorError("the search for the cheapest cut was stopped")

    async with staged(account_files) as stage:
        await stage.press("4", "m")
        monkeypatch.setattr(Advisor, "cut", endless)
        monkeypatch.setattr(working, "SHOWN_AFTER", 0.0)
        monkeypatch.setattr(working, "STOPPED_AFTER", 0.0)
        screen = stage.app.screen
        screen._start(("arn:aws:iam::111122223333:user/ana",))
        await stage.pilot.pause(0.6)
        text = screen_text(stage.app)
        assert "the cheapest cut: solving, 3 of 5 · 0:0" in text and "Esc stops" in text
        await stage.press("escape")
        assert stopped.wait(5) and stage.app.screen is screen


async def test_risk_stands_first_in_explore(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("3")
    lines = [line for line in text.splitlines() if "▲" in line or "↑" in line]
    assert "ben" in lines[0]
    assert any("↑2" in line and "chris" in line for line in lines)


async def test_home_counts_administrators_and_who_can_become_one(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.text()
    assert "▲ 2 administrators" in text
    assert "↑ 3 can become one" in text


async def test_the_plan_adds_up_and_a_change_can_be_left_out(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("4", "m", "plus")
        text = await stage.press("8")
        assert "closes 19 of 19 paths" in text.splitlines()[-2]
        assert "[x] 1" in text
        assert "[ ] 1" in await stage.press("space")
        assert "Nothing of this account is ticked" in await stage.press("p") or "plan is empty" in await stage.text()


async def test_a_file_is_never_armed(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("8", "exclamation_mark")
        assert "A file cannot be changed" in text
        assert "READ-ONLY" in text.splitlines()[0]


async def test_tolerated_principals_are_left_alone(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("4", "m", "t")
        text = await stage.press("space", "enter")
        assert "tolerated: ▲ OpsRole" in text


async def test_the_risk_of_a_principal_stands_beside_it_in_answers_and_among_the_tolerated(
    account_files: list[str],
) -> None:
    async with staged(account_files) as stage:
        await stage.press("4", "a")
        await stage.type("lambda:InvokeFunction")
        text = await stage.text(pause=0.3)  # it asks once nobody has typed for a while
        assert any("chris" in line and "↑2" in line for line in text.splitlines())
        await stage.press("escape", "escape", "4", "m")
        text = await stage.press("t")
        assert "[ ] ↑1   OpsRole" in text


async def test_the_risk_of_a_path_is_accepted_where_the_path_stands(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("4")
        assert "accepted" not in text
        text = await stage.press("x")
        assert "can become administrator" in text and "Why is it acceptable?" in text
        await stage.press("tab")
        await stage.type("M. Reyes")
        await stage.press("shift+tab")
        await stage.type("known")
        await stage.press("enter")
        text = await stage.still()
        rows = [line for line in text.splitlines() if " path" in line and "↑" in line]
        assert ["accepted" in row for row in rows][:2] == [True, False]
        text = await stage.press("x")
        assert "It is accepted already" in text
