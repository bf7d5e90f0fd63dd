"""What is copied and written: inert in every format, with what it rests on."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from screens.places import Places
from screens.tables import Table, inert, written
from tests.screens.stage import NARROW, WIDE, staged

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert not inert(cell).lstrip().startswith(("=", "+", "-", "@"))


def test_plain_cells_stay_as_they_are() -> None:
    assert inert("ana") == "ana"


async def test_a_list_is_written_with_what_it_rests_on(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("a", *"read", "space", *"pay", "enter")
        text = await stage.press("e", "j", "enter")
        assert "Written to" in text
        session = stage.app.session
        table = Table("=names", ("name",), (("=cmd|x",), ("<b>*bold*</b>",)), "advisor who-can read")
        rows = list(csv.reader(io.StringIO(written(session, table, "csv"))))
        markdown = written(session, table, "markdown")
    assert rows[1] == ["'=cmd|x"]
    assert ["account", "111122223333"] in rows
    assert "\\<b\\>\\*bold\\*" in markdown
    (file,) = own_home.glob("*.json")
    found = json.loads(file.read_text())
    assert found["account"] == "111122223333"
    assert found["snapshot"].startswith("sha256:")
    assert found["command"].startswith("advisor who-can s3:GetObject")
    assert {"principal", "decision", "because"} <= set(found["rows"][0])


async def test_the_copy_menu_names_arn_and_command(account_files: list[str]) -> None:
    async with staged(account_files, NARROW) as stage:
        text = await stage.press("3", "Y")
        assert "what y copies   arn:aws:iam::" in text
        await stage.press("j", "j", "enter")
        assert stage.app.clipboard.startswith("advisor what-can arn:aws:iam::111122223333:")


async def test_a_key_that_cannot_work_says_why(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("3", "v")
        assert "(w What it can)" in text.splitlines()[-1]
        assert "Only users and roles" in await stage.press("w")


async def test_mode_row_and_order_are_kept(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        session = stage.app.session
        session.places = Places(session.snapshot.account if session.snapshot else "")
        await stage.press("3", "o", "j", "j")
        stage.app.leave_places()
    kept = Places("111122223333")
    assert kept.mode == "explore"
    assert kept.of("explore")["by_name"] is True
    assert kept.of("explore")["row"].startswith("arn:")


def test_questions_are_kept_latest_first_and_messages_are_not() -> None:
    places = Places("111122223333")
    for text in ("read a", "read b", "read a"):
        places.asked("who", text)
    places.asked("denied", "User: arn:aws:iam::111122223333:user/ana is not authorized")
    assert Places("111122223333").questions == [("who", "read a"), ("who", "read b")]
    assert SimpleNamespace(**Places("../x").of("home")) == SimpleNamespace()
