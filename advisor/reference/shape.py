"""Compare a plain value with a msgspec type and name everything that does not fit, not only the first thing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

Path = tuple[str | int, ...]
Misfit = tuple[Path, str]


def misfits(value: Any, expected: type) -> tuple[Misfit, ...]:
    """Every place where the value does not have the type's shape: `(key path, reason)`."""
    return tuple(_walk(value, _info(expected), ()))


@cache
def _info(expected: type) -> inspect.Type:
    return inspect.type_info(expected)


def _walk(value: Any, kind: inspect.Type, path: Path) -> Iterator[Misfit]:
    if isinstance(kind, inspect.StructType):
        yield from _struct(value, kind, path)
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
        yield from _items(value, kind.item_type, path)
    elif isinstance(kind, inspect.DictType):
        yield from _entries(value, kind.value_type, path)
    elif isinstance(kind, inspect.UnionType):
        yield from _union(value, kind, path)
    elif isinstance(kind, inspect.LiteralType):
        yield from _literal(value, kind, path)
    else:
        yield from _leaf(value, kind, path)


def _struct(value: Any, kind: inspect.StructType, path: Path) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield path, f"is {describe(value)}, must be a map"
        return
    fields = {field.encode_name: field for field in kind.fields}
    tag = {kind.tag_field} if kind.tag_field else set()
    for key in value:
        if key not in fields and key not in tag:
            yield (*path, key), f"unknown key{nearest(key, fields)}"
    for name, field in fields.items():
        if name in value:
            yield from _walk(value[name], field.type, (*path, name))
        elif field.required:
            yield path, f"`{name}` is missing"


def _items(value: Any, item: inspect.Type, path: Path) -> Iterator[Misfit]:
    if not isinstance(value, list):
        yield path, f"is {describe(value)}, must be a list"
        return
    for position, entry in enumerate(value):
        yield from _walk(entry, item, (*path, position))


def _entries(value: Any, item: inspect.Type, path: Path) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield path, f"is {describe(value)}, must be a map"
        return
    for key, entry in value.items():
        yield from _walk(entry, item, (*path, key))


def _union(value: Any, kind: inspect.UnionType, path: Path) -> Iterator[Misfit]:
    if value is None and any(isinstance(member, inspect.NoneType) for member in kind.types):
        return
    members = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
    structs = [member for member in members if isinstance(member, inspect.StructType)]
    if isinstance(value, dict) and structs:
        members = [
            member for member in structs if member.tag_field is None or value.get(member.tag_field) == member.tag
        ]
    if len(members) == 1:
        yield from _walk(value, members[0], path)
    elif not any(not tuple(_walk(value, member, path)) for member in members):
        yield path, f"{describe(value)} is none of the shapes allowed here"


def _literal(value: Any, kind: inspect.LiteralType, path: Path) -> Iterator[Misfit]:
    if value not in kind.values:
        yield (
            path,
            f"{describe(value)} is not among: {', '.join(map(str, kind.values))}{nearest(str(value), kind.values)}",
        )


_NAMES = {
    inspect.StrType: "text (quote it)",
    inspect.IntType: "a whole number",
    inspect.BoolType: "true or false",
    inspect.FloatType: "a number",
}


def _leaf(value: Any, kind: inspect.Type, path: Path) -> Iterator[Misfit]:
    accepted: dict[type, Any] = {
        inspect.StrType: str,
        inspect.IntType: int,
        inspect.BoolType: bool,
        inspect.FloatType: (int, float),
    }
    wanted = accepted.get(type(kind))
    if wanted is None:
        return
    fits = isinstance(value, wanted) and (isinstance(kind, inspect.BoolType) or not isinstance(value, bool))
    if not fits:
        yield path, f"is {describe(value)}, must be {_NAMES[type(kind)]}"


def nearest(word: str, known: Any) -> str:
    """`; did you mean …?`, or nothing where no known word is near."""
    close = get_close_matches(str(word), [str(entry) for entry in known], n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def describe(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return "a map"
    return "a list" if isinstance(value, list) else f"`{str(value)[:60]}`"


def convert(value: Any, expected: type) -> Any:
    """The frozen value of a plain value that has the shape."""
    return msgspec.convert(value, expected)
