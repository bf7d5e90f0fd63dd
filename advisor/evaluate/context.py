"""The request's context: for each key whether it is known, known to be absent, there with an unknown value, or open.

Which keys follow from the principal, the resource and the account is in `context_keys.py`.
Source: IAM User Guide, "AWS global condition context keys"; the context-key table of the evaluation rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

Values = tuple[str, ...]


class Unknown(Enum):
    """What a context says of a key whose values it does not hold."""

    OPEN = "open"
    """It may be absent or hold any value."""
    PRESENT = "present"
    """It is there, with an unknown value."""


OPEN: Final = Unknown.OPEN
PRESENT: Final = Unknown.PRESENT
ABSENT: Final[Values] = ()

Knowledge = Values | Unknown


class Context:
    """Keys in lower case with what is known of each. `complete`: a key that is not named is absent, else it is open.

    `families` answers for keys by what stands before their slash (`aws:principaltag/`): all tags of a principal are
    known once the principal is. `shapes` are patterns that a value fits which is there but not known in full:
    any session of a role has a user id that begins with the role's.
    """

    __slots__ = ("_complete", "_families", "_keys", "_shapes")

    def __init__(
        self,
        keys: Mapping[str, Knowledge] | None = None,
        families: Mapping[str, Knowledge] | None = None,
        *,
        complete: bool = False,
        shapes: Mapping[str, str] | None = None,
    ) -> None:
        self._keys = dict(keys or {})
        self._families = dict(families or {})
        self._complete = complete
        self._shapes = shapes or {}

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

    def shape(self, key: str) -> str | None:
        """The pattern that the value of a key fits, where no more is known of it than that."""
        return self._shapes.get(key)

    def over(self, below: Context) -> Context:
        """This context's knowledge first, then that of `below`."""
        return Context(
            {**below._keys, **self._keys},
            {**below._families, **self._families},
            complete=below._complete or self._complete,
            shapes={**below._shapes, **self._shapes},
        )

    def fixed(self, keys: Mapping[str, Knowledge]) -> Context:
        """The same context with some keys fixed by the asker."""
        if not keys:
            return self
        return Context({**self._keys, **keys}, self._families, complete=self._complete, shapes=self._shapes)

    def closed(self) -> Context:
        """The same context, complete: what was open is absent."""
        keys = {key: value for key, value in self._keys.items() if value is not OPEN}
        families = {name: value for name, value in self._families.items() if value is not OPEN}
        return Context(keys, families, complete=True, shapes=self._shapes)

    @property
    def is_complete(self) -> bool:
        return self._complete

    def open_keys(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if isinstance(self.lookup(key), Unknown))


def complete_context(values: Mapping[str, Iterable[str] | str]) -> Context:
    """A context in which all keys are known: those not named are absent."""
    return Context(
        {key.lower(): (item,) if isinstance(item, str) else tuple(item) for key, item in values.items()}, complete=True
    )
