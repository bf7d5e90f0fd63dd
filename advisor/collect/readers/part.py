"""What one reader found: a piece of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from advisor.model.organization import HumanAccess, Organization
from advisor.model.principal import Group, ManagedPolicy, Role, SignIn, Tags, User
from advisor.model.resource import Compute, Resource
from advisor.model.usage import Uses


class Part(msgspec.Struct, frozen=True):
    """A piece of a snapshot. `settings` holds fields of `Settings` by name, `extra` its set-up checks."""

    alias: str = ""
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[ManagedPolicy, ...] = ()
    resources: tuple[Resource, ...] = ()
    compute: tuple[Compute, ...] = ()
    organization: Organization | None = None
    human_access: HumanAccess | None = None
    sign_ins: dict[str, SignIn] = {}
    """By ARN of the user."""
    uses: dict[str, Uses] = {}
    """By ARN of the user or role."""
    role_details: dict[str, tuple[str, int]] = {}
    """Description and longest session in seconds by ARN of the role."""
    policy_details: dict[str, tuple[str, Tags]] = {}
    """Description and tags by ARN of the policy."""
    tags: tuple[tuple[str, Tags], ...] | None = None
    settings: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    layers: tuple[str, ...] = ()
    """Layers of evaluation that were really read."""


def extra_from(parts: Iterable[Part]) -> dict[str, Any]:
    """All set-up checks; those by Region (`{"eu-west-1": true}`) are put together."""
    found: dict[str, Any] = {}
    for part in parts:
        for fact, value in part.extra.items():
            known = found.get(fact)
            found[fact] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return {fact: found[fact] for fact in sorted(found)}
