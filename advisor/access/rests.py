"""What a question leaves of each policy document: the statements that apply, and when.

A rest is worked out once for all who hold the document. Statements that read the principal are kept apart and decided
once for each combination of what they read, not once for each principal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from advisor.access.personal import Own, PersonalContext, personal_keys
from advisor.access.principals import Class, Principal
from advisor.access.question import Question
from advisor.access.statements import Entry
from advisor.evaluate.matching import Found, LayerMatch
from advisor.evaluate.policies import Origin
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import TRUE, Dnf
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, CompiledStatement, match_rest
from advisor.model.document import Document
from advisor.model.gap import Gap

Profile = tuple[int, str, bool]
"""Position of the account, kind, and whether there is a boundary."""


class Applying(NamedTuple):
    """A statement that applies to the question, and when."""

    document: Document
    statement: CompiledStatement
    when: Dnf
    numbers: frozenset[int]
    """The number of the formula, alone."""


class Rest:
    """What remains of one document, with what counts of it: equal formulas, equal verdicts.

    `allows` and `denies` are numbers of formulas; an Allow (or Deny) without conditions makes the others needless.
    """

    __slots__ = ("allows", "applying", "denies", "form", "keys", "personal")

    def __init__(self, applying: tuple[Applying, ...], personal: tuple[Entry, ...] = ()) -> None:
        self.applying = applying
        self.personal = personal
        allows = denies = _NONE
        for item in applying:
            if item.statement.allow:
                allows = _both(allows, item.numbers)
            else:
                denies = _both(denies, item.numbers)
        self.allows = allows
        self.denies = denies
        self.keys = bool(personal) and any(personal_keys(entry.compiled) for entry in personal)
        """Whether its personal statements read what differs among principals of one account and kind."""
        self.form: Form | None = None if personal else (self.allows, self.denies) if self.denies is not SURE else DENIED
        """What counts of it; nothing yet while statements that read the principal are not decided."""


Formula = tuple[Dnf, frozenset[int]]
"""When a statement applies, and the number of that."""
Mark = tuple[bool, tuple[object, ...]]
"""Whether a statement may apply to a principal, and the values of what it reads where they matter."""
_SETTLED: tuple[Mark, Mark] = ((False, ()), (True, ()))
Form = tuple[frozenset[int], frozenset[int]]
"""What rests allow and deny together, as numbers of formulas."""
Rests = tuple[Rest, ...]
SURE = frozenset((0,))
"""The number of the formula that always holds, alone."""
_NONE: frozenset[int] = frozenset()
DENIED: Form = (_NONE, SURE)


def _both(one: frozenset[int], other: frozenset[int]) -> frozenset[int]:
    """Any of the formulas: one that always holds makes the others needless."""
    if not one or other is SURE:
        return other
    return one if one is SURE else one | other


def formulas_of(rests: Rests) -> Form | None:
    """What the rests of one holder allow and deny together; `None` where some hang on who the holder is."""
    if len(rests) == 1:
        return rests[0].form
    allows = denies = _NONE
    for rest in rests:
        if rest.form is None:
            return None
    for rest in rests:
        if rest.denies is SURE:
            return DENIED
        if rest.denies:
            denies = denies | rest.denies
        if rest.allows is SURE:
            allows = SURE
        elif allows is not SURE and rest.allows:
            allows = allows | rest.allows
    return allows, denies


class Leftovers:
    """The rests of all documents of one layer for one question, by the identity of the document."""

    def __init__(
        self,
        question: Question,
        kind: PolicyKind,
        entries: Iterable[Entry],
        asked: Asked | None,
        numbers: dict[object, int],
        keys_of: Callable[[Principal], Own],
    ) -> None:
        self.kind = kind
        self._numbers = numbers
        self._keys_of = keys_of
        self._own: dict[object, Rest] = {}
        self._formulas: dict[object, Formula] = {}
        self._fixed = question.fixed.keys()
        self.nothing = Rest(())
        self.by_document: Mapping[int, Rest] = {} if asked is None else dict(self._rests(entries, asked))

    def _rests(self, entries: Iterable[Entry], asked: Asked) -> Iterator[tuple[int, Rest]]:
        found: dict[int, tuple[list[Applying], list[Entry]]] = {}
        for entry in entries:
            document, compiled = entry.document, entry.compiled
            if compiled.reads_principal:
                found.setdefault(id(document), ([], []))[1].append(entry)
                continue
            when, numbers = self._formulas.get(entry.shape) or self._formula(entry.shape, entry, asked)
            if when:
                found.setdefault(id(document), ([], []))[0].append(Applying(document, compiled, when, numbers))
        for number, (applying, personal) in found.items():
            yield number, Rest(tuple(applying), tuple(personal))

    def _formula(self, key: object, entry: Entry, asked: Asked) -> Formula:
        """When a statement applies, worked out once for all that match alike."""
        when = match_rest(entry.compiled, asked, self.kind).when
        numbers = SURE if when == TRUE else frozenset((self._numbers.setdefault(when, len(self._numbers) + 1),))
        found = self._formulas[key] = (when, numbers)
        return found

    def of(self, document: Document) -> Rest:
        return self.by_document.get(id(document), self.nothing)

    def around(self, found: Class) -> Rest | None:
        """What remains of a class's boundary; `None` where it has none."""
        return None if found.boundary is None else self.of(found.boundary)

    def own_of(self, member: Principal) -> Own:
        """What is particular to a principal, but for what the asker fixed."""
        keys = self._keys_of(member)
        if self._fixed.isdisjoint(keys):
            return keys
        return {key: value for key, value in keys.items() if key not in self._fixed}

    def open(self, rest: Rest, profile: Profile, asked: Asked) -> Rest:
        """The rest for everybody of an account and kind, where nothing else of the principal is read."""
        key = (id(rest), profile)
        found = self._own.get(key)
        if found is None:
            found = self._own[key] = self._decided(rest, profile, asked, [(True, ())] * len(rest.personal))
        return found

    def own(self, rest: Rest, member: Principal, profile: Profile, asked: Asked) -> Rest:
        """The rest with the statements that read the principal decided, once for all who are the same to them."""
        marks = [self._mark(entry, member, asked) for entry in rest.personal]
        key = (id(rest), profile, *marks)
        found = self._own.get(key)
        if found is None:
            context = PersonalContext(self.own_of(member), asked.context)
            found = self._own[key] = self._decided(rest, profile, asked._replace(context=context), marks)
        return found

    def _mark(self, entry: Entry, member: Principal, asked: Asked) -> Mark:
        """What tells principals apart for a statement: whether its conditions hold, or the values that it reads."""
        if not self._fixed:
            is_so = entry.settled.get(member.arn)
            if is_so is not None:
                return _SETTLED[is_so]
        keys = personal_keys(entry.compiled)
        if self._fixed.isdisjoint(keys):
            is_so = entry.settle(member.arn, PersonalContext(self.own_of(member), asked.context))
            if is_so is not None:
                return _SETTLED[is_so]
        own = self.own_of(member)
        return True, tuple([own.get(name) for name in keys])

    def _decided(self, rest: Rest, profile: Profile, asked: Asked, marks: Sequence[Mark]) -> Rest:
        applying = list(rest.applying)
        for entry, mark in zip(rest.personal, marks, strict=True):
            if not mark[0]:
                continue
            key = (entry.shape, profile, mark)
            when, numbers = self._formulas.get(key) or self._formula(key, entry, asked)
            if when:
                applying.append(Applying(entry.document, entry.compiled, when, numbers))
        return Rest(tuple(applying))


_HOLDER = Named(direct=TRUE)


def as_layer(rests: Iterable[Rest], gaps: tuple[Gap, ...], origin: Origin) -> LayerMatch:
    """The distinct formulas of some rests as a matched layer: enough to decide, reasons come later."""
    allows: dict[Dnf, Found] = {}
    denies: dict[Dnf, Found] = {}
    for rest in rests:
        for _, statement, when, _ in rest.applying:
            side = allows if statement.allow else denies
            if when not in side:
                side[when] = Found(origin, statement, when, _HOLDER)
    return LayerMatch(tuple(allows.values()), tuple(denies.values()), gaps, "action")
