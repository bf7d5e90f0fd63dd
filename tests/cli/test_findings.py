"""`findings`: the shape of the contract, exit codes, acceptance that ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Advise
from tests.cli.test_ask import check_change

SEVERITIES = ("critical", "high", "medium", "low")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Accepted risks of its own for each test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_findings_have_the_shape_of_the_contract(advise: Advise, export: Path) -> None:
    done = advise("findings", "--from", export, "--json")
    document = done.json
    assert document["schema"] == "advisor/findings/1"
    assert len(document["practices"]) >= 11
    for practice in document["practices"]:
        assert set(practice) >= {"id", "status", "evidence"}
        assert practice["status"] in ("holds", "fails", "unknown")
    assert document["findings"]
    for finding in document["findings"]:
        assert set(finding) >= {
            "id", "practice", "severity", "status", "title", "resources", "evidence", "changes", "sources"
        }  # fmt: skip
        assert finding["severity"] in SEVERITIES
        assert finding["status"] in ("open", "accepted", "unknown")
        assert all(url.startswith("https://") for url in finding["sources"])
        for change in finding["changes"]:
            check_change(change)
            assert "impact" not in change
    assert done.code == 1, "something is open"


def test_ids_are_unique_and_stay(advise: Advise, export: Path) -> None:
    first, second = (advise("findings", "--from", export, "--json").json["findings"] for _ in range(2))
    ids = [finding["id"] for finding in first]
    assert ids == [finding["id"] for finding in second]
    assert len(ids) == len(set(ids))


def test_the_worst_open_finding_stands_first(advise: Advise, export: Path) -> None:
    opened = [f for f in advise("findings", "--from", export, "--json").json["findings"] if f["status"] == "open"]
    ranks = [SEVERITIES.index(finding["severity"]) for finding in opened]
    assert ranks == sorted(ranks)


def test_impact_is_added_on_request(advise: Advise, export: Path) -> None:
    findings = advise("findings", "--impact", "--from", export, "--json").json["findings"]
    impacts = [change["impact"] for finding in findings for change in finding["changes"] if "impact" in change]
    assert impacts
    assert all(set(impact) == {"gained", "lost"} for impact in impacts)


def test_an_accepted_finding_is_counted_apart_until_its_day(advise: Advise, export: Path) -> None:
    id = advise("findings", "--from", export, "--json").json["findings"][0]["id"]
    options = ("--owner", "ana", "--reason", "known", "--until", in_days(30))
    done = advise("findings", "accept", id, *options, "--from", export, "--json")
    assert done.code == 0, done.err
    assert done.json["accepted"]["id"] == id
    found = {f["id"]: f for f in advise("findings", "--from", export, "--json").json["findings"]}
    assert found[id]["status"] == "accepted"
    assert found[id]["detail"]["accepted"]["owner"] == "ana"
    assert advise("findings", "reopen", id, "--from", export).code == 0
    found = {f["id"]: f for f in advise("findings", "--from", export, "--json").json["findings"]}
    assert found[id]["status"] == "open"


@pytest.mark.parametrize(
    ("id", "until"), [("no-such-finding", in_days(1)), ("", in_days(1)), (None, in_days(-1)), (None, "soon")]
)
def test_an_acceptance_needs_a_finding_and_a_coming_day(
    advise: Advise, export: Path, id: str | None, until: str
) -> None:
    if id is None:
        id = advise("findings", "--from", export, "--json").json["findings"][0]["id"]
    done = advise("findings", "accept", id, "--owner", "a", "--reason", "r", "--until", until, "--from", export)
    assert done.code == 2


@pytest.mark.parametrize(
    ("format", "start"), [("csv", "account,id"), ("html", "<!doctype"), ("sarif", "{"), ("ocsf", "[")]
)
def test_reports_go_to_a_file_for_the_owner_only(
    advise: Advise, export: Path, tmp_path: Path, format: str, start: str
) -> None:
    output = tmp_path / "report"
    done = advise("findings", "--from", export, "--format", format, "-o", output)
    assert done.code == 1
    assert done.out == ""
    assert output.read_text().startswith(start)
    assert output.stat().st_mode & 0o077 == 0


def test_the_table_names_the_worst_in_words(advise: Advise, export: Path) -> None:
    shown = advise("findings", "--from", export).out
    assert "open" in shown and "practices" in shown
    assert any(word in shown for word in SEVERITIES)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("report.html", "<!doctype html>"),
        ("report.csv", "account,id,"),
        ("report.sarif", '{\n  "$schema"'),
        ("report.json", '{\n  "schema": "advisor/findings/1"'),
        ("report.txt", "findings\n"),
    ],
)
def test_a_file_is_written_in_the_format_that_its_name_ends_on(
    advise: Advise, export: Path, tmp_path: Path, name: str, begins: str
) -> None:
    done = advise("findings", "--from", export, "-o", tmp_path / name)
    assert (tmp_path / name).read_text().startswith(begins)
    assert done.out == ""


def test_a_format_that_was_named_goes_before_the_name_of_the_file(advise: Advise, export: Path, tmp_path: Path) -> None:
    advise("findings", "--from", export, "--format", "csv", "-o", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text().startswith("account,id,")
