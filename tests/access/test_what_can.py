"""What-can and who-can on any resource say of each pattern what a single request about it says."""

from __future__ import annotations

import random

import pytest

from advisor.access.index import AccessIndex
from advisor.access.who_can import LISTED
from advisor.evaluate.pattern import glob_covers
from tests.access.agreement import indexed, questions


def _decision(index: AccessIndex, principal: str, action: str, resource: str) -> str:
    return index.verdict(index.caller(principal), index.question(action, resource, {})).decision


@pytest.mark.parametrize(("seed", "with_org"), [(11, True), (12, False)])
def test_each_permission_is_what_a_single_request_says(seed: int, with_org: bool) -> None:
    index = indexed(240, seed, with_org=with_org)
    source = random.Random(seed)
    checked = 0
    for principal in source.sample(sorted(index.principals), 25):
        permissions = index.what_can(principal)
        for permission in source.sample(permissions, min(len(permissions), 25)):
            for resource in source.sample(permission.resources, min(len(permission.resources), 2)):
                found = _decision(index, principal, permission.action, resource)
                assert found == permission.decision, (principal, permission.action, resource)
                checked += 1
    assert checked > 400


@pytest.mark.parametrize("seed", [13, 14])
def test_what_a_resource_gives_to_everybody_is_among_the_permissions_of_each(seed: int) -> None:
    index = indexed(240, seed)
    source = random.Random(seed)
    granted = [grant for grant in index.granted.all() if grant.written.actions]
    found = 0
    for principal in source.sample(sorted(index.principals), 12):
        held = {(item.action.lower(), resource) for item in index.what_can(principal) for resource in item.resources}
        for grant in source.sample(granted, min(len(granted), 60)):
            action = (grant.written.actions or ("",))[0]
            if "*" in action or "?" in action:
                continue
            for pattern in grant.about(action):
                is_listed = _decision(index, principal, action, pattern) in LISTED
                covering = any(name == action.lower() and glob_covers(text, pattern) for name, text in held)
                assert covering or not is_listed, (principal, action, pattern)
                found += is_listed
    assert found > 20


@pytest.mark.parametrize("seed", [15, 16])
def test_each_answer_on_any_resource_is_what_a_single_request_says(seed: int) -> None:
    index = indexed(240, seed)
    source = random.Random(seed)
    checked = 0
    for (action, _, _), _ in zip(questions(source, 240), range(12), strict=False):
        answers = [one for one in index.who_can(action).answers if one.principal in index.principals]
        for answer in source.sample(answers, min(len(answers), 12)):
            for resource in source.sample(answer.resources or (), min(len(answer.resources or ()), 3)):
                found = _decision(index, answer.principal, action, resource)
                assert found == answer.decision, (answer.principal, action, resource)
                checked += 1
    assert checked > 150
