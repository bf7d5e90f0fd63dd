"""Signs in ASCII for terminals that cannot draw the others: the whole screen is translated, one cell for one."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from screens.signs import ASCII_OF


class AsciiSigns(LineFilter):
    """Replaces each sign by its ASCII form just before it is sent to the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control or segment.text.isascii() else Segment(in_ascii(segment.text), segment.style)
            for segment in spelled(segments)
        ]


def spelled(segments: list[Segment]) -> list[Segment]:
    """`↵` as `Enter` where blanks behind it leave the room: `<` is a key of its own."""
    found = list(segments)
    for at, segment in enumerate(found):
        extra = 4 * segment.text.count("↵")
        room = next((n for n in range(at, len(found)) if found[n].text.endswith(" " * (extra + 1))), None)
        if not extra or segment.control or room is None:
            continue
        found[room] = Segment(found[room].text[:-extra], found[room].style, found[room].control)
        found[at] = Segment(found[at].text.replace("↵", "Enter"), found[at].style)
    return found


def in_ascii(text: str) -> str:
    return text.translate(ASCII_OF)


def wants_ascii(environment: Mapping[str, str], encoding: str | None) -> bool:
    """`ADVISOR_SIGNS=ascii`, a terminal that is `linux` or `dumb`, or an encoding other than UTF-8."""
    chosen = environment.get("ADVISOR_SIGNS", "").lower()
    if chosen:
        return chosen == "ascii"
    return environment.get("TERM") in ("linux", "dumb") or (encoding or "utf-8").lower().replace("-", "") != "utf8"
