"""What a walk comes to: a recommendation with its price, the changes for this account, and what must hold later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.claims import fixed, judge_all
from advisor.advice.facts import ask
from advisor.advice.recommend import changes_for, distinct, fillings
from advisor.decide.walk import Walk, option_of, reachable
from advisor.model.change import Change
from advisor.reference.schema import Source
from advisor.reference.schema.decisions import Handover, Limit, Node, Result, Step

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

MOST_SUBJECTS = 100
"""So many things get a change of their own; the rest is counted."""


class Considered(msgspec.Struct, frozen=True):
    """One outcome of the tree, chosen or not, with what speaks for and against it."""

    id: str
    title: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    why_not: str
    """The question whose answer ruled it out, with that answer; empty for what was chosen."""
    unless: str = ""
    """Where it does not fit, in general."""


class Outcome(msgspec.Struct, frozen=True):
    """The end of a walk. Several outcomes may have been gathered; they are taken together, in their order."""

    topic: str
    ids: tuple[Node, ...]
    title: str
    recommendation: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    limits: tuple[Limit, ...]
    considered: tuple[Considered, ...]
    changes: tuple[Change, ...]
    ticked: tuple[str, ...]
    """Ids of the changes that are safe to pre-select: they can be undone, need no value and nobody's hands."""
    more: int
    """Things beyond the first hundred that would get the same changes."""
    invariants: tuple[str, ...]
    revisit: tuple[str, ...]
    next: tuple[Handover, ...]
    sources: tuple[Source, ...]

    @property
    def not_chosen(self) -> tuple[tuple[str, str], ...]:
        return tuple((one.title, one.why_not) for one in self.considered if one.why_not)


def outcome(walk: Walk, account: OpenAccount) -> Outcome | None:
    """What the walk comes to in this account; `None` while a question is open."""
    if not walk.is_done:
        return None
    results = [walk.trees[topic].outcomes[id] for topic, id in walk.outcomes]
    steps = [step for result in results for step in result.changes]
    filled = list(_fill(account, steps, walk.folders))
    changes = distinct(change for change, _, _ in filled)
    offered = {change.id for change, step, _ in filled if step.ticked and is_safe(change)}
    return Outcome(
        topic=walk.topic,
        ids=walk.outcomes,
        title=_title(walk, [result.title for result in results]),
        recommendation=tuple(result.recommendation for result in results),
        good=_each(result.good for result in results),
        bad=_each(result.bad for result in results),
        limits=tuple(limit for result in results for limit in result.limits),
        considered=tuple(_considered(walk)),
        changes=changes,
        ticked=tuple(change.id for change in changes if change.id in offered),
        more=sum(left for _, _, left in filled),
        invariants=_each(tuple(_invariants(account, result)) for result in results),
        revisit=_each(result.revisit for result in results),
        next=tuple(_handovers(account, results)),
        sources=tuple(dict.fromkeys(source for topic, _ in walk.outcomes for source in walk.trees[topic].sources)),
    )


MOST_IN_A_TITLE = 3


def _title(walk: Walk, titles: Sequence[str]) -> str:
    """All that was decided; of many the first two, under the name of the decision."""
    if len(titles) <= MOST_IN_A_TITLE:
        return " · ".join(titles)
    return f"{walk.tree.title}: {', '.join(titles[:2])} and {len(titles) - 2} more"


def _invariants(account: OpenAccount, result: Result) -> Iterator[str]:
    """The claims as they are on this day; one that would keep nothing asks for nothing."""
    claims = (fixed(account, claim) for claim in result.invariants)
    return (claim for claim in claims if not claim.endswith(" keeps []"))


def is_safe(change: Change) -> bool:
    return bool(change.operations) and change.reversible and not change.by_hand and not getattr(change, "needs", ())


def _each(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for group in groups for text in group))


def changes_of(account: OpenAccount, result: Result, folders: Sequence[str] = ()) -> tuple[Change, ...]:
    """Every change that one outcome offers in this account."""
    return distinct(change for change, _, _ in _fill(account, result.changes, folders))


def _fill(account: OpenAccount, steps: Iterable[Step], folders: Sequence[str]) -> Iterator[tuple[Change, Step, int]]:
    """(change, its step, how many things were left out). A step whose condition is not known is offered."""
    for step in steps:
        if judge_all(account, step.when).holds is False:
            continue
        subjects, left = _subjects(account, step)
        for position, subject in enumerate(subjects):
            for filling in fillings(account, subject, step.fill):
                found = changes_for(account, step.template, subject, {**step.values, **filling}, folders)
                for change in (one for one in found if one.operations or one.by_hand or one.note):
                    yield change, step, left if position == 0 else 0


def _subjects(account: OpenAccount, step: Step) -> tuple[tuple[str, ...], int]:
    if not step.each:
        return ("",), 0
    value = ask(account, step.each).value
    listed = value if isinstance(value, tuple) else ()
    return listed[:MOST_SUBJECTS], max(0, len(listed) - MOST_SUBJECTS)


def _considered(walk: Walk) -> Iterator[Considered]:
    """The outcomes that could be reached in the trees on the way, chosen ones first."""
    chosen = walk.outcomes
    entry = msgspec.structs.replace(walk, answers=walk.answers[: len(walk.answers) - len(walk.given)])
    possible = dict.fromkeys(reachable(walk.trees, entry.node))
    visited = dict.fromkeys((walk.topic, *(answer.tree for answer in walk.given)))
    others = [node for node in possible if node not in chosen and node[0] in visited]
    for topic, id in (*chosen, *others):
        result = walk.trees[topic].outcomes[id]
        why_not = "" if (topic, id) in chosen else _why_not(walk, (topic, id))
        yield Considered(id, result.title, result.good, result.bad, why_not, result.unless)


def _why_not(walk: Walk, outcome: Node) -> str:
    """The answer that ruled an outcome out, in words: before it the outcome could be reached, after it no more."""
    for number, answer in enumerate(walk.answers):
        after = msgspec.structs.replace(walk, answers=walk.answers[: number + 1])
        if answer in walk.given and outcome not in reachable(walk.trees, after.node):
            question = walk.trees[answer.tree].questions[answer.question]
            return f"{question.text} {option_of(walk.trees, answer).label.rstrip(' …')}."
    return ""


def _handovers(account: OpenAccount, results: Iterable[Result]) -> Iterator[Handover]:
    seen: set[tuple[str, str]] = set()
    for result in results:
        for handover in result.next:
            key = (handover.tree, handover.at)
            if key not in seen and judge_all(account, handover.when).holds is not False:
                seen.add(key)
                yield handover
