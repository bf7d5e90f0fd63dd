"""The text of a record in the sections of MADR 4, from what a walk came to. The words of advice come from the trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.claims import Judgement, judge, short
from advisor.advice.facts.registry import says
from advisor.decide.outcome import Outcome
from advisor.decide.record.escape import block, code, md
from advisor.decide.record.standing import WAITS, waiting
from advisor.decide.suggest import Seen, in_words, seen
from advisor.decide.walk import Walk
from advisor.model.change import Change

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

MOST_NAMES = 12
"""So many things share a row of evidence by name; the rest is counted."""
MOST_ON_ONE_LINE = 90
_SIGNS = {"yes": "✓", "no": "–", "unknown": "?"}
_WORDS = {True: "✓ holds", False: f"{WAITS} not yet", None: "? unknown"}


def body(walk: Walk, account: OpenAccount, result: Outcome, chosen: Iterable[Change]) -> str:
    """The whole text below the front matter."""
    changes = tuple(chosen)
    sections = (
        f"# {result.title}",
        _in_short(account, result),
        *_context(walk, account),
        *_drivers(walk),
        *_options(result),
        *_decision(walk, account, result, changes),
        *_changes(changes, result),
        *_pros_and_cons(result),
        *_evidence_table(walk, account),
        *_more(account, walk, result),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _in_short(account: OpenAccount, result: Outcome) -> str:
    """The answer first."""
    return f"> **In short.** {in_words(account, ' '.join(result.recommendation))}"


def _context(walk: Walk, account: OpenAccount) -> Iterator[str]:
    snapshot = account.snapshot
    name = f"{md(snapshot.alias)} ({code(snapshot.account)})" if snapshot.alias else code(snapshot.account)
    yield "## Context and Problem Statement"
    yield f"**{walk.tree.question}** Account {name}, as read at {md(snapshot.taken_at)}."
    yield f"*Advice of 2016.* {walk.tree.then}"
    yield f"*Advice of today.* {walk.tree.now} *Since:* {walk.tree.since}"
    yield "### What the account says"
    evidence = _evidence(walk, account)
    yield _lines(f"{_SIGNS[one.sign]} {md(one.text)}" for one in evidence)
    gaps = dict.fromkeys(gap for one in evidence for gap in one.fact.gaps)
    if gaps:
        yield "### What was not known"
        yield _lines(
            f"{code(gap.call)}: {md(gap.reason)}. Unknown because of it: {md(gap.makes_unknown)}." for gap in gaps
        )


def _evidence(walk: Walk, account: OpenAccount) -> tuple[Seen, ...]:
    """What every question on the way showed, each fact once."""
    asked = [walk.trees[one.tree].questions[one.question] for one in walk.given]
    facts = dict.fromkeys(fact for question in asked for fact in question.show)
    return tuple(seen(account, fact) for fact in facts)


def _evidence_table(walk: Walk, account: OpenAccount) -> Iterator[str]:
    """What was seen, behind the decision that rests on it; things of which the same was seen share a row."""
    rows = [row for one in _evidence(walk, account) for row in _rows(one)]
    if rows:
        yield "## Evidence"
        yield "| Asked | Seen | Detail | Read by |\n|---|---|---|---|\n" + "\n".join(rows)


def _rows(one: Seen) -> Iterator[str]:
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for item in one.fact.evidence:
        groups.setdefault((item.detail, item.call), {})[short(item.subject)] = None
    for (detail, call), subjects in groups.items():
        more = f" and {len(subjects) - MOST_NAMES} more" if len(subjects) > MOST_NAMES else ""
        names = ", ".join(tuple(subjects)[:MOST_NAMES]) + more
        yield f"| {md(says(one.fact.fact))} | {md(names)} | {md(detail)} | {md(call)} |"


def _drivers(walk: Walk) -> Iterator[str]:
    yield "## Decision Drivers"
    lines = [walk.tree.why]
    for answer in walk.given:
        question = walk.trees[answer.tree].questions[answer.question]
        label = next(option.label for option in question.options if option.id == answer.option)
        lines.append(f"{question.text} **{label}.** {question.why}")
    yield _lines(lines)


def _options(result: Outcome) -> Iterator[str]:
    yield "## Considered Options"
    yield _lines(one.title for one in result.considered)


def _decision(walk: Walk, account: OpenAccount, result: Outcome, changes: tuple[Change, ...]) -> Iterator[str]:
    yield "## Decision Outcome"
    yield f"Chosen: **{result.title}**."
    yield from (in_words(account, text) for text in result.recommendation)
    yield "### Consequences"
    yield _lines([*(f"Good: {text}" for text in result.good), *(f"Bad: {text}" for text in result.bad)])
    if result.limits:
        yield "### Limits"
        yield _lines(
            f"{limit.text}" + (f" (<{limit.url}>, {limit.checked})" if limit.url else "") for limit in result.limits
        )
    if result.invariants:
        yield "### Confirmation"
        yield "The decision stands as long as each of these holds; `advisor record verify` checks them."
        waits = waiting(account, result.invariants, changes)
        rows = [_must_hold(judge(account, claim), waits.get(claim, "")) for claim in result.invariants]
        yield "| Must hold | When recorded | Checked as |\n|---|---|---|\n" + "\n".join(rows)


def _must_hold(judged: Judgement, waits: str) -> str:
    words = f"{WAITS} {waits}" if waits else _WORDS[judged.holds]
    return f"| {md(judged.sentence[:1].upper() + judged.sentence[1:])} | {md(words)} | {code(judged.claim)} |"


def _changes(changes: tuple[Change, ...], result: Outcome) -> Iterator[str]:
    yield "## Changes"
    if not changes:
        yield "None was chosen."
    for number, change in enumerate(changes, 1):
        yield f"### {number}. {md(change.title)}"
        if change.by_hand:
            yield "By hand:\n\n" + "\n".join(f"{step}. {md(text)}" for step, text in enumerate(change.by_hand, 1))
        if change.operations:
            calls = (f"{one.service}:{one.operation} {_parameters(one.parameters)}" for one in change.operations)
            yield block("\n".join(calls))
            yield "Can be undone." if change.reversible else "**Cannot be undone in full.**"
        if change.needs:
            yield (
                "Before it can be applied it needs: "
                + "; ".join(f"{code(name)}, {md(what)}" for name, what in change.needs)
                + "."
            )
        if change.note:
            yield md(change.note)
    if result.more:
        yield f"The same changes apply to {result.more} further things."


def _parameters(parameters: dict[str, object]) -> str:
    """Short ones on one line, policies with line breaks."""
    plain = msgspec.json.encode(parameters, order="deterministic")
    return msgspec.json.format(plain, indent=2 if len(plain) > MOST_ON_ONE_LINE else -1).decode()


def _pros_and_cons(result: Outcome) -> Iterator[str]:
    yield "## Pros and Cons of the Options"
    for one in result.considered:
        yield f"### {one.title}"
        lines = [*(f"Good: {text}" for text in one.good), *(f"Bad: {text}" for text in one.bad)]
        fits = f"Does not fit where: {one.unless[:1].lower()}{one.unless[1:]}"
        chosen = f"Not chosen, by the answer: {one.why_not}" if one.why_not else "**Chosen.**"
        yield _lines([*lines, fits, chosen])


def _more(account: OpenAccount, walk: Walk, result: Outcome) -> Iterator[str]:
    yield "## More Information"
    if result.revisit:
        yield "Decide again when:"
        yield _lines(result.revisit)
    if result.next:
        yield "Decisions that follow:"
        yield _lines(f"{handover.text} ({walk.trees[handover.tree].title})" for handover in result.next)
    yield "Sources, each with the day on which it was checked:"
    yield _lines(f"[{md(one.title or one.url)}](<{one.url}>), {one.checked}" for one in result.sources)
    snapshot = account.snapshot
    yield f"Snapshot {code(snapshot.digest)}, read {md(snapshot.taken_at)} ({md(snapshot.source.kind)})."


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
