"""Sets of actions as bit masks over the service catalogue, service by service.

A bit stands for one listed action of its service. Integers are endless to the left, so a set of everything is `-1` and
holds what the catalogue does not list yet, too; complement, union and intersection are single operations. Only services
that a policy names are read from the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from advisor.evaluate.pattern import action_pattern
from advisor.model.document import Statement
from advisor.reference import catalogue


@cache
def bits_of(service: str) -> dict[str, int]:
    """Each listed action of a service (in lower case, without prefix) with the place of its bit."""
    return {name.lower(): at for at, name in enumerate(catalogue.action_names(service))}


@lru_cache(maxsize=65_536)
def _mask(service: str, pattern: str) -> int:
    compiled = action_pattern(pattern)
    if compiled.service not in (service, "*"):
        return 0
    if compiled.name is not None and compiled.name.is_any:
        return -1
    mask = 0
    for name, at in bits_of(service).items():
        if compiled.matches(service, name):
            mask |= 1 << at
    return mask


class ActionSet:
    """A set of actions. `others` is the mask of every service that `masks` does not name: none (0) or all (-1)."""

    __slots__ = ("masks", "others")

    def __init__(self, masks: Mapping[str, int], others: int = 0) -> None:
        self.masks = masks
        self.others = others

    def __or__(self, other: ActionSet) -> ActionSet:
        if self.others == -1 and not self.masks:
            return self
        if other.others == -1 and not other.masks:
            return other
        merged = {name: mask | other.masks.get(name, other.others) for name, mask in self.masks.items()}
        for name, mask in other.masks.items():
            if name not in merged:
                merged[name] = mask | self.others
        return ActionSet(merged, self.others | other.others)

    def __and__(self, other: ActionSet) -> ActionSet:
        if other.others == -1 and not other.masks:
            return self
        merged = {name: mask & other.masks.get(name, other.others) for name, mask in self.masks.items()}
        for name, mask in other.masks.items():
            if name not in merged:
                merged[name] = mask & self.others
        return ActionSet(merged, self.others & other.others)

    def __invert__(self) -> ActionSet:
        return ActionSet({name: ~mask for name, mask in self.masks.items()}, ~self.others)

    def __sub__(self, other: ActionSet) -> ActionSet:
        return self & ~other

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActionSet) or self.others != other.others:
            return False
        names = {*self.masks, *other.masks}
        return all(self.masks.get(n, self.others) == other.masks.get(n, self.others) for n in names)

    def __hash__(self) -> int:
        return hash((self.others, frozenset(item for item in self.masks.items() if item[1] != self.others)))

    def __bool__(self) -> bool:
        return bool(self.others) or any(self.masks.values())

    def __contains__(self, action: str) -> bool:
        """Whether the set holds an action; one that the catalogue does not list only if its whole service is in."""
        service, _, name = action.lower().partition(":")
        mask = self.masks.get(service, self.others)
        at = bits_of(service).get(name)
        return mask < 0 if at is None else bool(mask >> at & 1)

    def __iter__(self) -> Iterator[str]:
        """The listed actions of the set, service by service."""
        services: Iterable[str] = catalogue.services() if self.others else sorted(self.masks)
        for service in services:
            mask = self.masks.get(service, self.others)
            if mask:
                for at, name in enumerate(catalogue.action_names(service)):
                    if mask >> at & 1:
                        yield f"{service}:{name}"


NOTHING = ActionSet({})
EVERYTHING = ActionSet({}, -1)


@lru_cache(maxsize=65_536)
def set_of_patterns(patterns: tuple[str, ...]) -> ActionSet:
    """The actions that any of the patterns names."""
    masks: dict[str, int] = {}
    for pattern in patterns:
        compiled = action_pattern(pattern)
        if compiled.service == "*" and compiled.name is not None and compiled.name.is_any:
            return EVERYTHING
        if compiled.service and compiled.service != "*":
            masks[compiled.service] = masks.get(compiled.service, 0) | _mask(compiled.service, pattern)
    return ActionSet(masks)


def set_of(statement: Statement) -> ActionSet:
    """The actions that a statement's `Action` or `NotAction` element names; `NotAction: "*"` names none."""
    if statement.not_actions is not None:
        return ~set_of_patterns(statement.not_actions)
    return set_of_patterns(statement.actions or ())
