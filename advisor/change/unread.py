"""Policies that come in with a change and were not read: an AWS managed policy that nobody held before, above all.

What such a policy says is not known. So the account after the change is judged twice: as it was read, as if the policy
said nothing, and as if it allowed everything. What comes out alike is certain; the rest is unknown from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from advisor.graph.administrators import administrators
from advisor.model.document import parse_document
from advisor.model.principal import InlinePolicy, PolicyVersion, Role, User

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

    Opened = TypeVar("Opened", bound=OpenAccount)

_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_NOTHING = '{"Version":"2012-10-17","Statement":[]}'


Holder = TypeVar("Holder", User, Role)


def perhaps_administrators(after: OpenAccount, widest: OpenAccount | None) -> frozenset[str]:
    """Who is no administrator for certain after a change, but nobody can tell; `widest` is what `hopeful` gave."""
    found = {arn for arn, decision in administrators(after).items() if decision == "unknown"}
    sure = {arn for arn, decision in administrators(after).items() if decision != "unknown"}
    return frozenset(found | (set(administrators(widest)) if widest is not None else set())) - sure


def hopeful(account: Opened, after: Opened) -> Opened | None:
    """The account after a change as if policies that come in unread allowed everything to those who get them.

    `None` where none comes in.
    """
    from advisor.graph.paths import follow

    come = _unread(account, after)
    if not come:
        return None
    snapshot = after.snapshot
    unread = {resource for resources in come.values() for resource in resources}
    nothing = (PolicyVersion("v1", parse_document(_NOTHING), is_default=True),)
    widest = after.with_snapshot(
        msgspec.structs.replace(
            snapshot,
            users=tuple(_allowed(user) if user.arn in come else user for user in snapshot.users),
            roles=tuple(_allowed(role) if role.arn in come else role for role in snapshot.roles),
            policies=tuple(
                msgspec.structs.replace(policy, versions=nothing) if policy.arn in unread else policy
                for policy in snapshot.policies
            ),
        )
    )
    follow(after, widest)
    return widest


def _unread(account: OpenAccount, after: OpenAccount) -> dict[str, tuple[str, ...]]:
    """ARNs of the principals that get policies which were not read, with those policies."""
    before = account.index.class_of
    found = {}
    for arn, now in after.index.class_of.items():
        known = before[arn].gaps if arn in before else ()
        if come := tuple(gap.resource for gap in now.gaps if gap.resource and gap not in known):
            found[arn] = come
    return found


def _allowed(holder: Holder) -> Holder:
    everything = InlinePolicy("what was not read", parse_document(_EVERYTHING))
    return msgspec.structs.replace(holder, inline=(*holder.inline, everything))
