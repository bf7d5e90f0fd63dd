"""What AWS answers beside what was asked for is not kept: environments of code, and fields that it may add one day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from advisor.account import Advisor
from advisor.advice.facts.registry import ask, definitions
from advisor.collect.redact import redact
from advisor.collect.saved import dump
from tests.collect import replayed
from tests.collect.replayed import BESIDE, Answer, Replayed, read

MARK = "MARKED5ecret"
OF_THE_STORY = "never to be kept"
"""Stands in the environment of the demo's task definition."""
MAPS = ("Document", "SummaryMap", "EncryptionContextEquals", "EncryptionContextSubset")
"""Values whose keys are AWS's or the account's own words: a policy, counts, a context."""


def planted(answer: Any) -> Any:
    """The answer with a secret in a field of its own in each of its objects, and in the environments of functions."""
    if isinstance(answer, dict):
        whole = {key: value if key.endswith(MAPS) else planted(value) for key, value in answer.items()}
        return {**whole, "Unasked": MARK, "Environment": {"Variables": {"PASSWORD": MARK}}}
    return [planted(one) for one in answer] if isinstance(answer, list) else answer


def test_no_field_that_nobody_asked_for_is_kept(
    recorded: Mapping[tuple[str, str, str], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replayed, "BESIDE", {call: planted(answer) for call, answer in BESIDE.items()})
    answers = {key: planted(answer) for key, answer in recorded.items()}
    snapshot = read(Replayed(answers))
    assert snapshot.gaps == (), "everything was read all the same"
    account = Advisor((snapshot,))
    told = " ".join(str(ask(account, id)) for id in definitions())
    for text in (dump(snapshot).decode(), dump(redact((snapshot,))[0]).decode(), told):
        assert MARK not in text
        assert OF_THE_STORY not in text


def test_the_answers_hold_what_must_not_be_kept(recorded: Mapping[tuple[str, str, str], Answer]) -> None:
    """The test above means something only if the secrets are there."""
    assert OF_THE_STORY in str(recorded)
    calls = {call for (call, _, _), answer in recorded.items() if MARK in str(planted(answer))}
    assert len(calls) > 80
