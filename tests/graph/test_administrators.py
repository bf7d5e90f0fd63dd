"""The short way to the administrators finds those that the search of paths finds."""

from __future__ import annotations

import msgspec
import pytest

from advisor.account import Advisor
from advisor.graph.administrators import administrators
from advisor.graph.paths import finder_of
from advisor.model.gap import Gap
from tests.change.small_account import ADMIN, allow, document, iam, small_account


@pytest.mark.parametrize("unread", [False, True])
def test_both_find_the_same_with_the_same_certainty(unread: bool) -> None:
    snapshot = small_account()
    if unread:
        gap = Gap("iam:GetPolicyVersion", "refused", "refused", "what it says", ADMIN)
        policies = tuple(
            msgspec.structs.replace(policy, versions=()) if policy.arn == ADMIN else policy
            for policy in snapshot.policies
        )
        snapshot = msgspec.structs.replace(snapshot, policies=policies, gaps=(gap,))
    account = Advisor((snapshot,))
    finder = finder_of(account)
    levels = ("allowed", "conditional", "unknown")
    searched = {finder.account.nodes.arns[node]: levels[level] for node, level in finder.search.admins.items()}
    assert administrators(account) == searched
    if not unread:
        assert administrators(account) == {iam("user/ana"): "allowed"}


def test_a_condition_makes_it_conditional() -> None:
    snapshot = small_account()
    with_mfa = document(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    policies = tuple(
        msgspec.structs.replace(policy, versions=(msgspec.structs.replace(policy.versions[0], document=with_mfa),))
        if policy.arn == ADMIN
        else policy
        for policy in snapshot.policies
    )
    account = Advisor((msgspec.structs.replace(snapshot, policies=policies),))
    assert administrators(account) == {iam("user/ana"): "conditional"}
