"""Where the advisor keeps its own files: the platform's usual folders, with `XDG_…` honoured on every platform.

Folders are made when something is first written, readable by their owner only.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NAME = "iam-advisor"


def config_folder() -> Path:
    """Settings, keymap, the user's own knowledge."""
    return _folder("XDG_CONFIG_HOME", "user_config_path")


def state_folder() -> Path:
    """What must not be lost: journal, accepted risks, walks."""
    return _folder("XDG_STATE_HOME", "user_state_path")


def records_folder() -> Path:
    """Where decision records go unless the user names a folder."""
    return Path.home() / "iam-records"


def make_private(folder: Path) -> Path:
    """Make the folder (and those above it that are missing) for the owner only, and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def set_aside(file: Path) -> None:
    """Rename a file that this version cannot read, before another takes its place: a newer one may have written it."""
    with contextlib.suppress(OSError):
        file.replace(file.with_name(f"{file.name}.unread"))


def _folder(variable: str, name: str) -> Path:
    set_by_user = os.environ.get(variable, "")
    if set_by_user and Path(set_by_user).is_absolute():
        return Path(set_by_user) / NAME
    import platformdirs

    return Path(getattr(platformdirs, name)(NAME, appauthor=False))
