"""What resources give by their own policies to principals whose own policies say nothing of it.

A resource that lets in everybody, or a whole account, is part of what each principal can do. Which actions that are is
the same for an account; what comes of each is the same for all of one kind whom no policy names and of whom the
policies around the resource read the same. So it is worked out once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from advisor.access.action_sets import NOTHING, ActionSet, set_of
from advisor.access.granted import Grant
from advisor.access.instances import fits_action, kinds_of
from advisor.access.readers import Reader
from advisor.access.treatment import Cell, cells
from advisor.evaluate.policies import PolicySet
from advisor.reference import catalogue

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.what_can import Outcomes


class Offer:
    """Actions on one resource that nothing around it tells apart, and the patterns that its policy gives them on."""

    __slots__ = ("actions", "cell", "names", "outcomes", "patterns", "readers")

    def __init__(
        self, cell: Cell, patterns: tuple[str, ...], names: frozenset[str], readers: tuple[Reader, ...]
    ) -> None:
        self.cell = cell
        self.actions = tuple(cell.actions())
        self.patterns = patterns
        self.names = names
        """Our own principals whom the resource's policy names."""
        self.readers = readers
        """Statements around the resource that read what differs among principals of one account and kind."""
        self.outcomes: dict[object, Outcomes] = {}
        """What comes of it, by account, kind and what the readers say of the principal."""


class Offers:
    """The offers of all resources, made when first asked for."""

    def __init__(self, index: AccessIndex) -> None:
        self._index = index
        self._known: dict[object, tuple[Offer, ...]] = {}

    def of(self, position: int, arn: str, grants: tuple[Grant, ...]) -> tuple[Offer, ...]:
        """What some statements of a resource's policy give to principals of an account."""
        key = (position, arn, *map(id, grants))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(self._make(position, arn, grants))
        return found

    def _make(self, position: int, arn: str, grants: tuple[Grant, ...]) -> Iterator[Offer]:
        index = self._index
        scps = index.surroundings.scps(index.snapshots[position].account) or ()
        sets = [set_of(item) for level in scps for held in level.policies for item in held.document.document.statements]
        for cell in granted_cells(index, arn, grants, (*sets, *index.controls.sets)):
            patterns = patterns_of(grants, cell.example)
            if patterns:
                names: set[str] = set()
                readers: dict[int, Reader] = {}
                for pattern in patterns:
                    question = index.question(cell.example, pattern, {})
                    names |= index.named_by(question)
                    around = index.surroundings.shared(index.nobody(position, "user", False), pattern, question.place)
                    found = readers_around(index, around, question.service, question.name)
                    readers |= {id(reader): reader for reader in found}
                yield Offer(cell, patterns, frozenset(names), tuple(readers.values()))


def readers_around(index: AccessIndex, around: PolicySet, service: str, name: str) -> Iterator[Reader]:
    """The statements around a resource that read what differs among principals of one account and kind."""
    resource = (around.resource,) if around.resource is not None else ()
    behind = (around.behind.layer,) if around.behind is not None else ()
    for layer in (*(around.scp or ()), *(around.rcp or ()), *resource, *behind):
        for item in layer.policies:
            for statement in item.document.statements:
                if statement.reads_principal and statement.matches_action(service, name):
                    reader = index.reader(statement)
                    if reader.keys:
                        yield reader


def granted_cells(index: AccessIndex, arn: str, grants: Iterable[Grant], sets: Iterable[ActionSet]) -> Iterator[Cell]:
    """The actions that some statements of a resource's policy give, parted by all that can tell them apart."""
    universe = NOTHING
    for grant in grants:
        universe |= set_of(grant.written)
    own = [set_of(item) for item in (*index.policy_statements(arn), *(grant.written for grant in grants))]
    for cell in cells(universe, (*sets, *own)):
        if catalogue.takes_resources(cell.example):
            yield from _by_kinds(cell)


def _by_kinds(cell: Cell) -> Iterator[Cell]:
    """A cell parted by the services, and of S3 by buckets and objects, that its actions can be about."""
    found: dict[object, int] = {}
    names, mask = catalogue.action_names(cell.service), cell.mask
    while mask:
        low = mask & -mask
        mask ^= low
        key = kinds_of(f"{cell.service}:{names[low.bit_length() - 1]}")
        found[key] = found.get(key, 0) | low
    for part in found.values():
        yield cell._replace(mask=part, example=f"{cell.service}:{names[(part & -part).bit_length() - 1]}")


def patterns_of(grants: Iterable[Grant], action: str) -> tuple[str, ...]:
    """The patterns on which some statements give an action that can be about them."""
    found = dict.fromkeys(
        pattern for grant in grants if action in set_of(grant.written) for pattern in grant.about(action)
    )
    return tuple(pattern for pattern in found if fits_action(pattern, action))
