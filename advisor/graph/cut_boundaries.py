"""Boundaries as changes: one policy for all who are denied the same actions, and its place at each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from advisor.graph.edits import Edit
from advisor.model.change import Change, Operation
from advisor.model.rewrite import kind_and_name
from advisor.model.snapshot import Snapshot
from advisor.reference.knowledge import load
from advisor.reference.placeholders import filled

TEMPLATE = "boundary-escalation"
_MOST = 20
"""Principals of one boundary: each is named in its text."""


def boundaries(edits: Iterable[Edit], snapshot: Snapshot) -> Iterator[Change]:
    """The changes that deny the actions of the edits to their owners."""
    denied: dict[str, set[str]] = {}
    for edit in edits:
        denied.setdefault(edit.owner, set()).add(edit.action)
    alike: dict[tuple[str, ...], list[str]] = {}
    for owner, actions in sorted(denied.items()):
        alike.setdefault(tuple(sorted(actions)), []).append(owner)
    for denied_alike, owners in sorted(alike.items()):
        for start in range(0, len(owners), _MOST):
            yield _change(denied_alike, owners[start : start + _MOST], snapshot)


def _change(actions: tuple[str, ...], owners: list[str], snapshot: Snapshot) -> Change:
    template = load("changes")[TEMPLATE]
    named = [(kind_and_name(snapshot, owner), owner) for owner in owners]
    digest = sha256(" ".join((*actions, *owners)).encode()).hexdigest()[:8]
    name = f"{template.values['name'].default}-{digest}"
    names: dict[str, Any] = {
        "account": {"id": snapshot.account, "partition": snapshot.partition},
        "values": {
            "name": name,
            "actions": list(actions),
            "principals": owners,
            "users": [name for (kind, name), _ in named if kind == "User"],
            "roles": [name for (kind, name), _ in named if kind == "Role"],
        },
    }
    operations = tuple(
        Operation(
            step.service, step.operation, filled(step.parameters, {**names, "item": item}), account=snapshot.account
        )
        for step in template.operations
        for item in (filled(step.for_each, names) if step.for_each else ("",))
    )
    shown = ", ".join(short(owner) for owner in owners[:3]) + (f" and {len(owners) - 3} more" if owners[3:] else "")
    title = f"{shown}: a boundary without {', '.join(actions)}"
    policy = f"arn:{snapshot.partition}:iam::{snapshot.account}:policy/{name}"
    target = owners[0] if len(owners) == 1 else policy
    return Change(id="", title=title, operations=operations, template=TEMPLATE, target=target, note=template.note)


def short(arn: str) -> str:
    """The last part of an ARN's name."""
    return arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1] if arn.startswith("arn:") else arn.rsplit("/", 1)[-1]
