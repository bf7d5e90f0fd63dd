"""The set-up checklist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.stage import staged


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_every_step_has_a_sign_and_says_what_it_waits_for(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("6")
    assert "of 19 done" in text
    assert "waits for 1" in text
    assert any(line.startswith(" ▸ ?   1") for line in text.splitlines())


async def test_space_leaves_a_step_out_and_takes_it_back(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("6")
        assert "of 18 done" in await stage.press("space")
        assert "of 19 done" in await stage.press("space")


async def test_the_profile_is_kept(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        menu = await stage.press("6", "v")
        assert "now ·" in menu
        assert "small team" not in (await stage.press("escape")).splitlines()[2]
        assert "small team" in (await stage.press("v", "j", "enter")).splitlines()[2]
    async with staged(account_files) as stage:
        assert "small team" in await stage.press("6")
