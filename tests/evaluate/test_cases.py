"""Our own cases, in YAML beside this file: the decision and the step that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.evaluate.explain import blocking_layers
from advisor.evaluate.layers import decide
from advisor.evaluate.patterns_asked import decide_pattern
from tests.evaluate.worlds import asked_of, policies_of

FOLDER = Path(__file__).parent / "cases"


def _cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        cases = yaml.safe_load(path.read_text("utf-8"))
        found += [pytest.param(case, id=f"{path.stem}: {case['name']}") for case in cases]
    return found


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    asked = asked_of(**case["request"])
    policies = policies_of(case["policies"])
    verdict = decide(asked, policies, strict=case.get("strict", False))
    assert verdict.decision == case["expected"], verdict
    steps = {step.layer: step for step in verdict.trace}
    for name, said in case["because"].items():
        told = steps[name].detail if said == steps[name].detail else steps[name].outcome
        assert told == said, (name, steps[name])
    if "assuming" in case:
        assert list(verdict.assuming) == case["assuming"]
    if "keys" in case:
        assert sorted({condition.key for term in verdict.conditions for condition in term}) == sorted(case["keys"])
    if "conditions" in case:
        said_of = [[[item.operator, item.key, list(item.values)] for item in term] for term in verdict.conditions]
        assert said_of == case["conditions"]
    if "witness" in case:
        assert {key: list(values) for key, values in (verdict.witness or {}).items()} == case["witness"]
    if "gaps" in case:
        assert [gap.call for gap in verdict.gaps] == case["gaps"]
    if "blocked_by" in case:
        assert list(blocking_layers(asked, policies)) == case["blocked_by"]
    if "patterns" in case:
        parts = decide_pattern(asked, policies).parts
        assert {part.pattern: part.verdict.decision for part in parts} == case["patterns"]
    if verdict.decision == "conditional":
        assert verdict.witness is not None
        assert decide(asked._replace(context=asked.context.fixed(verdict.witness)), policies).decision == "allowed"


def test_every_case_file_is_found() -> None:
    assert len(_cases()) > 40
