"""The content digest of a snapshot: equal for two readings of an unchanged account."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from advisor.model.document import Document


def _document_as_digest(value: Any) -> Any:
    if isinstance(value, Document):
        return value.digest
    raise NotImplementedError(type(value))


_encoder = msgspec.json.Encoder(enc_hook=_document_as_digest, order="deterministic")


def digest_of(snapshot: Any) -> str:
    """Digest the content: not the time, the source, or who collected."""
    hasher = hashlib.sha256()
    for field in snapshot.__struct_fields__:
        if field in ("taken_at", "source"):
            continue
        value = getattr(snapshot, field)
        if field == "settings":
            value = msgspec.structs.replace(value, caller=None)
        hasher.update(field.encode())
        hasher.update(_encoder.encode(value))
    return "sha256:" + hasher.hexdigest()
