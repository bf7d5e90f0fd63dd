"""A record's Markdown as text to read: headings, lists, tables and emphasis drawn, nothing of it interpreted further.

A renderer of our own: links, images and HTML in a name must stay letters, and every line has to fit the width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from textual.content import Content

from screens.wording import clean, cut

Run = tuple[str, str]
"""(text, style)"""
_INLINE = re.compile(r"\\(?P<escaped>[^A-Za-z0-9\s])|(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)|(?P<mark>\*\*|\*)")
_ITEM = re.compile(r"^(?P<indent>\s*)(?P<bullet>[-+*]|\d+[.)])\s+(?P<text>.*)$")
_FENCE = re.compile(r"^(`{3,})")
_STYLES = {"**": "bold", "*": "italic"}


def markdown_drawn(body: str, width: int) -> Content:
    """The whole text, wrapped to the width."""
    return Content("\n").join(_lines(body.splitlines(), max(width, 30)))


def _lines(raw: list[str], width: int) -> Iterator[Content]:
    at = 0
    while at < len(raw):
        text = raw[at]
        fence = _FENCE.match(text)
        if fence:
            end = next((n for n in range(at + 1, len(raw)) if raw[n].strip() == fence[1]), len(raw))
            yield from (Content.styled(f"    {cut(clean(one), width - 4)}", "$quiet") for one in raw[at + 1 : end])
            at = end + 1
        elif text.startswith("|"):
            end = next((n for n in range(at, len(raw)) if not raw[n].startswith("|")), len(raw))
            yield from _table(raw[at:end], width)
            at = end
        else:
            yield from _line(text, width)
            at += 1


def _line(text: str, width: int) -> Iterator[Content]:
    if text.startswith("#"):
        level = len(text) - len(text.lstrip("#"))
        title = Content.assemble(*runs_of(text.lstrip("# "))).plain
        yield from wrapped([(title.upper() if level == 2 else title, "bold")], width, " ", " ")
    elif text.startswith(">"):
        yield from wrapped(runs_of(text.lstrip("> ")), width, " ▌ ", " ▌ ")
    elif item := _ITEM.match(text):
        lead = f" {item['indent']}{'·' if item['bullet'] in '-+*' else item['bullet']} "
        yield from wrapped(runs_of(item["text"]), width, lead, " " * len(lead))
    elif text.strip():
        yield from wrapped(runs_of(text), width, " ", " ")
    else:
        yield Content("")


def _table(raw: list[str], width: int) -> Iterator[Content]:
    """Columns as wide as they need, the widest cut first; the row of dashes is a line."""
    rows = [[Content.assemble(*runs_of(cell)) for cell in _cells(line)] for line in raw]
    if len(rows) > 1 and set(raw[1]) <= set("|-: "):
        del rows[1]
    columns = max(map(len, rows))
    wide = [max((row[at].cell_length for row in rows if at < len(row)), default=0) for at in range(columns)]
    while sum(wide) + 2 * columns > width and max(wide) > 6:
        wide[wide.index(max(wide))] -= 1
    for place, row in enumerate(rows):
        cells = [Content(f"{cut(cell.plain, room):<{room}}") for cell, room in zip(row, wide, strict=False)]
        yield Content.assemble(" ", Content("  ").join(cells)).stylize("bold" if place == 0 else "")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def runs_of(text: str) -> list[Run]:
    """Inline Markdown as runs of text; what is escaped or in a code span stays as it is."""
    runs: list[Run] = []
    open_marks: list[str] = []
    at = 0
    for found in _INLINE.finditer(text):
        style = " ".join(_STYLES[mark] for mark in open_marks)
        runs.append((clean(text[at : found.start()]), style))
        if found["escaped"]:
            runs.append((clean(found["escaped"]), style))
        elif found["ticks"]:
            runs.append((clean(found["code"].strip()), "bold"))
        elif found["mark"] in open_marks:
            open_marks.remove(found["mark"])
        else:
            open_marks.append(found["mark"])
        at = found.end()
    runs.append((clean(text[at:]), " ".join(_STYLES[mark] for mark in open_marks)))
    return [run for run in runs if run[0]]


def wrapped(runs: list[Run], width: int, first: str, then: str) -> Iterator[Content]:
    """Runs of text as lines; a word that is longer than a line is cut in its middle."""
    line: list[Run] = [(first, "")]
    used, is_empty = cell_len(first), True
    for word in _words(runs):
        size = sum(cell_len(text) for text, _ in word)
        if not is_empty and used + 1 + size > width:
            yield Content.assemble(*line)
            line, used, is_empty = [(then, "")], cell_len(then), True
        if size > width - used:
            word = [(cut("".join(text for text, _ in word), width - used), word[0][1])]
        line += word if is_empty else [(" ", ""), *word]
        used += sum(cell_len(text) for text, _ in word) + (not is_empty)
        is_empty = False
    yield Content.assemble(*line)


def _words(runs: list[Run]) -> Iterator[list[Run]]:
    """The words of runs; a word may hold several styles."""
    word: list[Run] = []
    for text, style in runs:
        for place, part in enumerate(re.split(r"\s+", text)):
            if place and word:
                yield word
                word = []
            if part:
                word.append((part, style))
    if word:
        yield word
