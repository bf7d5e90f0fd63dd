"""The IAM action that authorizes an operation, and the resource that it is asked for.

Most operations are authorized by the action of their own name under the service's IAM prefix; exceptions stand here.
Source: Service Authorization Reference; IAM User Guide, "How IAM works with AWS services".
"""

from __future__ import annotations

from advisor.model.change import Operation
from advisor.model.snapshot import Snapshot

_PREFIXES = {"accessanalyzer": "access-analyzer", "sso-admin": "sso", "s3control": "s3"}
_RENAMED = {
    "s3control:PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:HeadBucket": "s3:ListBucket",
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
}


def action_of(call: str) -> str:
    """The action for a call named as boto3 names it, `service:Operation`."""
    service, _, operation = call.partition(":")
    return _RENAMED.get(call) or f"{_PREFIXES.get(service, service)}:{operation}"


def resource_of(operation: Operation, snapshot: Snapshot) -> str:
    """The ARN that the operation is authorized on, as far as it names one; `*` otherwise."""
    p = operation.parameters
    if operation.service == "iam":
        return _iam_resource(operation, snapshot)
    if "Bucket" in p:
        return f"arn:{snapshot.partition}:s3:::{p['Bucket']}"
    for name in ("TopicArn", "SecretId", "ResourceArn"):
        value = p.get(name)
        if isinstance(value, str) and value.startswith("arn:"):
            return value
    return "*"


def _iam_resource(operation: Operation, snapshot: Snapshot) -> str:
    p = operation.parameters
    base = f"arn:{snapshot.partition}:iam::{snapshot.account}:"
    path = p.get("Path", "/")
    holders = {
        "RoleName": ("role", {role.name: role.arn for role in snapshot.roles}),
        "UserName": ("user", {user.name: user.arn for user in snapshot.users}),
        "GroupName": ("group", {group.name: group.arn for group in snapshot.groups}),
    }
    order = ("GroupName", "UserName") if operation.operation.endswith(("ToGroup", "FromGroup")) else tuple(holders)
    for name in order:
        if isinstance(p.get(name), str):
            kind, known = holders[name]
            return known.get(p[name], f"{base}{kind}{path}{p[name]}")
    if isinstance(p.get("PolicyArn"), str):
        return str(p["PolicyArn"])
    if "PolicyName" in p:
        return f"{base}policy{path}{p['PolicyName']}"
    return "*"


def context_of(operation: Operation) -> dict[str, tuple[str, ...]]:
    """The condition keys that the request itself fixes."""
    p = operation.parameters
    context: dict[str, tuple[str, ...]] = {}
    if operation.operation.startswith(("Attach", "Detach")) and isinstance(p.get("PolicyArn"), str):
        context["iam:policyarn"] = (p["PolicyArn"],)
    if isinstance(p.get("PermissionsBoundary"), str):
        context["iam:permissionsboundary"] = (p["PermissionsBoundary"],)
    if operation.region:
        context["aws:requestedregion"] = (operation.region,)
    return context
