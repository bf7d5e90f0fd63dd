"""Take the README's pictures: the real app on the demo account, as SVG. `python .ci/pictures.py`."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "docs" / "pictures"
SIZE = (110, 32)
STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("home", ("1",)),
    ("paths", ("4",)),
    ("who-can", ("a", *"read payroll", "enter")),
)
"""(name of the picture, keys pressed before it)."""


async def take() -> None:
    from advisor.account import open_account
    from screens.app import AdvisorApp

    def opener(progress: object, partial: object = None) -> object:
        return open_account(demo=True)

    app = AdvisorApp(opener, "the demo account")  # type: ignore[arg-type]
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(600):
            await pilot.pause(0.1)
            if app.session.advisor is not None and not app.session.is_partial:
                break
        for name, keys in STORY:
            await pilot.press(*keys)
            await app.workers.wait_for_complete()
            await pilot.pause(1.5)
            svg = re.sub(r"terminal-\d+-", "terminal-", app.export_screenshot(title="IAM Advisor"))
            (FOLDER / f"{name}.svg").write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S))
            print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_STATE_HOME=home, XDG_CACHE_HOME=home, XDG_CONFIG_HOME=home)
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        FOLDER.mkdir(parents=True, exist_ok=True)
        asyncio.run(take())
