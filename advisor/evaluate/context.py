"""The request's context: for each key whether it is known, known to be absent, there with an unknown value, or open.

Which keys follow from the principal, the resource and the account is in `context_keys.py`.
Source: IAM User Guide, "AWS global condition context keys"; the context-key table of the evaluation rules.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from advisor.model.gap import Gap

Values = tuple[str, ...]


class Unknown:
    """What a context says of a key whose values it does not hold: it may be anything, or it is there.

    `shape` is a pattern that the value of such a key fits: any session of a role has a user id that begins with its
    role's. `since`, in seconds since 1970, is a time before which the value cannot lie. `gap` is what could not be read
    and would have told: what hangs on the key is then unknown and no condition of the request.
    """

    __slots__ = ("gap", "is_there", "shape", "since")

    def __init__(
        self, *, is_there: bool, shape: str = "*", since: Decimal | None = None, gap: Gap | None = None
    ) -> None:
        self.is_there = is_there
        self.shape = shape
        self.since = since
        self.gap = gap

    def _parts(self) -> tuple[object, ...]:
        return (self.is_there, self.shape, self.since, self.gap)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"Unknown({'there' if self.is_there else 'open'}, {self.shape}, {self.since}, {self.gap})"


OPEN: Final = Unknown(is_there=False)
"""The key may be absent or hold any value."""
PRESENT: Final = Unknown(is_there=True)
"""The key is there, with an unknown value."""
ABSENT: Final[Values] = ()

Knowledge = Values | Unknown


class Context:
    """Keys in lower case with what is known of each. `complete`: a key that is not named is absent, else it is open.

    `families` answers for keys by what stands before their slash (`aws:principaltag/`): all tags of a principal are
    known once the principal is.
    """

    __slots__ = ("_complete", "_families", "_keys")

    def __init__(
        self,
        keys: Mapping[str, Knowledge] | None = None,
        families: Mapping[str, Knowledge] | None = None,
        *,
        complete: bool = False,
    ) -> None:
        self._keys = dict(keys or {})
        self._families = dict(families or {})
        self._complete = complete

    def lookup(self, key: str) -> Knowledge:
        """What is known of a key (in lower case)."""
        found = self._keys.get(key)
        if found is not None:
            return found
        slash = key.find("/")
        if slash > 0:
            family = self._families.get(key[: slash + 1])
            if family is not None:
                return family
        return ABSENT if self._complete else OPEN

    def over(self, below: Context) -> Context:
        """This context's knowledge first, then that of `below`."""
        return Context(
            {**below._keys, **self._keys},
            {**below._families, **self._families},
            complete=below._complete or self._complete,
        )

    def fixed(self, keys: Mapping[str, Knowledge]) -> Context:
        """The same context with some keys fixed by the asker."""
        if not keys:
            return self
        return Context({**self._keys, **keys}, self._families, complete=self._complete)

    def closed(self) -> Context:
        """The same context, complete: what was open is absent."""
        keys = {key: value for key, value in self._keys.items() if not _is_open(value)}
        families = {name: value for name, value in self._families.items() if not _is_open(value)}
        return Context(keys, families, complete=True)

    @property
    def is_complete(self) -> bool:
        return self._complete

    @property
    def facts(self) -> Hashable:
        """Equal for contexts that say the same."""
        return self.facts_without(())

    def facts_without(self, parts: Collection[str]) -> Hashable:
        """Equal for contexts that say the same of all keys but those in whose names one of the texts stands."""
        keys, families = self._keys.items(), self._families.items()
        if not parts:
            return frozenset(keys), frozenset(families), self._complete
        kept = (frozenset(item for item in items if not any(t in item[0] for t in parts)) for items in (keys, families))
        return (*kept, self._complete)


def _is_open(known: Knowledge) -> bool:
    return isinstance(known, Unknown) and not known.is_there


def complete_context(values: Mapping[str, Iterable[str] | str]) -> Context:
    """A context in which all keys are known: those not named are absent."""
    return Context(
        {key.lower(): (item,) if isinstance(item, str) else tuple(item) for key, item in values.items()}, complete=True
    )
