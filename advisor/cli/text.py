"""Text for a terminal: names and policy text from the account are data, never control sequences; plain tables.

Signs and words are those of the screens: sign, then word, then colour.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import click

from advisor.model.harmless import clean as clean

_PIECES = re.compile(r"\x1b\[[0-9;]*m| +|[^ \x1b]+")
_BREAKS = re.compile(r"(?<=[:/,])(?=.)")
_RESET = "\x1b[0m"
_NARROWEST = 40
_LONGEST_WORD = 40
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

SIGNS = {
    "allowed": ("✓", "+", "allowed", "blue"),
    "conditional": ("±", "~", "allowed if", "yellow"),
    "explicit-deny": ("×", "x", "denied", "bold"),
    "implicit-deny": ("–", "-", "not granted", "bright_black"),
    "unknown": ("?", "?", "unknown", "magenta"),
    "allows": ("✓", "+", "allows", "blue"),
    "denies": ("×", "x", "denies", "bold"),
    "silent": ("–", "-", "says nothing", "bright_black"),
    "none": (" ", " ", "none, so it does not limit", "bright_black"),
    "holds": ("✓", "+", "holds", "green"),
    "fails": ("×", "x", "does not", "red"),
    "critical": ("!!!", "!!!", "critical", "red"),
    "high": ("!!", "!!", "high", "red"),
    "medium": ("!", "!", "medium", "yellow"),
    "low": ("·", ".", "low", "bright_black"),
    "open": ("▲", "^", "open", "red"),
    "accepted": ("·", ".", "accepted", "bright_black"),
}
"""Word of the contract → sign, ASCII sign, word for people, colour."""


def clean_lines(text: str) -> str:
    """Several lines, each safe to print."""
    return "\n".join(clean(line.replace("\t", "    ")) for line in text.split("\n"))


def safe_json(text: bytes) -> bytes:
    """JSON with the characters that a terminal may obey written as escapes (they can only stand inside strings)."""
    if text.isascii() and b"\x7f" not in text:
        return text
    decoded = text.decode("utf-8", "replace")
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", decoded).encode()


def is_ascii_only() -> bool:
    """Whether standard output cannot show the signs."""
    return "utf" not in (getattr(sys.stdout, "encoding", None) or "").lower()


def mark(word: str, *, with_word: bool = True) -> str:
    """Sign and word of an answer, an outcome or a risk, in its colour (click drops colours where none are wanted)."""
    sign, plain, label, colour = SIGNS.get(word, ("", "", word, ""))
    text = (
        f"{plain if is_ascii_only() else sign} {label}".strip() if with_word else (plain if is_ascii_only() else sign)
    )
    if colour == "bold":
        return click.style(text, bold=True)
    return click.style(text, fg=colour) if colour else text


def width(text: str) -> int:
    """Cells that a text takes in a terminal, colour codes left out."""
    bare = click.unstyle(text)
    if bare.isascii():
        return len(bare)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in bare
    )


def terminal_room() -> int | None:
    """Columns of the terminal (or of `COLUMNS`); `None` where the output goes elsewhere: whole lines suit programs."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted) >= _NARROWEST:
        return int(wanted)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = (), indent: str = "  ") -> str:
    """Rows in aligned columns, folded where the terminal is narrower. Cells must be clean, of a line or several."""
    lines = [*([tuple(click.style(name, dim=True) for name in head)] if head else []), *rows]
    if not lines:
        return ""
    columns = [[line[place] for line in lines if place < len(line)] for place in range(len(lines[0]))]
    widths = [max(width(part) for cell in cells for part in cell.split("\n")) for cells in columns]
    room = terminal_room()
    if room is not None and sum(widths) > (left := room - len(indent) - 2 * (len(widths) - 1)):
        words = [max(width(word) for cell in cells for word in (cell.split() or [""])) for cells in columns]
        widths = _shared(widths, [min(one, _LONGEST_WORD) for one in words], left)
    return "\n".join(row for line in lines for row in _rows(line, widths, indent))


def _shared(widths: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """The room for each column: its longest word where all of these fit; what is left goes to those that need least."""
    base = list(words) if sum(words) <= room else [0] * len(widths)
    left = room - sum(base)
    given = list(base)
    order = sorted(range(len(widths)), key=lambda column: widths[column] - base[column])
    for place, column in enumerate(order):
        more = max(min(widths[column] - base[column], left // (len(order) - place)), 0 if base[column] else 1)
        given[column] += more
        left -= more
    return given


def _rows(cells: Sequence[str], widths: Sequence[int], indent: str) -> Iterator[str]:
    columns = [[one for part in cell.split("\n") for one in folded(part, room)]
               for cell, room in zip(cells, widths, strict=False)]  # fmt: skip
    for parts in zip_longest(*columns, fillvalue=""):
        padded = [part + " " * (room - width(part)) for part, room in zip(parts, widths, strict=False)]
        yield (indent + "  ".join(padded)).rstrip()


def fitted(text: str) -> str:
    """Lines that are longer than the terminal is wide, folded under their own beginning."""
    room = terminal_room()
    if room is None:
        return text
    return "\n".join(_under(line, room) for line in text.split("\n"))


def _under(line: str, room: int) -> str:
    if width(line) <= room:
        return line
    bare = click.unstyle(line)
    hanging = " " * min(len(bare) - len(bare.lstrip()) + 4, room // 3)
    first, *rest = folded(line, room)
    return "\n".join([first, *(hanging + one for part in rest for one in folded(part.lstrip(), room - len(hanging)))])


def folded(text: str, room: int) -> list[str]:
    """A text in lines of at most `room` cells, at blanks; a longer word after `:`, `/` or `,`. Colours go on."""
    if width(text) <= room:
        return [text]
    lines, line, used, style = [], "", 0, ""
    for piece in _PIECES.findall(text):
        if piece.startswith("\x1b"):
            style = "" if piece == _RESET else style + piece
            line += piece
            continue
        for part in [piece] if width(piece) <= room else _BREAKS.split(piece):
            while part:
                fits = part if width(part) <= room else _head(part, room - used)
                if not fits or used + width(fits) > room:
                    lines.append(line.rstrip() + (_RESET if style else ""))
                    line, used, part = style, 0, part.lstrip(" ")
                    continue
                line, used, part = line + fits, used + width(fits), part[len(fits) :]
    return [*lines, line]


def _head(text: str, room: int) -> str:
    """As much of a text as fits."""
    used = 0
    for at, char in enumerate(text):
        used += width(char)
        if used > room:
            return text[:at]
    return text


def count(number: int, one: str, many: str = "") -> str:
    """`1 gap`, `2 gaps`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
