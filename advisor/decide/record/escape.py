"""Text from AWS is data: what a name or a policy says must not become Markdown, HTML, or a control sequence."""

from __future__ import annotations

import re

from advisor.model.harmless import one_line

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&@]|:(?=//))")
_AT_START = re.compile(r"^([#+=-]|\d+(?=[.)]))")


def md(text: str) -> str:
    """As literal text in Markdown."""
    escaped = _MARKUP.sub(r"\\\1", one_line(text))
    return _AT_START.sub(lambda match: f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}", escaped)


def code(text: str) -> str:
    """As a code span in Markdown, whatever back-ticks are in it."""
    flat = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {flat} {ticks}" if longest or flat[:1] == "`" else f"{ticks}{flat}{ticks}"


def block(text: str, language: str = "") -> str:
    """As a fenced block in Markdown; each line is cleaned for itself."""
    lines = [_clean(line) for line in text.splitlines()]
    longest = max((len(run) for line in lines for run in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join((f"{fence}{language}", *lines, fence))


def _clean(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))] + one_line(line.lstrip(" "))
