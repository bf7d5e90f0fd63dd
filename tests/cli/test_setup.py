"""`setup`: seen in the account, chosen once, planned, recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import ACCOUNT, Advise

STATUSES = {"done", "yours", "decide", "ready", "waits", "unknown", "left-out"}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Choices of its own for each test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_steps_have_a_status_and_what_they_need(advise: Advise, export: Path) -> None:
    done = advise("setup", "status", "--from", export, "--json")
    document = done.json
    assert (done.code, document["schema"]) == (0, "advisor/setup/1")
    assert document["profile"] in ("one", "team", "several")
    assert 0 <= document["done"] <= document["of"]
    assert len({step["id"] for step in document["steps"]}) == len(document["steps"]) > 10
    for step in document["steps"]:
        assert step["status"] in STATUSES
        assert step["title"] and step["why"]
    assert document == advise("setup", "--from", export, "--json").json


def test_strict_ends_with_1_while_a_step_is_open(advise: Advise, export: Path) -> None:
    assert advise("setup", "status", "--from", export, "--strict").code == 1


def test_what_was_chosen_is_kept(advise: Advise, export: Path, state: Path) -> None:
    chosen = advise("setup", "--for", "one", "--leave-out", "r1", "--from", export, "--json").json
    kept = advise("setup", "--from", export, "--json").json
    assert chosen == kept
    assert kept["profile"] == "one"
    assert {step["id"]: step["status"] for step in kept["steps"]}["R1"] == "left-out"
    (file,) = state.rglob(f"{ACCOUNT}.json")
    assert file.stat().st_mode & 0o077 == 0
    back = advise("setup", "--want", "R1", "--from", export, "--json").json
    assert {step["id"]: step["status"] for step in back["steps"]}["R1"] != "left-out"


@pytest.mark.parametrize("options", [("--for", "nobody"), ("--leave-out", "X99"), ("--set", "nothing")])
def test_slips_are_told_and_not_kept(advise: Advise, export: Path, state: Path, options: tuple[str, ...]) -> None:
    assert advise("setup", *options, "--from", export).code == 2
    assert not list(state.rglob("*.json"))


def test_a_plan_of_a_step_and_its_exports(advise: Advise, export: Path, tmp_path: Path) -> None:
    output = tmp_path / "setup.yaml"
    done = advise("setup", "plan", "P4", "--confirm", "P1", "-o", output, "--from", export)
    assert done.code == 0, done.err
    (change,) = yaml.safe_load(output.read_text())["changes"]
    assert change["operations"][0]["operation"] == "UpdateAccountPasswordPolicy"
    same = advise("plan", "new", "--setup=P4", "-o", tmp_path / "same.yaml", "--from", export, "--json")
    assert [item["id"] for item in same.json["changes"]] == [change["id"]]
    for format, sign in (("cli", "aws iam update-account-password-policy"), ("terraform", "resource ")):
        exported = advise("plan", "show", output, "--export", format, "--from", export)
        assert exported.code == 0, exported.err
        assert sign in exported.out and exported.out.strip()


def test_a_step_that_waits_is_not_an_empty_plan(advise: Advise, export: Path, tmp_path: Path) -> None:
    failed = advise("setup", "plan", "D1", "-o", tmp_path / "p.yaml", "--from", export)
    assert failed.code == 2
    assert "waits for" in failed.err
    assert not (tmp_path / "p.yaml").exists()


def test_the_record_says_how_to_check_it_again(advise: Advise, export: Path, tmp_path: Path) -> None:
    output = tmp_path / "setup.md"
    assert advise("setup", "record", "-o", output, "--from", export).code == 0
    assert "advisor setup status --strict" in output.read_text()


def test_a_file_cannot_be_set_up(advise: Advise, export: Path) -> None:
    assert advise("setup", "apply", "--from", export, "--account", ACCOUNT, "--yes").code == 2
