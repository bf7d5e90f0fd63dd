"""One statement's name as one text, `kind|policy|owner|index`: what facts say and changes are told."""

from __future__ import annotations


def name_of(kind: str, policy: str, owner: str, index: int | str) -> str:
    """The name. A bar in a name of the account is written as `%7C`, so that it parts nothing."""
    return "|".join(_written(part) for part in (kind, policy, owner, str(index)))


def parts_of(name: str) -> tuple[str, str, str, int] | None:
    """Kind, policy, owner and index of a name; `None` where the text is none."""
    parts = [part.replace("%7C", "|").replace("%25", "%") for part in name.split("|")]
    if len(parts) != 4 or not parts[3].isdecimal():
        return None
    return parts[0], parts[1], parts[2], int(parts[3])


def _written(part: str) -> str:
    return part.replace("%", "%25").replace("|", "%7C")
