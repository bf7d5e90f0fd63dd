"""Findings as files for others: CSV for a sheet, HTML for people, SARIF for code scanning, OCSF for a security hub.

What an account's users wrote stays text in each: no formula, no markup, no script comes alive.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.model.finding import Findings
    from advisor.model.snapshot import Snapshot

FORMATS = ("sarif", "csv", "html", "ocsf")


def report(format: str, found: Findings, snapshot: Snapshot) -> str:
    """The findings of an account in one of `FORMATS`."""
    text: str = import_module(f"advisor.cli.reports.{format}").write(found, snapshot)
    return text
