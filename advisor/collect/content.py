"""The bytes of a file as JSON text: opened, unpacked within bounds, and decoded with errors that name the place."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from advisor.errors import InputError

LIMIT = 1 << 30
"""Bytes that a file may hold, unpacked: ten times the export of the largest account that IAM's quotas allow."""
_CHUNK = 1 << 20
_SMALL, _PACKED = 64 << 20, 100
"""A packed file may hold so many bytes, and so many for each of its own: exports are packed to a twentieth."""
_TYPE = re.compile(r"`((?:str|int|float|bool|array|object|null)(?: \| (?:str|int|float|bool|array|object|null))*)`")
_BYTE = re.compile(r"\(byte (\d+)\)")
_PATH = re.compile(r" - at `\$(.*)`$")
_TRAILING = "trailing characters"


class Content(msgspec.Struct, frozen=True):
    """What stands in one file. `name` is the file as the user gave it."""

    name: str
    data: bytes
    modified: str
    """ISO 8601, UTC; for standard input the time of reading."""
    raw: bytes = b""
    """The bytes as they lie on disk; empty for standard input."""


def read_content(file: str | Path, limit: int = LIMIT) -> Content:
    """Read a file, `-` for standard input; gzip and UTF-16 (as PowerShell writes it) are recognized.

    Raises:
        InputError: it cannot be read, is no gzip file after all, or is larger than `limit` bytes.
    """
    name = str(file)
    stored = b""
    if name == "-":
        raw, modified = sys.stdin.buffer.read(limit + 1), datetime.now(UTC)
        name = "standard input"
    else:
        raw, modified = _read_file(Path(file), name, limit)
        stored = raw
    if raw[:2] == b"\x1f\x8b":
        raw = _unpack(raw, name, limit)
    if len(raw) > limit:
        raise InputError(f"holds more than {limit >> 20} MiB", file=name)
    return Content(name, _as_utf8(raw, name), modified.isoformat(timespec="seconds"), stored)


def _read_file(path: Path, name: str, limit: int) -> tuple[bytes, datetime]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
        return raw, datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason.lower()}", file=name) from error


def _unpack(packed: bytes, name: str, limit: int) -> bytes:
    """Unpack gzip members one after the other; stops as soon as the result passes the limit, or what JSON packs to."""
    parts: list[bytes] = []
    size, limit = 0, min(limit, _SMALL + _PACKED * len(packed))
    try:
        while packed[:2] == b"\x1f\x8b":
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                part = member.decompress(packed, _CHUNK)
                packed = member.unconsumed_tail or member.unused_data
                size += len(part)
                if size > limit:
                    raise InputError(f"unpacks to more than {limit >> 20} MiB", file=name)
                if not part and not packed and not member.eof:
                    raise InputError("is a gzip file that ends too early", file=name)
                parts.append(part)
    except zlib.error as error:
        raise InputError(f"is a damaged gzip file: {error}", file=name) from error
    return b"".join(parts)


def _as_utf8(raw: bytes, name: str) -> bytes:
    if raw[:3] == b"\xef\xbb\xbf":
        return raw[3:]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16").encode()
        except UnicodeError as error:
            raise InputError("begins like UTF-16 text but is none", file=name) from error
    return raw


def decode(data: bytes, shape: Any, name: str, place: str = "") -> Any:
    """Decode JSON into a type.

    Raises:
        InputError: with the line and column, or the key path, of what is wrong.
    """
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise as_input_error(error, data, name, place) from error


def as_input_error(error: BaseException, data: bytes, name: str, place: str = "") -> InputError:
    """Say in the user's terms what the decoder refused."""
    if isinstance(error, RecursionError):
        return InputError("is nested too deeply", file=name, place=place)
    if isinstance(error, UnicodeError):
        return InputError("is no UTF-8 text", file=name, place=place)
    text = str(error).splitlines()[0]
    if found := _PATH.search(text):
        reason = _in_words(text[: found.start()])
        return InputError(reason[:1].lower() + reason[1:], file=name, place=(place + found[1]).lstrip("."))
    if found := _BYTE.search(text):
        at = int(found[1])
        line = data.count(b"\n", 0, at) + 1
        column = at - data.rfind(b"\n", 0, at)
        reason = text[: found.start()].strip().removeprefix("JSON is malformed: ")
        return InputError(f"no JSON: {reason}", file=name, place=place or f"line {line}, column {column}")
    return InputError(f"no JSON: {text[:1].lower()}{text[1:]}", file=name, place=place)


_TYPES = {
    "str": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}


def _in_words(reason: str) -> str:
    """The decoder's types as JSON's: `expected a text, got a number`."""
    return _TYPE.sub(lambda found: " or ".join(_TYPES.get(one, one) for one in found[1].split(" | ")), reason)


def decode_all(data: bytes, shape: Any, name: str) -> Iterator[Any]:
    """Decode one JSON value after the other: pages may stand in one file, one behind the other.

    Raises:
        InputError: as `decode`.
    """
    decoder = msgspec.json.Decoder(shape)
    while True:
        try:
            yield decoder.decode(data)
        except msgspec.ValidationError as error:
            raise as_input_error(error, data, name) from error
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            found = _BYTE.search(str(error))
            if _TRAILING not in str(error) or found is None:
                raise as_input_error(error, data, name) from error
            at = int(found[1]) - 1  # msgspec names the byte after the one that it refuses
            yield decode(data[:at], shape, name)
            data = data[at:]
        else:
            return
