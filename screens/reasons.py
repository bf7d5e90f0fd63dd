"""Reasons in words: which policy, which statement, through whom, and the text behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from advisor.model.condition_words import condition_words, conditions_words
from screens.signs import KINDS, mark
from screens.wording import account_in_fours, clean, joined, short_name

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.document import Condition, Document
    from advisor.model.gap import Gap
    from advisor.model.snapshot import Snapshot
    from advisor.model.verdict import Conditions, Reason

_OF_RESOURCE = {"resource", "grant", "share", "acl"}


def told(reason: Reason) -> Content:
    """`§ PayrollRead · 0 ReadPayroll`, `■ bucket policy · 0 AppRead`."""
    statement = f" · {reason.statement}" + (f" {clean(reason.sid)}" if reason.sid else "")
    if reason.kind in _OF_RESOURCE:
        what = {"resource": "its own policy", "grant": "a grant", "share": "a RAM share", "acl": "its ACL"}[reason.kind]
        return Content.assemble(mark(KINDS["resource"]), f" {what}{statement if reason.kind == 'resource' else ''}")
    name = "trust policy" if reason.kind == "trust" else short_name(reason.policy)
    return Content.assemble(mark(KINDS["policy"]), f" {name}{statement}")


_LIMITS = {"scp", "rcp", "endpoint", "boundary", "session"}


def granting(because: tuple[Reason, ...]) -> Reason | None:
    """The statement to name: the one that grants (or denies), not those that only let through."""
    return next((one for one in because if one.effect == "Deny" or one.kind not in _LIMITS), next(iter(because), None))


def through(reason: Reason) -> Content:
    """`through ≡ hr` where a group carries the policy; else empty."""
    if ":group/" not in reason.owner:
        return Content("")
    return Content.assemble("through ", mark(KINDS["group"]), f" {short_name(reason.owner)}")


def conditions_told(conditions: Conditions) -> str:
    """Any of the groups, each with all of its conditions."""
    return clean(conditions_words(conditions))


_SHORT = {
    "aws:securetransport is true": "TLS", "aws:securetransport is false": "no TLS",
    "aws:multifactorauthpresent is true": "MFA", "aws:multifactorauthpresent is false": "no MFA",
}  # fmt: skip


def conditions_short(conditions: Conditions) -> str:
    """The same for a narrow column: `MFA`, `TLS`, keys without `aws:`; the detail has it whole."""
    return " or ".join(" and ".join(map(_condition_short, group)) for group in conditions)


def _condition_short(condition: Condition) -> str:
    words = condition_words(condition)
    return _SHORT.get(words.lower(), clean(words).replace("aws:", ""))


def gap_told(gap: Gap) -> str:
    """What was not read, in few words."""
    if not gap.call:
        return clean(gap.reason or gap.makes_unknown)
    what = f"{short_name(gap.resource)} " if gap.resource else ""
    word = {"refused": "refused", "failed": "failed", "absent": "is not in the file"}.get(gap.kind, gap.kind)
    return f"{what}not read ({clean(gap.call)} {word})" if gap.call else clean(gap.makes_unknown)


def document_of(advisor: Advisor, reason: Reason) -> Document | None:
    """The text of the policy that a reason names; `None` where it is no policy or is not among the accounts."""
    for snapshot in advisor.snapshots:
        if (found := _document_in(snapshot, reason)) is not None:
            return found
    return None


def _document_in(snapshot: Snapshot, reason: Reason) -> Document | None:
    if reason.kind in ("managed", "boundary"):
        policy = snapshot.policy_by_arn.get(reason.policy)
        return policy.document if policy else None
    if reason.kind == "inline":
        holder = _holder(snapshot, reason.owner)
        inline = holder.inline if holder else ()
        return next((one.document for one in inline if one.name == reason.policy), None)
    if reason.kind == "trust":
        role = snapshot.role_by_arn.get(reason.owner)
        return role.trust if role else None
    if reason.kind == "resource":
        resource = snapshot.resource_by_arn.get(reason.owner)
        return resource.policy if resource else None
    return _organization_document(snapshot, reason) if reason.kind in ("scp", "rcp") else None


def _holder(snapshot: Snapshot, arn: str):  # type: ignore[no-untyped-def]
    found = snapshot.user_by_arn.get(arn) or snapshot.role_by_arn.get(arn)
    return found or next((group for group in snapshot.groups if group.arn == arn), None)


def _organization_document(snapshot: Snapshot, reason: Reason) -> Document | None:
    organization = snapshot.organization
    by_account = (organization.scps if reason.kind == "scp" else organization.rcps) if organization else None
    for _, levels in by_account or ():
        for level in levels:
            for policy in level.policies:
                if reason.policy in (policy.name, policy.id) and reason.owner in (level.target, ""):
                    return policy.document
    return None


def who(principal: str) -> str:
    """A principal's name for a list: the account id of an outside account, else the last part of the ARN."""
    if principal.endswith(":root") or principal.isdecimal():
        account = principal if principal.isdecimal() else principal.split(":")[4]
        return account_in_fours(account)
    return "everyone" if principal == "*" else short_name(principal)


def names(principals: Iterable[str], at_most: int = 3) -> str:
    return joined([who(one) for one in principals], at_most)
