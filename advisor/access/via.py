"""Who can become whom: chains of sts:AssumeRole that end in a principal of an answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from advisor.access.anywhere import LISTED, Anywhere, Hit, Outside
from advisor.access.population import places_of
from advisor.model.verdict import Answer, Decision

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_RANK = {decision: rank for rank, decision in enumerate(LISTED)}
Steps = dict[str, list[tuple[str, str, Decision]]]


def steps_into(index: AccessIndex, context: Mapping[str, tuple[str, ...]]) -> Steps:
    """For each role the principals that can assume it, or may: (principal, kind, decision)."""
    steps: dict[str, dict[str, tuple[str, str, Decision]]] = {}
    for action in ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"):
        found = Anywhere(index, action, "*", context)
        for principal, kind, decision, roles in (*_steps(index, found.hits), *map(_step, found.outsiders)):
            for role in roles:
                known = steps.setdefault(role, {}).get(principal)
                if known is None or _RANK[decision] < _RANK[known[2]]:
                    steps[role][principal] = (principal, kind, decision)
    return {role: list(found.values()) for role, found in steps.items()}


def _steps(index: AccessIndex, hits: Iterable[Hit]) -> Iterator[tuple[str, str, Decision, tuple[str, ...]]]:
    population = index.population
    for hit in hits:
        for at in places_of(hit.mask):
            kind = "user" if population.class_at[at].kind == "user" else "role"
            yield population.members[at].arn, kind, hit.verdict.decision, hit.resources


def _step(found: Outside) -> tuple[str, str, Decision, tuple[str, ...]]:
    return found.principal, found.kind, found.verdict.decision, found.resources


def with_those_who_can_become(
    index: AccessIndex, answers: Mapping[str, Answer], context: Mapping[str, tuple[str, ...]]
) -> dict[str, Answer]:
    """The answers, and everybody who can become one of them; `via` is the chain, ending in the one who can.

    Shortest chains first; among them the one of the surest steps. Persons come in by what Identity Center or account
    access manager entitles them to.
    """
    steps = index.steps_into(context)
    found = dict(answers)
    todo: deque[tuple[str, tuple[str, ...], Decision]] = deque(
        (name, (name,), answer.decision) for name, answer in sorted(answers.items()) if answer.kind == "role"
    )
    while todo:
        role, chain, decision = todo.popleft()
        for principal, kind, step in (*steps.get(role, ()), *index.persons_of(role)):
            if principal in found:
                continue
            weakest = max(decision, step, key=_RANK.__getitem__)
            goal = answers[chain[-1]]
            found[principal] = Answer(
                principal,
                kind,
                weakest,
                (),
                goal.because,
                goal.gaps,
                goal.assuming,
                goal.actions,
                goal.resources,
                chain,
            )
            if kind == "role":
                todo.append((principal, (principal, *chain), weakest))
    return found
