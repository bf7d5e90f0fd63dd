"""Tables fit the terminal: nothing is wider, no name is lost in folding, and output that is no terminal stays whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.cli.text import fitted, folded, table, width
from tests.cli.conftest import EXPORT, Advise, allow, arn, user

WIDE = "a-name-that-is-as-long-as-the-names-of-roles-that-a-pipeline-makes-up"
COMMANDS = (
    ("who-can", "s3:GetObject", "arn:aws:s3:::payroll/*"),
    ("can", "cleo", "s3:GetObject", "arn:aws:s3:::payroll/2026.csv", "--explain"),
    ("what-can", "ben"),
    ("what-can", "cleo"),
    ("paths",),
    ("cut",),
    ("findings",),
    ("setup",),
    ("decide",),
    ("record", "list"),
    ("journal",),
    ("doctor",),
    ("denied", "User: arn:aws:iam::111122223333:user/dan is not authorized to perform: s3:GetObject on resource: "
     '"arn:aws:s3:::payroll/2026.csv" with an explicit deny in an identity-based policy'),
)  # fmt: skip


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = tmp_path / "account.json"
    path.write_text(json.dumps({**EXPORT, "UserDetailList": [
        *EXPORT["UserDetailList"],
        user(WIDE, allow(["iam:AttachUserPolicy"], arn(f"user/{WIDE}"), Sid="OwnPolicies")),
    ]}))  # fmt: skip
    return path


@pytest.mark.parametrize("columns", [60, 80, 132])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:24])
def test_no_line_is_wider_than_the_terminal(
    advise: Advise, account: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    source = () if command[0] in ("doctor", "journal", "record") else ("--from", account)
    result = advise(*command, *source)
    assert result.code in (0, 1, 4), result.err
    for line in (*result.out.splitlines(), *result.err.splitlines()):
        assert width(line) <= columns, click.unstyle(line)


def test_a_plan_and_its_preview_fit(
    advise: Advise, account: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    plan = tmp_path / "plan.yaml"
    made = advise("plan", "new", "-o", plan, "--findings", "--from", account)
    shown = advise("plan", "show", plan, "--from", account)
    assert made.code == 0
    assert shown.code in (0, 1), shown.err
    for line in (*made.out.splitlines(), *shown.out.splitlines()):
        assert width(line) <= 80, click.unstyle(line)


def test_a_file_or_a_pipe_gets_whole_lines(advise: Advise, account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    result = advise("paths", "--from", account, "--color", "never")
    assert any("iam:AttachUserPolicy on " in line and WIDE in line and "OwnPolicies" in line
               for line in result.out.splitlines())  # fmt: skip


def test_what_is_folded_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = [("✓ allowed", arn(f"role/{WIDE}"), "because of a statement"), ("– not granted", "b", "c")]
    lines = table(rows).splitlines()
    assert all(width(line) <= 40 for line in lines)
    start = lines[0].index("arn:")
    whole = lines[: next(at for at, line in enumerate(lines) if "–" in line)]
    assert "".join(re.split(r"\s{2}", line[start:])[0] for line in whole) == arn(f"role/{WIDE}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]) | st.just(" "), max_size=120),
       st.integers(2, 60))  # fmt: skip
def test_folding_loses_nothing(text: str, room: int) -> None:
    lines = folded(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.lists(st.text("abc:/, ", max_size=30), min_size=1, max_size=5), st.integers(8, 40))
def test_folding_keeps_colours(words: list[str], room: int) -> None:
    text = " ".join(click.style(word, fg="red") for word in words)
    lines = folded(text, room)
    assert click.unstyle("".join(lines)).replace(" ", "") == click.unstyle(text).replace(" ", "")
    for line in lines:
        assert line.count("\x1b[31m") <= line.count("\x1b[0m")


def test_lines_hang_under_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert (
        fitted("  ? kms:GetKeyPolicy was refused, so who may use the key is unknown")
        .splitlines()[1]
        .startswith("      ")
    )


def test_policies_are_never_folded(advise: Advise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert json.loads(advise("permissions", "setup").out)["Statement"]
