"""The calls that applying and undoing can make, worked out from the tables: what `knowledge/permissions` must say."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.change import aspects_iam, aspects_resources  # noqa: F401  (they enter their rows)
from advisor.change.armed import ALWAYS
from advisor.change.aspects import ASPECTS, reads_of
from advisor.collect.second_opinion import VALIDATE
from advisor.model.change import Operation
from advisor.model.effects import modelled_operations
from advisor.reference.knowledge import load
from tests.change.stubbed_operations import UNDO_ONLY

PASSES = frozenset(("iam:PassRole",))
"""No call, but an action that calls which hand on a role need."""
_PASSING = {
    "iam:AddRoleToInstanceProfile",
    "ec2:AssociateIamInstanceProfile",
    "lambda:UpdateFunctionConfiguration",
    "eks:CreatePodIdentityAssociation",
    "rolesanywhere:CreateProfile",
}


class _Anything(dict[str, str]):
    """Parameters of which every name is there."""

    def __missing__(self, name: str) -> str:
        return "x"

    def get(self, name: str, default: object = None) -> str:  # type: ignore[override]
        return "x"


def with_reads(operations: Iterable[str]) -> set[str]:
    found = {*ALWAYS, VALIDATE}
    for name in operations:
        service, _, operation = name.partition(":")
        found |= {name, *reads_of(Operation(service, operation, _Anything(), account="x", region="x"))}
        found |= PASSES if name in _PASSING else set()
    return found


def calls_of_apply() -> set[str]:
    every = {call for aspect in ASPECTS.values() for call in aspect.reads}
    return with_reads({*modelled_operations(), *UNDO_ONLY}) | every


def calls_of_setup() -> set[str]:
    """The operations of the templates that the set-up's steps use, and what takes those back."""
    from tests.change.test_templates import filled

    operations: set[str] = set()
    templates = load("changes")
    for id in {template for step in load("setup").values() for template in step.templates}:
        if not templates[id].operations:
            continue
        change = filled(templates[id])
        for operation in (*change.operations, *change.undo):
            operations.add(f"{operation.service}:{operation.operation}")
    return with_reads(operations)
