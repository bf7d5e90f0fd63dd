"""Facts about policies: where they stand, whether they repeat, how near their limits they are, and last use of roles.

Limits are read from the account (GetAccountSummary), never assumed. Source: IAM User Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from advisor.advice.emergency import is_emergency
from advisor.advice.facts.lists import words
from advisor.advice.facts.moments import days_before
from advisor.advice.facts.registry import Question, fact
from advisor.advice.lint import Slip, lint_snapshot
from advisor.model.document import Document
from advisor.model.finding import Evidence, FactValue
from advisor.model.principal import Group, ManagedPolicy, Role, User
from advisor.model.snapshot import Snapshot

_DETAILS = "iam:GetAccountAuthorizationDetails"
_SUMMARY = "iam:GetAccountSummary"
_ADMINISTRATOR = "AdministratorAccess"
_PASS_ANY = "pass-any-role"
Holder = User | Group | Role


def holders(snapshot: Snapshot) -> Iterator[Holder]:
    """Everything in the account that can hold policies and that the account itself may edit."""
    yield from snapshot.users
    yield from snapshot.groups
    yield from (role for role in snapshot.roles if not role.is_service_linked and not role.is_identity_center)


@fact("policies.inline", "principals and groups with inline policies", _DETAILS)
def policies_inline(q: Question) -> FactValue:
    return q.listed(
        (holder.arn, q.seen(holder.arn, ", ".join(policy.name for policy in holder.inline)))
        for holder in holders(q.snapshot)
        if holder.inline
    )


@fact("policies.inline_same", "principals and groups whose inline policy says the same as another's", _DETAILS)
def policies_inline_same(q: Question) -> FactValue:
    places: dict[Document, list[tuple[Holder, str]]] = defaultdict(list)
    for holder in holders(q.snapshot):
        for policy in holder.inline:
            places[policy.document].append((holder, policy.name))
    seen: dict[str, Evidence] = {}
    for where in places.values():
        if len({holder.arn for holder, _ in where}) < 2:
            continue
        for holder, name in where:
            others = ", ".join(sorted({other.name for other, _ in where if other is not holder})[:3])
            seen.setdefault(holder.arn, q.seen(holder.arn, f"inline policy {name} says the same as that of {others}"))
    return q.listed(seen.items())


@fact("policies.unattached", "customer managed policies that nothing uses", _DETAILS)
def policies_unattached(q: Question) -> FactValue:
    used = {arn for holder in holders(q.snapshot) for arn in holder.attached}
    bounded: list[User | Role] = [*q.snapshot.users, *q.snapshot.roles]
    bounds = {one.boundary for one in bounded if one.boundary}

    def is_unused(policy: ManagedPolicy) -> bool:
        counted = (policy.attachment_count or 0) + (policy.boundary_count or 0)
        return not policy.is_aws_managed and not counted and policy.arn not in used and policy.arn not in bounds

    return q.listed(
        (policy.arn, q.seen(policy.arn, "attached to nothing, and no boundary"))
        for policy in q.snapshot.policies
        if is_unused(policy)
    )


@fact("policies.aws_wide", "principals and groups with a very wide AWS managed policy", _DETAILS)
def policies_aws_wide(q: Question) -> FactValue:
    named = set(words("wide-aws-policies"))
    seen = []
    for holder in holders(q.snapshot):
        wide = [arn.rsplit("/", 1)[-1] for arn in holder.attached if _is_wide(arn, named)]
        if wide:
            seen.append((holder.arn, q.seen(holder.arn, ", ".join(wide))))
    return q.listed(seen)


@fact(
    "policies.aws_wide_jobs",
    "principals and groups with a very wide AWS managed policy, administrators' left out",
    _DETAILS,
)
def policies_aws_wide_jobs(q: Question) -> FactValue:
    """An administrator's own policy is judged by who is administrator, not here."""
    named = set(words("wide-aws-policies")) - {_ADMINISTRATOR}
    seen = []
    for holder in holders(q.snapshot):
        names = [arn.rsplit("/", 1)[-1] for arn in holder.attached if _is_wide(arn, named)]
        if names:
            seen.append((holder.arn, q.seen(holder.arn, ", ".join(names))))
    return q.listed(seen)


def _is_wide(arn: str, named: set[str]) -> bool:
    name = arn.rsplit("/", 1)[-1]
    return arn.split(":")[4:5] == ["aws"] and (name in named or name.endswith("FullAccess"))


@fact("policies.headroom", "principals, groups and policies with less than {0} % room left", _SUMMARY, ("10",))
def policies_headroom(q: Question, percent: str) -> FactValue:
    summary = q.snapshot.settings.summary
    if not summary:
        return q.unknown()
    return q.listed(_tight(q, summary, int(percent)))


def _tight(q: Question, quotas: dict[str, int], percent: int) -> Iterator[tuple[str, Evidence]]:
    for holder in holders(q.snapshot):
        kind = type(holder).__name__
        size, limit = sum(_size(policy.document) for policy in holder.inline), quotas.get(f"{kind}PolicySizeQuota", 0)
        if holder.inline and _is_near(size, limit, percent):
            yield holder.arn, q.seen(holder.arn, f"inline policies use {size} of {limit} characters")
        most = quotas.get(f"AttachedPoliciesPer{kind}Quota", 0)
        if most and len(holder.attached) >= most - 1:
            yield holder.arn, q.seen(holder.arn, f"{len(holder.attached)} of {most} managed policies are attached")
    for policy in q.snapshot.policies:
        if policy.is_aws_managed:
            continue
        size, limit = _size(policy.document) if policy.document else 0, quotas.get("PolicySizeQuota", 0)
        if _is_near(size, limit, percent):
            yield policy.arn, q.seen(policy.arn, f"{size} of {limit} characters")
        versions = quotas.get("VersionsPerPolicyQuota", 0)
        if versions and len(policy.versions) >= versions:
            yield policy.arn, q.seen(policy.arn, f"{len(policy.versions)} of {versions} versions")


def _size(document: Document) -> int:
    """Characters that count: IAM leaves white space out."""
    return len("".join(document.text.split()))


def _is_near(size: int, limit: int, percent: int) -> bool:
    return bool(limit) and size * 100 > limit * (100 - percent)


def _slips(q: Question) -> tuple[Slip, ...]:
    return q.once("slips", lambda: lint_snapshot(q.snapshot))


@fact("policies.lint", "policies with a mistake that our linter finds", _DETAILS)
def policies_lint(q: Question) -> FactValue:
    found: dict[str, list[str]] = defaultdict(list)
    for slip in _slips(q):
        if slip.code != _PASS_ANY:
            found[slip.owner].append(f"{slip.code}: {slip.where}")
    return q.listed((owner, q.seen(owner, "; ".join(slips))) for owner, slips in found.items())


@fact("policies.pass_any_role", "policies that let their holders pass any role", _DETAILS)
def policies_pass_any_role(q: Question) -> FactValue:
    slips = {slip.owner: slip for slip in _slips(q) if slip.code == _PASS_ANY}
    return q.listed((owner, q.seen(owner, slip.where)) for owner, slip in slips.items())


@fact("policies.pass_statements", "statements that let one policy's holders pass any role", _DETAILS, ("",))
def policies_pass_statements(q: Question, owner: str) -> FactValue:
    slips = [one for one in _slips(q) if one.code == _PASS_ANY and one.owner == owner]
    return q.listed((one.statement, q.seen(owner, one.where)) for one in slips)


@fact(
    "policies.shared_by_kinds", "customer managed policies attached to users or groups and to roles as well", _DETAILS
)
def policies_shared_by_kinds(q: Question) -> FactValue:
    holding: list[User | Group] = [*q.snapshot.users, *q.snapshot.groups]
    people = {arn for holder in holding for arn in holder.attached}
    roles = {arn for role in q.snapshot.roles for arn in role.attached}
    own = sorted(arn for arn in people & roles if arn.split(":")[4:5] != ["aws"])
    return q.listed((arn, q.seen(arn, "attached to roles and to users or groups")) for arn in own)


@fact("policies.iac_roles", "roles that a CloudFormation stack made", _DETAILS)
def policies_iac_roles(q: Question) -> FactValue:
    def stack(role: Role) -> str:
        return dict(role.tags).get("aws:cloudformation:stack-name", "")

    made = [role for role in q.snapshot.roles if stack(role)]
    return q.listed((role.arn, q.seen(role.arn, f"made by the stack {stack(role)}")) for role in made)


@fact("roles.unused", "roles (emergency ones left out) that nobody used for {0} days", _DETAILS, ("90",))
def roles_unused(q: Question, days: str) -> FactValue:
    seen = []
    for role in q.snapshot.roles:
        age = days_before(role.created, q.snapshot.taken_at)
        if role.is_service_linked or role.is_identity_center or is_emergency(role) or age is None or age <= int(days):
            continue
        used = days_before(role.last_used, q.snapshot.taken_at)
        if used is None or used > int(days):
            detail = f"last used {used} days ago" if used is not None else f"made {age} days ago, no use on record"
            seen.append((role.arn, q.seen(role.arn, detail)))
    return q.listed(seen)


@fact("last_used", "days since a role (or user) was last used", _DETAILS, ("",))
def last_used(q: Question, name: str) -> FactValue:
    role = next((one for one in q.snapshot.roles if name in (one.arn, one.name)), None)
    if role is None:
        return q.unknown()
    used = days_before(role.last_used, q.snapshot.taken_at)
    return q.unknown() if used is None else q.word(used, f"last used {used} days ago", role.arn)
