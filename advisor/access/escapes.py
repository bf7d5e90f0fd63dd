"""Whether one answer allows a request that another one does not: conditions against conditions, with a witness."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

from msgspec.structs import replace

from advisor.evaluate.context import Context, Values
from advisor.evaluate.witness import is_impossible, satisfy
from advisor.model.document import Condition
from advisor.model.verdict import Conditions, Verdict

MOST = 128
"""Combinations of conditions that are tried before the answer is left open."""

Term = tuple[Condition, ...]


class Escape(NamedTuple):
    """A context in which one verdict may allow what the other does not. `context` is `None` where none was found."""

    term: Term
    context: dict[str, Values] | None


def terms_of(verdict: Verdict) -> Conditions:
    """When a verdict allows, as terms: none for a denial, the empty term for always."""
    if verdict.decision == "allowed":
        return ((),)
    return verdict.conditions if verdict.decision == "conditional" else ()


def escapes(wide: Conditions, narrow: Conditions, context: Context) -> tuple[list[Escape], bool]:
    """How `wide` can be met and `narrow` not; and whether the search was complete."""
    found: list[Escape] = []
    complete = True
    for term in wide:
        ways = list(islice(_outside(term, narrow), MOST + 1))
        complete = complete and len(ways) <= MOST
        found += [Escape(way, satisfy(way, context)) for way in ways[:MOST] if not is_impossible(way, context)]
    return found, complete


def _outside(term: Term, narrow: Conditions) -> Iterator[Term]:
    """The term together with one condition of each narrow term that must not hold."""
    for chosen in product(*narrow):
        joined = dict.fromkeys(term)
        joined.update((replace(item, unless=not item.unless), None) for item in chosen)
        if not any(replace(item, unless=not item.unless) in joined for item in joined):
            yield tuple(joined)
