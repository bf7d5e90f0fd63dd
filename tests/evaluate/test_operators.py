"""Condition operators row by row: the key missing, several values, values that cannot be read."""

from __future__ import annotations

import pytest

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import OPEN, PRESENT, Context, complete_context
from advisor.evaluate.operators import OPERATORS
from advisor.model.document import Condition

GOOD = {
    "StringEquals": ("blue", "blue", "red"),
    "StringEqualsIgnoreCase": ("Blue", "bLUE", "red"),
    "StringLike": ("bl*e", "blue", "red"),
    "ArnLike": ("arn:aws:iam::*:role/b*", "arn:aws:iam::111122223333:role/build", "arn:aws:iam::111122223333:user/ana"),
    "NumericEquals": ("10", "10.0", "11"),
    "NumericLessThan": ("10", "9.5", "10"),
    "NumericLessThanEquals": ("10", "10", "10.5"),
    "NumericGreaterThan": ("10", "11", "10"),
    "NumericGreaterThanEquals": ("10", "10", "9"),
    "DateEquals": ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-02"),
    "DateLessThan": ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01"),
    "DateLessThanEquals": ("2026-01-01", "1767225600", "1767225601"),
    "DateGreaterThan": ("2026-01-01", "2026-01-01T00:00:00.5Z", "2026-01-01"),
    "DateGreaterThanEquals": ("2026-01-01", "2026-01-01", "2025-12-31"),
    "Bool": ("true", "TRUE", "false"),
    "BinaryEquals": ("QmluYXJ5", "QmluYXJ5", "b3RoZXI="),
    "IpAddress": ("192.0.2.0/24", "192.0.2.77", "198.51.100.1"),
}
"""For each operator: a policy's value, a request's value that matches, and one that does not."""

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotLike": "ArnLike",
    "ArnNotEquals": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
UNREADABLE = {
    "ArnLike": "arn:aws",
    "NumericEquals": "ten",
    "DateEquals": "tomorrow",
    "Bool": "yes",
    "IpAddress": "somewhere",
    "BinaryEquals": "!",
}


def holds(operator: str, policy: str | list[str], request: str | list[str] | None) -> bool | None:
    values = [policy] if isinstance(policy, str) else policy
    context = complete_context({} if request is None else {"test:key": request})
    return CompiledCondition(Condition(operator, "test:key", tuple(values))).holds(context)


def test_the_table_is_tested_whole() -> None:
    tested = {name.lower() for name in (*GOOD, *NEGATED, "ArnEquals", "Null")}
    assert tested == set(OPERATORS)


@pytest.mark.parametrize("operator", [*GOOD, "ArnEquals"])
def test_a_positive_operator(operator: str) -> None:
    policy, match, other = GOOD[operator if operator in GOOD else "ArnLike"]
    assert holds(operator, policy, match) is True
    assert holds(operator, policy, other) is False
    assert holds(operator, policy, None) is False
    assert holds(operator + "IfExists", policy, None) is True
    assert holds(operator, policy, [match, match]) is False
    assert holds(operator.upper(), policy, match) is True


@pytest.mark.parametrize("operator", NEGATED)
def test_a_negated_operator(operator: str) -> None:
    policy, match, other = GOOD[NEGATED[operator]]
    assert holds(operator, policy, match) is False
    assert holds(operator, policy, other) is True
    assert holds(operator, policy, None) is True
    assert holds(operator + "IfExists", policy, None) is True
    assert holds(operator, [policy, policy], match) is False
    assert holds(operator, policy, [match, other]) is False


@pytest.mark.parametrize("operator", UNREADABLE)
def test_what_cannot_be_read_matches_nothing(operator: str) -> None:
    policy, match, _ = GOOD[operator]
    assert holds(operator, UNREADABLE[operator], match) is False
    assert holds(operator, policy, UNREADABLE[operator]) is False
    for opposite, base in NEGATED.items():
        if base == operator:
            assert holds(opposite, UNREADABLE[operator], match) is False
            assert holds(opposite, policy, UNREADABLE[operator]) is False


def test_versions_of_addresses_do_not_meet() -> None:
    assert holds("IpAddress", "2001:db8::/32", "192.0.2.1") is False
    assert holds("NotIpAddress", "2001:db8::/32", "192.0.2.1") is True


@pytest.mark.parametrize(
    ("operator", "policy", "request_values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("ForAllValues:StringEquals", ["a"], [""], True),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringEquals", ["a"], ["c"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAnyValue:StringEqualsIfExists", ["a"], None, True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("Null", ["true"], None, True),
        ("Null", ["true"], ["x"], False),
        ("Null", ["false"], ["x", "y"], True),
        ("NullIfExists", ["true"], None, False),
        ("Made:Up", ["a"], ["a"], False),
        ("StringMatches", ["a"], ["a"], False),
    ],
)
def test_set_operators_and_null(
    operator: str, policy: list[str], request_values: list[str] | None, expected: bool
) -> None:
    assert holds(operator, policy, request_values) is expected


def test_what_is_known_of_a_key_decides_no_more_than_it_can() -> None:
    equals = CompiledCondition(Condition("StringEquals", "test:key", ("a",)))
    null = CompiledCondition(Condition("Null", "test:key", ("true",)))
    malformed = CompiledCondition(Condition("NumericNotEquals", "test:key", ("ten",)))
    assert [equals.holds(Context({"test:key": what})) for what in (OPEN, PRESENT, ("a",), ())] == [
        None,
        None,
        True,
        False,
    ]
    assert [null.holds(Context({"test:key": what})) for what in (OPEN, PRESENT)] == [None, False]
    assert [malformed.holds(Context({"test:key": what})) for what in (PRESENT, ("1",))] == [False, False]


def test_wildcards_from_a_variable_are_literal_and_defaults_stand_in() -> None:
    context = complete_context({"aws:username": "a*", "s3:prefix": "home/a*/x", "test:key": "home/abc/x"})
    literal = CompiledCondition(Condition("StringLike", "s3:prefix", ("home/${aws:username}/*",)))
    assert literal.holds(context) is True
    assert CompiledCondition(Condition("StringLike", "test:key", ("home/${aws:username}/*",))).holds(context) is False
    default = Condition("StringEquals", "test:key", ("home/${aws:PrincipalTag/team, 'abc'}/x",))
    assert CompiledCondition(default).holds(context) is True
    assert CompiledCondition(default, variables=False).holds(context) is False
    stars = Condition("StringLike", "test:key", ("${*}",))
    assert CompiledCondition(stars).holds(complete_context({"test:key": "*"})) is True
    assert CompiledCondition(stars).holds(complete_context({"test:key": "x"})) is False


@pytest.mark.parametrize("written", ["10.0.0.0/255.0.0.0", "fe80::1%eth0", "10.0.0.0/33", "10.0.0", "10.0.0.0/ 8", "1"])
def test_what_is_no_cidr_matches_nothing(written: str) -> None:
    for request in ("10.1.1.1", "fe80::1", "0.0.0.1"):
        assert holds("IpAddress", written, request) is False
        assert holds("NotIpAddress", written, request) is False


def test_case_is_ignored_letter_by_letter() -> None:
    assert holds("StringEqualsIgnoreCase", "STRASSE", "straße") is False
