"""Small edits of one statement's JSON, from which templates, cuts and fixes are put together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    """A lone value as a list of one; nothing as an empty list."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def remove_actions(statement: Json, actions: Iterable[str]) -> Json | None:
    """The statement without these action patterns; `None` where none is left."""
    gone = {action.lower() for action in actions}
    kept = [action for action in as_list(statement.get("Action")) if action.lower() not in gone]
    return {**statement, "Action": kept} if kept or "Action" not in statement else None


def set_actions(statement: Json, actions: Iterable[str]) -> Json:
    return _instead(statement, "NotAction", "Action", list(actions))


def set_resources(statement: Json, resources: Iterable[str]) -> Json:
    return _instead(statement, "NotResource", "Resource", list(resources))


def _instead(statement: Json, other: str, name: str, values: list[str]) -> Json:
    """Write an element in the place of itself or of its negated twin."""
    changed = {name if key == other else key: value for key, value in statement.items()}
    return {**changed, name: values}


def add_condition(statement: Json, condition: dict[str, Json]) -> Json:
    """The statement with further conditions. The same operator and key takes the new values."""
    block = {operator: dict(keys) for operator, keys in (statement.get("Condition") or {}).items()}
    for operator, keys in condition.items():
        held = block.setdefault(operator, {})
        for key, values in keys.items():
            same = next((name for name in held if name.lower() == key.lower()), key)
            held[same] = values
    return {**statement, "Condition": block}


def remove_principal(statement: Json, principal: str) -> Json | None:
    """The statement without one principal (ARN, account id, service, `*`); `None` where none is left."""
    element = statement.get("Principal")
    if element == "*" or element is None:
        return None if element == principal else statement
    kept = {
        kind: [one for one in as_list(names) if not same_principal(one, principal)] for kind, names in element.items()
    }
    kept = {kind: names for kind, names in kept.items() if names}
    return {**statement, "Principal": kept} if kept else None


def set_principal(statement: Json, principal: Any) -> Json:
    return {**statement, "Principal": principal}


def same_principal(one: str, other: str) -> bool:
    """Equal, or an account's id and its root ARN, which AWS takes for the same."""
    return one == other or account_named(one) == account_named(other) != ""


def account_named(principal: str) -> str:
    """The account that a principal element names as a whole, by id or by root ARN; empty otherwise."""
    if principal.isdigit() and len(principal) == 12:
        return principal
    parts = principal.split(":")
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else ""


def has_condition(statement: Json, key: str) -> bool:
    return any(name.lower() == key.lower() for keys in (statement.get("Condition") or {}).values() for name in keys)
