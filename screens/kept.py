"""What is kept over restarts: small JSON in the platform's state folder, owner only, written atomically."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from platformdirs import user_state_path


def _folder() -> Path:
    return user_state_path("iam-advisor", appauthor=False)


def recall(name: str) -> dict[str, Any]:
    """What was kept under a name; empty where there is nothing or it cannot be read."""
    try:
        value = json.loads((_folder() / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def keep(name: str, value: dict[str, Any]) -> None:
    """Keep a value; a state folder that cannot be written is no reason to stop."""
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(value, out)
        unfinished.replace(folder / f"{name}.json")
    except OSError:
        return


def recent_files() -> list[str]:
    """Paths of files that were opened before and are still there, the latest first."""
    return [path for path in _recent() if os.path.isfile(path)][:5]  # noqa: PTH113 (says no to a name that is too long)


def _recent() -> list[str]:
    paths = recall("recent").get("files")
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def remember_file(path: str) -> None:
    others = [other for other in _recent() if other != path]
    keep("recent", {"files": [path, *others][:10]})
