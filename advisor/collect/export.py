"""Account exports: what `aws iam get-account-authorization-details` prints, in one piece or in pages.

Source: IAM API Reference, GetAccountAuthorizationDetails. Policies that are only used as a boundary are left out by
that call, and so are settings, policies of resources and the organization: they become gaps or are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Raw

from advisor.collect.documents import NOTHING, Documents, is_given
from advisor.errors import InputError
from advisor.model.arn import account_of, partition_of
from advisor.model.document import Document, parse_document
from advisor.model.gap import TRUST_POLICY, Gap
from advisor.model.principal import Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Tags, User

CALL = "iam:GetAccountAuthorizationDetails"
Date = str | int | float | None
Entry = TypeVar("Entry", User, Group, Role, ManagedPolicy)


class _Attached(msgspec.Struct, rename="pascal", gc=False):
    policy_arn: str


class _Inline(msgspec.Struct, rename="pascal", gc=False):
    policy_name: str
    policy_document: Raw


class _Boundary(msgspec.Struct, rename="pascal", gc=False):
    permissions_boundary_arn: str | None = None


class _Tag(msgspec.Struct, rename="pascal", gc=False):
    key: str
    value: str | None = ""


class _User(msgspec.Struct, rename="pascal", gc=False):
    arn: str
    user_name: str
    user_id: str | None = None
    path: str | None = None
    create_date: Date = None
    group_list: list[str] | None = None
    user_policy_list: list[_Inline] | None = None
    attached_managed_policies: list[_Attached] | None = None
    permissions_boundary: _Boundary | None = None
    tags: list[_Tag] | None = None


class _Group(msgspec.Struct, rename="pascal", gc=False):
    arn: str
    group_name: str
    group_id: str | None = None
    path: str | None = None
    create_date: Date = None
    group_policy_list: list[_Inline] | None = None
    attached_managed_policies: list[_Attached] | None = None


class _Profile(msgspec.Struct, rename="pascal", gc=False):
    arn: str


class _LastUsed(msgspec.Struct, rename="pascal", gc=False):
    last_used_date: Date = None
    region: str | None = None


class _Role(msgspec.Struct, rename="pascal", gc=False):
    arn: str
    role_name: str
    assume_role_policy_document: Raw
    role_id: str | None = None
    path: str | None = None
    create_date: Date = None
    role_policy_list: list[_Inline] | None = None
    attached_managed_policies: list[_Attached] | None = None
    permissions_boundary: _Boundary | None = None
    tags: list[_Tag] | None = None
    instance_profile_list: list[_Profile] | None = None
    role_last_used: _LastUsed | None = None
    description: str | None = None
    max_session_duration: int | None = None


class _Version(msgspec.Struct, rename="pascal", gc=False):
    version_id: str
    document: Raw = NOTHING
    is_default_version: bool | None = None
    create_date: Date = None


class _Policy(msgspec.Struct, rename="pascal", gc=False):
    arn: str
    policy_name: str
    policy_id: str | None = None
    path: str | None = None
    default_version_id: str | None = None
    attachment_count: int | None = None
    permissions_boundary_usage_count: int | None = None
    create_date: Date = None
    update_date: Date = None
    policy_version_list: list[_Version] | None = None
    tags: list[_Tag] | None = None


class Page(msgspec.Struct, rename="pascal", gc=False):
    """One page of an export. All lists left out: it is something else."""

    user_detail_list: list[_User] | None = None
    group_detail_list: list[_Group] | None = None
    role_detail_list: list[_Role] | None = None
    policies: list[_Policy] | None = None
    is_truncated: bool | None = None
    next_token: str | None = None
    schema: Raw = msgspec.field(name="schema", default=NOTHING)
    """Of a saved snapshot, which this is not then."""

    @property
    def is_export(self) -> bool:
        lists = (self.user_detail_list, self.group_detail_list, self.role_detail_list, self.policies)
        return any(entries is not None for entries in lists)

    @property
    def has_more(self) -> bool:
        """Whether AWS said that another page follows."""
        return bool(self.is_truncated or self.next_token)


class Part(msgspec.Struct):
    """What one page says of one account."""

    account: str
    partition: str
    users: list[User]
    groups: list[Group]
    roles: list[Role]
    policies: list[ManagedPolicy]
    has_more: bool = False


def parts_of(page: Page, documents: Documents) -> list[Part]:
    """The parts of a page, one for each account that its principals belong to; `account` is empty where it has none.

    A policy that cannot be read is left out and stands among the gaps of `documents`.
    """
    users = [_user(entry, at, documents) for at, entry in enumerate(page.user_detail_list or ())]
    groups = [_group(entry, at, documents) for at, entry in enumerate(page.group_detail_list or ())]
    roles = [_role(entry, at, documents) for at, entry in enumerate(page.role_detail_list or ())]
    policies = [_policy(entry, at, documents) for at, entry in enumerate(page.policies or ())]
    principals: list[User | Group | Role] = [*users, *groups, *roles]
    accounts = list(dict.fromkeys(account_of(entry.arn) for entry in principals))
    if not accounts:
        accounts = [next((account_of(entry.arn) for entry in policies if not entry.is_aws_managed), "")]
    if len(accounts) == 1:
        arn = principals[0].arn if principals else ""
        return [Part(accounts[0], partition_of(arn), users, groups, roles, policies, page.has_more)]
    return [
        Part(
            account,
            next(partition_of(entry.arn) for entry in principals if account_of(entry.arn) == account),
            [entry for entry in users if account_of(entry.arn) == account],
            [entry for entry in groups if account_of(entry.arn) == account],
            [entry for entry in roles if account_of(entry.arn) == account],
            [entry for entry in policies if account_of(entry.arn) in (account, "aws") or account == accounts[0]],
            page.has_more,
        )
        for account in accounts
    ]


def _user(entry: _User, at: int, documents: Documents) -> User:
    return User(
        arn=entry.arn,
        name=entry.user_name,
        id=entry.user_id or "",
        path=entry.path or "/",
        created=date_of(entry.create_date),
        groups=tuple(entry.group_list or ()),
        inline=_inline(entry.arn, entry.user_policy_list, documents, f"UserDetailList[{at}].UserPolicyList"),
        attached=_attached(entry.attached_managed_policies),
        boundary=entry.permissions_boundary.permissions_boundary_arn if entry.permissions_boundary else None,
        tags=_tags(entry.tags),
    )


def _group(entry: _Group, at: int, documents: Documents) -> Group:
    return Group(
        arn=entry.arn,
        name=entry.group_name,
        id=entry.group_id or "",
        path=entry.path or "/",
        created=date_of(entry.create_date),
        inline=_inline(entry.arn, entry.group_policy_list, documents, f"GroupDetailList[{at}].GroupPolicyList"),
        attached=_attached(entry.attached_managed_policies),
    )


def _role(entry: _Role, at: int, documents: Documents) -> Role:
    used = entry.role_last_used
    profiles = entry.instance_profile_list
    return Role(
        arn=entry.arn,
        name=entry.role_name,
        trust=_trust(entry, at, documents),
        id=entry.role_id or "",
        path=entry.path or "/",
        created=date_of(entry.create_date),
        inline=_inline(entry.arn, entry.role_policy_list, documents, f"RoleDetailList[{at}].RolePolicyList"),
        attached=_attached(entry.attached_managed_policies),
        boundary=entry.permissions_boundary.permissions_boundary_arn if entry.permissions_boundary else None,
        tags=_tags(entry.tags),
        instance_profiles=tuple(profile.arn for profile in profiles) if profiles else (),
        last_used=date_of(used.last_used_date) if used else None,
        last_used_region=used.region if used else None,
        description=entry.description,
        max_session_seconds=entry.max_session_duration,
    )


def _trust(entry: _Role, at: int, documents: Documents) -> Document:
    gap = Gap(TRUST_POLICY, "failed", "", "who may assume this role", entry.arn)
    place = f"RoleDetailList[{at}].AssumeRolePolicyDocument"
    return documents.attempt(entry.assume_role_policy_document, place, gap) or NOBODY


NOBODY = parse_document({"Version": "2012-10-17", "Statement": []})
"""Stands in for a trust policy that cannot be read; the gap says so."""


def _policy(entry: _Policy, at: int, documents: Documents) -> ManagedPolicy:
    found = (
        _version(entry, version, f"Policies[{at}].PolicyVersionList[{number}].Document", documents)
        for number, version in enumerate(entry.policy_version_list or ())
        if is_given(version.document)
    )
    versions = tuple(version for version in found if version is not None)
    return ManagedPolicy(
        arn=entry.arn,
        name=entry.policy_name,
        versions=versions,
        id=entry.policy_id or "",
        path=entry.path or "/",
        attachment_count=entry.attachment_count,
        boundary_count=entry.permissions_boundary_usage_count,
        created=date_of(entry.create_date),
        updated=date_of(entry.update_date),
        tags=_tags(entry.tags),
    )


def _version(policy: _Policy, version: _Version, place: str, documents: Documents) -> PolicyVersion | None:
    is_default = _is_default(version, policy)
    hidden = policy.arn if is_default else f"{policy.arn} {version.version_id}"
    unknown = "what its holders can do through this policy" if is_default else "what this version would allow"
    document = documents.attempt(version.document, place, Gap(CALL, "failed", "", unknown, hidden))
    if document is None:
        return None
    return PolicyVersion(version.version_id, document, is_default, date_of(version.create_date))


def _is_default(version: _Version, policy: _Policy) -> bool:
    """`DefaultVersionId` decides: the flag of a version is left out or out of date in some exports."""
    if policy.default_version_id:
        return version.version_id == policy.default_version_id
    return bool(version.is_default_version)


def _inline(holder: str, entries: list[_Inline] | None, documents: Documents, place: str) -> tuple[InlinePolicy, ...]:
    if not entries:
        return ()
    found = []
    for number, entry in enumerate(entries):
        gap = Gap(CALL, "failed", "", f"what the inline policy {entry.policy_name} allows and denies", holder)
        document = documents.attempt(entry.policy_document, f"{place}[{number}].PolicyDocument", gap)
        if document is not None:
            found.append(InlinePolicy(entry.policy_name, document))
    return tuple(found)


def _attached(entries: list[_Attached] | None) -> tuple[str, ...]:
    return tuple(entry.policy_arn for entry in entries) if entries else ()


def _tags(entries: list[_Tag] | None) -> Tags:
    return tuple((tag.key, tag.value or "") for tag in entries) if entries else ()


def date_of(value: Date) -> str | None:
    """A time as ISO 8601 in UTC: exports hold it as AWS prints it, as Python's `str` writes it, or in epoch seconds."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return _from_epoch(value)
    if value[10:11] == " ":
        value = f"{value[:10]}T{value[11:]}"
    if value.endswith(("+00:00", "Z")):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _from_epoch(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def missing_things(
    account: str,
    partition: str,
    principals: Iterable[User | Role],
    groups: Sequence[Group],
    policies: Sequence[ManagedPolicy],
    unreadable: Iterable[Gap] = (),
) -> tuple[Gap, ...]:
    """Gaps for things that the export names and does not hold: policies, boundaries and groups."""
    known = {policy.arn for policy in policies if policy.document is not None} | {gap.resource for gap in unreadable}
    names = {group.name for group in groups}
    gaps: dict[str, Gap] = {}
    holders: list[User | Role | Group] = [*principals, *groups]
    for holder in holders:
        for arn in holder.attached:
            if arn not in known and arn not in gaps:
                gaps[arn] = _absent(arn, "what its holders can do through this policy", "policy")
        if isinstance(holder, Group):
            continue
        if holder.boundary and holder.boundary not in known and holder.boundary not in gaps:
            gaps[holder.boundary] = _absent(holder.boundary, "what this permissions boundary lets through", "policy")
        for name in holder.groups if isinstance(holder, User) else ():
            arn = f"arn:{partition}:iam::{account}:group/{name}"
            if name not in names and arn not in gaps:
                gaps[arn] = _absent(arn, "what members can do through this group", "group")
    return tuple(gaps.values())


def _absent(arn: str, makes_unknown: str, kind: str) -> Gap:
    return Gap(CALL, "absent", f"the export names this {kind} and does not hold it", makes_unknown, arn)


def truncated(parts: Sequence[Part]) -> tuple[Gap, ...]:
    """The gap of an export whose last page is missing."""
    if not any(part.has_more for part in parts) or any(not part.has_more for part in parts):
        return ()
    reason = "the last page of the export is missing"
    return (Gap(CALL, "absent", reason, "principals and policies on the pages that are missing"),)


def merged(lists: Iterable[list[Entry]], file: str) -> tuple[Entry, ...]:
    """One tuple out of the lists of all pages, each thing once.

    Raises:
        InputError: two pages say different things of one ARN, so they are not of one reading.
    """
    found: dict[str, Entry] = {}
    for entry in (entry for entries in lists for entry in entries):
        known = found.setdefault(entry.arn, entry)
        if known is not entry and known != entry:
            raise InputError(f"`{entry.arn}` is there twice with different content", file=file)
    return tuple(found.values())
