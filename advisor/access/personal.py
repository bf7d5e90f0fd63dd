"""What is particular to one principal among those of its account and kind: its name, its id, its tags."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from advisor.access.principals import Principal, lets_tag_sessions
from advisor.evaluate.context import OPEN, PRESENT, Context, Knowledge
from advisor.evaluate.context_keys import user_id_of_role
from advisor.evaluate.statement import CompiledStatement
from advisor.model.principal import Role, User

Own = Mapping[str, Knowledge]

NEVER_SHARED = ("aws:principalarn", "aws:userid", "aws:username")
TAG = "aws:principaltag/"


class TaggedBySession(dict[str, Knowledge]):
    """The keys of a role whose sessions bring tags along: each tag is open, but for those that the asker fixed."""

    def __init__(self, keys: Own, fixed: frozenset[str] = frozenset()) -> None:
        super().__init__(keys)
        self.fixed = fixed

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key)
        if found is None and key.startswith(TAG) and key not in self.fixed:
            return OPEN
        return default if found is None else found


def own_value(principal: Principal, key: str) -> Knowledge | None:
    """What a principal alone has of a condition key (in lower case); `None`: what its account and kind say holds."""
    if key == "aws:principalarn":
        return (principal.arn,)
    is_user = isinstance(principal, User)
    if key == "aws:username":
        return (principal.name,) if is_user else None
    if key == "aws:userid":
        return ((principal.id,) if principal.id else PRESENT) if is_user else user_id_of_role(principal.id)
    if isinstance(principal, Role) and lets_tag_sessions(principal):
        return OPEN
    found = None
    for name, value in principal.tags:
        if TAG + name.lower() == key:
            found = (value,)
    return found


def own_keys(principal: Principal) -> dict[str, Knowledge]:
    """The condition keys that only this principal has so: all else follows from its account and kind."""
    values = {key: value for key in NEVER_SHARED if (value := own_value(principal, key)) is not None}
    if isinstance(principal, Role) and lets_tag_sessions(principal):
        return TaggedBySession(values)
    return values | {TAG + name.lower(): (value,) for name, value in principal.tags}


class PersonalContext(Context):
    """The context of a principal over that of its account and kind, without a copy of what they share."""

    __slots__ = ("_below", "_own")

    def __init__(self, own: Own, below: Context) -> None:
        self._own = own
        self._below = below

    def lookup(self, key: str) -> Knowledge:
        found = self._own.get(key)
        return found if found is not None else self._below.lookup(key)

    def fixed(self, keys: Mapping[str, Knowledge]) -> Context:
        if not keys:
            return self
        own: Own = {**self._own, **keys}
        return PersonalContext(TaggedBySession(own) if isinstance(self._own, TaggedBySession) else own, self._below)

    def over(self, below: Context) -> Context:
        return PersonalContext(self._own, self._below.over(below))

    def closed(self) -> Context:
        return self._below.closed().fixed(self._own)

    @property
    def is_complete(self) -> bool:
        return self._below.is_complete


def is_personal(key: str) -> bool:
    """Whether a key (in lower case) differs among the principals of one account and kind."""
    return key in NEVER_SHARED or key.startswith(TAG)


@lru_cache(maxsize=65_536)
def _personal_keys(keys: frozenset[str]) -> tuple[str, ...]:
    return tuple(key for key in sorted(keys) if is_personal(key))


def personal_keys(statement: CompiledStatement) -> tuple[str, ...]:
    """The keys that a statement reads and that differ among the principals of one account and kind."""
    return _personal_keys(statement.keys)
