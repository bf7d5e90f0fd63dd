"""Two policy documents compared statement by statement: order, string-or-list and white space do not count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from advisor.model.document import Document

Mark = Literal["+", "-", " "]


class Line(msgspec.Struct, frozen=True):
    """One line of a text diff: `+` added, `-` taken away, blank kept."""

    mark: Mark
    text: str


class StatementDiff(msgspec.Struct, frozen=True):
    """One statement and its counterpart. Indexes count from 0; `None` where it is on one side only."""

    status: Literal["added", "removed", "changed", "same"]
    before: int | None
    after: int | None
    sid: str
    lines: tuple[Line, ...]


class DocumentDiff(msgspec.Struct, frozen=True):
    """Two policy documents. `name` says which: `v3 → v4`, the inline policy's name, `trust policy`, …"""

    name: str
    statements: tuple[StatementDiff, ...]
    size_before: int
    """Characters without white space, as IAM counts them."""
    size_after: int

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for statement in self.statements if statement.status != "same" for line in statement.lines)


def compare_documents(name: str, before: Document | None, after: Document | None) -> DocumentDiff:
    """Statements matched by Sid, then by meaning, then by likeness; in the order of the text after."""
    olds, news = statements_of(before), statements_of(after)
    statements = [_statement(pair, olds, news) for pair in _matched(olds, news)]
    return DocumentDiff(name, tuple(statements), size_of(before), size_of(after))


def size_of(document: Document | None) -> int:
    """Characters without white space, which is what IAM's size quotas count."""
    return len("".join(document.text.split())) if document else 0


def statements_of(document: Document | None) -> list[dict[str, Any]]:
    if document is None:
        return []
    found = document.as_json()["Statement"]
    return found if isinstance(found, list) else [found]


def meaning_of(document: Document) -> Any:
    """The document as plain values that compare equal for equal meaning."""
    statements = [
        (statement.get("Sid", ""), sorted((element, sorted(_values(value))) for element, value in statement.items()))
        for statement in statements_of(document)
    ]
    return [document.version or "", sorted(statements)]


def _statement(
    pair: tuple[int | None, int | None], olds: list[dict[str, Any]], news: list[dict[str, Any]]
) -> StatementDiff:
    one, other = pair
    old, new = None if one is None else olds[one], None if other is None else news[other]
    sid = str((new or old or {}).get("Sid", ""))
    if old is None or new is None:
        mark: Mark = "+" if old is None else "-"
        lines = tuple(Line(mark, text) for text in _written(new or old or {}))
        return StatementDiff("added" if old is None else "removed", one, other, sid, lines)
    if _meaning(old) == _meaning(new) and old.get("Sid") == new.get("Sid"):
        return StatementDiff("same", one, other, sid, tuple(Line(" ", text) for text in _written(new)))
    return StatementDiff("changed", one, other, sid, tuple(_changed_lines(old, new)))


def _matched(olds: list[dict[str, Any]], news: list[dict[str, Any]]) -> list[tuple[int | None, int | None]]:
    partner: dict[int, int] = {}
    free = set(range(len(olds)))
    for likeness in (_same_meaning, _same_sid, _alike):
        for other, new in enumerate(news):
            if other in partner:
                continue
            candidates = [(likeness(olds[one], new), -one) for one in free]
            score, place = max(candidates, default=(0, 0))
            if score:
                partner[other] = -place
                free.discard(-place)
    pairs: list[tuple[int | None, int | None]] = [(partner.get(other), other) for other in range(len(news))]
    return pairs + [(one, None) for one in sorted(free)]


def _same_meaning(old: dict[str, Any], new: dict[str, Any]) -> int:
    return int(_meaning(old) == _meaning(new)) * (2 if old.get("Sid") == new.get("Sid") else 1)


def _same_sid(old: dict[str, Any], new: dict[str, Any]) -> int:
    return int(bool(new.get("Sid")) and old.get("Sid") == new.get("Sid"))


def _alike(old: dict[str, Any], new: dict[str, Any]) -> int:
    """How many values two statements of the same effect share; none at all means that they are no pair."""
    if old.get("Effect") != new.get("Effect"):
        return 0
    return len(set(_parts(old)) & set(_parts(new)))


def _parts(statement: dict[str, Any]) -> Iterator[str]:
    for element, value in statement.items():
        if element not in ("Effect", "Sid"):
            yield from (f"{element} {text}" for text in _values(value))


def _values(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(f"{key} {text}" for key, item in value.items() for text in _values(item))
    if isinstance(value, list):
        return tuple(_values(item)[0] if not isinstance(item, dict) else json.dumps(item) for item in value)
    return (json.dumps(value) if isinstance(value, bool | int) else str(value),)


def _meaning(statement: dict[str, Any]) -> frozenset[tuple[str, frozenset[str]]]:
    """Elements as sets of values: order and string-or-list do not count, nor does the Sid."""
    return frozenset((element, frozenset(_values(value))) for element, value in statement.items() if element != "Sid")


def _written(statement: dict[str, Any]) -> list[str]:
    return [text for element, value in statement.items() for text in _element(element, value)]


def _element(element: str, value: Any) -> list[str]:
    return f'"{element}": {json.dumps(value, ensure_ascii=False, indent=2)}'.splitlines()


def _changed_lines(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Line]:
    """Only what differs, under the element's name; a long list shows the values that come or go."""
    for element in dict.fromkeys((*old, *new)):
        one, other = old.get(element), new.get(element)
        if one is not None and other is not None and frozenset(_values(one)) == frozenset(_values(other)):
            continue
        if isinstance(one, list) and isinstance(other, list) and len(one) + len(other) > 2:
            yield from _list_lines(element, one, other)
            continue
        if one is not None:
            yield from (Line("-", text) for text in _element(element, one))
        if other is not None:
            yield from (Line("+", text) for text in _element(element, other))


def _list_lines(element: str, old: list[Any], new: list[Any]) -> Iterator[Line]:
    yield Line(" ", f'"{element}": [')
    yield from (Line("-", f"  {json.dumps(item, ensure_ascii=False)}") for item in old if item not in new)
    yield from (Line("+", f"  {json.dumps(item, ensure_ascii=False)}") for item in new if item not in old)
    kept = sum(item in old for item in new)
    if kept:
        yield Line(" ", f"  … {kept} kept")
    yield Line(" ", "]")
