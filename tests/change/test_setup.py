"""The guided set-up: steps by profile and kind of account, seen in the account itself, planned and recorded."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from advisor.account import Advisor
from advisor.advice.facts.registry import definitions
from advisor.change.setup import (
    Choices,
    Playbook,
    changes_of,
    load_choices,
    playbook,
    profile_of,
    save_choices,
    steps_of,
)
from advisor.change.setup_record import as_markdown
from advisor.errors import UsageError
from advisor.model.effects import apply_to
from advisor.reference.knowledge import load
from advisor.reference.schema.setup import PROFILES, check
from tests.change.small_account import REGION, advisor_of, small_account


def standalone() -> Advisor:
    snapshot = small_account(organization=None)
    source = msgspec.structs.replace(snapshot.source, read_layers=("identity", "boundary", "scp", "rcp", "resource"))
    settings = msgspec.structs.replace(
        snapshot.settings,
        extra={"setup.D3": {REGION: False, "us-east-1": False}, "setup.B1": {"budgets": 0, "anomaly_monitors": 0}},
        regions=(REGION, "us-east-1"),
        public_access_block=None,
    )
    return advisor_of(msgspec.structs.replace(snapshot, source=source, settings=settings))


def statuses(book: Playbook) -> dict[str, str]:
    return {item.step.id: item.status for item in book.steps}


def test_every_step_refers_to_templates_topics_and_facts_that_are_there() -> None:
    templates, topics, facts = load("changes"), load("decisions"), definitions()
    for step in load("setup").values():
        assert set(step.templates) <= set(templates), step.id
        assert not step.decide or step.decide in topics, step.id
        assert all(claim.split()[0] in facts for claim in step.done), step.id
    for template in templates.values():
        assert not template.done or template.done.split("(")[0] in facts, template.id


@pytest.mark.parametrize("profile", PROFILES)
def test_no_step_comes_before_what_it_needs(profile: str) -> None:
    order = [step.id for step in steps_of(standalone(), profile_of(profile))]
    for step in steps_of(standalone(), profile_of(profile)):
        for need in step.needs:
            assert need not in order or order.index(need) < order.index(step.id), f"{step.id} before {need}"


def test_what_is_done_is_seen_in_the_account_and_never_stored() -> None:
    account = standalone()
    choices = Choices(profile="one")
    before = playbook(account, choices)
    change = next(item for item in before.steps if item.step.id == "D3").changes
    after = advisor_of(apply_to(change, account.snapshot))
    assert statuses(playbook(account, choices))["D3"] in ("ready", "waits")
    assert statuses(playbook(after, choices))["D3"] == "done"


def test_what_was_not_read_is_unknown_and_never_done() -> None:
    account = standalone()
    unread = msgspec.structs.replace(account.snapshot.settings, extra={}, trails=None)
    book = playbook(advisor_of(msgspec.structs.replace(account.snapshot, settings=unread)), Choices(profile="one"))
    found = statuses(book)
    assert {found["D3"], found["D4"]} <= {"unknown", "waits"}
    assert "done" not in (found["L1"], found["D3"])


def test_a_step_waits_for_those_that_it_needs_unless_they_are_left_out() -> None:
    account = standalone()
    book = playbook(account, Choices(profile="team"))
    p3 = next(item for item in book.steps if item.step.id == "P3")
    if statuses(book)["P1"] != "done":
        assert p3.waits_for == ("P1",)
    left = playbook(account, Choices(profile="team", left_out=("P1",)))
    assert statuses(left)["P1"] == "left-out"
    assert statuses(left)["P3"] != "waits"


def test_a_plan_takes_what_is_ready_and_lacks_no_value() -> None:
    account = standalone()
    book = playbook(account, Choices(profile="one", left_out=("K0",)))
    planned = {change.template for change in changes_of(book)}
    assert "ebs-encryption" in planned
    assert "budget-alarm" not in planned
    with pytest.raises(UsageError, match=r"budget-alarm\.email"):
        changes_of(book, ("B1",))
    values = {"budget-alarm": {"email": "a@example.com"}}
    given = playbook(account, Choices(profile="one", left_out=("K0",), values=values))
    assert {change.template for change in changes_of(given, ("b1",))} == {"budget-alarm"}
    with pytest.raises(UsageError, match="no step"):
        changes_of(book, ("D9",))


def test_choices_survive_and_are_for_their_owner_only(tmp_path: Path) -> None:
    choices = Choices(profile="team", left_out=("G1",), values={"budget-alarm": {"email": "a@example.com"}})
    save_choices("111122223333", choices, tmp_path / "setup")
    path = tmp_path / "setup" / "111122223333.json"
    assert load_choices("111122223333", tmp_path / "setup") == choices
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("{broken")
    assert load_choices("111122223333", tmp_path / "setup") == Choices()


def test_the_record_says_what_stands_and_how_to_check_it_again() -> None:
    account = standalone()
    book = playbook(account, Choices(profile="one"))
    text = as_markdown(book, account)
    assert f"{book.done} of {len(book.asked)} steps are done." in text
    assert "advisor setup status --strict" in text
    assert account.snapshot.digest in text
    assert all(f"| {item.step.id}  " in text for item in book.steps)


def test_a_circle_of_needs_is_refused() -> None:
    steps = dict(load("setup"))
    steps["K0"] = msgspec.structs.replace(steps["K0"], needs=("P1",))
    assert any("leads back" in str(problem) for problem in check(steps))
