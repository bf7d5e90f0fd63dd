"""Practices: what was advised in 2016, what is now and why, and how to see whether it holds in an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from advisor.errors import InputError
from advisor.reference.claims import parse_claim
from advisor.reference.problem import Problem
from advisor.reference.schema import Source

Severity = Literal["critical", "high", "medium", "low"]


class Recommendation(msgspec.Struct, frozen=True):
    """A template of `knowledge/changes`, and the values that it is filled with."""

    template: str
    values: dict[str, str] = {}
    each: str = ""
    """A fact that lists what it is filled for, with `{subject}` for what failed; else that is filled in itself."""
    fill: dict[str, str] = {}
    """Values that facts list, with `{subject}` as before: one change for each entry."""


class Check(msgspec.Struct, frozen=True):
    """One way in which the practice can fail.

    Either `each` names a fact that lists what fails (one finding for each entry, or one for all with `group`), or
    `fails` is a claim that is true when it fails. `{name}`, `{subject}`, `{detail}`, `{count}` are filled into `title`.
    """

    id: str
    """Unique among all practices: ids of findings begin with it."""
    title: str
    severity: Severity
    each: str = ""
    fails: str = ""
    only: tuple[str, ...] = ()
    """Claims that must hold for the check to make sense in this account; where one does not, the check passes."""
    group: bool = False
    why: str = ""
    changes: tuple[Recommendation, ...] = ()


class Practice(msgspec.Struct, frozen=True):
    id: str
    title: str
    now: str
    why: str
    since: str
    """When the advice changed, or since when it stands."""
    checks: tuple[Check, ...]
    sources: tuple[Source, ...]
    number: int | None = None
    """Its place among the source's eleven (0 to 10); `None` for what came later."""
    then: str = ""
    """What was said in 2016, in our words; empty where nothing was."""
    covers: tuple[str, ...] = ()
    """Advice and use cases of the source that this entry carries."""
    decision: str = ""
    """The decision tree that settles it."""
    codes: dict[str, str] = {}
    """What the linter's codes mean, for the practice about mistakes in policies."""


SCHEMA = Practice


def check(items: Mapping[str, Practice]) -> Iterable[Problem]:
    owners: dict[str, str] = {}
    for id, practice in items.items():
        if not practice.sources:
            yield Problem(id, "sources", "a practice needs a source")
        for position, entry in enumerate(practice.checks):
            place = f"checks[{position}]"
            if owners.setdefault(entry.id, id) != id:
                yield Problem(id, f"{place}.id", f"`{entry.id}` is used by `{owners[entry.id]}` too")
            if bool(entry.each) == bool(entry.fails):
                yield Problem(id, place, "needs either `each` or `fails`")
            for text in (entry.fails, *entry.only):
                yield from _claim(id, place, text)


def _claim(id: str, place: str, text: str) -> Iterable[Problem]:
    try:
        if text:
            parse_claim(text)
    except InputError as error:
        yield Problem(id, place, error.message)
