"""What one principal can do: effective permissions, action by action, with the resource patterns they hold for.

Actions that no statement in play tells apart, and that AWS treats alike, share one evaluation. For each such set the
principal's own Allow statements say which patterns are worth asking about, cut down to what boundary and SCPs leave; each
pattern is then decided like a single request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, bits_of, set_of
from advisor.access.patterns import common
from advisor.evaluate.context import Context, Unknown
from advisor.evaluate.pattern import action_matches, has_wildcard
from advisor.evaluate.policies import Layer
from advisor.evaluate.principals import Caller
from advisor.evaluate.statement import CompiledStatement
from advisor.model.verdict import Permission, Verdict
from advisor.reference import catalogue
from advisor.reference.services import listed

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_OWN_TREATMENT = frozenset(("iam", "kms", "sts"))
"""Services whose single actions AWS treats apart: see `evaluate.exceptions`."""
_GLOBAL = frozenset(("organizations", "account", "cloudfront", "globalaccelerator", "importexport"))


class Cell(NamedTuple):
    """Actions of one service that nothing tells apart. `example` stands for all."""

    service: str
    mask: int
    example: str

    def actions(self) -> Iterator[str]:
        for at, name in enumerate(catalogue.action_names(self.service)):
            if self.mask >> at & 1:
                yield f"{self.service}:{name}"


def what_can(
    index: AccessIndex, principal: str, resource: str | None, context: Mapping[str, tuple[str, ...]]
) -> tuple[Permission, ...]:
    """Permissions that hold, hold under conditions, or may hold; sorted by action."""
    return _Asker(index, principal, resource, context).permissions()


class _Asker:
    def __init__(
        self, index: AccessIndex, principal: str, resource: str | None, context: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.index = index
        self.caller = index.caller(principal)
        self.behind = index.principals.get(self.caller.principal)
        self.resource = resource
        self.fixed = context
        place = index.inventory.place(resource or "*")
        self.around = index.surroundings.around(self.caller, self.behind, resource or "*", place)
        self.context = index.question("*", resource, context).context_of(self.caller)
        self._decided: dict[object, tuple[tuple[Verdict, tuple[str, ...]], ...]] = {}

    def permissions(self) -> tuple[Permission, ...]:
        found = []
        for cell in cells(self._universe(), self._distinguishing()):
            outcomes = self._outcomes(cell)
            for action in cell.actions() if outcomes else ():
                found += [_permission(action, verdict, patterns) for verdict, patterns in outcomes]
        found.sort(key=lambda item: item.action)
        return tuple(found)

    # --- Which actions ------------------------------------------------------------------------------------------------

    def _universe(self) -> ActionSet:
        """Actions that the principal's own policies, or a resource's policy, may allow."""
        if self.caller.kind == "root":
            return EVERYTHING
        allowed = _allowed((self.around.identity,))
        if self.around.boundary is not None and self.around.boundary.policies:
            allowed &= _allowed((self.around.boundary,))
        for grant in self.index.grants_to(self.caller):
            allowed |= set_of(grant.written)
        for level in self.around.scp or ():
            if level.policies:
                allowed &= _allowed((level,))
        return allowed

    def _distinguishing(self) -> list[ActionSet]:
        layers = (self.around.identity, self.around.boundary, *(self.around.scp or ()), *(self.around.rcp or ()))
        sets = {set_of(item): None for layer in layers if layer is not None for item in _statements(layer)}
        sets.update((set_of(grant.written), None) for grant in self.index.grants_to(self.caller))
        return list(sets)

    # --- Which resources ----------------------------------------------------------------------------------------------

    def _outcomes(self, cell: Cell) -> tuple[tuple[Verdict, tuple[str, ...]], ...]:
        key = self._key(cell)
        found = self._decided.get(key)
        if found is None:
            found = self._decided[key] = self._decide(cell.example)
        return found

    def _key(self, cell: Cell) -> object:
        service, _, name = cell.example.lower().partition(":")
        matching = tuple(
            (at, number)
            for at, layer in enumerate(
                (self.around.identity, self.around.boundary, *(self.around.scp or ()), *(self.around.rcp or ()))
            )
            if layer is not None
            for number, statement in enumerate(_compiled(layer))
            if statement.matches_action(service, name)
        )
        grants = tuple(
            grant.arn for grant in self.index.grants_to(self.caller) if cell.example in set_of(grant.written)
        )
        return (matching, grants, treatment(cell.example))

    def _decide(self, action: str) -> tuple[tuple[Verdict, tuple[str, ...]], ...]:
        outcomes: dict[tuple[object, ...], tuple[Verdict, list[str]]] = {}
        for pattern in self._patterns(action):
            for target, shown in self.index.targets(action, pattern, self.caller):
                question = self.index.question(action, target, self.fixed)
                verdict = self.index.verdict(self.caller, question)
                if verdict.decision in ("allowed", "conditional", "unknown"):
                    key = (verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming)
                    outcomes.setdefault(key, (verdict, []))[1].extend(shown)
        return tuple((verdict, tuple(dict.fromkeys(shown))) for verdict, shown in outcomes.values())

    def _patterns(self, action: str) -> list[str]:
        """The patterns worth asking about: those of each Allow, cut down to what the other layers and the asker leave."""
        service, _, name = action.lower().partition(":")
        if self.resource is not None and not has_wildcard(self.resource):
            return [self.resource]
        if not catalogue.takes_resources(action):
            return ["*"]
        patterns = self._of_layer(self.around.identity, service, name)
        if self.around.boundary is not None and self.around.boundary.policies:
            patterns = _cut(patterns, self._of_layer(self.around.boundary, service, name))
        for level in self.around.scp or ():
            if level.policies:
                patterns = _cut(patterns, self._of_layer(level, service, name))
        granted = [
            pattern
            for grant in self.index.grants_to(self.caller)
            if action in set_of(grant.written)
            for pattern in grant.patterns
        ]
        patterns = dict.fromkeys((*patterns, *granted))
        if self.caller.kind == "root":
            patterns = {"*": None}
        if self.resource is not None:
            patterns = _cut(patterns, dict.fromkeys((self.resource,)))
        return list(patterns)

    def _of_layer(self, layer: Layer, service: str, name: str) -> dict[str, None]:
        found: dict[str, None] = {}
        for statement in _compiled(layer):
            if statement.allow and statement.matches_action(service, name):
                found.update(dict.fromkeys(resource_patterns(statement, self.context)))
        return found


def _cut(patterns: Iterable[str], others: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(part for one in patterns for other in others for part in common(one, other))


def resource_patterns(statement: CompiledStatement, context: Context) -> Iterator[str]:
    """The patterns of a statement's resources with its variables filled in; what is open may be anything."""
    if statement.resources is None or statement.not_resources:
        yield "*"
        return
    for entry in statement.resources:
        if not entry.template.variables:
            yield entry.text
            continue
        filled = entry.template.pattern(context)
        if isinstance(filled, Unknown):
            parts = (part if isinstance(part, str) else "*" for part in entry.template.parts)
            yield "".join(parts).replace("\ue000", "*").replace("\ue001", "?")
        elif filled is not None:
            yield filled.pattern


def treatment(action: str) -> tuple[object, ...]:
    """What AWS's evaluation asks of an action beyond the policies: actions alike in this share their answers."""
    service = action.partition(":")[0]
    takes = catalogue.takes_resources(action)
    if service in _OWN_TREATMENT:
        return (action, takes)
    odd = any(action_matches(pattern, action) for pattern in listed("resource-account-exceptions").entries)
    return (
        service if service in _GLOBAL or service == "s3" else "",
        service in listed("rcp-services").entries,
        service in listed("no-resource-policies").entries,
        takes,
        odd,
    )


def cells(universe: ActionSet, sets: Iterable[ActionSet]) -> Iterator[Cell]:
    """The listed actions of a set, parted so that each of the other sets holds all or nothing of a part."""
    sets = list(sets)
    services: Iterable[str] = catalogue.services() if universe.others else sorted(universe.masks)
    for service in services:
        full = (1 << len(bits_of(service))) - 1
        parts = [universe.masks.get(service, universe.others) & full]
        for mask in {found.masks.get(service, found.others) & full for found in sets}:
            parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
        names = catalogue.action_names(service)
        for part in parts:
            yield from _by_treatment(service, part, names)


def _by_treatment(service: str, part: int, names: tuple[str, ...]) -> Iterator[Cell]:
    found: dict[object, tuple[int, str]] = {}
    while part:
        at = (part & -part).bit_length() - 1
        part &= part - 1
        action = f"{service}:{names[at]}"
        key = treatment(action)
        mask, example = found.get(key, (0, action))
        found[key] = (mask | 1 << at, example)
    for mask, example in found.values():
        yield Cell(service, mask, example)


def _compiled(layer: Layer) -> Iterator[CompiledStatement]:
    for item in layer.policies:
        yield from item.document.statements


def _statements(layer: Layer) -> Iterator:  # type: ignore[type-arg]
    for item in layer.policies:
        yield from item.document.document.statements


def _allowed(layers: Iterable[Layer]) -> ActionSet:
    found = NOTHING
    for layer in layers:
        for statement in _statements(layer):
            if statement.allows:
                found |= set_of(statement)
    return found


def _permission(action: str, verdict: Verdict, patterns: tuple[str, ...]) -> Permission:
    return Permission(
        action, verdict.decision, patterns, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming
    )
