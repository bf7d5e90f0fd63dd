"""Accepted risks: a finding that somebody answers for until a day. On that day it comes back.

Kept in one file of the state folder, for all accounts, readable by its owner only and replaced as a whole.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from advisor.advice.facts.moments import days_to
from advisor.errors import InputError, UsageError
from advisor.reference.places import make_private, state_folder
from advisor.reference.versions import refuse_newer

SCHEMA = "advisor/accepted/1"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    account: str
    finding: str
    owner: str
    reason: str
    until: str
    """ISO date, the first day on which the finding is open again."""


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    accepted: tuple[Acceptance, ...]


def accepted_file() -> Path:
    return state_folder() / "accepted.json"


def accepted(account: str, file: Path | None = None) -> dict[str, Acceptance]:
    """What was accepted in an account, by finding; ended ones included.

    Raises:
        InputError: the file is not what it should be, or a newer version of the advisor wrote it.
    """
    return {entry.finding: entry for entry in _read(file or accepted_file()) if entry.account == account}


def accept(entry: Acceptance, today: str, file: Path | None = None) -> None:
    """Accept a finding, or change an acceptance.

    Raises:
        UsageError: without an owner, a reason, or a day that is still to come.
    """
    if not entry.owner.strip() or not entry.reason.strip():
        raise UsageError("an accepted risk needs an owner and a reason")
    left = days_to(entry.until, today) if _DAY.fullmatch(entry.until) else None
    if left is None or left <= 0:
        raise UsageError(f"`{entry.until}` is no coming day", advice="give a date such as 2027-03-31")
    file = file or accepted_file()
    others = [one for one in _read(file) if (one.account, one.finding) != (entry.account, entry.finding)]
    _write(file, [*others, entry])


def withdraw(account: str, finding: str, file: Path | None = None) -> bool:
    """Open a finding again. `False` when it was not accepted."""
    file = file or accepted_file()
    entries = _read(file)
    rest = [one for one in entries if (one.account, one.finding) != (account, finding)]
    if len(rest) == len(entries):
        return False
    _write(file, rest)
    return True


def is_in_force(entry: Acceptance, now: str) -> bool:
    left = days_to(entry.until, now)
    return left is not None and left > 0


def _read(file: Path) -> tuple[Acceptance, ...]:
    """The first files were a bare list, without a version."""
    try:
        plain = msgspec.json.decode(file.read_bytes())
        if isinstance(plain, list):
            return msgspec.convert(plain, tuple[Acceptance, ...])
        refuse_newer(plain.get("schema") if isinstance(plain, dict) else None, SCHEMA, str(file))
        return msgspec.convert(plain, _Kept).accepted
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(f"the accepted risks cannot be read: {error}", file=str(file)) from error


def _write(file: Path, entries: list[Acceptance]) -> None:
    make_private(file.parent)
    kept = _Kept(SCHEMA, tuple(sorted(entries, key=lambda one: (one.account, one.finding))))
    write_private(file, msgspec.json.format(msgspec.json.encode(kept), indent=2))


def write_private(file: Path, content: bytes) -> None:
    """Replace a file as a whole; nobody but its owner can read it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
