"""How things are put: names made harmless and cut, counts with their nouns, ages, account ids in fours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from advisor.model.harmless import clean as clean


def cut(text: str, width: int) -> str:
    """Cut a name in the middle to `width` cells: both its ends tell it from others."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    tail = (width - 1) // 2
    head = width - 1 - tail
    end = ""
    for char in reversed(text):
        if cell_len(end) + cell_len(char) > tail:
            break
        end = char + end
    return set_cell_size(text, head).rstrip() + "…" + end


def cut_end(text: str, width: int) -> str:
    """Cut a sentence at its end."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" if width > 0 else ""


def account_in_fours(account: str) -> str:
    """`111122223333` as `1111 2222 3333`; anything else as it is."""
    if len(account) == 12 and account.isdecimal():
        return f"{account[:4]} {account[4:8]} {account[8:]}"
    return clean(account)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 change`, `2 changes`, `1,204 users`."""
    return f"{number:,} {noun if number == 1 else plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def short_name(arn: str) -> str:
    """The name at the end of an ARN; text that is no ARN as it is."""
    if not arn.startswith("arn:"):
        return clean(arn)
    resource = arn.split(":", 5)[-1]
    return clean(resource.rsplit("/", 1)[-1] if "/" in resource else resource.rsplit(":", 1)[-1])


def read_time(text: str | None) -> datetime | None:
    """ISO 8601 as AWS writes it; `None` where it is no time (`no_information`, `N/A`)."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def age(text: str | None, now: datetime) -> str:
    """`today`, `3 d`, `2 y`: how long ago, short enough for a column."""
    moment = read_time(text)
    if moment is None:
        return ""
    days = (now - moment).days
    if days < 1:
        return "today"
    return f"{days:,} d" if days < 730 else f"{days // 365} y"


def ago(text: str | None, now: datetime) -> str:
    """`3 min ago`, `2 h ago`, `5 d ago`."""
    moment = read_time(text)
    if moment is None:
        return "at an unknown time"
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 86400:
        return f"{seconds // 3600} h ago"
    return f"{seconds // 86400} d ago"


def day(text: str | None) -> str:
    """`24 Nov`, with the year where it is not this one."""
    moment = read_time(text)
    if moment is None:
        return ""
    this_year = moment.year == datetime.now(UTC).year
    return f"{moment.day} {moment:%b}" if this_year else f"{moment.day} {moment:%b %Y}"


def joined(names: list[str] | tuple[str, ...], at_most: int = 3) -> str:
    """`ana, ben, dora and 4 more`."""
    shown = ", ".join(clean(name) for name in names[:at_most])
    rest = len(names) - at_most
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def shown_path(path: Path) -> str:
    """With `~` for the home folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
