"""Sample values for condition keys, made from the values that policies compare them with."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import combinations

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context
from advisor.evaluate.operators import NULL, moment_of
from advisor.evaluate.pattern import ANY, ONE, glob_match, has_wildcard, tokens_of
from advisor.evaluate.variables import literal_text
from advisor.reference.catalogue import key_type

FRESH = "other"
"""A value that hardly any policy names."""

MOST_MEMBERS = 6
"""Up to this many sample values every subset is tried for a key that holds several."""

_STRINGS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")
_PATTERNS = ("StringLike", "ArnLike")
_EXACT = frozenset(("StringEquals", "Bool", "NumericEquals", "DateEquals", "BinaryEquals"))
_BOUNDED = frozenset(("Bool", "Null"))


def samples_of(
    key: str,
    conditions: Sequence[CompiledCondition],
    context: Context,
    shape: str = "*",
    since: Decimal | None = None,
) -> list[str]:
    """Values worth trying for a key, without repetition, the policy's own first.

    All of them fit `shape`, and none is a time before `since`.
    """
    found: dict[str, None] = {}
    patterns: list[str] = [] if shape == "*" else [tokens_of(shape)]
    for condition in conditions:
        for tokens in condition.filled(context):
            found.update(dict.fromkeys(_of_value(condition.family, tokens)))
            if condition.family in _PATTERNS:
                patterns.append(tokens)
    for one, other in combinations(patterns[:12], 2):
        common = common_text(one, other)
        if common is not None:
            found[common] = None
    families = {condition.family for condition in conditions}
    found.update(dict.fromkeys(_generic(key, families)))
    if since is not None:
        return [value for value in (*found, f"{since:f}") if _is_from_then_on(value, since)]
    if shape == "*":
        return list(found)
    found[shape.replace("*", FRESH)] = None
    return [value for value in found if glob_match(shape, value)]


def _is_from_then_on(value: str, since: Decimal) -> bool:
    moment = moment_of(value)
    return moment is not None and moment >= since


def _of_value(family: str, tokens: str) -> list[str]:
    if family in _PATTERNS:
        return [_instance(tokens, "x"), _instance(tokens, ""), _instance(tokens, "xx")]
    text = literal_text(tokens)
    if family in _STRINGS:
        return [text]
    if family.startswith("Numeric"):
        return _around_number(text)
    if family.startswith("Date"):
        return _around_moment(text)
    if family == "IpAddress":
        return _around_network(text)
    return [text]


def _instance(tokens: str, run: str) -> str:
    return tokens.replace(ANY, run).replace(ONE, "x")


def _around_number(text: str) -> list[str]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return []
    return [f"{number:f}", f"{number - 1:f}", f"{number + 1:f}", f"{number + Decimal('0.5'):f}"]


def _around_moment(text: str) -> list[str]:
    from datetime import UTC, datetime

    seconds = moment_of(text)
    if seconds is None:
        return []
    found = [text]
    for offset in (-1, 1):
        try:
            stamp = datetime.fromtimestamp(int(seconds) + offset, UTC)
        except (OverflowError, ValueError, OSError):
            continue
        found.append(stamp.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found


def _around_network(text: str) -> list[str]:
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return []
    first, last = network.network_address, network.broadcast_address
    found = [first + 1 if network.num_addresses > 2 else first, first, last]
    top = 2**network.max_prefixlen - 1
    if int(first) > 0:
        found.append(first - 1)
    if int(last) < top:
        found.append(last + 1)
    return [str(address) for address in found]


def _generic(key: str, families: set[str]) -> list[str]:
    """Values of the key's type that no policy had in mind."""
    kind = (key_type(key) or "").lower()
    found = []
    if "Bool" in families or "bool" in kind:
        found += ["true", "false"]
    if "ArnLike" in families or "arn" in kind:
        found.append("arn:aws:x:x:000000000000:x")
    if "IpAddress" in families:
        found += ["203.0.113.7", "2001:db8:ffff::7"]
    if any(family.startswith("Numeric") for family in families) or "numeric" in kind:
        found.append("1")
    if any(family.startswith("Date") for family in families) or "date" in kind:
        found.append("2030-01-01T00:00:00Z")
    if not found or families & set(_STRINGS):
        found += [FRESH, "other-2"]
    return found


def is_exhaustive(wanted: Sequence[tuple[CompiledCondition, bool]]) -> bool:
    """Whether no value but the samples (and absence) could make a difference to these conditions on one key."""
    families = {condition.family for condition, _ in wanted}
    if any(condition.quantifier for condition, _ in wanted):
        # which of the named values a set holds, and whether others: all subsets are tried
        named = {value for condition, _ in wanted for value in condition.written.values}
        return families <= {"StringEquals", "Null"} and len(named) + 2 <= MOST_MEMBERS
    if families <= _BOUNDED:
        return True
    for prefix in ("Numeric", "Date", "IpAddress"):
        if all(family == "Null" or family.startswith(prefix) for family in families):
            return True
    for condition, is_met in wanted:
        if condition.operator is NULL and is_met == (condition.if_missing):
            return True  # the key must be absent
        if is_met and _is_exact(condition) and not condition.is_negated and not condition.if_exists:
            return True
    return False


def _is_exact(condition: CompiledCondition) -> bool:
    """Whether only the values that are written match: patterns without wildcards are such, too."""
    if condition.family in _PATTERNS:
        return not any(has_wildcard(value) for value in condition.written.values)
    return condition.family in _EXACT


def common_text(one: str, other: str) -> str | None:
    """The shortest kind of text that fits both patterns (given as tokens), or `None`."""
    if len(one) * len(other) > 40_000:
        return None
    texts: dict[tuple[int, int], str | None] = {}

    def best(i: int, j: int) -> str | None:
        if i == len(one) and j == len(other):
            return ""
        a, b = one[i : i + 1], other[j : j + 1]
        if a == ANY and b == ANY:
            return texts.get((i + 1, j)) if texts.get((i + 1, j)) is not None else texts.get((i, j + 1))
        if a == ANY:
            return _longer(texts.get((i + 1, j)), b, texts.get((i, j + 1)) if b else None)
        if b == ANY:
            return _longer(texts.get((i, j + 1)), a, texts.get((i + 1, j)) if a else None)
        if not a or not b or (a != b and ONE not in (a, b)):
            return None
        rest = texts.get((i + 1, j + 1))
        return None if rest is None else _char(b if a == ONE else a) + rest

    for i in range(len(one), -1, -1):
        for j in range(len(other), -1, -1):
            texts[i, j] = best(i, j)
    return texts[0, 0]


def _longer(empty: str | None, char: str, rest: str | None) -> str | None:
    """A star against one character: it stands for nothing, or takes the character in."""
    if empty is not None:
        return empty
    return None if rest is None else _char(char) + rest


def _char(token: str) -> str:
    return "x" if token == ONE else token
