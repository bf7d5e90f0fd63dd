"""The story of the demo account, from `assets/demo/story.yaml`: who is there, what they may do, and since when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from advisor.reference.data import data_folder

Tags = dict[str, str]
Statements = list[dict[str, Any]]


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    """Base of all parts: a misspelt key is an error, not silence."""


class Account(_Part):
    id: str
    alias: str
    regions: list[str]
    caller: str = ""
    """Role that the app wears."""


class Root(_Part):
    mfa: bool
    password_used: int
    """Days ago, as every age in the story."""
    days: int
    keys: list[Key] = []


class Key(_Part):
    days: int
    used: int | None = None
    service: str = ""
    region: str = ""
    active: bool = True


class User(_Part):
    name: str
    days: int
    path: str = "/"
    groups: list[str] = []
    attached: list[str] = []
    inline: dict[str, Statements] = {}
    boundary: str = ""
    tags: Tags = {}
    password: bool = False
    password_used: int | None = None
    password_changed: int | None = None
    mfa: list[str] = []
    """Each `app` or `key`."""
    keys: list[Key] = []
    ssh_keys: int = 0


class Group(_Part):
    name: str
    days: int
    attached: list[str] = []
    inline: dict[str, Statements] = {}


class Role(_Part):
    name: str
    days: int
    trust: Statements
    path: str = "/"
    attached: list[str] = []
    inline: dict[str, Statements] = {}
    boundary: str = ""
    tags: Tags = {}
    description: str = ""
    used: int | None = None
    instance_profile: bool = False
    hours: int = 1


class Policy(_Part):
    name: str
    days: int
    versions: list[Statements]
    """Oldest first; the last is in force."""
    path: str = "/"
    description: str = ""


class OidcProvider(_Part):
    url: str
    audiences: list[str]


class Iam(_Part):
    root: Root
    password_policy: dict[str, int | bool]
    policies: list[Policy]
    groups: list[Group]
    users: list[User]
    roles: list[Role]
    oidc: list[OidcProvider] = []
    saml: list[str] = []


class Unit(_Part):
    name: str
    within: str = ""
    """Name of the unit above; the root when empty."""


class Member(_Part):
    id: str
    name: str
    unit: str


class Guardrail(_Part):
    name: str
    at: str
    """`root`, or the name of a unit."""
    statements: Statements


class Organization(_Part):
    management: str
    units: list[Unit]
    accounts: list[Member]
    scps: list[Guardrail]
    rcps: list[Guardrail]


class DirectoryGroup(_Part):
    name: str
    users: list[str]


class PermissionSet(_Part):
    name: str
    hours: int
    groups: list[str]
    users: list[str] = []


class IdentityCenter(_Part):
    region: str
    groups: list[DirectoryGroup]
    sets: list[PermissionSet]


class Policied(_Part):
    """A resource with a policy of its own."""

    name: str
    region: str
    tags: Tags = {}
    policy: Statements = []


class Bucket(Policied):
    block: bool = False
    ownership: str = "BucketOwnerEnforced"


class AccessPoint(_Part):
    name: str
    bucket: str
    region: str
    policy: Statements


class KeyGrant(_Part):
    to: str
    operations: list[str]
    context: Tags = {}


class KmsKey(Policied):
    grants: list[KeyGrant] = []


class Caller(_Part):
    sid: str
    principal: str
    source: str


class Function(_Part):
    name: str
    region: str
    role: str
    tags: Tags = {}
    callers: list[Caller] = []


class Instance(_Part):
    name: str
    region: str
    tokens: str
    profile: str = ""
    tags: Tags = {}


class Task(_Part):
    family: str
    region: str
    role: str
    execution: str


class Resources(_Part):
    buckets: list[Bucket] = []
    access_points: list[AccessPoint] = []
    keys: list[KmsKey] = []
    queues: list[Policied] = []
    topics: list[Policied] = []
    secrets: list[Policied] = []
    repositories: list[Policied] = []
    functions: list[Function] = []
    instances: list[Instance] = []
    tasks: list[Task] = []


class Trail(_Part):
    name: str
    region: str
    bucket: str
    multi_region: bool
    validation: bool


class Analyzer(_Part):
    name: str
    region: str
    type: str


class Budget(_Part):
    name: str
    amount: int
    told: list[str]


class RootAlarm(_Part):
    rule: str
    topic: str


class Watch(_Part):
    trails: list[Trail]
    analyzers: list[Analyzer]
    account_block: bool
    plan: str
    contacts: Tags
    budgets: list[Budget]
    encrypted_volumes: list[str]
    detectors: list[str] = []
    root_alarm: RootAlarm | None = None


class Refusal(_Part):
    call: str
    region: str = ""
    """Everywhere when empty."""


class Story(_Part):
    account: Account
    iam: Iam
    resources: Resources
    watch: Watch
    organization: Organization | None = None
    identity_center: IdentityCenter | None = None
    refused: list[Refusal] = []


def load_story(file: Path | None = None) -> Story:
    """Read the demo's story, or another one that tests tell; a wrong key or type is an error that names its place."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (file or data_folder("assets") / "demo" / "story.yaml").read_text("utf-8")
    return msgspec.convert(yaml.load(text, loader), Story)
