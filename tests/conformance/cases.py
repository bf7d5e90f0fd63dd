"""The format of the cases, read into what the evaluator takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.evaluate.context import ABSENT, OPEN, PRESENT, Context, Knowledge, complete_context
from advisor.model.document import Document, parse_document

Case = dict[str, Any]


class Unsupported(Exception):
    """The case asks for something that the adapter does not know; the reason is the message."""


def document_of(policy: Mapping[str, Any], *, version: str | None = None) -> Document:
    """A policy of a case. A bare string as `Principal` (quirk `bare-string-principal`) becomes an AWS principal."""
    value = dict(policy)
    if version and "Version" not in value:
        value["Version"] = version
    statements = value.get("Statement", [])
    value["Statement"] = [_statement(item) for item in (statements if isinstance(statements, list) else [statements])]
    return parse_document(value)


def _statement(item: Mapping[str, Any]) -> dict[str, Any]:
    value = dict(item)
    for name in ("Principal", "NotPrincipal"):
        principal = value.get(name)
        if (isinstance(principal, str) and principal != "*") or isinstance(principal, list):
            value[name] = {"AWS": principal}
    return value


def context_of(case: Case, keys: Sequence[str], context: Mapping[str, Any] | None = None) -> Context:
    """What the case lets us know. `keys` are the keys that its policies read, for patterns in `contextKnowledge`.

    In strict mode the context is complete. In discovery a key is open unless its presence (and value) is said to be
    known.
    """
    given = {key.lower(): values_of(value) for key, value in (case.get("context", context) or {}).items()}
    if case.get("mode") != "discovery":
        return complete_context(given)
    known: dict[str, Knowledge] = {}
    for entry in case.get("contextKnowledge") or ():
        for key in _named(entry["key"], (*keys, *given)):
            known[key] = _knowledge(entry, given.get(key, ABSENT))
    return Context(known)


def _knowledge(entry: Mapping[str, Any], value: tuple[str, ...]) -> Knowledge:
    if entry.get("valueKnown"):
        return value
    if entry.get("presenceKnown"):
        return PRESENT if value != ABSENT else ABSENT
    return OPEN


def _named(name: str, keys: Sequence[str]) -> list[str]:
    if len(name) > 2 and name.startswith("/") and name.endswith("/"):
        pattern = re.compile(name[1:-1], re.IGNORECASE)
        return [key for key in keys if pattern.search(key)]
    return [name.lower()]


def values_of(value: Any) -> tuple[str, ...]:
    """A value or list of values of the request context, as text; `null` is no value."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(_text(item) for item in value)
    return (_text(value),)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
