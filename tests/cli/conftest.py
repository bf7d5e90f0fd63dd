"""Runs commands in this process, as `advisor …` would, and a small account written by hand."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from advisor.cli.main import run
from tests.policies import ACCOUNT, allow
from tests.policies import iam as arn
from tests.policies import written as policy


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class _Stream(io.TextIOWrapper):
    """A stream that is no terminal, with the bytes that were written to it."""

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


Advise = Callable[..., Result]


@pytest.fixture
def advise(monkeypatch: pytest.MonkeyPatch) -> Advise:
    """`advise("who-can", "s3:GetObject", stdin=b"…")`."""

    def call(*arguments: object, stdin: bytes = b"") -> Result:
        out, err = _Stream(io.BytesIO(), "utf-8"), _Stream(io.BytesIO(), "utf-8")
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = run([str(argument) for argument in arguments])
        return Result(int(code), out.text(), err.text())

    return call


def user(name: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    inline = [{"PolicyName": "own", "PolicyDocument": policy(*statements)}] if statements else []
    return {"UserName": name, "Arn": arn(f"user/{name}"), "Path": "/", "UserPolicyList": inline, **more}


READ = allow("s3:GetObject", "arn:aws:s3:::payroll/*", Sid="ReadPayroll")
EXPORT: dict[str, Any] = {
    "UserDetailList": [
        user("ana", READ),
        user("ben", allow("*", Sid="Everything")),
        user(
            "cleo",
            allow("s3:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ),
        user("dan", allow("s3:Get*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Sid": "Never"}),
        user(
            "eve",
            READ,
            PermissionsBoundary={"PermissionsBoundaryArn": arn("policy/edge"), "PermissionsBoundaryType": "Policy"},
        ),
        user("fay"),
    ],
    "GroupDetailList": [],
    "RoleDetailList": [
        {
            "RoleName": "ci",
            "Arn": arn("role/ci"),
            "Path": "/",
            "AssumeRolePolicyDocument": policy(
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": policy(allow("lambda:InvokeFunction"))}],
            "AttachedManagedPolicies": [],
            "InstanceProfileList": [],
        }
    ],
    "Policies": [],
}
"""ana can; ben is administrator; cleo with MFA; dan is denied; eve's boundary is not in the export; fay has nothing."""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(EXPORT))
    return path


RESOURCES = [
    {
        "Arn": "arn:aws:s3:::payroll",
        "Account": ACCOUNT,
        "Policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::payroll/*",
            }
        ),
    }
]


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    path = tmp_path / "resources.json"
    path.write_text(json.dumps(RESOURCES))
    return path
