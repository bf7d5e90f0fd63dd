"""Text that people of an account wrote, made safe to show anywhere."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
"""Characters that nobody sees, that turn the reading direction, or that a terminal obeys."""
_BLANK = re.compile(r"\s+")


def clean(text: object) -> str:
    """One line: what a terminal obeys, nobody sees or turns the reading direction becomes the replacement character."""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(REPLACEMENT if unicodedata.category(char) in _UNSAFE else char for char in raw)


def escaped(text: str) -> str:
    """Text in which quoted strings stand, as YAML, JSON and HCL know them: what is hidden is written by its number."""
    return HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def one_line(text: str) -> str:
    """As `clean`, with a blank for each run of blanks and line ends."""
    return clean(_BLANK.sub(" ", text))
