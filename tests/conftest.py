"""Every test runs apart from the machine: own home and configuration, no AWS settings, no network but loopback."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

_HOME = tempfile.TemporaryDirectory(prefix="advisor-tests-")
_KEPT = ("AWS_ENDPOINT_URL_FOR_TESTS",)


def _isolate() -> None:
    """Set before any module of ours is imported, so that child processes of tests inherit it too."""
    for name in list(os.environ):
        if (name.startswith("AWS_") and name not in _KEPT) or name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
            del os.environ[name]
    home = Path(_HOME.name)
    os.environ.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_CACHE_HOME=str(home / "cache"),
        XDG_STATE_HOME=str(home / "state"),
        XDG_DATA_HOME=str(home / "data"),
        AWS_EC2_METADATA_DISABLED="true",
        TEXTUAL_ANIMATIONS="none",
        TERM="xterm-256color",
    )


_isolate()

for _signal in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
    if signal.getsignal(_signal) is signal.SIG_IGN:  # as `nohup` and shells in the background leave it to all children
        signal.signal(_signal, signal.default_int_handler if _signal is signal.SIGINT else signal.SIG_DFL)

_connect = socket.socket.connect


def _connect_to_loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if host != "localhost" and not ip_address(host.partition("%")[0]).is_loopback:
            raise OSError(f"a test tried to reach {host}: tests use no network")
    return _connect(self, address)


socket.socket.connect = _connect_to_loopback_only  # type: ignore[method-assign,assignment]


def pytest_configure(config: pytest.Config) -> None:
    from hypothesis import settings

    settings.register_profile("advisor", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "advisor"))
