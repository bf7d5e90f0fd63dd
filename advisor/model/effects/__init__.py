"""What each operation does to a snapshot, and what takes it back. Pure: cut, advice and preview all need it.

`apply_to` is the what-if: the snapshot after, which shares all that the operations do not touch.
"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model.change import Change, Operation
from advisor.model.effects import (  # noqa: F401  (each file enters its rows into the table)
    account,
    organization,
    outside,
    policies,
    principals,
    resources,
    roles,
    users,
)
from advisor.model.effects.table import ROWS, EffectError, Undo
from advisor.model.effects.walk import (
    Effects,
    Inverse,
    effects_of,
    inverse_of,
    invert,
    name_of,
    numbered,
    resolve,
    steps_of,
    with_undo,
)
from advisor.model.snapshot import Snapshot

__all__ = [
    "EffectError", "Effects", "Inverse", "Undo", "apply_everywhere", "apply_to", "effects_of", "inverse_of", "invert",
    "modelled_operations", "name_of", "numbered", "resolve", "steps_of", "with_undo",
]  # fmt: skip


def apply_to(change: Change | Iterable[Change] | Iterable[Operation], snapshot: Snapshot) -> Snapshot:
    """The snapshot after the change. An operation whose effect is not modelled leaves a gap that names it.

    Raises:
        EffectError: AWS would refuse an operation in the state that it meets (nothing to detach, name taken, …).
    """
    if isinstance(change, Change):
        return effects_of(change.operations, snapshot).snapshot
    items = tuple(change)
    operations = tuple(item for item in items if isinstance(item, Operation))
    if operations:
        return effects_of(operations, snapshot).snapshot
    for item in items:
        snapshot = apply_to(item, snapshot)  # type: ignore[arg-type]  # ids are known inside one change only
    return snapshot


def apply_everywhere(changes: Iterable[Change], snapshots: tuple[Snapshot, ...]) -> tuple[Snapshot, ...]:
    """All accounts after the changes: the first as `apply_to` has it, the others where a call names them.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    changes = tuple(changes)
    first, *others = snapshots
    return apply_to(changes, first), *(apply_to(_of_account(changes, one.account), one) for one in others)


def _of_account(changes: Iterable[Change], owner: str) -> tuple[Change, ...]:
    return tuple(change for change in changes if any(step.account == owner for step in change.operations))


def modelled_operations() -> tuple[str, ...]:
    """Every operation in the table, as `service:Operation`, sorted."""
    return tuple(sorted(ROWS))
