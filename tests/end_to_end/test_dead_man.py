"""The program that waits to undo a run is killed: the next start says so and offers it first."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.account import open_account
from advisor.advice.templates import fill
from advisor.change.plan import new_plan, write_plan
from tests.end_to_end.terminal import Terminal

pytest.importorskip("moto")

from advisor.demo import Demo, start

ADVISOR = str(Path(sys.executable).with_name("advisor"))
ACCOUNT = "111122223333"


@pytest.fixture
def live() -> Iterator[Demo]:
    """An account that outlives the program that changes it."""
    with start() as running:
        yield running


@pytest.fixture
def home(live: Demo, tmp_path: Path) -> dict[str, str]:
    names = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("STATE", "CACHE", "CONFIG", "DATA")}
    return {"HOME": str(tmp_path), **names, **live.environment}


@pytest.fixture
def plan(live: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    account = open_account(endpoint_url=live.endpoint_url)
    folder = tmp_path / "state" / "iam-advisor" / "plans"
    folder.mkdir(parents=True)
    write_plan(new_plan(account, fill("password-policy", account)), folder / f"{ACCOUNT}.yaml")
    return folder / f"{ACCOUNT}.yaml"


def shortest(live: Demo) -> int:
    """How short a password may be in the account now."""
    iam = live.session().client("iam", endpoint_url=live.endpoint_url)
    return int(iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"])


def test_a_run_whose_waiting_app_was_killed_is_offered_first_at_the_next_start(
    live: Demo, home: dict[str, str], plan: Path
) -> None:
    before = shortest(live)
    app = [ADVISOR, "--endpoint-url", live.endpoint_url]
    with Terminal(app, columns=100, rows=30, environment=home) as terminal:
        terminal.wait_for("1111 2222 3333", "READ-ONLY", "plan 1", seconds=60)
        terminal.wait_until_gone("still being read")
        terminal.press("8", "p")
        terminal.wait_for("GUARDS", "you keep your access", seconds=60)
        terminal.press("!", ACCOUNT, "enter")
        terminal.wait_for("ARMED")
        terminal.press("A")
        terminal.wait_for("Apply for 5 min", "Undo: 1 call ready")
        terminal.press("tab", "enter")
        terminal.wait_for("1 of 1 calls done", "then it is undone by itself", "UNDO IN", seconds=60)
        assert shortest(live) == 14
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()

    with Terminal(app, columns=100, rows=30, environment=home) as terminal:
        shown = terminal.wait_for("was to be undone by itself", "has ended, so nothing", seconds=60)
        assert "▸ Undo 1 call" in shown
        terminal.wait_until_gone("still being read")
        terminal.press("enter")
        terminal.wait_for("Arm the account first")
        terminal.press("!", ACCOUNT, "enter")
        terminal.wait_for("ARMED")
        terminal.press("enter")
        terminal.wait_for("Take back run", "iam:UpdateAccountPasswordPolicy", seconds=30)
        terminal.press("enter")
        terminal.wait_for("· undone", seconds=30)
        terminal.press("q")
        terminal.wait()
    assert shortest(live) == before


def test_a_run_whose_waiting_command_was_killed_is_offered_before_anything_else_is_applied(
    live: Demo, home: dict[str, str], plan: Path
) -> None:
    before = shortest(live)
    apply = [ADVISOR, "apply", str(plan), "--account", ACCOUNT, "--endpoint-url", live.endpoint_url]
    with Terminal([*apply, "--yes", "--undo-after", "5m"], columns=120, rows=40, environment=home) as terminal:
        terminal.wait_for("undone by itself at", seconds=60)
        assert shortest(live) == 14
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait()

    with Terminal(apply, columns=120, rows=40, environment=home) as terminal:
        terminal.wait_for("was to be undone at", "Undo it first?", seconds=60)
        terminal.press("y", "enter")
        terminal.wait_for("Type the account id", seconds=30)
        terminal.press(ACCOUNT, "enter")
        terminal.wait_for("practices", seconds=60)
        assert shortest(live) == before
        terminal.press("ctrl+c")
        terminal.wait()
    assert shortest(live) == before
