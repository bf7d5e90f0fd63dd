"""What the account says beside a question: evidence from facts, and the option that follows from it, with why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from advisor.advice.claims import judge_all
from advisor.advice.facts import ask
from advisor.advice.facts.registry import says
from advisor.advice.facts.root import NEVER
from advisor.decide.walk import Walk
from advisor.model.finding import FactValue
from advisor.model.gap import Gap
from advisor.reference.schema.decisions import Ask, Rule

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_FACT = re.compile(r"\{([a-z0-9_.A-Z]+(?:\([^(){}]*\))?)(?:\|([^{}|]*)\|([^{}|]*))?\}")


class Seen(msgspec.Struct, frozen=True):
    """One line of evidence. `sign`: `yes` it was read and is there, `no` it is not there, `unknown` it was not read."""

    sign: Literal["yes", "no", "unknown"]
    text: str
    fact: FactValue


class Suggestion(msgspec.Struct, frozen=True):
    """`option` is empty where nothing follows from the evidence. `is_earlier`: it repeats an answer given before.

    `now` is then what the evidence suggests today where that is another option, and `because` is its reason.
    """

    option: str
    because: str
    evidence: tuple[Seen, ...] = ()
    gaps: tuple[Gap, ...] = ()
    is_earlier: bool = False
    now: str = ""


def suggest(walk: Walk, account: OpenAccount) -> Suggestion:
    """Evidence and suggestion for the open question; empty when the walk is done."""
    question = walk.question
    if question is None:
        return Suggestion("", "")
    evidence = tuple(seen(account, fact) for fact in question.show)
    rule, gaps = _rule(account, question)
    earlier = walk.earlier()
    option, because = (rule.option, in_words(account, rule.because)) if rule else ("", "")
    if earlier:
        now = option if option != earlier else ""
        return Suggestion(earlier, because if now else "", evidence, gaps, is_earlier=True, now=now)
    return Suggestion(option, because, evidence, gaps)


def _rule(account: OpenAccount, question: Ask) -> tuple[Rule | None, tuple[Gap, ...]]:
    """The first rule that holds. One that is not known ends the search, for it might have come first."""
    for rule in question.suggest:
        judged = judge_all(account, rule.when)
        if judged.holds is None:
            return None, judged.gaps
        if judged.holds:
            return rule, ()
    return None, ()


def seen(account: OpenAccount, fact_id: str) -> Seen:
    """One fact as a line of evidence."""
    answer = ask(account, fact_id)
    return Seen(_sign(answer), sentence(answer), answer)


def _sign(answer: FactValue) -> Literal["yes", "no", "unknown"]:
    if answer.value is None:
        return "unknown"
    return "yes" if answer.value not in (False, 0, (), "none") else "no"


def sentence(answer: FactValue) -> str:
    """What a fact says, short: `users with a console password: 5`, or that it was not read."""
    named = says(answer.fact)
    if answer.value is None:
        calls = ", ".join(dict.fromkeys(gap.call for gap in answer.gaps))
        return f"{named}: not known, {calls} was not read" if calls else f"{named}: not known"
    if isinstance(answer.value, tuple):
        more = " or more" if answer.gaps else ""
        return f"{named}: {len(answer.value)}{more}{_names(answer.value)}"
    if answer.fact.startswith("root.") and answer.value in (0, 1) and answer.evidence:
        return f"root user: {answer.evidence[0].detail}"  # AWS says 1 for what is there, however many
    return f"{named}: {word(answer.value)}"


def _names(values: Iterable[str], limit: int = 3) -> str:
    names = [value.rsplit("/" if "/" in value else ":", 1)[-1] for value in values]
    if not names:
        return ""
    rest = f", and {len(names) - limit} more" if len(names) > limit else ""
    return f" ({', '.join(names[:limit])}{rest})"


def word(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none on record" if value == NEVER else str(value)


def in_words(account: OpenAccount, text: str) -> str:
    """Fill in facts that a text names in braces: a list by its length, a word as it is.

    `{ic.roles|role is|roles are} here` counts: `1 role is here`, `3 roles are here`.
    """

    def value(match: re.Match[str]) -> str:
        answer = ask(account, match[1]).value
        said = "?" if answer is None else str(len(answer)) if isinstance(answer, tuple) else word(answer)
        return f"{said} {match[2] if said == '1' else match[3]}" if match[2] is not None else said

    return _FACT.sub(value, text)
