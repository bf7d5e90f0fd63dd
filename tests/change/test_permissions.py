"""The policies for applying and for the set-up allow every call that is made, and nothing that no call needs."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.change.actions import action_of
from advisor.change.armed import ArmedClients
from advisor.collect.permissions import load_permissions, policy_for
from advisor.collect.second_opinion import VALIDATE
from advisor.reference.catalogue import action
from tests.change.conftest import Live
from tests.change.permission_calls import PASSES, actions_of, calls_of_apply, calls_of_setup, refused_to_one_with
from tests.change.stubbed_operations import READS, STUBBED, UNDO_ONLY
from tests.change.test_round_trip import operations

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
    assert refused_to_one_with((purpose,), PURPOSES[purpose]()) == set()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_list_and_the_guard_of_permission_name_the_same_action_for_a_call(purpose: str) -> None:
    actions = actions_of(purpose)
    assert {name: action_of(name) for name in actions} == actions


def test_every_call_that_is_really_made_is_allowed_and_every_action_is_needed_by_a_tested_call(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls of the round trip are recorded where they leave; the rest of the list is made at botocore's edge."""
    made: set[str] = set()
    refuse = ArmedClients._refuse_writes

    def record(self: ArmedClients, params: dict[str, Any], model: Any, **more: Any) -> None:
        refuse(self, params, model, **more)
        made.add(f"{model.service_model.service_name}:{model.name}")

    monkeypatch.setattr(ArmedClients, "_refuse_writes", record)
    live.undo(live.apply(live.plan(*operations(live))).id)
    assert len(made) > 100
    assert refused_to_one_with(("apply",), made) == set()

    stubbed = {*STUBBED, *UNDO_ONLY, *READS}
    no_call = {VALIDATE, *PASSES}  # `test_second_opinion.py`; an action that calls which hand on a role need
    listed = {call for purpose in PURPOSES for part in load_permissions(purpose).statements for call in part.calls}
    assert listed - made - stubbed - no_call == set()
