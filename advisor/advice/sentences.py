"""Claims as people say them: `users.console_no_mfa = 0` is "no console user without MFA"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from advisor.advice.facts.registry import parameters_of, says
from advisor.reference.claims import NOW, Claim, Test, parse_claim
from advisor.reference.knowledge import load

MOST_NAMES = 3


def sentence_of(claim: str | Claim, folders: Sequence[str | Path] = ()) -> str:
    """One claim in words; its tests joined by ", or". A fact that has no sentence is said with its own name.

    Raises:
        InputError: it is no claim, or its fact does not exist.
    """
    parsed = parse_claim(claim) if isinstance(claim, str) else claim
    known = {form: text for one in load("sentences", folders).values() for form, text in one.items.items()}
    return ", or ".join(_sentence(test, known) for test in parsed.tests)


def _sentence(test: Test, known: Mapping[str, str]) -> str:
    fact = test.fact.partition("(")[0]
    for form in _forms(fact, test):
        if form in known:
            first = next(iter(parameters_of(test.fact)), "")
            return known[form].replace("{0}", first).replace("{value}", _value(test))
    return _plain(test)


def _forms(fact: str, test: Test) -> tuple[str, ...]:
    """The claim's own form, then its fact with the operator. `within []` is said as nothing at all."""
    if test.op == "within" and not test.values:
        return (f"{fact} = 0",)
    return (f"{fact} {test.op} {' '.join(test.values)}".strip(), f"{fact} {test.op}".strip())


def _value(test: Test) -> str:
    if test.values == (NOW,):
        return "those there today"
    names = test.values[:MOST_NAMES]
    more = len(test.values) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _plain(test: Test) -> str:
    what, value = says(test.fact), _value(test)
    if not test.op or (test.op, value) in ((">", "0"), (">=", "1"), ("=", "yes")):
        return f"there is: {what}"
    if (test.op, value) in (("=", "0"), ("=", "no"), ("within", "")):
        return f"none of: {what}"
    words = {"=": "", "!=": "not ", "<": "under ", "<=": "at most ", ">": "over ", ">=": "at least "}
    return f"{what}: {words.get(test.op, {'within': 'only ', 'keeps': 'still '}.get(test.op, 'among them '))}{value}"
