"""Diffs as lines: equal changes of several things said once, old and new side by side where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from textual.content import Content

from screens.change_words import diff_line
from screens.wording import clean, cut_end, joined, plural_of

if TYPE_CHECKING:
    from advisor.change.diff import Line, ThingDiff

SIDE_BY_SIDE = 120
"""From so many columns the old stands left of the new."""
_STATUS = {"new": " (new)", "gone": " (removed)", "changed": ""}


def told_once(things: Iterable[ThingDiff]) -> Iterator[Line]:
    """The lines of a diff; things that change in the same way share theirs, with all their names above."""
    from advisor.change.diff import Line

    alike: dict[tuple[object, ...], list[ThingDiff]] = {}
    for thing in things:
        alike.setdefault((thing.kind, thing.status, thing.documents, thing.fields), []).append(thing)
    for group in alike.values():
        first = group[0]
        names = [thing.title for thing in group]
        head = f"{first.kind} {first.title}" if len(group) == 1 else f"{len(group)} {plural_of(first.kind)}: "
        yield Line(" ", f"{head}{joined(names, 8) if len(group) > 1 else ''}{_STATUS[first.status]}")
        for document in first.documents:
            is_new = first.status == "changed" and document.size_before == 0
            yield Line(" ", f"  {document.name}{_new_document(first.kind) if is_new else ''}")
            yield from (Line(line.mark, f"    {line.text}") for line in document.lines)
        for field in first.fields:
            yield from (Line("-", f"  {field.name}: {value}") for value in field.removed)
            yield from (Line("+", f"  {field.name}: {value}") for value in field.added)


def _new_document(kind: str) -> str:
    return " (new inline policy)" if kind in ("user", "group", "role") else " (new)"


def diff_drawn(lines: Iterable[Line], width: int) -> list[Content]:
    """The lines of a diff for a width; side by side where that is wide enough."""
    if width < SIDE_BY_SIDE - 16:
        return [diff_line(line.mark, line.text, 0, width) for line in lines]
    drawn: list[Content] = []
    gone: list[str] = []
    new: list[str] = []
    half = (width - 3) // 2
    for mark, run in groupby(lines, key=lambda line: line.mark):
        texts = [line.text for line in run]
        if mark == "-":
            gone += texts
        elif mark == "+":
            new += texts
        else:
            drawn += _beside(gone, new, half)
            gone, new = [], []
            drawn += [diff_line(" ", text, 0, width) for text in texts]
    return drawn + _beside(gone, new, half)


def _beside(gone: list[str], new: list[str], half: int) -> list[Content]:
    lines = []
    for at in range(max(len(gone), len(new))):
        left = f"– {cut_end(clean(gone[at]), half - 2)}" if at < len(gone) else ""
        right = f"+ {cut_end(clean(new[at]), half - 2)}" if at < len(new) else ""
        old = Content.styled(left, "$fails")
        space = " " * max(half - old.cell_length, 0)
        lines.append(Content.assemble(old, space, (" │ ", "$quiet"), (right, "$holds")))
    return lines
