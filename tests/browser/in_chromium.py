"""`advisor serve` in headless Chromium: the app starts, is clicked, a decision is walked. See `make test-browser`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.devtools import Page, open_page
from tests.cli.conftest import EXPORT

CHROMIUM = os.environ.get("ADVISOR_CHROMIUM", "")
TABS = " 1 Home  2 Decide  3 Explore"
PICTURES = Path("build/browser")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here, and none can be installed")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    account = tmp_path / "account.json"
    account.write_text(json.dumps(EXPORT))
    folders = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME")}
    server = subprocess.Popen(
        [sys.executable, "-m", "advisor", "serve", "--port", "0", "--from", str(account)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **folders},
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.terminate()
        server.wait(20)


async def test_the_app_starts_is_clicked_and_walks_a_tree(address: str, tmp_path: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with open_page(CHROMIUM, tmp_path / "profile", address) as page:
        await page.until_drawn("Home", "Decide")
        (PICTURES / "home.png").write_bytes(await page.picture())
        await page.click(*await _cell(page, TABS.index("Decide"), 1))
        await page.until_drawn("How people sign in")
        await page.press("Enter")
        await page.until_drawn("question", "kind of account")
        (PICTURES / "question.png").write_bytes(await page.picture())
        for key in ("ArrowUp", "ArrowUp", "Enter"):
            await page.press(key)
        await page.until_drawn("question 2 of")
        picture = await page.picture()
        (PICTURES / "walk.png").write_bytes(picture)
        assert len(picture) > 20_000, "an empty window"
        assert not page.errors
        hosts = {
            urlsplit(url).netloc for url in page.requested if urlsplit(url).scheme not in ("data", "blob", "about")
        }
        assert hosts == {urlsplit(address).netloc}, "the window asks nobody else"


async def _cell(page: Page, column: int, row: int) -> tuple[float, float]:
    """The middle of a cell of the terminal, in pixels of the page."""
    expression = "JSON.stringify(document.querySelector('.xterm-screen').getBoundingClientRect())"
    found = await page.tell("Runtime.evaluate", expression=expression)
    box = json.loads(found["result"]["value"])
    size = parse_qs(urlsplit(page.socket_address).query)
    wide, high = box["width"] / int(size["width"][0]), box["height"] / int(size["height"][0])
    return box["x"] + (column + 0.5) * wide, box["y"] + (row + 0.5) * high
