"""The statements of one layer that apply to a question: when, and to whom.

Principals are bits (see `population`). Statements that say the same are matched once for all who hold them; those that
read the principal once for all who are the same to it. What counts for a verdict is which formulas apply to somebody: a
form. Statements about every resource are worked out once for all questions about an action: only for those who hold
others that apply, the touched ones, a resource makes a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Any

from advisor.access.population import Population, Profile, mask_of, places_of
from advisor.access.question import Question
from advisor.access.statements import Batch, Clause, Numbers, StatementIndex
from advisor.evaluate.context import Context
from advisor.evaluate.matching import Found, LayerMatch
from advisor.evaluate.policies import Origin
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked
from advisor.model.document import Statement
from advisor.model.gap import Gap
from advisor.model.verdict import Verdict

Form = tuple[int, ...]
"""The formulas that apply to somebody: twice the number of each, and one more where it denies."""
ALLOWED: Form = (0,)
"""An Allow without conditions makes the other Allows needless,"""
DENIED: Form = (1,)
"""and a Deny without conditions everything else."""
_FEW = 16
"""Up to this many principals their own documents are looked through, for more all statements about the resource."""
_BROAD = 128
"""A formula that applies to more principals than these parts all of them, one by one it would take longer,"""
_MOST_BROAD = 8
"""but for at most so many formulas, since each may double the parts."""
_HOLDER = Named(direct=TRUE)
_ORIGINS = {"identity": Origin("", "inline", ""), "boundary": Origin("", "boundary", "")}

Own = list[tuple[Statement, int | None]]
"""Statements of one document that apply; the number is the set of those to whom, `None` all who hold it."""


class Formulas:
    """What some statements come to: the principals to whom each formula applies, and the statements behind it."""

    def __init__(self) -> None:
        self.masks: dict[int, int] = {}
        self.found: dict[int, Found] = {}
        self._applied: list[tuple[Batch, int | None]] = []

    def add(self, number: int, found: Found, mask: int) -> None:
        self.masks[number] = self.masks.get(number, 0) | mask
        self.found.setdefault(number, found)

    def apply(self, batches: Iterable[Batch], to: int | None) -> None:
        """Keep statements that apply; `to`: those to whom, `None` all who hold them."""
        self._applied += [(batch, to) for batch in batches]

    @cached_property
    def everybody(self) -> int:
        """To whom any of the formulas applies."""
        found = 0
        for mask in self.masks.values():
            found |= mask
        return found

    def by_document(self, effect: str) -> dict[int, Own]:
        """The statements of one effect that apply, by the identity of their document."""
        return self._by_effect[effect]

    @cached_property
    def _by_effect(self) -> dict[str, dict[int, Own]]:
        found: dict[str, dict[int, Own]] = {"Allow": {}, "Deny": {}}
        applied = {entry.id: (entry, to) for batch, to in self._applied for entry in batch.entries}
        for _, (entry, to) in sorted(applied.items()):
            own = found[entry.statement.effect].setdefault(id(entry.document), [])
            own.append((entry.statement, to))
        return found


class Memo:
    """What questions about one action share: the numbers of formulas, what was matched, and verdicts."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.numbers.of(TRUE)  # has the number 0
        self.verdicts: dict[object, Verdict] = {}
        self.everywhere: dict[object, Formulas] = {}
        """What statements about every resource come to, by layer and context."""
        self.cells: dict[object, dict[Profile, list[tuple[Form, Any, int]]]] = {}
        """Everybody, parted by these for each profile."""
        self.settled: dict[object, list[tuple[Verdict, int]]] = {}
        """The verdicts that follow from them alone, and on whom."""
        self._conditions: dict[object, dict[object, Dnf]] = {}

    def conditions_of(self, kind: PolicyKind, surroundings: Hashable) -> dict[object, Dnf]:
        """What conditions came to, for all questions with the same context."""
        return self._conditions.setdefault((kind, surroundings), {})


class Applying:
    """One layer (`identity` or `boundary`) of a question, for the principals in `part`."""

    def __init__(
        self,
        question: Question,
        kind: PolicyKind,
        statements: StatementIndex,
        population: Population,
        part: int,
        memo: Memo,
        asked_of: Callable[[Profile], Asked],
    ) -> None:
        self._question = question
        self._kind = kind
        self._population = population
        self._fixed = question.fixed.keys()
        self._numbers = memo.numbers
        self._asked_of = asked_of
        self._holders = population.all_bounded if kind == "boundary" else population.all_holding
        self._conditions = memo.conditions_of(kind, question.surroundings)
        self._conditions_but_tags = memo.conditions_of(kind, question.surroundings_but_tags)
        self._resources: dict[object, Dnf] = {}
        self.everywhere = Formulas()
        self.here = Formulas()
        if population.members:
            self._apply(statements, part, memo)

    @property
    def touched(self) -> int:
        """To whom more applies than what applies everywhere."""
        return self.here.everybody

    # --- Matching -----------------------------------------------------------------------------------------------------

    def _apply(self, statements: StatementIndex, part: int, memo: Memo) -> None:
        question, matching = self._question, statements.matching(self._question.action)
        key = (self._kind, question.surroundings_but_tags)
        known = memo.everywhere.get(key)
        if known is None:
            batches = [batch for batch in matching.everything if not batch.clause.reads_tags]
            # several threads may ask: all of them go on with the first one
            known = memo.everywhere.setdefault(key, self._come_to(batches, self._population.everybody))
        self.everywhere = known
        tagged = [batch for batch in matching.everything if batch.clause.reads_tags]
        documents = self._held_by(part) if part.bit_count() <= _FEW else None
        self.here = self._come_to((*tagged, *matching.near(question.target, documents)), part)

    def _held_by(self, part: int) -> Iterable[int]:
        """The documents of a few principals, by their identity."""
        classes = [self._population.class_at[at] for at in places_of(part)]
        if self._kind == "boundary":
            return {id(found.boundary) for found in classes}
        return dict.fromkeys(document for found in classes for document in found.sources)

    def _come_to(self, batches: Iterable[Batch], part: int) -> Formulas:
        """What some statements come to for the principals in `part`, clause by clause."""
        masks: dict[Clause, int] = {}
        fitting: dict[Clause, list[Batch]] = {}
        for batch in batches:
            mask = batch.held_by(self._holders) & part
            if mask and self._fits(batch):
                masks[batch.clause] = masks.get(batch.clause, 0) | mask
                fitting.setdefault(batch.clause, []).append(batch)
        found = Formulas()
        for clause, own in fitting.items():
            mask = masks[clause]
            if clause.reader is not None:
                if applies := self._read(clause, mask, found):
                    found.apply(own, applies)
            elif when := self._when(clause, self._asked_of(self._population.class_at[0].profile), None):
                self._add(found, clause, when, mask)
                found.apply(own, None)
        return found

    def _fits(self, batch: Batch) -> bool:
        """Whether the resource is one of the pattern's: some of it for an Allow, all of it for a Deny."""
        pattern, target = batch.pattern, self._question.target
        if pattern is None:
            return True
        look = pattern.touches if target.is_pattern and batch.clause.allows else pattern.covers
        return look(target, self._kind, _NOTHING) == TRUE

    def _read(self, clause: Clause, mask: int, found: Formulas) -> int:
        """Take in what a clause that reads the principal comes to; returns to whom it applies."""
        population, reader, applies = self._population, clause.reader, 0
        assert reader is not None
        parts = [part for all in population.kinds.values() if (part := mask & all)] if reader.varies else [mask]
        for part in parts:
            profile = population.class_at[(part & -part).bit_length() - 1].profile
            kind = profile[:2] if reader.varies else None

            def when(asked: Asked, values: object, kind: object = kind) -> Dnf:
                return self._when(clause, asked, (kind, values))

            asked = self._asked_of((*profile[:2], False))
            for formula, some in reader.when(part, population, asked, self._fixed, when):
                if formula:
                    self._add(found, clause, formula, some)
                    applies |= some
        return applies

    def _when(self, clause: Clause, asked: Asked, who: object) -> Dnf:
        """When the statements of a clause apply. `who` is what they read of the asker.

        As `match_rest`, where a statement is known to be about whoever holds it.
        """
        key = (id(clause), who if who is not None and clause.fills_resources else None)
        where = self._resources.get(key)
        if where is None:
            where = clause.compiled.matches_resource(asked.target, self._kind, asked.context)
            self._resources[key] = where
        if not where or not clause.compiled.conditions:
            return where
        conditions = self._conditions if clause.reads_tags else self._conditions_but_tags
        when = conditions.get((clause.conditions, who))
        if when is None:
            when = conditions[clause.conditions, who] = clause.compiled.holds(asked.context)
        return all_of((where, when)) if when else FALSE

    def _add(self, found: Formulas, clause: Clause, when: Dnf, mask: int) -> None:
        number = 2 * self._numbers.of(when) + (not clause.allows)
        found.add(number, Found(_ORIGINS[self._kind], clause.compiled, when, _HOLDER), mask)

    # --- Forms --------------------------------------------------------------------------------------------------------

    def forms(self, universe: int) -> list[tuple[Form, int]]:
        """Every principal of a set in exactly one of the sets of those with the same form."""
        masks = dict(self.everywhere.masks)
        for number, mask in self.here.masks.items():
            masks[number] = masks.get(number, 0) | mask
        return forms(masks, universe)

    def match(self, form: Form, gaps: tuple[Gap, ...]) -> LayerMatch:
        """A form as a matched layer: enough to decide, reasons come later."""
        found = [self.everywhere.found.get(number) or self.here.found[number] for number in form]
        return LayerMatch(
            tuple([item for item in found if item.statement.allow]),
            tuple([item for item in found if not item.statement.allow]),
            gaps,
            "action",
        )


_NOTHING = Context()


def forms(masks: dict[int, int], universe: int) -> list[tuple[Form, int]]:
    """Every principal of a set in exactly one of the sets of those to whom the same formulas apply."""
    denied = masks.get(1, 0) & universe
    left = universe ^ denied
    allowed = masks.get(0, 0) & left
    found = [(DENIED, denied)] if denied else []
    for base, part in ((ALLOWED, allowed), ((), left ^ allowed)):
        if part:
            found += _parted(masks, part, base)
    return found


def _parted(masks: dict[int, int], part: int, base: Form) -> list[tuple[Form, int]]:
    counting = [
        (number, own)
        for number, mask in masks.items()
        if number > 1 and (number & 1 or not base) and (own := mask & part)
    ]
    counting.sort(key=lambda item: item[1].bit_count())
    at = next((at for at, item in enumerate(counting) if item[1].bit_count() > _BROAD), len(counting))
    at = max(at, len(counting) - _MOST_BROAD)
    found = _one_by_one(part, base, counting[:at])
    for number, mask in counting[at:]:
        found = [
            piece for form, own in found for piece in (((*form, number), own & mask), (form, own & ~mask)) if piece[1]
        ]
    return found


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
