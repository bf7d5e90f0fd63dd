"""What a change alters, thing by thing, as meaning and not as text.

Order, string-or-list and white space do not count; policy documents are compared statement by statement, each with its
counterpart, so that a screen can set them side by side. All values are plain text made for people: no markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from advisor.change.documents import DocumentDiff, Line, Mark, StatementDiff, compare_documents, size_of, statements_of
from advisor.model.document import Document
from advisor.model.snapshot import Snapshot

__all__ = [
    "DocumentDiff",
    "FieldDiff",
    "Line",
    "Mark",
    "StatementDiff",
    "ThingDiff",
    "compare_documents",
    "diff",
    "size_of",
    "statements_of",
]


class FieldDiff(msgspec.Struct, frozen=True):
    """A setting or a list that changed: what is gone and what is new."""

    name: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class ThingDiff(msgspec.Struct, frozen=True):
    """One user, role, policy, resource or setting that a change alters."""

    kind: str
    """`user`, `group`, `role`, `policy`, `s3:bucket`, …, `account`."""
    subject: str
    """ARN, or the account id."""
    title: str
    status: Literal["new", "gone", "changed"]
    documents: tuple[DocumentDiff, ...] = ()
    fields: tuple[FieldDiff, ...] = ()


def diff(before: Snapshot, after: Snapshot) -> tuple[ThingDiff, ...]:
    """Everything that differs between two snapshots of one account. Shared values are skipped unseen."""
    found: list[ThingDiff] = []
    for field, kind in _COLLECTIONS:
        found += _collection(kind, getattr(before, field), getattr(after, field))
    found += _account(before, after)
    return tuple(found)


_COLLECTIONS = (
    ("users", "user"), ("groups", "group"), ("roles", "role"), ("policies", "policy"), ("resources", ""),
    ("compute", ""),
)  # fmt: skip


def _collection(kind: str, old: Iterable[Any], new: Iterable[Any]) -> Iterator[ThingDiff]:
    olds = {thing.arn: thing for thing in old}
    news = {thing.arn: thing for thing in new}
    for arn in dict.fromkeys((*olds, *news)):
        one, other = olds.get(arn), news.get(arn)
        if one is not other and not _is_use_of_aws(one, other):
            thing = _thing(kind or getattr(one or other, "kind", ""), arn, one, other)
            if thing.documents or thing.fields or thing.status != "changed":
                yield thing


def _is_use_of_aws(old: Any, new: Any) -> bool:
    """An AWS managed policy is there for everybody: using it first, or no more, makes or removes none."""
    return (old is None or new is None) and getattr(old or new, "is_aws_managed", False)


def _thing(kind: str, arn: str, old: Any, new: Any) -> ThingDiff:
    status: Literal["new", "gone", "changed"] = "new" if old is None else "gone" if new is None else "changed"
    named = getattr(old or new, "name", "") or arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return ThingDiff(kind, arn, named, status, tuple(_documents(old, new)), tuple(_fields(old, new)))


def _documents(old: Any, new: Any) -> Iterator[DocumentDiff]:
    before, after = _named_documents(old), _named_documents(new)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one != other:
            title = _versions(old, new) if name == "text" else name
            yield compare_documents(title, one, other)


def _named_documents(thing: Any) -> dict[str, Document]:
    """The documents of a thing by what they are: inline policies by their names."""
    found: dict[str, Document] = {policy.name: policy.document for policy in getattr(thing, "inline", ())}
    for name, title in (("trust", "trust policy"), ("policy", "policy"), ("document", "text")):
        document = getattr(thing, name, None)
        if isinstance(document, Document):
            found[title] = document
    return found


def _versions(old: Any, new: Any) -> str:
    ids = [next((item.id for item in thing.versions if item.is_default), "") if thing else "" for thing in (old, new)]
    return " → ".join(name for name in ids if name)


_SKIPPED = {
    "arn", "name", "id", "created", "updated", "inline", "trust", "policy", "versions", "attachment_count",
    "boundary_count", "kind", "account", "region", "last_used", "last_used_region",
}  # fmt: skip
_WORDS = {
    "attached": "attached policies", "boundary": "permissions boundary",
    "max_session_seconds": "longest session, seconds",
    "instance_profiles": "instance profiles", "public_access_block": "public access block", "abac": "access by tags",
    "object_ownership": "object ownership",
}  # fmt: skip


def _fields(old: Any, new: Any) -> Iterator[FieldDiff]:
    thing = old if old is not None else new
    for name in thing.__struct_fields__:
        if name == "sign_in":
            yield from _sign_in(getattr(old, name, None), getattr(new, name, None))
        elif name not in _SKIPPED:
            yield from field_diff(_WORDS.get(name, name), getattr(old, name, None), getattr(new, name, None))
    if hasattr(thing, "versions"):
        yield from field_diff("versions", _version_ids(old), _version_ids(new))


def _version_ids(policy: Any) -> tuple[str, ...]:
    return tuple(item.id for item in policy.versions) if policy else ()


def _sign_in(old: Any, new: Any) -> Iterator[FieldDiff]:
    yield from field_diff("password", getattr(old, "console", None), getattr(new, "console", None))
    yield from field_diff("MFA devices", getattr(old, "mfa_serials", None), getattr(new, "mfa_serials", None))
    yield from field_diff("access keys", _keys(old), _keys(new))
    yield from field_diff("other credentials", getattr(old, "special", None), getattr(new, "special", None))


def _keys(sign_in: Any) -> tuple[str, ...]:
    keys = (sign_in.keys or ()) if sign_in else ()
    return tuple(f"{key.id} {'active' if key.active else 'inactive'}" for key in keys)


def field_diff(name: str, old: Any, new: Any) -> Iterator[FieldDiff]:
    """Nothing where both sides say the same; lists are compared as sets."""
    before, after = _texts(old), _texts(new)
    if set(before) != set(after):
        yield FieldDiff(
            name,
            tuple(text for text in before if text not in after),
            tuple(text for text in after if text not in before),
        )


def _texts(value: Any) -> tuple[str, ...]:
    if value is None or value in ("", (), {}):
        return ()
    if isinstance(value, dict):
        return tuple(f"{key}: {_text(item)}" for key, item in value.items())
    if isinstance(value, msgspec.Struct):
        return tuple(f"{name}: {_text(getattr(value, name))}" for name in value.__struct_fields__)
    if isinstance(value, tuple):
        return tuple(_text(item) for item in value)
    return (_text(value),)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(part, str) for part in value):
        return f"{value[0]}: {value[1]}"
    if isinstance(value, msgspec.Struct):
        return str(getattr(value, "name", "") or getattr(value, "arn", "") or msgspec.to_builtins(value, enc_hook=str))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _account(before: Snapshot, after: Snapshot) -> Iterator[ThingDiff]:
    fields = [*field_diff("alias", before.alias, after.alias)]
    if before.settings is not after.settings:
        for name in before.settings.__struct_fields__:
            if name != "summary":
                title = _WORDS.get(name, name.replace("_", " "))
                fields += _setting(title, getattr(before.settings, name), getattr(after.settings, name))
    documents = tuple(_organization(before, after))
    fields += field_diff("people's entitlements", _entitled(before), _entitled(after))
    if fields or documents:
        yield ThingDiff("account", after.account, after.alias or after.account, "changed", documents, tuple(fields))


def _setting(title: str, old: Any, new: Any) -> Iterator[FieldDiff]:
    if old is not new:
        yield from field_diff(title, _described(old), _described(new))


def _described(value: Any) -> Any:
    """Trails, analyzers and the like with all their fields, so that a switched field shows."""
    if isinstance(value, tuple) and any(isinstance(item, msgspec.Struct) for item in value):
        return tuple(", ".join(_texts(item)) for item in value)
    return value


def _entitled(snapshot: Snapshot) -> tuple[str, ...]:
    held = snapshot.human_access.entitlements or ()
    return tuple(f"{item.principal_kind} {item.principal}: {item.permission_set or item.role}" for item in held)


def _organization(before: Snapshot, after: Snapshot) -> Iterator[DocumentDiff]:
    if before.organization is after.organization:
        return
    olds, news = _limits(before), _limits(after)
    for name in dict.fromkeys((*olds, *news)):
        if olds.get(name) != news.get(name):
            yield compare_documents(name, olds.get(name), news.get(name))


def _limits(snapshot: Snapshot) -> dict[str, Document]:
    """Each organization policy that holds in this account, by its kind, name and level."""
    found: dict[str, Document] = {}
    organization = snapshot.organization
    for field, word in (("scps", "SCP"), ("rcps", "RCP")):
        for account, levels in getattr(organization, field, None) or ():
            if account == snapshot.account:
                for level in levels:
                    found |= {f"{word} {policy.name} on {level.target}": policy.document for policy in level.policies}
    return found
