"""A terminal's screen as SVG: one still, or several that follow each other by themselves (no script, CSS alone)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.terminal_theme import DIMMED_MONOKAI

WIDE, HIGH, MARGIN, BAR = 8.4, 18, 12, 30
FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
Row = tuple[Segment, ...]


@dataclass
class Frame:
    """What the screen shows, for how long, and what was pressed to get there."""

    rows: Sequence[Row]
    seconds: float = 1.0
    pressed: str = ""


@dataclass
class _Sheet:
    """Styles and rows that are written once, however often they are shown."""

    background: str
    foreground: str
    styles: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    def style(self, rules: str) -> str:
        return self.styles.setdefault(rules, f"s{len(self.styles)}")

    def row(self, row: Row) -> str:
        drawn = "".join(self._runs(row))
        return self.rows.setdefault(drawn, f"r{len(self.rows)}") if drawn else ""

    def _runs(self, row: Row) -> Iterator[str]:
        column = 0
        for segment in Segment.simplify(row):
            width = cell_len(segment.text)
            fill, ground, bold = self._looks(segment)
            x = column * WIDE
            if ground != self.background:
                yield f'<rect x="{x:.1f}" width="{width * WIDE:.1f}" height="{HIGH}" fill="{ground}"/>'
            text = segment.text.strip()
            if text:
                x += (len(segment.text) - len(segment.text.lstrip())) * WIDE
                name = self.style(f"fill:{fill}" + (";font-weight:bold" if bold else ""))
                length = cell_len(text) * WIDE
                yield f'<text x="{x:.1f}" y="13.5" class="{name}" textLength="{length:.1f}">{escape(text)}</text>'
            column += width

    def _looks(self, segment: Segment) -> tuple[str, str, bool]:
        style = segment.style
        fill = _hex(style.color, self.foreground) if style else self.foreground
        ground = _hex(style.bgcolor, self.background) if style else self.background
        if style and style.reverse:
            fill, ground = ground, fill
        return fill, ground, bool(style and style.bold)


def _hex(color: Color | None, default: str) -> str:
    if color is None or color.is_default:
        return default
    return color.get_truecolor(DIMMED_MONOKAI).hex


def svg(frames: Iterable[Frame], title: str, *, background: str = "#12161b", foreground: str = "#d8dee4") -> str:
    """The picture; with more than one frame they are shown in turn, again and again."""
    shown = list(frames)
    sheet = _Sheet(background, foreground)
    bodies = ["".join(_placed(sheet, frame)) for frame in shown]
    columns = max(sum(cell_len(segment.text) for segment in row) for frame in shown for row in frame.rows)
    width, lines = columns * WIDE + 2 * MARGIN, max(len(frame.rows) for frame in shown)
    caption = HIGH + 8 if len(shown) > 1 else 0
    height = lines * HIGH + BAR + MARGIN + caption
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font:14px {FONT};white-space:pre}}.k{{fill:#8c9297;font-size:13px}}",
        *(f".{name}{{{rules}}}" for rules, name in sheet.styles.items()),
        *_turns(shown),
        "</style><defs>",
        *(f'<g id="{name}">{drawn}</g>' for drawn, name in sheet.rows.items()),
        "</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="{background}"/>',
        *(f'<circle cx="{18 + 18 * at}" cy="15" r="5.5" fill="{fill}"/>'
          for at, fill in enumerate(("#ef6f6c", "#e0b050", "#6fc28b"))),
        f'<text x="{width / 2:.0f}" y="20" text-anchor="middle" class="k">{escape(title)}</text>',
        *(f'<g class="f f{at}">{body}{_caption(frame, height)}</g>'
          for at, (body, frame) in enumerate(zip(bodies, shown, strict=True))),
        "</svg>\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _placed(sheet: _Sheet, frame: Frame) -> Iterator[str]:
    for line, row in enumerate(frame.rows):
        if name := sheet.row(row):
            yield f'<use href="#{name}" x="{MARGIN}" y="{BAR + line * HIGH}"/>'


def _caption(frame: Frame, height: float) -> str:
    return f'<text x="{MARGIN}" y="{height - 11:.0f}" class="k">{escape(frame.pressed)}</text>' if frame.pressed else ""


def _turns(frames: Sequence[Frame]) -> Iterator[str]:
    """Each frame is seen in its time alone; who wants no motion sees the last one."""
    whole = sum(frame.seconds for frame in frames)
    if len(frames) < 2:
        return
    begin = 0.0
    yield f".f{{visibility:hidden;animation:{whole:.2f}s step-end infinite}}"
    for at, frame in enumerate(frames):
        start, end = 100 * begin / whole, 100 * (begin + frame.seconds) / whole
        begin += frame.seconds
        first = "" if at == 0 else "0%{visibility:hidden}"
        last = "" if at == len(frames) - 1 else f"{end:.3f}%{{visibility:hidden}}"
        yield f".f{at}{{animation-name:t{at}}}@keyframes t{at}{{{first}{start:.3f}%{{visibility:visible}}{last}}}"
    yield f"@media(prefers-reduced-motion:reduce){{.f{{animation:none}}.f{len(frames) - 1}{{visibility:visible}}}}"
