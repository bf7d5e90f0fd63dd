"""Walks that were left: one file for each account and topic in the state folder, found again after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from advisor.advice.accepted import write_private
from advisor.decide.walk import Walk
from advisor.errors import UsageError
from advisor.reference.places import make_private, set_aside, state_folder


def save_walk(walk: Walk, account: str) -> Path:
    """Keep a walk. Returns the file."""
    file = _file(account, walk.topic)
    make_private(file.parent)
    if file.is_file() and _read(file) is None:
        set_aside(file)
    write_private(file, msgspec.json.format(msgspec.json.encode(walk.encode()), indent=2))
    return file


def load_walk(account: str, topic: str, folders: Sequence[str | Path] = ()) -> Walk | None:
    """The walk that was left; `None` where there is none or the file cannot be read as one."""
    try:
        walk = Walk.decode(_read(_file(account, topic)) or {}, folders)
    except (msgspec.MsgspecError, UsageError, TypeError, ValueError):
        return None
    return walk if walk.topic == topic else None


def _read(file: Path) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def forget_walk(account: str, topic: str) -> None:
    _file(account, topic).unlink(missing_ok=True)


def _file(account: str, topic: str) -> Path:
    safe = [re.sub(r"[^A-Za-z0-9_-]", "_", part) or "_" for part in (account, topic)]
    return state_folder() / "walks" / safe[0] / f"{safe[1]}.json"
