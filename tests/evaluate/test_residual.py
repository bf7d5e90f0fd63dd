"""The algebra of what remains, and witnesses for it."""

from __future__ import annotations

import itertools

import pytest

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import PRESENT, Context
from advisor.evaluate.layers import decide
from advisor.evaluate.residual import (
    FALSE,
    MOST_TERMS,
    TOO_MANY,
    TRUE,
    Dnf,
    Literal,
    all_of,
    any_of,
    conditions_of,
    gap_literal,
    gaps_of,
    negation,
    of_literal,
    without_gaps,
)
from advisor.evaluate.witness import is_impossible, satisfy
from advisor.model.document import Condition
from advisor.model.gap import Gap
from tests.evaluate.worlds import ACCOUNT, asked_of, policies_of

NAMES = "abc"
LITERALS = {name: Literal((name,), True, Condition("StringEquals", name, ("1",))) for name in NAMES}
GAP = Gap("iam:GetPolicyVersion", "refused", "access denied", "the policy")


def value_of(formula: Dnf, truth: dict[str, bool]) -> bool:
    return any(all(truth[literal.atom[0]] == literal.positive for literal in term) for term in formula)


def _formulas() -> list[Dnf]:
    singles = [of_literal(literal) for one in LITERALS.values() for literal in (one, ~one)]
    pairs = [all_of(pair) for pair in itertools.combinations(singles, 2)]
    return [TRUE, FALSE, *singles, *pairs, *(any_of(pair) for pair in itertools.combinations(pairs, 2))]


FORMULAS = _formulas()
TRUTHS = [dict(zip(NAMES, values, strict=True)) for values in itertools.product((True, False), repeat=3)]


def test_the_algebra_keeps_the_meaning() -> None:
    for one, other in itertools.product(FORMULAS[:25], FORMULAS):
        both, either = all_of((one, other)), any_of((one, other))
        for truth in TRUTHS:
            a, b = value_of(one, truth), value_of(other, truth)
            assert value_of(both, truth) == (a and b)
            assert value_of(either, truth) == (a or b)
    for formula in FORMULAS:
        for truth in TRUTHS:
            assert value_of(negation(formula), truth) != value_of(formula, truth)


def test_a_literal_or_its_opposite_is_no_condition() -> None:
    a = of_literal(LITERALS["a"])
    assert any_of((a, negation(a))) == TRUE
    assert all_of((a, negation(a))) == FALSE


def test_needless_terms_and_literals_drop_out() -> None:
    a, b = of_literal(LITERALS["a"]), of_literal(LITERALS["b"])
    assert any_of((a, all_of((a, b)))) == a
    assert any_of((all_of((a, b)), all_of((negation(a), b)))) == b
    assert len(any_of((a, all_of((negation(a), b))))[0]) == 1


def test_a_gap_is_hopeful_or_not() -> None:
    allows, denies = of_literal(gap_literal(GAP, "Allow")), of_literal(gap_literal(GAP, "Deny"))
    a = of_literal(LITERALS["a"])
    formula = all_of((any_of((a, allows)), negation(denies)))
    assert without_gaps(formula, hopeful=True) == TRUE
    assert without_gaps(formula, hopeful=False) == FALSE
    assert gaps_of(formula) == (GAP,)


def _literals(count: int, name: str = "k") -> list[Dnf]:
    return [
        of_literal(Literal((f"{name}{at}",), True, Condition("Bool", f"{name}{at}", ("true",)))) for at in range(count)
    ]


def test_alternatives_that_are_left_out_are_no_refusal() -> None:
    """A hundred allows, and a deny on the same condition as each but the last: that one is left."""
    literals = _literals(100)
    left = all_of((any_of(literals), *map(negation, literals[:-1])))
    assert left == all_of((*map(negation, literals[:-1]), literals[-1]))


def test_a_product_that_is_cut_says_so_where_nothing_else_is_left() -> None:
    pairs = [any_of(pair) for pair in zip(_literals(12, "a"), _literals(12, "b"), strict=True)]
    product = all_of(pairs)  # 4,096 terms, each of which is enough
    assert 1 < len(without_gaps(product, hopeful=False)) <= MOST_TERMS
    assert without_gaps(product, hopeful=True) == without_gaps(product, hopeful=False)
    assert gaps_of(product) == ()
    against = all_of((product, *(negation(of_literal(next(iter(term)))) for term in product if len(term) == 12)))
    assert against != FALSE
    assert gaps_of(against) == (TOO_MANY,)
    assert without_gaps(against, hopeful=False) == FALSE


def test_opposite_operators_share_an_atom() -> None:
    for one, other in (
        ("StringEquals", "StringNotEquals"),
        ("ArnEquals", "ArnNotLike"),
        ("ForAnyValue:StringEquals", "ForAllValues:StringNotEquals"),
        ("ForAllValues:StringLike", "ForAnyValue:StringNotLike"),
    ):
        first, second = (
            CompiledCondition(Condition(name, "k:k", ("arn:aws:iam::1:role/v",))).literal(Context())
            for name in (one, other)
        )
        assert first == ~second, (one, other)


def test_conditions_are_printed_as_the_policy_writes_them() -> None:
    literal = CompiledCondition(Condition("StringNotEquals", "aws:RequestedRegion", ("eu-west-1",))).literal(Context())
    (term,) = conditions_of(negation(of_literal(literal)))
    assert term == (Condition("StringNotEquals", "aws:RequestedRegion", ("eu-west-1",), unless=True),)


def condition(operator: str, key: str, *values: str, unless: bool = False) -> Condition:
    return Condition(operator, key, values, unless)


SATISFIABLE = [
    (condition("StringLike", "k:a", "a*"), condition("StringLike", "k:a", "*b")),
    (condition("StringLike", "k:a", "ab*"), condition("StringLike", "k:a", "abc*", unless=True)),
    (condition("NumericGreaterThan", "k:n", "5"), condition("NumericLessThan", "k:n", "6")),
    (
        condition("DateGreaterThan", "aws:CurrentTime", "2026-01-01"),
        condition("DateLessThan", "aws:CurrentTime", "2026-01-02"),
    ),
    (condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"), condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/9")),
    (
        condition("StringEquals", "k:a", "${k:b}"),
        condition("StringEquals", "k:b", "x", "y"),
        condition("StringEquals", "k:a", "y"),
    ),
    (condition("StringEquals", "k:a", "team-x"), condition("StringLike", "k:a", "team-${k:b}")),
    (condition("ForAnyValue:StringEquals", "k:m", "a"), condition("ForAnyValue:StringEquals", "k:m", "b")),
    (condition("Null", "k:a", "false"), condition("StringNotEquals", "k:a", "x")),
    (condition("ArnLike", "k:a", "arn:aws:iam::*:role/b*"), condition("ArnNotLike", "k:a", "arn:aws:iam::1:role/b")),
]
IMPOSSIBLE = [
    (condition("StringEquals", "k:a", "x"), condition("StringEquals", "k:a", "y")),
    (condition("StringEquals", "k:a", "x"), condition("StringLike", "k:a", "y*")),
    (condition("NumericGreaterThan", "k:n", "5"), condition("NumericLessThan", "k:n", "5")),
    (condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"), condition("IpAddress", "aws:SourceIp", "192.0.2.0/24")),
    (condition("Null", "k:a", "true"), condition("StringEquals", "k:a", "x")),
    (condition("ArnLike", "k:a", "arn:aws:iam::1:role/a"), condition("StringLike", "k:a", "arn:aws:iam::1:role/b")),
    (
        condition("Bool", "k:t", "true", unless=True),
        condition("Bool", "k:t", "false", unless=True),
        condition("Null", "k:t", "false"),
    ),
    (
        condition("ForAnyValue:StringEquals", "k:m", "a"),
        condition("ForAnyValue:StringEquals", "k:m", "a", "b", unless=True),
    ),
]


@pytest.mark.parametrize("term", SATISFIABLE, ids=str)
def test_a_witness_meets_every_condition(term: tuple[Condition, ...]) -> None:
    found = satisfy(term, Context())
    assert found is not None
    assert not is_impossible(term, Context())
    context = Context().fixed(found)
    for item in term:
        assert CompiledCondition(item).holds(context) is not item.unless


@pytest.mark.parametrize("term", IMPOSSIBLE, ids=str)
def test_conditions_that_cannot_meet_are_proved_impossible(term: tuple[Condition, ...]) -> None:
    assert satisfy(term, Context()) is None
    assert is_impossible(term, Context())


def test_a_key_that_is_there_is_not_made_absent() -> None:
    term = (condition("StringNotEquals", "k:a", "x"),)
    found = satisfy(term, Context({"k:a": PRESENT}))
    assert found is not None
    assert found["k:a"] != ()


def test_presence_is_left_out_beside_a_value_and_kept_beside_a_negation() -> None:
    key = "s3:x-amz-server-side-encryption"
    for operator, kept in (("StringEquals", 1), ("StringNotEquals", 2), ("StringEqualsIfExists", 2)):
        condition = {"Null": {key: "false"}, operator: {key: "aws:kms"}}
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
        asked = asked_of(f"arn:aws:iam::{ACCOUNT}:user/ana", "s3:PutObject", "arn:aws:s3:::plans/a.txt")
        (term,) = decide(asked, policies_of({"identity": [statement]})).conditions
        assert len(term) == kept, operator
