"""How users and root sign in: the credential report, and key by key what it does not say.

The report says for everybody at once who has a password, MFA or keys, so that the calls for each user are only made
where there is something to read. Without it every user is asked.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from typing import Any

from advisor.collect.export import date_of
from advisor.collect.readers.part import Part
from advisor.collect.readers.times import date_from_aws
from advisor.collect.reading import Reading
from advisor.model.principal import AccessKey, SignIn, User

Row = dict[str, str]
ROOT = "<root_account>"
REPORT_SECONDS = 60
_NEVER = ("N/A", "no_information", "not_supported", "")


def read(reading: Reading, users: Sequence[User]) -> Part:
    """Sign-ins of all users and of root."""
    rows = fetch_report(reading)
    by_arn = {row["arn"]: row for row in rows or ()}
    special = _fetch_service_credentials(reading)
    sign_ins = reading.each(
        "users' sign-ins", users, lambda user: _read_user(reading, user, by_arn.get(user.arn), special)
    )
    settings: dict[str, Any] = {"root_mfa_virtual": _fetch_root_device(reading)}
    root = next((row for row in rows or () if row["user"] == ROOT), None)
    if root is not None:
        settings["root"] = sign_in_from_row(root, _root_keys(root))
    return Part(
        sign_ins={user.arn: entry for user, entry in zip(users, sign_ins, strict=True) if entry}, settings=settings
    )


def fetch_report(reading: Reading) -> list[Row] | None:
    """The rows of the credential report. AWS makes it on request and keeps it for up to four hours."""
    deadline = time.monotonic() + REPORT_SECONDS
    while True:
        answer = reading.call("iam:GenerateCredentialReport")
        if answer is None:
            return None
        if answer.get("State") == "COMPLETE":
            break
        if time.monotonic() > deadline:
            reading.miss(
                "iam:GetCredentialReport", "failed", f"the report was not ready after {REPORT_SECONDS} seconds"
            )
            return None
        reading.report("credential report", 0, 1)
        reading.cancel.wait(_pause(deadline))
    report = reading.call("iam:GetCredentialReport")
    return None if report is None else rows_from_aws(report["Content"])


def _pause(deadline: float) -> float:
    """Short at first: the report of a small account is ready at once."""
    waited = REPORT_SECONDS - (deadline - time.monotonic())
    return min(0.1 + waited / 4, 2)


def rows_from_aws(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def _read_user(reading: Reading, user: User, row: Row | None, special: dict[str, list[str]] | None) -> SignIn:
    keys = _fetch_keys(reading, user) if row is None or _has_keys(row) else ()
    serials = _fetch_devices(reading, user) if row is None or row["mfa_active"] == "true" else ()
    found = _merge_special(reading, user, row, special)
    if row is not None:
        return sign_in_from_row(row, keys, serials, found)
    console = _fetch_console(reading, user)
    mfa = None if serials is None else bool(serials)
    return SignIn(console=console, mfa=mfa, mfa_serials=serials, keys=keys, special=found)


def _has_keys(row: Row) -> bool:
    """Whether there is a key, active or not: a key that was never rotated still has the day of its making there."""
    return any(row[f"access_key_{number}_{cell}"] not in ("false", "N/A") for number in (1, 2) for cell in _KEY_CELLS)


_KEY_CELLS = ("active", "last_rotated")


def sign_in_from_row(
    row: Row,
    keys: tuple[AccessKey, ...] | None = None,
    serials: tuple[str, ...] | None = None,
    special: tuple[str, ...] | None = None,
) -> SignIn:
    """A sign-in from a row of the report. Root's password is always there where AWS says `not_supported`."""
    return SignIn(
        console={"true": True, "false": False}.get(row["password_enabled"]),
        console_last_used="no_information"
        if row["password_last_used"] == "no_information"
        else _date(row["password_last_used"]),
        password_changed=_date(row["password_last_changed"]),
        mfa=row["mfa_active"] == "true",
        mfa_serials=serials,
        keys=keys,
        special=special,
    )


def _root_keys(row: Row) -> tuple[AccessKey, ...]:
    """Root's keys as the report knows them; their ids can be seen by root only."""
    return tuple(
        AccessKey(
            id=f"root key {number}",
            active=row[f"access_key_{number}_active"] == "true",
            created=_date(row[f"access_key_{number}_last_rotated"]),
            last_used=_date(row[f"access_key_{number}_last_used_date"]),
            last_used_service=_word(row[f"access_key_{number}_last_used_service"]),
            last_used_region=_word(row[f"access_key_{number}_last_used_region"]),
        )
        for number in (1, 2)
        if any(row[f"access_key_{number}_{cell}"] not in ("false", "N/A") for cell in _KEY_CELLS)
    )


def _fetch_keys(reading: Reading, user: User) -> tuple[AccessKey, ...] | None:
    keys = reading.pages("iam:ListAccessKeys", "AccessKeyMetadata", resource=user.arn, UserName=user.name)
    if keys is None:
        return None
    uses = [reading.call("iam:GetAccessKeyLastUsed", resource=user.arn, AccessKeyId=key["AccessKeyId"]) for key in keys]
    return tuple(key_from_aws(key, use) for key, use in zip(keys, uses, strict=True))


def key_from_aws(key: dict[str, Any], use: dict[str, Any] | None) -> AccessKey:
    """A key from ListAccessKeys, with its use from GetAccessKeyLastUsed where that was read."""
    last = {} if use is None else use.get("AccessKeyLastUsed", {})
    return AccessKey(
        id=key["AccessKeyId"],
        active=key["Status"] == "Active",
        created=date_from_aws(key.get("CreateDate")),
        last_used=date_from_aws(last.get("LastUsedDate")),
        last_used_service="" if use is None else _word(last.get("ServiceName", "")),
        last_used_region=_word(last.get("Region", "")),
    )


def _fetch_devices(reading: Reading, user: User) -> tuple[str, ...] | None:
    devices = reading.pages("iam:ListMFADevices", "MFADevices", resource=user.arn, UserName=user.name)
    return None if devices is None else tuple(device["SerialNumber"] for device in devices)


def _fetch_console(reading: Reading, user: User) -> bool | None:
    absent = ("NoSuchEntity", "NoSuchEntityException")
    answer = reading.call("iam:GetLoginProfile", resource=user.arn, none=absent, UserName=user.name)
    return None if answer is None else "LoginProfile" in answer


def _fetch_root_device(reading: Reading) -> bool | None:
    """Whether root's MFA device is an app. A passkey or hardware key of root's is not listed."""
    devices = reading.pages("iam:ListVirtualMFADevices", "VirtualMFADevices", AssignmentStatus="Assigned")
    if devices is None:
        return None
    return any(device.get("User", {}).get("Arn", "").endswith(":root") for device in devices)


def _fetch_service_credentials(reading: Reading) -> dict[str, list[str]] | None:
    """By user name: service-specific credentials of all users, in one listing."""
    found = reading.pages("iam:ListServiceSpecificCredentials", "ServiceSpecificCredentials", AllUsers=True)
    if found is None:
        return None
    by_user: dict[str, list[str]] = {}
    for entry in found:
        by_user.setdefault(entry["UserName"], []).append(
            f"{entry['ServiceName']}:{entry['ServiceSpecificCredentialId']}"
        )
    return by_user


def _merge_special(
    reading: Reading, user: User, row: Row | None, special: dict[str, list[str]] | None
) -> tuple[str, ...] | None:
    ssh = reading.pages("iam:ListSSHPublicKeys", "SSHPublicKeys", resource=user.arn, UserName=user.name)
    certificates: list[Any] | None = []
    if row is None or "true" in (row.get("cert_1_active"), row.get("cert_2_active")):
        certificates = reading.pages(
            "iam:ListSigningCertificates", "Certificates", resource=user.arn, UserName=user.name
        )
    if special is None or ssh is None or certificates is None:
        return None
    return (
        *special.get(user.name, ()),
        *(f"ssh:{key['SSHPublicKeyId']}" for key in ssh),
        *(f"certificate:{entry['CertificateId']}" for entry in certificates),
    )


def _date(cell: str) -> str | None:
    return None if cell in _NEVER else date_of(cell)


def _word(cell: str) -> str | None:
    return None if cell in _NEVER else cell
