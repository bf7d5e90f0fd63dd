"""The policy text behind an edge of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.reasons import conditions_short
from screens.wording import short_name

if TYPE_CHECKING:
    from advisor.model.document import Document
    from advisor.model.snapshot import Snapshot
    from screens.neighbourhood import Edge


def policy_behind(snapshot: Snapshot, edge: Edge) -> tuple[str, Document, tuple[int, ...]] | None:
    """(name, text, statements that make the edge); `None` where no policy that was read makes it."""
    statement = edge.data.get("statement")
    marked = (statement,) if isinstance(statement, int) else ()
    by, kind = str(edge.data.get("by") or ""), edge.data.get("kind")
    for arn in (by, edge.target, edge.source):
        found = _document(snapshot, arn)
        if found is not None:
            return short_name(arn.partition("#")[2] or arn), found, marked if arn == (by or arn) else ()
    role = snapshot.role_by_arn.get(edge.target if kind == "can-assume" else edge.source)
    if kind in ("can-assume", "trusts") and role is not None:
        return f"{role.name} trust policy", role.trust, marked
    return None


def condition_of(snapshot: Snapshot, edge: Edge) -> str:
    """`MFA`: what the edge hangs on, in few words; empty where no statement that was read tells."""
    found = policy_behind(snapshot, edge)
    if found is None:
        return ""
    _, document, marked = found
    conditions = [document.statements[at].conditions for at in marked if at < len(document.statements)]
    return conditions_short(tuple(group for group in conditions if group))


def _document(snapshot: Snapshot, arn: str) -> Document | None:
    """The text of a managed policy, of an inline one (`ARN of its holder#name`) or of a resource."""
    if policy := snapshot.policy_by_arn.get(arn):
        return policy.document
    if resource := snapshot.resource_by_arn.get(arn):
        return resource.policy
    holder_arn, _, name = arn.partition("#")
    group = next((group for group in snapshot.groups if group.arn == holder_arn), None)
    holder = snapshot.user_by_arn.get(holder_arn) or snapshot.role_by_arn.get(holder_arn) or group
    return next((one.document for one in holder.inline if one.name == name), None) if holder and name else None
