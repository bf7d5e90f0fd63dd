"""The registry of facts: each a named question to one account, answered from its snapshot with evidence, or unknown.

Trees, practices, set-up steps and record checks all ask here. A fact never reads a clock: "now" is when the snapshot
was taken. A list that could only be read in part keeps what is known and carries the gaps: it is "at least these".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from advisor.advice.facts.drawn_from import PRINCIPALS, lists_behind
from advisor.errors import InputError
from advisor.model.finding import Evidence, FactValue
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot
from advisor.reference.shape import nearest

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_MODULES = (
    "account",
    "users",
    "root",
    "policies",
    "tags",
    "workloads",
    "trust",
    "share",
    "guards",
    "settings",
    "setup",
    "reach",
    "ways",
)
_CALL = re.compile(r"([a-z0-9_.A-Z]+)(?:\((.*)\))?", re.S)  # a parameter may be a name with anything in it


class Definition(msgspec.Struct, frozen=True):
    """A fact that can be asked. `says` names what it counts or answers (a noun phrase), `call` where it comes from."""

    id: str
    says: str
    call: str
    answer: Callable[..., FactValue]
    parameters: tuple[str, ...] = ()
    """Defaults, as text: `("90",)` for `users.keys_idle(90)`."""


_FACTS: dict[str, Definition] = {}
_ANSWERS: WeakKeyDictionary[Any, dict[str, FactValue]] = WeakKeyDictionary()
_WORKED_OUT: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
T = TypeVar("T")


def fact(
    id: str, says: str, call: str, parameters: tuple[str, ...] = ()
) -> Callable[[Callable[..., FactValue]], Callable[..., FactValue]]:
    """Register a function `(question, *parameters) -> FactValue` under the id of the fact that it answers."""

    def register(answer: Callable[..., FactValue]) -> Callable[..., FactValue]:
        _FACTS[id] = Definition(id, says, call, answer, parameters)
        return answer

    return register


def definitions() -> dict[str, Definition]:
    """Every fact by its id without parameters."""
    for name in _MODULES:
        import_module(f"advisor.advice.facts.{name}")
    return dict(sorted(_FACTS.items()))


def definition(fact_id: str) -> Definition:
    """The definition behind an id, with or without parameters.

    Raises:
        InputError: no such fact; the nearest spelling is named.
    """
    return _split(fact_id)[0]


def parameters_of(fact_id: str) -> tuple[str, ...]:
    """The parameters that a fact is asked with, its defaults where the id names none."""
    return _split(fact_id)[1]


def says(fact_id: str) -> str:
    """What a fact counts or answers, as a noun phrase with its parameters in their places."""
    text = definition(fact_id).says
    for position, value in enumerate(parameters_of(fact_id)):
        text = text.replace(f"{{{position}}}", value)
    return text


def ask(account: OpenAccount, fact_id: str) -> FactValue:
    """Answer a fact of the account; answers are kept, for an account does not change while it is open.

    Raises:
        InputError: no such fact.
    """
    answers = _ANSWERS.setdefault(account, {})
    if fact_id not in answers:
        known, parameters = _split(fact_id)
        question = Question(account, fact_id, known)
        answers[fact_id] = question.as_far_as_read(known.answer(question, *parameters))
    return answers[fact_id]


def _split(fact_id: str) -> tuple[Definition, tuple[str, ...]]:
    match = _CALL.fullmatch(fact_id.strip())
    known = definitions() if not _FACTS or match is None or match[1] not in _FACTS else _FACTS
    if match is None or match[1] not in known:
        raise InputError(f"there is no fact `{fact_id}`{nearest(fact_id.split('(')[0], known)}")
    found = known[match[1]]
    most = len(found.parameters)
    if match[2] and not most:
        raise InputError(f"the fact `{found.id}` takes no parameters")
    given = tuple(part.strip() for part in match[2].split(",", most - 1)) if match[2] else ()
    return found, (*given, *found.parameters[len(given) :])


class Question:
    """One fact being asked of one account: what is known of it, and how to answer."""

    def __init__(self, account: OpenAccount, fact_id: str, known: Definition) -> None:
        self.account = account
        self.snapshot: Snapshot = account.snapshot
        self.fact = fact_id
        self.definition = known

    def ask(self, fact_id: str) -> FactValue:
        return ask(self.account, fact_id)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Something that several facts need, worked out once for the account."""
        known: dict[str, T] = _WORKED_OUT.setdefault(self.account, {})
        if name not in known:
            known[name] = make()
        return known[name]

    def answer(self, value: bool | int | float | str, *evidence: Evidence, gaps: Iterable[Gap] = ()) -> FactValue:
        return FactValue(self.fact, value, tuple(evidence), tuple(gaps))

    def word(self, value: bool | int | float | str, detail: str, subject: str = "") -> FactValue:
        """A value with one line of evidence, about the account itself unless a subject is named."""
        return self.answer(value, self.seen(subject or self.snapshot.account, detail))

    def seen(self, subject: str, detail: str, call: str = "") -> Evidence:
        return Evidence(subject, detail, call or self.definition.call)

    def listed(
        self, seen: Iterable[tuple[str, Evidence]], gaps: Iterable[Gap] = (), perhaps: Iterable[Evidence] = ()
    ) -> FactValue:
        """A list of values, each with its evidence in the same place; `perhaps` follows and is in no value.

        Nothing seen and something unread is unknown.
        """
        entries, missing, open_ = tuple(seen), tuple(dict.fromkeys(gaps)), tuple(perhaps)
        if not entries and missing:
            return FactValue(self.fact, None, open_, missing)
        evidence = (*(one for _, one in entries), *open_)
        return FactValue(self.fact, tuple(value for value, _ in entries), evidence, missing)

    def as_far_as_read(self, value: FactValue) -> FactValue:
        """The answer with the gaps of the lists that it is drawn from: a list is "at least these", all else unknown."""
        behind = self._gaps_of_lists(*lists_behind(self.definition.call))
        is_list = isinstance(value.value, tuple)
        missing = (*behind, *self._gaps_of_lists(self.definition.call)) if is_list else behind
        if not missing:
            return value
        gaps = tuple(dict.fromkeys((*value.gaps, *missing)))
        return FactValue(value.fact, (value.value or None) if is_list else None, value.evidence, gaps)

    def _gaps_of_lists(self, *calls: str) -> tuple[Gap, ...]:
        """Gaps of whole lists; those of single things in them are for the fact itself to tell."""
        found = tuple(gap for call in calls for gap in self.gaps_of(call) if gap.resource is None)
        if PRINCIPALS in calls and not found and not self._has_principals():
            return (self.gap(PRINCIPALS),)
        return found

    def _has_principals(self) -> bool:
        snapshot = self.snapshot
        return bool("identity" in snapshot.source.read_layers or snapshot.users or snapshot.roles or snapshot.groups)

    def unknown(self, *calls: str, resource: str | None = None, evidence: Iterable[Evidence] = ()) -> FactValue:
        """Not known, because of these calls (by default the fact's own)."""
        gaps = tuple(self.gap(call, resource) for call in calls or (self.definition.call,))
        return FactValue(self.fact, None, tuple(evidence), gaps)

    def because(self, other: FactValue) -> FactValue:
        """Not known, because another fact is not."""
        return FactValue(self.fact, None, other.evidence, other.gaps)

    def gap(self, call: str, resource: str | None = None) -> Gap:
        """The snapshot's own gap for a call, or one that says that this source does not hold it."""
        for candidate in self.gaps_of(call):
            if resource is None or candidate.resource in (None, resource):
                return candidate
        kind = self.snapshot.source.kind
        reason = "AWS did not tell" if kind in ("live", "demo") else f"the source ({kind}) does not hold it"
        return Gap(call, "absent", reason, says(self.fact), resource)

    def regions_of(self, gap: Gap) -> tuple[str, ...]:
        """The Regions in which a call of each Region was refused; all where the gap names none."""
        regions = self.snapshot.settings.regions or ()
        told = set(re.split(r"[\s,]+", gap.makes_unknown)) | {gap.resource}
        return tuple(region for region in regions if region in told) or regions

    def gaps_of(self, call: str) -> tuple[Gap, ...]:
        """Gaps of one API call, whichever of its service names (SDK or IAM) the reader used."""
        operation = call.rsplit(":", 1)[-1]
        return tuple(gap for gap in self.snapshot.gaps if gap.call.rsplit(":", 1)[-1] == operation)
