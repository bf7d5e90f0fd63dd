"""The user's own keys: `keys.json` in the configuration folder, from a binding's id to a key (`"app.ask": "f2"`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from textual.binding import Binding

from screens.wording import clean, joined


def keys_file() -> Path:
    return user_config_path("iam-advisor", appauthor=False) / "keys.json"


def own_keys() -> dict[str, str]:
    """What the user's file says; nothing where there is none or it is not a map of texts."""
    value = _read()
    if not isinstance(value, dict):
        return {}
    return {id: key for id, key in value.items() if isinstance(id, str) and isinstance(key, str)}


def _read() -> Any:
    try:
        return json.loads(keys_file().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def bindings_with(keymap: Mapping[str, str], node: Any) -> list[tuple[str, Binding]]:
    """(key, binding) of a node in their order, with the user's own keys in the place of ours."""
    bindings = node._bindings
    if not keymap:
        return list(bindings)
    own = bindings.copy()
    own.apply_keymap(dict(keymap))
    order = {binding.action: at for at, (_, binding) in reversed(list(enumerate(bindings)))}
    return sorted(own, key=lambda item: order.get(item[1].action, len(order)))


def problems() -> list[str]:
    """What is wrong with the user's keys, in sentences: an id that there is not, a key that has two meanings."""
    if not keys_file().exists():
        return []
    value = _read()
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value.values()):
        return ['keys.json is not a map from ids to keys, such as {"app.ask": "f2"}: what is no text is left out.']
    nodes = list(_nodes())
    known = {binding.id: binding for node in nodes for binding in _bindings_of(node) if binding.id}
    return [*_unknown(value, known), *_clashes(value, nodes)]


def _unknown(keymap: Mapping[str, str], known: Mapping[str, Binding]) -> Iterator[str]:
    from difflib import get_close_matches

    for id in keymap:
        if id not in known:
            near = get_close_matches(id, known, n=1)
            yield f"keys.json: there is no `{clean(id)}`." + (f" Nearest: `{near[0]}`." if near else "")


def _clashes(keymap: Mapping[str, str], nodes: list[Any]) -> Iterator[str]:
    """Keys of the user's that mean something else too where they are pressed: in the list, the screen or the app."""
    from screens.app import AdvisorApp
    from screens.base import AdvisorScreen
    from screens.widgets.rows import RowList

    clashes: dict[str, dict[str, str]] = {}
    for node in nodes:
        is_screen = isinstance(node, type) and issubclass(node, AdvisorScreen)
        owners = (RowList, *node.__mro__, AdvisorApp) if is_screen else (node,)
        meanings: dict[str, dict[str, str]] = {}
        for binding in chain.from_iterable(map(_bindings_of, owners)):
            for key in keymap.get(binding.id or "", binding.key).split(","):
                meanings.setdefault(key.strip(), {})[binding.id or binding.action] = binding.description
        for key, found in meanings.items():
            if len(found) > 1 and any(id in keymap for id in found):
                clashes.setdefault(key, {}).update(found)
    for key, found in clashes.items():
        ids = [f"`{id}` ({does})" for id, does in found.items()]
        yield f"keys.json: `{clean(key)}` is {joined(ids, 3)}: where both are, the first is done."


def _nodes() -> Iterator[Any]:
    """Everything in the app that has keys."""
    import pkgutil
    from importlib import import_module

    import screens

    for one in pkgutil.walk_packages(screens.__path__, "screens."):
        for node in vars(import_module(one.name)).values():
            if isinstance(node, type) and "BINDINGS" in vars(node):
                yield node


def _bindings_of(node: Any) -> list[Binding]:
    return [binding for binding in vars(node).get("BINDINGS", ()) if isinstance(binding, Binding)]
