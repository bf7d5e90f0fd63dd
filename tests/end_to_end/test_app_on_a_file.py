"""The real app in a pseudo-terminal on an export: it opens, answers, and leaves the terminal as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import EXPORT
from tests.end_to_end.terminal import Terminal

ADVISOR = str(Path(sys.executable).with_name("advisor"))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(EXPORT))
    return path


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 50)])
def test_it_opens_on_home_and_leaves_at_q(export: Path, columns: int, rows: int) -> None:
    with Terminal([ADVISOR, "--from", str(export)], columns=columns, rows=rows) as terminal:
        terminal.wait_for("Home", "users", "READ-ONLY")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.raw.rstrip().endswith((b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1004l", b"\x1b[?1006l")) or (
            b"\x1b[?1049l" in terminal.raw
        )


def test_a_terminal_that_is_closed_ends_the_app_and_what_was_kept_is_whole(export: Path, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    with Terminal([ADVISOR, "--from", str(export)], environment=state) as terminal:
        terminal.wait_for("Home", "users")
        terminal.press("3")
        terminal.hang_up()
        assert terminal.process.wait(timeout=20) is not None
    for file in (tmp_path / "state").rglob("*.json"):
        json.loads(file.read_text())
    with Terminal([ADVISOR, "--from", str(export)], environment=state) as terminal:
        terminal.wait_for("READ-ONLY", "ana")  # in the mode that was kept, or at Home
        terminal.press("q")
        assert terminal.wait() == 0


def test_two_apps_at_once_do_not_hinder_each_other(export: Path, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    with (
        Terminal([ADVISOR, "--from", str(export)], environment=state) as one,
        Terminal([ADVISOR, "--from", str(export)], environment=state) as other,
    ):
        for terminal in (one, other):
            terminal.wait_for("Home", "users")
        for terminal in (one, other):
            terminal.press("3", "q")
            assert terminal.wait() == 0
    for file in (tmp_path / "state").rglob("*.json"):
        json.loads(file.read_text())


def test_no_color_sends_no_colour_code(export: Path) -> None:
    with Terminal([ADVISOR, "--from", str(export)], environment={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("Home", "users")
        terminal.press("q")
        terminal.wait()
        assert b"[38;" not in terminal.raw and b"[48;" not in terminal.raw


def test_a_broken_file_is_told_in_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with Terminal([ADVISOR, "--from", str(broken)]) as terminal:
        terminal.wait_for("Nothing was opened")
        assert "Traceback" not in terminal.screen.text
