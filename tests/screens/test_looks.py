"""How each screen looks at 80×24 and at 120×36. Read the difference before accepting it: `pytest --snapshot-update`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import AdvisorApp
from screens.session import Session
from tests.screens.stage import NARROW, WIDE, opener_of, settle

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STORIES = {
    "home": (),
    "help": ("question_mark",),
    "decisions": ("2",),
    "first_question": ("2", "enter"),
    "principals": ("3",),
    "policies": ("3", "v", "v"),
    "one_role": ("3", "j", "enter"),
    "policy_text": ("3", "v", "v", "enter", "enter"),
    "nothing_asked": ("a",),
    "who_can": ("a", *"read", "space", *"pay", "enter", "j"),
    "verdict": ("a", *"read", "space", *"pay", "enter", "G", "enter"),
    "paths": ("4", "j"),
    "cheapest_cut": ("4", "m"),
    "findings": ("5",),
    "preview": ("4", "m", "p"),
    "no_records": ("7",),
    "empty_plan": ("8",),
    "accounts": ("at",),
}


@pytest.fixture(autouse=True)
def still(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, and nothing is remembered from elsewhere."""
    monkeypatch.setattr(Session, "now", property(lambda self: NOON))
    monkeypatch.setattr("screens.outcome.time", SimpleNamespace(perf_counter=lambda: 0.0))


def story(*keys: str) -> Callable[[Pilot[None]], Any]:
    async def play(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            if len(key) > 1 or key.isdigit():
                await settle(pilot)
        await pilot.pause(0.15)
        await settle(pilot)

    return play


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x36"])
@pytest.mark.parametrize("name", STORIES)
def test_looks(name: str, size: tuple[int, int], account_files: list[str], snap_compare: Any) -> None:
    app = AdvisorApp(opener_of(account_files), "account.json")
    assert snap_compare(app, terminal_size=size, run_before=story(*STORIES[name]))


def test_welcome_looks(snap_compare: Any) -> None:
    assert snap_compare(AdvisorApp(), terminal_size=NARROW, run_before=story())
