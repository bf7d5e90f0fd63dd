"""Who can do an action on a resource: answers over all accounts, outsiders included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from advisor.evaluate.principals import parse_caller
from advisor.model.verdict import Answer, Answers, Decision

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.question import Question

LISTED = ("allowed", "conditional", "unknown")


def who_can(
    index: AccessIndex, action: str, resource: str | None, context: Mapping[str, tuple[str, ...]], *, via: bool
) -> Answers:
    question = index.question(action, resource, context)
    sweep = index.sweep(question)
    answers: list[Answer] = []
    denied = explicit = 0
    for group in sweep.groups():
        verdict = group.verdict
        if verdict.decision not in LISTED:
            denied += len(group.members)
            explicit += len(group.members) if verdict.decision == "explicit-deny" else 0
            continue
        for member, found, rests, boundary in group.members:
            answers.append(
                Answer(
                    member.arn,
                    "user" if found.kind == "user" else "role",
                    verdict.decision,
                    verdict.conditions,
                    sweep.because(verdict, member, found, rests, boundary),
                    verdict.gaps,
                    verdict.assuming,
                )
            )
    for outsider in index.outsiders(question):
        verdict = index.verdict(index.caller(outsider.principal), question)
        if verdict.decision in LISTED:
            answers.append(
                Answer(
                    outsider.principal,
                    outsider.kind,
                    verdict.decision,
                    verdict.conditions,
                    verdict.because,
                    verdict.gaps,
                    verdict.assuming,
                )  # fmt: skip
            )
        else:
            denied += 1
            explicit += verdict.decision == "explicit-deny"
    answers.sort(key=lambda answer: answer.principal)
    return Answers(
        action, question.resource, dict(context), tuple(answers), denied, explicit, _root(index, question),
        tuple(gap for snapshot in index.snapshots for gap in snapshot.gaps),
    )  # fmt: skip


def _root(index: AccessIndex, question: Question) -> Decision:
    """The root user of the account that owns the resource, or of the first account."""
    owner = index.snapshots[question.place.position or 0]
    caller = parse_caller(f"arn:{owner.partition}:iam::{owner.account}:root")
    return index.verdict(caller, question).decision
