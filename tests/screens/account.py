"""The account of these tests, as files like anybody's: an export, a list of resources and an organization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
OTHER = "444455556666"


def allow(actions: Any, resources: Any = "*", sid: str | None = None, **more: Any) -> dict[str, Any]:
    return {**({"Sid": sid} if sid else {}), "Effect": "Allow", "Action": actions, "Resource": resources, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: dict[str, Any], **condition: Any) -> dict[str, Any]:
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **condition})


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


def user(name: str, groups: tuple[str, ...] = (), attached: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper():X<17}"[:21],
        "Arn": arn(f"user/{name}"),
        "CreateDate": "2024-03-01T10:00:00Z",
        "GroupList": list(groups),
        "Tags": [],
        "AttachedManagedPolicies": [
            {"PolicyName": policy.rsplit("/", 1)[-1], "PolicyArn": policy} for policy in attached
        ],
        **more,
    }


def role(name: str, trusted: dict[str, Any], attached: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{name.upper():X<17}"[:21],
        "Arn": arn(f"role/{name}"),
        "CreateDate": "2024-03-01T10:00:00Z",
        "AssumeRolePolicyDocument": trusted,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "Tags": [],
        "AttachedManagedPolicies": [
            {"PolicyName": policy.rsplit("/", 1)[-1], "PolicyArn": policy} for policy in attached
        ],
        **more,
    }


def policy(name: str, *statements: dict[str, Any], owner: str = ACCOUNT) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper():X<17}"[:21],
        "Arn": arn(f"policy/{name}", owner),
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "IsAttachable": True,
        "CreateDate": "2024-03-01T10:00:00Z",
        "UpdateDate": "2024-05-01T10:00:00Z",
        "PolicyVersionList": [
            {
                "VersionId": "v1",
                "IsDefaultVersion": True,
                "CreateDate": "2024-05-01T10:00:00Z",
                "Document": document(*statements),
            }
        ],
    }


ADMIN = arn("policy/AdministratorAccess", "aws")
LAMBDA = {"Service": "lambda.amazonaws.com"}
EVERYBODY_HERE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
PAYROLL = "arn:aws:s3:::acme-payroll"


def export() -> dict[str, Any]:
    """Nine principals: an administrator, developers who can become one, a reader of payroll, workloads."""
    return {
        "UserDetailList": [
            user("ana", ("devs",)),
            user("ben", attached=(ADMIN,)),
            user("chris", ("devs",)),
            user("dora", ("hr",)),
        ],
        "GroupDetailList": [
            _group("devs", arn("policy/DevAccess")),
            _group("hr", arn("policy/PayrollRead")),
        ],
        "RoleDetailList": [
            role("Admin", trust(EVERYBODY_HERE, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), (ADMIN,)),
            role("AuditReader", trust(EVERYBODY_HERE), (arn("policy/AuditRead"),)),
            role("OpsRole", trust(LAMBDA), (arn("policy/OpsPolicy"),)),
            role("PayrollApp", trust(LAMBDA)),
            role("Partner", trust({"AWS": f"arn:aws:iam::{OTHER}:root"}), (arn("policy/PayrollRead"),)),
        ],
        "Policies": [
            policy("AdministratorAccess", allow("*"), owner="aws"),
            policy("DevAccess", allow("lambda:*"), allow(["s3:ListBucket", "iam:PassRole"], sid="PassAny")),
            policy("PayrollRead", allow("s3:GetObject", f"{PAYROLL}/*", "ReadPayroll")),
            policy("OpsPolicy", allow("iam:AttachRolePolicy")),
            policy(
                "AuditRead",
                allow("s3:ListAllMyBuckets"),
                allow(
                    "s3:GetObject*",
                    f"{PAYROLL}/*",
                    "MfaRead",
                    Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                ),
            ),
        ],
    }


def _group(name: str, attached: str) -> dict[str, Any]:
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": f"AGPA{name.upper():X<17}"[:21],
        "Arn": arn(f"group/{name}"),
        "CreateDate": "2024-03-01T10:00:00Z",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": attached.rsplit("/", 1)[-1], "PolicyArn": attached}],
    }


def resources() -> list[dict[str, Any]]:
    app_reads = {
        "Sid": "AppRead",
        "Effect": "Allow",
        "Principal": {"AWS": arn("role/PayrollApp")},
        "Action": "s3:GetObject",
        "Resource": f"{PAYROLL}/*",
    }
    return [
        {"Arn": PAYROLL, "Account": ACCOUNT, "Policy": document(app_reads)},
        {"Arn": "arn:aws:s3:::acme-site", "Account": ACCOUNT, "Policy": None},
    ]


def write_files(folder: Path, exported: dict[str, Any] | None = None) -> list[str]:
    """Write the account's files; answer their paths."""
    account, kept = folder / "account.json", folder / "resources.json"
    account.write_text(json.dumps(exported or export()))
    kept.write_text(json.dumps(resources()))
    return [str(account), str(kept)]
