"""Every case that an account can hold, asked of the index: what one request is told, the whole account is told too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.evaluate.accounts import index_of, why_not

FOLDER = Path(__file__).parent / "cases"
CASES = [
    (f"{path.stem}: {case['name']}", case)
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]
HELD = [pytest.param(case, id=name) for name, case in CASES if not why_not(case)]
"""Where an account knows more than the case says, it says so in its expectation."""


@pytest.mark.parametrize("case", HELD)
def test_the_index_says_the_same(case: dict[str, Any]) -> None:
    request, session = case["request"], case["policies"].get("session")
    index = index_of(case)
    context = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in (request.get("context") or {}).items()
    }
    written = json.dumps({"Version": "2012-10-17", "Statement": session}) if session is not None else None
    question = request["action"], request.get("resource"), context
    alone = index.can(request["principal"], *question, session_policy=written).decision
    assert alone == case["expected"]
    if written is None and request["principal"] in index.principals:
        listed = {answer.principal: answer.decision for answer in index.who_can(*question).answers}
        assert listed.get(request["principal"], "denied") == (alone if not alone.endswith("-deny") else "denied")


def test_most_cases_are_asked() -> None:
    assert len(HELD) > 0.75 * len(CASES) > 100
