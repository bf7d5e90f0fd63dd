"""Text that people of an account wrote, made safe to show anywhere."""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: object) -> str:
    """One line: what a terminal obeys, nobody sees or turns the reading direction becomes the replacement character."""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(REPLACEMENT if unicodedata.category(char) in _UNSAFE else char for char in raw)
