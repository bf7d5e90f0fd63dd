"""The organization around the account, and how people from its directory come in."""

from __future__ import annotations

import msgspec

from advisor.model.document import Document
from advisor.model.gap import Gap


class NamedPolicy(msgspec.Struct, frozen=True):
    name: str
    document: Document
    id: str = ""


class Level(msgspec.Struct, frozen=True):
    """One level of the organization's tree with the policies attached to it: the root, an OU, or the account."""

    target: str
    policies: tuple[NamedPolicy, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Policies that are attached here and cannot be read: what they allow and deny is unknown."""


class Organization(msgspec.Struct, frozen=True):
    """What is known of the organization. `None` fields were not read.

    `scps` and `rcps` hold, for each account id, the levels from the root down to the account.
    """

    id: str = ""
    management_account: str = ""
    features: str | None = None
    """`ALL` or `CONSOLIDATED_BILLING`."""
    accounts: tuple[tuple[str, str], ...] | None = None
    """(account id, name) of each active account."""
    paths: tuple[tuple[str, str], ...] = ()
    """(account id, organization path `o-x/r-y/ou-z/`) where known."""
    policy_types: tuple[str, ...] | None = None
    scps: tuple[tuple[str, tuple[Level, ...]], ...] | None = None
    rcps: tuple[tuple[str, tuple[Level, ...]], ...] | None = None
    root_features: tuple[str, ...] | None = None
    """`RootCredentialsManagement`, `RootSessions`."""


class Entitlement(msgspec.Struct, frozen=True):
    """A person or group of a directory that may wear a role: by permission set or by account access manager."""

    kind: str
    """`permission-set` or `account-access`."""
    principal_kind: str
    """`user` or `group` of the identity store."""
    principal: str
    """Its name where it could be read, else its id."""
    role: str
    """ARN of the role in this account; for a permission set the `AWSReservedSSO_…` role."""
    permission_set: str = ""


class HumanAccess(msgspec.Struct, frozen=True):
    """Identity Center and account access manager. `None` fields were not read."""

    instance: str | None = None
    kind: str | None = None
    """`organization`, `account` or `none`."""
    entitlements: tuple[Entitlement, ...] | None = None
    applications: tuple[str, ...] | None = None
    session_tags: tuple[str, ...] | None = None
