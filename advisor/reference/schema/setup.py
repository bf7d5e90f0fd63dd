"""`knowledge/setup/<id>.yaml`: one step of the guided set-up of an account.

A step is done when its claims hold. Till then it is decided (a topic), applied (change templates), or done by hand (a
template without operations). Its place in each profile's order is a number; a profile without one does not get it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from advisor.errors import InputError
from advisor.reference.claims import parse_claim
from advisor.reference.problem import Problem
from advisor.reference.schema import Source
from advisor.reference.shape import nearest

Profile = Literal["one", "team", "several"]
Kind = Literal["standalone", "management", "member", "project"]
PROFILES: dict[Profile, str] = {
    "one": "one person",
    "team": "small team, one account",
    "several": "several accounts",
}


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The step's place in each profile's order; `None` where the profile does not get it."""

    one: int | None = None
    team: int | None = None
    several: int | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `who`: `root` in the console only, `console`, or `api`. `undo`: whether it can be taken back."""

    id: str
    title: str
    why: str
    places: Places
    done: tuple[str, ...]
    who: Literal["root", "console", "api"]
    cost: str
    undo: Literal["yes", "no", "part"]
    sources: tuple[Source, ...]
    kinds: tuple[Kind, ...] = ("standalone", "management", "member")
    offered: tuple[Profile, ...] = ()
    """Profiles to which the step is offered and not recommended: it costs, or it is early."""
    decide: str = ""
    """The topic to decide first."""
    templates: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    minutes: int = 5
    mistake: str = ""
    confirm: str = ""
    """What nothing in the account can show: the step is done only when a person has said so. A full sentence."""
    unless: str = ""
    """A claim under which there is nothing to confirm."""
    settles: bool = False
    """Only a person can tell: what is confirmed counts although the claims do not hold."""


SCHEMA = Step


def check(items: Mapping[str, Step]) -> Iterator[Problem]:
    """Needs that lead nowhere or in a circle, claims that cannot be read, steps that nobody gets."""
    for item in items.values():
        for place, reason in _problems(item, items):
            yield Problem(file=item.id, place=place, reason=reason)


def _problems(item: Step, items: Mapping[str, Step]) -> Iterator[tuple[str, str]]:
    if all(getattr(item.places, profile) is None for profile in PROFILES):
        yield "places", "no profile gets this step"
    if not item.sources:
        yield "sources", "must name at least one"
    for place, claim in [(f"done[{at}]", claim) for at, claim in enumerate(item.done)] + [("unless", item.unless)]:
        try:
            parse_claim(claim) if claim else None
        except InputError as error:
            yield place, error.reason
    if (item.unless or item.settles) and not item.confirm:
        yield "confirm", "must say what a person confirms"
    for name in item.needs:
        if name not in items:
            yield "needs", f"there is no step `{name}`{nearest(name, items)}"
    if _leads_back(item, items):
        yield "needs", "leads back to the step itself"


def _leads_back(item: Step, items: Mapping[str, Step]) -> bool:
    seen: set[str] = set()
    ahead = list(item.needs)
    while ahead:
        name = ahead.pop()
        if name == item.id:
            return True
        if name in items and name not in seen:
            seen.add(name)
            ahead += items[name].needs
    return False
