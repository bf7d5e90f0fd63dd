"""Who can do an action on a resource: answers over all accounts, outsiders included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from advisor.access.anywhere import LISTED, Anywhere
from advisor.access.asking import warnings_on
from advisor.access.population import places_of
from advisor.access.reasons import OwnReasons, told_by
from advisor.access.strongest import RANK, any_of, assumed_by, gaps_of, strongest, strongest_outside
from advisor.access.sweep import Group, Sweep
from advisor.access.together import with_others, without_refused
from advisor.access.treatment import action_groups
from advisor.evaluate.pattern import has_wildcard
from advisor.evaluate.principals import Caller, parse_caller
from advisor.model.verdict import Answer, Answers, Decision, Verdict
from advisor.model.work import go_on

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.question import Question


class Tally(NamedTuple):
    """Answers to one question, and those who cannot because a statement denies it."""

    answers: dict[str, Answer]
    asked: int
    denied: int
    """Our own principals among them, as bits."""
    outside: frozenset[str]
    """The others among them."""


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
    everybody = max(tally.asked for _, tally in tallies)
    return Answers(
        action=action,
        resource=pattern,
        context=dict(context),
        answers=tuple([answers[name] for name in sorted(answers)]),
        denied=max(everybody - len(answers), 0),
        denied_explicitly=_denied_by_all(index, [tally for _, tally in tallies], answers),
        root=root_decision(index, question),
        coverage=tuple(gap for snapshot in index.snapshots for gap in snapshot.gaps),
        warnings=warnings_on(action),
    )


def _denied_by_all(index: AccessIndex, tallies: Sequence[Tally], answers: Mapping[str, Answer]) -> int:
    """How many have no answer because a statement denies each of the questions."""
    denied = tallies[0].denied
    for tally in tallies:
        denied &= tally.denied
    outside = frozenset.intersection(*(tally.outside for tally in tallies))
    return (denied & ~index.population.named(answers)).bit_count() + len(outside.difference(answers))


def ask(index: AccessIndex, action: str, pattern: str, context: Mapping[str, tuple[str, ...]]) -> Tally:
    """One action on one resource, or on any that a pattern names, put to everybody."""
    go_on()
    question = index.question(action, pattern, context)
    if not question.target.is_pattern:
        tally = _exact(index, question)
        tally = tally._replace(answers=without_refused(index, question, tally.answers))
        if pattern != "*":
            return tally
        answers = {name: msgspec.structs.replace(answer, resources=("*",)) for name, answer in tally.answers.items()}
        return tally._replace(answers=answers)
    anywhere = Anywhere(index, action, pattern, context)
    outside = strongest_outside(anywhere.outsiders)
    answers = without_refused(index, question, {**dict(strongest(index.population, anywhere.hits)), **outside})
    denied = 0
    for group in index.sweep(question).groups():
        if group.verdict.decision == "explicit-deny":
            denied |= group.mask
    return Tally(answers, len(index.principals) + len(outside), denied, frozenset())


def on_any(index: AccessIndex, caller: Caller, question: Question) -> Verdict:
    """One principal's verdict on any resource that a pattern names: its answer in who-can, with the trace of the first
    resource that it holds for.
    """
    answer = ask(index, question.action, question.resource, question.fixed).answers.get(caller.arn)
    if answer is None:
        whole = with_others(index, caller, question, index.verdict(caller, question))
        if whole.decision.endswith("-deny"):
            return whole
        # each part is denied for a reason of its own
        return msgspec.structs.replace(whole, decision="implicit-deny", conditions=(), witness=None, gaps=())
    target = (answer.resources or (question.resource,))[0]
    verdict = index.verdict(caller, index.question(question.action, target, question.fixed))
    return msgspec.structs.replace(
        verdict, decision=answer.decision, conditions=answer.conditions, gaps=answer.gaps, assuming=answer.assuming
    )


def _exact(index: AccessIndex, question: Question) -> Tally:
    sweep = index.sweep(question, None, index.memo(question.action, question.fixed))
    rows: list[Answer | None] = [None] * len(index.population.members)
    listed, denied = [], 0
    for group in sweep.groups():
        if group.verdict.decision in LISTED:
            listed.append(group)
        elif group.verdict.decision == "explicit-deny":
            denied |= group.mask
    _fill(sweep, listed, rows)
    answers = {answer.principal: answer for answer in rows if answer is not None}
    outside: list[str] = []
    outsiders = index.outsiders(question)
    for outsider in outsiders:
        verdict = index.verdict(index.caller(outsider.principal), question)
        if verdict.decision in LISTED:
            answers[outsider.principal] = _answer(outsider.principal, outsider.kind, verdict)
        elif verdict.decision == "explicit-deny":
            outside.append(outsider.principal)
    return Tally(answers, len(rows) + len(outsiders), denied, frozenset(outside))


def ask_outside(index: AccessIndex, action: str, resource: str) -> dict[str, Answer]:
    """One action on one resource, put to those alone who are no principals of the accounts."""
    question = index.question(action, resource, {})
    verdicts = [(one, index.verdict(index.caller(one.principal), question)) for one in index.outsiders(question)]
    found = {one.principal: _answer(one.principal, one.kind, said) for one, said in verdicts if said.decision in LISTED}
    return without_refused(index, question, found)


def _fill(sweep: Sweep, groups: list[Group], rows: list[Answer | None]) -> None:
    """The answers of some groups, each in the place of its principal."""
    population = sweep.population
    arns, kinds = population.arns, population.kind_at
    own = OwnReasons(sweep, sweep.index.reasons, reduce(or_, [group.mask for group in groups], 0))
    for verdict, mask, _ in groups:
        decision, conditions, gaps, assuming = verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming
        before, after = told_by(verdict)
        for at in places_of(mask):
            because = (*before, *own.of(at), *after) if before or after else own.of(at)
            rows[at] = Answer(arns[at], kinds[at], decision, conditions, because, gaps, assuming)


def _answer(principal: str, kind: str, verdict: Verdict) -> Answer:
    return Answer(
        principal, kind, verdict.decision, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming
    )


def _over_actions(tallies: list[tuple[tuple[str, ...], Tally]]) -> dict[str, Answer]:
    """One answer for each principal over all actions: the strongest decision, with the actions that it holds for."""
    found: dict[str, list[tuple[tuple[str, ...], Answer]]] = {}
    for actions, tally in tallies:
        for name, answer in tally.answers.items():
            found.setdefault(name, []).append((actions, answer))
    return {name: _of_all(entries) for name, entries in found.items()}


def _of_all(entries: list[tuple[tuple[str, ...], Answer]]) -> Answer:
    best = min((answer.decision for _, answer in entries), key=RANK.__getitem__)
    chosen = [(actions, answer) for actions, answer in entries if answer.decision == best]
    answers = [answer for _, answer in chosen]
    patterns = tuple(dict.fromkeys(pattern for answer in answers for pattern in answer.resources or ()))
    return msgspec.structs.replace(
        answers[0],
        conditions=any_of(answers),
        because=tuple(dict.fromkeys(reason for answer in answers for reason in answer.because)),
        gaps=gaps_of(answers),
        assuming=assumed_by(answers),
        actions=tuple(sorted(name for actions, _ in chosen for name in actions)),
        resources=patterns or None,
    )


def root_decision(index: AccessIndex, question: Question) -> Decision:
    """The root user of the account that owns the resource, or of the first account."""
    owner = index.snapshots[question.place.position or 0]
    caller = parse_caller(f"arn:{owner.partition}:iam::{owner.account}:root")
    return index.verdict(caller, question).decision
