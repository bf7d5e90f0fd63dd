"""`record`: decision records, listed, shown, printed, and verified against the account as it is now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.options import command, group
from advisor.cli.text import clean, clean_lines, table
from advisor.errors import InputError, UsageError

if TYPE_CHECKING:
    from advisor.cli.session import Session
    from advisor.decide.record import Record, Verified

_FOLDER = click.option("--dir", "folder", metavar="DIR", help="The folder of the records; ~/iam-records by default.")


def _existing(folder: str | None) -> str | None:
    """The folder that the user named is there: a slip in its name must not look like no records.

    Raises:
        InputError: it is not.
    """
    if folder is not None and not Path(folder).is_dir():
        raise InputError("there is no such folder", file=folder, advice="records are written by `advisor decide --dir`")
    return folder


def _record_shape(record: Record) -> dict[str, Any]:
    return {"path": record.path, **msgspec.to_builtins(record.front)}


@command("record list", source=False)
@_FOLDER
def list_(session: Session, folder: str | None) -> None:
    """All records, the newest first."""
    from advisor.decide.record import listing

    records = listing(_existing(folder))
    if session.is_json:
        session.emit_bare({"records": [_record_shape(record) for record in records]})
        return
    rows = [
        (r.number, r.front.status, r.front.date, clean(r.front.topic), clean(r.front.title), clean(r.front.account))
        for r in records
    ]
    session.print(
        table(rows, ("number", "status", "date", "topic", "title", "account")) if rows else "there are no records yet"
    )


@command("record show", source=False)
@click.argument("number", metavar="[N]", required=False)
@_FOLDER
def show(session: Session, number: str | None, folder: str | None) -> None:
    """Record N (the newest by default) as text."""
    from advisor.decide.record import find

    record = find(number, _existing(folder))
    if session.is_json:
        session.emit_bare(
            {"account": {"id": record.front.account}, "record": {**_record_shape(record), "body": record.body}}
        )
    else:
        session.print(clean_lines(record.body))


@command("record print", formats=("md", "html", "pdf"), source=False)
@click.argument("number", metavar="[N]", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write it there instead of to standard output.")
@_FOLDER
def print_(session: Session, number: str | None, output: str | None, folder: str | None) -> None:
    """Print record N (the newest by default) as Markdown, HTML in one file, or PDF."""
    from advisor.collect.saved import write_private
    from advisor.decide.record import find, print_record

    data = print_record(find(number, _existing(folder)), session.format)
    if output is not None and output != "-":
        write_private(Path(output), data)
        session.note(f"written to {output}")
        return
    if session.format == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF does not belong on a terminal", advice="name a file: -o record.pdf")
    sys.stdout.buffer.write(data)


@command("record verify")
@click.argument("number", metavar="[N]", required=False)
@_FOLDER
def verify(session: Session, number: str | None, folder: str | None) -> int:
    """Check each record's invariants on the account as it is now. Exit 1 when a decision no longer holds."""
    from advisor.decide.record import find, listing
    from advisor.decide.record import verify as verify_all

    _existing(folder)
    records = (find(number, folder),) if number else listing(folder)
    results = verify_all(session.account, records)
    session.answer(lambda: {"records": [_verified_shape(one) for one in results]}, lambda: _verified_table(results))
    skipped = len(records) - len(results)
    if skipped:
        session.note(f"{skipped} records are of other accounts and were not checked")
    return session.done(
        holds=not any(one.status == "does-not-hold" for one in results),
        is_unknown=any(one.status == "unknown" for one in results),
    )


def _verified_shape(one: Verified) -> dict[str, Any]:
    from advisor.cli.shapes import evidence_shapes, gap_shapes

    return {
        "number": one.number,
        "title": one.title,
        "topic": one.topic,
        "path": one.path,
        "status": one.status,
        "standing": one.standing,
        "invariants": [
            {
                "claim": check.claim,
                "sentence": check.sentence,
                "standing": one.standing_of(check),
                "holds": check.holds,
                **({"held_when_recorded": check.claim in one.no_longer} if check.holds is False else {}),
                "evidence": evidence_shapes(check.evidence),
                "gaps": gap_shapes(check.gaps),
            }
            for check in one.checks
        ],
        "recorded_on": one.recorded_on,
        "same_snapshot": one.same_snapshot,
        **({"reason": one.reason} if one.reason else {}),
    }


def _verified_table(results: tuple[Verified, ...]) -> str:
    from advisor.decide.record.standing import SIGNS

    if not results:
        return "there is no record of this account"
    lines: list[str] = []
    for one in results:
        lines.append(click.style(clean(f"{one.number}  {one.title}  {one.sign} {one.words}"), bold=True))
        for check in one.checks:
            if check.holds is not True:
                lines.append(clean(f"  {SIGNS[one.standing_of(check)]}  {check.sentence}: {one.words_of(check)}"))
                lines.append(click.style(f"      {clean(check.claim)}", dim=True))
                lines += [f"      {clean(item.subject)}: {clean(item.detail)}" for item in check.evidence[:5]]
                lines += [f"      ? {clean(gap.call)}: {clean(gap.reason)}" for gap in check.gaps[:5]]
        if one.reason:
            lines.append(f"  ? {clean(one.reason)}")
        if not one.same_snapshot and one.standing == "broken":
            lines.append(f"  it was decided on {clean(one.recorded_on[:19])}…; the account has changed since")
    return "\n".join(lines)


record = group(
    "record", "Decision records: numbered files that say what was decided, why, and what must hold.",
    list_, show, print_, verify,
)  # fmt: skip
