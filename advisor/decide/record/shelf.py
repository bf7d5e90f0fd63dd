"""The folder of records: listing, reading and finding them, and starting the walk that supersedes one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from advisor.decide.record.front import Record, decode
from advisor.decide.walk import Answer, Walk
from advisor.errors import InputError, UsageError
from advisor.reference.places import records_folder

_NAME = re.compile(r"(\d{4,})-[a-z0-9-]+\.md")
_LIMIT_BYTES = 5_000_000


def listing(folder: str | Path | None = None) -> tuple[Record, ...]:
    """Every record of the folder, newest number first; an absent folder is empty.

    Raises:
        InputError: a numbered file is no record.
    """
    shelf = Path(folder) if folder else records_folder()
    if not shelf.is_dir():
        return ()
    names = sorted((path for path in shelf.iterdir() if _NAME.fullmatch(path.name)), reverse=True)
    return tuple(read(path) for path in names)


def read(path: str | Path) -> Record:
    """Read one record.

    Raises:
        InputError: no such file, or it is no record.
    """
    file = Path(path)
    try:
        raw = file.read_bytes()
        if len(raw) > _LIMIT_BYTES:
            raise InputError(f"the file has {len(raw)} bytes, {_LIMIT_BYTES} are allowed", file=str(file))
        return decode(raw.decode("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", file=str(file)) from error


def find(number: str | int | None = None, folder: str | Path | None = None) -> Record:
    """The record of a number (`7` and `0007` alike), or the newest.

    Raises:
        UsageError: there is none.
    """
    records = listing(folder)
    if not records:
        raise UsageError("there are no decision records yet", advice="walk a decision: `advisor decide`")
    if number is None:
        return records[0]
    for record in records:
        if record.number.lstrip("0") == str(number).lstrip("0"):
            return record
    raise UsageError(f"there is no record `{number}`", advice=f"numbers: {', '.join(one.number for one in records)}")


def supersede_walk(record: Record, folders: Sequence[str | Path] = ()) -> Walk:
    """Begin the record's decision again, with its answers on offer."""
    carried = []
    for line in record.front.answers:
        place, _, option = line.partition(" = ")
        tree, _, question = place.partition(".")
        carried.append(Answer(tree, question, option))
    return Walk.start(record.front.topic, carried=carried, supersedes=record.number, folders=folders)
