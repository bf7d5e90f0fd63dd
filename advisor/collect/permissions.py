"""What reading an account calls, what each call needs, what stays unknown without it: `knowledge/permissions`."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import msgspec

from advisor.errors import InputError
from advisor.reference.data import data_folder


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call: what stays unknown without it, in words, and its IAM action where that is named otherwise."""

    unknown: str
    action: str = ""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The calls of one service, under the Sid that they get in the policy."""

    sid: str
    calls: dict[str, Read]


class Permissions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    source: str
    checked: date
    statements: tuple[Statement, ...]


@cache
def load_permissions(purpose: str = "collect") -> Permissions:
    """The calls of a purpose, from its knowledge file.

    Raises:
        InputError: there is no such file, or it is not what it should be.
    """
    import yaml

    path = data_folder("knowledge") / "permissions" / f"{purpose}.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return msgspec.convert(yaml.load(path.read_text("utf-8"), loader), Permissions)
    except FileNotFoundError as error:
        raise InputError("there is no such list of permissions", file=path.name) from error
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise InputError(str(error).splitlines()[0], file=path.name) from error


@cache
def reads() -> dict[str, Read]:
    """Every call of reading an account (`iam:GetRole`, named as boto3 names service and operation)."""
    return {name: read for statement in load_permissions().statements for name, read in statement.calls.items()}


def action_of(call: str) -> str:
    """The IAM action that a call of reading needs."""
    return reads()[call].action or call


def policy_for(purpose: str = "collect") -> dict[str, Any]:
    """The exact IAM policy for a purpose: one statement for each service, each of which may be dropped."""
    statements = [
        {
            "Sid": statement.sid,
            "Effect": "Allow",
            "Action": sorted({read.action or name for name, read in statement.calls.items()}),
            "Resource": "*",
        }
        for statement in load_permissions(purpose).statements
    ]
    return {"Version": "2012-10-17", "Statement": statements}
