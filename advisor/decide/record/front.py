"""The front matter of a record: what a machine reads of it. Values stand as JSON, which YAML cannot misread."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from advisor.errors import InputError
from advisor.model.harmless import escaped
from advisor.reference import plain_yaml, shape, versions

SCHEMA = "advisor/record/1"
FENCE = "---"


class Seen(msgspec.Struct, frozen=True):
    """The snapshot that the decision was made on."""

    digest: str
    taken_at: str
    source: str


class Front(msgspec.Struct, frozen=True, rename="kebab", omit_defaults=True):
    """`status`, `date` and `decision-makers` are MADR's; the rest is ours."""

    schema: str
    status: Literal["proposed", "accepted", "superseded", "deprecated", "rejected"]
    date: str
    number: str
    """Four digits, as in the file's name."""
    title: str
    topic: str
    account: str
    snapshot: Seen
    alias: str = ""
    decision_makers: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    """`tree.question = option`, in the order in which they were given."""
    invariants: tuple[str, ...] = ()
    """Claims that must hold as long as the decision stands: `fact op value`."""
    open_when_recorded: tuple[str, ...] = ()
    """Those of them that did not hold yet (or were not known) on the day of the decision."""
    changes: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    superseded_by: str = ""


class Record(msgspec.Struct, frozen=True):
    """A record as it was read from its file. `body` is Markdown without the front matter."""

    path: str
    front: Front
    body: str

    @property
    def number(self) -> str:
        return self.front.number

    @property
    def is_in_force(self) -> bool:
        return self.front.status in ("accepted", "proposed")


def encode(front: Front) -> str:
    """The front matter with its fences. JSON is YAML too, but for characters that YAML refuses or a terminal obeys."""
    plain: dict[str, Any] = msgspec.to_builtins(front)
    lines = [f"{key}: {msgspec.json.encode(value).decode()}" for key, value in plain.items()]
    return "\n".join((FENCE, *map(escaped, lines), FENCE, ""))


def decode(text: str, path: Path) -> Record:
    """Read a record's file.

    Raises:
        InputError: it has no front matter, or one of another shape.
    """
    parts = text.split(f"{FENCE}\n", 2)
    if len(parts) != 3 or parts[0]:
        raise InputError("no front matter: this is no decision record", file=str(path))
    try:
        plain = plain_yaml.parse(parts[1]).value
    except InputError as error:
        raise InputError(error.reason, file=str(path), place=error.place) from error
    versions.refuse_newer(plain.get("schema") if isinstance(plain, dict) else None, SCHEMA, str(path))
    found = shape.misfits(plain, Front)
    if found:
        place, reason = found[0]
        raise InputError(reason, file=str(path), place=".".join(map(str, place)))
    front = msgspec.convert(plain, Front)
    if front.schema != SCHEMA:
        raise InputError(f"`{front.schema}` is not `{SCHEMA}`", file=str(path), place="schema")
    return Record(str(path), front, parts[2].lstrip("\n"))
