"""Text that people of an account wrote, made safe to show anywhere."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = re.compile(r"\s+")


def clean(text: object) -> str:
    """One line: what a terminal obeys, nobody sees or turns the reading direction becomes the replacement character."""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(REPLACEMENT if unicodedata.category(char) in _UNSAFE else char for char in raw)


def one_line(text: str) -> str:
    """As `clean`, with a blank for each run of blanks and line ends."""
    return clean(_BLANK.sub(" ", text))
