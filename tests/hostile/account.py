"""An account in which every text is hostile that its people, its resources' owners or AWS's messages can write."""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.model.document import Document, parse_document
from advisor.model.gap import Gap
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
from advisor.model.resource import Compute, Resource
from advisor.model.snapshot import Provider, Settings, Snapshot, Source, Trail
from tests import policies
from tests.hostile.corpus import TEXTS
from tests.policies import ACCOUNT, allow

OUTSIDE = "444455556666"
IAM = f"arn:aws:iam::{ACCOUNT}"
ALL = tuple(TEXTS.values())


def statement(text: str, action: str = "s3:GetObject") -> dict[str, Any]:
    return {
        "Sid": text,
        "Effect": "Allow",
        "Action": [action, f"s3:{text}"],
        "Resource": [f"arn:aws:s3:::{text}/*", "*"],
        "Condition": {"StringLike": {f"aws:PrincipalTag/{text}": [text, f"${{aws:PrincipalTag/{text}}}*"]}},
    }


def document(*statements: dict[str, Any]) -> Document:
    return policies.document(*statements, Id=ALL[0])


def trust(text: str) -> Document:
    principal = {
        "AWS": [f"{IAM}:user/{text}", f"arn:aws:iam::{OUTSIDE}:role/{text}"],
        "Service": ["lambda.amazonaws.com"],
    }
    once = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    federated = {
        "Effect": "Allow",
        "Principal": {"Federated": f"{IAM}:oidc-provider/{text}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{text}:sub": text}},
    }
    return document(once, {**federated, "Sid": text})


def tags(text: str) -> tuple[tuple[str, str], ...]:
    return ((text, text), ("team", text))


def user(text: str, number: int) -> User:
    keys = (AccessKey(text, True, "2020-01-01T00:00:00Z", None, text, text),)
    sign_in = SignIn(True, None, "2020-01-01T00:00:00Z", False, (text,), keys, (f"ssh:{text}",))
    inline = (InlinePolicy(text, document(statement(text))),)
    return User(
        f"{IAM}:user/{text}",
        text,
        f"AIDA{number:017d}",
        f"/{text}/",
        groups=(text,),
        inline=inline,
        attached=(f"{IAM}:policy/{text}",),
        tags=tags(text),
        sign_in=sign_in,
    )


def role(text: str, number: int) -> Role:
    strong = ("arn:aws:iam::aws:policy/AdministratorAccess",) if number % 3 == 0 else ()
    return Role(
        f"{IAM}:role/{text}",
        text,
        trust(text),
        f"AROA{number:017d}",
        f"/{text}/",
        tags=tags(text),
        attached=strong,
        boundary=f"{IAM}:policy/{text}" if number % 5 == 0 else None,
        description=text,
        last_used=None,
    )


def policy(text: str) -> ManagedPolicy:
    strong = allow(["iam:PassRole", "lambda:*", "iam:AttachUserPolicy"], Sid=text)
    versions = (PolicyVersion("v1", document(statement(text, "kms:Decrypt"), strong), True),)
    return ManagedPolicy(f"{IAM}:policy/{text}", text, versions, tags=tags(text))


def bucket(text: str) -> Resource:
    open_to = {
        "Sid": text,
        "Effect": "Allow",
        "Principal": {"AWS": OUTSIDE},
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{text}",
    }
    return Resource(
        f"arn:aws:s3:::{text}",
        "s3:bucket",
        ACCOUNT,
        "eu-west-1",
        document(open_to),
        tags(text),
        settings=((text, text),),
    )


def snapshot() -> Snapshot:
    """Everything at once; the ids that AWS alone makes are sound."""
    texts = [text for text in ALL if text.strip()]
    administrator = policies.document(allow("*"))
    own = ManagedPolicy(
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "AdministratorAccess",
        (PolicyVersion("v1", administrator, True),),
    )
    levels = tuple(Level(text, (NamedPolicy(text, administrator, text),)) for text in texts[:3])
    return Snapshot(
        ACCOUNT,
        Source("live", texts[0], ("identity", "boundary", "resource", "scp", "rcp")),
        "2026-11-24T09:00:00+00:00",
        alias=TEXTS["ansi"],
        users=tuple(user(text, number) for number, text in enumerate(texts[::3])),
        groups=tuple(
            Group(f"{IAM}:group/{text}", text, inline=(InlinePolicy(text, document(statement(text))),))
            for text in texts
        ),
        roles=tuple(role(text, number) for number, text in enumerate(texts[1::3])),
        policies=(own, *map(policy, texts)),
        resources=tuple(map(bucket, texts)),
        compute=tuple(
            Compute(
                f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{text}",
                "lambda:function",
                ACCOUNT,
                "eu-west-1",
                f"{IAM}:role/{text}",
                name=text,
                tags=tags(text),
            )
            for text in texts
        ),
        organization=Organization(
            "o-example",
            OUTSIDE,
            "ALL",
            tuple((ACCOUNT, text) for text in texts),
            ((ACCOUNT, texts[0]),),
            (),
            ((ACCOUNT, levels),),
            ((ACCOUNT, ()),),
            (),
        ),
        human_access=HumanAccess(
            texts[0],
            "organization",
            tuple(Entitlement("permission-set", "user", text, f"{IAM}:role/{text}", text) for text in texts),
            tuple(texts),
            tuple(texts),
        ),
        settings=Settings(
            summary={},
            root=SignIn(True, mfa=False, keys=()),
            providers=tuple(Provider(f"{IAM}:oidc-provider/{text}", "oidc", text, (text,)) for text in texts),
            trails=tuple(
                Trail(f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/{text}", text, text, bucket=text)
                for text in texts[:4]
            ),
            instance_profiles=tuple((f"{IAM}:instance-profile/{text}", (f"{IAM}:role/{text}",)) for text in texts[:4]),
            regions=("eu-west-1",),
            caller=f"{IAM}:user/{TEXTS['osc']}",
            tags_seen=tuple((f"arn:aws:s3:::{text}", tags(text)) for text in texts),
        ),
        gaps=tuple(
            Gap("s3:GetBucketPolicy", "refused", f"AccessDenied: {text}", text, f"arn:aws:s3:::{text}")
            for text in texts
        ),
    )


def harmless() -> Snapshot:
    """The same account with plain names: what our own writing of it looks like."""
    plain = {text: f"name{number}" for number, text in enumerate(ALL)}

    def swap(value: Any) -> Any:
        if isinstance(value, str):
            for text in sorted(plain, key=len, reverse=True):
                value = value.replace(text, plain[text])
            return value
        if isinstance(value, Document):
            return parse_document(swap(value.as_json()))
        if isinstance(value, dict):
            return {swap(key): swap(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(swap(item) for item in value)
        if isinstance(value, msgspec.Struct):
            return type(value)(**{name: swap(getattr(value, name)) for name in value.__struct_fields__})
        return value

    changed: Snapshot = swap(snapshot())
    return changed
