"""The table of operations: what each does to a snapshot, what it returns, and what takes it back.

One row for each operation; a room's file adds its rows with the decorator `models`. An operation without a row is not
silently nothing: `walk` turns it into a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from advisor.errors import AdvisorError
from advisor.model.change import Operation
from advisor.model.document import Document, parse_document
from advisor.model.snapshot import Snapshot

Parameters = Mapping[str, Any]


class EffectError(AdvisorError):
    """AWS would refuse the operation in this state. `reason` is AWS's error code, such as `NoSuchEntity`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Undo(msgspec.Struct, frozen=True):
    """What takes one operation back, in the order in which to call it. `note`: what does not come back with it."""

    operations: tuple[Operation, ...] = ()
    note: str = ""
    reversible: bool = True


Effect = Callable[[Snapshot, Parameters, Operation], Snapshot]
Inverse = Callable[[Snapshot, Parameters, Operation], Undo]
Result = Callable[[Snapshot, Parameters, Operation], dict[str, Any]]


class Row(msgspec.Struct, frozen=True):
    """One operation: its effect, its inverse (computed from the snapshot before) and what it returns."""

    effect: Effect
    inverse: Inverse
    result: Result | None = None
    silent: bool = False
    """It changes nothing that a snapshot holds, and that is known."""


ROWS: dict[str, Row] = {}
"""By `service:Operation`, with boto3's service name."""


def models(
    name: str, *, undo: Inverse, result: Result | None = None, silent: bool = False
) -> Callable[[Effect], Effect]:
    """Enter an effect into the table under `service:Operation`."""

    def enter(effect: Effect) -> Effect:
        ROWS[name] = Row(effect, undo, result, silent)
        return effect

    return enter


def call(like: Operation, operation: str, /, **parameters: Any) -> Operation:
    """An operation of the same service, account and Region as another."""
    return Operation(like.service, operation, parameters, account=like.account, region=like.region)


def undo_by(operation: str, *names: str, **renamed: str) -> Inverse:
    """An inverse that calls one operation with some of the same parameters."""

    def inverse(before: Snapshot, parameters: Parameters, like: Operation) -> Undo:
        kept = {name: parameters[name] for name in names}
        kept |= {new: parameters[old] for new, old in renamed.items()}
        return Undo((call(like, operation, **kept),))

    return inverse


def cannot_undo(note: str) -> Inverse:
    """An inverse for what AWS does not take back."""

    def inverse(before: Snapshot, parameters: Parameters, like: Operation) -> Undo:
        return Undo((), note, reversible=False)

    return inverse


def document_of(value: Any) -> Document:
    """A policy document parameter, JSON value or text, as a document."""
    return parse_document(value)


def missing(what: str, name: str) -> EffectError:
    return EffectError("NoSuchEntity", f"there is no {what} `{name}`")


def exists(what: str, name: str) -> EffectError:
    return EffectError("EntityAlreadyExists", f"the {what} `{name}` exists already")


def in_use(what: str, name: str, by: str) -> EffectError:
    return EffectError("DeleteConflict", f"the {what} `{name}` still has {by}")


def tags_from(parameters: Parameters) -> tuple[tuple[str, str], ...]:
    return tuple((tag["Key"], tag["Value"]) for tag in parameters.get("Tags", ()))


def tags_to(tags: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags]


def merge_tags(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Old tags with the new ones over them; a key keeps its place."""
    return tuple((dict(old) | dict(new)).items())
