"""Who decides, for records: names that the user set, never the name of an operating system's account."""

from __future__ import annotations

import os

from advisor.reference.places import config_folder

VARIABLE = "IAM_ADVISOR_DECIDED_BY"
FILE = "decided-by"
"""One name a line, in the folder of the configuration; the variable goes before it."""


def configured_makers() -> tuple[str, ...]:
    """The names that were set, by commas or lines; empty where none was: the record then says "not named"."""
    text = os.environ.get(VARIABLE, "")
    if not text.strip():
        try:
            text = (config_folder() / FILE).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ()
    return tuple(name.strip() for name in text.replace(",", "\n").splitlines() if name.strip())
