"""An operation as the keyword arguments of its boto3 call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from advisor.model.change import Operation
from advisor.model.effects import resolve

Secret = Callable[[str], str]

DOCUMENTS = frozenset((
    "PolicyDocument", "AssumeRolePolicyDocument", "Policy", "ResourcePolicy", "policyText", "Content", "EventPattern",
    "AttributeValue", "InlinePolicy", "policy", "sessionPolicy",
))  # fmt: skip
"""Parameters that AWS takes as JSON text; in a change they stand as JSON values."""


def keyword_arguments(operation: Operation, results: Mapping[str, Mapping[str, Any]], secret: Secret) -> dict[str, Any]:
    """What to pass to boto3: references looked up in earlier results, documents as text, secrets made by `secret`."""
    parameters = {**located(operation), **resolve(operation.parameters, results)}
    return {name: _argument(name, value, secret) for name, value in parameters.items()}


def located(operation: Operation) -> dict[str, Any]:
    """What S3 wants to be told of the Region that the call goes to anyway: a new bucket's, unless it is us-east-1.

    Source: Amazon S3 API, CreateBucket, LocationConstraint.
    """
    if (operation.service, operation.operation) != ("s3", "CreateBucket") or operation.region in (None, "us-east-1"):
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": operation.region}}


def _argument(name: str, value: Any, secret: Secret) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"secret"}:
            return secret(value["secret"])
        if name in DOCUMENTS and not is_reference(value):
            return as_text(value)
        return {key: _argument(key, item, secret) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_argument("", item, secret) for item in value]
    return value


def is_reference(value: Any) -> bool:
    """What a call that has not been made yet will return."""
    return isinstance(value, Mapping) and set(value) == {"from", "path"}


def as_text(document: Any) -> str:
    """A policy document as the text that is sent: no white space, the author's order."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def method_of(operation: Operation) -> str:
    """boto3's name of the operation: `attach_role_policy`."""
    from botocore import xform_name

    return str(xform_name(operation.operation))
