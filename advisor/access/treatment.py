"""Which actions AWS treats alike beyond what policies say, and how sets of actions part into cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from advisor.access.action_sets import ActionSet, bits_of, set_of_patterns
from advisor.evaluate.context_keys import request_context
from advisor.evaluate.exceptions import acl_words
from advisor.evaluate.pattern import action_matches, action_pattern, has_wildcard
from advisor.reference import catalogue
from advisor.reference.services import listed

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex

_APART = frozenset(("s3", "organizations", "account", "cloudfront", "globalaccelerator", "importexport"))
"""Services whose requests have a context of their own: a fixed Region, or tags that do not count."""

_BY_ACTION = ("kms-cross-account", "kms-grant-operations", "not-across-accounts", "owner-root-keeps")
"""Lists of single actions that AWS treats in a way of their own."""


@lru_cache(maxsize=65_536)
def treatment(action: str) -> tuple[object, ...]:
    """What AWS's evaluation asks of an action beyond the policies: actions alike in this share their answers."""
    service = action.partition(":")[0]
    takes, name = catalogue.takes_resources(action), catalogue.canonical(action)
    alone = (request_context(action).facts, *(name in listed(kind).entries for kind in _BY_ACTION))
    if service == "sts" or action.lower() in ("iam:passrole", "kms:retiregrant"):
        return (action.lower(),)
    if service in ("iam", "kms"):
        table = listed("protected-resources").table
        locks = tuple(name for name, actions in table.items() if any(action_matches(text, action) for text in actions))
        return (service, takes, locks, *alone)
    return (
        service if service in _APART else "",
        acl_words(action) if service == "s3" else (),
        service in listed("rcp-services").entries,
        service in listed("no-resource-policies").entries,
        takes,
        *alone,
        any(action_matches(pattern, action) for pattern in listed("resource-account-exceptions").entries),
    )


@cache
def treatments_of(service: str) -> tuple[tuple[tuple[object, ...], int], ...]:
    """The treatments of a service's actions, each with the mask of the actions that have it."""
    found: dict[tuple[object, ...], int] = {}
    for at, name in enumerate(catalogue.action_names(service)):
        key = treatment(f"{service}:{name}")
        found[key] = found.get(key, 0) | 1 << at
    return tuple(found.items())


class Cell(NamedTuple):
    """Actions of one service that nothing tells apart. `example` stands for all; `key` is their treatment."""

    service: str
    mask: int
    example: str
    key: tuple[object, ...]

    def actions(self) -> tuple[str, ...]:
        return _actions(self.service, self.mask)


@lru_cache(maxsize=16_384)
def _actions(service: str, mask: int) -> tuple[str, ...]:
    return tuple([f"{service}:{name}" for at, name in enumerate(catalogue.action_names(service)) if mask >> at & 1])


def cells(universe: ActionSet, sets: Iterable[ActionSet]) -> Iterator[Cell]:
    """The listed actions of a set, parted so that each of the other sets holds all or nothing of a part."""
    apart, everywhere = _by_service(sets)
    services: Iterable[str] = catalogue.services() if universe.others else sorted(universe.masks)
    for service in services:
        parts = [universe.masks.get(service, universe.others) & (1 << len(bits_of(service))) - 1]
        for mask in apart.get(service, set()) | {found.masks.get(service, found.others) for found in everywhere}:
            if mask not in (0, -1):
                parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
        for part in parts:
            for key, mask in treatments_of(service):
                if piece := part & mask:
                    example = catalogue.action_names(service)[(piece & -piece).bit_length() - 1]
                    yield Cell(service, piece, f"{service}:{example}", key)


def _by_service(sets: Iterable[ActionSet]) -> tuple[dict[str, set[int]], list[ActionSet]]:
    """The masks of sets that name some services only, by service; and the other sets."""
    apart: dict[str, set[int]] = {}
    everywhere: list[ActionSet] = []
    for found in sets:
        if found.others:
            everywhere.append(found)
            continue
        for service, mask in found.masks.items():
            apart.setdefault(service, set()).add(mask)
    return apart, everywhere


def action_groups(index: AccessIndex, action: str) -> list[tuple[str, ...]]:
    """The actions that a pattern names, those together that no policy of the accounts and no rule of AWS tells apart.

    An action without wildcards stands alone, as it is written; so does a pattern that names no listed action.
    """
    if not has_wildcard(action):
        return [(action,)]
    universe = set_of_patterns((action,))
    found: dict[object, list[str]] = {}
    for cell in cells(universe, index.vocabulary.sets):
        service, _, name = cell.example.lower().partition(":")
        named = frozenset(
            text for text in index.vocabulary.patterns_of(service) if action_pattern(text).matches(service, name)
        )
        found.setdefault((named, cell.key), []).extend(cell.actions())
    return [tuple(actions) for actions in found.values()] or [(action,)]
