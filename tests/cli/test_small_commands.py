"""`permissions`, `knowledge`, `completion`, `doctor`, `graph`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.cli.permissions import purposes
from advisor.model.document import parse_document
from tests.cli.conftest import Advise

ADVISOR = str(Path(sys.executable).with_name("advisor"))


@pytest.mark.parametrize("purpose", purposes())
def test_permissions_print_a_policy_that_aws_would_take(advise: Advise, purpose: str) -> None:
    done = advise("permissions", purpose)
    assert done.code == 0, done.err
    document = parse_document(done.out)
    assert document.statements and all(statement.allows for statement in document.statements)
    assert not [action for s in document.statements for action in s.actions or () if action in ("*", "iam:*")]
    assert advise("permissions", purpose, "--json").json["policy"] == json.loads(done.out)


def test_the_purposes_of_the_contract_are_there() -> None:
    assert {"collect", "setup", "apply"} <= set(purposes())


def test_reading_needs_no_write(advise: Advise) -> None:
    actions = [a for s in parse_document(advise("permissions").out).statements for a in s.actions or ()]
    verbs = {action.partition(":")[2] for action in actions}
    assert not [verb for verb in verbs if verb.startswith(("Create", "Delete", "Put", "Attach", "Update", "Detach"))]


def test_another_purpose_is_usage(advise: Advise) -> None:
    assert advise("permissions", "everything").code == 2


def test_shipped_knowledge_is_sound(advise: Advise) -> None:
    done = advise("knowledge", "check", "--json")
    assert (done.code, done.json["problems"]) == (0, [])
    assert done.json["counts"]["decisions"] >= 10


def test_the_user_s_own_knowledge_is_checked_with_every_problem(advise: Advise, tmp_path: Path) -> None:
    folder = tmp_path / "practices"
    folder.mkdir()
    (folder / "own.yaml").write_text("id: other\ntitel: x\n")
    (tmp_path / "decisons").mkdir()
    failed = advise("knowledge", "check", tmp_path)
    assert failed.code == 3
    assert "own.yaml" in failed.out and "titel" in failed.out and "decisons" in failed.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(advise: Advise, shell: str) -> None:
    done = advise("completion", shell)
    assert done.code == 0
    assert "_ADVISOR_COMPLETE" in done.out and "advisor" in done.out


def test_completion_offers_commands_and_options() -> None:
    environment = {**os.environ, "_ADVISOR_COMPLETE": "bash_complete", "COMP_WORDS": "advisor who", "COMP_CWORD": "1"}
    done = subprocess.run([ADVISOR], env=environment, capture_output=True, text=True, timeout=30)
    assert "who-can" in done.stdout


def test_doctor_says_what_to_run_next_and_ends_with_4(advise: Advise) -> None:
    done = advise("doctor", "--json")
    assert done.code == 4
    checks = {check["id"]: check for check in done.json["checks"]}
    assert checks["profile"]["status"] == "failed" and checks["profile"]["next_command"]
    assert checks["python"]["status"] == "ok"


@pytest.mark.parametrize(
    ("format", "start"),
    [
        ("dot", "digraph"),
        ("mermaid", ""),
        ("svg", "<svg"),
        ("html", "<!doctype html>"),
        ("graphml", "<?xml"),
        ("json", "{"),
    ],
)
def test_graphs_are_drawn_in_each_format(advise: Advise, export: Path, format: str, start: str) -> None:
    done = advise("graph", "--from", export, "--format", format)
    assert done.code == 0, done.err
    assert done.out.lower().startswith(start)
    assert "ana" in done.out


def test_a_graph_around_a_node_is_smaller(advise: Advise, export: Path) -> None:
    whole = advise("graph", "--from", export, "--json").json
    part = advise("graph", "--around", "ci", "--hops", "1", "--from", export, "--json").json
    assert 0 < len(part["nodes"]) < len(whole["nodes"])
    assert advise("graph", "--around", "nobody", "--from", export).code == 2


@pytest.mark.parametrize("group", ["knowledge", "plan", "record"])
def test_a_command_with_commands_of_its_own_shows_them(advise: Advise, group: str) -> None:
    done = advise(group)
    assert done.code == 2
    assert f"Usage: advisor {group} [OPTIONS] COMMAND" in done.err and "\nCommands:\n" in done.err
