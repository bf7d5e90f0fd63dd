"""Short names of principals: `ana`, `user/ana` or `role/deploy` stand for the ARN of the one that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.account import Advisor


def principal_of(account: Advisor, text: str) -> str:
    """The ARN behind a short name; an ARN, an account id, a service or `*` stays as it is.

    Raises:
        UsageError: nobody has that name, several have it, or it is a group.
    """
    if text == "*" or ":" in text or _is_service(text) or _is_id(text):
        from advisor.access.asking import check_principal

        check_principal(text, account.snapshots)
        return text
    if text == "root":
        return f"arn:{account.snapshot.partition}:iam::{account.snapshot.account}:root"
    found = [arn for name, arn in _names(account) if text in (name, _typed(arn), _typed_name(arn))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{text}` may be {' or '.join(f'`{arn}`' for arn in found[:4])}", advice="say which one")
    if text.removeprefix("group/") in {group.name for one in account.snapshots for group in one.groups}:
        raise UsageError(f"`{text}` is a group, and a group is no principal", advice="ask for one of its users")
    raise UsageError(f"there is no principal `{text}`", advice=_nearest(text, account))


def _is_service(text: str) -> bool:
    return text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".internal"))


def _is_id(text: str) -> bool:
    return len(text) == 12 and text.isdigit()


def _names(account: Advisor) -> Iterable[tuple[str, str]]:
    for snapshot in account.snapshots:
        yield from ((user.name, user.arn) for user in snapshot.users)
        yield from ((role.name, role.arn) for role in snapshot.roles)


def _typed(arn: str) -> str:
    """`role/app/deploy`, with the path."""
    return arn.rsplit(":", 1)[-1]


def _typed_name(arn: str) -> str:
    """`role/deploy`, without the path."""
    kind, _, rest = _typed(arn).partition("/")
    return f"{kind}/{rest.rsplit('/', 1)[-1]}"


def _nearest(text: str, account: Advisor) -> str:
    """The names that may be meant: nearly alike, else with the text in them, else the first few that there are."""
    names = sorted({name for name, _ in _names(account)})
    last = text.rsplit("/", 1)[-1].lower()
    close = get_close_matches(last, names, n=3) or [name for name in names if last and last in name.lower()]
    if close:
        return f"nearest: {', '.join(close[:3])}"
    if not names:
        return "no user and no role was read; give an ARN, an account id or a service"
    return f"names here: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}; or an ARN, an account id, a service"
