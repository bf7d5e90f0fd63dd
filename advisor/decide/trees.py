"""The decision trees as they are loaded, and what no single kind of knowledge can check: references between kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from advisor.advice.facts import definition
from advisor.errors import InputError, UsageError
from advisor.reference.claims import parse_claim
from advisor.reference.knowledge import check, load
from advisor.reference.problem import Problem
from advisor.reference.schema.decisions import Decision
from advisor.reference.schema.practices import Practice
from advisor.reference.schema.setup import Step as SetupStep
from advisor.reference.shape import nearest

Folders = Sequence[str | Path]


def trees(folders: Folders = ()) -> Mapping[str, Decision]:
    """Every tree by its id, in the order of their numbers."""
    return dict(sorted(load("decisions", folders).items(), key=lambda item: (item[1].number, item[0])))


def tree(topic: str, folders: Folders = ()) -> Decision:
    """One tree.

    Raises:
        UsageError: there is none of that name; the nearest is named.
    """
    known = trees(folders)
    if topic not in known:
        raise UsageError(f"there is no decision `{topic}`{nearest(topic, known)}", advice=f"known: {', '.join(known)}")
    return known[topic]


def check_knowledge(folder: str | Path | None = None) -> tuple[Problem, ...]:
    """Every problem of the shipped knowledge, or of a user's folder with it: shape, and what refers to what."""
    problems = check(folder)
    if problems:
        return problems
    folders = () if folder is None else (folder,)
    templates = load("changes", folders)
    found: list[Problem] = []
    for decision in trees(folders).values():
        found += _decision(decision, templates)
    known = trees(folders)
    for practice in load("practices", folders).values():
        found += _practice(practice, templates, known)
    for step in load("setup", folders).values():
        found += _setup(step, templates, known)
    return tuple(found)


def _setup(step: SetupStep, templates: Mapping[str, object], known: Mapping[str, Decision]) -> Iterator[Problem]:
    file = f"setup/{step.id}.yaml"
    if step.decide and step.decide not in known:
        yield Problem(file, "decide", f"no tree `{step.decide}`{nearest(step.decide, known)}")
    for fact in (fact for claim in step.done for fact in facts_of(claim)):
        yield from _fact(file, "done", fact)
    for template in step.templates:
        yield from _template(file, "templates", template, templates)


def _decision(decision: Decision, templates: Mapping[str, object]) -> Iterator[Problem]:
    file = f"decisions/{decision.id}.yaml"
    for id, ask in decision.questions.items():
        for fact in (*ask.show, *(fact for rule in ask.suggest for claim in rule.when for fact in facts_of(claim))):
            yield from _fact(file, f"questions.{id}", fact)
    for id, result in decision.outcomes.items():
        place = f"outcomes.{id}"
        claims = [*result.invariants, *(claim for step in result.changes for claim in step.when)]
        claims += [claim for handover in result.next for claim in handover.when]
        for fact in (fact for claim in claims for fact in facts_of(claim)):
            yield from _fact(file, place, fact)
        for step in result.changes:
            yield from _template(file, place, step.template, templates)
            for fact in (*([step.each] if step.each else []), *step.fill.values()):
                yield from _fact(file, place, fact.replace("{subject}", ""))


def _practice(practice: Practice, templates: Mapping[str, object], known: Mapping[str, Decision]) -> Iterator[Problem]:
    file = f"practices/{practice.id}.yaml"
    if practice.decision and practice.decision not in known:
        yield Problem(file, "decision", f"no tree `{practice.decision}`{nearest(practice.decision, known)}")
    for position, entry in enumerate(practice.checks):
        place = f"checks[{position}]"
        claims = [claim for claim in (entry.fails, *entry.only) if claim]
        for fact in (*([entry.each] if entry.each else []), *(fact for claim in claims for fact in facts_of(claim))):
            yield from _fact(file, place, fact)
        for recommendation in entry.changes:
            yield from _template(file, place, recommendation.template, templates)
            for fact in (*([recommendation.each] if recommendation.each else []), *recommendation.fill.values()):
                yield from _fact(file, place, fact.replace("{subject}", ""))


def facts_of(claim: str) -> tuple[str, ...]:
    return tuple(test.fact for test in parse_claim(claim).tests)


def _fact(file: str, place: str, fact: str) -> Iterator[Problem]:
    try:
        definition(fact)
    except InputError as error:
        yield Problem(file, place, error.message)


def _template(file: str, place: str, template: str, templates: Mapping[str, object]) -> Iterator[Problem]:
    if template not in templates:
        yield Problem(file, place, f"no change template `{template}`{nearest(template, templates)}")
