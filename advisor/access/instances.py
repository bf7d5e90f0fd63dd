"""Examples of patterns: one ARN that stands for all that a pattern names.

Where `*` is replaced by a text that occurs nowhere, the ARN fits another pattern without `?` only if that pattern
covers the whole of this one: so one evaluation on it speaks for all of the pattern (but for parts that have patterns of
their own, which are asked about as well).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from advisor.access.question import ANY_REGION
from advisor.evaluate.pattern import has_wildcard
from advisor.reference import catalogue

FRESH = ANY_REGION
"""A text that no account uses."""
_DIGITS = "000000000000"


def instances(pattern: str, action: str, account: str, partition: str = "aws") -> Iterator[str]:
    """ARNs that stand for a pattern: for `*` one of each resource type of the action."""
    if pattern != "*":
        yield instance(pattern, account)
        return
    if not catalogue.takes_resources(action):
        yield "*"
        return
    formats = {
        catalogue.arn_pattern(kind, partition=partition, account=account) for kind in catalogue.resource_types(action)
    }
    service = action.partition(":")[0].lower()
    for text in sorted(formats) or [f"arn:{partition}:{service}:*:{account}:*"]:
        yield instance(text, account)


def instance(pattern: str, account: str) -> str:
    """The ARN that stands for a pattern; where any account is meant, the given one."""
    fields = pattern.split(":", 5)
    if len(fields) == 6:
        if fields[4] == "*":
            fields[4] = "" if fields[2] == "s3" else account
        elif has_wildcard(fields[4]):
            fields[4] = _digits(fields[4])
        if fields[1] == "*":
            fields[1] = "aws"
        if fields[3] == "*" and fields[2] == "s3":
            fields[3] = ""
    return ":".join(fields).replace("*", FRESH).replace("?", FRESH[-1])


def _digits(text: str) -> str:
    missing = max(12 - len(text.replace("*", "")), 0)
    return text.replace("*", _DIGITS[:missing], 1).replace("*", "").replace("?", "0")


def speaks_for_all(pattern: str) -> bool:
    """Whether one instance speaks for the whole pattern: not where `?` stands."""
    return "?" not in pattern


@lru_cache(maxsize=65_536)
def services_of(action: str) -> frozenset[str]:
    """The services in the ARNs of an action's resource types; empty where the action is not listed or takes none."""
    return frozenset(kind.arn.split(":")[2] for kind in catalogue.resource_types(action))


@lru_cache(maxsize=65_536)
def kinds_of(action: str) -> tuple[frozenset[str], frozenset[bool]]:
    """The services in the ARNs of an action's resource types, and of S3 whether they are objects (True) or buckets."""
    in_s3 = (kind.arn for kind in catalogue.resource_types(action) if ":s3:::" in kind.arn)
    return services_of(action), frozenset("/" in arn for arn in in_s3)


def fits_bucket_or_object(pattern: str, action: str) -> bool:
    """Whether an action that is about objects, or about buckets, can be about what a pattern of S3's names."""
    objects = kinds_of(action)[1]
    if not objects or ":s3:::" not in pattern:
        return True
    return True in objects if "/" in pattern else False in objects or "*" in pattern


def fits_action(arn: str, action: str) -> bool:
    """Whether an action can be about a resource of this service; an action that is not listed can be about any."""
    services = services_of(action)
    fields = arn.split(":", 3)
    return not services or len(fields) < 4 or fields[2] in services or has_wildcard(fields[2])
