"""Changes one after the other: each is made on the account as those before it leave it.

What is recommended was worked out on the account as it was read. Behind other changes it could write back, or copy to
another place, what they took out. So it is worked out again there; where that is not possible it is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.advice.place_names import name_of, parts_of
from advisor.advice.practices import folders_of
from advisor.advice.templates import fill_template
from advisor.change import aspects_iam, aspects_resources  # noqa: F401  (they enter their rows)
from advisor.change.aspects import foreseen, touched_by
from advisor.change.steps import subject_of
from advisor.errors import UsageError
from advisor.model.change import Change
from advisor.model.document import Document
from advisor.model.edits import as_list
from advisor.model.effects import EffectError, effects_of
from advisor.model.rewrite import find_place
from advisor.model.snapshot import Snapshot
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.reference.schema.changes import Template

_WHOLE = ("inline", "trust", "versions", "resource-policy", "password-policy")
"""Aspects that a call writes as a whole: what came in between would be lost."""


class LeftOut(msgspec.Struct, frozen=True):
    """A change that did not go into the plan, and why."""

    change: Change
    reason: str


class Choice(msgspec.Struct, frozen=True):
    """The changes of a plan, in order, and what was left out."""

    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...] = ()


def in_order(account: OpenAccount, changes: Iterable[Change]) -> Choice:
    """The changes, each made on the account as those before it leave it; what cannot be made there is left out.

    What is done by hand, or still lacks a value, is passed on as it is.
    """
    made: list[Change] = []
    left_out: list[LeftOut] = []
    state, moved = account.snapshot, set[str]()
    for change in changes:
        if change.needs or not change.operations:
            made.append(change)
            continue
        now, reason = _made_on(account, change, state, moved)
        if not reason:
            try:
                state = effects_of(now.operations, state).snapshot
            except EffectError as error:
                reason = f"cannot be made after the changes before it: {error.message}"
        if reason:
            left_out.append(LeftOut(change, reason))
        else:
            made.append(now)
            moved |= {subject_of(operation) for operation in now.operations}
    return Choice(tuple(made), tuple(left_out))


def _made_on(account: OpenAccount, change: Change, state: Snapshot, moved: set[str]) -> tuple[Change, str]:
    """The change for the state, or why there is none. `moved`: names of the things that earlier changes changed."""
    template = load("changes", folders_of(account)).get(change.template)
    if not moved or (moved.isdisjoint(_names_in(change)) and (template is None or template.subject != "account")):
        return change, ""
    if template is None or not _is_filled_in(change, template, account.snapshot):
        return change, _overwriting(change, account.snapshot, state)
    meant = _renumbered(change, account.snapshot, state)
    again = _filled_in(meant, template, state) if meant is not None else None
    if again is None or (not again.operations and again.note):
        return change, _overwriting(change, account.snapshot, state)
    if not again.operations:
        return change, "what it does is done by the changes before it"
    return again, ""


def _names_in(change: Change) -> set[str]:
    """Every name that the change speaks of, ARNs by their last part."""
    texts = {change.subject, change.target, *_texts([(step.parameters, step.region) for step in change.operations])}
    texts.update(_texts([step.parameters for step in change.undo]))
    parts = {part for text in texts for part in (*text.split("|"), text)}
    return parts | {part.rsplit("/", 1)[-1] for part in parts} | {part.rsplit(":", 1)[-1] for part in parts}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _is_filled_in(change: Change, template: Template, snapshot: Snapshot) -> bool:
    """Whether the change is what its template gives: other hands may have written it, or changed it since."""
    filled = _filled_in(change, template, snapshot)
    return filled is not None and filled.operations == change.operations


def _filled_in(change: Change, template: Template, snapshot: Snapshot) -> Change | None:
    """The template filled in again under the change's id; `None` where its thing is not there."""
    try:
        filled = fill_template(template, snapshot, change.subject, dict(change.values))
    except UsageError:
        return None
    bare = msgspec.structs.replace(change, operations=(), undo=(), note="")
    return msgspec.structs.replace(filled[0], id=change.id) if filled else bare


def _renumbered(change: Change, before: Snapshot, state: Snapshot) -> Change | None:
    """The change with the number that its statement has in the state; `None` where that is not certain."""
    parts = parts_of(change.subject)
    if parts is None:
        return change
    try:
        old, new = (_statements(find_place(one, *parts[:3]).document) for one in (before, state))
    except UsageError:
        return None
    at = parts[3]
    if at >= len(old):
        return None
    if len(old) == len(new) and old[at].get("Sid") == new[at].get("Sid"):
        return change
    same = [number for number, statement in enumerate(new) if statement == old[at]]
    return msgspec.structs.replace(change, subject=name_of(*parts[:3], same[0])) if len(same) == 1 else None


def _statements(document: Document) -> list[dict[str, Any]]:
    return as_list(document.as_json()["Statement"])


def _overwriting(change: Change, before: Snapshot, state: Snapshot) -> str:
    """What of the changes before it the change would take back by writing a whole text; empty for nothing."""
    for operation in change.operations:
        for touch in touched_by(operation):
            if touch.aspect in _WHOLE and foreseen(touch, before) != foreseen(touch, state):
                return f"would take back what a change before it does to {subject_of(operation)}: make it afterwards"
    return ""
