"""What taking a run back would call and change is shown first; nothing is called for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.account import Advisor
from advisor.change.journal import RunState, begin, read_run
from advisor.change.steps import steps_for
from advisor.change.undo_preview import undo_preview
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.effects import apply_to
from tests.change.small_account import ACCOUNT, advisor_of, document, small_account

TEXT = document({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}).as_json()
PUT = Operation("iam", "PutUserPolicy", {"UserName": "cal", "PolicyName": "no", "PolicyDocument": TEXT})
GROUP = Operation("iam", "CreateGroup", {"GroupName": "g"})
CHANGE = Change("x", "no reading", (PUT, GROUP))


def applied(folder: Path, *done: int) -> tuple[RunState, Advisor]:
    """A run of which the numbered steps were done, and the account as it is then."""
    before = small_account(organization=None)
    run, journal = begin(
        folder, ACCOUNT, steps_for((CHANGE,), before), snapshot="", endpoint_url=None, undo_after=None, overrides={}
    )
    for number in done:
        journal.write("call", step=number)
        journal.write("done", step=number, result={})
    journal.close()
    made = Change("x", "x", tuple(CHANGE.operations[number - 1] for number in done))
    return read_run(run, folder), advisor_of(apply_to(made, before))


def test_it_tells_the_calls_last_first_and_what_comes_back(tmp_path: Path) -> None:
    run, account = applied(tmp_path, 1, 2)
    found = undo_preview(run, account)
    assert [call.name for call in found.calls] == ["iam:DeleteGroup", "iam:DeleteUserPolicy"]
    assert found.access is not None
    assert {(one.principal.rsplit("/", 1)[-1], one.actions) for one in found.access.gained} >= {
        ("cal", ("s3:GetObject",))
    }
    assert found.things and {guard.id for guard in found.guards} >= {"caller", "break-glass"}
    assert found.doubt == ""


def test_only_what_was_done_is_taken_back(tmp_path: Path) -> None:
    run, account = applied(tmp_path, 1)
    assert [call.name for call in undo_preview(run, account).calls] == ["iam:DeleteUserPolicy"]
    nothing, _ = applied(tmp_path)
    with pytest.raises(UsageError, match="did nothing"):
        undo_preview(nothing)


def test_an_account_that_is_not_as_the_run_left_it_is_said_so_and_the_calls_stand(tmp_path: Path) -> None:
    run, _ = applied(tmp_path, 1)
    found = undo_preview(run, advisor_of(small_account(users=())))
    assert [call.name for call in found.calls] == ["iam:DeleteUserPolicy"]
    assert (found.access, found.things) == (None, ())
    assert "is not as the run left it" in found.doubt
