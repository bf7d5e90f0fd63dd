"""Sets of things that actions act on, as bits of whole numbers: a pattern becomes the set of all that it covers, once.

Users and roles share one universe (their bits are nodes of the search), groups, policies, providers and compute have
their own. A set of 20,000 is a number of 2.5 KB; and, or and not of two take less than a microsecond.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
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
        self._targets: list[Target] | None = None

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
        bits = 0
        for place in range(bisect_left(self._texts, beginning), len(self._texts)):
            if not self._texts[place].startswith(beginning):
                break
            if beginning != text or self._texts[place] == text:
                bits |= 1 << self._sorted[place][1]
        return bits

    def _one_by_one(self, tokens: str, kind: PolicyKind) -> Bits:
        fields = split_pattern(tokens, kind)
        if fields is None or isinstance(fields, str):
            return 0
        if self._targets is None:
            self._targets = [Target(arn) for arn in self.arns]
        bits = 0
        for at, target in enumerate(self._targets):
            if fields.match(target, whole=True):
                bits |= 1 << at
        return bits
