"""Facts about trust across the account's border: roles that outsiders may assume. What is shared is in `share.py`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from advisor.advice.facts.account import inside
from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.arn import account_of
from advisor.model.document import Condition, Statement
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import Role

_DETAILS = "iam:GetAccountAuthorizationDetails"
_ACCOUNTS = "organizations:ListAccounts"
_SOURCES = frozenset(
    (
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "kms:calleraccount",
    )
)
"""Keys that say on whose behalf a service calls. Source: IAM User Guide, "The confused deputy problem"."""


def _trusting(q: Question) -> Iterator[tuple[Role, Statement, str]]:
    """(role, statement, AWS principal) of every trust statement that lets an AWS principal in."""
    for role in q.snapshot.roles:
        yield from _of_role(role)


def _of_role(role: Role) -> Iterator[tuple[Role, Statement, str]]:
    for statement in role.trust.statements:
        if statement.allows and statement.principals and not statement.principals.negated:
            for principal in statement.principals.aws:
                yield role, statement, principal


def bound_keys(statement: Statement) -> set[str]:
    """Keys that the conditions bind to something: there by force (no `IfExists`), and not by exclusion or to `*`."""
    return {one.key.lower() for one in statement.conditions if _binds(one)}


def _binds(condition: Condition) -> bool:
    base = condition.operator.split(":")[-1]
    excludes = base.startswith(("StringNot", "ArnNot", "NotIp", "NumericNot", "DateNot", "Null"))
    return not base.endswith("IfExists") and not excludes and not {"*", "0.0.0.0/0", "::/0"} & set(condition.values)


def is_fenced(statement: Statement) -> bool:
    return bool(bound_keys(statement) & _fences())


@cache
def _fences() -> frozenset[str]:
    return frozenset(word.lower() for word in words("outsider-fences"))


def unnamed_services(statement: Statement) -> tuple[str, ...]:
    """Services that a statement lets in without asking on whose behalf they come."""
    principals = statement.principals
    if not statement.allows or principals is None or principals.negated or bound_keys(statement) & _SOURCES:
        return ()
    return tuple(principals.service)


def is_vanished(principal: str) -> bool:
    """AWS shows the id of a principal that was deleted."""
    return principal.startswith(("AIDA", "AROA")) and principal.isalnum()


@fact("trust.outside", "accounts outside that a role here trusts", _DETAILS)
def trust_outside(q: Question) -> FactValue:
    seen: dict[str, Evidence] = {}
    perhaps: dict[str, Evidence] = {}
    for role, statement, principal in _trusting(q):
        account = principal if principal.isdigit() else account_of(principal)
        where = inside(q, principal) if account else True
        if where is not True:
            kind = "outside" if where is False else "outside, or a sibling: the organization was not read"
            found = seen if where is False else perhaps
            found.setdefault(account, q.seen(role.arn, f"statement {statement.index} trusts {principal}: {kind}"))
    return q.listed(seen.items(), [q.gap(_ACCOUNTS)] if perhaps else [], perhaps.values())


@fact("trust.no_extid", "roles that trust another party's account without an external id", _DETAILS)
def trust_no_extid(q: Question) -> FactValue:
    seen: dict[str, Evidence] = {}
    gaps = []
    for role, statement, principal in _trusting(q):
        if principal == "*" or is_vanished(principal) or "sts:externalid" in bound_keys(statement):
            continue
        if bound_keys(statement) & {"aws:principalorgid", "aws:principalorgpaths"}:
            continue
        where = inside(q, principal)
        if where is None:
            gaps.append(q.gap(_ACCOUNTS))
        elif not where:
            seen.setdefault(role.arn, q.seen(role.arn, f"statement {statement.index} trusts {principal} without it"))
    return q.listed(seen.items(), gaps)


@fact("trust.star", "roles that everyone may assume", _DETAILS)
def trust_star(q: Question) -> FactValue:
    seen = [
        (role.arn, q.seen(role.arn, f"statement {statement.index} trusts `*` and fences nobody out"))
        for role, statement, principal in _trusting(q)
        if principal == "*" and not is_fenced(statement)
    ]
    seen += [
        (role.arn, q.seen(role.arn, f"statement {statement.index} trusts everyone"))
        for role in q.snapshot.roles
        for statement in role.trust.statements
        if statement.allows and statement.principals and statement.principals.everyone
        and "*" not in statement.principals.aws and not is_fenced(statement)
    ]  # fmt: skip
    return q.listed(dict(seen).items())


@fact("trust.vanished", "roles that trust a principal which no longer exists", _DETAILS)
def trust_vanished(q: Question) -> FactValue:
    return q.listed(
        {
            role.arn: q.seen(role.arn, f"statement {statement.index} trusts {principal}, the id of something deleted")
            for role, statement, principal in _trusting(q)
            if is_vanished(principal)
        }.items()
    )


@fact("trust.vanished_principals", "deleted principals that one role's trust still names", _DETAILS, ("",))
def trust_vanished_principals(q: Question, arn: str) -> FactValue:
    role = q.snapshot.role_by_arn.get(arn)
    return q.listed(
        (principal, q.seen(arn, f"statement {statement.index} names {principal}"))
        for _, statement, principal in (_of_role(role) if role else ())
        if is_vanished(principal)
    )


@fact("trust.service_open", "roles that a service which names the source may assume on anybody's behalf", _DETAILS)
def trust_service_open(q: Question) -> FactValue:
    """A confused deputy. Only of services that are known to say on whose behalf they come: others cannot be asked."""
    seen: dict[str, Evidence] = {}
    for role in q.snapshot.roles:
        for statement, service in () if role.is_service_linked else _open_services(role):
            text = f"statement {statement.index} lets in {service} without naming the source"
            seen.setdefault(role.arn, q.seen(role.arn, text))
    return q.listed(seen.items())


@fact("trust.open_services", "services that may assume one role on anybody's behalf", _DETAILS, ("",))
def trust_open_services(q: Question, arn: str) -> FactValue:
    role = q.snapshot.role_by_arn.get(arn)
    found = _open_services(role) if role else ()
    return q.listed(
        (service, q.seen(arn, f"statement {statement.index} names {service}")) for statement, service in found
    )


def _open_services(role: Role) -> list[tuple[Statement, str]]:
    known = words("trust-source-services")
    return [
        (statement, service)
        for statement in role.trust.statements
        for service in unnamed_services(statement)
        if service in known
    ]
