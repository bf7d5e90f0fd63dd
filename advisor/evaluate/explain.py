"""Why not, and what would have to change: the layers that block a request, and the smallest changes that flip an
answer.
"""

from __future__ import annotations

from collections.abc import Callable

from advisor.evaluate.layers import Part, Parts, PolicySet, deny_of, grant_of, match_layers, parts_of
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, negation
from advisor.evaluate.statement import Asked

_Lift = Callable[[Parts], Parts]


def blocking_layers(asked: Asked, policies: PolicySet) -> tuple[str, ...]:
    """The layers each of which alone refuses a request that would else be allowed, in AWS's order.

    `public-access-block` stands beside the seven layers. Empty when the request is allowed, or is granted by nothing.
    """
    parts = parts_of(asked, policies, match_layers(asked, policies))
    blockers = [name for name in _LIFTS if not _allowed(asked, _lift(parts, [n for n in _LIFTS if n != name]))]
    return tuple(blockers) if _allowed(asked, _lift(parts, list(_LIFTS))) else ()


def _allowed(asked: Asked, parts: Parts) -> bool:
    allowed: Dnf = all_of((grant_of(asked, parts), negation(deny_of(parts))))
    return bool(allowed)


def _lift(parts: Parts, names: list[str]) -> Parts:
    for name in names:
        parts = _LIFTS[name](parts)
    return parts


def _open(part: Part) -> Part:
    return part._replace(allow=TRUE, deny=FALSE)


_LIFTS: dict[str, _Lift] = {
    "scp": lambda parts: parts._replace(scp=_open(parts.scp)),
    "rcp": lambda parts: parts._replace(rcp=_open(parts.rcp)),
    "endpoint": lambda parts: parts._replace(endpoint=_open(parts.endpoint)),
    "resource": lambda parts: parts._replace(
        resource=parts.resource._replace(part=parts.resource.part._replace(deny=FALSE))
    ),
    "public-access-block": lambda parts: parts._replace(resource=parts.resource._replace(blocked=False)),
    "identity": lambda parts: parts._replace(identity=parts.identity._replace(deny=FALSE)),
    "boundary": lambda parts: parts._replace(boundary=_open(parts.boundary)),
}
"""What a request would meet without one layer's refusal. Identity and resource policies lose their denies only."""
