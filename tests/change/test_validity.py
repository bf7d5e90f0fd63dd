"""Mistakes in policy texts that a change brings in."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice.templates import fill_template
from advisor.change.validity import doubts, doubts_of
from advisor.model.effects import apply_to
from advisor.reference.knowledge import load
from tests.change.small_account import allow, document, small_account
from tests.change.test_templates import account_for, filled


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (allow("s3:GetObjekt"), ["no-such-action"]),
        (allow(["s3:GetObject", "s3:Nothing*"]), ["no-such-action"]),
        (allow("s3:GetObject", "arn:aws:s3:::bucket/*"), []),
        (allow("s3:GetObject", "arn:aws:sqs:eu-west-1:111122223333:jobs"), ["resource-of-no-action"]),
        (allow("s3:GetObject", "*", Condition={"StringEquals": {"ec2:Region": "x"}}), ["key-of-no-action"]),
        (allow("s3:GetObject", "*", Condition={"StringEquals": {"aws:PrincipleOrgID": "o"}}), ["no-such-key"]),
        (allow("s3:GetObject", "*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o"}}), []),
        (allow("*"), []),
        (allow("iam:*", "arn:aws:iam::*:user/${aws:username}"), []),
    ],
)
def test_a_mistake_is_named_and_a_sound_text_is_not(statement: dict[str, Any], codes: list[str]) -> None:
    assert [doubt.code for doubt in doubts_of(document(statement), "p")] == codes


@pytest.mark.parametrize("template_id", sorted(id for id, item in load("changes").items() if item.operations))
def test_no_shipped_template_brings_a_mistake_in(template_id: str) -> None:
    before = account_for(template_id)
    after = apply_to(filled(load("changes")[template_id]), before)
    found = [str(doubt) for doubt in doubts(before, after) if "given" not in doubt.about]
    assert found == []


def test_what_was_there_before_is_not_told_again() -> None:
    snapshot = small_account()
    (change,) = fill_template(load("changes")["user-console-off"], snapshot, "ana")
    assert doubts(snapshot, apply_to(change, snapshot)) == ()
