"""Full disks, homes that may not be written, torn files, clocks that are wrong: nothing half done, nothing lost."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisor.change.journal import Journal, RunState, begin, read_run
from advisor.change.plan import new_plan, write_plan
from advisor.change.setup import Choices, load_choices, save_choices
from advisor.change.steps import steps_for
from advisor.change.undo import seconds_left
from advisor.errors import AdvisorError, InputError
from tests.change.small_account import ACCOUNT, advisor_of, small_account
from tests.change.test_undo_preview import CHANGE


def begun(folder: Path, undo_after: float | None = None) -> tuple[str, Journal]:
    steps = steps_for((CHANGE,), small_account(organization=None))
    return begin(folder, ACCOUNT, steps, snapshot="", endpoint_url=None, undo_after=undo_after, overrides={})


def full(*_: Any) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_stops_before_the_call_that_the_line_announces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, journal = begun(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("advisor.change.journal.os.fsync", full)
        with pytest.raises(AdvisorError, match="No space left") as failed:
            journal.write("call", step=1)
    assert "nothing more was called" in (failed.value.advice or "")
    journal.close()
    assert read_run(run, tmp_path).steps[1].status == "todo"


def test_a_line_that_was_written_in_part_is_ended_and_the_next_one_is_read(tmp_path: Path) -> None:
    run, journal = begun(tmp_path)
    journal.write("call", step=1)
    journal.close()
    with (tmp_path / f"{run}.jsonl").open("ab") as file:
        file.write(b'{"line":"done","st')
    again = Journal(tmp_path / f"{run}.jsonl")
    again.write("resumed")
    again.write("done", step=1, result={})
    again.close()
    assert read_run(run, tmp_path).steps[0].status == "done"


def test_short_writes_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, journal = begun(tmp_path)
    write = os.write
    monkeypatch.setattr("advisor.change.journal.os.write", lambda handle, data: write(handle, data[:5]))
    journal.write("call", step=1)
    journal.close()
    assert read_run(run, tmp_path).steps[0].status == "calling"


def test_a_folder_that_may_not_be_written_is_told_and_nothing_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((AdvisorError, OSError)):
        begun(tmp_path / "file" / "journal")
    with pytest.raises(AdvisorError, match="cannot be written"):
        Journal(tmp_path / "missing" / "x.jsonl")


def test_a_full_disk_leaves_the_plan_and_the_choices_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = new_plan(advisor_of(small_account(organization=None)), (CHANGE,))
    write_plan(plan, tmp_path / "plan.yaml")
    save_choices(ACCOUNT, Choices(profile="one"), tmp_path / "setup")
    before = (tmp_path / "plan.yaml").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match="cannot be written"):
            write_plan(msgspec.structs.replace(plan, changes=()), tmp_path / "plan.yaml")
        with pytest.raises(InputError, match="cannot be written"):
            save_choices(ACCOUNT, Choices(profile="team"), tmp_path / "setup")
    assert (tmp_path / "plan.yaml").read_bytes() == before
    assert load_choices(ACCOUNT, tmp_path / "setup") == Choices(profile="one")
    assert [path.name for path in (tmp_path / "setup").iterdir()] == [f"{ACCOUNT}.json"]


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
def test_a_clock_that_is_wrong_shortens_or_lengthens_the_wait_and_never_breaks_it(tmp_path: Path, ahead: int) -> None:
    run, journal = begun(tmp_path, undo_after=60)
    journal.close()
    state: RunState = read_run(run, tmp_path)
    due = (datetime.now(UTC) + timedelta(seconds=60 + ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    left = seconds_left(msgspec.structs.replace(state, undo_at=due, status="finished"))
    assert left is not None and max(0, 55 + ahead) <= left <= max(0, 61 + ahead)
