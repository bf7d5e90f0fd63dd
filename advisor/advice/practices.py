"""Practices judged for one account: each of its checks passes, fails for certain things, or is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from advisor.advice.claims import judge, judge_all
from advisor.advice.facts import ask
from advisor.model.finding import Evidence, PracticeResult
from advisor.model.gap import Gap
from advisor.reference.knowledge import load
from advisor.reference.schema.practices import Check, Practice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from advisor.access.account import OpenAccount


class Failure(msgspec.Struct, frozen=True):
    """One thing that fails a check. `subject` is what a template is filled with; `resource` is the ARN to show."""

    subject: str
    resource: str
    evidence: Evidence


class Outcome(msgspec.Struct, frozen=True):
    """One check in one account. With failures it fails; without, `gaps` make it unknown."""

    practice: Practice
    check: Check
    failures: tuple[Failure, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    is_unknown: bool = False


def practices(folders: Sequence[str | Path] = ()) -> Mapping[str, Practice]:
    return load("practices", folders)


def folders_of(account: OpenAccount) -> tuple[str | Path, ...]:
    """The user's own knowledge folders that the account was opened with."""
    return tuple(getattr(account, "knowledge", ()))


def evaluate(account: OpenAccount) -> tuple[PracticeResult, ...]:
    """Every practice with its status, the source's eleven first."""
    return results(outcomes(account))


def outcomes(account: OpenAccount) -> tuple[Outcome, ...]:
    """Every check of every practice, practices in their order."""
    entries = sorted(
        practices(folders_of(account)).values(), key=lambda one: (one.number is None, one.number or 0, one.id)
    )
    return tuple(run(account, practice, check) for practice in entries for check in practice.checks)


def run(account: OpenAccount, practice: Practice, check: Check) -> Outcome:
    guard = judge_all(account, check.only)
    if guard.holds is False:
        return Outcome(practice, check, evidence=guard.evidence)
    if guard.holds is None:
        return Outcome(practice, check, evidence=guard.evidence, gaps=guard.gaps, is_unknown=True)
    return _each(account, practice, check) if check.each else _claim(account, practice, check)


def _each(account: OpenAccount, practice: Practice, check: Check) -> Outcome:
    answer = ask(account, check.each)
    values = answer.value if isinstance(answer.value, tuple) else ()
    failures = tuple(
        Failure(value, _resource(value, evidence), evidence)
        for value, evidence in zip(values, answer.evidence, strict=False)
    )
    return Outcome(practice, check, failures, answer.evidence, answer.gaps, answer.value is None or bool(answer.gaps))


def _resource(value: str, evidence: Evidence) -> str:
    return value if value.startswith("arn:") else evidence.subject


def _claim(account: OpenAccount, practice: Practice, check: Check) -> Outcome:
    judged = judge(account, check.fails)
    if judged.holds is None:
        return Outcome(practice, check, evidence=judged.evidence, gaps=judged.gaps, is_unknown=True)
    if not judged.holds:
        return Outcome(practice, check, evidence=judged.evidence)
    evidence = judged.evidence or (Evidence(account.snapshot.account, judged.claim),)
    failure = Failure("", account.snapshot.account, evidence[0])
    return Outcome(practice, check, (failure,), evidence)


def results(found: tuple[Outcome, ...]) -> tuple[PracticeResult, ...]:
    """The checks of each practice taken together."""
    by_practice: dict[str, list[Outcome]] = {}
    for outcome in found:
        by_practice.setdefault(outcome.practice.id, []).append(outcome)
    return tuple(_result(group) for group in by_practice.values())


def _result(group: list[Outcome]) -> PracticeResult:
    practice = group[0].practice
    failures = [failure for outcome in group for failure in outcome.failures]
    gaps = tuple(dict.fromkeys(gap for outcome in group if outcome.is_unknown for gap in outcome.gaps))
    if failures:
        return PracticeResult(practice.id, practice.title, "fails", tuple(one.evidence for one in failures), gaps)
    if any(outcome.is_unknown for outcome in group):
        return PracticeResult(practice.id, practice.title, "unknown", gaps=gaps)
    evidence = tuple(one for outcome in group for one in outcome.evidence)
    return PracticeResult(practice.id, practice.title, "holds", evidence)
