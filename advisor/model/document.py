"""Policy documents: the text as AWS keeps it and the statements read from it.

Source: IAM User Guide, "Grammar of the IAM JSON policy language". A lone statement object and lone strings in place of
lists are legal; numbers and booleans may stand unquoted in conditions and compare as strings; a key may not occur
twice.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

from advisor.errors import InputError


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One operator and one key of a condition block, with the values as written.

    `operator` keeps its set prefix and `IfExists` (`ForAnyValue:StringLikeIfExists`). `unless` marks a residual
    condition that must NOT match, as when a Deny would otherwise apply.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    unless: bool = False


class Principals(msgspec.Struct, frozen=True, gc=False):
    """A `Principal` or `NotPrincipal` element. `everyone` is `"*"` or `{"AWS": "*"}`."""

    negated: bool = False
    everyone: bool = False
    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One statement. `index` counts from 0 in its document; `None` elements were not written."""

    index: int
    effect: str
    sid: str | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"


class Document:
    """One distinct policy document. Equal texts share one object, so that they are parsed, compiled and matched once.

    Immutable; equality and hash go by `digest` (of the text without white space).
    """

    __slots__ = ("digest", "id", "statements", "text", "version")

    def __init__(
        self, text: str, version: str | None, id: str | None, statements: tuple[Statement, ...], digest: str
    ) -> None:
        self.text = text
        """Compact JSON in the author's own order."""
        self.version = version
        """`2012-10-17`, `2008-10-17`, or `None` where the document names none (then variables are literal text)."""
        self.id = id
        self.statements = statements
        self.digest = digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Document({self.digest[:12]}, {len(self.statements)} statements)"

    def as_json(self) -> Any:
        """The document as plain JSON values, in the author's order."""
        return msgspec.json.decode(self.text)


_ELEMENTS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
}  # fmt: skip
_PRINCIPAL_KINDS = {"AWS": "aws", "Service": "service", "Federated": "federated", "CanonicalUser": "canonical"}


def parse_document(source: str | bytes | dict[str, Any]) -> Document:
    """Read a policy document from its text (or from JSON values).

    Raises:
        InputError: with the place inside the document, when AWS would not accept it.
    """
    if isinstance(source, dict):
        try:
            source = json.dumps(source, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise InputError(f"the policy is no JSON: {error}") from error
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    try:
        compact = msgspec.json.format(raw, indent=-1)
        value = msgspec.json.decode(compact)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise InputError(f"the policy is no JSON: {_first_line(error)}") from error
    _refuse_repeated_keys(compact, value)
    if not isinstance(value, dict):
        raise InputError("the policy must be an object", place="policy")
    return _document(compact, value)


def _document(compact: bytes, value: dict[str, Any]) -> Document:
    raw_statements = value.get("Statement")
    if isinstance(raw_statements, dict):
        raw_statements = [raw_statements]
    if not isinstance(raw_statements, list):
        raise InputError(f"`Statement` is {_kind(raw_statements)}, must be a list or an object", place="Statement")
    version = value.get("Version")
    if version is not None and version not in ("2012-10-17", "2008-10-17"):
        raise InputError(f"`Version` is `{version}`, must be `2012-10-17` or `2008-10-17`", place="Version")
    identifier = value.get("Id")
    return Document(
        text=compact.decode("utf-8", "replace"),
        version=version,
        id=identifier if isinstance(identifier, str) else None,
        statements=tuple(_statement(index, item) for index, item in enumerate(raw_statements)),
        digest=hashlib.sha256(compact).hexdigest(),
    )


def _statement(index: int, item: Any) -> Statement:
    place = f"Statement[{index}]"
    if not isinstance(item, dict):
        raise InputError(f"a statement is {_kind(item)}, must be an object", place=place)
    for name in item:
        if name not in _ELEMENTS:
            raise InputError(f"`{name}` is no element of a statement", place=place)
    effect = item.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise InputError(f"`Effect` is {_kind(effect)}, must be `Allow` or `Deny`", place=place)
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in item and other in item:
            raise InputError(f"`{one}` and `{other}` cannot stand together", place=place)
    sid = item.get("Sid")
    return Statement(
        index=index,
        effect=effect,
        sid=sid if isinstance(sid, str) else None,
        actions=_strings(item, "Action", place),
        not_actions=_strings(item, "NotAction", place),
        resources=_strings(item, "Resource", place),
        not_resources=_strings(item, "NotResource", place),
        principals=_principals(item, place),
        conditions=_conditions(item.get("Condition"), f"{place}.Condition"),
    )


def _strings(item: dict[str, Any], name: str, place: str) -> tuple[str, ...] | None:
    if name not in item:
        return None
    value = item[name]
    values = value if isinstance(value, list) else [value]
    for entry in values:
        if not isinstance(entry, str):
            raise InputError(f"`{name}` holds {_kind(entry)}, must be strings", place=place)
    return tuple(values)


def _principals(item: dict[str, Any], place: str) -> Principals | None:
    name = "NotPrincipal" if "NotPrincipal" in item else "Principal"
    if name not in item:
        return None
    value, negated = item[name], name == "NotPrincipal"
    if value == "*":
        return Principals(negated=negated, everyone=True)
    if not isinstance(value, dict):
        raise InputError(f"`{name}` is {_kind(value)}, must be `*` or an object", place=place)
    found: dict[str, tuple[str, ...]] = {}
    for kind in value:
        if kind not in _PRINCIPAL_KINDS:
            raise InputError(f"`{kind}` is no kind of principal", place=f"{place}.{name}")
        entries = value[kind] if isinstance(value[kind], list) else [value[kind]]
        found[_PRINCIPAL_KINDS[kind]] = tuple(_text(entry, f"{place}.{name}.{kind}") for entry in entries)
    everyone = "*" in found.get("aws", ())
    return Principals(negated=negated, everyone=everyone, **found)


def _conditions(block: Any, place: str) -> tuple[Condition, ...]:
    if block is None:
        return ()
    if not isinstance(block, dict):
        raise InputError(f"`Condition` is {_kind(block)}, must be an object", place=place)
    conditions: list[Condition] = []
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise InputError(f"`{operator}` holds {_kind(keys)}, must be an object", place=place)
        for key, values in keys.items():
            entries = values if isinstance(values, list) else [values]
            conditions.append(Condition(operator, key, tuple(_text(v, f"{place}.{operator}.{key}") for v in entries)))
    return tuple(conditions)


def _text(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise InputError(f"a value is {_kind(value)}, must be a string", place=place)


def _refuse_repeated_keys(compact: bytes, value: Any) -> None:
    """Raise when a key occurs twice in one object.

    The C decoder keeps the last of two equal keys in silence. Writing the value out again is much cheaper than a slow
    second parse, and shorter exactly when something was dropped; escapes may differ too, so only then look closely.
    """
    if len(msgspec.json.encode(value)) == len(compact):
        return

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            names = [name for name, _ in items]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"the key `{twice}` occurs twice in one object")
        return found

    json.loads(compact, object_pairs_hook=pairs)


def _kind(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return f"`{value[:40]}`"
    return "a list" if isinstance(value, list) else "an object"


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
