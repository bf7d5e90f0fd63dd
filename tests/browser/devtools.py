"""A page of headless Chromium, driven over the Chrome DevTools Protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?<>=]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|.)")
_KEYS = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "ArrowUp": ("ArrowUp", 38, "")}


class Page:
    """One page: what it is told, and what the server behind it drew since it was last asked."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._frames: list[bytes] = []
        self.requested: list[str] = []
        self.errors: list[str] = []
        self.socket_address = ""

    async def listen(self) -> None:
        async for message in self._socket:
            event = message.json()
            if "id" in event:
                self._answers.pop(event["id"]).set_result(event)
            else:
                self._note(event.get("method", ""), event.get("params", {}))

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.webSocketFrameReceived":
            data = params["response"]
            is_binary = data["opcode"] == 2
            self._frames.append(base64.b64decode(data["payloadData"]) if is_binary else data["payloadData"].encode())
        elif method == "Network.webSocketCreated":
            self.socket_address = params["url"]
        elif method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"]))

    async def tell(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(future, 30)
        assert "error" not in answer, answer
        return answer["result"]

    async def until_drawn(self, *words: str, within: float = 40) -> str:
        """Wait until the app has drawn each of the words since the last call; the text that it drew."""

        async def wait() -> str:
            while True:
                text = _ESCAPES.sub("\n", b"".join(self._frames).decode("utf-8", "replace"))
                if all(word in text for word in words):
                    self._frames.clear()
                    return text
                await asyncio.sleep(0.1)

        try:
            return await asyncio.wait_for(wait(), within)
        except TimeoutError:
            drawn = _ESCAPES.sub("", b"".join(self._frames).decode("utf-8", "replace"))
            raise AssertionError(f"{words} were not drawn, but {drawn[-1500:]!r}") from None

    async def press(self, key: str) -> None:
        name, code, text = _KEYS.get(key, (key, ord(key.upper()) if len(key) == 1 else 0, key))
        common = {"key": name, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        await self.tell("Input.dispatchKeyEvent", type="keyDown", **common)
        await self.tell("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    async def click(self, x: float, y: float) -> None:
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self) -> bytes:
        found = await self.tell("Page.captureScreenshot", format="png")
        return base64.b64decode(found["data"])


@contextlib.asynccontextmanager
async def open_page(chromium: str, profile: Path, address: str) -> AsyncIterator[Page]:
    """Start the browser with a profile of its own, and open the address in it."""
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1200,800")
    command = [chromium, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = await _port(profile / "DevToolsActivePort", browser)
        async with aiohttp.ClientSession() as client:
            targets = await (await client.get(f"http://127.0.0.1:{port}/json")).json(content_type=None)
            where = next(target for target in targets if target["type"] == "page")["webSocketDebuggerUrl"]
            async with client.ws_connect(where, max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                for domain in ("Page", "Network", "Runtime"):
                    await page.tell(f"{domain}.enable")
                await page.tell("Page.navigate", url=address)
                yield page
                listening.cancel()
    finally:
        browser.terminate()
        browser.wait(20)


async def _port(file: Path, browser: subprocess.Popen[bytes]) -> int:
    for _ in range(300):
        assert browser.poll() is None, "the browser ended by itself"
        if file.exists() and file.read_text().strip():
            return int(file.read_text().split()[0])
        await asyncio.sleep(0.1)
    raise AssertionError("the browser opened no port")
