"""Statements that read who asks: what they say is worked out once for all who are the same to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import TYPE_CHECKING

from advisor.access.personal import PersonalContext, is_personal, own_value, personal_keys
from advisor.evaluate.context import Context, Knowledge
from advisor.evaluate.context_keys import is_principal_key
from advisor.evaluate.pattern import beginning_of
from advisor.evaluate.residual import Dnf
from advisor.evaluate.statement import Asked, CompiledStatement

if TYPE_CHECKING:
    from advisor.access.population import Population, Values

Formula = Callable[[Asked, object], Dnf]
"""When a statement applies to a request; the second value is the same for all to whom it says the same."""


class Reader:
    """One statement. `keys` are those that it reads and that differ among principals of one account and kind."""

    __slots__ = ("_alone", "_beginnings", "_known", "_nothing_else", "compiled", "keys", "varies")

    def __init__(self, compiled: CompiledStatement) -> None:
        self.compiled = compiled
        self.keys = personal_keys(compiled)
        self.varies = any(is_principal_key(key) and not is_personal(key) for key in compiled.keys)
        """Whether it also reads what differs from one account or kind to another."""
        self._alone = tuple(item for item in compiled.conditions if all(is_personal(key) for key in item.keys))
        others = {key for item in compiled.conditions if item not in self._alone for key in item.keys}
        others.update(variable.key for item in compiled.resources or () for variable in item.template.variables)
        self._nothing_else = not any(is_personal(key) for key in others)
        self._beginnings = self._find_beginnings()
        """Where only ARNs are read: how those begin that are not all the same to it."""
        self._known = (0, 0, 0)
        """Who was looked at, to whom the statement never applies, and to whom all else of it is the same. Set as one,
        since several threads may ask."""

    def when(
        self, mask: int, population: Population, asked: Asked, fixed: Set[str], formula: Formula
    ) -> Iterator[tuple[Dnf, int]]:
        """When the statement applies to some principals, of one account and kind where it `varies`; those to whom it
        never does are left out.

        `asked` is the request of somebody of them whom nothing names, `fixed` are the keys that the asker gave.
        """
        keys = tuple(key for key in self.keys if key not in fixed)
        if not keys:
            yield formula(asked, None), mask
            return
        if len(keys) == len(self.keys) and self._alone:
            same, mask = self._settled(mask, population, asked.context)
            if same:
                values = next(iter(population.by_values(keys, same & -same)))[0]
                yield formula(_asked_with(asked, keys, values), True), same
        for values, part in population.by_values(keys, mask):
            yield formula(_asked_with(asked, keys, values), values), part

    def mark(self, at: int, population: Population, context: Context) -> object:
        """Equal for principals of one account and kind to whom the statement says the same, if the asker fixes nothing.

        `context` is that of a request by this principal, or by somebody like it.
        """
        if self._alone:
            same, other = self._settled(1 << at, population, context)
            if not other:
                return bool(same)
        return tuple([own_value(population.members[at], key) for key in self.keys])

    def _settled(self, mask: int, population: Population, context: Context) -> tuple[int, int]:
        """Those to whom all but their own conditions is the same, and those of whom neither is certain."""
        known, never, same = self._known
        if unseen := mask & ~known:
            for values, part in self._apart(unseen, population):
                own = PersonalContext(_own(self.keys, values), context)
                held = {condition.holds(own) for condition in self._alone}
                if False in held:
                    never |= part
                elif self._nothing_else and None not in held:
                    same |= part
            self._known = (known | unseen, never, same)
        mask &= ~never
        return mask & same, mask & ~same

    def _find_beginnings(self) -> tuple[str, ...]:
        if self.keys != _ARN or any(item.keys != {*_ARN} or item.family not in _TEXTS for item in self._alone):
            return ()
        return tuple(beginning_of(value) for item in self._alone for value in item.written.values)

    def _apart(self, mask: int, population: Population) -> Iterator[tuple[Values, int]]:
        """Some principals, those together of whom their own conditions say the same, with the values of one of them."""
        near = population.beginning_with(self._beginnings) if self._beginnings else mask
        yield from population.by_values(self.keys, mask & near)
        if rest := mask & ~near:
            yield next(iter(population.by_values(self.keys, rest & -rest)))[0], rest


_ARN = ("aws:principalarn",)
_TEXTS = ("StringEquals", "StringLike", "ArnLike")
"""Families of operators whose values stand for texts that begin as they do."""


def _own(keys: tuple[str, ...], values: Values) -> dict[str, Knowledge]:
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _asked_with(asked: Asked, keys: tuple[str, ...], values: Values) -> Asked:
    return asked._replace(context=PersonalContext(_own(keys, values), asked.context))
