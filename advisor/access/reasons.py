"""The deciding statements of a group's verdict, with the sources from which each member holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from advisor.access.applying import Applying, Own
from advisor.access.population import Population
from advisor.access.statements import Matching
from advisor.evaluate.statement import CompiledStatement
from advisor.model.verdict import Reason, Verdict, deciding, limiting

if TYPE_CHECKING:
    from advisor.access.anywhere import Hit
    from advisor.access.sweep import Sweep


Told = tuple[tuple[Reason, ...], tuple[Reason, ...]]
"""The reasons that all of a group share: those before a member's own in the order of the trace, and those after."""


class Reasons:
    """Writes the reasons of each member of a group. `identity` and `boundary` give the statements of a document."""

    __slots__ = ("_after", "_before", "_boundary", "_effect", "_identity", "_population")

    def __init__(
        self,
        population: Population,
        effect: str,
        told: Told,
        identity: Callable[[int], Own | None],
        boundary: Callable[[int], Own | None],
    ) -> None:
        self._population = population
        self._identity = identity
        self._boundary = boundary
        self._effect = effect
        self._before, self._after = told

    def of(self, at: int) -> tuple[Reason, ...]:
        """The reasons of one member, in the order of the trace."""
        found, arn, effect = self._population.class_at[at], self._population.members[at].arn, self._effect
        own = [
            Reason(policy, kind, owner or arn, statement.index, statement.sid, effect)
            for document, sources in found.sources.items()
            if (applying := self._identity(document))
            for statement, mask in applying
            if mask is None or mask >> at & 1
            for policy, kind, owner in sources
        ]
        edge: Iterable[Reason] = ()
        if found.boundary is not None:
            edge = [
                Reason(found.boundary_arn or "", "boundary", arn, statement.index, statement.sid, effect)
                for statement, mask in self._boundary(id(found.boundary)) or ()
                if mask is None or mask >> at & 1
            ]
        return (*self._before, *own, *edge, *self._after)


def told_by(verdict: Verdict) -> Told:
    """What the layers that all share contribute."""
    before: list[Reason] = []
    after: list[Reason] = []
    found = before
    for layer in verdict.trace:
        if layer.layer in ("identity", "boundary"):
            found = after
        else:
            found += deciding(layer, verdict.decision)
    for layer in verdict.trace:
        after += limiting(layer, verdict.decision)
    return tuple(before), tuple(after)


def reasons_of(sweep: Sweep, verdict: Verdict) -> Reasons:
    """Those of one group of a sweep."""
    effect = "Deny" if verdict.decision == "explicit-deny" else "Allow"
    identity, boundary = (layer.by_document(effect) for layer in (sweep.identity, sweep.boundary))
    return Reasons(sweep.population, effect, told_by(verdict), identity.get, boundary.get)


def reasons_of_all(hits: Sequence[Hit]) -> Reasons:
    """Those of principals who are in a group of each of several sweeps about one action, and can do it."""
    sweep = hits[0].sweep
    if len(hits) == 1:
        return reasons_of(sweep, hits[0].verdict)
    index, action = sweep.index, sweep.question.action
    identity = _Union(index.statements.matching(action), [hit.sweep.identity for hit in hits])
    boundary = _Union(index.boundary_statements.matching(action), [hit.sweep.boundary for hit in hits])
    before = tuple(dict.fromkeys(reason for hit in hits for reason in hit.told[0]))
    after = tuple(dict.fromkeys(reason for hit in hits for reason in hit.told[1]))
    return Reasons(sweep.population, "Allow", (before, after), identity.of, boundary.of)


class _Union:
    """The Allow statements that apply in any of several sweeps, looked up for the documents that are asked about."""

    def __init__(self, matching: Matching, layers: Sequence[Applying]) -> None:
        self._matching = matching
        self._layers = layers
        self._found: dict[int, Own] = {}
        self._everywhere = 0
        for layer in layers:
            self._everywhere |= layer.everywhere

    def of(self, document: int) -> Own:
        found = self._found.get(document)
        if found is None:
            found = self._found[document] = list(self._applying(document))
        return found

    def _applying(self, document: int) -> Iterator[tuple[CompiledStatement, int | None]]:
        for entry in self._matching.of_document(document):
            if not entry.statement.allows:
                continue
            if self._everywhere >> entry.id & 1:
                yield entry.compiled, None
            elif entry.compiled.reads_principal:
                mask = 0
                for layer in self._layers:
                    mask |= layer.to_some.get(entry.id, 0)
                yield entry.compiled, mask
