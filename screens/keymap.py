"""The user's own keys: `keys.json` in the configuration folder, from a binding's id to a key (`"app.ask": "f2"`)."""

from __future__ import annotations

import json

from platformdirs import user_config_path


def own_keys() -> dict[str, str]:
    """What the user's file says; nothing where there is none or it is not a map of texts."""
    try:
        value = json.loads((user_config_path("iam-advisor", appauthor=False) / "keys.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {id: key for id, key in value.items() if isinstance(id, str) and isinstance(key, str)}
