"""What the account cannot show is done when the user says so, with the day; what it shows to be open never is."""

from __future__ import annotations

import msgspec
import pytest

from advisor.account import Advisor
from advisor.change.setup import Choices, Playbook, StepStatus, playbook, step_of
from advisor.change.setup_answers import confirm, profile_changes, take_back, told
from advisor.change.setup_record import as_markdown
from advisor.errors import UsageError
from advisor.reference.knowledge import load
from advisor.reference.schema.setup import check
from tests.change.small_account import advisor_of
from tests.change.test_setup import standalone

DAY = "2026-11-24"
ONE = Choices(profile="one")


def with_root(**summary: int) -> Advisor:
    snapshot = standalone().snapshot
    found = {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountPasswordPresent": 1} | summary
    settings = msgspec.structs.replace(snapshot.settings, summary={**(snapshot.settings.summary or {}), **found})
    return advisor_of(msgspec.structs.replace(snapshot, settings=settings))


def item(account: Advisor, id: str, choices: Choices = ONE) -> StepStatus:
    return step_of(playbook(account, choices), id)


def test_mfa_that_is_on_does_not_show_a_second_device_in_another_place() -> None:
    account = with_root()
    open_ = item(account, "R1")
    assert (open_.status, open_.by_hand) == ("yours", True)
    assert "second MFA device" in open_.asks
    assert item(account, "R2").status == "done", "what follows does not wait for the word"
    said = confirm(playbook(account, ONE), ONE, "r1", DAY)
    done = item(account, "R1", said)
    assert (done.status, done.said, done.asks) == ("done", DAY, "")
    assert item(account, "R1", take_back(said, "r1")).status == "yours"


def test_saying_so_does_not_do_what_is_seen_to_be_open() -> None:
    account = with_root(AccountMFAEnabled=0)
    with pytest.raises(UsageError, match="seen to be open"):
        confirm(playbook(account, ONE), ONE, "R1", DAY)
    assert item(account, "R1", Choices(profile="one", said={"R1": DAY})).status != "done"


def test_where_root_has_no_password_there_is_nothing_to_confirm() -> None:
    assert item(with_root(AccountPasswordPresent=0), "R1").status == "done"


def test_what_was_not_read_can_be_said_and_a_later_reading_that_denies_it_wins() -> None:
    account = standalone()
    unread = msgspec.structs.replace(account.snapshot.settings, extra={})
    blind = advisor_of(msgspec.structs.replace(account.snapshot, settings=unread))
    choices = Choices(profile="one", said={"D3": DAY})
    assert item(blind, "D3", choices).said == DAY
    assert item(account, "D3", choices).status != "done"


def test_only_the_user_knows_which_regions_are_wanted() -> None:
    account = standalone()
    extra = {**account.snapshot.settings.extra, "setup.G1": {"ap-east-1": "ENABLED"}}
    settings = msgspec.structs.replace(account.snapshot.settings, extra=extra)
    account = advisor_of(msgspec.structs.replace(account.snapshot, settings=settings))
    assert item(account, "G1").status != "done"
    assert item(account, "G1", Choices(profile="one", said={"G1": DAY})).status == "done"


def test_no_step_is_done_by_facts_alone_that_says_more_than_they_show() -> None:
    told_by_hand = {step.id for step in load("setup").values() if step.confirm}
    assert told_by_hand == {"R1", "R3", "P2", "L2", "G1", "O2", "O3", "S1"}
    assert not list(check(load("setup")))


def test_a_region_that_was_not_read_is_never_done() -> None:
    account = standalone()
    extra = {
        "setup.G1": {"eu-west-1": "ENABLED_BY_DEFAULT", "us-east-1": "ENABLED_BY_DEFAULT"},
        "setup.D3": {"eu-west-1": True},
    }
    settings = msgspec.structs.replace(account.snapshot.settings, extra=extra)
    found = item(advisor_of(msgspec.structs.replace(account.snapshot, settings=settings)), "D3")
    assert found.status == "unknown"
    assert any(one.detail == "not read" for one in found.evidence)


def test_another_profile_is_shown_before_it_is_kept() -> None:
    account = with_root()
    changes = {one.after: one for one in profile_changes(account, ONE)}
    assert set(changes) == {"one", "team", "several"}
    assert (changes["one"].added, changes["one"].dropped) == ((), ())
    assert {"P2", "P3"} <= set(changes["team"].added)
    assert "adds P2" in changes["team"].words
    assert changes["team"].choices == msgspec.structs.replace(ONE, profile="team")


def test_i_did_it_answers_with_what_was_seen() -> None:
    before, after = with_root(AccountAccessKeysPresent=1), with_root()
    was: Playbook = playbook(before, Choices(profile="one", said={"R1": DAY}))
    words = told(step_of(was, "R2"), step_of(was, "R2"), "2026-11-24T10:04:00Z")
    assert words == "111122223333 root: an access key is there (read 10:04). Not done yet."
    now = playbook(after, Choices(profile="one", said={"R1": DAY}))
    words = told(step_of(was, "R2"), step_of(now, "R2"), after.snapshot.taken_at)
    assert words.endswith("Done.") and "no access key" in words


def test_the_record_tells_what_was_seen_from_what_was_said() -> None:
    account = with_root()
    book = playbook(account, Choices(profile="one", said={"R1": DAY}))
    (row,) = (line for line in as_markdown(book, account).splitlines() if line.startswith("| R1  "))
    assert "MFA is on" in row and f"you said so on {DAY}" in row
