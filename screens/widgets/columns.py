"""Columns of a list: fixed ones keep their width, the others share what is left, and some go when it is narrow."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from textual.content import Content

from screens.wording import cut

Cell = Content | str
"""A string is a name and is cut in the middle; other content is cut at its end."""


class Column(NamedTuple):
    title: str
    width: int = 0
    """In cells; 0 shares what is left."""
    share: int = 1
    least: int = 0
    """Shown only in lists at least this wide."""
    at_most: int = 0
    """A shared column does not grow beyond this."""


@lru_cache(256)
def widths(columns: tuple[Column, ...], width: int) -> tuple[int, ...]:
    """Cells for each column; 0 for those that are not shown."""
    shown = [column for column in columns if width >= column.least]
    left = width - sum(column.width for column in shown) - 2 * (len(shown) - 1)
    shares = sum(column.share for column in shown if not column.width)
    given: list[int] = []
    for column in columns:
        if column not in shown:
            given.append(0)
        elif column.width:
            given.append(column.width)
        else:
            room = max(left * column.share // max(shares, 1), 6)
            room = min(room, column.at_most) if column.at_most else room
            given.append(room)
            left, shares = left - room, shares - column.share
    return tuple(given)


def line(columns: tuple[Column, ...], cells: tuple[Cell, ...], width: int) -> Content:
    """One row of cells, two spaces between."""
    parts: list[Content] = []
    for cell, room in zip(cells, widths(columns, width), strict=True):
        if room:
            content = Content(cut(cell, room)) if isinstance(cell, str) else cell
            parts.append(content.truncate(room, ellipsis=True, pad=True))
    return Content("  ").join(parts)


def head(columns: tuple[Column, ...], width: int) -> Content:
    return line(columns, tuple(Content(column.title) for column in columns), width)
