"""Run every case of a folder and count: what passed, failed, is contested, or cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.conformance import accounts, decisions, elements
from tests.conformance.cases import Case, Unsupported

RUNNERS: dict[str, Callable[[Case], Any]] = {
    "operator": elements.operator,
    "condition-block": elements.condition_block,
    "match": elements.match,
    "decision": decisions.decision,
    "simulation": decisions.simulation,
}


def read_cases(folder: Path) -> Iterator[Case]:
    """Every case of every file; a file that cannot be read is one case of a kind that nobody knows."""
    for path in sorted(folder.glob("*.json")):
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            yield {"id": path.name, "kind": f"unreadable file ({type(error).__name__})", "source": path.stem}
            continue
        if isinstance(found, list):
            yield from (case for case in found if isinstance(case, dict))


def run(folder: Path) -> dict[str, Any]:
    """The counts of a folder, its failures, and what could not be asked."""
    counts: dict[tuple[str, str], dict[str, Any]] = {}
    failures: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    for case in read_cases(folder):
        kind, source = str(case.get("kind")), str(case.get("source"))
        row = counts.setdefault(
            (kind, source),
            {"kind": kind, "source": source, "passed": 0, "failed": 0, "contested": 0, "unsupported": 0},
        )
        outcome, expected, got = judge(case, folder)
        row[outcome] += 1
        if outcome == "failed":
            failures.append({"id": case.get("id"), "expected": expected, "got": got})
        elif outcome == "unsupported":
            skipped.append({"id": case.get("id"), "reason": got})
    rows = [counts[key] for key in sorted(counts)]
    return {"counts": rows, "failures": failures, "skipped": skipped}


def judge(case: Case, folder: Path) -> tuple[str, Any, Any]:
    """How a case came out, what it expects, and what we answered."""
    try:
        expected, got = answer(case, folder)
    except Unsupported as error:
        return ("contested" if case.get("contested") else "unsupported"), None, str(error)
    except Exception as error:  # one broken case must not end the run
        return (
            ("contested" if case.get("contested") else "failed"),
            case.get("expect"),
            f"{type(error).__name__}: {error}",
        )
    if case.get("contested"):
        return "contested", expected, got
    return ("passed" if expected == got else "failed"), expected, got


def answer(case: Case, folder: Path) -> tuple[Any, Any]:
    """What a case expects, cut down to what is compared, and what we say to it."""
    kind = case.get("kind")
    if kind == "account":
        return accounts.account(case, folder)
    runner = RUNNERS.get(str(kind))
    if runner is None:
        raise Unsupported(f"no such kind of case: {kind}")
    got = runner(case)
    return _expected(case, got), got


def _expected(case: Case, got: Any) -> Any:
    expect = case["expect"]
    if not isinstance(got, dict):
        return expect
    if not isinstance(expect, dict):
        return expect
    told = {name: expect[name] for name in got if name in expect}
    for name in ("blockedBy", "perPattern"):
        if isinstance(told.get(name), list):
            told[name] = sorted(told[name], key=str)
    if isinstance(told.get("perPattern"), list):
        told["perPattern"] = sorted(
            (
                {member: item[member] for member in ("resourceType", "resourcePattern", "result")}
                for item in told["perPattern"]
            ),
            key=str,
        )
    return told
