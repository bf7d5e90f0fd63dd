"""Every uncontested case of the shared folder passes, or is disputed with the AWS page that says otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.__main__ import main
from tests.conformance.run import run
from tests.shared_material import shared

DISPUTES = Path(__file__).with_name("disputes.yaml")


def _disputes() -> dict[str, Any]:
    return {entry["id"]: entry for entry in yaml.safe_load(DISPUTES.read_text("utf-8"))}


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    return run(shared("conformance"))


def test_every_uncontested_case_passes_or_is_disputed(outcome: dict[str, Any]) -> None:
    undisputed = [failure for failure in outcome["failures"] if failure["id"] not in _disputes()]
    assert undisputed == []


def test_nothing_is_left_unasked(outcome: dict[str, Any]) -> None:
    assert outcome["skipped"] == []


def test_the_counts_add_up_to_all_cases(outcome: dict[str, Any]) -> None:
    counted = sum(row[name] for row in outcome["counts"] for name in ("passed", "failed", "contested", "unsupported"))
    cases = sum(len(json.loads(path.read_text("utf-8"))) for path in shared("conformance").glob("*.json"))
    assert counted == cases > 800
    assert sum(row["contested"] for row in outcome["counts"]) == 51


def test_disputes_name_their_page() -> None:
    for entry in _disputes().values():
        assert entry["page"].startswith("https://docs.aws.amazon.com/"), entry
        assert entry["why"], entry


def _write(folder: Path, *cases: dict[str, Any]) -> Path:
    (folder / "cases.json").write_text(json.dumps(list(cases)), "utf-8")
    return folder


def test_unknown_kinds_and_elements_are_counted_with_their_reason(tmp_path: Path) -> None:
    base = {"source": "x", "area": "y", "expect": True}
    found = run(
        _write(
            tmp_path,
            {**base, "id": "x:1", "kind": "poem"},
            {**base, "id": "x:2", "kind": "match", "what": "colour"},
            {**base, "id": "x:3", "kind": "account", "dataset": "none", "question": {"ask": "can"}},
            {**base, "id": "x:4", "kind": "account", "dataset": "none", "question": {"ask": "why"}},
        )
    )
    assert [skip["id"] for skip in found["skipped"]] == ["x:1", "x:2", "x:3", "x:4"]
    assert all(skip["reason"] for skip in found["skipped"])
    assert found["failures"] == []


def test_a_broken_case_fails_and_does_not_end_the_run(tmp_path: Path) -> None:
    broken = {"id": "x:1", "kind": "decision", "source": "x", "expect": {"allowed": True}, "request": {}}
    fine = {
        "id": "x:2", "kind": "operator", "source": "x", "operator": "StringEquals", "value": "a", "policyValues": ["a"],
        "context": {}, "expect": True,
    }  # fmt: skip
    wrong = {**fine, "id": "x:3", "expect": False}
    contested = {**fine, "id": "x:4", "expect": False, "contested": ["rule 1"]}
    found = run(_write(tmp_path, broken, fine, wrong, contested))
    assert [failure["id"] for failure in found["failures"]] == ["x:1", "x:3"]
    rows = {row["kind"]: row for row in found["counts"]}
    assert rows["operator"] == {
        "kind": "operator", "source": "x", "passed": 1, "failed": 1, "contested": 1, "unsupported": 0,
    }  # fmt: skip


def test_the_command_prints_json_in_the_documented_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(_write(tmp_path)), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"counts", "failures", "skipped"}
    assert main([]) == 2
