"""The calls that applying and undoing can make, worked out from the tables: what `knowledge/permissions` must say."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.access.index import build_index
from advisor.change import aspects_iam, aspects_resources  # noqa: F401  (they enter their rows)
from advisor.change.armed import ALWAYS
from advisor.change.aspects import ASPECTS, reads_of
from advisor.collect.permissions import load_permissions, policy_for
from advisor.collect.second_opinion import VALIDATE
from advisor.model.change import Operation
from advisor.model.document import parse_document
from advisor.model.effects import modelled_operations
from advisor.model.principal import InlinePolicy, User
from advisor.model.resource import Resource
from advisor.reference.knowledge import load
from tests.change.small_account import REGION, small_account
from tests.change.stubbed_operations import UNDO_ONLY
from tests.policies import ACCOUNT, allow, document, iam

PASSES = frozenset(("iam:PassRole",))
"""No call, but an action that calls which hand on a role need."""
_PASSING = {
    "iam:AddRoleToInstanceProfile",
    "ec2:AssociateIamInstanceProfile",
    "lambda:UpdateFunctionConfiguration",
    "eks:CreatePodIdentityAssociation",
    "rolesanywhere:CreateProfile",
}


def refused_to_one_with(purposes: Iterable[str], calls: Iterable[str]) -> set[str]:
    """The calls that our evaluator does not allow a user with the printed policies, or that none of them lists.

    The key hands on to its account.
    """
    policies = [InlinePolicy(purpose, parse_document(policy_for(purpose))) for purpose in purposes]
    worker = User(iam("user/worker"), "worker", inline=tuple(policies))
    delegating = document({**allow("kms:*"), "Principal": {"AWS": iam("root")}})
    key = Resource(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1", "kms:key", ACCOUNT, REGION, delegating)
    index = build_index((small_account(users=(worker,), organization=None, resources=(key,)),))
    actions = {name: action for purpose in purposes for name, action in actions_of(purpose).items()}
    return {
        call
        for call in calls
        if call not in actions or index.can(worker.arn, actions[call], None, {}).decision != "allowed"
    }


def actions_of(purpose: str) -> dict[str, str]:
    """The IAM action of each call of a purpose."""
    lists = load_permissions(purpose).statements
    return {name: read.action or name for part in lists for name, read in part.calls.items()}


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
