"""What one principal can do: effective permissions, action by action, with the resource patterns they hold for.

Actions that no statement in play tells apart, and that AWS treats alike, share one evaluation. For each such set the
principal's own Allow statements say which patterns are worth asking about, cut down to what boundary and SCPs leave;
each pattern is then decided like a single request. Resources whose own policies name the principal come on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import EVERYTHING, NOTHING, ActionSet, set_of
from advisor.access.granted import Grant
from advisor.access.instances import fits_action, services_of
from advisor.access.patterns import common
from advisor.access.requester import Asking, Candidates, Requester
from advisor.access.treatment import Cell, cells
from advisor.evaluate.context import Context, Unknown
from advisor.evaluate.pattern import ANY, ONE, has_wildcard
from advisor.evaluate.policies import Layer
from advisor.evaluate.statement import CompiledStatement
from advisor.model.document import Statement
from advisor.model.gap import Gap
from advisor.model.verdict import Conditions, Decision, LayerName, Permission, Reason, Verdict
from advisor.reference import catalogue

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.standing import Standing

LISTED = ("allowed", "conditional", "unknown")


def what_can(
    index: AccessIndex, principal: str, resource: str | None, context: Mapping[str, tuple[str, ...]]
) -> tuple[Permission, ...]:
    """Permissions that hold, hold under conditions, or may hold; sorted by action.

    An action stands there once for each decision with its conditions: free on one bucket, with MFA on another.
    """
    parts: list[Outcomes] = []
    found: dict[str, list[int]] = {}
    for at, (actions, outcomes) in enumerate(_Asker(index, principal, resource, context).outcomes()):
        parts.append(outcomes)
        for action in actions:
            found.setdefault(action, []).append(at)
    joined: dict[tuple[int, ...], Outcomes] = {}
    permissions: list[Permission] = []
    for action, places in sorted(found.items()):
        key = tuple(places)
        known = joined.get(key)
        if known is None:
            known = joined[key] = _joined(outcome for at in key for outcome in parts[at])
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
        self._profile = known.profile if known is not None else None

    def outcomes(self) -> Iterator[tuple[Iterable[str], Outcomes]]:
        """Sets of actions with what holds for them."""
        sets = list(dict.fromkeys(set_of(item) for layer, _ in self.requester.layers() for item in _written(layer)))
        sets += self.index.rcp_sets(self.caller.account)
        for cell in cells(allowed_by(self.requester), sets):
            asking = self.requester.action(cell.example)
            patterns = self._patterns(asking)
            key = (asking.key(), cell.key, self._is_about(cell, patterns))
            found = self._decided.get(key)
            if found is None:
                found = self._decided[key] = self._decide(asking, [p for p in patterns if fits_action(p, asking.name)])
            if found:
                yield cell.actions(), found
        for arn, grants in self._grants():
            yield from self._of_grants(arn, grants, sets)

    def _is_about(self, cell: Cell, patterns: Iterable[str]) -> object:
        """What tells services apart: some patterns are about resources that only some of them have."""
        if cell.service in ("sts", "kms"):
            return cell.service
        return None if all(pattern == "*" for pattern in patterns) else services_of(cell.example)

    # --- The principal's own policies ---------------------------------------------------------------------------------

    def _decide(self, asking: Asking, patterns: Iterable[str]) -> Outcomes:
        found: list[Outcome] = []
        for pattern in patterns:
            for target, shown in self.index.targets(asking.name, pattern, self.caller):
                verdict = asking.on(self.index.question(asking.name, target, self.fixed))
                if verdict.decision in LISTED:
                    found.append(_outcome(verdict, shown))
        return _joined(found) if len(found) > 1 else tuple(found)

    def _patterns(self, asking: Asking) -> list[str]:
        """The patterns worth asking about: those of each Allow, cut down to what other layers and the asker leave."""
        if self.resource is not None and not has_wildcard(self.resource):
            return [self.resource]
        if not catalogue.takes_resources(asking.name):
            return ["*"]
        patterns = {"*": None} if self.caller.kind == "root" else self._of(asking.identity)
        limits = (*((asking.boundary,) if asking.boundary is not None else ()), *(asking.scp or ()))
        for limit in limits:
            if limit.layer.policies:
                patterns = _cut(patterns, self._of(limit))
        if self.resource is not None:
            patterns = _cut(patterns, (self.resource,))
        return _widest(patterns)

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
        universe = NOTHING
        for grant in grants:
            universe |= set_of(grant.written)
        own = [set_of(item) for item in (*self.index.policy_statements(arn), *(grant.written for grant in grants))]
        for cell in cells(universe, (*sets, *own)):
            if not catalogue.takes_resources(cell.example):
                continue
            patterns = dict.fromkeys(
                pattern for grant in grants if cell.example in set_of(grant.written) for pattern in grant.patterns
            )
            if self.resource is not None:
                patterns = _cut(patterns, (self.resource,))
            fitting = [pattern for pattern in patterns if fits_action(pattern, cell.example)]
            outcomes = self._decide_granted(self.requester.action(cell.example), fitting)
            if outcomes:
                yield cell.actions(), outcomes

    def _decide_granted(self, asking: Asking, patterns: Iterable[str]) -> Outcomes:
        """As `_decide`, with what everybody of the caller's account and kind shares worked out once for all of them."""
        profile = self._profile
        if profile is None:
            return self._decide(asking, patterns)
        found: list[Outcome] = []
        for pattern in patterns:
            for target, shown in self.index.targets(asking.name, pattern, self.caller):
                standing = self.index.standings.of(profile, asking.name, target, self.fixed)
                if standing is None or not standing.is_for(self.caller):
                    outcome = _listed(asking.on(self.index.question(asking.name, target, self.fixed)), shown)
                else:
                    outcome = self._of_standing(asking, standing, shown)
                if outcome is not None:
                    found.append(outcome)
        return _joined(found) if len(found) > 1 else tuple(found)

    def _of_standing(self, asking: Asking, standing: Standing, shown: tuple[str, ...]) -> Outcome | None:
        is_bounded = asking.boundary is not None
        if asking.is_silent and is_bounded in standing.outcomes:
            return standing.outcomes[is_bounded]
        verdict, is_shared = asking.shared(standing)
        outcome = _listed(verdict, shown)
        if is_shared:
            standing.outcomes[is_bounded] = outcome
        return outcome


def allowed_by(requester: Requester) -> ActionSet:
    """Actions that a principal's own policies may allow, within boundary and SCPs."""
    around = requester.around
    if requester.caller.kind == "root":
        return EVERYTHING
    allowed = _allowed(around.identity)
    if around.boundary is not None and around.boundary.policies:
        allowed &= _allowed(around.boundary)
    for level in around.scp or ():
        if level.policies:
            allowed &= _allowed(level)
    return allowed


def _listed(verdict: Verdict, shown: tuple[str, ...]) -> Outcome | None:
    return _outcome(verdict, shown) if verdict.decision in LISTED else None


def _outcome(verdict: Verdict, shown: tuple[str, ...]) -> Outcome:
    return Outcome(verdict.decision, shown, verdict.conditions, verdict.because, verdict.gaps, verdict.assuming)


def _cut(patterns: Iterable[str], others: Iterable[str]) -> dict[str, None]:
    others = tuple(others)
    if others == ("*",):
        return dict.fromkeys(patterns)
    return dict.fromkeys(part for one in patterns for other in others for part in common(one, other))


def _widest(patterns: Iterable[str]) -> list[str]:
    """The patterns, each once."""
    return list(dict.fromkeys(patterns))


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
