"""What techniques yield: who can become whom, and under which condition, with sets in place of pairs."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from advisor.evaluate.context import Context
from advisor.evaluate.residual import TRUE, Dnf, Term, negation, without_gaps
from advisor.evaluate.witness import is_impossible
from advisor.graph.holders import Holder
from advisor.graph.state import Standing
from advisor.graph.universe import Bits
from advisor.model.document import Condition
from advisor.reference.schema.escalations import Technique

Level = Literal[0, 1, 2]
"""How sure: 0 open, 1 conditional, 2 unknown."""
LEVELS: tuple[Level, ...] = (0, 1, 2)
STATUS: tuple[Literal["open", "conditional", "unknown"], ...] = ("open", "conditional", "unknown")
DECISIONS: dict[str, Level] = {"allowed": 0, "conditional": 1, "unknown": 2}
"""How sure the decisions are that are no denial."""


def level_of(formula: Dnf) -> Level:
    """How sure it is that what the formula describes holds."""
    return 0 if formula == TRUE else _level_of(formula)


@lru_cache(maxsize=65_536)
def _level_of(formula: Dnf) -> Level:
    return 1 if without_gaps(formula, hopeful=False) == without_gaps(formula, hopeful=True) else 2


def possible(formula: Dnf, context: Context) -> Dnf:
    """The formula without the terms whose conditions contradict each other, so that no request meets them."""
    if formula == TRUE:
        return formula
    kept = tuple(term for term in formula if not is_impossible(_written(term), context))
    if 1 < len(kept) <= _FEW and not any(literal.gap for term in kept for literal in term):
        return TRUE if all(is_impossible(_written(term), context) for term in negation(kept)) else kept
    return kept


_FEW = 6


def _written(term: Term) -> tuple[Condition, ...]:
    shown = (literal.shown for literal in term if literal.shown is not None)
    return tuple(sorted(shown, key=lambda condition: (condition.key, condition.operator, condition.values)))


class Move(msgspec.Struct, frozen=True, gc=False):
    """The actors of one holder gain something by one technique.

    `targets`: nodes that they become, with those nodes' rights. `arrivals`: nodes as which they are administrators,
    since they grant the rights themselves; for an actor that changes its own rights the actor is in it. `named` is what
    stands for a target that is no node: a group that is joined, a user that is created.
    """

    technique: Technique
    holder: Holder
    actors: Bits
    formula: Dnf
    standing: Standing = "seen"
    targets: Bits = 0
    arrivals: Bits = 0
    is_own: bool = False
    """Each actor gains for itself alone."""
    named: str = ""
    service: str = ""
    policy: str = ""
    """The policy that is rewritten, where one is."""
    groups: Bits = 0
    """The groups that can be joined, as positions: what that brings is worked out by `joins.py`."""
    level: Level = 0
    """How sure it is, from the formula."""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "level", level_of(self.formula))
