"""One principal and many requests: its policies are gathered once, statements looked up once for each action."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from advisor.access.action_sets import ActionSet, bits_of, set_of
from advisor.access.question import Question
from advisor.access.statements import Numbers
from advisor.access.treatment import treatment
from advisor.evaluate.layers import conclude
from advisor.evaluate.matching import Found, LayerMatch, Matches, match_behind, match_layer, match_resource
from advisor.evaluate.policies import Layer, Origin, PolicySet
from advisor.evaluate.principals import Caller
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, CompiledStatement, match_rest
from advisor.model.verdict import LayerOutcome, Verdict

if TYPE_CHECKING:
    from advisor.access.granted import Grant
    from advisor.access.index import AccessIndex
    from advisor.access.standing import Standing


_Named = tuple[ActionSet, tuple[Origin, CompiledStatement]]
"""A statement, and the actions that it names."""


class Candidates(NamedTuple):
    """The statements of one layer that name an action."""

    statements: tuple[tuple[Origin, CompiledStatement], ...]
    layer: Layer
    kind: PolicyKind

    def match(self, asked: Asked) -> LayerMatch:
        found = []
        miss = "" if self.statements else "action"
        for origin, statement in self.statements:
            match = match_rest(statement, asked, self.kind)
            if match.when:
                found.append(Found(origin, statement, match.when, match.named))
            else:
                miss = match.miss
        allows = tuple(item for item in found if item.statement.allow)
        denies = tuple(item for item in found if not item.statement.allow)
        return LayerMatch(allows, denies, self.layer.gaps, miss)


class Requester:
    """A principal with all policies that follow from who it is."""

    def __init__(self, index: AccessIndex, principal: str) -> None:
        self.index = index
        self.caller: Caller = index.caller(principal)
        self.behind = index.principals.get(self.caller.principal)
        self.context = index.places.context_of(self.caller)
        known = index.class_of.get(principal) if self.caller.arn == principal else None
        self.profile = known.profile if known is not None else None
        """`None` for somebody who is no user or role of the accounts."""
        place = index.inventory.place("*")
        self._asking: dict[str, Asking] = {}
        self._named: dict[int, list[_Named]] = {}
        self._grants: dict[str, list[tuple[Grant, int]]] = {}
        self.known: dict[object, Verdict] = {}
        """Verdicts by what they follow from: the treatment of the action and the formulas of all layers."""
        self.numbers = Numbers()
        self.around: PolicySet = index.surroundings.around(self.caller, self.behind, "*", place)
        if self.caller.is_service_linked or self.around.in_management_account:
            self.around = self.around._replace(scp=None)  # SCPs bind neither

    @cached_property
    def grants(self) -> list[tuple[Grant, ActionSet]]:
        """What resources grant to it, with the actions of each."""
        return [(grant, set_of(grant.written)) for grant in self.index.grants_to(self.caller)]

    def grants_on(self, action: str) -> list[Grant]:
        """What resources grant to it of one listed action."""
        service, _, name = action.lower().partition(":")
        known = self._grants.get(service)
        if known is None:
            masks = [(grant, actions.masks.get(service, actions.others)) for grant, actions in self.grants]
            known = self._grants[service] = [(grant, mask) for grant, mask in masks if mask]
        at = bits_of(service)[name] if known else 0
        return [grant for grant, mask in known if mask >> at & 1]

    def layers(self) -> Iterator[tuple[Layer, PolicyKind]]:
        """The layers of the caller's side."""
        yield self.around.identity, "identity"
        if self.around.boundary is not None:
            yield self.around.boundary, "boundary"
        for level in self.around.scp or ():
            yield level, "scp"

    def naming(self, layer: Layer, action: str) -> tuple[tuple[Origin, CompiledStatement], ...]:
        """The statements of a layer that name an action."""
        service, _, name = action.lower().partition(":")
        at = bits_of(service).get(name)
        if at is None:  # not listed: how it is written decides
            return tuple(
                (item.origin, statement)
                for item in layer.policies
                for statement in item.document.statements
                if statement.matches_action(service, name)
            )
        known = self._named.get(id(layer))
        if known is None:
            known = self._named[id(layer)] = [
                (set_of(written), (item.origin, statement))
                for item in layer.policies
                for written, statement in zip(item.document.document.statements, item.document.statements, strict=True)
            ]
        return tuple([found for actions, found in known if actions.masks.get(service, actions.others) >> at & 1])

    def action(self, action: str) -> Asking:
        """One action of the principal, its statements looked up once."""
        found = self._asking.get(action)
        if found is None:
            found = self._asking[action] = Asking(self, action)
        return found


class Asking:
    """One action of one principal, asked about one resource after the other."""

    def __init__(self, requester: Requester, action: str) -> None:
        self.requester = requester
        self.name = action
        around = requester.around
        self.identity = self._candidates(around.identity, "identity")
        self.boundary = None if around.boundary is None else self._candidates(around.boundary, "boundary")
        self.scp = None if around.scp is None else tuple([self._candidates(level, "scp") for level in around.scp])
        self.treatment = treatment(action)

    def _candidates(self, layer: Layer, kind: PolicyKind) -> Candidates:
        return Candidates(self.requester.naming(layer, self.name), layer, kind)

    @cached_property
    def _own(self) -> int | None:
        """Equal for actions that the same own statements name, where these are about every resource; else `None`."""
        own = [*self.identity.statements, *(self.boundary.statements if self.boundary is not None else ())]
        if not all(_is_everywhere(statement) for _, statement in own):
            return None
        return self.requester.numbers.of((self.treatment, *[id(statement) for _, statement in own]))

    def key(self) -> object:
        """Which statements of the caller's side, and of resource control policies, name the action.

        The same key, the same answers on resources without policies of their own.
        """
        layers = [self.identity, *((self.boundary,) if self.boundary else ()), *(self.scp or ())]
        named = tuple(self.name in actions for actions in self.requester.index.controls.sets)
        return (named, *(tuple(id(statement) for _, statement in layer.statements) for layer in layers))

    def on(self, question: Question) -> Verdict:
        """The verdict on one resource (or pattern)."""
        requester, index = self.requester, self.requester.index
        asked = question.asked(requester.caller, question.around(requester.context))
        shared = index.surroundings.shared(requester.caller, question.resource, question.place)
        policies = self._policies(shared)
        matches = Matches(
            identity=self.identity.match(asked),
            boundary=None if self.boundary is None else self.boundary.match(asked),
            scp=None if self.scp is None else tuple(level.match(asked) for level in self.scp),
            rcp=None if shared.rcp is None else tuple(match_layer(level, asked, "rcp") for level in shared.rcp),
            resource=match_resource(shared.resource, asked),
            behind=match_behind(shared.behind, asked),
        )
        if (
            policies.grants
            or policies.grant_gaps
            or policies.behind
            or policies.restrict_public_buckets
            or question.service == "iam"
        ):
            return conclude(asked, policies, matches, strict=index.strict)
        return self._known(asked, policies, matches)

    def about(self, target: str) -> Verdict:
        """The verdict on a resource (or pattern) where the asker fixes no key.

        What everybody of the caller's account and kind shares is worked out once for all of them.
        """
        requester, index = self.requester, self.requester.index
        if requester.profile is not None:
            standing = index.standings.of(requester.profile, self.name, target)
            if standing is not None and standing.is_for(requester.caller):
                return self._amid(standing)
        return self.on(index.question(self.name, target, {}))

    def _amid(self, standing: Standing) -> Verdict:
        if self._own is None:
            return self._within(standing)
        requester, key = self.requester, (self._own, standing.shape)
        found = requester.known.get(key)
        if found is None:
            found = requester.known[key] = self._within(standing)
        return found if standing.matches.resource is None else _with_reasons(found, standing.matches.resource)

    def _within(self, standing: Standing) -> Verdict:
        requester, question = self.requester, standing.question
        asked = question.asked(requester.caller, question.around(requester.context))
        identity = self.identity.match(asked)
        boundary = None if self.boundary is None else self.boundary.match(asked)
        matches = standing.matches._replace(identity=identity, boundary=boundary)
        return self._known(asked, self._policies(standing.policies), matches)

    def _policies(self, shared: PolicySet) -> PolicySet:
        around = self.requester.around
        return shared._replace(identity=around.identity, boundary=around.boundary)

    def _known(self, asked: Asked, policies: PolicySet, matches: Matches) -> Verdict:
        """The verdict, concluded once for equal formulas."""
        requester = self.requester
        key = (self.treatment, formulas_of(matches), policies.unread, policies.aws_managed_key, asked.account)
        found = requester.known.get(key)
        if found is None:
            found = requester.known[key] = conclude(asked, policies, matches, strict=requester.index.strict)
        return found if matches.resource is None else _with_reasons(found, matches.resource)


def _is_everywhere(statement: CompiledStatement) -> bool:
    return not statement.not_resources and any(pattern.text == "*" for pattern in statement.resources or ())


def formulas_of(matches: Matches) -> object:
    """What a verdict follows from, beyond the request: equal formulas, equal verdicts."""
    layers = (matches.identity, matches.boundary, *(matches.scp or ()), *(matches.rcp or ()))
    return (
        tuple(
            None if layer is None else tuple((id(item.statement), item.when) for item in (*layer.allows, *layer.denies))
            for layer in layers
        ),
        None if matches.resource is None else _formulas_of_resource(matches.resource),
    )


def _formulas_of_resource(match: LayerMatch) -> object:
    return (tuple((item.statement.allow, item.when, item.named) for item in (*match.allows, *match.denies)), match.gaps)


def _with_reasons(verdict: Verdict, match: LayerMatch) -> Verdict:
    """The verdict with the reasons of this resource's policy: another one of the same shape had it first."""
    reasons = (*(item.reason for item in match.denies), *(item.reason for item in match.allows))
    trace = tuple(
        LayerOutcome("resource", step.outcome, reasons, step.detail) if step.layer == "resource" else step
        for step in verdict.trace
    )
    return msgspec.structs.replace(verdict, trace=trace)
