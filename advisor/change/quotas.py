"""AWS's quotas for what a change touches: sizes without white space, attachments, versions.

The limits are those of the account itself (iam:GetAccountSummary) where it was read, else AWS's documented defaults.
Source: IAM User Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from advisor.change.documents import size_of
from advisor.model.snapshot import Snapshot

DEFAULTS = {
    "PolicySizeQuota": 6144, "UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240,
    "AssumeRolePolicySizeQuota": 2048, "AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10, "GroupsPerUserQuota": 10, "VersionsPerPolicyQuota": 5,
    "AccessKeysPerUserQuota": 2,
}  # fmt: skip


class Quota(msgspec.Struct, frozen=True):
    """One limit and what of it is used after the change. `is_live`: the limit was read from the account."""

    name: str
    subject: str
    used: int
    limit: int
    is_live: bool

    @property
    def fits(self) -> bool:
        return self.used <= self.limit


def quotas_for(before: Snapshot, after: Snapshot) -> tuple[Quota, ...]:
    """Every quota of everything that differs between the two snapshots."""
    known = after.settings.summary or {}
    found: list[Quota] = []
    for kind, field in (("User", "users"), ("Group", "groups"), ("Role", "roles")):
        seen = {id(holder) for holder in getattr(before, field)}
        for holder in getattr(after, field):
            if id(holder) not in seen:
                found += _holder(kind, holder, known)
    seen = {id(policy) for policy in before.policies}
    for policy in after.policies:
        if id(policy) not in seen and not policy.is_aws_managed:
            found += _policy(policy, known)
    return tuple(found)


def _quota(name: str, words: str, subject: str, used: int, known: dict[str, int]) -> Quota:
    return Quota(words, subject, used, known.get(name, DEFAULTS[name]), name in known)


def _holder(kind: str, holder: Any, known: dict[str, int]) -> Iterator[Quota]:
    inline = sum(size_of(policy.document) for policy in holder.inline)
    if inline:
        yield _quota(f"{kind}PolicySizeQuota", "characters of inline policies", holder.name, inline, known)
    yield _quota(f"AttachedPoliciesPer{kind}Quota", "attached policies", holder.name, len(holder.attached), known)
    if kind == "Role":
        yield _quota(
            "AssumeRolePolicySizeQuota", "characters of trust policy", holder.name, size_of(holder.trust), known
        )
    if kind == "User":
        yield _quota("GroupsPerUserQuota", "groups", holder.name, len(holder.groups), known)
        keys = len(holder.sign_in.keys or ())
        yield _quota("AccessKeysPerUserQuota", "access keys", holder.name, keys, known)


def _policy(policy: Any, known: dict[str, int]) -> Iterator[Quota]:
    yield _quota("PolicySizeQuota", "characters", policy.name, size_of(policy.document), known)
    yield _quota("VersionsPerPolicyQuota", "versions", policy.name, len(policy.versions), known)
