"""Text for a terminal: names and policy text from the account are data, never control sequences; plain tables.

Signs and words are those of the screens: sign, then word, then colour.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
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


def clean(text: object) -> str:
    """One line that is safe to print: control and direction characters as `�`."""
    return _CONTROL.sub("�", str(text))


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


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = (), indent: str = "  ") -> str:
    """Rows in aligned columns; the last column is never padded. Cells must be clean already."""
    lines = [*([tuple(click.style(name, dim=True) for name in head)] if head else []), *rows]
    if not lines:
        return ""
    widths = [max(width(line[column]) for line in lines if column < len(line)) for column in range(len(lines[0]))]
    return "\n".join(indent + _row(line, widths).rstrip() for line in lines)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (widths[place] - width(cell)) for place, cell in enumerate(cells[:-1])]
    return "  ".join([*padded, cells[-1]])


def count(number: int, one: str, many: str = "") -> str:
    """`1 gap`, `2 gaps`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
