"""The calls of a change as a reader takes them in: numbered, policies as AWS writes them, short lists on one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from advisor.model.change import Change

WIDTH = 80
"""Characters of a line; longer ones break where the JSON allows it."""


def calls_told(change: Change) -> str:
    """`2 iam:AttachGroupPolicy {"GroupName": "devs", "PolicyArn": ‹Policy.Arn of call 1›}` and so on."""
    made = {one.id: number for number, one in enumerate(change.operations, 1) if one.id}
    lines: list[str] = []
    for number, one in enumerate(change.operations, 1):
        call = f"{number} {one.service}:{one.operation} "
        first, *rest = _fitted(one.parameters, made, 0, len(call)) if one.parameters else [""]
        lines += [f"{call}{first}".rstrip(), *rest]
    return "\n".join(lines)


def _fitted(value: Any, made: Mapping[str, int], indent: int, before: int = 0) -> Iterator[str]:
    """The value on one line where it fits behind what stands `before` it, else one line for each of its parts."""
    line = _line(value, made)
    if len(line) + indent + before <= WIDTH or not isinstance(value, dict | list | tuple) or _from_elsewhere(value):
        yield line
        return
    is_words = isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)
    parts: Iterable[str] = _wrapped(value, indent + 2) if is_words else _parts(value, made, indent + 2)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield opening
    yield from parts
    yield " " * indent + closing


def _parts(value: Mapping[str, Any] | Sequence[Any], made: Mapping[str, int], indent: int) -> Iterator[str]:
    entries = (
        [(f"{json.dumps(key, ensure_ascii=False)}: ", part) for key, part in value.items()]
        if isinstance(value, Mapping)
        else [("", part) for part in value]
    )
    for position, (lead, part) in enumerate(entries):
        first, *rest = _fitted(part, made, indent, len(lead))
        lines = [f"{' ' * indent}{lead}{first}", *rest]
        yield from lines[:-1]
        yield lines[-1] + ("," if position < len(entries) - 1 else "")


def _wrapped(words: Iterable[str], indent: int) -> list[str]:
    """A list of texts, as many of them on a line as fit."""
    lines: list[str] = []
    *most, last = (json.dumps(word, ensure_ascii=False) for word in words)
    for text in (*(f"{word}," for word in most), last):
        if lines and len(lines[-1]) + 1 + len(text) <= WIDTH:
            lines[-1] += f" {text}"
        else:
            lines.append(" " * indent + text)
    return lines


def _line(value: Any, made: Mapping[str, int]) -> str:
    elsewhere = _from_elsewhere(value)
    if elsewhere == "from":
        return f"‹{value['path']} of call {made.get(value['from'], value['from'])}›"
    if elsewhere == "secret":
        return f"‹{value['secret']}, made when it is applied›"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_line(v, made)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_line(part, made) for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _from_elsewhere(value: Any) -> str:
    """Whether a parameter is what an earlier call returns (`from`) or made at apply (`secret`)."""
    if isinstance(value, dict):
        return "from" if set(value) == {"from", "path"} else "secret" if set(value) == {"secret"} else ""
    return ""
