"""The text of a record in the sections of MADR 4, from what a walk came to. The words of advice come from the trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from advisor.advice.claims import Judgement, judge, short
from advisor.advice.facts.registry import says
from advisor.decide.outcome import Considered, Outcome
from advisor.decide.record.calls import calls_told
from advisor.decide.record.escape import block, code, md
from advisor.decide.record.moments import moment
from advisor.decide.record.standing import WAITS, waiting
from advisor.decide.suggest import Seen, in_words, seen
from advisor.decide.walk import Walk
from advisor.model.change import Change
from advisor.model.gap import Gap

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

MOST_NAMES = 12
"""So many things share a row of evidence by name; the rest is counted."""
SOME_NAMES = 3
"""So many of a longer list that is not told whole."""
MOST_LEFT = 20
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
    yield f"**{walk.tree.question}** Account {name}, as read on {md(moment(snapshot.taken_at))}."
    yield f"*Advice of 2016.* {walk.tree.then}"
    yield f"*Advice of today.* {walk.tree.now} *Since:* {walk.tree.since}"
    yield "### What the account says"
    evidence = _evidence(walk, account)
    yield _lines(f"? {md(one.text)}" if one.sign == "unknown" else md(one.text) for one in evidence)
    unread = tuple(_unread(gap for one in evidence for gap in one.fact.gaps))
    if unread:
        yield "### What was not known"
        yield _lines(unread)


def _unread(gaps: Iterable[Gap]) -> Iterator[str]:
    """Each call that did not answer, once, with the things that it was asked about and what they leave open."""
    things: dict[tuple[str, str], dict[str, None]] = {}
    open_: dict[tuple[str, str], dict[str, None]] = {}
    for gap in gaps:
        key = (gap.call, "AWS refused it" if gap.kind == "refused" else gap.reason)
        named = things.setdefault(key, {})
        if gap.resource:
            named[short(gap.resource)] = None
        # what a source cannot hold is said beside the fact already
        open_.setdefault(key, {}).update({} if gap.kind == "absent" else {gap.makes_unknown: None})
    for (call, why), names in things.items():
        about = f" for {md(_named(names))}" if names else ""
        left = "; ".join(md(text) for text in open_[call, why])
        yield f"{code(call)}{about}: {md(why)}." + (f" Unknown because of it: {left}." if left else "")


def _named(things: Iterable[str]) -> str:
    names = tuple(things)
    return ", ".join(names[:MOST_NAMES]) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")


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
    asked = says(one.fact.fact)
    for (detail, call), subjects in groups.items():
        yield f"| {md(asked)} | {md(_named(subjects))} | {md(detail)} | {md(call)} |"
        asked = ""


def _drivers(walk: Walk) -> Iterator[str]:
    yield "## Decision Drivers"
    lines = [walk.tree.why]
    for answer in walk.given:
        question = walk.trees[answer.tree].questions[answer.question]
        label = next(option.label for option in question.options if option.id == answer.option)
        lines.append(f"{question.text} **{_ended(label)}** {question.why}")
    yield _lines(lines)


def _ended(text: str) -> str:
    return text if text.endswith(("…", ".", "?")) else f"{text}."


def _options(result: Outcome) -> Iterator[str]:
    yield "## Considered Options"
    yield _lines(one.title for one in result.considered)


def _decision(walk: Walk, account: OpenAccount, result: Outcome, changes: tuple[Change, ...]) -> Iterator[str]:
    yield "## Decision Outcome"
    chosen = result.considered[: len(result.ids)]
    if len(chosen) > 1:
        yield "Chosen, to be taken together:"
        pairs = zip(chosen, result.recommendation, strict=False)
        yield _lines(f"**{one.title}.** {in_words(account, text)}" for one, text in pairs)
    else:
        yield f"Chosen: **{result.title}**."
        yield from (in_words(account, text) for text in result.recommendation)
    yield "### Consequences"
    yield _lines(_consequences(chosen))
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
        if any(_as_checked(claim) != claim for claim in result.invariants):
            yield "Lists that are shortened here stand whole at the head of the record's file, where they are checked."


def _consequences(chosen: Sequence[Considered]) -> Iterator[str]:
    """What is good and bad; where several things were chosen, of which."""
    for one in chosen:
        of = f" ({one.title})" if len(chosen) > 1 else ""
        yield from (f"Good: {text}{of}" for text in one.good)
    for one in chosen:
        of = f" ({one.title})" if len(chosen) > 1 else ""
        yield from (f"Bad: {text}{of}" for text in one.bad)


def _must_hold(judged: Judgement, waits: str) -> str:
    words = f"{WAITS} {waits}" if waits else _WORDS[judged.holds]
    return (
        f"| {md(judged.sentence[:1].upper() + judged.sentence[1:])} | {md(words)} | {code(_as_checked(judged.claim))} |"
    )


def _as_checked(claim: str) -> str:
    """The claim; of a long list of values the first ones and how many follow, for a page is no place for hundreds."""
    head, bracket, listed = claim.partition("[")
    values = listed.rstrip("]").split(", ")
    if not bracket or len(values) <= MOST_NAMES:
        return claim
    return f"{head}[{', '.join(values[:SOME_NAMES])} and {len(values) - SOME_NAMES} more]"


def _changes(changes: tuple[Change, ...], result: Outcome) -> Iterator[str]:
    yield "## Changes"
    if not changes:
        yield "None was chosen."
    for number, change in enumerate(changes, 1):
        yield f"### {number}. {md(change.title)}"
        if change.by_hand:
            yield "By hand:\n\n" + "\n".join(f"{step}. {md(text)}" for step, text in enumerate(change.by_hand, 1))
        if change.operations:
            yield block(calls_told(change))
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
    left = [change.title for change in result.changes if change not in changes]
    if left:
        yield "### Left for later"
        yield "The decision leads to these too; they were not part of it on this day."
        yield _lines(md(title) for title in left[:MOST_LEFT])
        if len(left) > MOST_LEFT:
            yield f"And {len(left) - MOST_LEFT} more."


def _pros_and_cons(result: Outcome) -> Iterator[str]:
    yield "## Pros and Cons of the Options"
    for position, one in enumerate(result.considered):
        yield f"### {one.title}"
        lines = [*(f"Good: {text}" for text in one.good), *(f"Bad: {text}" for text in one.bad)]
        fits = f"Does not fit where: {one.unless}"
        not_chosen = f"Not chosen, by the answer: {one.why_not}" if one.why_not else "Not chosen."
        yield _lines([*lines, fits, "**Chosen.**" if position < len(result.ids) else not_chosen])


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
    yield f"Snapshot {code(snapshot.digest)}, read on {md(moment(snapshot.taken_at))} ({md(snapshot.source.kind)})."


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
