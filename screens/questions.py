"""From what was typed in the Ask box to the question that is put to the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError
from screens.wording import clean, short_name

if TYPE_CHECKING:
    from advisor.access.phrase import Question
    from advisor.account import Advisor
    from advisor.model.principal import Role, User
    from advisor.model.snapshot import Snapshot


@dataclass(frozen=True)
class Asked:
    """A question that can be put: `tab` is `who`, `can` or `what`."""

    tab: str
    words: str
    completion: str
    """What Tab makes of the text."""
    spelled: str
    """The question in full, shown below the box."""
    action: str = ""
    resource: str | None = None
    principal: str = ""


def asked_of(advisor: Advisor, tab: str, text: str) -> tuple[Asked, ...]:
    """The questions that the text may mean, the likeliest first."""
    if not text.strip():
        return ()
    if tab == "denied":
        return _denied(text)
    if tab == "who":
        return tuple(_who(question) for question in advisor.questions(text))
    first, _, rest = text.strip().partition(" ")
    principals = matching_principals(advisor, first)
    if tab == "what":
        return tuple(
            Asked("what", f"what {short_name(arn)} can", short_name(arn), clean(arn), principal=arn)
            for arn in principals
        )
    if not principals or not rest.strip():
        return ()
    found = []
    for question in advisor.questions(rest):
        base = _who(question)
        name = short_name(principals[0])
        found.append(
            Asked(
                "can",
                question.words,
                f"{name} {base.completion}",
                f"{clean(principals[0])}: {base.spelled}",
                question.action,
                question.resource,
                principals[0],
            )
        )
    return tuple(found)


def _who(question: Question) -> Asked:
    action, resource = question.action, question.resource
    on = clean(resource) if resource else "anything"
    completion = f"{action} {resource}" if resource else action
    return Asked("who", clean(question.words), completion, f"{clean(action)} on {on}", action, resource)


def _denied(text: str) -> tuple[Asked, ...]:
    """The question behind an AccessDenied message; none where it is no such message."""
    from advisor.advice.denied import parse_denial

    try:
        found = parse_denial(text)
    except AdvisorError:
        return ()
    on = clean(found.resource or "any resource")
    words = f"{clean(found.action)} on {on}"
    return (
        Asked(
            "denied", words, text, f"{short_name(found.principal)}: {words}",
            found.action, found.resource, found.principal,
        ),
    )  # fmt: skip


def matching_principals(advisor: Advisor, part: str) -> list[str]:
    """ARNs of users and roles whose name (or ARN) holds the text, the nearest first."""
    low = part.lower()
    hits: list[tuple[bool, bool, int, str]] = []
    for snapshot in advisor.snapshots:
        everyone: tuple[User | Role, ...] = (*snapshot.users, *snapshot.roles)
        for principal in everyone:
            name = principal.name.lower()
            if principal.arn.lower() == low:
                return [principal.arn]
            if low in name:
                hits.append((name != low, not name.startswith(low), len(name), principal.arn))
    return [arn for _, _, _, arn in sorted(hits)[:8]]


def with_nearest_name(text: str, snapshot: Snapshot) -> str:
    """The question with its last word replaced by the nearest name of the account; empty where none is near."""
    from difflib import get_close_matches

    *rest, last = text.split()
    arns = (resource.arn for resource in snapshot.resources[:5000])
    principals = [*(user.arn for user in snapshot.users), *(role.arn for role in snapshot.roles)][:5000]
    names = {name.lower(): name for name in map(short_name, (*principals, *arns))}
    near = get_close_matches(last.lower(), list(names), n=1, cutoff=0.5)
    return " ".join([*rest, names[near[0]]]) if near else ""
