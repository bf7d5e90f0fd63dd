"""Findings as CSV (RFC 4180): one row for each finding. Cells that a sheet would take for a formula begin with `'`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from advisor.cli.text import clean

if TYPE_CHECKING:
    from advisor.model.finding import Finding, Findings
    from advisor.model.snapshot import Snapshot

COLUMNS = (
    "account", "id", "practice", "severity", "status", "title", "resources", "evidence", "changes", "sources",
    "unknown_because", "accepted_by", "accepted_until", "accepted_because",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@")


def write(found: Findings, snapshot: Snapshot) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for finding in found.findings:
        writer.writerow([_cell(value) for value in _row(finding, snapshot)])
    return stream.getvalue()


def _row(finding: Finding, snapshot: Snapshot) -> tuple[str, ...]:
    evidence = "; ".join(f"{item.subject}: {item.detail}" for item in finding.evidence)
    changes = "; ".join(change.title for change in finding.changes)
    gaps = "; ".join(f"{gap.call}: {gap.makes_unknown}" for gap in finding.gaps)
    accepted = finding.detail.get("accepted", {})
    return (
        snapshot.account,
        finding.id,
        finding.practice,
        finding.severity,
        finding.status,
        finding.title,
        " ".join(finding.resources),
        evidence,
        changes,
        " ".join(finding.sources),
        gaps,
        *(str(accepted.get(name, "")) for name in ("owner", "until", "reason")),
    )


def _cell(value: str) -> str:
    text = clean(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
