"""`collect`: the account as one file that every other command can read with `--from`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from advisor.cli.options import command
from advisor.cli.text import clean, count, table
from advisor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.cli.session import Session
    from advisor.model.gap import Gap
    from advisor.model.snapshot import Snapshot

_LAYERS = ("identity", "boundary", "resource", "scp", "rcp", "endpoint")
_COUNTED = ("users", "groups", "roles", "policies", "resources", "compute")


@command("collect")
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="The snapshot; .gz is packed; - is standard output."
)
@click.option(
    "--redact",
    is_flag=True,
    help="Replace ids, names, tags and addresses, each everywhere by the same one: a file to share.",
)
@click.option(
    "--last-accessed",
    is_flag=True,
    help="Also ask when each user and role last used what it may: two calls or more for each.",
)
def collect(session: Session, output: str, redact: bool, last_accessed: bool) -> int:
    """Read the account into FILE; say what could not be read and what stays unknown because of it.

    Of several accounts each gets a file of its own, with the account's id in its name.

    With `--redact` the file says nothing of who and what is there, and gives the same answers under other names; with
    `--from` it redacts a file that was saved before. What it does not hide: see SECURITY.md.
    """
    if last_accessed and session.files:
        raise UsageError("a file says nothing more than it does", advice="--last-accessed reads a live account")
    session = msgspec.structs.replace(session, last_accessed=last_accessed)
    snapshots = session.account.snapshots
    if redact:
        from advisor.collect.redact import redact as redacted

        snapshots = redacted(snapshots)
    files = _write(snapshots, output)
    gaps = tuple(gap for snapshot in snapshots for gap in snapshot.gaps)
    if output == "-":
        session.note(click.unstyle(_summary(snapshots, files)))
    else:
        session.answer(lambda: {"files": files, "counts": _counts(snapshots[0])}, lambda: _summary(snapshots, files))
    return session.done(gaps=gaps)


def _write(snapshots: Sequence[Snapshot], output: str) -> list[str]:
    from advisor.collect.saved import dump, save

    if output == "-":
        sys.stdout.buffer.write(dump(snapshots[0]))
        return ["-"]
    files = [output] if len(snapshots) == 1 else [_named_after(output, snapshot.account) for snapshot in snapshots]
    for snapshot, file in zip(snapshots, files, strict=True):
        save(snapshot, file)
    return files


def _named_after(output: str, account: str) -> str:
    path = Path(output)
    stem, dot, rest = path.name.partition(".")
    return str(path.with_name(f"{stem}-{account}{dot}{rest}"))


def _counts(snapshot: Snapshot) -> dict[str, int]:
    return {name: len(getattr(snapshot, name)) for name in _COUNTED}


def _summary(snapshots: Sequence[Snapshot], files: Sequence[str]) -> str:
    blocks = []
    for snapshot, file in zip(snapshots, files, strict=False):
        counts = " · ".join(f"{number} {name}" for name, number in _counts(snapshot).items())
        title = click.style(f"account {clean(snapshot.alias or snapshot.account)}", bold=True)
        blocks.append("\n".join([f"{title}  {clean(file)}", f"  {counts}", *_gap_lines(snapshot)]))
    return "\n\n".join(blocks)


def _gap_lines(snapshot: Snapshot) -> list[str]:
    """What is not in the snapshot: layers that such a source never holds, and things that could not be read."""
    never = [layer for layer in _LAYERS if layer not in snapshot.source.read_layers]
    lines = [f"  never read: {', '.join(never)}; answers that rest on one of these say so"] if never else []
    missing = [gap for gap in snapshot.gaps if gap.kind != "expected"]
    if not missing:
        return [*lines, "  nothing was refused"]
    rows = [(f"? {clean(gap.call)}", _gap_told(gap)) for gap in missing]
    return [*lines, "", f"  {count(len(missing), 'thing')} could not be read:", table(rows, indent="    ")]


def _gap_told(gap: Gap) -> str:
    of = f"of {clean(gap.resource)}\n" if gap.resource else ""
    return f"{of}unknown: {clean(gap.makes_unknown)}\n{click.style(clean(gap.reason), dim=True)}"
