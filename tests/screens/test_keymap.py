"""The user's own keys: they work, footer, help and palette show them, and what is wrong with them is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screens.keymap import problems
from screens.palette import ScreenCommands
from screens.widgets.rows import RowList
from tests.screens.stage import staged


def keep_keys(home: Path, text: str) -> None:
    folder = home / "config" / "iam-advisor"
    folder.mkdir(parents=True)
    (folder / "keys.json").write_text(text)


async def test_own_keys_work_and_are_the_ones_that_are_shown(account_files: list[str], own_home: Path) -> None:
    keep_keys(
        own_home, json.dumps({"mode.explore": "f3", "explore.draw": "ctrl+g", "rows.down": "ctrl+b", "app.ask": "f2"})
    )
    async with staged(account_files, (120, 36)) as stage:
        text = await stage.press("f3")
        assert "Explore › principals" in text
        assert "Ctrl+G Draw" in text and "n Draw" not in text
        assert "F2 Ask" in text
        rows = stage.app.screen.query_one(RowList)
        before = rows.cursor
        await stage.press("j")
        assert rows.cursor == before, "the key that was ours means nothing any more"
        await stage.press("ctrl+b")
        assert rows.cursor == before + 1
        told = [told for _, told, _ in ScreenCommands(stage.app.screen)._commands()]
        assert any(one.startswith("Ctrl+G") for one in told)
        assert "Ctrl+G" in await stage.press("question_mark")
        await stage.press("escape")
        assert "around" in await stage.press("ctrl+g")


@pytest.mark.parametrize(
    "text, told",
    [
        ('{"rows.down": "n"}', "`n` is `rows.down` (Down)"),
        ('{"explore.draw": "p"}', "`explore.draw` (Draw)"),
        ('{"app.aks": "f2"}', "there is no `app.aks`. Nearest: `app.ask`"),
        ("[1, 2]", "is not a map from ids to keys"),
        ('{"app.ask": 5}', "is not a map from ids to keys"),
        ("{", "is not a map from ids to keys"),
    ],
)
async def test_what_is_wrong_with_own_keys_is_told(
    account_files: list[str], own_home: Path, text: str, told: str
) -> None:
    keep_keys(own_home, text)
    async with staged(account_files, (200, 24)) as stage:
        assert any(told in note.text for note in stage.app.session.notes)


def test_good_keys_and_none_have_no_problem(own_home: Path) -> None:
    assert problems() == []
    keep_keys(own_home, '{"app.ask": "f2", "mode.findings": "ctrl+f", "rows.half_down": "ctrl+v"}')
    assert problems() == [], "this is the example of the documentation"
