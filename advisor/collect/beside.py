"""The binary twin of a saved snapshot: the same content, its documents parsed, read in a fraction of the time.

It stands beside the snapshot as `NAME.index`: MessagePack of typed structs, never code. It counts only while it is
of this format and was made from exactly these bytes of the snapshot; else the snapshot is read and the twin made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from advisor.errors import InputError
from advisor.model.document import Document, Statement
from advisor.model.snapshot import Snapshot

FORMAT = "advisor/snapshot-index/1"


class _Stored(msgspec.Struct, array_like=True, gc=False):
    text: str
    version: str | None
    id: str | None
    digest: str
    statements: tuple[Statement, ...]


class _Body(msgspec.Struct, array_like=True):
    documents: list[_Stored]
    snapshot: Raw


class _Twin(msgspec.Struct, array_like=True):
    format: str
    source: bytes
    """SHA-256 of the snapshot's file, as it lies on disk."""
    checksum: bytes
    """SHA-256 of the body."""
    body: bytes


def path_of(snapshot: Path) -> Path:
    return snapshot.with_name(f"{snapshot.name}.index")


def write_twin(snapshot: Snapshot, path: Path, data: bytes) -> None:
    """Write the twin of a snapshot whose file holds these bytes; where the folder refuses there is none."""
    from advisor.collect.saved import write_private

    body = _encode(snapshot)
    twin = _Twin(FORMAT, hashlib.sha256(data).digest(), hashlib.sha256(body).digest(), body)
    with contextlib.suppress(InputError):
        write_private(path_of(path), msgspec.msgpack.encode(twin))


def read_twin(path: Path, data: bytes) -> Snapshot | None:
    """The snapshot from its twin; `None` where there is none, or it is stale or damaged."""
    try:
        twin = msgspec.msgpack.decode(path_of(path).read_bytes(), type=_Twin)
        is_ours = twin.format == FORMAT and twin.source == hashlib.sha256(data).digest()
        if not is_ours or twin.checksum != hashlib.sha256(twin.body).digest():
            return None
        return _decode(twin.body)
    except (OSError, msgspec.MsgspecError, ValueError, IndexError, RecursionError):
        return None


def _encode(snapshot: Snapshot) -> bytes:
    numbers: dict[str, int] = {}
    documents: list[_Stored] = []

    def as_number(value: Any) -> int:
        if not isinstance(value, Document):
            raise NotImplementedError(type(value))
        number = numbers.get(value.digest)
        if number is None:
            number = numbers[value.digest] = len(documents)
            documents.append(_Stored(value.text, value.version, value.id, value.digest, value.statements))
        return number

    inner = msgspec.msgpack.encode(snapshot, enc_hook=as_number)
    return msgspec.msgpack.encode(_Body(documents, Raw(inner)))


def _decode(data: bytes) -> Snapshot:
    body = msgspec.msgpack.decode(data, type=_Body)
    documents = [Document(item.text, item.version, item.id, item.statements, item.digest) for item in body.documents]

    def from_number(kind: type, value: Any) -> Any:
        if kind is not Document:
            raise NotImplementedError(kind)
        return documents[value]

    return msgspec.msgpack.decode(body.snapshot, type=Snapshot, dec_hook=from_number)
