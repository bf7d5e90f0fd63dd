"""Dated lists of names, such as the actions that write tags: `knowledge/lists/<id>.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from advisor.reference.problem import Problem
from advisor.reference.schema import Source


class WordList(msgspec.Struct, frozen=True):
    id: str
    title: str
    items: tuple[str, ...]
    sources: tuple[Source, ...]


SCHEMA = WordList


def check(items: Mapping[str, WordList]) -> Iterable[Problem]:
    for id, entry in items.items():
        if len(set(entry.items)) != len(entry.items):
            twice = next(item for item in entry.items if entry.items.count(item) > 1)
            yield Problem(id, "items", f"`{twice}` stands twice")
        if not entry.sources:
            yield Problem(id, "sources", "a list needs a source")
