"""The parts of the account that an operation touches, each with two views: as the snapshot has it, and read again now.

Just before a call its aspects are read and compared (drift); after it they are read until they are as foreseen; when a
run was interrupted they tell whether the call was made. `None` says that the thing is not there, `UNREAD` that the
snapshot does not hold it and nothing can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects import name_of
from advisor.model.snapshot import Snapshot

UNREAD = "(not read)"
Key = tuple[str, ...]
Foreseen = Callable[[Snapshot, Key], Any]
Reader = Callable[[Any, Key], Any]


class Aspect(msgspec.Struct, frozen=True):
    """One kind of aspect. `reads` names the calls that `read` makes, as `service:Operation`."""

    name: str
    foreseen: Foreseen
    read: Reader
    reads: tuple[str, ...]


class Touch(msgspec.Struct, frozen=True):
    """One aspect of one thing: `attached` of `("Role", "app")`."""

    aspect: str
    key: Key


ASPECTS: dict[str, Aspect] = {}
TOUCHES: dict[str, Callable[[Mapping[str, Any], Operation], tuple[Touch, ...]]] = {}


def aspect(name: str, *reads: str) -> Callable[[Reader], Callable[[Foreseen], Foreseen]]:
    """Enter an aspect: its reader, then the view of the snapshot that it decorates."""

    def with_reader(read: Reader) -> Callable[[Foreseen], Foreseen]:
        def enter(foreseen: Foreseen) -> Foreseen:
            ASPECTS[name] = Aspect(name, foreseen, read, reads)
            return foreseen

        return enter

    return with_reader


def touches(operation: str, aspect: str, *key: str) -> None:
    """Say which aspect an operation touches; a key part `$Name` is the parameter of that name, `@region` the Region."""
    earlier = TOUCHES.get(operation)

    def found(parameters: Mapping[str, Any], like: Operation) -> tuple[Touch, ...]:
        parts = tuple(_part(part, parameters, like) for part in key)
        return (*(earlier(parameters, like) if earlier else ()), Touch(aspect, parts))

    TOUCHES[operation] = found


def _part(part: str, parameters: Mapping[str, Any], like: Operation) -> str:
    if part == "@region":
        return like.region or ""
    return str(parameters.get(part[1:], "")) if part.startswith("$") else part


def touched_by(operation: Operation) -> tuple[Touch, ...]:
    """The aspects of an operation whose parameters are resolved; none where nothing can be compared."""
    find = TOUCHES.get(name_of(operation))
    return find(operation.parameters, operation) if find else ()


def foreseen(touch: Touch, snapshot: Snapshot) -> Any:
    """The aspect as the snapshot has it, as plain JSON values."""
    return _json(ASPECTS[touch.aspect].foreseen(snapshot, touch.key))


def read(touch: Touch, clients: Any) -> Any:
    """The aspect as the account has it now, as plain JSON values."""
    return _json(ASPECTS[touch.aspect].read(clients, touch.key))


def reads_of(operation: Operation) -> frozenset[str]:
    """The calls that comparing an operation's aspects makes."""
    return frozenset(call for touch in touched_by(operation) for call in ASPECTS[touch.aspect].reads)


def _json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


NOT_THERE = frozenset((
    "NoSuchEntity", "NoSuchEntityException", "NoSuchBucket", "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration", "ResourceNotFoundException", "TrailNotFoundException",
    "RepositoryPolicyNotFoundException", "NotFoundException",
    "OwnershipControlsNotFoundError", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "404", "NotFound",
    "PolicyNotFoundException", "PolicyNotFound",
))  # fmt: skip


def or_none(call: Callable[[], Any]) -> Any:
    """What the call returns, `None` where AWS says that there is no such thing."""
    from botocore.exceptions import ClientError

    try:
        return call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NOT_THERE:
            return None
        raise
