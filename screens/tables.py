"""A list as a file: CSV, JSON or Markdown of what is shown, with account, digest, coverage and time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.coverage_words import coverage
from screens.wording import clean

if TYPE_CHECKING:
    from screens.session import Session

FORMATS = {"csv": ("CSV", "csv"), "json": ("JSON", "json"), "markdown": ("Markdown", "md")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "–")
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>()#+-!|~"} | {"&": "&amp;"})


@dataclass(frozen=True)
class Table:
    """What is shown: a title, the names of the columns, the rows in their order, and the command with this answer."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    command: str = ""


def about(session: Session, table: Table) -> dict[str, str]:
    """What the file rests on: account, snapshot, coverage, time, the command."""
    snapshot = session.snapshot
    assert snapshot is not None
    return {
        "title": table.title,
        "account": snapshot.account,
        "snapshot": snapshot.digest,
        "coverage": coverage(session).plain or "all read",
        "written": f"{session.now:%Y-%m-%dT%H:%M:%SZ}",
        "command": table.command,
    }


def written(session: Session, table: Table, format: str) -> str:
    """The table as text in one of `FORMATS`. Formulas, markup and control characters in names are inert."""
    writer: dict[str, Callable[[Table, dict[str, str]], str]] = {"csv": _csv, "json": _json, "markdown": _markdown}
    return writer[format](table, about(session, table))


def _csv(table: Table, rests_on: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([inert(cell) for cell in row] for row in table.rows)
    writer.writerow([])
    writer.writerows([name, inert(value)] for name, value in rests_on.items() if value)
    return out.getvalue()


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a quote stands before what could begin one (OWASP)."""
    text = clean(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _json(table: Table, rests_on: dict[str, str]) -> str:
    rows = [dict(zip(table.columns, map(clean, row), strict=True)) for row in table.rows]
    return json.dumps({**rests_on, "rows": rows}, ensure_ascii=False, indent=2) + "\n"


def _markdown(table: Table, rests_on: dict[str, str]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(clean(cell).translate(_MARKDOWN) for cell in cells) + " |"

    head = [f"# {clean(table.title).translate(_MARKDOWN)}", ""]
    facts = [f"- {name}: {clean(value).translate(_MARKDOWN)}" for name, value in rests_on.items() if value][1:]
    body = [line(table.columns), "|" + " --- |" * len(table.columns), *map(line, table.rows)]
    return "\n".join([*head, *facts, "", *body, ""])
