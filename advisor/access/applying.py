"""The statements of one layer that apply to a question: when, and to whom.

Principals are bits (see `population`). A statement is matched once for all who hold it; one that reads the principal
once for all who are the same to it. What counts for a verdict is which formulas apply to somebody: a form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from advisor.access.population import Population, Profile, mask_of, places_of
from advisor.access.question import Question
from advisor.access.statements import Entry, Numbers
from advisor.evaluate.matching import Found, LayerMatch
from advisor.evaluate.policies import Origin
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, CompiledStatement
from advisor.model.gap import Gap
from advisor.model.verdict import Verdict

Form = tuple[int, ...]
"""The formulas that apply to somebody: twice the number of each, and one more where it denies."""
ALLOWED: Form = (0,)
"""An Allow without conditions makes the other Allows needless,"""
DENIED: Form = (1,)
"""and a Deny without conditions everything else."""
_BROAD = 128
"""A formula that applies to more principals than these parts all of them, one by one it would take longer,"""
_MOST_BROAD = 8
"""but for at most so many formulas, since each may double the parts."""
_HOLDER = Named(direct=TRUE)
_ORIGINS = {"identity": Origin("", "inline", ""), "boundary": Origin("", "boundary", "")}


class Memo:
    """What questions about one action share: the numbers of formulas, what was matched, and verdicts."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.numbers.of(TRUE)  # has the number 0
        self.verdicts: dict[object, Verdict] = {}
        self._conditions: dict[object, dict[object, Dnf]] = {}

    def conditions_of(self, kind: PolicyKind, question: Question) -> dict[object, Dnf]:
        """What conditions came to, for all questions with the same context."""
        return self._conditions.setdefault((kind, question.surroundings), {})


Own = list[tuple[CompiledStatement, int | None]]
"""Statements of one document that apply; the number is the set of those to whom, `None` all who hold it."""


class Applying:
    """One layer (`identity` or `boundary`) of a question, for the principals in `part`."""

    def __init__(
        self,
        question: Question,
        kind: PolicyKind,
        entries: Iterable[Entry],
        population: Population,
        part: int,
        memo: Memo,
        asked_of: Callable[[Profile], Asked],
    ) -> None:
        self._applied: list[Entry] = []
        self.to_some: dict[int, int] = {}
        """For statements that read the principal, by their number, to whom they apply; the others apply to all holders.
        """
        self._question = question
        self._kind = kind
        self._population = population
        self._fixed = question.fixed.keys()
        self._numbers = memo.numbers
        self._conditions = memo.conditions_of(kind, question)
        self._resources: dict[object, Dnf] = {}
        self._whens: dict[object, Dnf] = {}
        self._masks: dict[int, int] = {}
        self._found: dict[int, Found] = {}
        if population.members:
            self._apply(entries, part, asked_of)

    @cached_property
    def everywhere(self) -> int:
        """The numbers of the statements that apply to all who hold them, as bits."""
        return mask_of([entry.id for entry in self._applied if entry.id not in self.to_some])

    def by_document(self, effect: str) -> dict[int, Own]:
        """The statements of one effect that apply, by the identity of their document."""
        return self._by_effect[effect]

    @cached_property
    def _by_effect(self) -> dict[str, dict[int, Own]]:
        found: dict[str, dict[int, Own]] = {"Allow": {}, "Deny": {}}
        for entry in self._applied:
            own = found[entry.statement.effect].setdefault(id(entry.document), [])
            own.append((entry.compiled, self.to_some.get(entry.id)))
        return found

    # --- Matching -----------------------------------------------------------------------------------------------------

    def _apply(self, entries: Iterable[Entry], part: int, asked_of: Callable[[Profile], Asked]) -> None:
        population = self._population
        mask_of_document = population.bounded if self._kind == "boundary" else population.holders
        asked = asked_of(population.class_at[0].profile)
        for entry in entries:
            mask = mask_of_document(id(entry.document)) & part
            if not mask:
                continue
            if entry.compiled.reads_principal:
                self._apply_reader(entry, mask, asked_of)
            elif when := self._when(entry, asked, None):
                self._add(entry.compiled, when, mask)
                self._applied.append(entry)

    def _apply_reader(self, entry: Entry, mask: int, asked_of: Callable[[Profile], Asked]) -> None:
        population, reader, applies = self._population, entry.reader, 0
        parts = [part for all in population.kinds.values() if (part := mask & all)] if reader.varies else [mask]
        for part in parts:
            profile = population.class_at[(part & -part).bit_length() - 1].profile
            kind = profile[:2] if reader.varies else None

            def when(asked: Asked, values: object, kind: object = kind) -> Dnf:
                return self._when(entry, asked, (kind, values))

            asked = asked_of((*profile[:2], False))
            for formula, some in reader.when(part, population, asked, self._fixed, when):
                if formula:
                    self._add(entry.compiled, formula, some)
                    applies |= some
        if applies:
            self._applied.append(entry)
            self.to_some[entry.id] = applies

    def _when(self, entry: Entry, asked: Asked, who: object) -> Dnf:
        """When a statement applies, worked out once for all that match alike. `who` is what they read of the asker."""
        key = (entry.shape, who)
        found = self._whens.get(key)
        if found is None:
            found = self._whens[key] = self._match(entry, asked, who)
        return found

    def _match(self, entry: Entry, asked: Asked, who: object) -> Dnf:
        """As `match_rest`, where the statement is known to be about whoever holds it."""
        statement, (resources, conditions) = entry.compiled, entry.shape
        key = (resources, who if who is not None and entry.fills_resources else None)
        where = self._resources.get(key)
        if where is None:
            where = self._resources[key] = statement.matches_resource(asked.target, self._kind, asked.context)
        if not where or not statement.conditions:
            return where
        key = (conditions, who)
        when = self._conditions.get(key)
        if when is None:
            when = self._conditions[key] = statement.holds(asked.context)
        return all_of((where, when)) if when else FALSE

    def _add(self, statement: CompiledStatement, when: Dnf, mask: int) -> None:
        number = 2 * self._numbers.of(when) + (not statement.allow)
        known = self._masks.get(number)
        if known is None:
            self._masks[number] = mask
            self._found[number] = Found(_ORIGINS[self._kind], statement, when, _HOLDER)
        else:
            self._masks[number] = known | mask

    # --- Forms --------------------------------------------------------------------------------------------------------

    def forms(self, universe: int) -> list[tuple[Form, int]]:
        """Every principal of a set in exactly one of the sets of those with the same form."""
        denied = self._masks.get(1, 0) & universe
        left = universe ^ denied
        allowed = self._masks.get(0, 0) & left
        found = [(DENIED, denied)] if denied else []
        for base, part in ((ALLOWED, allowed), ((), left ^ allowed)):
            if part:
                found += self._parted(part, base)
        return found

    def _parted(self, part: int, base: Form) -> list[tuple[Form, int]]:
        counting = [
            (number, own)
            for number, mask in self._masks.items()
            if number > 1 and (number & 1 or not base) and (own := mask & part)
        ]
        counting.sort(key=lambda item: item[1].bit_count())
        at = next((at for at, item in enumerate(counting) if item[1].bit_count() > _BROAD), len(counting))
        at = max(at, len(counting) - _MOST_BROAD)
        found = _one_by_one(part, base, counting[:at])
        for number, mask in counting[at:]:
            found = [
                piece
                for form, own in found
                for piece in (((*form, number), own & mask), (form, own & ~mask))
                if piece[1]
            ]
        return found

    def match(self, form: Form, gaps: tuple[Gap, ...]) -> LayerMatch:
        """A form as a matched layer: enough to decide, reasons come later."""
        found = [self._found[number] for number in form]
        return LayerMatch(
            tuple([item for item in found if item.statement.allow]),
            tuple([item for item in found if not item.statement.allow]),
            gaps,
            "action",
        )


def _one_by_one(part: int, base: Form, counting: list[tuple[int, int]]) -> list[tuple[Form, int]]:
    held: dict[int, list[int]] = {}
    for number, mask in counting:
        for at in places_of(mask):
            held.setdefault(at, []).append(number)
    alike: dict[Form, list[int]] = {}
    for at, numbers in held.items():
        alike.setdefault((*base, *numbers), []).append(at)
    found = [(form, mask_of(places)) for form, places in alike.items()]
    rest = part & ~mask_of(list(held)) if held else part
    return [*found, (base, rest)] if rest else found
