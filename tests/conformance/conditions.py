"""The conditions that a case asserts of an allowed answer, compared with ours by meaning over sampled contexts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import ABSENT, Context, Unknown, Values
from advisor.evaluate.samples import samples_of
from advisor.evaluate.statement import Asked
from advisor.model.document import Condition
from advisor.model.verdict import Conditions
from tests.conformance.cases import Unsupported

MOST_CONTEXTS = 3_000
Tree = dict[str, Any] | None


def mean_the_same(ours: Conditions, theirs: Tree, asked: Asked, given: dict[str, Values]) -> bool:
    """Whether both hold in the same contexts. A key that was given and that they do not name has its given value."""
    written = [*_leaves(theirs), *(condition for term in ours for condition in term)]
    return all(
        _ours_hold(ours, context) == _theirs_hold(theirs, context)
        for context in _contexts(written, theirs, asked, given)
    )


def _contexts(written: list[Condition], theirs: Tree, asked: Asked, given: dict[str, Values]) -> Iterator[Context]:
    conditions = [CompiledCondition(Condition(item.operator, item.key, item.values)) for item in written]
    named = {item.key.lower() for item in _leaves(theirs)}
    choices: dict[str, list[Values]] = {}
    for key in sorted({key for item in conditions for key in item.keys}):
        known = asked.context.lookup(key)
        if not isinstance(known, Unknown):
            continue
        if key in given and key not in named:
            choices[key] = [given[key]]
            continue
        values = samples_of(key, [item for item in conditions if item.key == key], Context())
        sets: list[Values] = [(value,) for value in values]
        if any(item.quantifier for item in conditions if item.key == key):
            sets += [(one, other) for one, other in product(values, repeat=2) if one < other]
        choices[key] = sets + ([] if known.is_there else [ABSENT])
    combined = list(islice(product(*choices.values()), 200_000))
    random.Random(0).shuffle(combined)
    for values in combined[:MOST_CONTEXTS]:
        yield asked.context.fixed(dict(zip(choices, values, strict=True)))


def _ours_hold(conditions: Conditions, context: Context) -> bool:
    if not conditions:
        return True
    return any(
        all(CompiledCondition(Condition(c.operator, c.key, c.values)).holds(context) is not c.unless for c in term)
        for term in conditions
    )


def _theirs_hold(tree: Tree, context: Context) -> bool:
    if tree is None:
        return True
    if tree["conditionType"] == "group":
        parts = (_theirs_hold(part, context) for part in tree["conditions"])
        return any(parts) if tree["operator"] == "or" else all(parts)
    return any(CompiledCondition(condition).holds(context) is True for condition in _leaves(tree))


def _leaves(tree: Tree) -> list[Condition]:
    """The single conditions of their tree; the name of a session is the end of `aws:userid`."""
    if tree is None:
        return []
    kind = tree["conditionType"]
    if kind == "group":
        return [leaf for part in tree["conditions"] for leaf in _leaves(part)]
    if kind == "sessionName":
        return [Condition("StringLike", "aws:userid", tuple(f"*:{name}" for name in tree["sessionName"]))]
    if kind == "condition":
        return [Condition(tree["op"], tree["key"], tuple(map(str, tree["values"])))]
    raise Unsupported(f"no such condition: {kind}")
