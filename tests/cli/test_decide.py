"""`decide` and `record`: by answers, by evidence, by hand in a terminal; printed and verified."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ACCOUNT, Advise
from tests.cli.test_ask import check_change
from tests.end_to_end.terminal import Terminal

ADVISOR = str(Path(sys.executable).with_name("advisor"))
TOPIC = "credentials"


def open_questions(advise: Advise, export: Path, folder: Path, answers: dict[str, str]) -> dict[str, Any]:
    file = folder / "answers.yaml"
    file.write_text("\n".join(f"{key}: {value}" for key, value in answers.items()) + "\n")
    done = advise(
        "decide", TOPIC, "--answers", file, "--from", export, "--json", "--dir", folder / "records"
    )  # fmt: skip
    assert done.code in (0, 1), done.err
    return {**done.json, "code": done.code, "err": done.err}


@pytest.fixture
def answers(advise: Advise, export: Path, tmp_path: Path) -> dict[str, str]:
    """The first option of each question that comes up, until the walk is done."""
    from advisor.decide.trees import trees

    given: dict[str, str] = {}
    folder = tmp_path / "probe"
    folder.mkdir()
    for _ in range(20):
        document = open_questions(advise, export, folder, given)
        if "open_question" not in document:
            return given
        tree, question = document["open_question"].split(".")
        given[document["open_question"]] = trees()[tree].questions[question].options[0].id
    raise AssertionError("the walk does not end")


def test_the_list_tells_where_each_walk_stands(advise: Advise, export: Path, tmp_path: Path) -> None:
    done = advise("decide", "--json", "--from", export, "--dir", tmp_path)
    assert done.code == 0
    topics = done.json["topics"]
    assert len(topics) >= 10
    for topic in topics:
        assert set(topic) - {"record"} == {"id", "title", "walk"}
        assert topic["walk"] in ("none", "open", "done")
    assert done.json["account"]["id"] == ACCOUNT


def test_the_list_needs_no_account(advise: Advise, tmp_path: Path) -> None:
    assert advise("decide", "--dir", tmp_path).code == 0


def test_without_a_terminal_the_lacking_question_is_named(advise: Advise, export: Path, tmp_path: Path) -> None:
    document = open_questions(advise, export, tmp_path, {})
    assert document["code"] == 1
    assert document["schema"] == "advisor/decide/1"
    assert document["topic"] == TOPIC
    assert document["answers"] == {} and document["changes"] == []
    assert document["open_question"].startswith(f"{TOPIC}.")
    assert "options: " in document["err"]
    assert not (tmp_path / "records").exists(), "an open walk makes no record"


def test_answers_lead_to_outcome_changes_and_record(
    advise: Advise, export: Path, tmp_path: Path, answers: dict[str, str]
) -> None:
    document = open_questions(advise, export, tmp_path, answers)
    assert document["code"] == 0
    assert document["outcome"] and document["recommendation"]
    assert {key if "." in key else f"{TOPIC}.{key}" for key in document["answers"]} == set(answers)
    for change in document["changes"]:
        check_change(change)
    record = Path(document["record"])
    assert record.parent == tmp_path / "records"
    assert record.stat().st_mode & 0o077 == 0
    again = open_questions(advise, export, tmp_path, answers)
    assert again["record"] != document["record"], "a record is never overwritten"


def test_suggested_takes_what_the_evidence_says_or_names_the_question(
    advise: Advise, export: Path, tmp_path: Path
) -> None:
    for topic in [item["id"] for item in advise("decide", "--json", "--dir", tmp_path).json["topics"]]:
        done = advise("decide", topic, "--suggested", "--from", export, "--json", "--no-record")
        assert done.code == (1 if "open_question" in done.json else 0), (topic, done.err)
        assert ("outcome" in done.json) != ("open_question" in done.json)


@pytest.mark.parametrize(
    ("arguments", "content", "code", "said"),
    [
        ((TOPIC,), "no_such_question: yes\n", 2, "no_such_question"),
        ((TOPIC,), "- a list\n", 3, "answers.yaml"),
        (("credentails",), "", 2, "credentials"),
    ],
)
def test_slips_of_the_pen_are_told(
    advise: Advise, export: Path, tmp_path: Path, arguments: tuple[str, ...], content: str, code: int, said: str
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(content)
    failed = advise("decide", *arguments, "--answers", file, "--from", export, "--no-record")
    assert failed.code == code
    assert said in failed.err


def test_records_are_listed_shown_printed_and_verified(
    advise: Advise, export: Path, tmp_path: Path, answers: dict[str, str]
) -> None:
    open_questions(advise, export, tmp_path, answers)
    folder = ("--dir", tmp_path / "records")
    (listed,) = advise("record", "list", "--json", *folder).json["records"]
    assert (listed["number"], listed["topic"], listed["account"]) == ("0001", TOPIC, ACCOUNT)
    assert "## Decision Outcome" in advise("record", "show", "1", *folder).out
    for format, start in (("md", "---\n"), ("html", "<!doctype html>"), ("pdf", "%PDF-")):
        output = tmp_path / f"record.{format}"
        assert advise("record", "print", "--format", format, "-o", output, *folder).code == 0
        assert output.read_bytes().decode("latin-1").lower().startswith(start.lower())
        assert output.stat().st_mode & 0o077 == 0
    verified = advise("record", "verify", "--from", export, "--json", *folder)
    (record,) = verified.json["records"]
    assert record["status"] in ("holds", "does-not-hold", "unknown")
    assert verified.code == (1 if record["status"] == "does-not-hold" else 0)
    assert record["same_snapshot"] is True


def test_a_record_that_is_not_there_is_usage(advise: Advise, tmp_path: Path) -> None:
    for command in (("show", "7"), ("print",), ("show",)):
        assert advise("record", *command, "--dir", tmp_path).code == 2


def test_superseding_links_both_records(advise: Advise, export: Path, tmp_path: Path, answers: dict[str, str]) -> None:
    open_questions(advise, export, tmp_path, answers)
    folder = ("--dir", tmp_path / "records")
    done = advise(
        "decide", "--supersede", "1", "--answers", tmp_path / "answers.yaml", "--from", export, "--json", *folder
    )
    assert done.code == 0, done.err
    newer, older = advise("record", "list", "--json", *folder).json["records"]
    assert (newer["supersedes"], older["superseded-by"]) == (["0001"], "0002")
    assert older["status"] == "superseded"


def test_in_a_terminal_it_asks_and_what_was_left_goes_on(export: Path, tmp_path: Path) -> None:
    command = [ADVISOR, "decide", TOPIC, "--from", str(export), "--dir", str(tmp_path / "records")]
    environment = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("STATE", "CONFIG")}
    with Terminal(command, columns=160, rows=50, environment=environment) as terminal:
        first = terminal.wait_for("to go", "I do not know yet")
        terminal.press("w", "enter")
        terminal.press("1", "enter")
        second = terminal.wait_for(">")
        assert second != first
        terminal.press("q", "enter")
        assert terminal.wait() == 1
    kept = list((tmp_path / "state").rglob(f"{TOPIC}.json"))
    assert len(json.loads(kept[0].read_text())["answers"]) == 1
    with Terminal(command, columns=240, rows=120, environment=environment) as terminal:
        for _ in range(10):
            terminal.wait_for(">")
            if "record:" in terminal.screen.text:
                break
            if "Who decides?" in terminal.screen.text:  # once, before the first record
                terminal.press("M. Reyes", "enter")
                break
            terminal.press("1", "enter")
            terminal.settle(0.5)
            if terminal.process.poll() is not None:
                break
        terminal.wait_for("record:", "0001-")
    assert 'decision-makers: ["M. Reyes"]' in next((tmp_path / "records").glob("0001-*.md")).read_text()


def test_superseding_without_a_terminal_takes_the_old_answers(
    advise: Advise, export: Path, tmp_path: Path, answers: dict[str, str]
) -> None:
    assert open_questions(advise, export, tmp_path, answers)["code"] == 0
    folder = tmp_path / "records"
    done = advise("decide", "--supersede", "1", "--from", export, "--json", "--dir", folder)
    assert done.code == 0, done.err
    assert done.json["record"].startswith(str(folder / "0002-"))
    assert {key if "." in key else f"{TOPIC}.{key}" for key in done.json["answers"]} == set(answers)
    first = next(folder.glob("0001-*.md")).read_text()
    assert 'superseded-by: "0002"' in first


def test_the_open_question_says_how_to_find_out(advise: Advise, export: Path, tmp_path: Path) -> None:
    document = open_questions(advise, export, tmp_path, {})
    assert document["question"]["find_out"] and document["question"]["options"][0]["label"]
    assert "To find out: " in document["err"] and f"`{TOPIC}." in document["err"]


def test_the_command_takes_a_folder_of_snapshots(advise: Advise, tmp_path: Path) -> None:
    from advisor.collect.saved import dump
    from advisor.decide import walk_by_answers
    from advisor.decide.record import write_record
    from tests.decide.test_since import ANSWERS, on

    first = on(1)
    write_record(walk_by_answers(first, "people", ANSWERS), first, "2026-11-01", folder=tmp_path / "records")
    kept = tmp_path / "kept"
    kept.mkdir()
    for day, without in ((10, ()), (12, ("ben",))):
        (kept / f"{day}.json").write_bytes(dump(on(day, *without).snapshot))
    (kept / "other.json").write_text("[]")
    now = tmp_path / "now.json"
    now.write_bytes(dump(on(20, "ben", "chris").snapshot))
    command = ("record", "verify", "--from", now, "--history", kept, "--dir", tmp_path / "records")
    done = advise(*command, "--json")
    assert done.code == 1, done.err
    found = [one["since"] for one in done.json["records"][0]["invariants"] if "since" in one]
    assert [(one["held"]["taken_at"][:10], one["broken"]["taken_at"][:10]) for one in found] == [
        ("2026-11-10", "2026-11-12")
    ]
    assert json.dumps(found[0]["through"]).count("exception/ben") == 1
    text = advise(*command).out
    assert "held on 10 November 2026, 09:00 UTC" in text and "exception/ben" in text
    assert advise("record", "verify", "--from", now, "--history", tmp_path / "none.json").code == 3


def test_verifying_nothing_is_not_green(advise: Advise, export: Path, tmp_path: Path) -> None:
    done = advise("record", "verify", "--from", export, "--dir", tmp_path)
    assert done.code == 3
    assert "nothing was verified" in done.err and "--dir" in done.err
