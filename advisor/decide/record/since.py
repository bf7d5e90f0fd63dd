"""Since when a decision holds no more, and through what: its claims asked of the snapshots between then and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.claims import Judgement, among, judge
from advisor.model.finding import Evidence, FactValue
from advisor.reference.claims import Test, parse_claim

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.model.snapshot import Snapshot


class Read(msgspec.Struct, frozen=True):
    """When an account was read, and the digest of what was read."""

    taken_at: str
    digest: str


class Since(msgspec.Struct, frozen=True):
    """`held`: the last reading on which the claim is known to hold; `broken`: the first of those after it where not."""

    claim: str
    held: Read
    broken: Read
    through: tuple[Evidence, ...]
    """What stands against the claim there and did not while it held."""

    @property
    def words(self) -> str:
        """`held on 2026-11-24, not since 2026-11-26`."""
        held, broken = self.held.taken_at[:10], self.broken.taken_at[:10]
        return f"held on {held}, " + (f"not since {broken}" if held != broken else "and no more later that day")


def since(account: OpenAccount, claim: str, recorded: Read, history: Sequence[OpenAccount]) -> Since:
    """Where a claim that held when it was recorded, and does not hold now, changed.

    `history` are readings of the same account in any order; those from before the decision, or after the account as it
    is asked about, are passed over, and so are those that cannot tell. Newest first: a claim may have held in between.
    """
    first, now = recorded.taken_at, account.snapshot.taken_at
    between = [one for one in history if first < one.snapshot.taken_at < now]
    broken, held = account, None
    for one in sorted(between, key=lambda one: one.snapshot.taken_at, reverse=True):
        holds = judge(one, claim).holds
        if holds:
            held = one
            break
        broken = one if holds is False else broken
    before = set(against(judge(held, claim))) if held else set()
    through = tuple(item for item in against(judge(broken, claim)) if item not in before)
    last = recorded if held is None else _read(held.snapshot)
    return Since(claim, last, _read(broken.snapshot), through)


def _read(snapshot: Snapshot) -> Read:
    return Read(snapshot.taken_at, snapshot.digest)


def against(judged: Judgement) -> tuple[Evidence, ...]:
    """The evidence that stands against a claim: of a list that must stay within another, what is not in it."""
    tests = parse_claim(judged.claim).tests
    return tuple(item for test, answer in zip(tests, judged.facts, strict=True) for item in _against(test, answer))


def _against(test: Test, answer: FactValue) -> Iterator[Evidence]:
    if not isinstance(answer.value, tuple):
        yield from answer.evidence
    elif test.op == "keeps":
        gone = (entry for entry in test.values if not any(among(other, (entry,)) for other in answer.value))
        yield from (Evidence(entry, "is gone") for entry in gone)
    elif test.op == "within":
        pairs = zip(answer.value, answer.evidence, strict=False)
        yield from (item for value, item in pairs if not among(value, test.values))
    else:
        yield from answer.evidence[: len(answer.value)]
