"""Who is an administrator: by effective permissions, not by the name of a policy.

An administrator may do each of the probe actions (`knowledge/lists/administrator-probes.yaml`) on every resource, after
boundaries, denies and organization policies. One function for facts, graph, guards and cuts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from advisor.model.verdict import Answer, Decision
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_FOUND: WeakKeyDictionary[AccessIndex, dict[str, Decision]] = WeakKeyDictionary()
_RANK: dict[Decision, int] = {"allowed": 0, "conditional": 1, "unknown": 2}
_KINDS = ("user", "role")


def administrators(index: AccessIndex) -> dict[str, Decision]:
    """Users and roles of the account that are administrators: `allowed`, `conditional` or (perhaps) `unknown`."""
    if index not in _FOUND:
        _FOUND[index] = _find(index)
    return _FOUND[index]


def _find(index: AccessIndex) -> dict[str, Decision]:
    found: dict[str, Decision] | None = None
    for action in load("lists")["administrator-probes"].items:
        able = {
            answer.principal: answer.decision
            for answer in index.who_can(action, None, {})
            if answer.kind in _KINDS and _everywhere(answer)
        }
        held = able if found is None else found
        found = {arn: _weaker(held[arn], able[arn]) for arn in held if arn in able}
    return dict(sorted((found or {}).items()))


def _everywhere(answer: Answer) -> bool:
    return answer.resources is None or any(set(pattern) <= {"*"} for pattern in answer.resources)


def _weaker(one: Decision, other: Decision) -> Decision:
    return max(one, other, key=lambda decision: _RANK.get(decision, 0))
