"""Who can do an action on a resource: answers over all accounts, outsiders included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from advisor.access.anywhere import LISTED, Anywhere, Hit
from advisor.access.asking import warnings_on
from advisor.access.reasons import Reasons
from advisor.access.sweep import Group
from advisor.access.together import without_refused
from advisor.access.treatment import action_groups
from advisor.evaluate.pattern import has_wildcard
from advisor.evaluate.principals import parse_caller
from advisor.model.document import Condition
from advisor.model.verdict import Answer, Answers, Conditions, Decision, Verdict

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.question import Question

_RANK = {decision: rank for rank, decision in enumerate(LISTED)}


class Tally(NamedTuple):
    """Answers to one question, and those who cannot because a statement denies it."""

    answers: dict[str, Answer]
    asked: int
    explicit: frozenset[str]


def who_can(
    index: AccessIndex, action: str, resource: str | None, context: Mapping[str, tuple[str, ...]], *, via: bool
) -> Answers:
    pattern = resource or "*"
    groups = action_groups(index, action)
    tallies = [(actions, ask(index, actions[0], pattern, context)) for actions in groups]
    answers = _over_actions(tallies) if has_wildcard(action) else tallies[0][1].answers
    if via:
        from advisor.access.via import with_those_who_can_become

        answers = with_those_who_can_become(index, answers, context)
    question = index.question(groups[0][0], pattern, context)
    explicit = frozenset.intersection(*(tally.explicit for _, tally in tallies)).difference(answers)
    everybody = max(tally.asked for _, tally in tallies)
    return Answers(
        action=action,
        resource=pattern,
        context=dict(context),
        answers=tuple([answers[name] for name in sorted(answers)]),
        denied=max(everybody - len(answers), 0),
        denied_explicitly=len(explicit),
        root=root_decision(index, question),
        coverage=tuple(gap for snapshot in index.snapshots for gap in snapshot.gaps),
        warnings=warnings_on(action),
    )


def ask(index: AccessIndex, action: str, pattern: str, context: Mapping[str, tuple[str, ...]]) -> Tally:
    """One action on one resource, or on any that a pattern names, put to everybody."""
    question = index.question(action, pattern, context)
    if not question.target.is_pattern:
        tally = _exact(index, question)
        tally = tally._replace(answers=without_refused(index, question, tally.answers))
        if pattern != "*":
            return tally
        answers = {name: msgspec.structs.replace(answer, resources=("*",)) for name, answer in tally.answers.items()}
        return tally._replace(answers=answers)
    by_principal: dict[str, list[Hit]] = {}
    for hit in Anywhere(index, action, pattern, context).hits():
        by_principal.setdefault(hit.principal, []).append(hit)
    answers = without_refused(index, question, {name: _strongest(hits) for name, hits in by_principal.items()})
    explicit = frozenset(
        member.arn
        for group in index.sweep(question).groups()
        if group.verdict.decision == "explicit-deny"
        for unit in group.units
        for member in unit.members
    )
    others = sum(name not in index.principals for name in answers)
    return Tally(answers, len(index.principals) + others, explicit.difference(answers))


def _exact(index: AccessIndex, question: Question) -> Tally:
    answers: dict[str, Answer] = {}
    explicit: list[str] = []
    for group in index.sweep(question).groups():
        if group.verdict.decision in LISTED:
            _add_answers(group, answers)
        elif group.verdict.decision == "explicit-deny":
            explicit += [member.arn for unit in group.units for member in unit.members]
    outsiders = index.outsiders(question)
    for outsider in outsiders:
        verdict = index.verdict(index.caller(outsider.principal), question)
        if verdict.decision in LISTED:
            answers[outsider.principal] = _answer(outsider.principal, outsider.kind, verdict)
        elif verdict.decision == "explicit-deny":
            explicit.append(outsider.principal)
    return Tally(answers, len(index.principals) + len(outsiders), frozenset(explicit))


def _add_answers(group: Group, answers: dict[str, Answer]) -> None:
    verdict = group.verdict
    decision, conditions, gaps, assuming = verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming
    reasons = Reasons(verdict)
    for unit in group.units:
        kind = "user" if unit.found.kind == "user" else "role"
        for member in unit.members:
            arn = member.arn
            answers[arn] = Answer(arn, kind, decision, conditions, reasons.of(unit, member), gaps, assuming)


def _answer(principal: str, kind: str, verdict: Verdict) -> Answer:
    return Answer(
        principal, kind, verdict.decision, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming
    )


def _strongest(hits: list[Hit]) -> Answer:
    """One answer out of several patterns: the strongest decision, with the patterns that it holds for."""
    best = min((hit.verdict.decision for hit in hits), key=_RANK.__getitem__)
    chosen = [hit for hit in hits if hit.verdict.decision == best]
    first = chosen[0]
    resources = tuple(dict.fromkeys(pattern for hit in chosen for pattern in hit.resources))
    if len(chosen) == 1:
        answer = _answer(first.principal, first.kind, first.verdict)
        return msgspec.structs.replace(answer, because=first.because, resources=resources)
    return Answer(
        principal=first.principal,
        kind=first.kind,
        decision=best,
        conditions=_any_of(hit.verdict for hit in chosen),
        because=tuple(dict.fromkeys(reason for hit in chosen for reason in hit.because)),
        gaps=tuple(dict.fromkeys(gap for hit in chosen for gap in hit.verdict.gaps)),
        assuming=tuple(dict.fromkeys(layer for hit in chosen for layer in hit.verdict.assuming)),
        resources=resources,
    )


def _any_of(verdicts: Iterable[Verdict | Answer]) -> Conditions:
    """Any of the conditions; none at all where one of the verdicts needs none."""
    terms: dict[tuple[Condition, ...], None] = {}
    for verdict in verdicts:
        if not verdict.conditions:
            return ()
        terms.update(dict.fromkeys(verdict.conditions))
    return tuple(terms)


def _over_actions(tallies: list[tuple[tuple[str, ...], Tally]]) -> dict[str, Answer]:
    """One answer for each principal over all actions: the strongest decision, with the actions that it holds for."""
    found: dict[str, list[tuple[tuple[str, ...], Answer]]] = {}
    for actions, tally in tallies:
        for name, answer in tally.answers.items():
            found.setdefault(name, []).append((actions, answer))
    return {name: _of_all(entries) for name, entries in found.items()}


def _of_all(entries: list[tuple[tuple[str, ...], Answer]]) -> Answer:
    best = min((answer.decision for _, answer in entries), key=_RANK.__getitem__)
    chosen = [(actions, answer) for actions, answer in entries if answer.decision == best]
    answers = [answer for _, answer in chosen]
    patterns = tuple(dict.fromkeys(pattern for answer in answers for pattern in answer.resources or ()))
    return msgspec.structs.replace(
        answers[0],
        conditions=_any_of(answers),
        because=tuple(dict.fromkeys(reason for answer in answers for reason in answer.because)),
        gaps=tuple(dict.fromkeys(gap for answer in answers for gap in answer.gaps)),
        assuming=tuple(dict.fromkeys(layer for answer in answers for layer in answer.assuming)),
        actions=tuple(sorted(name for actions, _ in chosen for name in actions)),
        resources=patterns or None,
    )


def root_decision(index: AccessIndex, question: Question) -> Decision:
    """The root user of the account that owns the resource, or of the first account."""
    owner = index.snapshots[question.place.position or 0]
    caller = parse_caller(f"arn:{owner.partition}:iam::{owner.account}:root")
    return index.verdict(caller, question).decision
