"""The impact of each of many changes: those that touch different principals are compared in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from advisor.model.change import Change, Impact
from advisor.model.document import Document, parse_document
from advisor.model.effects import apply_everywhere

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.model.change import Operation
    from advisor.model.difference import AccessChange
    from advisor.model.snapshot import Snapshot

    Opened = TypeVar("Opened", bound=OpenAccount)

EVERYBODY: frozenset[str] = frozenset()
"""Stands for: nobody knows whom the change touches."""


def with_impacts(account: Opened, changes: Iterable[Change]) -> Iterator[Change]:
    """Each change with the access that it alone gives and takes, after those that touch the same principals before it.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    changes = tuple(changes)
    found: dict[int, Change] = {}
    state = account
    for batch in _batches(state.snapshots, changes):
        after = state.with_snapshots(apply_everywhere([changes[at] for at in batch], state.snapshots))
        difference = state.difference(after)
        for at, touched in batch.items():
            impact = Impact(_about(difference.gained, touched), _about(difference.lost, touched))
            found[at] = msgspec.structs.replace(changes[at], impact=impact)
        state = after
    yield from (found[at] for at in range(len(changes)))


def _about(items: Sequence[AccessChange], touched: frozenset[str]) -> tuple[AccessChange, ...]:
    return tuple(item for item in items if not touched or item.principal in touched)


def _batches(snapshots: Sequence[Snapshot], changes: Sequence[Change]) -> list[dict[int, frozenset[str]]]:
    """Changes by position with whom they touch, in batches in which no two touch the same principal.

    A change of which that is not known stands alone, with all before it before it and all after it after it.
    """
    batches: list[dict[int, frozenset[str]]] = []
    first = 0
    taken: list[set[str]] = []
    for at, change in enumerate(changes):
        touched = touched_by(snapshots, change)
        if not touched:
            batches.append({at: EVERYBODY})
            taken.append(set())
            first = len(batches)
            continue
        place = max((number + 1 for number in range(first, len(batches)) if taken[number] & touched), default=first)
        if place == len(batches):
            batches.append({})
            taken.append(set())
        batches[place][at] = touched
        taken[place] |= touched
    return batches


def touched_by(snapshots: Sequence[Snapshot], change: Change) -> frozenset[str]:
    """ARNs of the principals whose access the change can alter; `EVERYBODY` where that cannot be told so simply."""
    found: set[str] = set()
    by_account = {snapshot.account: snapshot for snapshot in snapshots}
    for operation in change.operations:
        if operation.operation == "CreatePolicy":
            continue  # nobody has it yet
        some = _touched(by_account.get(operation.account or "", snapshots[0]), operation)
        if not some:
            return EVERYBODY
        found |= some
    return frozenset(found)


_OF_ONE = {
    f"{verb}{kind}Policy": kind
    for kind in ("User", "Role", "Group")
    for verb in ("Put", "Delete", "Attach", "Detach")
} | {f"{verb}{kind}PermissionsBoundary": kind for kind in ("User", "Role") for verb in ("Put", "Delete")}  # fmt: skip
_OF_POLICY = ("CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion")


def _touched(snapshot: Snapshot, operation: Operation) -> set[str]:
    parameters = operation.parameters
    if operation.service != "iam":
        return set()
    if operation.operation in _OF_POLICY:
        return _holders(snapshot, str(parameters.get("PolicyArn")))
    if operation.operation == "UpdateAssumeRolePolicy":
        return _shut_out(snapshot, operation)
    kind = _OF_ONE.get(operation.operation)
    name = parameters.get(f"{kind}Name")
    if kind == "Group":
        return {user.arn for user in snapshot.users if name in user.groups}
    owners = snapshot.users if kind == "User" else snapshot.roles if kind == "Role" else ()
    return {owner.arn for owner in owners if owner.name == name}


def _shut_out(snapshot: Snapshot, operation: Operation) -> set[str]:
    """The account's own principals whom a trust policy names no more, where nothing else about it is another."""
    role = next((role for role in snapshot.roles if role.name == operation.parameters.get("RoleName")), None)
    if role is None:
        return set()
    before, after = role.trust, parse_document(operation.parameters["PolicyDocument"])
    gone = _named(before) - _named(after)
    is_own = all(name in snapshot.user_by_arn or name in snapshot.role_by_arn for name in gone)
    return gone if is_own and gone and not _named(after) - _named(before) else set()


def _named(document: Document) -> set[str]:
    elements = [statement.principals for statement in document.statements if statement.principals]
    return {name for one in elements for name in (*one.aws, *one.service, *one.federated)}


def _holders(snapshot: Snapshot, policy: str) -> set[str]:
    groups = {group.name for group in snapshot.groups if policy in group.attached}
    found = {user.arn for user in snapshot.users if policy in user.attached or groups.intersection(user.groups)}
    found |= {role.arn for role in snapshot.roles if policy in role.attached}
    found |= {user.arn for user in snapshot.users if user.boundary == policy}
    return found | {role.arn for role in snapshot.roles if role.boundary == policy}
