"""A context that satisfies conditions, or the proof that there is none.

Each key is tried with values made from the policy's own: what fits each pattern or range, what stands just outside, a
value of no pattern, and absence. For numbers, dates, addresses and booleans, and where a list of plain values must be
met, these candidates are all that can matter, so that finding none proves that there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from msgspec.structs import replace

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import ABSENT, OPEN, Context, Knowledge, Unknown, Values
from advisor.evaluate.pattern import glob_match
from advisor.evaluate.samples import MOST_MEMBERS, is_exhaustive, samples_of
from advisor.model.document import Condition
from advisor.reference.catalogue import is_multivalued

MOST_TRIALS = 4_000

Assignment = tuple[tuple[str, Values], ...]


class _Wanted:
    """One condition of the term and whether it has to match."""

    __slots__ = ("condition", "is_met")

    def __init__(self, written: Condition) -> None:
        self.condition = CompiledCondition(replace(written, unless=False))
        self.is_met = not written.unless

    def agrees(self, context: Context) -> bool:
        return self.condition.holds(context) is self.is_met


def satisfy(term: Sequence[Condition], context: Context) -> dict[str, Values] | None:
    """Values for the open keys of a term with which all of its conditions come out as wanted; `None` if none was found.

    Keys are in lower case; an empty tuple says that the key is absent.
    """
    found = _solve(tuple(term), *_relevant(term, context))[0]
    return None if found is None else dict(found)


def is_impossible(term: Sequence[Condition], context: Context) -> bool:
    """Whether it is proved that no request can meet all conditions of the term."""
    keys = [condition.key.lower() for condition in term]
    if len(set(keys)) == len(keys):
        return False  # one condition a key can always be met, else it would not have remained
    return _solve(tuple(term), *_relevant(term, context))[1]


_Present = tuple[tuple[str, Unknown], ...]
"""Keys of which something is known but not their value: that they are there, a pattern, a time before which none is."""


def _relevant(term: Sequence[Condition], context: Context) -> tuple[_Present, tuple[tuple[str, Values], ...]]:
    """The keys of the term of which something is known, and those whose values are known."""
    keys = sorted({key for condition in term for key in CompiledCondition(condition).keys})
    unknown = [(key, found) for key in keys if isinstance(found := context.lookup(key), Unknown)]
    present = [(key, found) for key, found in unknown if found.is_there or found.since is not None]
    known = [(key, found) for key in keys if not isinstance(found := context.lookup(key), Unknown)]
    return tuple(present), tuple(known)


@lru_cache(maxsize=4_096)
def _solve(
    term: tuple[Condition, ...], there: _Present, known: tuple[tuple[str, Values], ...]
) -> tuple[Assignment | None, bool]:
    """A solution of the term, if one was found, and whether it is proved that there is none."""
    wanted = [_Wanted(condition) for condition in term]
    settled: dict[str, Knowledge] = dict(known)
    names = _order({key for item in wanted for key in item.condition.keys} - settled.keys(), wanted)
    trials, present = [0], dict(there)
    found = _extend(names, wanted, Context(settled), present, trials)
    if found is not None:
        return tuple(sorted(found.items())), False
    proved = any(_is_proved(name, wanted, present) for name in names) and trials[0] < MOST_TRIALS
    return None, proved


def _order(keys: Iterable[str], wanted: Sequence[_Wanted]) -> list[str]:
    """Keys that stand as variables in the values of others come first."""
    return sorted(keys, key=lambda key: (not _feeds(key, wanted), key))


def _extend(
    names: Sequence[str], wanted: Sequence[_Wanted], context: Context, present: Mapping[str, Unknown], trials: list[int]
) -> dict[str, Values] | None:
    """Give each key a value in turn, going back where the conditions on a later key cannot be met."""
    if not names:
        return {}
    name, rest = names[0], names[1:]
    mine = [item for item in wanted if name in item.condition.keys and item.condition.keys.isdisjoint(rest)]
    for candidate in _candidates(name, wanted, context, present):
        trials[0] += 1
        if trials[0] > MOST_TRIALS:
            return None
        tried = context.fixed({name: candidate})
        if all(item.agrees(tried) for item in mine):
            found = _extend(rest, wanted, tried, present, trials)
            if found is not None:
                return {name: candidate, **found}
            if not _feeds(name, wanted):
                return None
    return None


def _feeds(name: str, wanted: Sequence[_Wanted]) -> bool:
    """Whether the key's value goes into conditions on other keys."""
    return any(name in item.condition.keys and item.condition.key != name for item in wanted)


def _candidates(
    name: str, wanted: Sequence[_Wanted], context: Context, present: Mapping[str, Unknown]
) -> Iterator[Values]:
    """The values to try, the ones that a reader would expect first."""
    known = present.get(name, OPEN)
    mine = [item.condition for item in wanted if item.condition.key == name]
    fed = [value for value in _fed(name, wanted, context) if glob_match(known.shape, value)]
    values = list(dict.fromkeys((*fed, *samples_of(name, mine, context, known.shape, known.since))))
    yield from ((value,) for value in values)
    if is_multivalued(name) or any(condition.quantifier for condition in mine):
        for size in range(2, len(values) + 1 if len(values) <= MOST_MEMBERS else 3):
            yield from combinations(values, size)
    if not known.is_there:
        yield ABSENT


def _fed(name: str, wanted: Sequence[_Wanted], context: Context) -> Iterator[str]:
    """Values of a key that stands as a variable in conditions on other keys: what those hold, or are to hold."""
    for item in wanted:
        key = item.condition.key
        if name == key or name not in item.condition.keys:
            continue
        held = context.lookup(key)
        if isinstance(held, Unknown):
            others = [other.condition for other in wanted if other.condition.keys == {key}]
            held = tuple(samples_of(key, others, context))
        yield from item.condition.values_for(name, held)


def _is_proved(name: str, wanted: Sequence[_Wanted], present: Mapping[str, Unknown]) -> bool:
    """Whether the candidates for one key were all that matter, and none of them met its conditions alone."""
    mine = [item for item in wanted if item.condition.key == name]
    if not mine or any(len(item.condition.keys) > 1 for item in mine):
        return False
    if not is_exhaustive([(item.condition, item.is_met) for item in mine]):
        return False
    trials = [0]
    return _extend([name], mine, Context(), present, trials) is None
