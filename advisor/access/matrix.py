"""Principals by actions, for the whole account: two bounds of what each class of principals can do on some resource.

`possible` holds every action that could be allowed on some resource in some context, `certain` those that an
unconditional Allow gives and nothing in the principal's own policies could take away. Between the two `can` decides.
Grants by resources' own policies are not in it: see `AccessIndex.grants_to`. A call on several resources at once is in
it once for each of them: see `together`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of
from advisor.access.instances import services_of
from advisor.access.principals import Class
from advisor.evaluate.pattern import has_wildcard
from advisor.model.document import Document, Statement
from advisor.reference import catalogue

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


class Bounds(NamedTuple):
    """What one document, or all of somebody's, says at most and at least."""

    possible: ActionSet
    certain: ActionSet
    denied: ActionSet
    """Denied on every resource, whatever the context."""
    doubtful: ActionSet
    """Denied on some resource, or under some condition."""


_NO_BOUNDS = Bounds(NOTHING, NOTHING, NOTHING, NOTHING)


class Row(NamedTuple):
    """What the members of a class can do."""

    possible: ActionSet
    certain: ActionSet


class Holder(NamedTuple):
    """Principals that may do an action: all members of a class, on resources that fit one of the patterns at most."""

    found: Class
    is_certain: bool
    patterns: tuple[str, ...]


class Matrix:
    """One row for each class of principals, worked out when the matrix is made."""

    def __init__(self, index: AccessIndex) -> None:
        self.index = index
        self._documents: dict[int, Bounds] = {}
        self._edges: dict[object, Row] = {}
        self.rows: tuple[Row, ...] = tuple(self._row(found) for found in index.classes)

    def of(self, principal: str) -> Row:
        """The row of a user or role; nothing for anybody else."""
        found = self.index.class_of.get(principal)
        return self.rows[found.id] if found is not None else Row(NOTHING, NOTHING)

    def holders(self, action: str) -> Iterator[Holder]:
        """The classes that may do an action, each with the patterns that its Allow statements name."""
        for found, row in zip(self.index.classes, self.rows, strict=True):
            if action in row.possible:
                yield Holder(found, action in row.certain, tuple(dict.fromkeys(self._patterns(found, action))))

    def _patterns(self, found: Class, action: str) -> Iterator[str]:
        for document in found.documents:
            for statement in document.statements:
                if statement.allows and action in set_of(statement):
                    yield from (
                        statement.resources if statement.not_resources is None and statement.resources else ("*",)
                    )

    def _row(self, found: Class) -> Row:
        held = self._all(found.documents)
        limit = self._limits(found)
        if found.gaps:
            return Row(limit.possible, NOTHING)
        possible = (held.possible & limit.possible) - held.denied
        certain = (held.certain & limit.certain) - held.doubtful
        return Row(possible, certain & possible)

    def _limits(self, found: Class) -> Row:
        """What boundary and SCPs leave: shared by all classes under the same."""
        key = (found.account, found.kind == "service-linked", found.boundary_arn, found.boundary and id(found.boundary))
        limit = self._edges.get(key)
        if limit is None:
            limit = self._edges[key] = self._limit(found)
        return limit

    def _limit(self, found: Class) -> Row:
        levels: list[Iterable[Document]] = []
        doubted = found.boundary_gap is not None
        if found.boundary is not None:
            levels.append((found.boundary,))
        around, account = self.index.surroundings, self.index.snapshots[found.account].account
        if found.kind != "service-linked" and not around.is_management(account):
            scps = around.scps(account) or ()
            known = [level for level in scps if level.policies and not level.gaps]
            levels += [[item.document.document for item in level.policies] for level in known]
            doubted |= len(known) < len(scps)
        possible, certain = EVERYTHING, NOTHING if doubted else EVERYTHING
        for documents in levels:
            bounds = self._all(documents)
            possible &= bounds.possible - bounds.denied
            certain &= bounds.certain - bounds.doubtful
        return Row(possible, certain)

    def _all(self, documents: Iterable[Document]) -> Bounds:
        possible, certain, denied, doubtful = _NO_BOUNDS
        for document in documents:
            bounds = self._documents.get(id(document))
            if bounds is None:
                bounds = self._documents[id(document)] = _bounds(document)
            possible |= bounds.possible
            certain |= bounds.certain
            denied |= bounds.denied
            doubtful |= bounds.doubtful
        return Bounds(possible, certain, denied, doubtful)


def _bounds(document: Document) -> Bounds:
    possible = certain = denied = doubtful = NOTHING
    for statement in document.statements:
        actions = set_of(statement)
        if statement.allows:
            possible |= actions
            if not statement.conditions and _names_something(statement):
                certain |= _about(actions, statement.resources or ())
        else:
            doubtful |= actions
            denied = denied | actions if _is_everywhere(statement) else denied
    return Bounds(possible, certain, denied, doubtful)


def _about(actions: ActionSet, resources: tuple[str, ...]) -> ActionSet:
    """The actions that can be about a resource of the services that the patterns name."""
    fields = [text.split(":", 3) for text in resources]
    if any(len(parts) < 4 or has_wildcard(parts[2]) for parts in fields):
        return actions
    services = frozenset(parts[2] for parts in fields)
    masks = {service: mask & ~_strange_to(service, services) for service, mask in actions.masks.items()}
    return ActionSet(masks, actions.others)


@lru_cache(maxsize=4_096)
def _strange_to(service: str, services: frozenset[str]) -> int:
    """The actions of a service that are about resources of other services only, as a mask."""
    found = 0
    for at, name in enumerate(catalogue.action_names(service)):
        known = services_of(f"{service}:{name}")
        if known and known.isdisjoint(services):
            found |= 1 << at
    return found


def _names_something(statement: Statement) -> bool:
    """Whether the statement surely reaches a resource: not where a variable stands, nor for all but some."""
    resources = statement.resources or ()
    return statement.not_resources is None and any("${" not in text for text in resources)


def _is_everywhere(statement: Statement) -> bool:
    return not statement.conditions and statement.not_resources is None and "*" in (statement.resources or ())
