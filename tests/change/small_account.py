"""A small account as a snapshot: one thing of each kind that changes touch."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.account import Advisor
from advisor.model.document import Document
from advisor.model.effects.account import PASSWORD_DEFAULTS
from advisor.model.organization import Entitlement, HumanAccess, Level, NamedPolicy, Organization
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
from tests.policies import ACCOUNT, allow, document, iam

OUTSIDE = "444455556666"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
REGION = "eu-west-1"


def trust(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Document:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def _managed(name: str, *versions: Document, **fields: Any) -> ManagedPolicy:
    held = tuple(PolicyVersion(f"v{at}", text, at == len(versions)) for at, text in enumerate(versions, 1))
    return ManagedPolicy(iam(f"policy/{name}"), name, held, attachment_count=0, boundary_count=0, **fields)


def small_account(**fields: Any) -> Snapshot:
    """The account; `fields` replace whole fields of the snapshot."""
    users = (
        User(
            iam("user/ana"),
            "ana",
            groups=("people",),
            attached=(ADMIN,),
            inline=(InlinePolicy("read", document(allow("s3:GetObject"))),),
            boundary=iam("policy/limit"),
            tags=(("team", "data"),),
            sign_in=SignIn(
                console=True,
                mfa=True,
                mfa_serials=(iam("mfa/ana"),),
                special=("ssh:APKAEXAMPLE",),
                keys=(AccessKey("AKIAIOSFODNN7EXAMPLE", True), AccessKey("AKIAI44QH8DHBEXAMPLE", False)),
            ),
        ),
        User(iam("user/ben"), "ben", sign_in=SignIn(console=True, mfa=False, mfa_serials=(), keys=(), special=())),
        User(
            iam("user/cal"),
            "cal",
            inline=(InlinePolicy("read", document(allow("s3:GetObject"))),),
            sign_in=SignIn(console=False, mfa=False, mfa_serials=(), keys=(), special=()),
        ),
    )
    groups = (
        Group(iam("group/people"), "people", attached=(iam("policy/dev"),)),
        Group(iam("group/empty"), "empty", inline=(InlinePolicy("list", document(allow("s3:ListAllMyBuckets"))),)),
    )
    roles = (
        Role(
            iam("role/app"),
            "app",
            trust({"Service": "ec2.amazonaws.com"}),
            attached=(iam("policy/dev"),),
            inline=(InlinePolicy("queue", document(allow("sqs:SendMessage"))),),
            tags=(("team", "web"),),
            instance_profiles=(iam("instance-profile/app"),),
            description="web",
            max_session_seconds=7200,
        ),
        Role(iam("role/vendor"), "vendor", trust({"AWS": [f"arn:aws:iam::{OUTSIDE}:root", iam("root")]})),
        Role(iam("role/open"), "open", trust({"AWS": "*"}), boundary=iam("policy/limit")),
        Role(
            iam("role/ci"),
            "ci",
            trust(
                {"Federated": iam("oidc-provider/token.actions.githubusercontent.com")}, "sts:AssumeRoleWithWebIdentity"
            ),
        ),
        Role(
            iam("role/maker"),
            "maker",
            trust({"AWS": iam("root")}),
            inline=(
                InlinePolicy(
                    "make", document(allow(["iam:CreateRole", "iam:AttachRolePolicy"]), allow("iam:PassRole"))
                ),
            ),
        ),
    )
    policies = (
        _managed("dev", document(allow("s3:*")), document(allow("s3:*"), allow("iam:PassRole"))),
        _managed("limit", document(allow("*"))),
        _managed("spare", document(allow("sns:*")), document(allow("sns:Publish"))),
        ManagedPolicy(ADMIN, "AdministratorAccess", (PolicyVersion("v1", document(allow("*")), True),)),
    )
    organization = Organization(
        id="o-example",
        management_account=ACCOUNT,
        features="ALL",
        accounts=((ACCOUNT, "main"),),
        policy_types=("SERVICE_CONTROL_POLICY",),
        root_features=(),
        rcps=((ACCOUNT, ()),),
        scps=(
            (
                ACCOUNT,
                (
                    Level("r-ab12", (NamedPolicy("FullAWSAccess", document(allow("*")), "p-FullAWSAccess"),)),
                    Level(
                        ACCOUNT,
                        (
                            NamedPolicy("FullAWSAccess", document(allow("*")), "p-FullAWSAccess"),
                            NamedPolicy(
                                "stay",
                                document({"Effect": "Deny", "Action": "organizations:*", "Resource": "*"}),
                                "p-stay",
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
    settings = Settings(
        summary={"Users": 3, "Groups": 2, "Roles": 5, "Policies": 3, "VersionsPerPolicyQuota": 5},
        password_policy=PASSWORD_DEFAULTS | {"MinimumPasswordLength": 8, "ExpirePasswords": False},
        providers=(
            Provider(
                iam("oidc-provider/token.actions.githubusercontent.com"),
                "oidc",
                "token.actions.githubusercontent.com",
                ("sts.amazonaws.com",),
            ),
        ),
        instance_profiles=((iam("instance-profile/app"), (iam("role/app"),)), (iam("instance-profile/idle"), ())),
        trails=(
            Trail(
                f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main", "main", REGION, False, False, False, False, "logs"
            ),
        ),
        analyzers=(
            Analyzer(f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/a", "a", REGION, "ACCOUNT", "ACTIVE"),
        ),
        regions=(REGION, "us-east-1"),
        contacts={"SECURITY": False},
        extra={"setup.D3": {REGION: False}},
    )
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "source": Source("export"),
        "taken_at": "2026-11-24T08:00:00Z",
        "users": users,
        "groups": groups,
        "roles": roles,
        "policies": policies,
        "resources": _resources(),
        "compute": _compute(),
        "organization": organization,
        "settings": settings,
        "human_access": HumanAccess(
            instance="arn:aws:sso:::instance/ssoins-EXAMPLE",
            kind="organization",
            entitlements=(Entitlement("permission-set", "group", "g-1", iam("role/x"), "ps-1"),),
        ),
    }
    return _counted(Snapshot(**values | fields))


def _counted(snapshot: Snapshot) -> Snapshot:
    """The counts that AWS keeps for each policy."""
    holders: list[Any] = [*snapshot.users, *snapshot.groups, *snapshot.roles]
    policies = tuple(
        msgspec.structs.replace(
            policy,
            attachment_count=sum(policy.arn in holder.attached for holder in holders),
            boundary_count=sum(getattr(holder, "boundary", None) == policy.arn for holder in holders),
        )
        for policy in snapshot.policies
    )
    return msgspec.structs.replace(snapshot, policies=policies)


def _resources() -> tuple[Resource, ...]:
    grant = document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, "Action": "*", "Resource": "*"}
    )
    kinds = {
        "s3:bucket": "arn:aws:s3:::payroll",
        "kms:key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1",
        "sqs:queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "sns:topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:news",
        "secretsmanager:secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf",
        "ecr:repository": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/images",
        "dynamodb:table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
        "lambda:function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:work",
    }
    invoke = document(
        {
            "Sid": "in",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": kinds["lambda:function"],
            "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}},
        },
        Id="default",
    )
    return tuple(
        Resource(arn, kind, ACCOUNT, REGION, invoke if kind == "lambda:function" else grant, (), _block(kind))
        for kind, arn in kinds.items()
    )


def _block(kind: str) -> PublicAccessBlock | None:
    return PublicAccessBlock() if kind == "s3:bucket" else None


def _compute() -> tuple[Compute, ...]:
    return (
        Compute(
            f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1",
            "ec2:instance",
            ACCOUNT,
            REGION,
            settings=(("http_tokens", "optional"),),
        ),
        Compute(
            f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:work",
            "lambda:function",
            ACCOUNT,
            REGION,
            iam("role/app"),
            name="work",
        ),
    )


def advisor_of(snapshot: Snapshot) -> Advisor:
    return Advisor((snapshot,))
