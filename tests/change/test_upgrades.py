"""Files of older versions open: samples that were kept when they were written. Newer ones are refused in a sentence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.advice.accepted import Acceptance, accept, accepted
from advisor.change.journal import all_runs, read_run, runs, unread_runs
from advisor.change.plan import check_plan, read_plan
from advisor.change.setup import Choices, choices_file, load_choices, save_choices
from advisor.change.undo import last_run
from advisor.change.undo_preview import undo_preview
from advisor.collect.beside import path_of
from advisor.collect.files import read_files
from advisor.collect.saved import load, save
from advisor.decide.record import read as read_record
from advisor.decide.state import load_walk, save_walk
from advisor.decide.walk import Walk
from advisor.errors import InputError, UsageError
from tests.change.small_account import advisor_of
from tests.policies import ACCOUNT

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
    (unread,) = unread_runs(tmp_path)
    assert (unread.id, NEWER in unread.reason) == ("2026-11-24-1", True)


def without_head(text: str) -> str:
    return text.split("\n", 1)[1]


@pytest.mark.parametrize(
    "spoil",
    [without_head, lambda text: text.replace('"steps": [', '"steps": [7, ', 1), lambda text: "{" + text],
)
def test_a_damaged_journal_is_told_and_the_run_before_it_is_not_undone_in_its_place(
    tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    text = (SAMPLES / "journal-1.jsonl").read_text()
    journal(tmp_path, text)
    assert last_run(ACCOUNT, tmp_path).id == "2026-11-24-1"
    (tmp_path / "2026-11-24-2.jsonl").write_text(spoil(text))
    assert [one.id for one in unread_runs(tmp_path)] == ["2026-11-24-2"]
    with pytest.raises(UsageError, match="2026-11-24-2, after 2026-11-24-1, cannot be read"):
        last_run(ACCOUNT, tmp_path)


def test_a_run_of_a_demo_that_has_ended_is_told_to_have_gone_with_it(tmp_path: Path) -> None:
    head, rest = (SAMPLES / "journal-1.jsonl").read_text().split("\n", 1)
    of_demo = json.dumps({**json.loads(head), "is_demo": True, "endpoint_url": "http://127.0.0.1:5000"})
    journal(tmp_path, f"{of_demo}\n{rest}")
    assert last_run(ACCOUNT, tmp_path, demo="http://127.0.0.1:5000").is_demo
    with pytest.raises(UsageError) as told:
        last_run(ACCOUNT, tmp_path, demo="http://127.0.0.1:5001")
    assert "ends with its process" in told.value.advice


def test_a_run_that_was_cut_off_before_its_first_line_did_nothing_and_is_no_damage(tmp_path: Path) -> None:
    text = (SAMPLES / "journal-1.jsonl").read_text()
    (tmp_path / "2026-11-24-1.jsonl").write_text(text.split("\n", 1)[0][:50])
    (tmp_path / "2026-11-24-2.jsonl").write_text("")
    assert all_runs(tmp_path) == ((), ())


def test_a_twin_of_another_format_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    first = load((SAMPLES / "snapshot-1.json").read_bytes())
    save(first, path)
    twin = path_of(path)
    made = twin.read_bytes()
    twin.write_bytes(made.replace(b"advisor/snapshot-index/", b"advisor/snapshot-index_", 1))
    assert read_files([path]) == (first,)
    assert twin.read_bytes() == made


@pytest.mark.parametrize("sample", ["accepted-0.json", "accepted-1.json"])
def test_risks_that_were_accepted_by_older_versions_open_and_are_kept_by_this_one(tmp_path: Path, sample: str) -> None:
    """The first files did not name their version (0)."""
    file = tmp_path / "accepted.json"
    shutil.copy(SAMPLES / sample, file)
    assert [entry.owner for entry in accepted(ACCOUNT, file).values()] == ["ana"]
    accept(Acceptance(ACCOUNT, "mfa-02", "ben", "later", "2027-03-31"), "2026-11-24", file)
    assert [entry.owner for entry in accepted(ACCOUNT, file).values()] == ["ana", "ben"]
    assert json.loads(file.read_text())["schema"] == "advisor/accepted/1"


def test_risks_that_a_newer_version_accepted_are_refused_in_a_sentence_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    kept = (SAMPLES / "accepted-1.json").read_text()
    for text, words in (
        (kept.replace("accepted/1", "accepted/2"), NEWER),
        (kept.replace('"owner"', '"team": "x", "owner"', 1), "accepted risks cannot be read"),
        ("7", "accepted risks cannot be read"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=words):
            accepted(ACCOUNT, file)
        with pytest.raises(InputError, match=words):
            accept(Acceptance(ACCOUNT, "mfa-02", "ben", "later", "2027-03-31"), "2026-11-24", file)
        assert file.read_text() == text


@pytest.mark.parametrize("sample", ["choices-0.json", "choices-1.json"])
def test_choices_of_older_versions_open(tmp_path: Path, sample: str) -> None:
    shutil.copy(SAMPLES / sample, choices_file(ACCOUNT, tmp_path))
    choices = load_choices(ACCOUNT, tmp_path)
    assert (choices.profile, choices.said, choices.left_out) == ("one", {"R3": "2026-11-24"}, ("D4",))
    save_choices(ACCOUNT, choices, tmp_path)
    assert load_choices(ACCOUNT, tmp_path) == choices
    assert json.loads(choices_file(ACCOUNT, tmp_path).read_text())["schema"] == "advisor/choices/1"


def test_choices_of_a_newer_version_are_refused_in_a_sentence_and_not_written_over(tmp_path: Path) -> None:
    file = choices_file(ACCOUNT, tmp_path)
    text = (SAMPLES / "choices-1.json").read_text().replace("choices/1", "choices/2")
    file.write_text(text)
    with pytest.raises(InputError, match=NEWER):
        load_choices(ACCOUNT, tmp_path)
    save_choices(ACCOUNT, Choices(profile="one"), tmp_path)
    assert file.with_name(f"{file.name}.unread").read_text() == text


@pytest.mark.parametrize("text", ['{"profile": "a kind of later versions"}', "[1]", "{"])
def test_choices_that_cannot_be_read_are_set_aside_and_not_written_over(tmp_path: Path, text: str) -> None:
    file = choices_file(ACCOUNT, tmp_path)
    file.write_text(text)
    assert load_choices(ACCOUNT, tmp_path) == Choices()
    save_choices(ACCOUNT, Choices(profile="one"), tmp_path)
    assert load_choices(ACCOUNT, tmp_path).profile == "one"
    assert file.with_name(f"{file.name}.unread").read_text() == text


@pytest.mark.parametrize("sample", ["walk-0.json", "walk-1.json"])
def test_walks_of_older_versions_open_and_what_cannot_be_read_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = save_walk(Walk.start("people"), ACCOUNT)
    assert json.loads(file.read_text())["schema"] == "advisor/walk/1"
    shutil.copy(SAMPLES / sample, file)
    walk = load_walk(ACCOUNT, "people")
    assert walk is not None and walk.answers
    newer = (SAMPLES / "walk-1.json").read_text().replace("walk/1", "walk/2")
    file.write_text(newer)
    with pytest.raises(InputError, match=NEWER):
        load_walk(ACCOUNT, "people")
    save_walk(walk, ACCOUNT)
    assert file.with_name(f"{file.name}.unread").read_text() == newer
    file.write_text("[]")
    assert load_walk(ACCOUNT, "people") is None
    save_walk(walk, ACCOUNT)
    assert file.with_name(f"{file.name}.unread").read_text() == "[]"


@pytest.mark.parametrize(
    "text", ['{"files": 3, "later": [1]}', '{"files": [1, null, "/no"]}', "[]", "[" * 5000, "\x00"]
)
def test_what_the_app_keeps_may_be_of_any_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    from screens.kept import recall, recent_files
    from screens.keymap import own_keys

    for name, variable in (("recent", "XDG_STATE_HOME"), ("keys", "XDG_CONFIG_HOME")):
        monkeypatch.setenv(variable, str(tmp_path))
        (tmp_path / "iam-advisor").mkdir(exist_ok=True)
        (tmp_path / "iam-advisor" / f"{name}.json").write_text(text)
    assert recent_files() == []
    assert isinstance(recall("recent"), dict)
    assert all(isinstance(key, str) for key in own_keys().values())


def test_each_kind_of_file_that_names_its_version_has_a_kept_sample() -> None:
    named = set()
    for path in (SAMPLES.parents[1] / "advisor").rglob("*.py"):
        named |= set(re.findall(r'^(?:SCHEMA|FORMAT) = "(advisor/[\w-]+)/\d+"', path.read_text(), re.M))
    kept = {f"advisor/{path.stem.rpartition('-')[0]}" for path in SAMPLES.iterdir()}
    assert named - {"advisor/snapshot-index"} <= kept, "the twin of a snapshot is made anew instead"
