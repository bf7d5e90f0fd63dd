"""Small accounts made for one question: who is there, what they hold, what stands around."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.account import Advisor
from advisor.model.document import Document
from advisor.model.organization import Entitlement, HumanAccess, Level, NamedPolicy, Organization
from advisor.model.principal import (
    AccessKey,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    SignIn,
    Tags,
    User,
)
from advisor.model.resource import Compute
from advisor.model.snapshot import Settings, Snapshot, Source
from advisor.model.usage import Uses
from tests import policies
from tests.policies import ACCOUNT, document

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def arn(kind: str, name: str) -> str:
    """Of the account that is under construction: `ACCOUNT`, which labs of several accounts set anew."""
    return policies.arn(kind, name, ACCOUNT)


def allow(actions: str | Iterable[str], resource: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    named = actions if isinstance(actions, str) else list(actions)
    return policies.allow(named, resource, **({"Condition": condition} if condition else {}))


def deny(actions: str | Iterable[str], resource: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    return {**allow(actions, resource, **condition), "Effect": "Deny"}


def trusting(*, service: str = "", aws: str | list[str] = "", federated: str = "", **condition: Any) -> Document:
    principal = {"Service": service} if service else {"AWS": aws} if aws else {"Federated": federated}
    action = "sts:AssumeRole"
    if federated:
        action = "sts:AssumeRoleWithSAML" if ":saml-provider/" in federated else "sts:AssumeRoleWithWebIdentity"
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return document(statement)


class Lab:
    """An account under construction."""

    def __init__(self) -> None:
        self.users: list[User] = []
        self.roles: list[Role] = []
        self.groups: list[Group] = []
        self.policies: list[ManagedPolicy] = []
        self.compute: list[Compute] = []
        self.scps: list[Document] = []
        self.entitlements: tuple[Entitlement, ...] | None = None
        self.identity_center = False
        self.management = ""
        self.regions: tuple[str, ...] | None = None

    def policy(self, name: str, *statements: dict[str, Any], older: Iterable[Document] = ()) -> str:
        versions = [PolicyVersion(f"v{number}", text) for number, text in enumerate(older, 1)]
        versions.append(PolicyVersion(f"v{len(versions) + 1}", document(*statements), is_default=True))
        self.policies.append(ManagedPolicy(arn("policy", name), name, tuple(versions)))
        return arn("policy", name)

    def user(
        self, name: str, *statements: dict[str, Any], groups: tuple[str, ...] = (), attached: tuple[str, ...] = (),
        boundary: str | None = None, keys: int | None = 0, console: bool | None = False, mfa: bool | None = False,
        tags: Tags = (), uses: Uses | None = None,
    ) -> str:  # fmt: skip
        held = tuple(AccessKey(f"AKIAIOSFODNN{number}EXAMPLE", True) for number in range(keys or 0))
        sign_in = SignIn(console=console, keys=None if keys is None else held, mfa=mfa)
        inline = (InlinePolicy("own", document(*statements)),) if statements else ()
        self.users.append(
            User(
                arn("user", name), name, id=f"AIDA{name.upper():0<16}", groups=groups, inline=inline, attached=attached,
                boundary=boundary, sign_in=sign_in, tags=tags, uses=uses,
            )
        )  # fmt: skip
        return arn("user", name)

    def role(
        self, name: str, trust: Document, *statements: dict[str, Any], attached: tuple[str, ...] = (),
        boundary: str | None = None, path: str = "/", profile: bool = False, tags: Tags = (),
    ) -> str:  # fmt: skip
        inline = (InlinePolicy("own", document(*statements)),) if statements else ()
        full = arn("role", f"{path[1:]}{name}")
        profiles = (arn("instance-profile", name),) if profile else ()
        self.roles.append(
            Role(
                full, name, trust, id=f"AROA{name.upper():0<16}", path=path, inline=inline, attached=attached,
                boundary=boundary, instance_profiles=profiles, tags=tags,
            )
        )  # fmt: skip
        return full

    def group(self, name: str, *statements: dict[str, Any], attached: tuple[str, ...] = ()) -> str:
        inline = (InlinePolicy("own", document(*statements)),) if statements else ()
        self.groups.append(Group(arn("group", name), name, inline=inline, attached=attached))
        return arn("group", name)

    def runs(self, kind: str, resource: str, role: str | None) -> str:
        self.compute.append(Compute(resource, kind, ACCOUNT, "us-east-1", role=role, name=resource.rsplit("/", 1)[-1]))
        return resource

    def snapshot(self) -> Snapshot:
        organization = None
        layers: tuple[str, ...] = ("identity", "boundary")
        if self.scps or self.management:
            levels = (Level("r-root", tuple(NamedPolicy(f"p{at}", text) for at, text in enumerate(self.scps))),)
            organization = Organization(
                id="o-exampleorgid",
                management_account=self.management or "999988887777",
                scps=((ACCOUNT, levels),) if self.scps else (),
            )
            layers += ("scp",)
        access = HumanAccess(
            instance="arn:aws:sso:::instance/ssoins-1234567890abcdef" if self.identity_center else None,
            kind="organization" if self.identity_center else "none",
            entitlements=self.entitlements,
        )
        return Snapshot(
            account=ACCOUNT, source=Source("export", "lab", layers), taken_at="2026-11-24T00:00:00+00:00",
            users=tuple(self.users), roles=tuple(self.roles), groups=tuple(self.groups), policies=tuple(self.policies),
            compute=tuple(self.compute), organization=organization, human_access=access,
            settings=Settings(regions=self.regions),
        )  # fmt: skip

    def open(self) -> Advisor:
        return Advisor([self.snapshot()])
