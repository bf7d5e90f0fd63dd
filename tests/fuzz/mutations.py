"""Random input: texts that look like policies, and sound files that were damaged."""

from __future__ import annotations

import json
from random import Random
from typing import Any

PIECES = (
    "*", "?", "**", "*?*", ":", "::", "/", "${", "}", "${*}", "${?}", "${$}", "${aws:username}", "${aws:username, 'x'}",
    "${aws:PrincipalTag/team}", "a", "b", "ab", "A", "é", "\x00", "\x1b[31m", "\u202e", " ", ",", "arn:aws:s3:::", "s3",
    "Get", "Object", "iam", "111122223333", "role/", "-", "0", "9", "true", "2026-11-24T00:00:00Z", "10.0.0.0/8", "::1",
    "YQ==", "1e9",
)  # fmt: skip
OPERATORS = (
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnLike",
    "ArnNotEquals", "NumericLessThan", "NumericEquals", "NumericNotEquals", "DateGreaterThan", "DateEquals", "Bool",
    "Null", "IpAddress", "NotIpAddress", "BinaryEquals", "StringNotEqualsIgnoreCase", "Nonsense",
)  # fmt: skip
KEYS = (
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:SourceIp",
    "s3:prefix",
    "aws:CurrentTime",
    "aws:MultiFactorAuthPresent",
)
SCALARS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, "", "*", "Allow", "Deny", "x" * 5000, "\ud800", [], {},
    [[]], [{}], {"a": None},
)  # fmt: skip


def text(random: Random, longest: int = 6) -> str:
    return "".join(random.choice(PIECES) for _ in range(random.randrange(longest)))


def fitting(random: Random, pattern: str) -> str:
    """A text that the glob matches."""
    return "".join(
        text(random, 3) if sign == "*" else random.choice("ab:/é*?") if sign == "?" else sign for sign in pattern
    )


def operator(random: Random) -> str:
    prefix = random.choice(("", "", "ForAnyValue:", "ForAllValues:", "forallvalues:", "Wrong:"))
    return prefix + random.choice(OPERATORS) + random.choice(("", "", "IfExists"))


def damaged_value(random: Random, value: Any) -> Any:
    """The same JSON value with one place somewhere replaced, dropped, doubled or nested."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        changed = dict(value)
        if random.random() < 0.15:
            del changed[key]
        elif random.random() < 0.15:
            changed[text(random)] = changed[key]
        else:
            changed[key] = damaged_value(random, value[key])
        return changed
    if isinstance(value, list) and value and random.random() < 0.9:
        place = random.randrange(len(value))
        return [*value[:place], damaged_value(random, value[place]), *value[place + random.randrange(2) :]]
    return random.choice(SCALARS) if random.random() < 0.7 else text(random)


def damaged_raw(random: Random, data: bytes) -> bytes:
    """Some bytes flipped, cut out or doubled, for what is no text."""
    changed = bytearray(data)
    for _ in range(random.randrange(4)):
        at = random.randrange(len(changed)) if changed else 0
        kind = random.randrange(3)
        if kind == 0 and changed:
            changed[at] = random.randrange(256)
        elif kind == 1:
            del changed[at : at + random.randrange(1, 40)]
        else:
            changed[at:at] = changed[at : at + random.randrange(1, 40)]
    return bytes(changed)


def damaged_bytes(random: Random, data: bytes) -> bytes:
    """Cut, flipped, doubled or filled with other bytes; sometimes only damaged as JSON."""
    kind = random.randrange(6)
    place = random.randrange(len(data)) if data else 0
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + bytes([random.randrange(256)]) + data[place + 1 :]
    if kind == 2:
        end = min(len(data), place + random.randrange(1, 200))
        return data[:end] + data[place:end] + data[end:]
    if kind == 3:
        return (
            data[:place]
            + random.choice((b"[" * 3000, b'{"a":' * 3000, b"NaN", b"-", b'"', b"\\u0000", b"1" * 400))
            + data[place:]
        )
    try:
        value = damaged_value(random, json.loads(data))
        return json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data[::-1]
