"""Patterns: `*` stands for any run of characters, `?` for exactly one.

Matching is greedy from star to star and never goes back over a star, so that a hostile pattern (`*a*a*a*…`) costs no
more than its length times the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from operator import or_
from typing import Final

ANY: Final = "\ue000"
"""Stands for `*` in a list of tokens, so that a literal star (from a variable) stays one."""
ONE: Final = "\ue001"
"""Stands for `?` in a list of tokens."""

Piece = tuple[str, tuple[int, ...]]
"""The text between two stars, and the places in it where any character may stand."""


class Glob:
    """A compiled pattern. `pattern` is the text it was made from, for display."""

    __slots__ = ("_first", "_last", "_middle", "_shortest", "is_any", "is_literal", "pattern")

    def __init__(self, pattern: str, tokens: Iterable[str] | None = None) -> None:
        self.pattern = pattern
        pieces = _pieces(tokens_of(pattern) if tokens is None else tokens)
        self._first = pieces[0]
        self._last = pieces[-1] if len(pieces) > 1 else None
        self._middle = tuple(piece for piece in pieces[1:-1] if piece[0])
        self._shortest = sum(len(piece[0]) for piece in pieces)
        self.is_literal = self._last is None and not self._first[1]
        self.is_any = self._last is not None and self._shortest == 0

    def matches(self, text: str, steps: list[int] | None = None) -> bool:
        """Whether the whole text fits. `steps`, a list of one number, counts the comparisons made (for tests)."""
        first, last = self._first, self._last
        if last is None:
            return len(text) == len(first[0]) and _fits(first, text, 0, steps)
        if len(text) < self._shortest or not _fits(first, text, 0, steps):
            return False
        end = len(text) - len(last[0])
        if not _fits(last, text, end, steps):
            return False
        at = len(first[0])
        for piece in self._middle:
            at = _find(piece, text, at, end, steps)
            if at < 0:
                return False
        return True


def tokens_of(pattern: str) -> str:
    """The text with its wildcards turned into tokens. A text that holds our tokens itself must not become a pattern."""
    return plain(pattern).replace("*", ANY).replace("?", ONE)


def plain(text: str) -> str:
    """The text without the characters that we use as tokens (private ones, which no AWS name holds)."""
    return text if text.isascii() else text.replace(ANY, "\ufffd").replace(ONE, "\ufffd")


def _pieces(tokens: Iterable[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for part in "".join(tokens).split(ANY):
        holes = tuple(index for index, char in enumerate(part) if char == ONE)
        pieces.append((part, holes))
    return pieces


def _fits(piece: Piece, text: str, at: int, steps: list[int] | None) -> bool:
    part, holes = piece
    if steps is not None:
        steps[0] += len(part)
    if not holes:
        return text.startswith(part, at)
    if at + len(part) > len(text):
        return False
    return all(char == ONE or char == text[at + index] for index, char in enumerate(part))


def _find(piece: Piece, text: str, start: int, end: int, steps: list[int] | None) -> int:
    """Where the first fit of the piece in `text[start:end]` ends, or -1."""
    part, holes = piece
    if not holes:
        found = text.find(part, start, end)
        if steps is not None:
            steps[0] += (found if found >= 0 else end) - start + len(part)
        return found + len(part) if found >= 0 else -1
    for at in range(start, end - len(part) + 1):
        if _fits(piece, text, at, steps):
            return at + len(part)
    return -1


@lru_cache(maxsize=65_536)
def glob(pattern: str) -> Glob:
    """The compiled pattern, shared by all that write it the same way."""
    return Glob(pattern)


def glob_match(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern. Case counts."""
    return glob(pattern).matches(text)


def has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def globs_overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns. Costs at most the product of their lengths."""
    if not has_wildcard(one):
        return glob_match(other, one)
    if not has_wildcard(other):
        return glob_match(one, other)
    if not _begin_alike(_literal_start(one), _literal_start(other)):
        return False
    if not _begin_alike(_literal_start(one[::-1]), _literal_start(other[::-1])):
        return False
    return _overlap(one, other)


def _literal_start(pattern: str) -> str:
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at >= 0]
    return pattern[: min(ends)] if ends else pattern


def _begin_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


@lru_cache(maxsize=65_536)
def _overlap(one: str, other: str) -> bool:
    # reach[j]: what came before in `one` and the first j characters of `other` can stand for the same text
    reach = [True] + [False] * len(other)
    for j, char in enumerate(other):
        reach[j + 1] = reach[j] and char == "*"
    for a in one:
        row = [reach[0] and a == "*"] + [False] * len(other)
        for j, b in enumerate(other):
            if a == "*" or b == "*":
                row[j + 1] = reach[j + 1] or row[j]
            else:
                row[j + 1] = reach[j] and (a == b or a == "?" or b == "?")
        reach = row
    return reach[-1]


def glob_covers(outer: str, inner: str) -> bool:
    """Whether every text of `inner` fits `outer`; never true by mistake.

    A star of `inner` must fall to a star of `outer` as a whole: any other sign takes in a number of characters, and the
    star stands for every number. A `?` of `inner` falls to a `?` or a star, never to a letter.
    """
    if "?" in outer and "*" in inner:
        return _takes_in(outer, inner)
    return glob_match(outer, inner.replace("*", "\ue002").replace("?", "\ue003"))


@lru_cache(maxsize=65_536)
def _takes_in(outer: str, inner: str) -> bool:
    # reach[j]: what came before in `outer` takes in the first j signs of `inner`
    reach = [True] + [False] * len(inner)
    for sign in outer:
        if sign == "*":
            reach = list(accumulate(reach, or_))
        else:
            fits = [other != "*" and (sign == "?" or other == sign) for other in inner]
            reach = [False] + [before and fit for before, fit in zip(reach, fits, strict=False)]
    return reach[-1]
