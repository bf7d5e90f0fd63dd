"""Since which reading a decision holds no more, and through what."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from advisor.account import Advisor
from advisor.decide import walk_by_answers
from advisor.decide.record import verify, write_record
from advisor.decide.record.front import Record
from tests.advice.small_accounts import OUTSIDE, arn, level, organization, person, read, role, trusting

ANSWERS = {"kind": "own", "who": "staff", "directory": "no", "organization-alone": "no", "number-alone": "one"}
MFA = "users.console_no_mfa = 0"


def on(day: int, *without: str, account: str = "") -> Advisor:
    """The account as read on a day of November; those named sign in without MFA."""
    names = ("ana", "ben", "chris")
    users = tuple(person(name, mfa=name not in without, path="/exception/") for name in names)
    taken = read(users=users, organization=None, taken_at=f"2026-11-{day:02}T09:00:00+00:00")
    return taken.with_snapshot(msgspec.structs.replace(taken.snapshot, account=account)) if account else taken


@pytest.fixture
def record(tmp_path: Path) -> Record:
    first = on(1)
    return write_record(walk_by_answers(first, "people", ANSWERS), first, "2026-11-01", folder=tmp_path / "records")


def test_it_is_bounded_by_the_readings_between(record: Record) -> None:
    now = on(20, "ben", "chris")
    history = [on(12, "ben"), on(10), on(25, "ana"), on(15, "ben", "chris"), on(5, account=OUTSIDE)]
    (found,) = verify(now, (record,), history)[0].since
    assert (found.claim, found.held.taken_at[:10], found.broken.taken_at[:10]) == (MFA, "2026-11-10", "2026-11-12")
    assert [item.subject for item in found.through] == [arn("user", "exception/ben")]
    assert found.held.digest != found.broken.digest
    assert "held on 2026-11-10, not since 2026-11-12" in str(
        [verify(now, (record,), history)[0].words_of(check) for check in verify(now, (record,), history)[0].checks]
    )


def test_without_history_it_is_bounded_by_the_record_and_now(record: Record) -> None:
    (found,) = verify(on(20, "ben"), (record,))[0].since
    assert (found.held.taken_at[:10], found.broken.taken_at[:10]) == ("2026-11-01", "2026-11-20")
    assert found.held.digest == record.front.snapshot.digest


def test_the_last_time_that_it_broke_counts(record: Record) -> None:
    (found,) = verify(on(20, "ben"), (record,), [on(3, "chris"), on(6), on(9, "ben")])[0].since
    assert (found.held.taken_at[8:10], found.broken.taken_at[8:10]) == ("06", "09")


def test_what_holds_has_no_since(record: Record) -> None:
    assert verify(on(20), (record,), [on(10, "ben")])[0].since == ()


def test_through_what_is_only_what_the_decision_did_not_know(tmp_path: Path) -> None:
    known, new = (
        role(name, trusting({"AWS": f"arn:aws:iam::{other}:root"}, StringEquals={"sts__ExternalId": "x-12"}))
        for name, other in (("known", OUTSIDE), ("new", "999900001111"))
    )
    before = read(roles=(known,))
    walk = walk_by_answers(before, "sharing", {"whom": "vendor", "vendor": "few", "keys": "no"})
    record = write_record(walk, before, "2026-11-24", folder=tmp_path)
    after = read(roles=(known, new), taken_at="2026-11-25T00:00:00+00:00")
    (found,) = verify(after, (record,))[0].since
    assert [(item.subject, "statement 0" in item.detail) for item in found.through] == [(arn("role", "new"), True)]


def test_a_guardrail_that_went_is_named(tmp_path: Path) -> None:
    def guarded(*names: str) -> Advisor:
        return read(organization=organization(scps=(("111122223333", (level("FullAWSAccess", *names),)),)))

    answers = {
        "kind": "member", "actions": "yes", "data": "no", "settings": "no", "trial": "none", "delegates": "no",
        "sessions": "no",
    }  # fmt: skip
    before = guarded("Protect", "Regions")
    record = write_record(walk_by_answers(before, "guardrails", answers), before, "2026-11-24", folder=tmp_path)
    (found,) = verify(guarded("Protect"), (record,))[0].since
    assert [(item.subject, item.detail) for item in found.through] == [("Regions", "is gone")]
