"""What given principals lose by a change: outright, or so that it hangs on conditions from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from advisor.evaluate.pattern import globs_overlap
from advisor.model.difference import AccessChange, Difference

_REFUSED = ("explicit-deny", "implicit-deny")
_NAMED = 3


class Losses(msgspec.Struct, frozen=True):
    """Access that is gone, and access that was certain and now hangs on conditions."""

    gone: tuple[AccessChange, ...] = ()
    conditional: tuple[AccessChange, ...] = ()

    @property
    def words(self) -> str:
        """`emergency-1 loses sts:AssumeRole`, `ben keeps s3:GetObject and 12 more on conditions only`."""
        told = [f"{name} loses {what}" for name, what in _by_name(self.gone)]
        told += [f"{name} keeps {what} on conditions only" for name, what in _by_name(self.conditional)]
        return "; ".join(told)


def losses_of(
    difference: Difference, arns: Collection[str], roles: Collection[str] = (), *, gone: Collection[str] = ()
) -> Losses:
    """What the principals themselves lose, and who loses the way into one of the `roles`.

    Access to what is `gone` (ARNs) is no loss: nobody has it any more, on purpose.
    """
    lost = [
        one
        for one in difference.lost
        if (one.principal in arns or is_way_in(one, roles)) and not _is_in(one.resource, gone)
    ]
    return Losses(
        tuple(one for one in lost if one.after in _REFUSED),
        tuple(one for one in lost if one.after not in _REFUSED),
    )


def is_way_in(one: AccessChange, roles: Collection[str]) -> bool:
    """An `AssumeRole` on one of the roles, whoever loses it."""
    return any(action.startswith("sts:AssumeRole") for action in one.actions) and any(
        globs_overlap(one.resource, arn) for arn in roles
    )


def _is_in(resource: str, things: Collection[str]) -> bool:
    """Whether it is one of the things, or a part of one: things of IAM have none, `/` is a path there."""
    return any(
        resource == thing or (":iam:" not in thing and resource.startswith((f"{thing}/", f"{thing}:")))
        for thing in things
    )


def _by_name(changes: Iterable[AccessChange]) -> list[tuple[str, str]]:
    actions: dict[str, dict[str, None]] = {}
    for one in changes:
        actions.setdefault(one.principal, {}).update(dict.fromkeys(one.actions))
    return [(principal.rsplit("/", 1)[-1], _some(tuple(found))) for principal, found in actions.items()]


def _some(actions: tuple[str, ...]) -> str:
    """The first few, those that open roles before all others, and how many more."""
    ordered = sorted(actions, key=lambda action: not action.startswith("sts:AssumeRole"))
    rest = len(ordered) - _NAMED
    named = ", ".join(ordered[:_NAMED])
    return f"{named} and {rest:,} more" if rest > 0 else named
