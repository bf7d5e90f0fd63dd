"""Patterns of actions: an entry of an `Action` or `NotAction` element.

Source: IAM User Guide, "IAM JSON policy elements: Action"; rules 31 and 34. Resource patterns are in `resources.py`,
the globs under both in `advisor.reference.globs`.
"""

from __future__ import annotations

from functools import lru_cache

from advisor.reference.globs import (
    ANY,
    ONE,
    Glob,
    glob,
    glob_covers,
    glob_match,
    globs_overlap,
    has_wildcard,
    plain,
    tokens_of,
)

__all__ = [
    "ANY", "ONE", "ActionPattern", "Glob", "action_matches", "action_pattern", "beginning_of", "glob", "glob_covers",
    "glob_match", "globs_overlap", "has_wildcard", "plain", "tokens_of",
]  # fmt: skip


class ActionPattern:
    """`service:Name` with wildcards in the name only; `*` alone is every action.

    Prefix and name ignore case. `*:GetBucket`, a comma or white space inside match nothing, since no action is so
    named.
    """

    __slots__ = ("name", "pattern", "service")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        service, colon, name = pattern.lower().partition(":")
        self.service: str | None = service if colon else None
        self.name = glob(name) if colon else None
        if pattern in ("*", "*:*"):
            self.service, self.name = "*", glob("*")

    def matches(self, service: str, name: str) -> bool:
        """Whether an action fits. Both parts in lower case."""
        if self.name is None or (self.service != service and self.service != "*"):
            return False
        return (self.service != "*" or self.name.is_any) and self.name.matches(name)


@lru_cache(maxsize=65_536)
def action_pattern(pattern: str) -> ActionPattern:
    return ActionPattern(pattern)


def action_matches(pattern: str, action: str) -> bool:
    """Whether an action (`s3:GetObject`) fits one entry of an `Action` element."""
    service, _, name = action.lower().partition(":")
    return action_pattern(pattern).matches(service, name)


def beginning_of(pattern: str) -> str:
    """The literal text that everything named by the pattern begins with."""
    ends = [at for at in (pattern.find("*"), pattern.find("?"), pattern.find("${")) if at >= 0]
    return pattern[: min(ends)] if ends else pattern
