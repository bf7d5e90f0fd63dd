"""The words of a condition say what the evaluator decides, of an absent key too."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context
from advisor.model.condition_words import condition_words, conditions_words
from advisor.model.document import Condition

SAMPLES = {
    "Bool": ("true", ("true", "false")),
    "String": ("b", ("a", "b", "c")),
    "Arn": (
        "arn:aws:iam::111122223333:role/b",
        ("arn:aws:iam::111122223333:role/b", "arn:aws:iam::111122223333:role/c"),
    ),
    "Ip": ("10.0.0.1", ("10.0.0.1", "10.0.0.2")),
    "Numeric": ("2", ("1", "2", "3")),
    "Date": ("2026-02-01", ("2026-01-01", "2026-02-01", "2026-03-01")),
}
READINGS: list[tuple[str, Callable[[str, str], bool]]] = [
    ("is not, case apart, ", operator.ne),
    ("is, case apart, ", operator.eq),
    ("is not like ", operator.ne),
    ("is not in ", operator.ne),
    ("is not before ", operator.ge),
    ("is not ", operator.ne),
    ("is like ", operator.eq),
    ("is in ", operator.eq),
    ("is before ", operator.lt),
    ("is until ", operator.le),
    ("is after ", operator.gt),
    ("is from ", operator.ge),
    ("is ", operator.eq),
    ("= ", operator.eq),
    ("≠ ", operator.ne),
    ("< ", operator.lt),
    ("≤ ", operator.le),
    ("> ", operator.gt),
    ("≥ ", operator.ge),
]
"""What a reader takes each word to say; numbers of one digit and dates of one form order like their texts."""
OPERATORS = (
    "Bool", "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
    "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "IpAddress", "NotIpAddress", "NumericEquals",
    "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
    "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
)  # fmt: skip


def read(words: str, value: str | None) -> bool:
    text = words.removeprefix("a:key ")
    word, compare = next(pair for pair in READINGS if text.startswith(pair[0]))
    wanted = text.removeprefix(word).removesuffix(" or absent").removesuffix(" and there")
    if value is not None:
        return compare(value, wanted)
    return text.endswith(" or absent") or (word.startswith(("is not", "≠")) and not text.endswith(" and there"))


@pytest.mark.parametrize("unless", [False, True])
@pytest.mark.parametrize("suffix", ["", "IfExists"])
@pytest.mark.parametrize("name", OPERATORS)
def test_words_say_what_is_decided(name: str, suffix: str, unless: bool) -> None:
    kind = next(kind for kind in SAMPLES if kind in name)
    wanted, values = SAMPLES[kind]
    condition = Condition(name + suffix, "a:key", (wanted,), unless)
    words = condition_words(condition)
    compiled = CompiledCondition(condition)
    for value in (*values, None):
        holds = compiled.holds(Context({"a:key": (value,) if value is not None else ()}, complete=True))
        assert read(words, value) == (holds != unless), (words, value)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("BoolIfExists", "aws:SecureTransport", ("false",), True), "aws:SecureTransport is true"),
        (Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)), "aws:MultiFactorAuthPresent is true"),
        (Condition("Null", "aws:TokenIssueTime", ("true",)), "aws:TokenIssueTime is absent"),
        (Condition("Null", "aws:TokenIssueTime", ("true",), True), "aws:TokenIssueTime is there"),
        (Condition("StringEquals", "a:b", ("x", "y", "z", "w")), "a:b is x, y, z or 1 more"),
        (Condition("ForAnyValue:StringEquals", "a:b", ("x",), True), "not (some value of a:b is x)"),
        (Condition("StringSounds", "a:b", ("x",)), "a:b StringSounds x"),
    ],
)
def test_each_form(condition: Condition, words: str) -> None:
    assert condition_words(condition) == words


def test_groups_are_alternatives() -> None:
    one, two = Condition("Bool", "a:b", ("true",)), Condition("Bool", "a:c", ("true",))
    assert conditions_words(((one, two), (two,))) == "a:b is true and a:c is true or a:c is true"
    assert conditions_words(((one,), (two,)), 1) == "a:b is true or 1 more"
