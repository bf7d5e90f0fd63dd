"""Files of older versions open: samples that were kept when they were written. Newer ones are refused in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from advisor.change.journal import read_run, runs
from advisor.change.plan import check_plan, read_plan
from advisor.change.undo_preview import undo_preview
from advisor.collect.saved import load
from advisor.decide.record import read as read_record
from advisor.errors import InputError
from tests.change.small_account import ACCOUNT, advisor_of

SAMPLES = Path(__file__).parents[1] / "samples"
NEWER = "newer version of the advisor"


def journal(folder: Path, text: str) -> None:
    (folder / "2026-11-24-1.jsonl").write_text(text)


def test_a_snapshot_of_version_1_opens_and_answers() -> None:
    snapshot = load((SAMPLES / "snapshot-1.json").read_bytes())
    assert (snapshot.account, len(snapshot.users), len(snapshot.roles)) == (ACCOUNT, 3, 5)
    account = advisor_of(snapshot)
    assert account.can("arn:aws:iam::111122223333:user/cal", "s3:GetObject", None, {}).decision == "allowed"


def test_a_plan_of_version_1_opens_and_may_be_applied_to_its_account() -> None:
    plan = read_plan(SAMPLES / "plan-1.yaml")
    account = advisor_of(load((SAMPLES / "snapshot-1.json").read_bytes()))
    assert [operation.operation for operation in plan.changes[0].operations] == ["PutUserPolicy", "CreateGroup"]
    assert check_plan(plan, account) == ()


@pytest.mark.parametrize("with_schema", [True, False])
def test_a_journal_of_version_1_opens_and_can_be_undone(tmp_path: Path, with_schema: bool) -> None:
    """The first journals did not name their version."""
    text = (SAMPLES / "journal-1.jsonl").read_text()
    journal(tmp_path, text if with_schema else text.replace('"schema": "advisor/journal/1", ', "", 1))
    (state,) = runs(tmp_path)
    assert (state.status, state.done) == ("finished", 2)
    assert [call.name for call in undo_preview(state).calls] == ["iam:DeleteGroup", "iam:DeleteUserPolicy"]


def test_a_record_of_version_1_opens(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "record-1.md", tmp_path / "0001-sample.md")
    record = read_record(tmp_path / "0001-sample.md")
    assert (record.front.topic, record.front.number, record.front.status) == ("people", "0001", "accepted")


def test_a_newer_snapshot_is_refused_in_a_sentence() -> None:
    text = (SAMPLES / "snapshot-1.json").read_bytes().replace(b"advisor/snapshot/1", b"advisor/snapshot/2", 1)
    with pytest.raises(InputError, match=NEWER):
        load(text, "x.json")


def test_a_newer_plan_is_refused_in_a_sentence() -> None:
    text = (SAMPLES / "plan-1.yaml").read_bytes().replace(b"advisor/plan/1", b"advisor/plan/12", 1)
    with pytest.raises(InputError, match=NEWER):
        read_plan(text)


def test_a_newer_record_is_refused_in_a_sentence_whatever_fields_it_has(tmp_path: Path) -> None:
    text = (SAMPLES / "record-1.md").read_text().replace("advisor/record/1", "advisor/record/2", 1)
    path = tmp_path / "0001-sample.md"
    path.write_text(text.replace("---\n", "---\nnew_field: 1\n", 1))
    with pytest.raises(InputError, match=NEWER):
        read_record(path)


def test_a_newer_journal_is_refused_in_a_sentence_and_hides_no_other_run(tmp_path: Path) -> None:
    text = (SAMPLES / "journal-1.jsonl").read_text()
    journal(tmp_path, text.replace("advisor/journal/1", "advisor/journal/2", 1))
    (tmp_path / "2026-11-24-2.jsonl").write_text(text.replace("2026-11-24-1", "2026-11-24-2", 1))
    with pytest.raises(InputError, match=NEWER):
        read_run("2026-11-24-1", tmp_path)
    assert [state.id for state in runs(tmp_path)] == ["2026-11-24-2"]
