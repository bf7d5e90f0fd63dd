"""Saved snapshots: one JSON file with each distinct policy document once, written whole or not at all.

`{"schema": "advisor/snapshot/1", "documents": {digest: document}, "snapshot": {…}}`; in the snapshot a document stands
as its digest. Gzip if the name ends in `.gz`. The owner alone can read the file.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from advisor.collect.beside import write_twin
from advisor.collect.content import as_input_error, decode
from advisor.errors import InputError
from advisor.model.document import Document, parse_document
from advisor.model.snapshot import Snapshot

SCHEMA = "advisor/snapshot/1"
_NAME = re.compile(r"advisor/snapshot/(\d+)")


class _Saved(msgspec.Struct):
    schema: str
    documents: dict[str, Raw]
    snapshot: Raw


def dump(snapshot: Snapshot) -> bytes:
    """The snapshot as the bytes of a file."""
    documents: dict[str, Raw] = {}

    def as_digest(value: Any) -> str:
        if not isinstance(value, Document):
            raise NotImplementedError(type(value))
        documents.setdefault(value.digest, Raw(value.text.encode()))
        return value.digest

    body = msgspec.json.encode(snapshot, enc_hook=as_digest)
    return msgspec.json.encode(_Saved(SCHEMA, documents, Raw(body)))


def load(data: bytes, name: str = "") -> Snapshot:
    """Read a saved snapshot from the (unpacked) bytes of its file.

    Raises:
        InputError: it was written by a newer version, is damaged, or is no snapshot.
    """
    saved: _Saved = decode(data, _Saved, name)
    _check_schema(saved.schema, name)
    documents = {digest: _document(digest, raw, name) for digest, raw in saved.documents.items()}

    def from_digest(kind: type, value: Any) -> Any:
        if kind is not Document:
            raise NotImplementedError(kind)
        if value not in documents:
            raise InputError(f"the document `{str(value)[:20]}` is not in the file", file=name, place="documents")
        return documents[value]

    body = bytes(saved.snapshot)
    try:
        return msgspec.json.decode(body, type=Snapshot, dec_hook=from_digest)
    except InputError:
        raise
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise as_input_error(error, body, name, "snapshot") from error


def _check_schema(schema: str, name: str) -> None:
    if schema == SCHEMA:
        return
    found = _NAME.fullmatch(schema)
    if found and int(found[1]) > 1:
        raise InputError(
            f"was written by a newer version of the advisor (`{schema}`, this one reads `{SCHEMA}`)",
            file=name,
            advice="update iam-advisor, or collect the account again",
        )
    raise InputError(f"is no snapshot: its schema is `{schema[:60]}`, not `{SCHEMA}`", file=name)


def _document(digest: str, raw: Raw, name: str) -> Document:
    place = f"documents.{digest[:12]}"
    try:
        document = parse_document(bytes(raw))
    except InputError as error:
        raise InputError(error.reason, file=name, place=f"{place}.{error.place}".rstrip(".")) from error
    if document.digest != digest:
        raise InputError("the document was changed after it was saved", file=name, place=place)
    return document


def save(snapshot: Snapshot, path: str | Path) -> None:
    """Write a snapshot, and its binary twin beside it; an existing file is replaced only when the new one is complete.

    Raises:
        InputError: the file cannot be written.
    """
    data = dump(snapshot)
    if str(path).endswith(".gz"):
        data = gzip.compress(data, compresslevel=6, mtime=0)
    write_private(Path(path), data)
    write_twin(snapshot, Path(path), data)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all.

    Raises:
        InputError: the folder does not exist or the disk refuses.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise InputError(f"cannot be written: {(error.strerror or str(error)).lower()}", file=str(path)) from error
