"""A change as a value. From this one value come the what-if, the calls, every export, the diff and the undo.

What each operation does to a snapshot is in `effects.py`; what it does in the world is in `advisor/change`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.verdict import Conditions


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One API call: boto3's service name, the operation as AWS writes it (`AttachRolePolicy`) and its parameters.

    A parameter may be `{"from": operation id, "path": "Policy.Arn"}` (what that call returns) or `{"secret": name}`
    (made at apply and shown once, never the secret itself). Policy documents stand as JSON values, not as text.
    """

    service: str
    operation: str
    parameters: dict[str, Any] = {}
    id: str | None = None
    account: str | None = None
    region: str | None = None


class Impact(msgspec.Struct, frozen=True):
    """Access gained and lost in the whole account by a change: see `model/difference.py`."""

    gained: tuple[Any, ...] = ()
    lost: tuple[Any, ...] = ()


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """An ordered tuple of operations with its inverse. `by_hand`: steps that only a person can do.

    Operations, undo and reversible are always written (a value that a factory makes is never left out), the rest only
    where there is something to say: people read plans.
    """

    id: str
    title: str
    operations: tuple[Operation, ...] = msgspec.field(default_factory=lambda: ())
    undo: tuple[Operation, ...] = msgspec.field(default_factory=lambda: ())
    reversible: bool = msgspec.field(default_factory=lambda: True)
    by_hand: tuple[str, ...] = ()
    impact: Impact | None = None
    template: str = ""
    """Id of the knowledge file that it was filled from."""
    target: str = ""
    """ARN of the thing that is changed."""
    note: str = ""
    """What cannot be taken back, or what to watch for."""
    needs: tuple[tuple[str, str], ...] = ()
    """(name, what it is) of each value that a person must still give; till then the change cannot be applied."""
    done: str = ""
    """The fact that shows that a change by hand is done."""
    sources: tuple[str, ...] = ()
    subject: str = ""
    """What the knowledge file was filled in for; with `values` it can be filled in again for a later state."""
    values: tuple[tuple[str, Any], ...] = ()
    """The values that were given for it, each with its name."""


class Flip(msgspec.Struct, frozen=True):
    """One change that would turn an answer: to `allowed`, `denied`, or `conditional` with what it then hangs on.

    It was evaluated again before it was offered.
    """

    to: str
    change: Change
    conditions: Conditions = ()
