"""The deciding statements of a group's verdict, with the sources from which each member holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from advisor.access.applying import Applying, Formulas, Own
from advisor.access.population import Population, places_of
from advisor.model.document import Statement
from advisor.model.verdict import Reason, Verdict, deciding, limiting

if TYPE_CHECKING:
    from advisor.access.sweep import Sweep


Told = tuple[tuple[Reason, ...], tuple[Reason, ...]]
"""The reasons that all of a group share: those before a member's own in the order of the trace, and those after."""


class Reasons:
    """Writes the reasons of each member of a group. `identity` and `boundary` give the statements of a document."""

    __slots__ = ("_after", "_before", "_boundary", "_effect", "_identity", "_population", "_shared")

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
        self._shared = self._before + self._after

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
        return (*self._before, *own, *edge, *self._after) if own or edge else self._shared


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
    identity, boundary = (Union((layer.everywhere, layer.here), effect) for layer in (sweep.identity, sweep.boundary))
    return Reasons(sweep.population, effect, told_by(verdict), identity.of, boundary.of)


_FEW = 64
"""Documents of which a table is read through when tables are put together; longer ones are looked into."""


class Union:
    """The statements of one effect that apply in any of several layers, by document."""

    def __init__(self, formulas: Iterable[Formulas], effect: str = "Allow") -> None:
        tables = [found.by_document(effect) for found in formulas]
        self._large = [table for table in tables if len(table) > _FEW]
        self._held: dict[int, list[Own]] = {}
        for table in tables:
            for document, own in table.items() if len(table) <= _FEW else ():
                self._held.setdefault(document, []).append(own)
        self._others: Union | None = None
        self._found: dict[int, Own] = {}

    def beside(self, others: Union) -> Union:
        """These and others; to these nothing is added but by this one call."""
        self._others = others
        return self

    def of(self, document: int) -> Own:
        """Those of a document, by its identity."""
        found = self._found.get(document)
        if found is None:
            held = [*self._held.get(document, ()), *(own for table in self._large if (own := table.get(document)))]
            if self._others is not None and (more := self._others.of(document)):
                held.append(more)
            found = self._found[document] = held[0] if len(held) == 1 else _merged(held)
        return found


def _merged(held: Iterable[Iterable[tuple[Statement, int | None]]]) -> Own:
    """Statements of one document, each once, in their order."""
    found: dict[int, tuple[Statement, int | None]] = {}
    for statement, mask in (item for own in held for item in own):
        known = found.get(statement.index)
        if known is not None and mask is not None:
            mask = None if known[1] is None else known[1] | mask
        found[statement.index] = (statement, mask)
    return [found[index] for index in sorted(found)]


class HeldReasons:
    """Each statement in the hands of its holders, as reasons: the same whatever is asked, so made once."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._known: dict[tuple[bool, int, int], list[tuple[int, tuple[Reason, ...]]]] = {}

    def of(self, document: int, statement: Statement, *, is_boundary: bool) -> list[tuple[int, tuple[Reason, ...]]]:
        """Holders by number, each with a reason for every way in which it holds the statement."""
        key = (is_boundary, document, statement.index)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = list(self._make(document, statement, is_boundary))
        return found

    def _make(self, document: int, written: Statement, is_boundary: bool) -> Iterator[tuple[int, tuple[Reason, ...]]]:
        population, index, sid, effect = self._population, written.index, written.sid, written.effect
        for at in population.bounded(document) if is_boundary else population.holding(document):
            found, arn = population.class_at[at], population.arns[at]
            if is_boundary:
                yield at, (Reason(found.boundary_arn or "", "boundary", arn, index, sid, effect),)
            else:
                sources = found.sources[document]
                yield at, tuple([Reason(name, kind, owner or arn, index, sid, effect) for name, kind, owner in sources])


class OwnReasons:
    """The reasons for what they can do that some principals hold themselves, in one sweep."""

    def __init__(self, sweep: Sweep, holdings: HeldReasons, wanted: int) -> None:
        self._holdings = holdings
        self._class_at = sweep.population.class_at
        self._rows: list[tuple[Reason, ...] | None] = [None] * len(sweep.population.members)
        self._document = [0] * len(self._rows)
        """The one whose reasons stand in a row."""
        for at in places_of(wanted):
            self._rows[at] = ()
        several: dict[int, dict[int, tuple[Reason, ...]]] = {}
        for document, own in _statements(sweep.identity):
            for at, reasons in self._of_document(document, own, is_boundary=False):
                if known := self._rows[at]:
                    several.setdefault(at, {self._document[at]: known})[document] = reasons
                else:
                    self._rows[at], self._document[at] = reasons, document
        for at, parts in several.items():
            self._rows[at] = tuple([reason for one in self._class_at[at].sources for reason in parts.get(one, ())])
        for document, own in _statements(sweep.boundary):
            for at, reasons in self._of_document(document, own, is_boundary=True):
                self._rows[at] = (*self.of(at), *reasons)

    def of(self, at: int) -> tuple[Reason, ...]:
        """Those of a principal that is wanted, in the order of the trace."""
        return self._rows[at] or ()

    def _of_document(self, document: int, own: Own, *, is_boundary: bool) -> Iterable[tuple[int, tuple[Reason, ...]]]:
        """What one document says, of each of its holders that are wanted."""
        rows, found = self._rows, dict[int, tuple[Reason, ...]]()
        for statement, mask in own:
            told = self._holdings.of(document, statement, is_boundary=is_boundary)
            if mask is None and len(own) == 1:
                return [pair for pair in told if rows[pair[0]] is not None]
            for at, reasons in told:
                if rows[at] is not None and (mask is None or mask >> at & 1):
                    found[at] = found[at] + reasons if at in found else reasons
        return found.items()


def _statements(layer: Applying) -> Iterable[tuple[int, Own]]:
    """The Allow statements of each document that apply in a layer."""
    everywhere, here = layer.everywhere.by_document("Allow"), layer.here.by_document("Allow")
    yield from ((document, own) for document, own in everywhere.items() if document not in here)
    yield from ((document, _merged((everywhere.get(document, ()), own))) for document, own in here.items())
