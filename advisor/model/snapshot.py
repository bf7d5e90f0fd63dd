"""Everything known about one account at one time. Read-only: a change makes another snapshot that shares the rest."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from advisor.model.gap import Gap
from advisor.model.organization import HumanAccess, Organization
from advisor.model.principal import Group, ManagedPolicy, Role, SignIn, Tags, User
from advisor.model.resource import Compute, PublicAccessBlock, Resource


class Trail(msgspec.Struct, frozen=True):
    arn: str
    name: str
    home_region: str = ""
    multi_region: bool = False
    organization: bool = False
    logging: bool | None = None
    log_validation: bool | None = None
    bucket: str = ""


class Analyzer(msgspec.Struct, frozen=True):
    arn: str
    name: str
    region: str
    type: str
    status: str


class Provider(msgspec.Struct, frozen=True):
    """An identity provider of the account: `saml` or `oidc`."""

    arn: str
    kind: str
    url: str = ""
    audiences: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """Settings of the account as such. `None` means not read; an empty value means read and empty."""

    summary: dict[str, int] | None = None
    """GetAccountSummary's `SummaryMap`: counts and live quotas."""
    password_policy: dict[str, bool | int] | None = None
    """GetAccountPasswordPolicy's fields; an empty dict where the account has none and AWS's default holds."""
    root: SignIn | None = None
    root_mfa_virtual: bool | None = None
    providers: tuple[Provider, ...] | None = None
    instance_profiles: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    """(profile ARN, ARNs of its roles)."""
    trails: tuple[Trail, ...] | None = None
    analyzers: tuple[Analyzer, ...] | None = None
    regions: tuple[str, ...] | None = None
    """The enabled Regions that were read."""
    public_access_block: PublicAccessBlock | None = None
    plan: str | None = None
    """`FREE` or `PAID`."""
    caller: str | None = None
    """ARN of who collected, by sts:GetCallerIdentity."""
    extra: dict[str, Any] = {}
    """Values of set-up checks, by fact id, as plain JSON (`setup.D3`: {"eu-west-1": true})."""
    contacts: dict[str, bool] | None = None
    tags_seen: tuple[tuple[str, Tags], ...] | None = None
    """(ARN, tags) of tag:GetResources: only resources that are or were tagged."""


class Source(msgspec.Struct, frozen=True):
    """Where a snapshot came from: `live` (with profile and endpoint), `export`, `snapshot`, `demo` or `change`."""

    kind: str
    name: str = ""
    read_layers: tuple[str, ...] = ()
    """Layers that the source could hold and that were read: `identity`, `boundary`, `scp`, `rcp`, `resource`,
    `endpoint`.

    A layer not named here was never read: answers that rest on it say so (`assuming`)."""
    endpoint_url: str = ""
    """Where the calls went, when not to AWS's own endpoints."""


class Snapshot(msgspec.Struct, frozen=True, dict=True):
    """One account. Order of the tuples is the account's own; look-ups by ARN go through the cached mappings."""

    account: str
    source: Source
    taken_at: str
    """ISO 8601, UTC."""
    alias: str = ""
    partition: str = "aws"
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[ManagedPolicy, ...] = ()
    resources: tuple[Resource, ...] = ()
    compute: tuple[Compute, ...] = ()
    organization: Organization | None = None
    """`None`: not read (see the gaps) or, with `scp` among the read layers, the account is in none."""
    human_access: HumanAccess = HumanAccess()
    settings: Settings = Settings()
    gaps: tuple[Gap, ...] = ()

    @cached_property
    def user_by_arn(self) -> dict[str, User]:
        return {user.arn: user for user in self.users}

    @cached_property
    def role_by_arn(self) -> dict[str, Role]:
        return {role.arn: role for role in self.roles}

    @cached_property
    def group_by_name(self) -> dict[str, Group]:
        return {group.name: group for group in self.groups}

    @cached_property
    def policy_by_arn(self) -> dict[str, ManagedPolicy]:
        return {policy.arn: policy for policy in self.policies}

    @cached_property
    def resource_by_arn(self) -> dict[str, Resource]:
        return {resource.arn: resource for resource in self.resources}

    @cached_property
    def tags_by_arn(self) -> dict[str, Tags]:
        """Tags of what carries neither a policy nor a name of IAM: of instances and functions, and those that
        tag:GetResources told. What is not in it may have tags all the same.
        """
        found = {item.arn: item.tags for item in self.compute if item.tags}
        found.update((arn, tags) for arn, tags in self.settings.tags_seen or () if tags)
        return found

    @cached_property
    def gaps_by_resource(self) -> dict[str | None, tuple[Gap, ...]]:
        """Gaps by the thing that was not read; under `None` those of whole kinds of things."""
        found: dict[str | None, tuple[Gap, ...]] = {}
        for gap in self.gaps:
            found[gap.resource] = (*found.get(gap.resource, ()), gap)
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the content, not over the time and place of reading, as `sha256:` and hex digits."""
        from advisor.model.digest import digest_of

        return digest_of(self)
