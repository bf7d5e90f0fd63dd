"""AWS's findings stand in the preview beside our linter's; an account from files is asked nothing."""

from __future__ import annotations

import pytest

from advisor.change import validated as module
from advisor.change.preview import preview
from advisor.change.validated import new_texts, validated
from advisor.collect.second_opinion import VALIDATE, PolicyFinding, PolicyText
from advisor.model.change import Change, Operation
from advisor.model.effects import apply_to
from advisor.model.gap import Gap
from tests.change.small_account import advisor_of, allow, document, small_account, trust

NEW = document(allow("sqs:PurgeQueue")).as_json()
PUT = Operation("iam", "PutUserPolicy", {"UserName": "ben", "PolicyName": "new", "PolicyDocument": NEW})
OPEN = Operation("iam", "UpdateAssumeRolePolicy", {"RoleName": "app", "PolicyDocument": trust({"AWS": "*"}).as_json()})
CHANGE = Change("x", "x", (PUT,))


def test_only_what_the_change_brings_in_is_asked_about_each_with_its_kind() -> None:
    before = small_account()
    found = tuple(new_texts(before, apply_to(Change("x", "x", (PUT, OPEN)), before)))
    assert [(one.name, one.kind) for one in found][:1] == [("ben new", "IDENTITY_POLICY")]
    assert tuple(new_texts(before, before)) == ()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((PolicyFinding("ben new", "WARNING", "CODE", "words"),), "AWS warning CODE in ben new: words"),
        (Gap(VALIDATE, "refused", "AccessDenied", ""), f"AWS was not asked ({VALIDATE}): AccessDenied"),
    ],
)
def test_findings_and_refusals_stand_in_the_preview(monkeypatch: pytest.MonkeyPatch, answer: object, told: str) -> None:
    asked: list[PolicyText] = []

    def validate(texts: tuple[PolicyText, ...], *_: object) -> object:
        asked.extend(texts)
        return answer

    monkeypatch.setattr(module, "validate_policies", validate)
    account = advisor_of(small_account())
    found = preview(account, CHANGE)
    assert validated(found, account) == found and not asked
    asked_aws = validated(found, account, object())
    assert (asked_aws.problems[-1:] if isinstance(answer, tuple) else (asked_aws.not_asked,)) == (told,)
    assert [one.name for one in asked] == ["ben new"]
