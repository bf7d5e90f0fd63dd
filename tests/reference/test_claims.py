"""A claim is read again as it was written, whatever the account's names are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.reference.claims import LISTS, NOW, Claim, Test, parse_claim
from tests.hostile.corpus import TEXTS

VALUES = st.one_of(st.text(min_size=1), st.sampled_from(list(TEXTS.values())), st.text("a, or[]=<%2C\n", min_size=1))


@given(st.lists(VALUES.filter(lambda value: value != NOW), min_size=1, max_size=4), st.sampled_from(LISTS))
def test_the_entries_of_a_list_come_back(values: list[str], op: str) -> None:
    claim = Claim((Test("users.humans", op, tuple(values)), Test("root.mfa")))
    assert parse_claim(str(claim)) == claim


@given(VALUES.filter(lambda value: value != NOW), st.sampled_from(("=", "!=", "has")))
def test_a_single_value_comes_back(value: str, op: str) -> None:
    claim = Claim((Test("tags.key", op, (value,)),))
    assert parse_claim(str(claim)) == claim


def test_an_entry_that_begins_like_another_test_is_an_entry() -> None:
    claim = Claim((Test("users.humans", "within", ("a", "or b", "or")), Test("root.mfa", "=", ("or c",))))
    assert parse_claim(str(claim)) == claim


@pytest.mark.parametrize("text", ["users.humans within [ana, b,c]", "a.b = 3 or c.d has x%y", "x.y keeps $now"])
def test_what_was_written_before_is_read_as_before(text: str) -> None:
    assert str(parse_claim(text)) == text
