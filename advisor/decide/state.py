"""Walks that were left: one file for each account and topic in the state folder, found again after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from advisor.advice.accepted import write_private
from advisor.decide.walk import Walk
from advisor.errors import InputError, UsageError
from advisor.reference.places import make_private, set_aside, state_folder
from advisor.reference.versions import refuse_newer

SCHEMA = "advisor/walk/1"


def save_walk(walk: Walk, account: str) -> Path:
    """Keep a walk. Returns the file."""
    file = _file(account, walk.topic)
    make_private(file.parent)
    if file.is_file() and not _is_ours(file):
        set_aside(file)
    write_private(file, msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **walk.encode()}), indent=2))
    return file


def load_walk(account: str, topic: str, folders: Sequence[str | Path] = ()) -> Walk | None:
    """The walk that was left; `None` where there is none or the file cannot be read as one.

    Raises:
        InputError: a newer version of the advisor wrote it.
    """
    kept = _read(_file(account, topic)) or {}
    try:
        walk = Walk.decode(kept, folders)
    except (msgspec.MsgspecError, UsageError, TypeError, ValueError):
        return None
    return walk if walk.topic == topic else None


def _read(file: Path) -> dict[str, Any] | None:
    """What the file says, without its schema; the first ones did not name any."""
    try:
        plain = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    refuse_newer(plain.pop("schema", None), SCHEMA, str(file))
    return plain


def _is_ours(file: Path) -> bool:
    try:
        return _read(file) is not None
    except InputError:
        return False


def forget_walk(account: str, topic: str) -> None:
    _file(account, topic).unlink(missing_ok=True)


def _file(account: str, topic: str) -> Path:
    safe = [re.sub(r"[^A-Za-z0-9_-]", "_", part) or "_" for part in (account, topic)]
    return state_folder() / "walks" / safe[0] / f"{safe[1]}.json"
