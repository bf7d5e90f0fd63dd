"""The shapes of the knowledge files, one module per kind: `SCHEMA` and `check(items)`."""

from __future__ import annotations

import re

import msgspec

_DAY = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class Source(msgspec.Struct, frozen=True):
    """Where a claim was read, and on which day."""

    url: str
    checked: str
    """ISO date."""
    title: str = ""

    def __post_init__(self) -> None:
        if not self.url.startswith("https://"):
            raise ValueError(f"`{self.url}` must begin with https://")
        if not _DAY.fullmatch(self.checked):
            raise ValueError(f"`{self.checked}` must be a date like 2026-11-24")
