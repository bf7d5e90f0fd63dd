"""One answer for each principal out of many hits: the strongest decision, with the patterns that it holds for.

What many have in common is put together once: principals with the same hits, and the hits that nearly everybody has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from advisor.access.anywhere import LISTED, Hit, Outside
from advisor.access.personal import PersonalContext, own_keys
from advisor.access.population import Population, places_of
from advisor.access.principals import Principal
from advisor.access.reasons import Reasons, Union
from advisor.evaluate.context import Context
from advisor.evaluate.pattern import Glob
from advisor.model.document import Condition
from advisor.model.gap import Gap
from advisor.model.verdict import Answer, Conditions, Decision, LayerName, Reason, Verdict
from advisor.model.work import go_on

RANK = {decision: rank for rank, decision in enumerate(LISTED)}


class Chosen(NamedTuple):
    """The strongest of some hits, put together."""

    decision: Decision
    conditions: Conditions
    gaps: tuple[Gap, ...]
    assuming: tuple[LayerName, ...]
    patterns: tuple[str, ...]
    told: tuple[tuple[Reason, ...], tuple[Reason, ...]]
    identity: Union
    boundary: Union
    personal: tuple[Hit, ...]
    """All of them where one is on a pattern that is another one for each principal."""


def _chosen(hits: Sequence[Hit]) -> Chosen:
    best = min((hit.verdict.decision for hit in hits), key=RANK.__getitem__)
    chosen = [hit for hit in hits if hit.verdict.decision == best]
    verdicts = [hit.verdict for hit in chosen]
    return Chosen(
        best,
        any_of(verdicts),
        gaps_of(verdicts),
        assumed_by(verdicts),
        tuple(dict.fromkeys(pattern for hit in chosen for pattern in hit.resources)),
        (
            tuple(dict.fromkeys(reason for hit in chosen for reason in hit.told[0])),
            tuple(dict.fromkeys(reason for hit in chosen for reason in hit.told[1])),
        ),
        Union(dict.fromkeys(found for hit in chosen for found in hit.applying(hit.sweep.identity))),
        Union(dict.fromkeys(found for hit in chosen for found in hit.applying(hit.sweep.boundary))),
        tuple(chosen) if any(hit.template is not None for hit in chosen) else (),
    )


def _both(one: Chosen, other: Chosen) -> Chosen:
    """The stronger of two, or both together. `other` may be much the longer one."""
    if one.decision != other.decision:
        return min(one, other, key=lambda chosen: RANK[chosen.decision])
    parts = (one, other)
    return Chosen(
        one.decision,
        any_of(parts),
        gaps_of(parts),
        assumed_by(parts),
        _joined(one.patterns, other.patterns),
        (_joined(one.told[0], other.told[0]), _joined(one.told[1], other.told[1])),
        one.identity.beside(other.identity),
        one.boundary.beside(other.boundary),
        one.personal,
    )


Item = TypeVar("Item")


def _joined(one: tuple[Item, ...], other: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys((*one, *other))) if one else other


def strongest(population: Population, hits: Sequence[Hit]) -> Iterator[tuple[str, Answer]]:
    """One answer for each principal that has a hit, by ARN."""
    same: dict[tuple[int, bool], list[Hit]] = {}
    for hit in hits:
        same.setdefault((hit.mask, hit.template is not None), []).append(hit)
    sets = list(same.values())
    crowds = _Crowds([(mask, not is_personal) for mask, is_personal in same])
    shared: dict[object, Chosen | None] = {}
    for apart, places in crowds.alike().items():
        go_on()
        left = [number for at in apart.crowds for number in crowds.sets[at] if number not in apart.lacking]
        known = (apart.crowds, apart.lacking)
        if known not in shared:
            shared[known] = _chosen([hit for number in left for hit in sets[number]]) if left else None
        own = _chosen([hit for number in apart.having for hit in sets[number]]) if apart.having else None
        yield from _answers(population, own, shared[known], places)


class _Apart(NamedTuple):
    """Which sets some principals are in: those of whole crowds of sets, but for some, and others."""

    crowds: tuple[int, ...]
    lacking: tuple[int, ...]
    having: tuple[int, ...]


class _Crowds:
    """Sets of principals, large ones with others that are nearly the same: only in what do they differ is looked at."""

    def __init__(self, sets: Sequence[tuple[int, bool]]) -> None:
        self._masks = [mask for mask, _ in sets]
        self._middles: list[int] = []
        self.sets: list[list[int]] = []
        """The numbers of the sets of each crowd."""
        large = [number for number, (mask, may_crowd) in enumerate(sets) if may_crowd and mask.bit_count() > _FEW]
        for number in sorted(large, key=lambda number: self._masks[number].bit_count(), reverse=True):
            self._place(number)
        crowded = {number for numbers in self.sets for number in numbers}
        self._alone = [number for number in range(len(sets)) if number not in crowded]

    def _place(self, number: int) -> None:
        """Into the first crowd to which it is near; into one of its own where there is none."""
        mask = self._masks[number]
        most = mask.bit_count() // 4
        for at, middle in enumerate(self._middles):
            if (mask ^ middle).bit_count() <= most:
                self.sets[at].append(number)
                return
        if len(self._middles) < _MOST_CROWDS:
            self._middles.append(mask)
            self.sets.append([number])

    def alike(self) -> dict[_Apart, list[int]]:
        """Everybody who is in any of the sets, those together who are in the same ones."""
        crowds, lacking, having = (dict[int, list[int]]() for _ in range(3))
        for at, middle in enumerate(self._middles):
            for place in places_of(middle):
                crowds.setdefault(place, []).append(at)
            for number in self.sets[at]:
                mask = self._masks[number]
                for rows, some in ((lacking, middle & ~mask), (having, mask & ~middle)):
                    for place in places_of(some):
                        rows.setdefault(place, []).append(number)
        for number in self._alone:
            for place in places_of(self._masks[number]):
                having.setdefault(place, []).append(number)
        found: dict[_Apart, list[int]] = {}
        for place in sorted({*crowds, *having}):
            key = _Apart(*(tuple(rows.get(place, ())) for rows in (crowds, lacking, having)))
            found.setdefault(key, []).append(place)
        return found


_FEW = 64
_MOST_CROWDS = 16


def _answers(
    population: Population, own: Chosen | None, shared: Chosen | None, places: Iterable[int]
) -> Iterator[tuple[str, Answer]]:
    """The answers of principals with the same hits: their own, and those that they share with most."""
    chosen = _both(own, shared) if own is not None and shared is not None else own or shared
    assert chosen is not None
    personal = own.personal if own is not None and own.decision == chosen.decision else ()
    rest = shared.patterns if shared is not None and shared.decision == chosen.decision else ()
    reasons = Reasons(population, "Allow", chosen.told, chosen.identity.of, chosen.boundary.of)
    decision, conditions, gaps, assuming = chosen[:4]
    for at in places:
        patterns = _joined(_filled(personal, population.members[at]), rest) if personal else chosen.patterns
        arn, kind = population.arns[at], population.kind_at[at]
        yield arn, Answer(arn, kind, decision, conditions, reasons.of(at), gaps, assuming, resources=patterns)


def _filled(hits: Iterable[Hit], member: Principal) -> tuple[str, ...]:
    """The patterns as they are for one principal; the wide one where it hangs on more than who it is."""
    context = PersonalContext(own_keys(member), Context())
    found: dict[str, None] = {}
    for hit in hits:
        filled = hit.template.pattern(context) if hit.template is not None else None
        found |= dict.fromkeys((filled.pattern,) if isinstance(filled, Glob) else hit.resources)
    return tuple(found)


def strongest_outside(found: Iterable[Outside]) -> dict[str, Answer]:
    """One answer for each outsider."""
    by_principal: dict[str, list[Outside]] = {}
    for one in found:
        by_principal.setdefault(one.principal, []).append(one)
    answers = {}
    for principal, ones in by_principal.items():
        best = min((one.verdict.decision for one in ones), key=RANK.__getitem__)
        chosen = [one for one in ones if one.verdict.decision == best]
        verdicts = [one.verdict for one in chosen]
        answers[principal] = Answer(
            principal,
            chosen[0].kind,
            best,
            any_of(verdicts),
            tuple(dict.fromkeys(reason for verdict in verdicts for reason in verdict.because)),
            gaps_of(verdicts),
            assumed_by(verdicts),
            resources=tuple(dict.fromkeys(pattern for one in chosen for pattern in one.resources)),
        )
    return answers


def gaps_of(verdicts: Iterable[Verdict | Answer | Chosen]) -> tuple[Gap, ...]:
    return tuple(dict.fromkeys(gap for verdict in verdicts for gap in verdict.gaps))


def assumed_by(verdicts: Iterable[Verdict | Answer | Chosen]) -> tuple[LayerName, ...]:
    return tuple(dict.fromkeys(layer for verdict in verdicts for layer in verdict.assuming))


def any_of(verdicts: Iterable[Verdict | Answer | Chosen]) -> Conditions:
    """Any of the conditions, without those that ask for more than others; none where one of the verdicts needs none."""
    terms: dict[tuple[Condition, ...], None] = {}
    for verdict in verdicts:
        if not verdict.conditions:
            return ()
        terms.update(dict.fromkeys(verdict.conditions))
    if len(terms) < 2:
        return tuple(terms)
    sets = {term: frozenset(term) for term in terms}
    kept = [term for term, own in sets.items() if not any(other < own for other in sets.values())]
    return tuple(sorted(kept, key=lambda term: (len(term), repr(term))))
