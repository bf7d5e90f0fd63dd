"""What two resource patterns have in common."""

from __future__ import annotations

from functools import lru_cache

from advisor.evaluate.pattern import glob_covers, globs_overlap

MOST = 8
"""More common parts than these are not told apart: the narrower pattern of the two stands for them."""


@lru_cache(maxsize=65_536)
def common(one: str, other: str) -> tuple[str, ...]:
    """Patterns that together name what both name; empty when they have nothing in common.

    Beyond `MOST` parts the answer is the one pattern with the longer text, which may name more than both do.
    """
    if one == other or glob_covers(other, one):
        return (one,)
    if glob_covers(one, other):
        return (other,)
    if not globs_overlap(one, other):
        return ()
    found = _meet(one, other)
    return found if found is not None else (max(one, other, key=len),)


def _meet(one: str, other: str) -> tuple[str, ...] | None:
    """All ways to lay one pattern over the other, the widest only; `None` when they are too many."""
    found: dict[str, None] = {}
    seen: set[tuple[int, int, str]] = set()
    todo = [(0, 0, "")]
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        if len(seen) > 4_096:
            return None
        i, j, text = at
        if i == len(one) and j == len(other):
            found.setdefault(text)
            continue
        todo += _steps(one, other, i, j, text)
    widest = [text for text in found if not any(text != wide and glob_covers(wide, text) for wide in found)]
    return tuple(sorted(widest)) if 0 < len(widest) <= MOST else None


def _steps(one: str, other: str, i: int, j: int, text: str) -> list[tuple[int, int, str]]:
    a = one[i] if i < len(one) else ""
    b = other[j] if j < len(other) else ""
    if a == "*" and b == "*":
        starred = text if text.endswith("*") else f"{text}*"
        return [(i + 1, j, starred), (i, j + 1, starred)]
    steps = []
    if a == "*":
        steps.append((i + 1, j, text))
        if b:
            steps.append((i, j + 1, text + b))
    elif b == "*":
        steps.append((i, j + 1, text))
        if a:
            steps.append((i + 1, j, text + a))
    elif a and b and (a == b or "?" in (a, b)):
        steps.append((i + 1, j + 1, text + (a if b == "?" else b)))
    return steps
