"""Who can do an action on a resource: answers over all accounts, outsiders included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.sweep import Group, because
from advisor.evaluate.principals import parse_caller
from advisor.model.verdict import Answer, Answers, Decision, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.question import Question

LISTED = ("allowed", "conditional", "unknown")


class Tally(NamedTuple):
    """Answers to one question with the number of those who cannot, and of them who are denied by a statement."""

    answers: list[Answer]
    denied: int
    explicit: int


def who_can(
    index: AccessIndex, action: str, resource: str | None, context: Mapping[str, tuple[str, ...]], *, via: bool
) -> Answers:
    question = index.question(action, resource, context)
    tally = ask(index, question)
    answers = sorted(tally.answers, key=lambda answer: answer.principal)
    return Answers(
        action=action,
        resource=question.resource,
        context=dict(context),
        answers=tuple(answers),
        denied=tally.denied,
        denied_explicitly=tally.explicit,
        root=root_decision(index, question),
        coverage=tuple(gap for snapshot in index.snapshots for gap in snapshot.gaps),
    )


def ask(index: AccessIndex, question: Question) -> Tally:
    """One action on one resource, put to everybody."""
    answers: list[Answer] = []
    denied = explicit = 0
    for group in index.sweep(question).groups():
        if group.verdict.decision in LISTED:
            answers += _answers(group)
            continue
        denied += group.count
        explicit += group.count if group.verdict.decision == "explicit-deny" else 0
    for outsider in index.outsiders(question):
        verdict = index.verdict(index.caller(outsider.principal), question)
        if verdict.decision in LISTED:
            answers.append(_answer(outsider.principal, outsider.kind, verdict))
        else:
            denied += 1
            explicit += verdict.decision == "explicit-deny"
    return Tally(answers, denied, explicit)


def _answers(group: Group) -> list[Answer]:
    verdict = group.verdict
    decision, conditions, gaps, assuming = verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming
    found = []
    for unit in group.units:
        kind = "user" if unit.found.kind == "user" else "role"
        found += [
            Answer(member.arn, kind, decision, conditions, because(verdict, unit, member), gaps, assuming)
            for member in unit.members
        ]
    return found


def _answer(principal: str, kind: str, verdict: Verdict) -> Answer:
    return Answer(
        principal, kind, verdict.decision, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming
    )


def root_decision(index: AccessIndex, question: Question) -> Decision:
    """The root user of the account that owns the resource, or of the first account."""
    owner = index.snapshots[question.place.position or 0]
    caller = parse_caller(f"arn:{owner.partition}:iam::{owner.account}:root")
    return index.verdict(caller, question).decision
