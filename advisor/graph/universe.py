"""Sets of things that actions act on, as bits of whole numbers: a pattern becomes the set of all that it covers, once.

Users and roles share one universe (their bits are nodes of the search), groups, policies, providers and compute have
their own. A set of 20,000 is a number of 2.5 KB; and, or and not of two take less than a microsecond.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import count

from advisor.evaluate.pattern import ANY, ONE
from advisor.evaluate.resources import PolicyKind, Target, split_pattern

Bits = int


def members(bits: Bits) -> Iterator[int]:
    """The positions that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


_COUNT = count()


class Universe:
    """Things by position, found by ARN pattern. All have one partition, service and account unless `mixed`."""

    def __init__(self, arns: Sequence[str]) -> None:
        self.id = next(_COUNT)
        self.arns = tuple(arns)
        self.position = {arn: at for at, arn in enumerate(self.arns)}
        self.all: Bits = (1 << len(self.arns)) - 1
        self._known: dict[tuple[str, PolicyKind], Bits] = {}
        self._heads = {tuple(arn.split(":", 5)[:5]) for arn in self.arns}
        self._sorted = sorted((arn.split(":", 5)[-1], at) for at, arn in enumerate(self.arns))
        self._texts = [text for text, _ in self._sorted]
        self._has_colons = any(":" in text for text in self._texts)
        self._backwards: tuple[list[str], list[int]] | None = None
        self._targets: list[Target] | None = None

    def twin(self) -> Universe:
        """The same things once more, as a universe of its own: what conditions see of them may differ."""
        made = copy(self)
        made.id = next(_COUNT)
        return made

    def __len__(self) -> int:
        return len(self.arns)

    def matching(self, tokens: str, kind: PolicyKind) -> Bits:
        """All that fit a pattern given as tokens (`ANY`, `ONE` for its wildcards)."""
        if tokens == ANY:
            return self.all
        key = (tokens, kind)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._match(tokens, kind)
        return found

    def _match(self, tokens: str, kind: PolicyKind) -> Bits:
        if ANY not in tokens and ONE not in tokens:
            at = self.position.get(tokens)
            return 0 if at is None else 1 << at
        quick = self._by_beginning(tokens)
        return self._one_by_one(tokens, kind) if quick is None else quick

    def _by_beginning(self, tokens: str) -> Bits | None:
        """A pattern whose only star after the account ends it, in a universe of one account; else `None`."""
        fields = tokens.split(":", 5)
        if len(self._heads) != 1 or len(fields) != 6:
            return None
        (head,) = self._heads
        text = fields[5]
        beginning = text.rstrip(ANY)
        if ANY in beginning or ONE in text or ("/" not in beginning and beginning) or fields[2] != head[2]:
            return None
        if any(mine not in (theirs, ANY) for mine, theirs in zip(fields[:5], head, strict=True)):
            return None
        found = bytearray((len(self.arns) + 7) // 8)
        for place in range(*_beginning_with(self._texts, beginning)):
            if beginning != text or self._texts[place] == text:
                at = self._sorted[place][1]
                found[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(found, "little")

    def _one_by_one(self, tokens: str, kind: PolicyKind) -> Bits:
        fields = split_pattern(tokens, kind)
        if fields is None or isinstance(fields, str):
            return 0
        if self._targets is None:
            self._targets = [Target(arn) for arn in self.arns]
        found = bytearray((len(self.arns) + 7) // 8)
        for at in self._likely(tokens):
            if fields.match(self._targets[at], whole=True):
                found[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(found, "little")

    def _likely(self, tokens: str) -> Iterable[int]:
        """Those whose text begins and ends as the pattern does, so that few are compared with the whole of it."""
        fields = tokens.split(":", 5)
        if len(self._heads) != 1 or len(fields) != 6 or self._has_colons:
            return range(len(self.arns))
        pieces = fields[5].replace(ONE, ANY).split(ANY)
        if self._backwards is None:
            backwards = sorted((text[::-1], at) for text, at in self._sorted)
            self._backwards = [text for text, _ in backwards], [at for _, at in backwards]
        texts, places = self._backwards
        begin, end = _beginning_with(self._texts, pieces[0])
        back, stop = _beginning_with(texts, pieces[-1][::-1])
        if end - begin <= stop - back:
            return [at for _, at in self._sorted[begin:end]]
        return places[back:stop]


def _beginning_with(texts: Sequence[str], beginning: str) -> tuple[int, int]:
    """The part of sorted texts that begins so."""
    return bisect_left(texts, beginning), bisect_left(texts, beginning + chr(0x10FFFF))
