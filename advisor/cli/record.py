"""`record`: decision records, listed, shown, printed, and verified against the account as it is now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.options import command, group, into_option
from advisor.cli.text import clean, clean_lines, table
from advisor.errors import InputError, UsageError

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.cli.session import Session
    from advisor.decide.record import Record, Verified
    from advisor.decide.record.since import Read, Since
    from advisor.model.finding import Evidence

MOST_NAMED = 5

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
@into_option
@_FOLDER
def print_(session: Session, number: str | None, into: str | None, folder: str | None) -> None:
    """Print record N (the newest by default) as Markdown, HTML in one file, or PDF."""
    from advisor.decide.record import find, print_record

    data = print_record(find(number, _existing(folder)), session.format)
    if session.format == "pdf" and into is None and sys.stdout.isatty():
        raise UsageError("a PDF does not belong on a terminal", advice="name a file: -o record.pdf")
    session.save(data, into)


@command("record verify")
@click.argument("number", metavar="[N]", required=False)
@click.option(
    "--history", metavar="PATH", multiple=True,
    help="A saved snapshot of the account, or a folder of them: tells since which one a decision holds no more.",
)  # fmt: skip
@_FOLDER
def verify(session: Session, number: str | None, history: tuple[str, ...], folder: str | None) -> int:
    """Check each record's invariants on the account as it is now. Exit 1 when a decision no longer holds."""
    from advisor.decide.record import find, listing
    from advisor.decide.record import verify as verify_all
    from advisor.reference.places import records_folder

    _existing(folder)
    records = (find(number, folder),) if number else listing(folder)
    results = verify_all(session.account, records, _history(history))
    if not results:
        # A job whose folder of records went astray must not be green.
        raise InputError(
            f"no record of account {' or '.join(sorted(session.account_ids))} is there, so nothing was verified",
            file=str(folder or records_folder()),
            advice="`advisor decide TOPIC` writes one; --dir names the folder of the records",
        )
    session.answer(lambda: {"records": [_verified_shape(one) for one in results]}, lambda: _verified_table(results))
    if not history and any(one.no_longer for one in results):
        session.note("with --history and a folder of saved snapshots it is told since which one")
    skipped = len(records) - len(results)
    if skipped:
        session.note(f"{skipped} records are of other accounts and were not checked")
    return session.done(
        holds=not any(one.status == "does-not-hold" for one in results),
        is_unknown=any(one.status == "unknown" for one in results),
    )


def _history(paths: tuple[str, ...]) -> list[Advisor]:
    """The saved snapshots of files and folders; what is no snapshot in a folder is passed over.

    Raises:
        InputError: a file that was named is not there, or is no account.
    """
    from advisor.account import open_account

    found: list[Advisor] = []
    for path in map(Path, paths):
        if not path.is_dir():
            found.append(open_account([path]))
            continue
        for file in sorted((*path.glob("*.json"), *path.glob("*.json.gz"))):
            try:
                found.append(open_account([file]))
            except InputError:
                continue
    return found


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
                **_since_shape(one.since_of(check)),
                "evidence": evidence_shapes(check.evidence),
                "gaps": gap_shapes(check.gaps),
            }
            for check in one.checks
        ],
        "recorded_on": one.recorded_on,
        "same_snapshot": one.same_snapshot,
        **({"reason": one.reason} if one.reason else {}),
    }


def _since_shape(found: Since | None) -> dict[str, Any]:
    """Between which readings the claim changed, and through what; nothing where it holds."""
    from advisor.cli.shapes import evidence_shapes

    if found is None:
        return {}
    between = {"held": msgspec.to_builtins(found.held), "broken": msgspec.to_builtins(found.broken)}
    return {"since": {**between, "through": evidence_shapes(found.through)}}


def _verified_table(results: tuple[Verified, ...]) -> str:
    from advisor.decide.record.since import against
    from advisor.decide.record.standing import SIGNS

    lines: list[str] = []
    for one in results:
        lines.append(click.style(clean(f"{one.number}  {one.title}  {one.sign} {one.words}"), bold=True))
        for check in one.checks:
            if check.holds is not True:
                lines.append(clean(f"  {SIGNS[one.standing_of(check)]}  {check.sentence}: {one.words_of(check)}"))
                lines.append(click.style(f"      {clean(check.claim)}", dim=True))
                found = one.since_of(check)
                lines += _against_lines(found.through if found else against(check))
                if found:
                    lines.append(f"      held on {_told(found.held)}; not on {_told(found.broken)}")
                lines += [f"      ? {clean(gap.call)}: {clean(gap.reason)}" for gap in check.gaps[:5]]
        if one.reason:
            lines.append(f"  ? {clean(one.reason)}")
    return "\n".join(lines)


def _against_lines(found: tuple[Evidence, ...]) -> list[str]:
    lines = [f"      {clean(item.subject)}: {clean(item.detail)}" for item in found[:MOST_NAMED]]
    rest = len(found) - MOST_NAMED
    return [*lines, f"      and {rest} more"] if rest > 0 else lines


def _told(read: Read) -> str:
    """`24 November 2026, 11:17 UTC (sha256:5be5df1c)`."""
    from advisor.decide.record.moments import moment

    return f"{clean(moment(read.taken_at))} ({clean(read.digest[:15])})"


record = group(
    "record", "Decision records: numbered files that say what was decided, why, and what must hold.",
    list_, show, print_, verify,
)  # fmt: skip
