"""Hand-made accounts for facts and practices.

`read()` where everything was read and nothing is wrong, `unread()` where only what an account export holds is known.
"""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.account import Advisor
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.organization import HumanAccess, Level, NamedPolicy, Organization
from advisor.model.principal import (
    AccessKey,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    SignIn,
    User,
)
from advisor.model.resource import Compute, PublicAccessBlock, Resource
from advisor.model.snapshot import Analyzer, Provider, Settings, Snapshot, Source, Trail
from tests.policies import ACCOUNT as ID
from tests.policies import allow, arn, document

OUTSIDE = "444455556666"
SIBLING = "777788889999"
NOW = "2026-11-24T09:00:00+00:00"
OLD = "2025-01-01T00:00:00+00:00"
FRESH = "2026-11-20T00:00:00+00:00"
EVERYTHING = ("identity", "boundary", "scp", "rcp", "resource")
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
QUOTAS = {
    "AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1, "PolicySizeQuota": 6144,
    "UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "RolePolicySizeQuota": 10240,
    "AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10, "AttachedPoliciesPerRoleQuota": 10,
    "VersionsPerPolicyQuota": 5,
}  # fmt: skip
SETTINGS = Settings(
    summary=QUOTAS,
    password_policy={"MinimumPasswordLength": 14, "PasswordReusePrevention": 24},
    root=SignIn(console=True, console_last_used=OLD, mfa=True, keys=()),
    root_mfa_virtual=False,
    providers=(),
    instance_profiles=(),
    trails=(),
    analyzers=(),
    regions=("eu-west-1",),
    public_access_block=PublicAccessBlock(True, True, True, True),
    plan="PAID",
    caller=f"arn:aws:iam::{ID}:user/ana",
    contacts={"SECURITY": True, "BILLING": True, "OPERATIONS": True},
    tags_seen=(),
    extra={"rolesanywhere.anchors": {"eu-west-1": []}, "org.units": []},
)
HUMAN = HumanAccess(instance=None, kind="none", entitlements=(), applications=(), session_tags=())


def trusting(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> Document:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = {
            operator: {key.replace("__", ":"): value for key, value in keys.items()}
            for operator, keys in condition.items()
        }
    return document(statement)


def user(name: str, **more: Any) -> User:
    path = more.pop("path", "/")
    more.setdefault("sign_in", SignIn(console=False, mfa=False, keys=(), special=()))
    more.setdefault("groups", ("people",))
    return User(arn=f"arn:aws:iam::{ID}:user{path}{name}", name=name, path=path, created=OLD, **more)


def person(name: str, **more: Any) -> User:
    sign_in = SignIn(
        console=True,
        console_last_used=more.pop("used", FRESH),
        mfa=more.pop("mfa", True),
        keys=more.pop("keys", ()),
        special=(),
    )
    return user(name, sign_in=sign_in, **more)


def program(name: str, **more: Any) -> User:
    return user(name, sign_in=SignIn(console=False, mfa=False, keys=more.pop("keys", (key("A"),)), special=()), **more)


def key(letter: str, created: str = FRESH, used: str | None = FRESH, active: bool = True) -> AccessKey:
    return AccessKey(f"AKIAEXAMPLE{letter}", active, created, used)


def role(name: str, trust: Document | None = None, **more: Any) -> Role:
    more.setdefault("created", OLD)
    more.setdefault("last_used", FRESH)
    path = more.get("path", "/")
    return Role(
        arn=f"arn:aws:iam::{ID}:role{path}{name}",
        name=name,
        trust=trust or trusting({"Service": "lambda.amazonaws.com"}),
        **more,
    )


def group(name: str, **more: Any) -> Group:
    more.setdefault("inline", (InlinePolicy("read", document(allow())),))
    return Group(arn("group", name), name, **more)


def policy(name: str, *statements: dict[str, Any], **more: Any) -> ManagedPolicy:
    more.setdefault("attachment_count", 1)
    text = document(*statements) if statements else document(allow())
    return ManagedPolicy(arn("policy", name), name, (PolicyVersion("v1", text, True),), **more)


def administrator() -> ManagedPolicy:
    return ManagedPolicy(ADMINISTRATOR, "AdministratorAccess", (PolicyVersion("v1", document(allow("*")), True),))


def bucket(name: str, *statements: dict[str, Any], **more: Any) -> Resource:
    text = document(*statements) if statements else None
    return Resource(f"arn:aws:s3:::{name}", "s3:bucket", ID, policy=text, **more)


def open_to(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}


def organization(**more: Any) -> Organization:
    plain: dict[str, Any] = {
        "id": "o-example", "management_account": SIBLING, "features": "ALL",
        "policy_types": ("SERVICE_CONTROL_POLICY",),
        "accounts": ((ID, "this"), (SIBLING, "management")),
        "scps": ((ID, (level("FullAWSAccess"),)),),
        "rcps": ((ID, (level("RCPFullAWSAccess"),)),), "root_features": (),
    }  # fmt: skip
    return Organization(**{**plain, **more})


def level(*names: str) -> Level:
    return Level("r-root", tuple(NamedPolicy(name, document(allow("*"))) for name in names))


def read(**fields: Any) -> Advisor:
    """Everything was read. Keyword arguments replace fields; `settings=` is a dict of fields of the settings."""
    given = fields.pop("settings", {})
    settings = msgspec.structs.replace(SETTINGS, **given)
    plain: dict[str, Any] = {
        "account": ID, "source": Source("live", "test", EVERYTHING), "taken_at": NOW, "settings": settings,
        "human_access": HUMAN, "groups": (group("people"),), "organization": organization(),
    }  # fmt: skip
    return Advisor([Snapshot(**{**plain, **fields})])


def unread(**fields: Any) -> Advisor:
    """An account export: users, groups, roles and policies, and nothing else."""
    plain: dict[str, Any] = {
        "account": ID,
        "source": Source("export", "file", ("identity", "boundary")),
        "taken_at": NOW,
    }
    return Advisor([Snapshot(**{**plain, **fields})])


def refused(call: str, resource: str | None = None, reason: str = "AccessDenied") -> Gap:
    return Gap(call, "refused", reason, "what this would have told", resource)


def compute(kind: str, name: str, role: str | None = None, **settings: str) -> Compute:
    service, type_ = kind.split(":")
    own = f"arn:aws:{service}:eu-west-1:{ID}:{type_}/{name}"
    return Compute(arn=own, kind=kind, account=ID, name=name, role=role, settings=tuple(settings.items()))


def trail(**more: Any) -> Trail:
    plain: dict[str, Any] = {
        "arn": f"arn:aws:cloudtrail:eu-west-1:{ID}:trail/all", "name": "all", "multi_region": True, "logging": True,
        "log_validation": True, "bucket": "logs",
    }  # fmt: skip
    return Trail(**{**plain, **more})


def analyzer(region: str = "eu-west-1", type: str = "ACCOUNT", status: str = "ACTIVE") -> Analyzer:
    return Analyzer(f"arn:aws:access-analyzer:{region}:{ID}:analyzer/a", "a", region, type, status)


def provider(kind: str, name: str) -> Provider:
    part = "saml-provider" if kind == "saml" else "oidc-provider"
    return Provider(arn(part, name), kind, "" if kind == "saml" else f"https://{name}")


def sizeable(characters: int) -> Document:
    return document(allow(resource=[f"arn:aws:s3:::bucket-{number:04}" for number in range(characters // 27)]))


HELD = person(
    "ana",
    inline=(
        InlinePolicy(
            "mfa",
            document(
                {
                    "Effect": "Deny", "NotAction": "iam:ListMFADevices", "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                }
            ),
        ),
    ),
)  # fmt: skip
