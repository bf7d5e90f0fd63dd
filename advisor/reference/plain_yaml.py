"""YAML as the knowledge files may use it: maps, lists and scalars, each with its line. No aliases, no tags.

Plain YAML turns `2012-10-17` into a date, `012345670123` into another number, `no` into a boolean, keeps the last of
two equal keys. Here only `true`, `false`, `null` and whole numbers of up to nine digits are more than text, and a key
stands once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from advisor.errors import InputError

LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 40
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")

Path = tuple[str | int, ...]


class Parsed:
    """The value of one file, and the line (from 1) on which each key path begins."""

    __slots__ = ("lines", "value")

    def __init__(self, value: Any, lines: dict[Path, int]) -> None:
        self.value = value
        self.lines = lines


def parse(text: str) -> Parsed:
    """Read one YAML document.

    Raises:
        InputError: with the line, for broken YAML and for what the knowledge files may not use.
    """
    if len(text) > LIMIT_BYTES:
        raise InputError(f"the file has {len(text)} characters, {LIMIT_BYTES} are allowed")
    lines: dict[Path, int] = {}
    try:
        events = yaml.parse(text, Loader=_PARSER)
        return Parsed(_document(events, lines), lines)
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputError(f"no valid YAML: {error.problem or error.context}", place=place) from None
    except yaml.YAMLError as error:
        raise InputError(f"no valid YAML: {str(error).splitlines()[0]}") from None


def _document(events: Iterator[Any], lines: dict[Path, int]) -> Any:
    value: Any = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise InputError("a second document begins", place=_line(event))
            value = _node(next(events), events, (), lines)
    return value


def _node(event: Any, events: Iterator[Any], path: Path, lines: dict[Path, int]) -> Any:
    _refuse(event, path)
    mark: Any = event.start_mark
    lines.setdefault(path, mark.line + 1)
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, path, lines)
    return _mapping(events, path, lines)


def _refuse(event: Any, path: Path) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise InputError("anchors and aliases are not used here: write it out", place=_line(event))
    tag = getattr(event, "tag", None)
    if tag not in (None, "!"):
        raise InputError(f"the tag `{tag}` is not used here", place=_line(event))
    if len(path) > LIMIT_DEPTH:
        raise InputError(f"nested deeper than {LIMIT_DEPTH} levels", place=_line(event))


def _scalar(event: Any) -> str | int | bool | None:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else text


def _sequence(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> list[Any]:
    items: list[Any] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        items.append(_node(event, events, (*path, len(items)), lines))
    return items


def _mapping(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        _refuse(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            raise InputError("a key must be a word", place=_line(event))
        key: str = event.value
        if key in found:
            raise InputError(f"the key `{key}` stands twice", place=_line(event))
        mark: Any = event.start_mark
        lines[(*path, key)] = mark.line + 1
        found[key] = _node(next(events), events, (*path, key), lines)
    return found


def _line(event: Any) -> str:
    mark: Any = event.start_mark
    return f"line {mark.line + 1}"
