"""The app on a saved snapshot, by the clock, as a user waits for it: `python -m tests.bench.app FILE BEGUN`.

`BEGUN` is the time (seconds since 1970) at which the process was started. Keys are typed into the question box while
threads work on the account, and each is timed until the screen with its letter is drawn.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time

from textual import events
from textual.widgets import Input

from advisor.account import open_account
from screens.app import AdvisorApp

QUESTION = "read bucket-1"
KEYS = {" ": "space", "-": "minus"}
BETWEEN_KEYS = 0.12
"""Seconds: a fast typist, and longer than the box waits before it asks."""
AT_WORK = 2.0
"""Seconds after the account is there in which the threads get to work."""


async def measure(file: str, begun: float) -> dict[str, float]:
    app = AdvisorApp(lambda progress, partly: open_account([file], progress=progress), "saved.json")
    found: dict[str, float] = {}
    async with app.run_test(size=(120, 36)):
        found["paint"] = (time.time() - begun) * 1_000
        while app.session.advisor is None:
            await asyncio.sleep(0.01)
        await _drawn(app)
        found["opened"] = (time.time() - begun) * 1_000
        await asyncio.sleep(AT_WORK)
        app.action_ask()
        while not app.screen.query("#question"):
            await asyncio.sleep(0.01)
        box = app.screen.query_one("#question", Input)
        box.focus()
        await _drawn(app)
        times = [await _typed(app, box, char) for char in QUESTION]
        found["key"], found["key_worst"] = statistics.median(times), max(times)
        print(json.dumps(found), flush=True)
        os._exit(0)  # nobody waits for the threads


async def _typed(app: AdvisorApp, box: Input, char: str) -> float:
    """Milliseconds from a key to the screen that shows it."""
    await asyncio.sleep(BETWEEN_KEYS)
    before, start = box.value, time.perf_counter()
    app.post_message(events.Key(KEYS.get(char, char), char))
    while box.value == before:
        await asyncio.sleep(0)
    await _drawn(app)
    return (time.perf_counter() - start) * 1_000


async def _drawn(app: AdvisorApp) -> None:
    drawn = asyncio.Event()
    app.screen.call_after_refresh(drawn.set)
    await drawn.wait()


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1], float(sys.argv[2])))
