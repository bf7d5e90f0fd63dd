"""Whether decisions still hold: each invariant of each record in force, checked on an account as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from advisor.advice.claims import Judgement, judge
from advisor.decide.record.front import Record
from advisor.decide.record.since import Read, Since, since
from advisor.decide.record.standing import SIGNS, Standing
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

Status = Literal["holds", "does-not-hold", "unknown", "not-in-force"]


class Verified(msgspec.Struct, frozen=True):
    """One record with the judgement of each of its invariants.

    `same_snapshot`: nothing has changed since it was recorded. A record of another account is not checked here.
    """

    number: str
    title: str
    topic: str
    path: str
    status: Status
    checks: tuple[Judgement, ...]
    recorded_on: str
    """Digest of the snapshot that it was decided on."""
    checked_on: str
    same_snapshot: bool
    held_on: str = ""
    """When the snapshot was read on which the decision was made."""
    not_yet: tuple[str, ...] = ()
    """Claims that do not hold, and did not when it was recorded: the decision is not carried out."""
    no_longer: tuple[str, ...] = ()
    """Claims that held when it was recorded and do not hold now."""
    reason: str = ""
    changes: tuple[str, ...] = ()
    """Ids of the changes that were decided."""
    since: tuple[Since, ...] = ()
    """Of each claim in `no_longer`, between which readings it changed, and through what."""

    @property
    def standing(self) -> Standing:
        """As `status`, with what waits for its changes told from what held once and holds no more."""
        if self.status != "does-not-hold":
            return self.status
        return "broken" if self.no_longer else "waits"

    @property
    def sign(self) -> str:
        return SIGNS[self.standing]

    @property
    def words(self) -> str:
        """`1 of 3 waits for its change`: how many of the claims, and what of them."""
        total, holding = len(self.checks), sum(1 for one in self.checks if one.holds)
        if self.standing == "not-in-force":
            return "not in force"
        if self.standing == "broken":
            return f"{len(self.no_longer)} of {total} {'hold' if len(self.no_longer) > 1 else 'holds'} no more"
        if self.standing == "waits":
            return f"{len(self.not_yet)} of {total} {self._waits()}"
        if self.standing == "unknown":
            return f"{total - holding} of {total} not read"
        return f"{holding} of {total} hold" if total else "nothing to check"

    def _waits(self) -> str:
        if not self.changes:
            return "not carried out yet"
        verb = "wait" if len(self.not_yet) > 1 else "waits"
        return f"{verb} for {'its change' if len(self.changes) == 1 else 'its changes'}"

    def standing_of(self, check: Judgement) -> Standing:
        """Where one claim stands."""
        if check.holds is False:
            return "broken" if check.claim in self.no_longer else "waits"
        return "unknown" if check.holds is None else "holds"

    def words_of(self, check: Judgement) -> str:
        """Why one claim does not hold: `held on 2026-11-24`, or what it waits for; empty where it holds."""
        standing = self.standing_of(check)
        if standing == "broken":
            found = self.since_of(check)
            return found.words if found else f"held on {self.held_on[:10]}"
        if standing == "waits":
            return "waits for its change" if self.changes else "not carried out yet"
        return "was not read" if standing == "unknown" else ""

    def since_of(self, check: Judgement) -> Since | None:
        return next((one for one in self.since if one.claim == check.claim), None)

    @property
    def broken(self) -> tuple[Judgement, ...]:
        return tuple(one for one in self.checks if one.holds is False)


def verify(
    account: OpenAccount, records: Iterable[Record], history: Sequence[OpenAccount] = ()
) -> tuple[Verified, ...]:
    """Check the records of this account; those of other accounts are left out.

    `history`: readings of this account (others are passed over), to tell since when a decision holds no more.
    """
    mine = account.snapshot.account
    of_this = [one for one in history if one.snapshot.account == mine]
    return tuple(verify_record(account, record, of_this) for record in records if record.front.account == mine)


def verify_record(account: OpenAccount, record: Record, history: Sequence[OpenAccount] = ()) -> Verified:
    """Check one record. A claim that this version does not understand makes it unknown, with the reason."""
    front, digest = record.front, account.snapshot.digest
    status: Status = "not-in-force"
    checks: tuple[Judgement, ...] = ()
    reason = ""
    if record.is_in_force:
        try:
            checks = tuple(judge(account, claim) for claim in front.invariants)
            status = _status(checks)
        except InputError as error:
            status, reason = "unknown", error.message
    broken = [one.claim for one in checks if one.holds is False]
    no_longer = tuple(claim for claim in broken if claim not in front.open_when_recorded)
    recorded = Read(front.snapshot.taken_at, front.snapshot.digest)
    return Verified(
        number=record.number,
        title=front.title,
        topic=front.topic,
        path=record.path,
        status=status,
        checks=checks,
        recorded_on=front.snapshot.digest,
        checked_on=digest,
        same_snapshot=digest == front.snapshot.digest,
        held_on=front.snapshot.taken_at,
        not_yet=tuple(claim for claim in broken if claim in front.open_when_recorded),
        no_longer=no_longer,
        reason=reason,
        changes=front.changes,
        since=tuple(since(account, claim, recorded, history) for claim in no_longer),
    )


def _status(checks: tuple[Judgement, ...]) -> Status:
    outcomes = [one.holds for one in checks]
    if False in outcomes:
        return "does-not-hold"
    return "unknown" if None in outcomes else "holds"
