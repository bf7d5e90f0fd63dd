"""Whether a question can be asked at all: an action, a resource and a principal that are none make no answer.

A question with a slip in it must not come back as "not granted": somebody would rest on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from advisor.errors import InputError, UsageError
from advisor.evaluate.pattern import has_wildcard
from advisor.model.document import Document, parse_document
from advisor.model.snapshot import Snapshot
from advisor.reference import catalogue

_ACTION = re.compile(r"[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+")
_OWN = re.compile(r"arn:[^:]*:iam::(\d{12}):(user|role)/.+")


def check_action(action: str) -> None:
    """An action is `service:Name`, globs in both, or `*`.

    Raises:
        UsageError: it is not.
    """
    if action != "*" and not _ACTION.fullmatch(action):
        raise UsageError(f"`{action}` is no action", advice="write it as `service:Name`, such as `s3:GetObject`")


def check_resource(resource: str | None) -> None:
    """A resource is an ARN, or a glob.

    Raises:
        UsageError: it is neither.
    """
    if resource is None or (resource.startswith("arn:") and (resource.count(":") >= 5 or has_wildcard(resource))):
        return
    if not resource.strip() or not has_wildcard(resource):
        advice = "write its ARN, such as `arn:aws:s3:::bucket/*`; `*` asks for any"
        raise UsageError(f"`{resource}` is no resource", advice=advice)


def check_principal(principal: str, snapshots: Iterable[Snapshot]) -> None:
    """A user or role that an ARN names is there, if its account was read.

    Raises:
        UsageError: it is not there.
    """
    found = _OWN.fullmatch(principal)
    if not found:
        return
    read = [one for one in snapshots if one.account == found[1] and "identity" in one.source.read_layers]
    known = [user.arn for one in read for user in one.users] + [role.arn for one in read for role in one.roles]
    if read and principal not in known:
        close = get_close_matches(principal, known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise UsageError(f"account {found[1]} has no {found[2]} `{principal}`{hint}")


def read_session_policy(text: str) -> Document:
    """A session policy as STS takes it.

    Raises:
        InputError: it is no policy, or names a resource by an ARN of fewer than six parts, for which STS refuses the
            call (IAM User Guide, "Grammar of the IAM JSON policy language").
    """
    document = parse_document(text)
    for statement in document.statements:
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            if resource.startswith("arn:") and resource.count(":") < _COLONS:
                raise InputError(
                    f"STS refuses this session policy: `{resource}` has fewer than the six parts of an ARN",
                    place=f"Statement[{statement.index}]",
                    advice="write the parts that may be anything as `*`",
                )
    return document


_COLONS = 5
"""Of an ARN with all of its parts."""


def warnings_on(action: str) -> tuple[str, ...]:
    """What to say of an action that the catalogue does not list: it is evaluated all the same."""
    date = f"{catalogue.updated():%Y-%m-%d}"
    if has_wildcard(action):
        return () if catalogue.expand(action) else (f"no action in the reference data of {date} fits `{action}`",)
    if catalogue.action(action) is not None:
        return ()
    hint = _nearest(action)
    words = f"; nearest: {hint}" if hint else ""
    return (f"`{action}` is not in the reference data of {date}; it is evaluated as written{words}",)


def _nearest(action: str) -> str:
    service, _, name = action.lower().partition(":")
    if service not in catalogue.services():
        found = get_close_matches(service, catalogue.services(), n=1)
        if not found:
            return ""
        service = found[0]
    close = get_close_matches(name, [item.lower() for item in catalogue.action_names(service)], n=1)
    return catalogue.canonical(f"{service}:{close[0]}") if close else ""
