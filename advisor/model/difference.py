"""Access gained and lost between two snapshots (or two policies)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from advisor.model.verdict import Conditions, Decision


class AccessChange(msgspec.Struct, frozen=True):
    """What one principal gained or lost on one resource pattern. Actions are sorted."""

    principal: str
    actions: tuple[str, ...]
    resource: str
    before: Decision
    after: Decision
    conditions: Conditions = ()


class Difference(msgspec.Struct, frozen=True):
    """`proved`: no new access, every class was compared. `new-access`: the witness was evaluated. Else `unknown`."""

    verdict: Literal["proved", "new-access", "unknown"]
    gained: tuple[AccessChange, ...] = ()
    lost: tuple[AccessChange, ...] = ()
    witness: dict[str, object] | None = None
    """`principal`, `action`, `resource`, `context`."""
    reason: str = ""
    """Why it is unknown."""


class Parts(NamedTuple):
    """A difference told apart. What nobody can tell from then on is neither gained nor lost."""

    gained: tuple[AccessChange, ...]
    lost: tuple[AccessChange, ...]
    unknown: tuple[AccessChange, ...]


def parted(gained: Iterable[AccessChange], lost: Iterable[AccessChange]) -> Parts:
    """What is gained, what is lost, and what becomes unknown."""
    gained, lost = tuple(gained), tuple(lost)
    return Parts(
        tuple(item for item in gained if item.after != "unknown"),
        tuple(item for item in lost if item.after != "unknown"),
        tuple(item for item in (*gained, *lost) if item.after == "unknown"),
    )
