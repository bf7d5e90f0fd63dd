"""A plan's changes as numbered steps, each with what it touches and what takes it back, all from the snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from advisor.change import aspects_iam, aspects_resources  # noqa: F401  (they enter their rows)
from advisor.change.aspects import Touch, foreseen, touched_by
from advisor.change.journal import Seen, Step
from advisor.model.change import Change, Operation
from advisor.model.effects import inverse_of, name_of, numbered, steps_of
from advisor.model.effects.table import ROWS
from advisor.model.snapshot import Snapshot

_SUBJECTS = (
    "RoleName", "UserName", "GroupName", "PolicyArn", "PolicyName", "Bucket", "KeyId", "QueueUrl", "TopicArn",
    "SecretId", "FunctionName", "InstanceProfileName", "TargetId", "Name", "analyzerName", "AccountId", "InstanceId",
    "repositoryName",
)  # fmt: skip


def steps_for(changes: Iterable[Change], snapshot: Snapshot) -> tuple[Step, ...]:
    """Every call of the changes in order.

    Raises:
        EffectError: AWS would refuse an operation in the state that it meets.
    """
    steps: list[Step] = []
    state = snapshot
    for place, change in enumerate(changes):
        operations = numbered(change.operations)
        for original, (before, resolved, after) in zip(operations, steps_of(operations, state), strict=True):
            undo = inverse_of(resolved, before)
            steps.append(
                Step(
                    number=len(steps) + 1,
                    change=place,
                    title=change.title,
                    operation=original,
                    undo=undo.operations,
                    seen=tuple(_seen(resolved, before, after)),
                    reversible=undo.reversible,
                    subject=subject_of(resolved),
                    foreseen_result=_result(resolved, before),
                )
            )
            state = after
    return tuple(steps)


def _result(operation: Operation, before: Snapshot) -> dict[str, Any]:
    row = ROWS.get(name_of(operation))
    return row.result(before, operation.parameters, operation) if row and row.result else {}


def _seen(operation: Operation, before: Snapshot, after: Snapshot) -> Iterator[Seen]:
    """What can be compared; a thing whose name only AWS will give is left out."""
    for touch in touched_by(_at_home(operation, before)):
        touch = Touch(touch.aspect, tuple(part.replace("{partition}", before.partition) for part in touch.key))
        if not any(part.startswith(("(", "{")) for part in touch.key):
            yield Seen(touch.aspect, touch.key, foreseen(touch, before), foreseen(touch, after))


def _at_home(operation: Operation, snapshot: Snapshot) -> Operation:
    return operation if operation.account else msgspec.structs.replace(operation, account=snapshot.account)


def subject_of(operation: Operation) -> str:
    """The name of what an operation acts on, for lists of calls."""
    values: list[Any] = [operation.parameters[name] for name in _SUBJECTS if name in operation.parameters]
    first = next((value for value in values if isinstance(value, str)), operation.region or "")
    return first.rsplit("/", 1)[-1] if first.startswith(("arn:", "https:")) else first
