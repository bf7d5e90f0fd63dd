"""A diff as text: for the command line, for copying, for records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.change.diff import Line, ThingDiff

_STATUS = {"new": " (new)", "gone": " (removed)", "changed": ""}


def lines_of(things: Iterable[ThingDiff]) -> Iterator[Line]:
    """Every thing with its title, its documents and its fields."""
    for thing in things:
        yield Line(" ", f"{thing.kind} {thing.title}{_STATUS[thing.status]}")
        for document in thing.documents:
            yield Line(" ", f"  {document.name}")
            yield from (Line(line.mark, f"    {line.text}") for line in document.lines)
        for field in thing.fields:
            yield from (Line("-", f"  {field.name}: {value}") for value in field.removed)
            yield from (Line("+", f"  {field.name}: {value}") for value in field.added)


def as_text(things: Iterable[ThingDiff]) -> str:
    """The diff with its marks in the first column."""
    return "\n".join(f"{line.mark} {line.text}" for line in lines_of(things))
