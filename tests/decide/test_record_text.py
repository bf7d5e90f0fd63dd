"""How a record reads: calls, days, what was not read, and what was left for later."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from advisor.advice.templates import fill
from advisor.decide import walk_by_answers
from advisor.decide.record import print_record, write_record
from advisor.decide.record.calls import WIDTH, calls_told
from advisor.decide.record.moments import day, moment
from advisor.decide.trees import facts_of, trees
from tests.advice.small_accounts import person, read, refused

TODAY = "2026-11-24"


def test_calls_are_numbered_and_refer_to_each_other() -> None:
    account = read(users=(person("ana", mfa=False, groups=()), person("emergency-1", groups=(), path="/break-glass/")))
    told = calls_told(fill("mfa-enforce", account)[0])
    assert told.startswith("1 iam:CreatePolicy {\n")
    assert '2 iam:AttachUserPolicy {"UserName": "ana", "PolicyArn": ‹Policy.Arn of call 1›}' in told
    assert "emergency-1" not in told, "a routine deny does not bind who is kept for emergencies"
    assert all(len(line) <= WIDTH + 2 for line in told.splitlines() if "Description" not in line)


def test_a_policy_in_a_call_is_json_as_aws_writes_it() -> None:
    told = calls_told(fill("mfa-enforce", read(users=(person("ana", groups=()),)))[0])
    first = told.split("\n2 iam:", 1)[0].removeprefix("1 iam:CreatePolicy ")
    document = json.loads(first)["PolicyDocument"]
    assert list(document) == ["Version", "Statement"]
    assert list(document["Statement"][0])[:3] == ["Sid", "Effect", "Action"]


def test_a_policy_of_passwords_keeps_what_the_account_has() -> None:
    policy = {"MinimumPasswordLength": 8, "MaxPasswordAge": 60}
    kept, ended = (
        fill("password-policy", read(settings={"password_policy": policy}), "", values)[0].operations[0].parameters
        for values in ({}, {"max_age": "none"})
    )
    assert kept["MaxPasswordAge"] == 60
    assert "MaxPasswordAge" not in ended
    assert (
        "MaxPasswordAge"
        not in fill("password-policy", read(settings={"password_policy": {}}))[0].operations[0].parameters
    )


def test_moments_are_read_in_words_and_in_utc() -> None:
    assert day("2026-11-24") == "24 November 2026"
    assert moment("2026-11-24T00:30:00+02:00") == "23 November 2026, 22:30 UTC"
    assert moment("not a day") == "not a day"


def test_what_was_not_read_is_said_once_with_its_things(tmp_path: Path) -> None:
    gaps = tuple(
        refused("kms:GetKeyPolicy", reason="AccessDenied: long text", resource=f"key/{letter}") for letter in "ab"
    )
    account = read(gaps=(*gaps, refused("iam:GetCredentialReport", reason="AccessDenied: long text")))
    answers = {"whom": "vendor", "vendor": "few", "keys": "no"}
    record = write_record(walk_by_answers(account, "sharing", answers), account, TODAY, folder=tmp_path)
    assert "long text" not in record.body
    assert not re.search(r"(?m)^- `(.*)`.*\n- `\1`", record.body), "one line for each call"


def test_changes_that_were_not_taken_are_left_for_later(tmp_path: Path) -> None:
    account = read(users=(person("ana", mfa=False),))
    answers = {"kind": "own", "who": "staff", "directory": "yes", "organization": "yes", "same": "same"}
    walk = walk_by_answers(account, "people", answers)
    record = write_record(walk, account, TODAY, folder=tmp_path)
    assert "### Left for later" in record.body
    assert "Remove the user ana" in record.body.split("### Left for later")[1]
    assert "…." not in record.body


def test_every_question_shows_the_facts_that_it_suggests_from() -> None:
    hidden = {
        f"{tree.id}.{id}: {fact}"
        for tree in trees().values()
        for id, ask in tree.questions.items()
        for fact in {fact for rule in ask.suggest for claim in rule.when for fact in facts_of(claim)} - set(ask.show)
    }
    assert not hidden


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_nothing_of_the_pdf_runs_off_the_page(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    long = "AnIdentityWithAVeryLongNameThatNobodyCouldBreakAnywhereAtAllBecauseItHasNoHyphen"
    account = read(users=tuple(person(f"{long}{number}", mfa=False) for number in range(3)), organization=None)
    answers = {"kind": "own", "who": "staff", "directory": "no", "organization-alone": "no", "number-alone": "several"}
    walk = walk_by_answers(account, "people", answers)
    record = write_record(walk, account, TODAY, folder=tmp_path)
    pdf = tmp_path / "record.pdf"
    pdf.write_bytes(print_record(record, "pdf"))
    boxes = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
    width = float(re.search(r'<page width="([\d.]+)"', boxes)[1])  # type: ignore[index]
    words = re.findall(r'<word xMin="[\d.]+" yMin="[\d.]+" xMax="([\d.]+)"[^>]*>([^<]*)<', boxes)
    margin = 60
    assert len(words) > 300
    assert [word for end, word in words if float(end) > width - margin] == []
