"""ARNs, statements and policies that the accounts of the tests are made of."""

from __future__ import annotations

from typing import Any

from advisor.model.document import Document, parse_document

ACCOUNT = "111122223333"


def iam(rest: str, account: str = ACCOUNT) -> str:
    """The ARN of something of IAM's: `user/ana`."""
    return f"arn:aws:iam::{account}:{rest}"


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return iam(f"{kind}/{name}", account)


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def delegating(bucket: str, account: str = ACCOUNT) -> dict[str, Any]:
    """What a bucket's policy says that leaves it to the account's access points who may do what."""
    points = {"StringEquals": {"s3:DataAccessPointAccount": account}}
    return allow("*", [bucket, f"{bucket}/*"], Principal={"AWS": "*"}, Condition=points)


def written(*statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A policy as JSON has it."""
    return {"Version": "2012-10-17", **more, "Statement": list(statements)}


def document(*statements: dict[str, Any], **more: Any) -> Document:
    return parse_document(written(*statements, **more))
