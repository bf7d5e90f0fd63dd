"""Which statements of which layer apply to a request: the half of the evaluation that an index can do faster.

Everything here only collects; what follows from it is decided in `layers.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from advisor.evaluate.exceptions import is_of_another_service, is_role_trust
from advisor.evaluate.policies import Behind, Layer, Origin, PolicySet
from advisor.evaluate.principals import Named
from advisor.evaluate.residual import TRUE, Dnf, all_of, any_of, gap_literal, of_literal
from advisor.evaluate.resources import PolicyKind, Target
from advisor.evaluate.statement import Asked, CompiledStatement, match_statement
from advisor.model.gap import Gap
from advisor.model.verdict import Reason


class Found(NamedTuple):
    """A statement that applies, or may: when, and how it names the caller."""

    origin: Origin
    statement: CompiledStatement
    when: Dnf
    named: Named

    @property
    def applies(self) -> Dnf:
        """When the statement applies to the caller, however it names it."""
        named = self.named.at_all
        return self.when if named is TRUE else all_of((self.when, named))

    @property
    def reason(self) -> Reason:
        return self.origin.reason(self.statement.index, self.statement.sid, allow=self.statement.allow)


class LayerMatch(NamedTuple):
    """What applies in one layer (or one level). `miss`: why nothing allows, as the id of the closest miss."""

    allows: tuple[Found, ...] = ()
    denies: tuple[Found, ...] = ()
    gaps: tuple[Gap, ...] = ()
    miss: str = ""

    @property
    def allow(self) -> Dnf:
        return any_of((*(item.applies for item in self.allows), *_unknown(self.gaps, "Allow")))

    @property
    def deny(self) -> Dnf:
        return any_of((*(item.applies for item in self.denies), *_unknown(self.gaps, "Deny")))

    def allow_by(self, how: str) -> Dnf:
        """When a statement allows that names the caller in this way (`direct`, `limited` or `account`)."""
        parts = [all_of((item.when, when)) for item in self.allows if (when := getattr(item.named, how))]
        return any_of(parts + _unknown(self.gaps, "Allow") if how == "direct" else parts)


def _unknown(gaps: Iterable[Gap], effect: str) -> list[Dnf]:
    return [of_literal(gap_literal(gap, effect)) for gap in gaps] if gaps else []


class Matches(NamedTuple):
    """What applies in each layer; `None` where there is no such layer."""

    identity: LayerMatch = LayerMatch()
    boundary: LayerMatch | None = None
    session: LayerMatch | None = None
    scp: tuple[LayerMatch, ...] | None = None
    rcp: tuple[LayerMatch, ...] | None = None
    resource: LayerMatch | None = None
    endpoint: LayerMatch | None = None
    behind: LayerMatch | None = None
    """The policy of the bucket behind an access point, about what is reached through it."""


_MISS_ORDER = ("", "action", "no-principal", "principal", "resource", "condition")


def found(origin: Origin, statement: CompiledStatement, asked: Asked, kind: PolicyKind) -> Found | str:
    """The statement as it applies to the request, or the id of what does not fit."""
    match = match_statement(statement, asked, kind)
    return Found(origin, statement, match.when, match.named) if match.when else match.miss


def gather(items: Iterable[Found | str], gaps: tuple[Gap, ...] = ()) -> LayerMatch:
    """Sort what was found in one layer into what allows and what denies."""
    allows: list[Found] = []
    denies: list[Found] = []
    miss = ""
    for item in items:
        if isinstance(item, str):
            miss = max(miss, item, key=_MISS_ORDER.index)
        else:
            (allows if item.statement.allow else denies).append(item)
    return LayerMatch(tuple(allows), tuple(denies), gaps, miss)


def match_layer(layer: Layer, asked: Asked, kind: PolicyKind) -> LayerMatch:
    """Every statement of one layer against the request."""
    items = (
        found(policy.origin, statement, asked, kind)
        for policy in layer.policies
        for statement in policy.document.statements
    )
    return gather(items, layer.gaps)


def match_layers(asked: Asked, policies: PolicySet) -> Matches:
    """Every statement of every layer against the request."""
    return Matches(
        identity=match_layer(policies.identity, asked, "identity"),
        boundary=_optional(policies.boundary, asked, "boundary"),
        session=_optional(policies.session, asked, "session"),
        scp=_levels(policies.scp, asked, "scp"),
        rcp=_levels(policies.rcp, asked, "rcp"),
        resource=match_resource(policies.resource, asked),
        endpoint=_optional(policies.endpoint, asked, "endpoint"),
        behind=match_behind(policies.behind, asked),
    )


def match_resource(layer: Layer | None, asked: Asked) -> LayerMatch | None:
    """The resource's own policy, which has a say only in calls of the service that reads it."""
    if layer is None or is_of_another_service(asked):
        return None
    return match_layer(layer, asked, "trust" if is_role_trust(asked) else "resource")


def match_behind(behind: Behind | None, asked: Asked) -> LayerMatch | None:
    """The bucket's policy against what a request to its access point reaches, with the keys that such a request has."""
    return None if behind is None else match_layer(behind.layer, asked_behind(behind, asked), "resource")


def asked_behind(behind: Behind, asked: Asked) -> Asked:
    owner = behind.point.split(":", 5)[4]
    keys = {"s3:dataaccesspointarn": (behind.point,), "s3:dataaccesspointaccount": (owner,)}
    return asked._replace(target=Target(behind.resource(asked.target.arn)), context=asked.context.fixed(keys))


def _optional(layer: Layer | None, asked: Asked, kind: PolicyKind) -> LayerMatch | None:
    return None if layer is None else match_layer(layer, asked, kind)


def _levels(levels: Sequence[Layer] | None, asked: Asked, kind: PolicyKind) -> tuple[LayerMatch, ...] | None:
    return None if levels is None else tuple(match_layer(level, asked, kind) for level in levels)
