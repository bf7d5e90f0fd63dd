"""Walking a decision to its record, and printing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.widgets.rows import RowList
from tests.screens.stage import WIDE, Stage, answer_all, staged

pytestmark = pytest.mark.usefixtures("own_home", "named")


async def walk_to_the_outcome(stage: Stage) -> str:
    return await answer_all(await stage.press("2", "enter"), stage.press)


async def test_the_ten_decisions_and_where_they_stand(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("2")
    assert "How people sign in" in text
    assert "0 of 10 decided" in text


async def test_enter_after_enter_walks_to_a_record_that_can_be_printed(
    account_files: list[str], own_home: Path
) -> None:
    async with staged(account_files) as stage:
        await walk_to_the_outcome(stage)
        stage.app.screen.query_one("#options", RowList).go_to("record")
        text = await stage.press("enter")
        assert "recorded as 0001" in text
        menu = await stage.press("e")
        assert "▸ PDF" in menu
        assert "Written to" in await stage.press("down", "enter")
    record = next((own_home / "iam-records").glob("0001-*.md"))
    assert record.stat().st_mode & 0o777 == 0o600
    assert "<html" in record.with_suffix(".html").read_text()


async def test_the_record_of_a_decision_prints_in_three_keys(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files) as stage:
        await walk_to_the_outcome(stage)
        stage.app.screen.query_one("#options", RowList).go_to("record")
        await stage.press("enter", "1")
        assert "Written to" in await stage.press("7", "e", "enter")
    assert next((own_home / "iam-records").glob("0001-*.pdf")).read_bytes().startswith(b"%PDF")


async def test_evidence_stands_before_the_options_and_not_knowing_is_one(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        text = await stage.press("2", "enter")
    assert text.index("This account says") < text.index("(•)")
    assert "I do not know yet" in text


async def test_left_takes_the_answer_back_and_leaving_keeps_it(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        first = await stage.press("2", "enter")
        assert "question 1" in first
        assert "question 2" in await stage.press("g", "enter")
        assert "question 1" in await stage.press("left")
        await stage.press("g", "enter", "escape")
        assert "question 2" in await stage.text(0.05)
        assert "› question 2" in await stage.press("enter")


async def test_a_parked_question_says_how_to_find_out(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        await stage.press("2", "enter", "G")
        assert "To find out" in await stage.press("enter")


async def test_the_option_says_where_it_leads_beside_the_list(account_files: list[str]) -> None:
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("2", "enter", "g")
    assert "leads to" in text
    assert "2016" in text


async def test_no_record_says_where_one_comes_from(account_files: list[str]) -> None:
    async with staged(account_files) as stage:
        assert "2 Decide walks one" in await stage.press("7")


async def test_before_the_first_record_the_app_asks_once_who_decides(
    account_files: list[str], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IAM_ADVISOR_DECIDED_BY")
    async with staged(account_files) as stage:
        await walk_to_the_outcome(stage)
        asked = await stage.press("enter")
        assert "Who decides?" in asked
        assert "↵ Keep it" in asked and "↵ To the list" not in asked, "the keys of a dialog stand in it only"
        left = await stage.press("escape")
        assert "recorded as" not in left, "leaving it records nothing"
        assert "↵ Record it" in left
        await stage.press("enter")
        assert "recorded as 0001" in await stage.press(*"mara", "comma", *"ben", "enter")
        await stage.press("1")
        assert "mara, ben" in await stage.press("7")
        await stage.press("b", "end", "+", "enter")
    record = next((own_home / "iam-records").glob("0001-*.md")).read_text()
    assert 'decision-makers: ["mara","ben"]' in record
    kept = own_home / "config" / "iam-advisor" / "decided-by"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text() == "mara\nben+\n"


async def test_the_tree_is_drawn_where_there_is_room_and_follows_the_option(account_files: list[str]) -> None:
    async with staged(account_files, (80, 24)) as stage:
        assert "THE TREE" not in await stage.press("2", "enter")
    async with staged(account_files, WIDE) as stage:
        text = await stage.press("2", "enter", "g")
        assert "▸ 1 Which kind of account is this?" in text
        assert "├─ An account of your own ─▸ 2 Who are the people?" in text.replace("│  ", "")
        assert "rules out" in text
        other = await stage.press("down")
        assert "└─ A project account of the… ─▸ ■ Team members" in other


async def test_a_decision_that_follows_goes_on_with_the_answers(account_files: list[str], own_home: Path) -> None:
    async with staged(account_files, WIDE) as stage:
        await walk_to_the_outcome(stage)
        stage.app.screen.query_one("#options", RowList).go_to("record")
        text = await stage.press("enter")
        assert "DECISIONS THAT FOLLOW" in text
        before = stage.app.screen.walk.given  # type: ignore[attr-defined]
        assert "Decide › " in await stage.press("j", "enter")
        walk = stage.app.screen.walk  # type: ignore[attr-defined]
        assert walk.topic != "people" and set(before) <= set(walk.carried)


async def test_a_change_is_planned_or_its_risk_accepted_where_it_stands(
    account_files: list[str], own_home: Path
) -> None:
    async with staged(account_files, WIDE) as stage:
        await stage.press("5", "2")  # the findings are judged
        await walk_to_the_outcome(stage)
        rows = stage.app.screen.query_one("#options", RowList)
        change = next(row.change for row in rows.rows if getattr(row, "change", None) and row.change.operations)
        rows.go_to(change.id)
        assert "Added." in await stage.press("plus")
        found = next(
            (
                one
                for one in stage.app.session.known_findings.findings
                if any((each.template, each.target) == (change.template, change.target) for each in one.changes)
            ),
            None,
        )
        text = await stage.press("x")
        if found is None:
            assert "No open finding is behind this change" in text
            return
        assert "Accept the risk" in text
        await stage.type("known")
        await stage.press("enter")
        assert "Accepted until" in await stage.press("enter")
        assert change.id not in stage.app.screen.ticked
        accepted = [one.id for one in stage.app.session.known_findings.findings if one.status == "accepted"]
        assert accepted == [found.id]


async def test_records_tell_since_which_saved_snapshot_and_through_what(own_home: Path) -> None:
    from advisor.collect.saved import dump
    from advisor.decide import walk_by_answers
    from advisor.decide.record import write_record
    from screens.kept import remember_file
    from tests.decide.test_since import ANSWERS, on

    first = on(1)
    write_record(walk_by_answers(first, "people", ANSWERS), first, "2026-11-01", folder=own_home / "iam-records")
    files = {}
    for day, without in ((10, ()), (12, ("ben",)), (20, ("ben", "chris"))):
        files[day] = own_home / f"{day}.json"
        files[day].write_bytes(dump(on(day, *without).snapshot))
    for day in (10, 12):
        remember_file(str(files[day]))
    async with staged([files[20]], WIDE) as stage:
        text = " ".join((await stage.press("7")).split())
        assert "1 of 3 holds no more" in text
        told = text.replace("▏ ", "")
        assert "held on 2026-11-10, not since 2026-11-12" in told
        assert "through ben: signs in to the console without MFA" in told and "through chris" not in told
