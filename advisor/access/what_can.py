"""What one principal can do: effective permissions, action by action, with the resource patterns they hold for.

Actions that no statement in play tells apart, and that AWS treats alike, share one evaluation. For each such set the
principal's own Allow statements say which patterns are worth asking about, cut down to what boundary and SCPs leave;
each pattern is then decided like a single request. Resources whose own policies name the principal come on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of
from advisor.access.granted import Grant
from advisor.access.instances import fits_action, services_of
from advisor.access.offers import Offer, granted_cells, patterns_of
from advisor.access.patterns import common
from advisor.access.principals import Class
from advisor.access.readers import Reader
from advisor.access.requester import Asking, Candidates, Requester
from advisor.access.treatment import Cell, cells
from advisor.evaluate.context import Context, Unknown
from advisor.evaluate.pattern import ANY, ONE, beginning_of, has_wildcard
from advisor.evaluate.policies import Layer
from advisor.evaluate.statement import CompiledStatement
from advisor.model.document import Statement
from advisor.model.gap import Gap
from advisor.model.verdict import Conditions, Decision, LayerName, Permission, Reason, Verdict
from advisor.model.work import go_on
from advisor.reference import catalogue

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

LISTED = ("allowed", "conditional", "unknown")


def what_can(
    index: AccessIndex, principal: str, resource: str | None, context: Mapping[str, tuple[str, ...]]
) -> tuple[Permission, ...]:
    """Permissions that hold, hold under conditions, or may hold; sorted by action.

    An action stands there once for each decision with its conditions: free on one bucket, with MFA on another.
    """
    parts: list[Outcomes] = []
    found: dict[str, tuple[int, ...]] = {}
    for at, (actions, outcomes) in enumerate(_Asker(index, principal, resource, context).outcomes()):
        parts.append(outcomes)
        if found.keys().isdisjoint(actions):
            found.update(dict.fromkeys(actions, (at,)))
        else:
            found.update({action: (*found.get(action, ()), at) for action in actions})
    joined: dict[tuple[int, ...], Outcomes] = {}
    permissions: list[Permission] = []
    for action in sorted(found):
        places = found[action]
        known = joined.get(places)
        if known is None:
            known = joined[places] = _joined(outcome for at in places for outcome in parts[at])
        permissions += [Permission(action, *outcome) for outcome in known]
    return tuple(permissions)


class Outcome(NamedTuple):
    """What a permission says but for its action, in the order of its fields."""

    decision: Decision
    resources: tuple[str, ...]
    conditions: Conditions
    because: tuple[Reason, ...]
    gaps: tuple[Gap, ...]
    assuming: tuple[LayerName, ...]


Outcomes = tuple[Outcome, ...]


def _joined(outcomes: Iterable[Outcome]) -> Outcomes:
    """Outcomes of one action: those with the same decision come together."""
    found: dict[object, list[Outcome]] = {}
    for outcome in outcomes:
        key = (outcome.decision, outcome.conditions, outcome.gaps, outcome.assuming)
        found.setdefault(key, []).append(outcome)
    return tuple([_all_of(alike) if len(alike) > 1 else alike[0] for alike in found.values()])


def _all_of(alike: list[Outcome]) -> Outcome:
    return alike[0]._replace(
        resources=tuple(dict.fromkeys(text for outcome in alike for text in outcome.resources)),
        because=tuple(dict.fromkeys(reason for outcome in alike for reason in outcome.because)),
    )


class _Asker:
    def __init__(
        self, index: AccessIndex, principal: str, resource: str | None, context: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.index = index
        self.requester = Requester(index, principal)
        self.caller = self.requester.caller
        self.resource = resource
        self.fixed = context
        self.context = index.question("*", resource, context).context_of(self.caller)
        self._decided: dict[object, Outcomes] = {}
        known = index.class_of.get(principal) if self.caller.arn == principal else None
        self._class = known
        self._marks: dict[int, object] = {}

    def outcomes(self) -> Iterator[tuple[Iterable[str], Outcomes]]:
        """Sets of actions with what holds for them."""
        sets = list(dict.fromkeys(set_of(item) for layer, _ in self.requester.layers() for item in _written(layer)))
        sets += self.index.controls.sets
        for cell in cells(allowed_by(self.requester), sets):
            go_on()
            patterns = self._patterns(self.requester.action(cell.example))
            yield from self._of_cell(cell, [pattern for pattern in patterns if fits_action(pattern, cell.example)])
        for arn, grants in self._grants():
            go_on()
            if self._class is None or self.resource is not None or self.fixed:
                yield from self._of_grants(arn, grants, sets)
            else:
                yield from self._of_offers(self._class, arn, grants)

    def _is_about(self, cell: Cell, patterns: Iterable[str]) -> object:
        """What tells services apart: some patterns are about resources that only some of them have."""
        if cell.service in ("sts", "kms"):
            return cell.service
        return None if all(pattern == "*" for pattern in patterns) else services_of(cell.example)

    # --- The principal's own policies ---------------------------------------------------------------------------------

    def _of_cell(self, cell: Cell, patterns: list[str]) -> Iterator[tuple[Iterable[str], Outcomes]]:
        """Actions that the caller's side does not tell apart, on some patterns; resources' own policies may do so."""
        asking = self.requester.action(cell.example)
        targets = list(self._targets(asking, patterns))
        sets = [self.index.sets_on(target) for target, _ in targets]
        plain = [about for about, apart in zip(targets, sets, strict=True) if not apart]
        key = (asking.key(), cell.key, self._is_about(cell, patterns))
        found = self._decided.get(key)
        if found is None:
            found = self._decided[key] = self._decide(asking, plain)
        if found:
            yield cell.actions(), found
        for about, apart in zip(targets, sets, strict=True):
            for part in cells(ActionSet({cell.service: cell.mask}), apart) if apart else ():
                if outcomes := self._decide(self.requester.action(part.example), (about,)):
                    yield part.actions(), outcomes

    def _decide(self, asking: Asking, targets: Iterable[tuple[str, tuple[str, ...]]]) -> Outcomes:
        """What comes of one action on some targets, each with the resources or patterns that share its answer."""
        found: list[Outcome] = []
        for target, shown in targets:
            question = self.index.question(asking.name, target, self.fixed) if self.fixed else None
            verdict = asking.on(question) if question is not None else asking.about(target)
            if verdict.decision in LISTED:
                found.append(_outcome(verdict, shown))
        return _joined(found) if len(found) > 1 else tuple(found)

    def _targets(self, asking: Asking, patterns: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for pattern in patterns:
            yield from self.index.targets(asking.name, pattern, self.caller)

    def _patterns(self, asking: Asking) -> list[str]:
        """The patterns worth asking about: those of each Allow, cut down to what other layers and the asker leave."""
        if not catalogue.takes_resources(asking.name):
            return ["*"] if self.resource in (None, "*") else []  # no call of that kind is about one resource
        if self.resource is not None and not has_wildcard(self.resource):
            return [self.resource]
        patterns = {"*": None} if self.caller.kind == "root" else self._of(asking.identity)
        limits = (*((asking.boundary,) if asking.boundary is not None else ()), *(asking.scp or ()))
        for limit in limits:
            if limit.layer.policies and not limit.layer.gaps:
                patterns = _cut(patterns, self._of(limit))
        if self.resource is not None:
            patterns = _cut(patterns, (self.resource,))
        return list(patterns)

    def _of(self, layer: Candidates) -> dict[str, None]:
        return dict.fromkeys(
            pattern
            for _, statement in layer.statements
            if statement.allow
            for pattern in resource_patterns(statement, self.context)
        )

    # --- Resources that name the principal ----------------------------------------------------------------------------

    def _grants(self) -> Iterator[tuple[str, list[Grant]]]:
        by_resource: dict[str, list[Grant]] = {}
        for grant in self.index.grants_to(self.caller):
            by_resource.setdefault(grant.arn, []).append(grant)
        yield from by_resource.items()

    def _of_grants(
        self, arn: str, grants: list[Grant], sets: list[ActionSet]
    ) -> Iterator[tuple[Iterable[str], Outcomes]]:
        """What the policy of one resource adds."""
        for cell in granted_cells(self.index, arn, grants, sets):
            patterns: Iterable[str] = patterns_of(grants, cell.example)
            if self.resource is not None:
                patterns = _cut(patterns, (self.resource,))
            asking = self.requester.action(cell.example)
            if outcomes := self._decide(asking, self._targets(asking, patterns)):
                yield cell.actions(), outcomes

    def _of_offers(self, found: Class, arn: str, grants: list[Grant]) -> Iterator[tuple[Iterable[str], Outcomes]]:
        """The same, by what is known already where the principal's own policies say nothing of it."""
        sets = self._reaching(arn)
        own = reduce(or_, sets, EVERYTHING if found.gaps or found.boundary_gap else NOTHING)
        for offer in self.index.offers.of(found.account, arn, tuple(grants)):
            cell = offer.cell
            if own.masks.get(cell.service, own.others) & cell.mask:
                for part in cells(ActionSet({cell.service: cell.mask}), sets):
                    asking = self.requester.action(part.example)
                    if outcomes := self._decide(asking, self._targets(asking, offer.patterns)):
                        yield part.actions(), outcomes
            elif outcomes := self._offered(offer, found):
                yield offer.actions, outcomes

    def _reaching(self, arn: str) -> list[ActionSet]:
        """The sets of actions of the principal's own statements that can be about a resource, by how both begin."""
        return [
            actions
            for actions, beginnings in self._beginnings
            if any(arn.startswith(text) or text.startswith(arn) for text in beginnings)
        ]

    @cached_property
    def _beginnings(self) -> list[tuple[ActionSet, tuple[str, ...]]]:
        around = self.requester.around
        layers = (around.identity, *((around.boundary,) if around.boundary is not None else ()))
        return [
            (set_of(item), tuple(map(beginning_of, item.resources)) if item.resources is not None else ("",))
            for layer in layers
            for item in _written(layer)
        ]

    def _offered(self, offer: Offer, found: Class) -> Outcomes:
        """What comes of an offer of which the principal's own policies say nothing."""
        asking = self.requester.action(offer.cell.example)
        if not self._is_unnamed(offer):
            return self._decide(asking, self._targets(asking, offer.patterns))
        key = (found.profile, *[self._mark(reader) for reader in offer.readers])
        outcomes = offer.outcomes.get(key)
        if outcomes is None:
            outcomes = offer.outcomes[key] = self._decide(asking, self._targets(asking, offer.patterns))
        return outcomes

    def _is_unnamed(self, offer: Offer) -> bool:
        return offer.names.isdisjoint((self.caller.arn, self.caller.principal, self.caller.id))

    def _mark(self, reader: Reader) -> object:
        mark = self._marks.get(id(reader))
        if mark is None:
            population = self.index.population
            mark = reader.mark(population.number[self.caller.arn], population, self.context)
            self._marks[id(reader)] = mark
        return mark


def allowed_by(requester: Requester) -> ActionSet:
    """Actions that a principal's own policies may allow, within boundary and SCPs."""
    if requester.caller.kind == "root":
        return EVERYTHING
    return _allowed(requester.around.identity) & within(requester)


def within(requester: Requester) -> ActionSet:
    """Actions that boundary and SCPs leave to a principal, whatever its own policies allow."""
    around, allowed = requester.around, EVERYTHING
    if around.boundary is not None and around.boundary.policies:
        allowed &= _allowed(around.boundary)
    for level in around.scp or ():
        if level.policies and not level.gaps:
            allowed &= _allowed(level)
    return allowed


def _outcome(verdict: Verdict, shown: tuple[str, ...]) -> Outcome:
    return Outcome(verdict.decision, shown, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming)


def _cut(patterns: Iterable[str], others: Iterable[str]) -> dict[str, None]:
    others = tuple(others)
    if others == ("*",):
        return dict.fromkeys(patterns)
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
            parts = (part if isinstance(part, str) else ANY for part in entry.template.parts)
            yield "".join(parts).replace(ANY, "*").replace(ONE, "?")
        elif filled is not None:
            yield filled.pattern


def _written(layer: Layer) -> Iterator[Statement]:
    for item in layer.policies:
        yield from item.document.document.statements


def _allowed(layer: Layer) -> ActionSet:
    found = NOTHING
    for statement in _written(layer):
        if statement.allows:
            found |= set_of(statement)
    return found
