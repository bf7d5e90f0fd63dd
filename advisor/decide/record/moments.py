"""Days and moments as people write them: `24 November 2026`, and `24 November 2026, 11:17 UTC`."""

from __future__ import annotations

from datetime import UTC, datetime

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""Not by the locale: a record reads the same wherever it is printed."""


def day(text: str) -> str:
    """An ISO date in words; text that is none stays as it is."""
    read = _read(text)
    return text if read is None else f"{read.day} {MONTHS[read.month - 1]} {read.year}"


def moment(text: str) -> str:
    """An ISO moment in words, in UTC; text that is none stays as it is."""
    read = _read(text)
    return text if read is None else f"{day(read.date().isoformat())}, {read:%H:%M} UTC"


def _read(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read
