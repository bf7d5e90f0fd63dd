"""Who decides, for records: names that the user set, never the name of an operating system's account."""

from __future__ import annotations

import os
from pathlib import Path

from advisor.errors import InputError
from advisor.reference.places import config_folder, make_private

VARIABLE = "IAM_ADVISOR_DECIDED_BY"
FILE = "decided-by"
"""One name a line, in the folder of the configuration; the variable goes before it."""


def configured_makers() -> tuple[str, ...]:
    """The names that were set, by commas or lines; empty where none was: the record then says "not named"."""
    text = os.environ.get(VARIABLE, "")
    if not text.strip():
        try:
            text = _file().read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ()
    return tuple(name.strip() for name in text.replace(",", "\n").splitlines() if name.strip())


def were_asked() -> bool:
    """Whether the names were set, or left empty on purpose."""
    return bool(os.environ.get(VARIABLE, "").strip()) or _file().is_file()


def keep_makers(text: str) -> None:
    """Keep names, parted by commas or lines, for all records to come; an empty text is kept as an answer too.

    Raises:
        InputError: the file cannot be written.
    """
    from advisor.advice.accepted import write_private

    names = [name.strip() for name in text.replace(",", "\n").splitlines() if name.strip()]
    try:
        make_private(_file().parent)
        write_private(_file(), "".join(f"{name}\n" for name in names).encode("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(_file())) from error


def _file() -> Path:
    return config_folder() / FILE
