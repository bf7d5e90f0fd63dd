"""How people come in: Identity Center's assignments and account access manager's entitlements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.organization import Entitlement, HumanAccess, Organization
from advisor.model.principal import Role

SSO_PATH = "/aws-reserved/sso.amazonaws.com/"


def read(reading: Reading, roles: Sequence[Role], organization: Organization | None) -> Part:
    """What is known of both ways; fields that were not read stay `None`."""
    instances = reading.pages("sso-admin:ListInstances", "Instances", RegionScope="ALL_REGIONS")
    found = HumanAccess(kind=None if instances is None else "none")
    given: tuple[Entitlement, ...] | None = () if instances is not None else None
    if instances:
        instance = instances[0]
        kind = kind_of(instance, reading.account, organization)
        found = msgspec.structs.replace(found, instance=instance["InstanceArn"], kind=kind)
        given = _Directory(reading, instance).entitlements(roles)
        found = msgspec.structs.replace(found, session_tags=_session_tags(reading, instance))
    worn, applications = _account_access(reading)
    found = msgspec.structs.replace(found, entitlements=_joined(given, worn), applications=applications)
    return Part(human_access=found)


def kind_of(instance: dict[str, Any], account: str, organization: Organization | None) -> str:
    """`organization` where the management account owns the instance, else `account`: that kind opens no accounts."""
    owner = instance.get("OwnerAccountId", "")
    if organization is not None and owner == organization.management_account:
        return "organization"
    return "account" if owner == account else "organization"


def _joined(
    one: tuple[Entitlement, ...] | None, other: tuple[Entitlement, ...] | None
) -> tuple[Entitlement, ...] | None:
    return None if one is None and other is None else (*(one or ()), *(other or ()))


class _Directory:
    """One instance of Identity Center, asked in its own Region; names of its directory are read at most once."""

    def __init__(self, reading: Reading, instance: dict[str, Any]) -> None:
        self._reading = reading
        self._instance = instance["InstanceArn"]
        self._store = instance.get("IdentityStoreId", "")
        self._region = instance.get("PrimaryRegion")
        self._names: dict[str, dict[str, str]] = {}

    def entitlements(self, roles: Sequence[Role]) -> tuple[Entitlement, ...] | None:
        sets = self._reading.pages(
            "sso-admin:ListPermissionSetsProvisionedToAccount",
            "PermissionSets",
            self._region,
            partly=True,
            InstanceArn=self._instance,
            AccountId=self._reading.account,
        )
        if sets is None:
            return None
        return tuple(entry for arn in sets for entry in self._of_set(arn, roles))

    def _of_set(self, arn: str, roles: Sequence[Role]) -> list[Entitlement]:
        answer = self._reading.call(
            "sso-admin:DescribePermissionSet",
            self._region,
            resource=arn,
            InstanceArn=self._instance,
            PermissionSetArn=arn,
        )
        name = answer["PermissionSet"]["Name"] if answer else arn.rsplit("/", 1)[-1]
        assignments = self._reading.pages(
            "sso-admin:ListAccountAssignments",
            "AccountAssignments",
            self._region,
            partly=True,
            resource=arn,
            InstanceArn=self._instance,
            AccountId=self._reading.account,
            PermissionSetArn=arn,
        )
        role = role_of_set(name, roles)
        return [self._entitlement(entry, role, name) for entry in assignments or ()]

    def _entitlement(self, assignment: dict[str, Any], role: str, name: str) -> Entitlement:
        kind = assignment["PrincipalType"].lower()
        principal = self.name_of(kind, assignment["PrincipalId"])
        return Entitlement("permission-set", kind, principal, role, name)

    def name_of(self, kind: str, principal_id: str) -> str:
        """The name of a person or group, its id where names could not be read."""
        if kind not in self._names:
            self._names[kind] = self._fetch_names(kind)
        return self._names[kind].get(principal_id, principal_id)

    def _fetch_names(self, kind: str) -> dict[str, str]:
        call, key, ident, name = {
            "user": ("identitystore:ListUsers", "Users", "UserId", "UserName"),
            "group": ("identitystore:ListGroups", "Groups", "GroupId", "DisplayName"),
        }[kind]
        entries = self._reading.pages(call, key, self._region, partly=True, IdentityStoreId=self._store)
        return {entry[ident]: entry.get(name, entry[ident]) for entry in entries or ()}


def role_of_set(name: str, roles: Sequence[Role]) -> str:
    """The role that Identity Center made for a permission set: `AWSReservedSSO_<name>_<hash>`."""
    wanted = f"AWSReservedSSO_{name}"  # of the sets `Admin` and `Admin_Billing` one name begins like the other
    made = (role for role in roles if role.path.startswith(SSO_PATH))
    return next((role.arn for role in made if role.name.rpartition("_")[0] == wanted), "")


def _session_tags(reading: Reading, instance: dict[str, Any]) -> tuple[str, ...] | None:
    """Names of the attributes that sessions carry as tags."""
    answer = reading.call(
        "sso-admin:DescribeInstanceAccessControlAttributeConfiguration",
        instance.get("PrimaryRegion"),
        none=("ResourceNotFoundException",),
        InstanceArn=instance["InstanceArn"],
    )
    if answer is None:
        return None
    attributes = answer.get("InstanceAccessControlAttributeConfiguration", {}).get("AccessControlAttributes", ())
    return tuple(attribute["Key"] for attribute in attributes)


def _account_access(reading: Reading) -> tuple[tuple[Entitlement, ...] | None, tuple[str, ...] | None]:
    applications = reading.pages("account-access:ListApplications", "applications")
    if applications is None:
        return None, None
    arns = tuple(entry["applicationArn"] for entry in applications)
    found = [entry for arn in arns for entry in _entitlements_of(reading, arn)]
    return tuple(found), arns


def _entitlements_of(reading: Reading, application: str) -> list[Entitlement]:
    call = "account-access:ListEntitlements"
    entries = reading.pages(call, "entitlements", partly=True, resource=application, applicationArn=application)
    found = (entitlement_from_aws(entry, reading.account) for entry in entries or ())
    return [entry for entry in found if entry is not None]


def entitlement_from_aws(entry: dict[str, Any], account: str) -> Entitlement | None:
    """An entitlement of account access manager; `None` for one to another account's role."""
    worn = entry.get("entitlement", {}).get("principalRole", {})
    if worn.get("account", account) != account or not worn.get("roleArn"):
        return None
    who = worn.get("principal", {}).get("identityCenter", {})
    kind = "group" if "groupId" in who else "user"
    return Entitlement("account-access", kind, who.get(f"{kind}Id", ""), worn["roleArn"])
