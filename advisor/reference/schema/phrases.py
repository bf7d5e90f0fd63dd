"""What people mean by reading, writing or deleting a kind of thing: `knowledge/phrases/<id>.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from advisor.reference.problem import Problem
from advisor.reference.schema import Source

LEVELS = ("read", "write", "delete", "admin", "become", "run", "pass")
"""Each has its words in `knowledge/lists/ask-<level>.yaml`."""


class Ask(msgspec.Struct, frozen=True):
    """The action that stands for a level; `suffix` goes behind the thing's ARN (`/*`: what is in the bucket)."""

    level: str
    action: str
    suffix: str = ""


class Phrase(msgspec.Struct, frozen=True):
    id: str
    kind: str
    """`service:type` as resources carry it, `iam:role` for principals."""
    words: tuple[str, ...]
    """What such things are called, for questions about all of them."""
    asks: tuple[Ask, ...]
    sources: tuple[Source, ...]
    weight: int = 5
    """Of things whose names match alike the lightest kind is meant: what holds data before what passes it on."""


SCHEMA = Phrase


def check(items: Mapping[str, Phrase]) -> Iterable[Problem]:
    for id, phrase in items.items():
        if not phrase.sources:
            yield Problem(id, "sources", "a phrase needs a source")
        seen: set[str] = set()
        for at, ask in enumerate(phrase.asks):
            if ask.level not in LEVELS:
                yield Problem(id, f"asks[{at}].level", f"`{ask.level}` must be one of {', '.join(LEVELS)}")
            if ask.level in seen:
                yield Problem(id, f"asks[{at}].level", f"`{ask.level}` stands twice")
            if ":" not in ask.action:
                yield Problem(id, f"asks[{at}].action", f"`{ask.action}` must be `service:Action`")
            seen.add(ask.level)
