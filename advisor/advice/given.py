"""Values that a person still had to give: put into a change in the place of `<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from advisor.model.change import Change
from advisor.model.effects import with_undo
from advisor.model.snapshot import Snapshot


def with_values(change: Change, given: Mapping[str, tuple[str, ...]], snapshot: Snapshot) -> Change:
    """The change with the values in their places, and its undo worked out anew; what was not given stays a need.

    Several values of one name go into the list that the place is in, else they make one.

    Raises:
        EffectError: AWS would refuse the operations with these values.
    """
    known = {f"<{name}>": values for name, values in given.items() if values}
    operations = tuple(
        msgspec.structs.replace(operation, parameters=_filled(operation.parameters, known))
        for operation in change.operations
    )
    needs = tuple(need for need in change.needs if f"<{need[0]}>" not in known)
    one_or_all = {name: some[0] if len(some) == 1 else list(some) for name, some in given.items() if some}
    return with_undo(
        msgspec.structs.replace(
            change, operations=operations, needs=needs, values=tuple({**dict(change.values), **one_or_all}.items())
        ),
        snapshot,
    )


def _filled(value: Any, known: Mapping[str, tuple[str, ...]]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [one for item in value for one in _items(item, known)]
    if isinstance(value, str):
        if value in known:
            return known[value][0] if len(known[value]) == 1 else list(known[value])
        for place, values in known.items():
            value = value.replace(place, values[0])
    return value


def _items(item: Any, known: Mapping[str, tuple[str, ...]]) -> list[Any]:
    if isinstance(item, str) and item in known:
        return list(known[item])
    return [_filled(item, known)]
