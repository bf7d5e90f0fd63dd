"""The policies for applying and for the set-up allow every call that is made, and nothing that no call needs."""

from __future__ import annotations

import pytest

from advisor.access.index import build_index
from advisor.change.actions import action_of
from advisor.collect.permissions import load_permissions, policy_for
from advisor.model.document import parse_document
from advisor.model.principal import InlinePolicy, User
from advisor.reference.catalogue import action
from tests.change.permission_calls import calls_of_apply, calls_of_setup
from tests.change.small_account import iam, small_account

PURPOSES = {"apply": calls_of_apply, "setup": calls_of_setup}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_list_is_that_of_the_tables(purpose: str) -> None:
    listed = {call for statement in load_permissions(purpose).statements for call in statement.calls}
    assert listed == PURPOSES[purpose]()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_action_is_one_that_aws_has(purpose: str) -> None:
    policy = policy_for(purpose)
    actions = {name for statement in policy["Statement"] for name in statement["Action"]}
    assert {name for name in actions if action(name) is None} <= {"dynamodb:GetResourcePolicy"}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_our_evaluator_allows_every_call(purpose: str) -> None:
    document = parse_document(policy_for(purpose))
    worker = User(iam("user/worker"), "worker", inline=(InlinePolicy("p", document),))
    index = build_index((small_account(users=(worker,), organization=None),))
    for call in sorted(PURPOSES[purpose]()):
        assert index.can(worker.arn, action_of(call), None, {}).decision == "allowed", call
