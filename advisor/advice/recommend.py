"""From what is wrong to what would mend it: templates of changes filled in for this account and this thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from advisor.advice.facts import ask
from advisor.errors import UsageError
from advisor.model.change import Change
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_FILLED: WeakKeyDictionary[OpenAccount, dict[tuple[object, ...], tuple[Change, ...]]] = WeakKeyDictionary()
"""One statement may be behind the findings of thousands: what mends it is filled in once for the account."""


def changes_for(
    account: OpenAccount,
    template: str,
    subject: str = "",
    values: Mapping[str, str] | None = None,
    folders: Sequence[str | Path] = (),
) -> tuple[Change, ...]:
    """The changes of one template, empty where it has nothing to do for this thing (or, by its kind, for the account).

    A template that does not exist, or does not fit the thing, recommends nothing: `check_knowledge` reports the first.
    """
    known = load("changes", tuple(folders)).get(template)
    if known is None:
        return ()
    if known.subject == "account":
        subject = ""
    filled = _FILLED.setdefault(account, {})
    key = (template, subject, tuple(sorted((values or {}).items())), tuple(map(str, folders)))
    if key not in filled:
        filled[key] = _fill(account, template, subject, values or {}, folders)
    return filled[key]


def _fill(
    account: OpenAccount, template: str, subject: str, values: Mapping[str, str], folders: Sequence[str | Path]
) -> tuple[Change, ...]:
    from advisor.advice.templates import fill

    try:
        return tuple(fill(template, account, subject, dict(values), folders=folders))
    except UsageError:
        return ()


def fillings(account: OpenAccount, subject: str, fill: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """Values that facts list for a thing (`principal: share.principals({subject})`): one set for each combination."""
    sets: list[dict[str, str]] = [{}]
    for name, fact in fill.items():
        value = ask(account, fact.replace("{subject}", subject)).value
        listed = value if isinstance(value, tuple) else ()
        sets = [{**known, name: entry} for known in sets for entry in listed]
    return tuple(sets)


def distinct(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each change once. Different ones of the same id (one template, several values) get a number behind it."""
    found: dict[str, Change] = {}
    for change in changes:
        id, number = change.id, 1
        while id in found and found[id].operations != change.operations:
            number += 1
            id = f"{change.id}:{number}"
        found.setdefault(id, msgspec.structs.replace(change, id=id))
    return tuple(found.values())
