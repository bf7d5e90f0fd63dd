"""The way through a snapshot: what is a name is replaced, what is AWS's own word, a time or a number stays.

A text of which nothing is said here is taken for a name, so that a new field is hidden before somebody thinks of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from advisor.collect.redact.texts import Texts
from advisor.model.document import Document, parse_document
from advisor.model.gap import Gap
from advisor.model.organization import Entitlement, HumanAccess, Organization
from advisor.model.principal import AccessKey, Group, ManagedPolicy, PolicyVersion, Role, SignIn, Tags, User
from advisor.model.resource import Compute, Grant, Resource
from advisor.model.snapshot import Analyzer, Provider, Settings, Snapshot, Source, Trail
from advisor.model.usage import ServiceUse

NAME = "redacted"
_KEPT: dict[type, frozenset[str]] = {
    Snapshot: frozenset({"partition", "taken_at"}),
    Gap: frozenset({"call", "kind"}),
    Organization: frozenset({"features", "policy_types", "root_features"}),
    HumanAccess: frozenset({"kind"}),
    Entitlement: frozenset({"kind", "principal_kind"}),
    PolicyVersion: frozenset({"id", "created"}),
    ManagedPolicy: frozenset({"created", "updated"}),
    AccessKey: frozenset({"created", "last_used", "last_used_service", "last_used_region"}),
    SignIn: frozenset({"console_last_used", "password_changed"}),
    User: frozenset({"created"}),
    Group: frozenset({"created"}),
    Role: frozenset({"created", "last_used", "last_used_region"}),
    ServiceUse: frozenset({"service", "last", "actions"}),
    Grant: frozenset({"kind", "operations"}),
    Resource: frozenset({"kind", "region", "object_ownership"}),
    Compute: frozenset({"kind", "region"}),
    Settings: frozenset({"summary", "password_policy", "regions", "plan", "contacts"}),
    Trail: frozenset({"home_region"}),
    Analyzer: frozenset({"region", "type", "status"}),
    Provider: frozenset({"kind"}),
}
_KEPT_SETTINGS = frozenset({"created", "http_tokens", "key_manager", "runtime", "state", "tags", "usage"})
"""Facts of a resource that are AWS's own words."""


class Redaction:
    """One way of replacing names, for one or several accounts that belong together. The key is not kept in any file."""

    def __init__(self, snapshots: Iterable[Snapshot], key: bytes | None = None) -> None:
        self._before = tuple(snapshots)
        self.texts = Texts(key or secrets.token_bytes(32))
        self._documents: dict[str, Document] = {}
        for snapshot in self._before:
            self._snapshot(snapshot)
        self.texts.settle()
        self._documents.clear()
        self.snapshots = tuple(self._snapshot(snapshot) for snapshot in self._before)

    def name(self, text: str) -> str:
        """What became of a name or an ARN."""
        return self.texts.any(text)

    def _snapshot(self, snapshot: Snapshot) -> Snapshot:
        source = Source(snapshot.source.kind, NAME, snapshot.source.read_layers)
        changed: Snapshot = self._struct(snapshot)
        return msgspec.structs.replace(changed, source=source)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.texts.any(value)
        if isinstance(value, Document):
            return self._document(value)
        if isinstance(value, msgspec.Struct):
            return self._struct(value)
        if isinstance(value, dict):
            return {self._value(key): self._value(item) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self._value(item) for item in value)
        return value

    def _struct(self, value: Any) -> Any:
        kind = type(value)
        if kind is ManagedPolicy and value.is_aws_managed:
            return self._aws_own(value)
        own, kept = _OWN.get(kind, {}), _KEPT.get(kind, frozenset())
        fields = {}
        for name in kind.__struct_fields__:
            held = getattr(value, name)
            change = own.get(name)
            fields[name] = held if name in kept else change(self, held) if change else self._value(held)
        return kind(**fields)

    def _aws_own(self, policy: ManagedPolicy) -> ManagedPolicy:
        """A policy of AWS's stays, and so do the names that it speaks of."""
        self.texts.keep(policy.arn)
        for version in policy.versions:
            for statement in version.document.statements:
                values = [value for condition in statement.conditions for value in condition.values]
                for text in (*(statement.resources or ()), *(statement.not_resources or ()), *values):
                    self.texts.keep(text)
        return policy

    def _document(self, document: Document) -> Document:
        if document.digest not in self._documents:
            self._documents[document.digest] = parse_document(self._policy(document.as_json()))
        return self._documents[document.digest]

    def _policy(self, policy: dict[str, Any]) -> dict[str, Any]:
        statements = policy["Statement"]
        changed = (
            [self._statement(item) for item in statements]
            if isinstance(statements, list)
            else self._statement(statements)
        )
        kept = {"Version": policy["Version"]} if "Version" in policy else {}
        named = {"Id": self.texts.text(policy["Id"])} if isinstance(policy.get("Id"), str) else {}
        return {**kept, **named, "Statement": changed}

    def _statement(self, statement: dict[str, Any]) -> dict[str, Any]:
        found = dict(statement)
        if isinstance(found.get("Sid"), str):
            found["Sid"] = self.texts.text(found["Sid"])
        for name in ("Resource", "NotResource"):
            if name in found:
                found[name] = _each(found[name], self.texts.any)
        for name in ("Principal", "NotPrincipal"):
            if isinstance(found.get(name), dict):
                found[name] = {kind: _each(value, self._principal(kind)) for kind, value in found[name].items()}
        if isinstance(found.get("Condition"), dict):
            found["Condition"] = {
                operator: {
                    self.texts.condition_key(key): _each(values, self._condition(operator, key))
                    for key, values in keys.items()
                }
                for operator, keys in found["Condition"].items()
            }
        return found

    def _principal(self, kind: str) -> Callable[[Any], Any]:
        def change(value: Any) -> Any:
            if kind == "Service":
                return value
            text = str(value)
            return (
                self.texts.issuer(text) if kind == "Federated" and not text.startswith("arn:") else self.texts.any(text)
            )

        return change

    def _condition(self, operator: str, key: str) -> Callable[[Any], Any]:
        return lambda value: self.texts.condition_value(operator, key, value)

    def _tags(self, tags: Tags) -> Tags:
        return tuple((self.texts.tag_key(key), self.texts.any(value)) for key, value in tags)

    def _path(self, path: str) -> str:
        return self.texts.path(path)

    def _told(self, text: str) -> str:
        return self.texts.told(text)

    def _description(self, text: str) -> str:
        return NAME if text else ""

    def _issuer(self, url: str) -> str:
        return self.texts.issuer(url)

    def _after_kind(self, items: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """`kind:name`: the kind stays."""
        return (
            None
            if items is None
            else tuple(
                kind + sign + self.texts.text(name) for kind, sign, name in (item.partition(":") for item in items)
            )
        )

    def _constraints(self, items: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        keys = self._after_kind(tuple(key for key, _ in items)) or ()
        return tuple((key, self.texts.any(value)) for key, (_, value) in zip(keys, items, strict=True))

    def _settings(self, items: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        def changed(key: str, value: str) -> str:
            if key == "description":
                return self._description(value)
            return value if key in _KEPT_SETTINGS else self.texts.any(value)

        return tuple((key, changed(key, value)) for key, value in items)

    def _extra(self, extra: dict[str, Any]) -> dict[str, Any]:
        """Values of checks: the check's name and Regions stay; texts are replaced unless they are a state."""
        return {check: self._checked(value) for check, value in extra.items()}

    def _checked(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._checked(item) for key, item in value.items()}
        if isinstance(value, str) and value.replace("_", "").isalpha() and value.isupper():
            return value
        return self._value(value)

    def _tag_keys(self, keys: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if keys is None else tuple(map(self.texts.tag_key, keys))

    def _tagged(self, seen: tuple[tuple[str, Tags], ...] | None) -> tuple[tuple[str, Tags], ...] | None:
        return None if seen is None else tuple((self.texts.any(arn), self._tags(tags)) for arn, tags in seen)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


_OWN: dict[type, dict[str, Callable[[Redaction, Any], Any]]] = {
    Gap: {"reason": Redaction._told, "makes_unknown": Redaction._told},
    User: {"path": Redaction._path, "tags": Redaction._tags},
    Group: {"path": Redaction._path},
    Role: {"path": Redaction._path, "tags": Redaction._tags, "description": Redaction._description},
    ManagedPolicy: {"path": Redaction._path, "tags": Redaction._tags, "description": Redaction._description},
    SignIn: {"special": Redaction._after_kind},
    Grant: {"constraints": Redaction._constraints},
    Resource: {"tags": Redaction._tags, "settings": Redaction._settings},
    Compute: {"tags": Redaction._tags, "settings": Redaction._settings},
    Provider: {"url": Redaction._issuer},
    HumanAccess: {"session_tags": Redaction._tag_keys},
    Settings: {"extra": Redaction._extra, "tags_seen": Redaction._tagged},
}


def redact(snapshots: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
    """The accounts with every name replaced, out of a key that nobody keeps."""
    return Redaction(snapshots).snapshots
