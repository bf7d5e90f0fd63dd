"""Runs the app for a test: opens an account, presses keys, reads what stands on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from advisor.account import Advisor, open_account
from screens.app import AdvisorApp
from screens.session import Opener
from screens.widgets.rows import RowList

NARROW, WIDE = (80, 24), (120, 36)
LOOKS = [((80, 24), "plain"), ((200, 50), "advisor-light")]
"""(size, theme) in which the uses are walked; everything else is tested in the dark theme."""


def opener_of(files: Sequence[str | Path]) -> Opener:
    def opener(progress: Any, partly: Any) -> Advisor:
        return open_account(files, progress=progress)

    return opener


def screen_text(app: AdvisorApp) -> str:
    """The screen as plain text, line by line."""
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def settle(pilot: Pilot[None]) -> None:
    """Wait until workers and messages are through."""
    for _ in range(3):
        with suppress(WorkerCancelled):  # a question that a later one took the place of
            await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.02)


async def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something that is worked out in a thread."""
    for _ in range(int(seconds * 10)):
        if holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come in time")


@asynccontextmanager
async def staged(files: Sequence[str | Path], size: tuple[int, int] = NARROW, theme: str = "") -> AsyncIterator[Stage]:
    """The app with the account of some files open. The theme `plain` is what NO_COLOR makes of it."""
    app = AdvisorApp(opener_of(files), "account.json", ansi_color=True if theme == "plain" else None)
    if theme not in ("", "plain"):
        app.theme = theme
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield Stage(app, pilot)


class Stage:
    """The running app under the test's hands."""

    def __init__(self, app: AdvisorApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self._shown = ""
        """The screen's text as it was read last."""

    async def press(self, *keys: str) -> str:
        """Press keys one after the other; answer the screen's text."""
        for key in keys:
            await self.pilot.press(key)
        return await self.text()

    async def type(self, text: str) -> str:
        return await self.press(*("space" if char == " " else char for char in text))

    async def click(self, words: str) -> str:
        """Click in the middle of the first place where these words stand."""
        lines = (await self.still()).splitlines()
        row = next((at for at, line in enumerate(lines) if words in line), None)
        assert row is not None, f"{words!r} stands nowhere:\n" + "\n".join(lines)
        await self.pilot.click(offset=(lines[row].index(words) + len(words) // 2, row))
        return await self.text(0.15)

    async def wheel(self, turns: int = 1) -> str:
        """Turn the wheel down over the list."""
        for _ in range(turns):
            await self.pilot._post_mouse_events([MouseScrollDown], widget=self.app.screen.query_one(RowList))
        return await self.text()

    async def still(self) -> str:
        """The screen's text when nothing moves any more: what is clicked stands where it was seen."""
        before = self._shown
        while before != (now := await self.text()):
            before = now
            await self.pilot.pause(0.05)
        return now

    async def text(self, pause: float = 0.0) -> str:
        await settle(self.pilot)
        if pause:
            await self.pilot.pause(pause)
            await settle(self.pilot)
        self._shown = screen_text(self.app)
        return self._shown


async def answer_all(text: str, press: Callable[..., Awaitable[str]]) -> str:
    """Enter after Enter to the outcome of a decision; what nothing speaks for is not answered by Enter alone."""

    async def answer(text: str) -> str:
        return await press(*(("g",) if _is_unsuggested(text) else ()), "enter")

    return await _to_the_outcome(text, answer)


async def answer_all_by_mouse(stage: Stage, text: str) -> str:
    """Click after click to the outcome of a decision; where nothing is suggested the first option is chosen."""

    async def answer(text: str) -> str:
        if _is_unsuggested(text):
            first = next(line for line in text.splitlines() if "( )" in line)
            await stage.click(first.strip()[4:24])
        return await stage.click("↵ Take it")

    return await _to_the_outcome(text, answer)


def _is_unsuggested(text: str) -> bool:
    return "(•) I do not know yet" in text


async def _to_the_outcome(text: str, answer: Callable[[str], Awaitable[str]]) -> str:
    for _ in range(12):
        if "› outcome" in text:
            return text
        text = await answer(text)
    raise AssertionError("no outcome after twelve questions")
