"""Writing records: a new number each time, whole or not at all, for the owner's eyes; nothing is ever overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from advisor.advice.accepted import write_private
from advisor.advice.claims import judge
from advisor.decide.outcome import Outcome, outcome
from advisor.decide.record.front import SCHEMA, Front, Record, Seen, encode
from advisor.decide.record.shelf import find, read
from advisor.decide.record.text import body
from advisor.decide.walk import Walk
from advisor.errors import UsageError
from advisor.model.change import Change
from advisor.model.harmless import one_line
from advisor.reference.places import make_private, records_folder

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_NUMBER = re.compile(r"(\d{4,})-")


def write_record(
    walk: Walk,
    account: OpenAccount,
    date: str,
    *,
    folder: str | Path | None = None,
    decision_makers: Sequence[str] = (),
    changes: Iterable[str] | None = None,
    status: str = "accepted",
) -> Record:
    """Record what a finished walk came to. `date` is the ISO day of the decision; `changes` the ids of those chosen.

    Without `changes` the ones that are safe to pre-select are taken. A walk that supersedes a record marks it in the
    old file too.

    Raises:
        UsageError: the walk is not finished, or the record that it supersedes is not there.
    """
    result = outcome(walk, account)
    if result is None:
        raise UsageError("the decision still has an open question", advice="answer it, or leave: the answers are kept")
    shelf = Path(folder) if folder else records_folder()
    old = find(walk.supersedes, shelf) if walk.supersedes else None
    wanted = set(result.ticked if changes is None else changes)
    chosen = tuple(change for change in result.changes if change.id in wanted)
    front = _front(walk, account, result, chosen, date, decision_makers, status)
    path = _store(shelf, front, body(walk, account, result, chosen))
    record = read(path)
    if old is not None:
        _mark_superseded(old, record.number)
    return record


def _front(
    walk: Walk,
    account: OpenAccount,
    result: Outcome,
    chosen: tuple[Change, ...],
    date: str,
    decision_makers: Sequence[str],
    status: str,
) -> Front:
    snapshot = account.snapshot
    plain = {
        "schema": SCHEMA,
        "status": status,
        "date": date,
        "number": "0000",
        "title": result.title.replace("`", ""),
        "topic": walk.topic,
        "account": snapshot.account,
        "alias": one_line(snapshot.alias),
        "snapshot": Seen(snapshot.digest, snapshot.taken_at, snapshot.source.kind),
        "decision-makers": tuple(one_line(name) for name in decision_makers),
        "outcomes": tuple(f"{topic}.{id}" for topic, id in result.ids),
        "answers": tuple(f"{one.tree}.{one.question} = {one.option}" for one in walk.given),
        "invariants": result.invariants,
        "open-when-recorded": tuple(claim for claim in result.invariants if judge(account, claim).holds is not True),
        "changes": tuple(change.id for change in chosen),
        "supersedes": (walk.supersedes,) if walk.supersedes else (),
    }
    return msgspec.convert(plain, Front)


def _store(shelf: Path, front: Front, text: str) -> Path:
    """Take the next free number. Two writers at once get two numbers: claiming one is a single atomic step."""
    make_private(shelf)
    number = _highest(shelf) + 1
    while True:
        claim = shelf / f".{number:04}.claim"
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            number += 1
            continue
        try:
            if number <= _highest(shelf):
                number = _highest(shelf) + 1
                continue
            numbered = msgspec.structs.replace(front, number=f"{number:04}")
            path = shelf / f"{number:04}-{slug(front.title)}.md"
            _create(path, encode(numbered) + "\n" + text)
            return path
        finally:
            claim.unlink(missing_ok=True)


def _create(path: Path, text: str) -> None:
    """Make the file appear whole; refuse to replace one that is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_private(draft, text.encode("utf-8"))
        _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise UsageError(f"`{path}` is already there") from None
    except OSError:  # a file system without hard links
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(draft.read_bytes())


def _highest(shelf: Path) -> int:
    numbers = [int(match[1]) for path in shelf.iterdir() if (match := _NUMBER.match(path.name))]
    return max(numbers, default=0)


def _mark_superseded(old: Record, number: str) -> None:
    """The one thing that changes in a record: its status, and the link to what replaced it. The text stays."""
    front = msgspec.structs.replace(old.front, status="superseded", superseded_by=number)
    write_private(Path(old.path), (encode(front) + "\n" + old.body).encode("utf-8"))


def slug(title: str) -> str:
    """A file name's middle: small letters, digits and hyphens, at most 60 of them."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    cut = plain[:60].rsplit("-", 1)[0] if len(plain) > 60 else plain
    return cut or "decision"
