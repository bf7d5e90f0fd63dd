"""Principals and policies: GetAccountAuthorizationDetails, and the policies that it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from advisor.collect.documents import Documents
from advisor.collect.export import Page, merged, parts_of
from advisor.collect.readers.part import Part
from advisor.collect.readers.times import date_from_aws
from advisor.collect.reading import Reading
from advisor.errors import InputError
from advisor.model.principal import Group, ManagedPolicy, PolicyVersion, Role, Tags, User

CALL = "iam:GetAccountAuthorizationDetails"
PAGE = 1000
"""The most that AWS gives in one page."""


def read(reading: Reading) -> Part:
    """Users, groups, roles and policies with all versions; policies that are only boundaries too."""
    documents = reading.documents
    pages = fetch_pages(reading)
    if not pages:
        return Part()
    try:
        part = part_from_aws(pages, documents)
    except (InputError, msgspec.MsgspecError) as error:
        reading.miss(CALL, "failed", f"the answer cannot be read: {error}")
        return Part()
    missing = _policies_left_out(part)
    extra = reading.each("boundary policies", missing, lambda arn: _fetch_policy(reading, arn, documents))
    return msgspec.structs.replace(part, policies=(*part.policies, *(policy for policy in extra if policy)))


def fetch_pages(reading: Reading) -> list[dict[str, Any]]:
    """All pages as boto3 gives them."""
    pages: list[dict[str, Any]] = []
    token: dict[str, Any] = {}
    count = 0
    while True:
        page = reading.call(CALL, MaxItems=PAGE, **token)
        if page is None:
            return pages
        pages.append(page)
        count += sum(len(page.get(key, ())) for key in ("UserDetailList", "GroupDetailList", "RoleDetailList"))
        reading.report("principals", count, None)
        if not page.get("IsTruncated") or not page.get("Marker"):
            return pages
        token = {"Marker": page["Marker"]}


def part_from_aws(pages: Sequence[dict[str, Any]], documents: Documents) -> Part:
    """The same values as an export of the account gives: the pages go through the same conversion."""
    parts = [part for page in pages for part in parts_of(_as_export(page), documents)]
    return Part(
        users=merged([part.users for part in parts], CALL),
        groups=merged([part.groups for part in parts], CALL),
        roles=merged([part.roles for part in parts], CALL),
        policies=merged([part.policies for part in parts], CALL),
        layers=("identity", "boundary"),
    )


def _as_export(page: dict[str, Any]) -> Page:
    lists = {key: page.get(key) or [] for key in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")}
    for policy in lists["Policies"]:
        policy.setdefault("PolicyName", policy["Arn"].rsplit("/", 1)[-1])
    return msgspec.json.decode(msgspec.json.encode(lists), type=Page)


def read_details(reading: Reading, policies: Sequence[ManagedPolicy]) -> Part:
    """What the account's details leave out and only a look at the thing tells, so that what is deleted can come back.

    Descriptions and session lengths of roles come with ListRoles in pages; description and tags of a policy of the
    account with GetPolicy only.
    """
    roles = {
        role["Arn"]: (role.get("Description") or "", int(role.get("MaxSessionDuration") or 3600))
        for role in reading.pages("iam:ListRoles", "Roles", partly=True, MaxItems=PAGE) or ()
    }
    own = [policy.arn for policy in policies if not policy.is_aws_managed]
    # who is refused one is refused all: one gap says so
    first = [_details_of(reading, arn) for arn in own[:1]]
    others = own[1:] if any(first) else []
    rest = reading.each("details of policies", others, lambda arn: _details_of(reading, arn))
    told = {arn: found for arn, found in zip(own, (*first, *rest), strict=False) if found is not None}
    return Part(role_details=roles, policy_details=told)


def _details_of(reading: Reading, arn: str) -> tuple[str, Tags] | None:
    answer = reading.call("iam:GetPolicy", PolicyArn=arn)
    return None if answer is None else (answer["Policy"].get("Description") or "", tags_from_aws(answer["Policy"]))


def tags_from_aws(thing: dict[str, Any]) -> Tags:
    return tuple((tag["Key"], tag.get("Value") or "") for tag in thing.get("Tags") or ())


def _policies_left_out(part: Part) -> list[str]:
    """ARNs that principals name and the answer does not hold: AWS managed policies that are only boundaries."""
    known = {policy.arn for policy in part.policies if policy.document is not None}
    bounded: list[User | Role] = [*part.users, *part.roles]
    holders: list[User | Group | Role] = [*bounded, *part.groups]
    named = [entry.boundary for entry in bounded if entry.boundary]
    named += [arn for entry in holders for arn in entry.attached]
    return sorted({arn for arn in named if arn not in known})


def _fetch_policy(reading: Reading, arn: str, documents: Documents) -> ManagedPolicy | None:
    answer = reading.call("iam:GetPolicy", resource=arn, PolicyArn=arn)
    if answer is None:
        return None
    version_id = answer["Policy"].get("DefaultVersionId", "v1")
    version = reading.call("iam:GetPolicyVersion", resource=arn, PolicyArn=arn, VersionId=version_id)
    try:
        return policy_from_aws(answer["Policy"], version["PolicyVersion"] if version else None, documents)
    except InputError as error:
        reading.miss("iam:GetPolicyVersion", "failed", f"the policy cannot be read: {error}", resource=arn)
        return policy_from_aws(answer["Policy"], None, documents)


def policy_from_aws(policy: dict[str, Any], version: dict[str, Any] | None, documents: Documents) -> ManagedPolicy:
    """One policy from GetPolicy, with the version from GetPolicyVersion where that was read."""
    versions = () if version is None else (version_from_aws(version, policy["Arn"], documents),)
    return ManagedPolicy(
        arn=policy["Arn"],
        name=policy.get("PolicyName") or policy["Arn"].rsplit("/", 1)[-1],
        versions=versions,
        id=policy.get("PolicyId", ""),
        path=policy.get("Path", "/"),
        attachment_count=policy.get("AttachmentCount"),
        boundary_count=policy.get("PermissionsBoundaryUsageCount"),
        created=date_from_aws(policy.get("CreateDate")),
        updated=date_from_aws(policy.get("UpdateDate")),
        tags=tags_from_aws(policy),
        description=policy.get("Description") or "",
    )


def version_from_aws(version: dict[str, Any], arn: str, documents: Documents) -> PolicyVersion:
    return PolicyVersion(
        id=version["VersionId"],
        document=documents.read(msgspec.json.encode(version["Document"]), arn),
        is_default=version.get("IsDefaultVersion", True),
        created=date_from_aws(version.get("CreateDate")),
    )
