"""The set-up checklist."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.setup import SetupScreen
from screens.widgets.pane import Detail
from screens.widgets.rows import RowList
from tests.screens.stage import staged


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_every_step_has_a_sign_and_says_what_it_waits_for(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("6", "enter")
    assert "of 19 done" in text
    assert "waits for 1" in text
    assert any(line.startswith(" ▸ ?   1") for line in text.splitlines())


async def test_space_leaves_a_step_out_and_takes_it_back(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("6", "enter")
        assert "of 18 done" in await stage.press("space")
        assert "of 19 done" in await stage.press("k", "g", "space")


async def test_the_profile_is_asked_once_says_what_another_means_and_is_kept(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        asked = await stage.press("6")
        assert "For whom is the account set up?" in asked
        assert "now ·" in asked
        await stage.press("escape")
        assert "small team" not in (await stage.text()).splitlines()[2]
        assert "Against now it adds" in await stage.press("v", "j")
        assert "small team" in (await stage.press("enter")).splitlines()[2]
    async with staged(account_files) as stage:
        text = await stage.press("6")
        assert "small team" in text
        assert "For whom" not in text


async def test_what_the_account_cannot_show_is_the_user_s_word_with_its_day_and_can_be_taken_back(
    account_files: list[str],
) -> None:
    async with staged(account_files) as stage:
        await stage.press("6", "enter")
        screen = stage.app.screen
        assert isinstance(screen, SetupScreen)
        assert screen.book is not None
        before = screen.book.done
        asked = await stage.press("r")  # what was not read is read again, then asked
        assert "1 Know which kind of account this is" in asked
        assert "▸ Not yet" in asked
        await stage.press("tab", "enter")
        step = screen.book.steps[0]
        assert (step.step.id, step.status, bool(step.said), screen.book.done) == ("K0", "done", True, before + 1)
        rows = screen.query_one("#steps-list", RowList)
        assert rows.row is not None
        assert rows.row.key != "K0"
        rows.go_to("K0")
        assert "you said so" in await stage.text()
        assert "Take it back" in await stage.press("r")
        await stage.press("tab", "enter")
        assert screen.book.done == before


async def test_contacts_are_asked_for_one_by_one_as_they_should_not_be_the_same_person(
    account_files: list[str],
) -> None:
    async with staged(account_files) as stage:
        await stage.press("6", "enter", "r", "tab", "enter")
        screen = stage.app.screen
        assert isinstance(screen, SetupScreen)
        screen.query_one("#steps-list", RowList).go_to("R4")
        assert "yours: 6 values" in await stage.text()
        asked = await stage.press("enter")
        assert "AWS knows whom to tell about bills: A group mailbox" in asked
        assert "contact-billing.email" in asked
        await stage.type("money@acme.example")
        assert "contact-security.phone" in await stage.press("enter"), "the next field is asked"
        await stage.press("enter")
        assert screen.choices is not None
        assert "yours: 5 values" in await stage.text()
        screen.query_one("#steps-list", RowList).go_to("K0")
        await stage.press("enter")
        assert screen.query_one(Detail).has_focus
        await stage.press("escape")
        assert screen.query_one("#steps-list").has_focus
        screen.query_one("#steps-list", RowList).go_to("R1")
        await stage.press("enter")
        assert stage.app.screen is not screen
        await stage.press("6")
        assert stage.app.screen is screen, "the mode's own key leads back to its first screen"
        kept = screen.choices.values
    assert [name for name, given in kept.items() if given == {"email": "money@acme.example"}] == ["contact-security"]
