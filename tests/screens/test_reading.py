"""What is asked while the account is still being read: the answer says so, and is given anew at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event

import msgspec
import pytest

from advisor.account import Advisor, Progress, open_account
from advisor.errors import SignInError
from advisor.model.snapshot import Snapshot
from screens.app import AdvisorApp
from tests.screens.stage import Stage, screen_text, settle, until

pytestmark = pytest.mark.usefixtures("own_home")
PARTLY = "From a part of the account only"


@asynccontextmanager
async def half_read(files: list[str], *, fails: bool = False) -> AsyncIterator[tuple[Stage, Callable[[], None]]]:
    """The app while half of an account is there, and what lets the reading end."""
    rest = Event()

    def slow(progress: Progress, partly: Callable[[Snapshot], None]) -> Advisor:
        whole = open_account(files)
        progress("principals", 1, 1)
        progress("policies", 0, 3)
        partly(msgspec.structs.replace(whole.snapshot, roles=()))
        rest.wait(30)
        if fails:
            raise SignInError("the sign-in ended", advice="run `aws sso login`")
        return whole

    app = AdvisorApp(slow, "profile x")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.session.advisor is not None)
        await pilot.pause(0.4)
        try:
            yield Stage(app, pilot), rest.set
        finally:
            rest.set()
            await settle(pilot)


async def shown(stage: Stage, words: str) -> str:
    """The screen as soon as these words stand on it; the reading goes on meanwhile."""
    await until(lambda: words in screen_text(stage.app), 10)
    return screen_text(stage.app)


async def test_what_is_there_is_shown_while_the_rest_is_read(account_files: list[str]) -> None:
    async with half_read(account_files) as (stage, go_on):
        text = await shown(stage, "4 users")
        assert "still being read" in text and "0 roles" in text
        go_on()
        await until(lambda: not stage.app.session.is_partial)
        text = await stage.text()
        assert "still being read" not in text and "5 roles" in text


async def test_an_answer_of_a_half_read_account_says_so_and_is_given_anew(account_files: list[str]) -> None:
    async with half_read(account_files) as (stage, go_on):
        for key in ("a", *"read", "space", *"pay", "enter"):
            await stage.pilot.press(key)
        text = await shown(stage, " can ·")
        assert PARTLY in text
        assert "AuditReader" not in text
        assert "? reading 1 of 2" in text
        await stage.pilot.press("enter")
        assert PARTLY in await shown(stage, "Identity")
        await stage.pilot.press("escape")
        go_on()
        await until(lambda: not stage.app.session.is_partial)
        text = await stage.text()
        assert "AuditReader" in text
        assert PARTLY not in text
        assert "reading 1 of 2" not in text


async def test_a_decision_takes_no_evidence_from_a_half_read_account(account_files: list[str]) -> None:
    async with half_read(account_files) as (stage, go_on):
        for key in ("2", "enter"):
            await stage.pilot.press(key)
            await stage.pilot.pause(0.3)
        assert "waits for its evidence" in await shown(stage, "waits for")
        go_on()
        await until(lambda: not stage.app.session.is_partial)
        assert "This account says" in await stage.text()


async def test_a_reading_that_fails_in_its_middle_is_told_and_claims_nothing_more(account_files: list[str]) -> None:
    async with half_read(account_files, fails=True) as (stage, go_on):
        go_on()
        text = await shown(stage, "The sign-in ended")
        assert "run `aws sso login`" in text
        assert "read in part: r reads it again" in text
        assert "still being read" not in text
        await stage.press("c")
        assert "Everything that was asked for was read" not in await stage.text()
