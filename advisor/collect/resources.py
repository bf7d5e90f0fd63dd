"""Lists of resources with their policies: `[{"Arn", "Policy", "Tags"?, "Account"?}]`."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from advisor.collect.content import decode
from advisor.collect.documents import NOTHING, Documents, is_given
from advisor.errors import InputError
from advisor.model.arn import Arn, parse_arn
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.principal import Tags
from advisor.model.resource import Resource

_LONE_TYPES = {"sqs": "queue", "sns": "topic", "s3": "bucket"}
"""Services whose ARNs do not name the type."""


TAGS_UNREAD = ("tags", "unread")
"""Setting of a resource whose entry names no tags: it may have some."""


class _Tag(msgspec.Struct, rename="pascal"):
    key: str
    value: str | None = ""


class _Entry(msgspec.Struct, rename="pascal"):
    arn: str
    policy: Raw = NOTHING
    tags: list[_Tag] | dict[str, str] | None = None
    account: str | None = None
    region: str | None = None


def read_resources(data: bytes, name: str, documents: Documents) -> list[Resource]:
    """The resources of a list; `account` is empty where neither the entry nor the ARN says who owns it.

    A policy that cannot be read is left out and stands among the gaps of `documents`.

    Raises:
        InputError: with file and place.
    """
    return [_resource(entry, at, name, documents) for at, entry in enumerate(decode(data, list[_Entry], name))]


def _resource(entry: _Entry, at: int, name: str, documents: Documents) -> Resource:
    arn = parse_arn(entry.arn)
    if arn is None:
        raise InputError(f"`{entry.arn}` is no ARN", file=name, place=f"[{at}].Arn")
    return Resource(
        arn=entry.arn,
        kind=kind_of(arn),
        account=entry.account or arn.account,
        region=entry.region or arn.region,
        policy=_policy(entry, at, documents),
        tags=_tags(entry.tags),
        settings=() if entry.tags is not None else (TAGS_UNREAD,),
    )


def _policy(entry: _Entry, at: int, documents: Documents) -> Document | None:
    if not is_given(entry.policy) or bytes(entry.policy) == b'""':
        return None
    gap = Gap("Policy", "failed", "", "what the policy of this resource allows and denies", entry.arn)
    return documents.attempt(entry.policy, f"[{at}].Policy", gap)


def _tags(tags: list[_Tag] | dict[str, str] | None) -> Tags:
    if isinstance(tags, dict):
        return tuple(tags.items())
    return tuple((tag.key, tag.value or "") for tag in tags or ())


def kind_of(arn: Arn) -> str:
    """`service:type` of an ARN: the word before the first slash or colon, for lone names the service's own."""
    head = arn.resource.replace(":", "/").split("/", 1)
    if arn.service == "s3" and head[0] in ("accesspoint", "job", "storage-lens"):
        return f"s3:{head[0]}"
    return f"{arn.service}:{_LONE_TYPES.get(arn.service) or head[0]}"
