"""Two snapshots compared as accounts, not as readings: without what AWS alone decides.

Left out: ids, dates, last use, counts that follow from the rest, order where AWS keeps none, AWS managed policies that
nothing uses, and where it came from.
"""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.change.documents import meaning_of
from advisor.model.document import Document
from advisor.model.effects.policies import is_in_use
from advisor.model.snapshot import Snapshot

_LEFT_OUT = {
    "id", "created", "updated", "last_used", "last_used_region", "last_used_service", "console_last_used",
    "password_changed",
    "attachment_count", "boundary_count", "taken_at", "source", "gaps", "caller", "summary",
}  # fmt: skip


_OBSERVED = ("setup.D2.", "analyzer.findings")
"""What AWS finds, not what the account is."""


def normal(snapshot: Snapshot) -> Any:
    """The account as plain values that compare equal for equal accounts."""
    used = tuple(policy for policy in snapshot.policies if not policy.is_aws_managed or is_in_use(snapshot, policy.arn))
    return _plain(msgspec.structs.replace(snapshot, policies=used, organization=_attached_only(snapshot)))


def _attached_only(snapshot: Snapshot) -> Any:
    """The organization without policies that are attached nowhere."""
    organization = snapshot.organization
    if organization is None:
        return None
    kept = {
        field: tuple(item for item in getattr(organization, field) or () if len(item[0]) == 12)
        for field in ("scps", "rcps")
    }
    return msgspec.structs.replace(organization, **kept)


def _plain(value: Any) -> Any:
    if isinstance(value, Document):
        return meaning_of(value)
    if isinstance(value, msgspec.Struct):
        fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__ if name not in _LEFT_OUT}
        return {name: item for name, item in fields.items() if item not in (None, [], {}, "")}
    if isinstance(value, dict):
        kept = {key: _plain(item) for key, item in sorted(value.items()) if not key.startswith(_OBSERVED)}
        return {key: item for key, item in kept.items() if item not in (0, None)}
    if isinstance(value, tuple | list):
        return sorted((_plain(item) for item in value), key=repr)
    return value
