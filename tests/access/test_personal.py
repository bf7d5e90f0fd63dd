"""The light context of one principal says the same as the full one."""

from __future__ import annotations

import pytest

from advisor.access.index import AccessIndex
from advisor.access.personal import PersonalContext, own_keys
from advisor.access.surroundings import caller_of
from advisor.evaluate.context_keys import PRINCIPAL_KEYS, RESOURCE_KEYS
from tests.access.agreement import indexed


@pytest.fixture(scope="module")
def index() -> AccessIndex:
    return indexed(200, seed=11)


def test_a_light_context_says_the_same_as_a_full_one(index: AccessIndex) -> None:
    question = index.question("s3:GetObject", "arn:aws:s3:::bucket-1/a", {})
    keys = (*PRINCIPAL_KEYS, *RESOURCE_KEYS, "aws:principaltag/team", "aws:principaltag/stage", "aws:principaltag/none")
    keys = (*keys, "aws:sourceip", "aws:currenttime", "aws:resourcetag/team")
    for arn, principal in index.principals.items():
        full = question.context_of(caller_of(principal))
        below = question.context_of(index.nobody(*index.class_of[arn].profile))
        light = PersonalContext(own_keys(principal), below)
        assert {key: light.lookup(key) for key in keys} == {key: full.lookup(key) for key in keys}, arn
