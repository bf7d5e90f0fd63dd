"""How claims are said to people: `knowledge/sentences/claims.yaml`, from a claim's form to a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from advisor.errors import InputError
from advisor.reference.claims import LISTS, parse_claim
from advisor.reference.problem import Problem
from advisor.reference.schema import Source

_PLACES = re.compile(r"\{[^{}]*\}")


class Sentences(msgspec.Struct, frozen=True):
    """`items`: a test (`users.console_no_mfa = 0`), or a fact with an operator (`trust.outside within`)."""

    id: str
    title: str
    items: dict[str, str]
    sources: tuple[Source, ...]


SCHEMA = Sentences


def check(items: Mapping[str, Sentences]) -> Iterable[Problem]:
    for id, entry in items.items():
        if not entry.sources:
            yield Problem(id, "sources", "sentences need a source")
        for form, text in entry.items.items():
            place = f"items.{form}"
            try:
                parse_claim(_whole(form))
            except InputError as error:
                yield Problem(id, place, error.message)
            for found in _PLACES.findall(text):
                if found not in ("{value}", "{0}"):
                    yield Problem(id, place, f"`{found}` is no place: {{value}}, {{0}}")


def _whole(form: str) -> str:
    """A form that ends in its operator, with something behind it."""
    ending = form.rsplit(" ", 1)[-1]
    return f"{form} [a]" if ending in LISTS else f"{form} 1" if ending in ("=", "!=", ">=", "<=", ">", "<") else form
