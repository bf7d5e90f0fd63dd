"""The JSON shapes of the contract: each field that the contract promises is there, optional ones only when known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.model.difference import parted

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.graph.paths import Hop, Path
    from advisor.model.change import Change, Flip, Impact, Operation
    from advisor.model.difference import AccessChange, Difference
    from advisor.model.document import Condition
    from advisor.model.finding import Evidence, Finding, PracticeResult
    from advisor.model.gap import Gap
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Answer, Conditions, LayerOutcome, Permission, Reason, Verdict

Shape = dict[str, Any]


def envelope(command: str, account: Advisor) -> Shape:
    """How every document about an account begins."""
    snapshots = account.snapshots
    head: Shape = {"schema": f"advisor/{command}/1", "account": account_shape(snapshots[0])}
    if len(snapshots) > 1:
        head["accounts"] = [account_shape(snapshot) for snapshot in snapshots]
    head["snapshot"] = snapshot_shape(snapshots[0])
    head["coverage"] = {"gaps": [gap_shape(gap) for snapshot in snapshots for gap in snapshot.gaps]}
    return head


def account_shape(snapshot: Snapshot) -> Shape:
    return {"id": snapshot.account, **({"alias": snapshot.alias} if snapshot.alias else {})}


def snapshot_shape(snapshot: Snapshot) -> Shape:
    """`source` is the kind of source; `name` the file, profile or endpoint where it has one."""
    source = snapshot.source
    return {
        "digest": snapshot.digest,
        "taken_at": snapshot.taken_at,
        "source": source.kind,
        **({"name": source.name} if source.name else {}),
    }


def gap_shape(gap: Gap) -> Shape:
    shape = {"call": gap.call, "kind": gap.kind, "reason": gap.reason, "makes_unknown": gap.makes_unknown}
    return {**shape, "resource": gap.resource} if gap.resource is not None else shape


def gap_shapes(gaps: Iterable[Gap]) -> list[Shape]:
    return [gap_shape(gap) for gap in gaps]


def reason_shape(reason: Reason) -> Shape:
    shape: Shape = {
        "policy": reason.policy,
        "kind": reason.kind,
        "owner": reason.owner,
        "statement": reason.statement,
        "effect": reason.effect,
    }
    return {**shape, "sid": reason.sid} if reason.sid is not None else shape


def reason_shapes(reasons: Iterable[Reason]) -> list[Shape]:
    return [reason_shape(reason) for reason in reasons]


def condition_shape(condition: Condition) -> Shape:
    shape: Shape = {"operator": condition.operator, "key": condition.key, "values": list(condition.values)}
    return {**shape, "unless": True} if condition.unless else shape


def condition_shapes(conditions: Conditions) -> list[list[Shape]]:
    return [[condition_shape(condition) for condition in group] for group in conditions]


def witness_shape(verdict: Verdict) -> dict[str, list[str]]:
    """The context that was evaluated to allowed, with its keys written as the policies write them."""
    written = {item.key.lower(): item.key for group in verdict.conditions for item in group}
    return {written.get(key.lower(), key): list(values) for key, values in (verdict.witness or {}).items()}


def answer_shape(answer: Answer) -> Shape:
    """One principal of `who-can`."""
    return {
        "principal": answer.principal,
        "kind": answer.kind,
        "decision": answer.decision,
        "conditions": condition_shapes(answer.conditions),
        "because": reason_shapes(answer.because),
        "gaps": gap_shapes(answer.gaps),
        "assuming": list(answer.assuming),
        **{
            name: list(values)
            for name, values in (("actions", answer.actions), ("resources", answer.resources), ("via", answer.via))
            if values is not None
        },
    }


def layer_shape(layer: LayerOutcome) -> Shape:
    shape: Shape = {"layer": layer.layer, "outcome": layer.outcome, "reasons": reason_shapes(layer.reasons)}
    return {**shape, "detail": layer.detail} if layer.detail else shape


def permission_shape(permission: Permission) -> Shape:
    """One action of `what-can`."""
    return {
        "action": permission.action,
        "decision": permission.decision,
        "resources": list(permission.resources),
        "conditions": condition_shapes(permission.conditions),
        "because": reason_shapes(permission.because),
        "gaps": gap_shapes(permission.gaps),
        "assuming": list(permission.assuming),
    }


def change_shape(change: Change, *, with_impact: bool = False) -> Shape:
    """A change; its impact where the command shows it."""
    shape: Shape = {
        "id": change.id,
        "title": change.title,
        "operations": [operation_shape(operation) for operation in change.operations],
        "undo": [operation_shape(operation) for operation in change.undo],
        "reversible": change.reversible,
    }
    for name in ("template", "target", "note"):
        if getattr(change, name):
            shape[name] = getattr(change, name)
    if change.needs:
        shape["needs"] = [{"name": name, "what": what} for name, what in change.needs]
    if change.by_hand:
        shape["by_hand"] = list(change.by_hand)
    if with_impact and change.impact is not None:
        shape["impact"] = impact_shape(change.impact)
    return shape


def impact_shape(impact: Impact | Difference) -> Shape:
    """What a change gives and takes; what nobody can tell from then on is neither, and stands apart."""
    parts = parted(impact.gained, impact.lost)
    shape = {"gained": parts.gained, "lost": parts.lost, **({"unknown": parts.unknown} if parts.unknown else {})}
    return {name: [access_shape(item) for item in items] for name, items in shape.items()}


def flip_shape(flip: Flip) -> Shape:
    """One smallest change that turns an answer."""
    shape: Shape = {"to": flip.to, "change": change_shape(flip.change)}
    if flip.conditions:
        shape["conditions"] = condition_shapes(flip.conditions)
    return shape


def operation_shape(operation: Operation) -> Shape:
    shape: Shape = {"service": operation.service, "operation": operation.operation, "parameters": operation.parameters}
    for name in ("id", "account", "region"):
        if getattr(operation, name) is not None:
            shape[name] = getattr(operation, name)
    return shape


def access_shape(item: AccessChange | Any) -> Any:
    """One principal's gain or loss; values that are JSON already stay as they are."""
    if not isinstance(item, msgspec.Struct):
        return item
    shape: Shape = msgspec.to_builtins(item)
    conditions: Conditions | None = getattr(item, "conditions", None)
    if conditions is not None:
        shape["conditions"] = condition_shapes(conditions)
    return shape


def evidence_shapes(evidence: Iterable[Evidence]) -> list[Shape]:
    return [
        {"subject": item.subject, "detail": item.detail, **({"call": item.call} if item.call else {})}
        for item in evidence
    ]


def practice_shape(practice: PracticeResult) -> Shape:
    return {
        "id": practice.id,
        "title": practice.title,
        "status": practice.status,
        "evidence": evidence_shapes(practice.evidence),
        "gaps": gap_shapes(practice.gaps),
    }


def finding_shape(finding: Finding, *, with_impact: bool = False) -> Shape:
    return {
        "id": finding.id,
        "practice": finding.practice,
        "severity": finding.severity,
        "status": finding.status,
        "title": finding.title,
        "resources": list(finding.resources),
        "evidence": evidence_shapes(finding.evidence),
        "changes": [change_shape(change, with_impact=with_impact) for change in finding.changes],
        "sources": list(finding.sources),
        "detail": finding.detail,
        "gaps": gap_shapes(finding.gaps),
    }


def path_shape(path: Path) -> Shape:
    """One way to power."""
    return {
        "source": path.source,
        "target": path.target,
        "status": path.status,
        "hops": [hop_shape(hop) for hop in path.hops],
    }


def hop_shape(hop: Hop) -> Shape:
    return {
        "technique": hop.technique,
        "title": hop.title,
        "actor": hop.actor,
        "target": hop.target,
        "requires": [
            {"action": need.action, "resource": need.resource, "because": reason_shapes(need.because)}
            for need in hop.requires
        ],
        "conditions": condition_shapes(hop.conditions),
        "state": hop.state,
        "gaps": gap_shapes(hop.gaps),
    }
