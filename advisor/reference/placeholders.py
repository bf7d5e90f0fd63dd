"""Placeholders of the form `$name.part` in templates, replaced by values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.reference.schema.changes import PLACEHOLDER


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """Placeholders replaced at any depth; a text that is one placeholder takes the value's own type.

    What the account has no value for (`None`) is left out of a map.
    """
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        if whole:
            return _look_up(whole.group(1), names)
        return PLACEHOLDER.sub(lambda found: str(_look_up(found.group(1), names)), value)
    if isinstance(value, Mapping):
        entries = ((str(filled(key, names)), filled(item, names)) for key, item in value.items())
        return {key: item for key, item in entries if item is not None}
    if isinstance(value, list | tuple):
        return [filled(item, names) for item in value]
    return value


def _look_up(path: str, names: Mapping[str, Any]) -> Any:
    found: Any = names
    for part in path.split("."):
        found = found[part]
    return found
