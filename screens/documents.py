"""Policy documents as lines to read: one element of a statement per line, the deciding statement marked."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.content import Content

from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.document import Document

Piece = tuple[str, str]
"""(text, style)"""
KEY, TEXT, OTHER, PLAIN = "$kind-policy", "", "$kind-outside", "$quiet"


@dataclass(frozen=True)
class DocumentLine:
    """One line of a printed policy; `statement` is the index of the statement it belongs to."""

    number: int
    pieces: tuple[Piece, ...]
    statement: int | None
    element: str = ""
    """`Action`, `Condition`, … for the lines of an element."""

    @property
    def plain(self) -> str:
        return "".join(text for text, _ in self.pieces)

    def shifted(self, cells: int) -> DocumentLine:
        """With less indentation, for places that show a lone statement."""
        indent, style = self.pieces[0]
        return replace(
            self, pieces=((indent[min(cells, len(indent) - len(indent.lstrip())) :], style), *self.pieces[1:])
        )

    def content(self, *, marked: bool) -> Content:
        """With its number; a marked line is bold behind a bar, so that it shows without colour."""
        text = Content.assemble(*((text, style) for text, style in self.pieces))
        if marked:
            return Content.assemble((" ▌", "$is-allowed"), (f"{self.number:>3} ", "$quiet"), text.stylize("bold"))
        return Content.assemble("  ", (f"{self.number:>3} ", "$quiet"), text)


def lines_of(document: Document, width: int = 76) -> tuple[DocumentLine, ...]:
    """The document as numbered lines of about `width` cells."""
    printer = _Printer(width)
    printer.document(document.as_json())
    return tuple(printer.lines)


def statement_lines(lines: tuple[DocumentLine, ...], statement: int) -> tuple[DocumentLine, ...]:
    return tuple(line for line in lines if line.statement == statement)


def drawn(lines: Collection[DocumentLine], marked: Collection[int] = ()) -> Content:
    """Lines under each other, those of the marked statements behind a bar."""
    return Content("\n").join(line.content(marked=line.statement in marked) for line in lines)


class _Printer:
    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[DocumentLine] = []
        self.statement: int | None = None
        self.element = ""

    def document(self, value: Any) -> None:
        self._emit(0, [("{", PLAIN)])
        items = list(value.items())
        for place, (key, item) in enumerate(items):
            comma = place < len(items) - 1
            if key == "Statement":
                self._statements(item, comma)
            else:
                self._value(1, key, item, comma)
        self._emit(0, [("}", PLAIN)])

    def _statements(self, value: Any, comma: bool) -> None:
        statements = value if isinstance(value, list) else [value]
        opening, closing = ("[", "]") if isinstance(value, list) else ("", "")
        self._emit(1, [('"Statement"', KEY), (f": {opening}", PLAIN)])
        for index, statement in enumerate(statements):
            self.statement = index
            self._one(statement, "," if index < len(statements) - 1 else "")
        self.statement = None
        self._emit(1, [(closing + ("," if comma else ""), PLAIN)])

    def _one(self, statement: dict[str, Any], comma: str) -> None:
        """Braces stand on the first and last element's line; Sid and Effect share one."""
        elements = list(statement.items())
        if not elements:
            self._emit(2, [("{}" + comma, PLAIN)])
        first = len(self.lines)
        for place, (key, item) in enumerate(elements):
            self.element = key
            self._value(3, key, item, place < len(elements) - 1)
            shared = place and {elements[place - 1][0], key} == {"Sid", "Effect"}
            if shared:
                later, earlier = self.lines.pop(), self.lines.pop()
                pieces = (*earlier.pieces, (" ", ""), *later.pieces[1:])
                self.lines.append(replace(earlier, pieces=pieces))
        self.element = ""
        if elements:
            opened, closed = self.lines[first], self.lines[-1]
            self.lines[first] = replace(opened, pieces=(("    { ", PLAIN), *opened.pieces[1:]))
            closed = self.lines[-1]
            self.lines[-1] = replace(closed, pieces=(*closed.pieces, (" }" + comma, PLAIN)))

    def _value(self, depth: int, key: str | None, value: Any, comma: bool) -> None:
        start: list[Piece] = [(_quoted(key), KEY), (": ", PLAIN)] if key is not None else []
        flat = _flat(value)
        length = 2 * depth + sum(len(text) for text, _ in start) + sum(len(text) for text, _ in flat)
        end: list[Piece] = [(",", PLAIN)] if comma else []
        if length <= self.width or not isinstance(value, dict | list) or not value:
            self._emit(depth, [*start, *flat, *end])
            return
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        self._emit(depth, [*start, (opening, PLAIN)])
        items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
        for place, (name, item) in enumerate(items):
            self._value(depth + 1, name, item, place < len(items) - 1)
        self._emit(depth, [(closing, PLAIN), *end])

    def _emit(self, depth: int, pieces: list[Piece]) -> None:
        indent: Piece = ("  " * depth, "")
        self.lines.append(DocumentLine(len(self.lines) + 1, (indent, *pieces), self.statement, self.element))


def _quoted(text: str) -> str:
    return clean(json.dumps(text, ensure_ascii=False))


def _flat(value: Any) -> list[Piece]:
    """A value on one line."""
    if isinstance(value, dict):
        inner = [[(_quoted(key), KEY), (": ", PLAIN), *_flat(item)] for key, item in value.items()]
        return [("{", PLAIN), *_with_commas(inner), ("}", PLAIN)]
    if isinstance(value, list):
        return [("[", PLAIN), *_with_commas([_flat(item) for item in value]), ("]", PLAIN)]
    if isinstance(value, str):
        return [(_quoted(value), TEXT)]
    return [(json.dumps(value), OTHER)]


def _with_commas(parts: list[list[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for index, part in enumerate(parts):
        if index:
            found.append((", ", PLAIN))
        found.extend(part)
    return found


def text_of(document: Document, width: int, marked: Collection[int] = ()) -> Content:
    """The whole policy, for a panel of that width; some statements marked."""
    lines = lines_of(document, max(width - 4, 40))
    return Content("\n").join(
        line.content(marked=line.statement in marked).truncate(width, ellipsis=True) for line in lines
    )
