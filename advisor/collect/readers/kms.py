"""KMS keys with their policies and grants."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.resource import Grant, Resource


def read(reading: Reading, region: str) -> Part:
    keys = reading.pages("kms:ListKeys", "Keys", region, partly=True)
    if keys is None:
        return Part()
    found = reading.each("keys", keys, lambda key: _read_key(reading, key["KeyArn"], region))
    return Part(resources=tuple(key for key in found if key), layers=("resource",))


def _read_key(reading: Reading, arn: str, region: str) -> Resource:
    answer = reading.call("kms:DescribeKey", region, resource=arn, KeyId=arn)
    head = answer["KeyMetadata"] if answer else {}
    policy = reading.call("kms:GetKeyPolicy", region, resource=arn, KeyId=arn, PolicyName="default")
    text = (policy or {}).get("Policy")
    grants: list[Any] | None = []
    if head.get("KeyManager") != "AWS":
        grants = reading.pages("kms:ListGrants", "Grants", region, resource=arn, KeyId=arn)
    return Resource(
        arn=arn,
        kind="kms:key",
        account=reading.account,
        region=region,
        policy=reading.document(text, "kms:GetKeyPolicy", arn) if text else None,
        grants=tuple(grant_from_aws(grant) for grant in grants or ()),
        settings=settings_from_aws(head),
    )


def settings_from_aws(head: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Who manages the key (`AWS` or `CUSTOMER`), its state and what it is for."""
    names = {"key_manager": "KeyManager", "state": "KeyState", "usage": "KeyUsage", "description": "Description"}
    return tuple((name, str(head[key])) for name, key in names.items() if head.get(key))


def grant_from_aws(grant: dict[str, Any]) -> Grant:
    """A grant with its operations as IAM names them; encryption context constraints stand as `equals:key` → value."""
    constraints = grant.get("Constraints", {})
    limits = [
        (f"{word}:{key}", value)
        for word, kind in (("equals", "EncryptionContextEquals"), ("subset", "EncryptionContextSubset"))
        for key, value in constraints.get(kind, {}).items()
    ]
    return Grant(
        kind="kms-grant",
        grantee=grant["GranteePrincipal"],
        operations=tuple(f"kms:{operation}" for operation in grant.get("Operations", ())),
        id=grant.get("GrantId", ""),
        constraints=tuple(limits),
    )
