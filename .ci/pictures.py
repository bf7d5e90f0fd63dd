"""Take the README's pictures and its recording: the real app on the demo account, as SVG. `python .ci/pictures.py`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from terminal_svg import Frame, svg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "docs" / "pictures"
SIZE = (104, 30)
CUT_SECONDS = 120
"""So long the cut of the demo may take on a busy machine; then there are no pictures."""
PICTURES: dict[str, tuple[str, ...]] = {
    "home": ("1",),
    "who-can": ("a", *"read payroll", "enter"),
    "decide": ("2", "enter"),
    "cut": ("4", "m"),
    "preview": ("4", "m", "p"),
}
"""Keys pressed from Home before each picture."""
RECORDING: tuple[tuple[tuple[str, ...], str, float], ...] = (
    (("1",), "Home: what is worst, and what to do next", 3.2),
    (("a",), "a: ask", 0.8),
    *(((key,), "a: ask", 0.12) for key in "read pay"),
    (("enter",), "Enter: who can read payroll, each with the statement that lets them in", 3.4),
    (("end",), "one is unknown, and says what was not read", 2.0),
    (("up",), "one can, if", 1.2),
    (("enter",), "Enter: why, layer by layer, and the smallest changes that turn it", 4.0),
    (("4",), "4: who can become administrator, hop by hop", 3.2),
    (("m",), "m: the cheapest changes that close every way", 3.2),
    (("p",), "p: what they would do before anything is done: access, guards, undo", 4.2),
    (("2",), "2: decisions, each on this account's evidence", 1.6),
    (("enter",), "Enter: a question, with what the account says and what it suggests", 3.6),
)
"""(keys, what is said below, seconds)."""


async def take() -> None:
    from advisor.account import open_account
    from screens.app import AdvisorApp

    def opener(progress: object, partial: object = None) -> object:
        return open_account(demo=True)

    app = AdvisorApp(opener, "the demo account")  # type: ignore[arg-type]
    async with app.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(CUT_SECONDS):
            while app.session.known_cut is None:
                await pilot.pause(0.1)
        for name, keys in PICTURES.items():
            await _home(app, pilot)
            _write(name, [Frame(await _press(app, pilot, keys, 1.5))])
        await _home(app, pilot)
        frames = []
        for keys, told, seconds in RECORDING:
            frames.append(Frame(await _press(app, pilot, keys, 1.0 if seconds > 0.5 else 0.3), seconds, told))
        _write("tour", frames)


async def _home(app: Any, pilot: Any) -> None:
    """Home, with nothing left open anywhere."""
    for mode in ("home", "decide", "explore", "paths", "ask"):
        app.switch_mode(mode)
        while len(app.screen_stack) > 1:
            app.pop_screen()
        await pilot.pause(0.1)
    app.screen.query_one("#question").value = ""
    app.switch_mode("home")
    await pilot.pause(0.3)


async def _press(app: Any, pilot: Any, keys: tuple[str, ...], pause: float) -> list[Any]:
    await pilot.press(*("space" if key == " " else key for key in keys))
    await app.workers.wait_for_complete()
    await pilot.pause(pause)
    await app.workers.wait_for_complete()
    return [tuple(strip) for strip in app.screen._compositor.render_strips(app.size)]


def _write(name: str, frames: list[Frame]) -> None:
    picture = svg(frames, "IAM Advisor")
    if "AKIA" in picture:
        raise SystemExit(f"{name}: a picture shows no access key, not even one of the demo")
    (FOLDER / f"{name}.svg").write_text(picture)
    print(f"{FOLDER / name}.svg  {len(picture) // 1024} KiB, {len(frames)} frames")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_STATE_HOME=home, XDG_CACHE_HOME=home, XDG_CONFIG_HOME=home)
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        sys.path.insert(0, str(ROOT))
        FOLDER.mkdir(parents=True, exist_ok=True)
        asyncio.run(take())
