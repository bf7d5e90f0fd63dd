"""What a question leaves of each policy document: the statements that apply, and when.

A rest is worked out once for all who hold the document. Statements that read the principal are kept apart and decided
once for each combination of what they read, not once for each principal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from advisor.access.personal import Own, PersonalContext, personal_keys
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


class Rest:
    """What remains of one document, with what counts of it: equal formulas, equal verdicts.

    `allows` and `denies` are numbers of formulas; an Allow (or Deny) without conditions makes the others needless.
    """

    __slots__ = ("allows", "applying", "denies", "form", "keys", "personal")

    def __init__(self, applying: tuple[Applying, ...], personal: tuple[Entry, ...], numbers: dict[object, int]) -> None:
        self.applying = applying
        self.personal = personal
        self.allows = _numbers((item.when for item in applying if item.statement.allow), numbers)
        self.denies = _numbers((item.when for item in applying if not item.statement.allow), numbers)
        keys = dict.fromkeys(key for entry in personal for key in personal_keys(entry.compiled))
        self.keys = tuple(keys)
        """What its personal statements read of the principal."""
        self.form: Form | None = None if personal else (self.allows, self.denies) if self.denies is not SURE else DENIED
        """What counts of it; nothing yet while statements that read the principal are not decided."""


Form = tuple[frozenset[int], frozenset[int]]
"""What rests allow and deny together, as numbers of formulas."""
Rests = tuple[Rest, ...]
SURE = frozenset((0,))
"""The number of the formula that always holds, alone."""
_NONE: frozenset[int] = frozenset()
DENIED: Form = (_NONE, SURE)


def _numbers(formulas: Iterable[Dnf], numbers: dict[object, int]) -> frozenset[int]:
    found = frozenset([0 if when == TRUE else numbers.setdefault(when, len(numbers) + 1) for when in formulas])
    return SURE if 0 in found else found


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
    ) -> None:
        self.question = question
        self.kind = kind
        self._numbers = numbers
        self._own: dict[object, Rest] = {}
        self._fixed = question.fixed.keys()
        self.nothing = Rest((), (), numbers)
        self.by_document: Mapping[int, Rest] = {} if asked is None else dict(self._rests(entries, asked))

    def _rests(self, entries: Iterable[Entry], asked: Asked) -> Iterator[tuple[int, Rest]]:
        found: dict[int, tuple[list[Applying], list[Entry]]] = {}
        known: dict[object, Dnf] = {}
        for entry in entries:
            document, compiled = entry.document, entry.compiled
            if compiled.reads_principal:
                found.setdefault(id(document), ([], []))[1].append(entry)
                continue
            written = entry.statement
            key = (written.resources, written.not_resources, written.conditions, compiled.allow, document.version)
            when = known.get(key)
            if when is None:
                when = known[key] = match_rest(compiled, asked, self.kind).when
            if when:
                found.setdefault(id(document), ([], []))[0].append(Applying(document, compiled, when))
        for number, (applying, personal) in found.items():
            yield number, Rest(tuple(applying), tuple(personal), self._numbers)

    def of(self, document: Document) -> Rest:
        return self.by_document.get(id(document), self.nothing)

    def own(self, rest: Rest, own: Own, profile: Profile, asked: Asked, arn: str = "") -> Rest:
        """The rest with the statements that read the principal decided, once for all who are the same to them.

        Without an ARN for all of a profile together, where nothing particular to one of them is read.
        """
        if not rest.personal:
            return rest
        settled = [self._settled(entry, own, asked, arn) for entry in rest.personal]
        if False not in settled and None not in settled:
            values: object = None
        else:
            values = tuple(
                tuple([own.get(name) for name in personal_keys(entry.compiled)]) if is_so is None else is_so
                for entry, is_so in zip(rest.personal, settled, strict=True)
            )
        key = (id(rest), profile, values)
        found = self._own.get(key)
        if found is None:
            asked = asked._replace(context=PersonalContext(own, asked.context))
            applying = list(rest.applying)
            for entry, is_so in zip(rest.personal, settled, strict=True):
                if is_so is False:
                    continue
                when = match_rest(entry.compiled, asked, self.kind).when
                if when:
                    applying.append(Applying(entry.document, entry.compiled, when))
            found = self._own[key] = Rest(tuple(applying), (), self._numbers)
        return found

    def _settled(self, entry: Entry, own: Own, asked: Asked, arn: str) -> bool | None:
        """What is certain of a statement for this principal whatever is asked; not where the asker fixed its keys."""
        known = entry.settled.get(arn) if arn else None
        if known is not None and not self._fixed:
            return known
        keys = personal_keys(entry.compiled)
        if not arn or not keys:
            return None if keys else True
        if not self._fixed.isdisjoint(keys):
            return None
        return entry.settle(arn, PersonalContext(own, asked.context))


_HOLDER = Named(direct=TRUE)


def as_layer(rests: Iterable[Rest], gaps: tuple[Gap, ...], origin: Origin) -> LayerMatch:
    """The distinct formulas of some rests as a matched layer: enough to decide, reasons come later."""
    allows: dict[Dnf, Found] = {}
    denies: dict[Dnf, Found] = {}
    for rest in rests:
        for _, statement, when in rest.applying:
            side = allows if statement.allow else denies
            if when not in side:
                side[when] = Found(origin, statement, when, _HOLDER)
    return LayerMatch(tuple(allows.values()), tuple(denies.values()), gaps, "action")
