"""Reasons and conditions in a few words, for table cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from advisor.cli.text import clean
from advisor.model.condition_words import LISTED, conditions_words

if TYPE_CHECKING:
    from advisor.model.verdict import Conditions, Reason

_MISSES = {
    "action": "no statement has the action",
    "no-principal": "no statement names a principal",
    "principal": "no statement names the principal",
    "resource": "no statement covers this resource",
    "condition": "a condition is not met",
    "no-statement": "it has no statements",
    "no-identity-policies": "there is none",
    "does-not-apply": "does not apply here",
    "root-user": "the root user",
    "never-refused": "AWS refuses this to nobody",
    "no-session-policy": "without one such a session can do nothing",
    "public-access-block": "public access is blocked",
    "not-through-an-endpoint": "not through a VPC endpoint, whose policy was not read",
    "not-across-accounts": "the service gives this to no other account",
    "not-with-root-credentials": "root cannot make this call",
    "owner-root-keeps": "root of the bucket's owner keeps this whatever it denies",
}
"""Why a layer says nothing, by the short id in the trace."""


def miss_words(detail: str) -> str:
    return _MISSES.get(detail, clean(detail.replace("-", " ")))


def some(values: tuple[str, ...]) -> str:
    """The first few of a list, and how many more there are."""
    more = f" and {len(values) - LISTED} more" if len(values) > LISTED else ""
    return ", ".join(clean(value) for value in values[:LISTED]) + more


def near(arn: str, accounts: Iterable[str]) -> str:
    """`role/Admin`, `function:nightly`: an ARN of an account that was read without what all of them share."""
    parts = arn.split(":", 5)
    return clean(parts[5] if len(parts) == 6 and parts[4] in accounts else arn)


def left_alone_words(sources: Iterable[str]) -> str:
    """`1 tolerated of user/jo, kept for emergencies`: of the paths, those of who may become administrator."""
    known = tuple(sources)
    names = tuple(dict.fromkeys(arn.rsplit(":", 1)[-1] for arn in known))
    return f"{len(known)} tolerated of {some(names)}, kept for emergencies"


def reason_words(reason: Reason) -> str:
    """`DevAccess · 2 PassAny`: the policy's name, the statement's index, its Sid."""
    name = reason.policy.rsplit("/", 1)[-1] if reason.kind in ("managed", "boundary") else reason.policy
    if reason.kind in ("trust", "resource"):
        name = f"{reason.kind} policy of {reason.owner.rsplit(':', 1)[-1]}"
    group = reason.owner.partition(":group/")[2].rsplit("/", 1)[-1]
    way = f" through group {group}" if group else ""
    return clean(f"{name} · {reason.statement}{' ' + reason.sid if reason.sid else ''}{way}")


def reasons_words(reasons: Iterable[Reason]) -> str:
    """The first few reasons, and how many more there are; without organization policies that merely let through."""
    known = list(reasons)
    deciding = [one for one in known if one.kind not in ("scp", "rcp") or one.effect == "Deny"] or known
    words = list(dict.fromkeys(reason_words(reason) for reason in deciding))
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return ", ".join(words[:LISTED]) + more


def condition_words(conditions: Conditions) -> str:
    """`aws:MultiFactorAuthPresent is true and …`, alternatives joined by `or`."""
    return clean(conditions_words(conditions, LISTED))
