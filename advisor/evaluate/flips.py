"""What would have to change: every smallest single change of a policy that turns an answer, each evaluated again.

A statement or its condition taken away, a policy or a boundary detached, one statement added. Organization policies are
not this account's to change, so they are not offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from advisor.errors import UsageError
from advisor.evaluate.exceptions import is_role_trust
from advisor.evaluate.layers import PolicySet, decide
from advisor.evaluate.policies import Layer, Origin, Policy
from advisor.evaluate.resources import PolicyKind
from advisor.evaluate.statement import Asked, compile_document, match_statement
from advisor.model.change import Change, Flip, Operation
from advisor.model.document import Document, parse_document
from advisor.model.effects import EffectError, with_undo
from advisor.model.rewrite import find_place, holder_of, kind_and_name, remove, with_statement, without_statement, write
from advisor.model.snapshot import Snapshot
from advisor.model.verdict import Decision
from advisor.reference.services import listed

_OWN_LAYERS: tuple[tuple[str, PolicyKind], ...] = (
    ("identity", "identity"),
    ("boundary", "boundary"),
    ("resource", "resource"),
)
ADDED_POLICY = "advisor-flip"
"""Name of the inline policy that an added statement stands in."""


class Edit(NamedTuple):
    """One change to the policies around a request. `document` is the policy's JSON after it, `None` where it goes."""

    id: str
    layer: str
    origin: Origin
    document: Any
    statement: str = ""


def flips(asked: Asked, policies: PolicySet, snapshot: Snapshot) -> tuple[Flip, ...]:
    """The single changes to this account that would turn the answer, the smallest first.

    An answer that is neither yes nor no can be turned both ways. A denial that nothing here turns to a plain yes (an
    organization's policy adds a condition) is turned to `conditional`, with what it then hangs on. Changes that are no
    calls to this account (an AWS managed policy's text, another account's side) are left out.
    """
    now = decide(asked, policies).decision
    found: list[Flip] = []
    if now != "allowed":
        turned = list(_turned(asked, policies, snapshot, "allowed"))
        best = "conditional" if _is_denied(now) and all(flip.to != "allowed" for flip in turned) else "allowed"
        found += [flip for flip in turned if flip.to == best]
    if not _is_denied(now):
        found += [flip for flip in _turned(asked, policies, snapshot, "denied") if flip.to == "denied"]
    return tuple(found)


def _turned(asked: Asked, policies: PolicySet, snapshot: Snapshot, to: str) -> Iterator[Flip]:
    """Each change tried that gives a definite or a conditional answer, evaluated again."""
    for edit in edits(asked, policies, to):
        after = decide(asked, apply_edit(edit, policies))
        reached = "denied" if _is_denied(after.decision) else after.decision
        if reached not in (to, "conditional"):
            continue
        change = change_of(edit, asked, snapshot)
        if change is not None:
            yield Flip(reached, change, after.conditions)


def _is_denied(decision: Decision) -> bool:
    return decision in ("explicit-deny", "implicit-deny")


# --- Which changes there are to try ---


def edits(asked: Asked, policies: PolicySet, to: str) -> Iterator[Edit]:
    """Changes worth trying, the smallest first; a boundary taken off, which opens all that it kept shut, is last."""
    for layer, kind in _OWN_LAYERS:
        yield from _at_statements(asked, policies, layer, kind, to)
    for policy in policies.identity.policies:
        if policy.origin.kind == "managed":
            yield Edit("detach-policy", "identity", policy.origin, None)
    if to == "denied":
        yield from _added_to_identity(asked, "Deny")
        return
    yield from _added(asked, policies, "boundary", "allow-in-boundary")
    yield from _added_to_identity(asked, "Allow")
    yield from _added(asked, policies, "resource", "allow-in-resource")
    for policy in policies.boundary.policies if policies.boundary else ():
        yield Edit("detach-boundary", "boundary", policy.origin, None)


def _at_statements(asked: Asked, policies: PolicySet, name: str, kind: PolicyKind, to: str) -> Iterator[Edit]:
    layer: Layer | None = getattr(policies, name)
    for policy in layer.policies if layer else ():
        document = policy.document.document
        for statement in policy.document.statements:
            miss = match_statement(statement, asked, _kind(kind, asked)).miss
            label = statement.sid or str(statement.index)
            if not miss and statement.allow == (to == "denied"):
                rest = without_statement(document, statement.index)
                if rest is not None or policy.origin.kind in ("inline", "resource"):
                    yield Edit("drop-statement", name, policy.origin, rest, label)
            loose = statement.allow and to == "allowed" and statement.conditions
            if loose and miss in ("", "condition"):
                edited = with_statement(document, statement.index, _unconditional)
                yield Edit("drop-condition", name, policy.origin, edited, label)


def _kind(kind: PolicyKind, asked: Asked) -> PolicyKind:
    return "trust" if kind == "resource" and is_role_trust(asked) else kind


def _unconditional(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Condition"}


def _added(asked: Asked, policies: PolicySet, name: str, id: str) -> Iterator[Edit]:
    """A policy that is there already, with one more statement that allows just this."""
    layer: Layer | None = getattr(policies, name)
    for policy in layer.policies if layer else ():
        statement = _statement(asked, "Allow")
        if name == "resource":
            statement["Principal"] = _principal(asked)
            if policy.origin.kind == "trust":
                del statement["Resource"]
        yield Edit(id, name, policy.origin, _with(policy.document.document, statement))


def _added_to_identity(asked: Asked, effect: str) -> Iterator[Edit]:
    if asked.caller.kind not in ("user", "role", "session"):
        return
    origin = Origin(ADDED_POLICY, "inline", asked.caller.principal)
    document = {"Version": "2012-10-17", "Statement": [_statement(asked, effect)]}
    yield Edit(f"{effect.lower()}-in-identity", "identity", origin, document)


def _statement(asked: Asked, effect: str) -> dict[str, Any]:
    return {"Effect": effect, "Action": asked.action, "Resource": asked.target.arn}


def _principal(asked: Asked) -> Any:
    caller = asked.caller
    if caller.kind == "anonymous":
        return "*"
    return {"Service" if caller.kind == "service" else "AWS": caller.principal or caller.arn}


def _with(document: Document, statement: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = document.as_json()
    present = value["Statement"] if isinstance(value["Statement"], list) else [value["Statement"]]
    return {**value, "Statement": [*present, statement]}


# --- The change to the policies, and to the account ---


def apply_edit(edit: Edit, policies: PolicySet) -> PolicySet:
    """The policies after one change."""
    layer: Layer = getattr(policies, edit.layer) or Layer()
    written = None if edit.document is None else Policy(edit.origin, compile_document(parse_document(edit.document)))
    is_there = any(policy.origin == edit.origin for policy in layer.policies)
    kept = [written if policy.origin == edit.origin else policy for policy in layer.policies]
    if written is not None and not is_there:
        kept.append(written)
    after: Layer | None = layer._replace(policies=tuple(policy for policy in kept if policy is not None))
    if edit.layer in ("boundary", "resource") and after is not None and not after.policies and not after.gaps:
        after = None
    if edit.layer == "identity":
        return policies._replace(identity=after or Layer())
    return policies._replace(boundary=after) if edit.layer == "boundary" else policies._replace(resource=after)


def change_of(edit: Edit, asked: Asked, snapshot: Snapshot) -> Change | None:
    """The calls that make the change in the account; `None` where there are none."""
    try:
        operations = tuple(_operations(edit, asked, snapshot))
        change = Change(
            id=f"flip-{edit.id}",
            title=_title(edit, asked),
            operations=operations,
            target=edit.origin.owner,
        )
        return with_undo(change, snapshot) if operations else None
    except (UsageError, EffectError, KeyError):
        return None


def _operations(edit: Edit, asked: Asked, snapshot: Snapshot) -> tuple[Operation, ...]:
    origin = edit.origin
    if edit.id == "detach-policy":
        kind, name = kind_and_name(snapshot, origin.owner)
        return (_call(snapshot, f"Detach{kind}Policy", {f"{kind}Name": name, "PolicyArn": origin.policy}),)
    if edit.id == "detach-boundary":
        kind, name = kind_and_name(snapshot, asked.caller.principal)
        return (_call(snapshot, f"Delete{kind}PermissionsBoundary", {f"{kind}Name": name}),)
    if origin.policy == ADDED_POLICY:
        if holder_of(snapshot, origin.owner) is None:
            return ()
        kind, name = kind_and_name(snapshot, origin.owner)
        parameters = {f"{kind}Name": name, "PolicyName": ADDED_POLICY, "PolicyDocument": edit.document}
        return (_call(snapshot, f"Put{kind}Policy", parameters),)
    place = find_place(snapshot, origin.kind, origin.policy, origin.owner)
    return remove(snapshot, place) if edit.document is None else write(snapshot, place, edit.document)


def _call(snapshot: Snapshot, operation: str, parameters: dict[str, Any]) -> Operation:
    return Operation("iam", operation, parameters, account=snapshot.account)


def _title(edit: Edit, asked: Asked) -> str:
    (wording,) = listed("flip-titles").table[edit.id]
    policy, owner = _short(edit.origin.policy), _short(edit.origin.owner)
    return wording.format(statement=edit.statement, policy=policy, action=asked.action, owner=owner)


def _short(arn: str) -> str:
    return arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
