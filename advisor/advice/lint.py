"""Mistakes in policies that can be seen in the text alone. What each code means stands with the practice that uses it.

Source: IAM User Guide, "Access Analyzer policy check reference" and "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from advisor.advice.place_names import name_of
from advisor.model.document import Condition, Document, Statement
from advisor.model.principal import Group, Role, User
from advisor.model.snapshot import Snapshot

_VARIABLE = re.compile(r"\$\{[^}]+\}")
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")


class Slip(msgspec.Struct, frozen=True):
    """One mistake: its code, the ARN of who or what carries the policy, and the place in words."""

    code: str
    owner: str
    where: str
    statement: str = ""
    """`kind|policy|owner|index`, as change templates name a statement; empty where it concerns the whole document."""


def lint_snapshot(snapshot: Snapshot) -> tuple[Slip, ...]:
    """Slips of every policy that the account itself wrote, each distinct document looked at once."""
    known: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    found: dict[Slip, None] = {}
    for owner, name, kind, document in _documents(snapshot):
        slips = known.setdefault((document.digest, kind), tuple(lint(document, kind)))
        for code, where in slips:
            found.setdefault(Slip(code, owner, f"{name}, {where}" if where else name, _named(owner, name, where)))
    return tuple(found)


def _named(owner: str, name: str, where: str) -> str:
    match = re.match(r"statement (\d+)", where)
    if match is None or name in ("trust policy", "resource policy"):
        return ""
    kind, policy = ("managed", owner) if ":policy/" in owner else ("inline", name)
    return name_of(kind, policy, owner, match[1])


def _documents(snapshot: Snapshot) -> Iterator[tuple[str, str, str, Document]]:
    """(owner, name, kind, document)"""
    for policy in snapshot.policies:
        if not policy.is_aws_managed and policy.document is not None:
            yield policy.arn, policy.name, "identity", policy.document
    holders: list[User | Group | Role] = [*snapshot.users, *snapshot.groups, *snapshot.roles]
    for holder in holders:
        for inline in holder.inline:
            yield holder.arn, inline.name, "identity", inline.document
    for role in snapshot.roles:
        if not role.is_service_linked:
            yield role.arn, "trust policy", "trust", role.trust
    for resource in snapshot.resources:
        if resource.policy is not None:
            yield resource.arn, "resource policy", "resource", resource.policy


def lint(document: Document, kind: str = "identity") -> Iterator[tuple[str, str]]:
    """(code, place) of each mistake. `kind` is `identity`, `trust` or `resource`."""
    sids = Counter(one.sid for one in document.statements if one.sid)
    for sid, count in sids.items():
        if count > 1:
            yield "sid-twice", f"Sid {sid}"
    if document.version != "2012-10-17" and _VARIABLE.search(document.text):
        yield "variable-without-version", ""
    for statement in document.statements:
        place = f"statement {statement.index}"
        for code in _statement(statement, kind):
            yield code, place
        for condition in statement.conditions:
            for code in _condition(statement, condition):
                yield code, f"{place}, {condition.operator} {condition.key}"


def _statement(statement: Statement, kind: str) -> Iterator[str]:
    if statement.allows and statement.not_actions is not None:
        yield "allow-not-action"
    if statement.allows and statement.principals and statement.principals.negated:
        yield "allow-not-principal"
    if statement.allows and statement.not_resources is not None:
        yield "allow-not-resource"
    if kind == "identity" and statement.allows and _passes_any_role(statement):
        yield "pass-any-role"
    if any(not _ACTION.fullmatch(action) for action in (*(statement.actions or ()), *(statement.not_actions or ()))):
        yield "no-such-action-form"


def _passes_any_role(statement: Statement) -> bool:
    """iam:PassRole on every role, by name or by `iam:*` (`*` alone is an administrator's own matter)."""
    actions = {action.lower() for action in statement.actions or ()}
    if not actions & {"iam:passrole", "iam:pass*", "iam:*"} or "*" not in (statement.resources or ()):
        return False
    return not any(one.key.lower() == "iam:passedtoservice" for one in statement.conditions)


def _condition(statement: Statement, condition: Condition) -> Iterator[str]:
    base = condition.operator.split(":")[-1]
    if base.startswith(("StringEquals", "StringNotEquals")) and any(_has_wildcard(value) for value in condition.values):
        yield "wildcard-in-equals"
    if statement.allows and condition.operator.startswith("ForAllValues:") and not _demands(statement, condition.key):
        yield "for-all-values-without-null"
    if condition.key.lower() == "aws:sourceip" and statement.allows and _spans_everything(condition):
        yield "source-ip-everything"


def _has_wildcard(value: str) -> bool:
    return "*" in _VARIABLE.sub("", value) or "?" in _VARIABLE.sub("", value)


def _demands(statement: Statement, key: str) -> bool:
    """Whether the statement also asks that the key be there: else `ForAllValues` is true without it."""
    return any(
        one.key.lower() == key.lower() and one.operator == "Null" and one.values == ("false",)
        for one in statement.conditions
    )


def _spans_everything(condition: Condition) -> bool:
    return condition.operator.startswith("IpAddress") and any(
        value in ("0.0.0.0/0", "::/0") for value in condition.values
    )
