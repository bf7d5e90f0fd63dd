"""Findings as files: each format can be read by its reader, and nothing hostile comes alive in it."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from advisor.cli.reports import FORMATS, report
from advisor.model.change import Change
from advisor.model.finding import Evidence, Finding, Findings, PracticeResult
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot, Source

HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> \x1b[31m \u202e "quoted", [bold]x[/] javascript:alert(1)'
SNAPSHOT = Snapshot(
    "111122223333",
    Source("export", "account.json", ("identity", "boundary")),
    "2026-11-24T08:00:00+00:00",
    gaps=(Gap("s3:GetBucketPolicy", "refused", "AccessDenied", f"who can read {HOSTILE}", "arn:aws:s3:::x"),),
)


def finding(id: str, severity: str, status: str, **more: object) -> Finding:
    values = {
        "practice": "mfa",
        "title": f"title {HOSTILE}",
        "resources": (f"arn:aws:iam::111122223333:user/{HOSTILE}",),
        "evidence": (Evidence(HOSTILE, HOSTILE, "iam:ListUsers"),),
        "changes": (Change("c", HOSTILE),),
        "sources": ("https://docs.aws.amazon.com/x", "javascript:alert(1)"),
    }
    return Finding(id=id, severity=severity, status=status, **{**values, **more})  # type: ignore[arg-type]


FOUND = Findings(
    (PracticeResult("mfa", "MFA for people", "fails"), PracticeResult("keys", "Keys are rotated", "unknown")),
    (
        finding("mfa-1", "critical", "open"),
        finding("mfa-2", "low", "accepted", detail={"accepted": {"owner": "o", "reason": "r", "until": "2027-01-01"}}),
        finding("keys-unknown", "medium", "unknown", practice="keys", resources=()),
    ),
)


@pytest.mark.parametrize("format", FORMATS)
def test_no_control_character_gets_through(format: str) -> None:
    text = report(format, FOUND, SNAPSHOT)
    assert not {"\x1b", "\u202e", "\x07"} & set(text)
    for item in FOUND.findings:
        assert item.id in text


def test_csv_has_a_row_for_each_finding_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(report("csv", FOUND, SNAPSHOT), newline="")))
    assert [row["id"] for row in rows] == ["mfa-1", "mfa-2", "keys-unknown"]
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in ("=", "+", "-", "@")]
    assert rows[0]["changes"].startswith("'=cmd")


def test_html_stands_alone_and_runs_nothing() -> None:
    text = report("html", FOUND, SNAPSHOT)

    class Tags(HTMLParser):
        seen: list[tuple[str, dict[str, str | None]]] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.seen.append((tag, dict(attrs)))

    Tags().feed(text)
    assert not [tag for tag, _ in Tags.seen if tag in ("script", "img", "iframe", "link", "object")]
    assert not [name for _, found in Tags.seen for name in found if name.startswith("on")]
    assert {found["href"] for tag, found in Tags.seen if tag == "a"} == {"https://docs.aws.amazon.com/x", "#coverage"}
    assert "default-src 'none'" in text
    assert "1 finding is open." in text and "Of 2 practices 0 hold" in text
    assert text.index("Of 2 practices") < text.index("<article"), "the answer first"
    assert "s3:GetBucketPolicy" in text, "the coverage is part of the report"


def test_sarif_has_a_result_for_each_finding_and_a_rule_for_each_practice() -> None:
    log = json.loads(report("sarif", FOUND, SNAPSHOT))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["mfa", "keys"]
    assert [(r["ruleId"], r["level"], r["kind"]) for r in run["results"]] == [
        ("mfa", "error", "fail"),
        ("mfa", "note", "fail"),
        ("keys", "none", "review"),
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert "suppressions" in run["results"][1] and "suppressions" not in run["results"][0]
    assert {"kind", "level", "message", "locations", "partialFingerprints"} <= set(run["results"][0])
    assert run["invocations"][0]["executionSuccessful"] is True  # what the schema requires of an invocation
    assert all(set(rule) >= {"id", "shortDescription"} and rule["shortDescription"]["text"] for rule in
               run["tool"]["driver"]["rules"])  # fmt: skip
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1


def test_ocsf_has_the_required_attributes_of_a_compliance_finding() -> None:
    events = json.loads(report("ocsf", FOUND, SNAPSHOT))
    required = {
        "activity_id",
        "category_uid",
        "class_uid",
        "type_uid",
        "time",
        "severity_id",
        "metadata",
        "finding_info",
        "compliance",
    }
    for event in events:
        assert required <= set(event)
        assert event["class_uid"] == 2003
        assert event["compliance"]["standards"] and event["compliance"]["status_id"] in (0, 1, 2, 3)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert re.fullmatch(r"\d{12}", event["cloud"]["account"]["uid"])
    assert [event["severity_id"] for event in events] == [5, 2, 3]
    assert [event["status_id"] for event in events] == [1, 3, 0]
    assert events[0]["time"] == 1795507200000
