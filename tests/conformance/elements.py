"""Cases about one element: operators, condition blocks, actions, resources, principals, patterns, variables."""

from __future__ import annotations

from typing import Any

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import complete_context
from advisor.evaluate.pattern import Glob, action_matches
from advisor.evaluate.principals import named, parse_caller
from advisor.evaluate.public_access import public_statements
from advisor.evaluate.residual import FALSE
from advisor.evaluate.resources import PolicyKind, ResourcePattern, Target, arns_overlap, resource_matches
from advisor.evaluate.variables import Template, literal_text
from advisor.model.document import Condition
from tests.conformance.cases import Case, Unsupported, context_of, document_of, values_of

KINDS: dict[str, PolicyKind] = {
    "identity": "identity",
    "pb": "boundary",
    "session": "session",
    "resource": "resource",
    "vpce": "endpoint",
    "scp": "scp",
    "rcp": "rcp",
}


def operator(case: Case) -> Any:
    """One value under a bare operator: `_` stands for the key."""
    context = complete_context(
        {name: values_of(value) for name, value in (case.get("context") or {}).items()}
        | {"test:key": values_of(case.get("value"))}
    )
    written = Condition(case["operator"], "test:key", values_of(case["policyValues"]))
    return CompiledCondition(written).holds(context)


def condition_block(case: Case) -> Any:
    """A `Condition` element: with an Allow what could match matches, with a Deny it does not."""
    statement = {"Effect": case["effect"], "Action": "*", "Resource": "*", "Condition": case["conditions"]}
    document = document_of({"Version": "2012-10-17", "Statement": [statement]})
    conditions = [CompiledCondition(item) for item in document.statements[0].conditions]
    context = context_of(case, [key for item in conditions for key in item.keys])
    results = [(item, item.holds(context)) for item in conditions]
    got: dict[str, Any] = {"match": all(holds or (holds is None and case["effect"] == "Allow") for _, holds in results)}
    refused = any(holds is False for _, holds in results)
    if "ignoredKeys" in case["expect"]:
        got["ignoredKeys"] = [] if refused else [item.written.key for item, holds in results if holds is None]
    return got


def match(case: Case) -> Any:
    handler = _MATCHES.get(case["what"])
    if handler is None:
        raise Unsupported(f"no such element: {case['what']}")
    return handler(case)


def _action(case: Case) -> bool:
    hit = any(action_matches(pattern, case["value"]) for pattern in case["patterns"])
    return hit != (case["element"] == "NotAction")


def _resource(case: Case) -> bool:
    kind = KINDS.get(case["policyType"])
    if kind is None:
        raise Unsupported(f"no such policy type: {case['policyType']}")
    matched = resource_matches(
        [ResourcePattern(text) for text in case["patterns"]],
        Target(case["resource"]["arn"], takes_resources=case["resource"]["arn"] != "*"),
        negated=case["element"] == "NotResource",
        allow=case["effect"] == "Allow",
        kind=kind,
        context=context_of(case, ()),
    )
    return matched != FALSE


def _principal(case: Case) -> Any:
    statement = {"Effect": case["effect"], "Action": "*", "Resource": "*", **case["element"]}
    element = document_of({"Version": "2012-10-17", "Statement": [statement]}).statements[0].principals
    caller = parse_caller(case["principal"])
    if element is None:
        return {"match": "NoMatch"}
    found = named(element, caller, context_of(case, ()), allow=case["effect"] == "Allow")
    names = (("Match", found.direct), ("SessionRoleMatch", found.limited), ("AccountLevelMatch", found.account))
    kind = next((name for name, when in names if when), "NoMatch")
    if kind == "SessionRoleMatch" and caller.kind != "session":
        kind = "Match"
    got: dict[str, Any] = {"match": kind}
    if "ignoredRoleSessionName" in case["expect"]:
        got["ignoredRoleSessionName"] = any(literal.shown is not None for term in found.direct for literal in term)
    return got


def _string_pattern(case: Case) -> bool:
    template = Template(case["pattern"])
    tokens = template.fill(complete_context(case.get("context") or {}))
    if not isinstance(tokens, str):
        return False
    return Glob("", tokens).matches(case["value"]) if case["wildcards"] else literal_text(tokens) == case["value"]


def _substitute(case: Case) -> str:
    tokens = Template(case["pattern"]).fill(complete_context(case.get("context") or {}))
    return literal_text(tokens) if isinstance(tokens, str) else case["pattern"]


def _overlap(case: Case) -> bool:
    return arns_overlap(case["a"], case["b"])


def _public(case: Case) -> Any:
    document = document_of(case["policy"])
    found = public_statements(document)
    got: dict[str, Any] = {"public": bool(found)}
    if found:
        got["statements"] = [
            {"index": index + 1} | ({"sid": sid} if (sid := document.statements[index].sid) else {}) for index in found
        ]
    return got


_MATCHES = {
    "action": _action,
    "resource": _resource,
    "principal": _principal,
    "string-pattern": _string_pattern,
    "substitute": _substitute,
    "arn-overlap": _overlap,
    "bucket-policy-public": _public,
}
