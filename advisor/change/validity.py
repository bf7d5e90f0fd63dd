"""Mistakes that make a policy text do less than it says: looked for in what a change brings in.

Unknown actions, conditions on keys that no action of the statement has, resources that no action of it works on. The
action reference may be older than AWS: a finding here is a warning, never a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import msgspec

from advisor.evaluate.pattern import globs_overlap
from advisor.model.document import Document, Statement
from advisor.model.snapshot import Snapshot
from advisor.reference.catalogue import arn_pattern, expand, lists_key, resource_types, takes_resources
from advisor.reference.services import listed

_MANY = 200
"""A pattern that names more actions than this is meant to be wide; its resources are not judged."""


class Doubt(msgspec.Struct, frozen=True):
    """One mistake: its code, the policy, the statement (from 0) and the word that it is about."""

    code: str
    policy: str
    statement: int
    about: str

    def __str__(self) -> str:
        return f"{self.code} in {self.policy}, statement {self.statement}: {self.about}"


def doubts(before: Snapshot, after: Snapshot) -> tuple[Doubt, ...]:
    """The mistakes of every policy text that is in `after` and was not in `before`."""
    known = {document.digest for _, document in _documents(before)}
    found: dict[Doubt, None] = {}
    for name, document in _documents(after):
        if document.digest not in known:
            found |= dict.fromkeys(doubts_of(document, name))
    return tuple(found)


def _documents(snapshot: Snapshot) -> Iterator[tuple[str, Document]]:
    for policy in snapshot.policies:
        if policy.document is not None and not policy.is_aws_managed:
            yield policy.name, policy.document
    for holder in (*snapshot.users, *snapshot.groups, *snapshot.roles):
        for inline in holder.inline:  # type: ignore[attr-defined]
            yield f"{holder.name} {inline.name}", inline.document  # type: ignore[attr-defined]
    for role in snapshot.roles:
        yield f"trust policy of {role.name}", role.trust
    for resource in snapshot.resources:
        if resource.policy is not None:
            yield f"policy of {resource.arn.rsplit(':', 1)[-1]}", resource.policy


def doubts_of(document: Document, name: str) -> Iterator[Doubt]:
    """The mistakes of one policy text."""
    for statement in document.statements:
        for action in (*(statement.actions or ()), *(statement.not_actions or ())):
            if action != "*" and not expand(action):
                yield Doubt("no-such-action", name, statement.index, action)
        named = _actions(statement)
        if named:
            yield from _impossible_conditions(statement, named, name)
            yield from _wrong_resources(statement, named, name)


def _actions(statement: Statement) -> tuple[str, ...]:
    """The actions that the statement names; none where it names too many, or by exclusion."""
    if statement.actions is None or "*" in statement.actions:
        return ()
    found = tuple(name for pattern in statement.actions for name in expand(pattern))
    return found if len(found) <= _MANY else ()


def _impossible_conditions(statement: Statement, actions: tuple[str, ...], name: str) -> Iterator[Doubt]:
    for condition in statement.conditions:
        if condition.operator.endswith("IfExists") or condition.operator == "Null":
            continue
        if _is_of_a_provider(condition.key):
            continue
        if _is_misspelled(condition.key):
            yield Doubt("no-such-key", name, statement.index, condition.key)
        elif not any(lists_key(action, condition.key) for action in actions):
            yield Doubt("key-of-no-action", name, statement.index, condition.key)


def _is_misspelled(key: str) -> bool:
    """A global key that is nearly one of those that AWS lists; one that is like none of them may be newer."""
    lower = key.lower().partition("/")[0]
    known = listed("global-keys").entries
    return lower.startswith("aws:") and lower not in known and bool(get_close_matches(lower, known, 1, 0.85))


def _is_of_a_provider(key: str) -> bool:
    """Keys of identity providers are named after the provider: `token.actions.githubusercontent.com:sub`."""
    return "." in key.split(":", 1)[0] or key.lower().startswith(("saml:", "cognito-identity", "www."))


def _wrong_resources(statement: Statement, actions: tuple[str, ...], name: str) -> Iterator[Doubt]:
    typed = [action for action in actions if takes_resources(action) and resource_types(action)]
    if not typed or len(typed) < len(actions):
        return
    patterns = {arn_pattern(kind).lower() for action in typed for kind in resource_types(action)}
    for resource in statement.resources or ():
        if resource != "*" and "${" not in resource and not any(
            globs_overlap(resource.lower(), pattern) for pattern in patterns
        ):  # fmt: skip
            yield Doubt("resource-of-no-action", name, statement.index, resource)
