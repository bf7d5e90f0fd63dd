"""`serve`: only who has the token gets in, only from our own address, and the app really runs behind it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.cli.conftest import Advise

ADVISOR = str(Path(sys.executable).with_name("advisor"))


@pytest_asyncio.fixture
async def address(export: Path) -> AsyncIterator[str]:
    """The address that `advisor serve` prints; the server ends with the test."""
    process = await asyncio.create_subprocess_exec(
        ADVISOR, "serve", "--port", "0", "--from", str(export), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        found = re.search(r"http://\S+", line.decode())
        assert found is not None, line
        await _until_up(found.group().partition("?")[0])
        yield found.group()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 20)


async def _until_up(url: str) -> None:
    async with aiohttp.ClientSession() as client:
        for _ in range(100):
            with contextlib.suppress(aiohttp.ClientConnectionError):
                await client.get(url)
                return
            await asyncio.sleep(0.1)
    raise AssertionError("the server does not answer")


async def test_only_the_token_opens_the_app(address: str) -> None:
    base, _, token = address.partition("?")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        assert (await client.get(base)).status == 403
        assert (await client.get(f"{base}static/js/textual.js")).status == 403
        assert (await client.get(f"{base}?token={'x' * len(token)}")).status == 403
        assert (await client.get(address, headers={"Host": "evil.example"})).status == 403
        page = await client.get(address)
        assert page.status == 200
        assert "token" not in str(page.url)
        text = await page.text()
        assert "IAM Advisor" in text
        outside = [url for url in re.findall(r"https?://[^\"'\s]+", text) if not url.startswith(base)]
        assert outside == []
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]


async def test_a_web_socket_from_elsewhere_is_refused(address: str) -> None:
    base, _, _ = address.partition("?")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await client.get(address)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await client.ws_connect(f"{base}ws", headers={"Origin": "http://evil.example"})


async def test_the_app_runs_in_the_window(address: str) -> None:
    base, _, _ = address.partition("?")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await client.get(address)
        async with client.ws_connect(f"{base}ws?width=100&height=30") as window:
            drawn = b""
            while b"Home" not in drawn:
                message = await asyncio.wait_for(window.receive(), 30)
                assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (message, drawn[-500:])
                drawn += message.data if isinstance(message.data, bytes) else b""


def test_a_taken_port_says_so(advise: Advise) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = advise("serve", "--port", str(taken.getsockname()[1]))
    assert refused.code == 2
    assert "taken" in refused.err and "--port 0" in refused.err
