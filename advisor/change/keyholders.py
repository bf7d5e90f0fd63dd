"""Who can use an administrator: a user with a password or an active key, or a role that a person can assume.

A role that only services assume, or nobody, lets no person repair an account.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from advisor.model.principal import User

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_PEOPLE = ("account", "federated", "person", "everyone")
"""Kinds of principals of which our account does not tell who uses them: people may."""


def in_use(account: OpenAccount, arns: Iterable[str]) -> dict[str, bool | None]:
    """Whether a person can use each of the users and roles; `None` where nobody knows."""
    return {arn: _is_used(account, arn, frozenset()) for arn in arns}


def somebody_uses(account: OpenAccount, arns: Iterable[str]) -> bool:
    """Whether a person can use one of them for certain; users are asked first, for that is quick."""
    return any(_is_used(account, arn, frozenset()) is True for arn in sorted(arns, key=lambda arn: ":user/" not in arn))


def _is_used(account: OpenAccount, arn: str, seen: frozenset[str]) -> bool | None:
    """`seen`: the roles on the way here, which cannot be what opens this one."""
    user = account.snapshot.user_by_arn.get(arn)
    if user is not None:
        return signs_in(user)
    if arn not in account.snapshot.role_by_arn:
        return True  # of another account: its own people
    found: list[bool | None] = []
    for action in _ASSUMING:
        for answer in account.index.who_can(action, arn):
            if answer.principal not in seen and answer.kind != "service":
                is_used = answer.kind in _PEOPLE or _is_used(account, answer.principal, seen | {arn})
                found.append(None if answer.decision == "unknown" and is_used else is_used)
        if True in found:
            return True
    return None if None in found else False


def signs_in(user: User) -> bool | None:
    """Whether the user has a password or an active key; `None` where that was not read."""
    console, keys = user.sign_in.console, user.sign_in.keys
    if console or any(key.active for key in keys or ()):
        return True
    return None if console is None or keys is None else False
