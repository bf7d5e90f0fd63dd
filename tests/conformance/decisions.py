"""Cases about one request against explicit policies: `decision` and `simulation`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import to_builtins

from advisor.evaluate.explain import blocking_layers
from advisor.evaluate.layers import Layer, PolicySet, policy
from advisor.evaluate.patterns_asked import PatternVerdict, decide_pattern
from advisor.evaluate.principals import parse_caller
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import Asked
from advisor.model.verdict import Decision, Verdict
from advisor.reference.catalogue import lists_key, takes_resources
from tests.conformance.cases import Case, context_of, document_of, values_of
from tests.conformance.conditions import mean_the_same

NAMES: dict[Decision, str] = {
    "allowed": "Allowed",
    "conditional": "Allowed",
    "explicit-deny": "ExplicitlyDenied",
    "implicit-deny": "ImplicitlyDenied",
    "unknown": "Unknown",
}
LAYER_NAMES = {"boundary": "pb", "endpoint": "vpce", "public-access-block": "s3-bpa"}


def decision(case: Case) -> Any:
    asked, policies = request_of(case)
    return _told(case, decide_pattern(asked, policies).overall, asked, policies)


def simulation(case: Case) -> Any:
    """As a decision; a question about a pattern is answered for each pattern that the policies allow."""
    asked, policies = request_of(_with_valid_keys(case))
    found = decide_pattern(asked, policies)
    got = _told(case, found.overall, asked, policies)
    if "perPattern" in case["expect"]:
        told = any(item.verdict.decision != "implicit-deny" for item in found.parts)
        got["perPattern"] = sorted(map(_pattern, found.parts), key=str) if told else []
    return got


def _with_valid_keys(case: Case) -> Case:
    """A simulation knows which keys a request for the action can hold, and leaves out the others."""
    request = case["request"]
    context = {key: value for key, value in (request.get("context") or {}).items() if lists_key(request["action"], key)}
    return {**case, "request": {**request, "context": context}}


def _pattern(item: PatternVerdict) -> dict[str, str]:
    """The source names the policy's own entry, and none at all when nothing is allowed or refused outright."""
    return {
        "resourceType": item.resource_type,
        "resourcePattern": item.written,
        "result": NAMES[item.verdict.decision],
    }


def _told(case: Case, verdict: Verdict, asked: Asked, policies: PolicySet) -> dict[str, Any]:
    discovery = case.get("mode") == "discovery"
    yes = verdict.decision == "allowed" or (discovery and verdict.decision == "conditional")
    got: dict[str, Any] = {"allowed": yes}
    if "decision" in case["expect"]:
        got["decision"] = "Conditional" if verdict.decision == "conditional" and not yes else NAMES[verdict.decision]
    if case["expect"].get("blockedBy") is not None:
        got["blockedBy"] = sorted(LAYER_NAMES.get(name, name) for name in blocking_layers(asked, policies))
    if yes and "conditions" in case["expect"] and discovery:
        got["conditions"] = _conditions(case, verdict, asked)
    return got


def _conditions(case: Case, verdict: Verdict, asked: Asked) -> Any:
    """Their own conditions where ours mean the same, else ours."""
    theirs = case["expect"]["conditions"]
    given = {key.lower(): values_of(value) for key, value in (case["request"].get("context") or {}).items()}
    # a Deny on a session's name leaves its mark beside the conditions, not among them
    alone = theirs is None and case["expect"].get("ignoredRoleSessionName")
    if alone or mean_the_same(verdict.conditions, theirs, asked, given):
        return theirs
    return [[to_builtins(condition) for condition in term] for term in verdict.conditions]


def request_of(case: Case) -> tuple[Asked, PolicySet]:
    """The request and the policies of a case."""
    request = case["request"]
    only_principal = case.get("scope") == "principal-policies"
    policies = PolicySet(
        identity=_layer(case.get("identityPolicies"), "inline", request["principal"]) or Layer(),
        boundary=_layer(case.get("permissionBoundaries"), "boundary", request["principal"]),
        session=_layer(_one(case.get("sessionPolicy")), "session", request["principal"]),
        resource=_layer(_one(case.get("resourcePolicy")), "resource", request["resource"]["arn"]),
        scp=_levels(case.get("scps"), "scp"),
        rcp=_levels(case.get("rcps"), "rcp"),
        endpoint=_layer(case.get("endpointPolicies"), "endpoint", ""),
        unread=frozenset(("resource",)) if only_principal else frozenset(),
        restrict_public_buckets=bool((case.get("settings") or {}).get("s3RestrictPublicBuckets")),
    )
    service, _, name = request["action"].partition(":")
    typed = takes_resources(request["action"]) and not request.get("wildcardOnlyAction")
    parts = request["resource"]["arn"].split(":", 2)
    asked = Asked(
        caller=parse_caller(request["principal"], has_boundary=bool(case.get("permissionBoundaries"))),
        action=request["action"],
        service=service.lower(),
        name=name.lower(),
        target=Target(request["resource"]["arn"], takes_resources=typed),
        account=request["resource"].get("account") or "",
        partition=parts[1] if len(parts) > 2 else "aws",
        context=context_of({"mode": case.get("mode"), **_context_members(case)}, list(_keys(policies))),
    )
    if asked.partition == "*" or not request["principal"].startswith("arn:"):
        asked = asked._replace(partition=asked.caller.partition)
    return asked, policies


def _context_members(case: Case) -> dict[str, Any]:
    return {"context": case["request"].get("context") or {}, "contextKnowledge": case.get("contextKnowledge")}


def _one(item: Any) -> list[Any] | None:
    return [item] if item else None


def _layer(items: Sequence[Any] | None, kind: str, owner: str, target: str = "") -> Layer | None:
    if not items and not target:
        return None
    return Layer(
        tuple(policy(document_of(item["policy"]), str(item.get("name")), kind, owner) for item in items or ()),
        target=target,
    )


def _levels(levels: Sequence[Any] | None, kind: str) -> tuple[Layer, ...] | None:
    if not levels:
        return None
    named = [(level.get("policies"), str(level.get("target"))) for level in levels]
    return tuple(_layer(policies, kind, target, target) or Layer() for policies, target in named)


def _keys(policies: PolicySet) -> Iterator[str]:
    layers = (policies.identity, policies.boundary, policies.session, policies.resource, policies.endpoint)
    for layer in (*layers, *(policies.scp or ()), *(policies.rcp or ())):
        for item in layer.policies if layer else ():
            for statement in item.document.statements:
                yield from statement.keys
