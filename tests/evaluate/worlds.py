"""A request and its policies from plain values, as the case files and the property tests write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.evaluate.context import Context, complete_context
from advisor.evaluate.context_keys import principal_context, request_context, resource_context
from advisor.evaluate.layers import Layer, PolicySet, policy
from advisor.evaluate.principals import Caller, parse_caller
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import Asked
from advisor.model.document import parse_document
from advisor.model.gap import Gap
from advisor.model.resource import Grant
from advisor.reference.catalogue import takes_resources

ACCOUNT = "111122223333"


def document(statements: Any, version: str | None = "2012-10-17") -> Any:
    value = {"Statement": statements}
    return parse_document({"Version": version, **value} if version else value)


def layer(statements: Any, kind: str, owner: str = "owner", version: str | None = "2012-10-17") -> Layer:
    """A layer of one policy; a string instead of statements is a gap of that name."""
    if isinstance(statements, str):
        return Layer(gaps=(Gap(statements, "refused", "access denied", "the policy"),))
    return Layer((policy(document(statements, version), f"{kind}-policy", kind, owner),))


def policies_of(given: Mapping[str, Any]) -> PolicySet:
    """Layers by their names; `scp` and `rcp` are lists of levels, each the statements of one policy."""
    version = given.get("version", "2012-10-17")
    named = {
        name: layer(given[name], kind, version=version)
        for name, kind in (
            ("identity", "inline"),
            ("boundary", "boundary"),
            ("session", "session"),
            ("resource", "resource"),
            ("endpoint", "endpoint"),
        )
        if given.get(name) is not None
    }
    levels = {
        name: tuple(layer(level, name) if level else Layer(target="ou") for level in given[name])
        for name in ("scp", "rcp")
        if given.get(name) is not None
    }
    grants = tuple(
        Grant(
            grant["kind"],
            grant["grantee"],
            tuple(grant.get("operations", ())),
            constraints=_pairs(grant.get("constraints")),
        )
        for grant in given.get("grants", ())
    )
    flags = {
        name: bool(given[name])
        for name in ("restrict_public_buckets", "acls_count", "ignore_public_acls", "in_management_account")
        if name in given
    }
    return PolicySet(**named, **levels, grants=grants, unread=frozenset(given.get("unread", ())), **flags)


def _pairs(given: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((given or {}).items())


def asked_of(
    principal: str,
    action: str,
    resource: str = "*",
    *,
    account: str | None = None,
    context: Mapping[str, Any] | None = None,
    complete: bool = False,
    has_boundary: bool = False,
    tags: Sequence[tuple[str, str]] | None = None,
    id: str = "",
) -> Asked:
    """A request as the index would ask it: what follows from principal and resource is known, the rest is open."""
    caller = parse_caller(principal, id=id, has_boundary=has_boundary, tags=None if tags is None else tuple(tags))
    parts = resource.split(":", 5)
    owner = account or (parts[4] if len(parts) == 6 and parts[4] else caller.account or ACCOUNT)
    service, _, name = action.partition(":")
    partition = parts[1] if len(parts) == 6 else caller.partition
    return Asked(
        caller=caller,
        action=action,
        service=service.lower(),
        name=name.lower(),
        target=Target(resource, takes_resources=takes_resources(action)),
        account=owner,
        partition=partition if caller.is_identity else caller.partition,
        context=_context(caller, action, owner, context or {}, complete),
    )


def _context(caller: Caller, action: str, account: str, given: Mapping[str, Any], complete: bool) -> Context:
    below = resource_context(action, account).over(request_context(action))
    context = principal_context(caller).over(below)
    fixed = {key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in given.items()}
    context = context.fixed(fixed)
    return context.closed() if complete else context


__all__ = ["ACCOUNT", "asked_of", "complete_context", "document", "layer", "policies_of"]
