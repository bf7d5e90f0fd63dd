"""Condition operators: one table from name to how a policy's values are read and compared.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators"; the operator table of the evaluation rules.
A reader turns one policy value into a test of one request value; a test answers `True`, `False`, or `None` when the
request's value is no number, date, address or ARN. A reader answers `None` when the policy's value is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from advisor.evaluate.pattern import Glob
from advisor.evaluate.variables import literal_text

Test = Callable[[str], bool | None]
Reader = Callable[[str], Test | None]
"""From a policy's value, filled in, with tokens for its wildcards."""


class Operator(NamedTuple):
    """`negated` turns the answer round; `base` is the operator without negation; `variables`: they are filled in."""

    name: str
    base: str
    read: Reader
    negated: bool = False
    variables: bool = False


def _string_equals(tokens: str) -> Test:
    text = literal_text(tokens)
    return lambda value: value == text


def _string_equals_ignore_case(tokens: str) -> Test:
    text = literal_text(tokens).lower()
    return lambda value: value.lower() == text


def _string_like(tokens: str) -> Test:
    return Glob(tokens, tokens).matches


def _arn_like(tokens: str) -> Test | None:
    """Each of the six parts on its own; case counts. `ArnEquals` is the same."""
    parts = tokens.split(":", 5)
    if len(parts) != 6:
        return None
    globs = [Glob(part, part) for part in parts]

    def test(value: str) -> bool | None:
        fields = value.split(":", 5)
        if len(fields) != 6:
            return None
        return all(pattern.matches(field) for pattern, field in zip(globs, fields, strict=True))

    return test


_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?")


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)


def moment_of(text: str) -> Decimal | None:
    """Seconds since 1970 of a W3C date or of an epoch value; epoch values are seconds (rule 46)."""
    found = _DATE.fullmatch(text)
    if found is None:
        return _number(text)
    from datetime import UTC, datetime, timedelta

    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        stamp = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    offset = 0
    if zone and zone not in "Zz":
        offset = (int(zone[1:3]) * 60 + int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    elapsed = stamp.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(minutes=offset)
    return Decimal(elapsed.days * 86_400 + elapsed.seconds) + Decimal(fraction or 0)


def _ordered(parse: Callable[[str], Decimal | None], holds: Callable[[Decimal, Decimal], bool]) -> Reader:
    def read(tokens: str) -> Test | None:
        limit = parse(literal_text(tokens))
        if limit is None:
            return None

        def test(value: str) -> bool | None:
            number = parse(value)
            return None if number is None else holds(number, limit)

        return test

    return read


def from_then_on(operator: Operator, written: str, since: Decimal) -> bool | None:
    """Whether every time from `since` on passes the test (not negated) of one written value, or none of them does."""
    parse = moment_of if operator.base.startswith("Date") else _number if operator.base.startswith("Numeric") else None
    limit = parse(written) if parse is not None else None
    if limit is None:
        return None if parse is None else False
    how = operator.base.removeprefix("Date").removeprefix("Numeric")
    if how in ("GreaterThan", "GreaterThanEquals"):
        return True if limit < since or (limit == since and how.endswith("Equals")) else None
    return False if limit < since or (limit == since and how == "LessThan") else None


def _boolean(tokens: str) -> Test | None:
    wanted = literal_text(tokens).lower()
    if wanted not in ("true", "false"):
        return None
    return lambda value: value.lower() == wanted if value.lower() in ("true", "false") else None


def _binary(tokens: str) -> Test | None:
    """Byte for byte: the policy holds base64, the request base64 or the bytes themselves."""
    import base64
    import binascii

    text = literal_text(tokens)
    try:
        wanted = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return lambda value: value == text or value.encode() == wanted


_CIDR = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")
"""The module that reads addresses also takes net masks and zones, which AWS does not."""


def _address(tokens: str) -> Test | None:
    """CIDR of either version; a bare address is itself alone. Version 4 is never inside version 6, nor the reverse."""
    import ipaddress

    text = literal_text(tokens)
    if not _CIDR.fullmatch(text):
        return None
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None

    def test(value: str) -> bool | None:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return None
        return address.version == network.version and address in network

    return test


def _never(_tokens: str) -> Test | None:
    return None


def _family(
    name: str, read: Reader, opposite: str, *, base: str = "", variables: bool = False
) -> tuple[Operator, Operator]:
    return (
        Operator(name, base or name, read, variables=variables),
        Operator(opposite, base or name, read, negated=True, variables=variables),
    )


def _comparisons(prefix: str, parse: Callable[[str], Decimal | None]) -> tuple[Operator, ...]:
    tests: dict[str, Callable[[Decimal, Decimal], bool]] = {
        "LessThan": lambda value, limit: value < limit,
        "LessThanEquals": lambda value, limit: value <= limit,
        "GreaterThan": lambda value, limit: value > limit,
        "GreaterThanEquals": lambda value, limit: value >= limit,
    }
    equal = _family(f"{prefix}Equals", _ordered(parse, lambda value, limit: value == limit), f"{prefix}NotEquals")
    return (*equal, *(Operator(prefix + name, prefix + name, _ordered(parse, test)) for name, test in tests.items()))


NULL = Operator("Null", "Null", _never)

OPERATORS: dict[str, Operator] = {
    operator.name.lower(): operator
    for operator in (
        *_family("StringEquals", _string_equals, "StringNotEquals", variables=True),
        *_family("StringEqualsIgnoreCase", _string_equals_ignore_case, "StringNotEqualsIgnoreCase", variables=True),
        *_family("StringLike", _string_like, "StringNotLike", variables=True),
        *_family("ArnEquals", _arn_like, "ArnNotEquals", base="ArnLike", variables=True),
        *_family("ArnLike", _arn_like, "ArnNotLike", variables=True),
        *_comparisons("Numeric", _number),
        *_comparisons("Date", moment_of),
        # "Condition operators" lists variables under Bool, "Variables and tags" does not: the first is followed
        Operator("Bool", "Bool", _boolean, variables=True),
        Operator("BinaryEquals", "BinaryEquals", _binary),
        *_family("IpAddress", _address, "NotIpAddress"),
        NULL,
    )
}
"""By name in lower case: operator names ignore case."""
