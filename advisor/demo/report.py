"""The credential report as AWS writes it: with root's row, and with the ages that the story tells."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from moto.iam.models import AccessKey, IAMBackend, User

COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region",
    "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip


def credential_report(backend: IAMBackend) -> str:
    """The CSV of GetCredentialReport."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    root = getattr(backend, "story_root", None)
    if root is not None:
        rows.writerow(_root_row(backend, root))
    for user in list(backend.users.values()):
        rows.writerow(_user_row(user))
    return text.getvalue()


def _root_row(backend: IAMBackend, root: Any) -> list[str]:
    arn = f"arn:aws:iam::{backend.account_id}:root"
    row = ["<root_account>", arn, _date(root.created), "not_supported", _date(root.password_used)]
    row += ["not_supported", "not_supported", _word(root.mfa)]
    return [*row, *_keys(root.keys), "false", "N/A", "false", "N/A"]


def _user_row(user: User) -> list[str]:
    has_password = bool(user.password)
    used = _date(user.password_last_used) if user.password_last_used else "no_information"
    changed = _date(getattr(user, "password_changed", user.create_date)) if has_password else "N/A"
    row = [user.name, user.arn, _date(user.create_date), _word(has_password), used if has_password else "N/A"]
    row += [changed, "N/A", _word(bool(user.mfa_devices))]
    return [*row, *_keys(user.access_keys), "false", "N/A", "false", "N/A"]


def _keys(keys: list[AccessKey]) -> list[str]:
    cells: list[str] = []
    for key in [*keys[:2], None, None][:2]:
        if key is None:
            cells += ["false", "N/A", "N/A", "N/A", "N/A"]
            continue
        used = key.last_used
        last = [_date(used.timestamp), used.region, used.service] if used else ["N/A", "N/A", "N/A"]
        cells += [_word(key.status == "Active"), _date(key.create_date), *last]
    return cells


def _date(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else "N/A"


def _word(value: bool) -> str:
    return "true" if value else "false"
