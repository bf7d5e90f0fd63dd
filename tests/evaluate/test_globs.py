"""Globs: right on everything short, and linear on what is built to be slow."""

from __future__ import annotations

import itertools
import re

import pytest

from advisor.evaluate.pattern import Glob, action_matches, glob_covers, glob_match, globs_overlap, tokens_of

PATTERNS = ["".join(parts) for size in range(4) for parts in itertools.product("ab*?", repeat=size)]
TEXTS = ["".join(parts) for size in range(5) for parts in itertools.product("abc", repeat=size)]


def _language(pattern: str) -> frozenset[str]:
    wild = {"*": ".*", "?": "."}
    compiled = re.compile("".join(wild.get(char, char) for char in pattern))
    return frozenset(text for text in TEXTS if compiled.fullmatch(text))


LANGUAGES = {pattern: _language(pattern) for pattern in PATTERNS}


def test_a_glob_matches_what_it_says() -> None:
    for pattern, language in LANGUAGES.items():
        assert frozenset(text for text in TEXTS if glob_match(pattern, text)) == language, pattern


def test_two_globs_overlap_exactly_when_some_text_fits_both() -> None:
    for one, other in itertools.product(PATTERNS, repeat=2):
        if globs_overlap(one, other) != bool(LANGUAGES[one] & LANGUAGES[other]):
            # a shortest common text can be longer than the texts tried here
            assert globs_overlap(one, other), (one, other)
            assert len(one) + len(other) > 4, (one, other)


def test_a_glob_covers_another_only_when_it_has_all_of_its_texts() -> None:
    for outer, inner in itertools.product(PATTERNS, repeat=2):
        if glob_covers(outer, inner):
            assert LANGUAGES[inner] <= LANGUAGES[outer], (outer, inner)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 40 + "*b", "a" * 4_000),
        ("*a?" * 30 + "*bb*", "ab" * 2_000),
        ("*" * 500 + "x", "a" * 4_000),
        ("arn:aws:s3:::" + "*-" * 50 + "z", "arn:aws:s3:::" + "a-" * 1_000),
    ],
)
def test_a_hostile_pattern_takes_no_more_steps_than_its_length_times_the_text(pattern: str, text: str) -> None:
    steps = [0]
    assert Glob(pattern).matches(text, steps) is False
    assert steps[0] <= 4 * len(text) + len(pattern) * 4


def test_stars_do_not_multiply_the_work() -> None:
    def steps_for(stars: int, size: int) -> int:
        steps = [0]
        Glob("*a" * stars + "*b").matches("a" * size, steps)
        return steps[0]

    assert steps_for(60, 4_000) < 2 * steps_for(3, 4_000) + 1_000
    assert steps_for(20, 8_000) < 3 * steps_for(20, 4_000) + 1_000


def test_our_own_tokens_in_a_text_are_no_wildcards() -> None:
    assert not glob_match("\ue000", "anything")
    assert tokens_of("a\ue001b") == "a\ufffdb"


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:getobject", "S3:GetObject", True),
        ("s3:*Object", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("*:*", "s3:GetObject", True),
        ("*:GetObject", "s3:GetObject", False),
        ("s3", "s3:GetObject", False),
        ("s3:GetObject,PutObject", "s3:GetObject", False),
        (" s3:GetObject", "s3:GetObject", False),
        ("s?:GetObject", "s3:GetObject", False),
    ],
)
def test_actions_have_wildcards_in_their_name_only(pattern: str, action: str, expected: bool) -> None:
    assert action_matches(pattern, action) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "covers"),
    [("*b??", "abbb*", False), ("a?*", "ab*", True), ("?*", "*", False), ("*?", "a*b", True), ("a??", "a*", False)],
)
def test_a_question_mark_never_takes_in_a_star(outer: str, inner: str, covers: bool) -> None:
    assert glob_covers(outer, inner) is covers
