"""The matrix bounds what single requests say: nothing allowed is outside `possible`, nothing certain is denied."""

from __future__ import annotations

import random

import pytest

from advisor.access.index import AccessIndex
from advisor.reference.catalogue import takes_resources
from advisor.reference.services import listed
from tests.access.agreement import indexed, questions


@pytest.fixture(scope="module")
def index() -> AccessIndex:
    return indexed(150, seed=21, with_resources=False)


def test_whatever_is_allowed_is_possible(index: AccessIndex) -> None:
    source = random.Random(1)
    for (action, resource, context), _ in zip(questions(source, 150), range(60), strict=False):
        for arn in source.sample(sorted(index.principals), 15):
            if index.can(arn, action, resource, context).decision in ("allowed", "conditional"):
                assert action in index.matrix.of(arn).possible, (arn, action)


def test_whatever_is_certain_is_allowed_somewhere() -> None:
    index = indexed(150, seed=22, with_resources=False, with_org=False)
    checked = 0
    for arn in random.Random(2).sample(sorted(index.principals), 30):
        told = {item.action for item in index.what_can(arn) if item.decision in ("allowed", "conditional")}
        for action in index.matrix.of(arn).certain:
            on_one = takes_resources(action) and action not in listed("several-resources").table
            if on_one and action.partition(":")[0] not in ("kms", "sts"):
                checked += 1
                assert action in told, (arn, action)
    assert checked > 100


def test_holders_are_the_classes_that_may(index: AccessIndex) -> None:
    holders = {member.arn for holder in index.matrix.holders("s3:GetObject") for member in holder.found.members}
    assert holders == {arn for arn in index.principals if "s3:GetObject" in index.matrix.of(arn).possible}
    assert all(holder.patterns for holder in index.matrix.holders("s3:GetObject"))
