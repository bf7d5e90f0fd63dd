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
    from advisor.access.sweep import Sweep


class Reasons:
    """Writes the reasons of some verdicts of one decision: what all share is put together once."""

    __slots__ = ("_after", "_before", "_between", "_boundary", "_effect", "_identity", "_population")

    def __init__(
        self,
        population: Population,
        verdicts: Iterable[Verdict],
        identity: Callable[[int], Own | None],
        boundary: Callable[[int], Own | None],
    ) -> None:
        self._population = population
        self._identity = identity
        self._boundary = boundary
        self._effect = "Allow"
        parts: dict[str, dict[Reason, None]] = {"": {}, "identity": {}, "boundary": {}}
        limits: dict[Reason, None] = {}
        for verdict in verdicts:
            self._effect = effect_of(verdict)
            at = ""
            for layer in verdict.trace:
                if layer.layer in ("identity", "boundary") and layer.outcome != "none":
                    at = layer.layer
                else:
                    parts[at] |= dict.fromkeys(deciding(layer, verdict.decision))
                limits |= dict.fromkeys(limiting(layer, verdict.decision))
        self._before, self._between = tuple(parts[""]), tuple(parts["identity"])
        self._after = (*parts["boundary"], *limits)

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
        return (*self._before, *own, *self._between, *edge, *self._after)


def reasons_of(sweep: Sweep, verdict: Verdict) -> Reasons:
    """Those of one group of a sweep."""
    allow = effect_of(verdict) == "Allow"
    identity, boundary = (layer.by_document(allow=allow) for layer in (sweep.identity, sweep.boundary))
    return Reasons(sweep.population, (verdict,), identity.get, boundary.get)


def reasons_of_all(sweeps: Sequence[Sweep], verdicts: Sequence[Verdict]) -> Reasons:
    """Those of somebody who is in a group of each sweep, of the same decision."""
    if len(sweeps) == 1:
        return reasons_of(sweeps[0], verdicts[0])
    index, action = sweeps[0].index, sweeps[0].question.action
    identity = _Union(index.statements.matching(action), [sweep.identity for sweep in sweeps])
    boundary = _Union(index.boundary_statements.matching(action), [sweep.boundary for sweep in sweeps])
    return Reasons(sweeps[0].population, verdicts, identity.of, boundary.of)


def effect_of(verdict: Verdict) -> str:
    """The effect of the statements that decide."""
    return "Deny" if verdict.decision == "explicit-deny" else "Allow"


class _Union:
    """The Allow statements that apply in any of several sweeps, looked up for the documents that are asked about."""

    def __init__(self, matching: Matching, layers: Iterable[Applying]) -> None:
        self._matching = matching
        self._found: dict[int, Own] = {}
        self._everywhere = 0
        self._apart: dict[int, int] = {}
        for layer in layers:
            self._everywhere |= layer.everywhere
            for number, mask in layer.to_some.items():
                self._apart[number] = self._apart.get(number, 0) | mask

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
            elif entry.id in self._apart:
                yield entry.compiled, self._apart[entry.id]
