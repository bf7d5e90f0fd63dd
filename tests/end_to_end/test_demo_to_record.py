"""The main job, as a stranger does it: the demo account, a decision walked to its record, the record printed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from advisor.decide.record import read
from tests.end_to_end.terminal import Terminal

ADVISOR = str(Path(sys.executable).with_name("advisor"))
SECONDS_TO_HOME = 20
"""Five are the promise on a machine of its own; tests share theirs."""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    names = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("STATE", "CACHE", "CONFIG")}
    return {"HOME": str(tmp_path), **names}


def test_the_people_tree_is_walked_to_its_record_and_printed(home: dict[str, str]) -> None:
    started = time.monotonic()
    with Terminal([ADVISOR, "--demo"], columns=100, rows=34, environment=home) as terminal:
        terminal.wait_for("users", "roles", seconds=SECONDS_TO_HOME)
        assert time.monotonic() - started < SECONDS_TO_HOME
        terminal.wait_until_gone("still being read")
        terminal.wait_for("acme-demo", "READ-ONLY", "administrators", seconds=60)  # the whole account is read
        terminal.press("2")
        terminal.wait_for("How people sign in", "0 of 10 decided")
        terminal.press("enter")
        for number in range(1, 9):
            shown = terminal.wait_for("Decide › How people sign in ›")
            if "› outcome" in shown:
                break
            assert f"question {number} of" in shown
            assert "This account says" in shown
            if "(•) I do not know yet" in shown:  # nothing is suggested: take the option above it
                terminal.press("k")
                terminal.wait_until_gone("(•) I do not know yet")
            terminal.press("enter")
        terminal.wait_for("› outcome", "CHANGES FOR THIS ACCOUNT", "Identity Center")
        terminal.press("enter")
        terminal.wait_for("Who decides?")  # once, before the first record
        terminal.press(*"mara", "enter")
        terminal.wait_for("recorded as 0001")
        terminal.press("e")
        terminal.wait_for("Print 0001", "PDF")
        terminal.press("enter")
        terminal.wait_for("Written to", ".pdf")
        terminal.press("q")
        assert terminal.wait() == 0
        assert b"Traceback" not in terminal.raw

    (path,) = Path(home["HOME"], "iam-records").glob("0001-*.md")
    record = read(path)
    assert (record.front.topic, record.front.status) == ("people", "accepted")
    assert record.front.account == "111122223333"
    assert record.front.decision_makers == ("mara",)
    assert record.front.invariants and record.front.changes
    assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_the_demo_ends_with_the_app(home: dict[str, str]) -> None:
    with Terminal([ADVISOR, "--demo"], environment=home) as terminal:
        terminal.wait_for("users", seconds=SECONDS_TO_HOME)
        children = _children(terminal.process.pid)
        assert children, "the demo account is a process of its own"
        terminal.press("q")
        terminal.wait()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def _children(pid: int) -> list[str]:
    """Ids of the processes whose parent is `pid`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[1]) == pid:
                found.append(entry.name)
    return found
