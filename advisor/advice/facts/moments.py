"""Ages, counted from when the snapshot was taken."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time; `None` for `None`, AWS's words for "never" (`N/A`, `no_information`) and what is no time."""
    if not text:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def days_before(text: str | None, now: str) -> int | None:
    """Whole days from the time to `now`; `None` where one of them is no time."""
    then, at = moment(text), moment(now)
    return None if then is None or at is None else (at - then).days


def days_to(day: str, now: str) -> int | None:
    """Whole days from `now` until the day (negative: it is over)."""
    age = days_before(day, now)
    return None if age is None else -age
