"""What remains of a decision when some facts are open: conditions in disjunctive form, and the algebra over them.

A `Dnf` is any of its terms; a term is all of its literals. `TRUE` has one empty term, `FALSE` has none. Complementary
operators share one atom (`StringNotEquals` is `StringEquals` that must not match), so that contradictions drop out and
`X or not X` becomes true. What is missing from the data stands in the same form as a literal of its own: `gap_literal`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from advisor.model.document import Condition
from advisor.model.gap import Gap
from advisor.model.verdict import Conditions

MOST_TERMS = 64
"""Of a product with more terms the shortest are kept, and one that stands for the rest: each that is kept is enough on
its own, they are no longer all.
"""
MOST_ALTERNATIVES = 256
"""The same of a disjunction, which grows by what the policies say and not by combining it."""

Atom = tuple[str, ...]


class Literal:
    """One condition that must match (`positive`) or must not. `shown` is it as the policy writes it."""

    __slots__ = ("_hash", "atom", "gap", "positive", "shown")

    def __init__(self, atom: Atom, positive: bool, shown: Condition | None, gap: Gap | None = None) -> None:
        self.atom = atom
        self.positive = positive
        self.shown = shown
        self.gap = gap
        self._hash = hash((atom, positive))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self.positive == other.positive and self.atom == other.atom

    def __invert__(self) -> Literal:
        from msgspec.structs import replace

        shown = replace(self.shown, unless=not self.shown.unless) if self.shown else None
        return Literal(self.atom, not self.positive, shown, self.gap)

    def __repr__(self) -> str:
        return f"{'' if self.positive else 'not '}{self.atom}"


Term = frozenset[Literal]
Dnf = tuple[Term, ...]

TRUE: Dnf = (frozenset(),)
FALSE: Dnf = ()


TOO_MANY: Final = Gap(
    call="iam:Condition",
    kind="absent",
    reason="the policies combine to more alternatives than are followed",
    makes_unknown="whether one of the others is enough",
)


def of_literal(literal: Literal) -> Dnf:
    return (frozenset((literal,)),)


def gap_literal(gap: Gap, effect: str) -> Literal:
    """Stands for the unknown content of a gap: what it allows and what it denies are two unknowns."""
    return Literal(("gap", effect, gap.call, gap.resource or "", gap.reason), True, None, gap)


def any_of(parts: Iterable[Dnf]) -> Dnf:
    """The disjunction, simplified."""
    result = FALSE
    terms: list[Term] | None = None
    for part in parts:
        if not part or part is result:
            continue
        if part is TRUE or part == TRUE:
            return TRUE
        if not result:
            result = part
        elif terms is None:
            terms = [*result, *part]
        else:
            terms.extend(part)
    return result if terms is None else _bounded(simplify(terms), MOST_ALTERNATIVES)


def all_of(parts: Iterable[Dnf]) -> Dnf:
    """The conjunction, simplified."""
    result = TRUE
    for part in parts:
        if part is TRUE or part == TRUE:
            continue
        if not part:
            return FALSE
        result = part if result is TRUE else _product(result, part)
        if not result:
            return FALSE
    return result


def negation(formula: Dnf) -> Dnf:
    """True exactly when the formula is not."""
    if not formula:
        return TRUE
    return all_of(simplify([frozenset((~literal,)) for literal in term]) for term in formula)


def _product(one: Dnf, other: Dnf) -> Dnf:
    joined = simplify([both for a in one for b in other if (both := _join(a, b)) is not None])
    if len(joined) <= MOST_TERMS:
        return joined
    return _bounded(joined, max(MOST_TERMS, *(sum(map(_is_whole, factor)) for factor in (one, other))))


def _bounded(formula: Dnf, most: int) -> Dnf:
    """The shortest terms, with one for those left out: two formulas that are cut do not leave out the same."""
    if len(formula) <= most:
        return formula
    whole = [term for term in formula if _is_whole(term)]
    left_out = frozenset(formula) - frozenset(whole[:most])
    rest = Literal(("gap", TOO_MANY.call, str(hash(left_out))), True, None, TOO_MANY)
    return (*whole[:most], frozenset((rest,)))


def _is_whole(term: Term) -> bool:
    return all(literal.gap is not TOO_MANY for literal in term)


def _join(one: Term, other: Term) -> Term | None:
    """Both terms at once; `None` when they contradict each other."""
    joined = one | other
    if len(joined) > 1:
        signs: dict[Atom, bool] = {}
        for literal in joined:
            if signs.setdefault(literal.atom, literal.positive) != literal.positive:
                return None
    return joined


def simplify(terms: Iterable[Term]) -> Dnf:
    """Drop terms that another one makes needless, and join two that differ in the sign of one literal only."""
    unique = tuple(dict.fromkeys(terms))
    if len(unique) < 2:
        return unique
    kept = _absorb(unique)
    while (joined := _resolve(kept)) is not None:
        kept = _absorb((*kept, joined))
    return tuple(kept)


def _absorb(terms: Iterable[Term]) -> list[Term]:
    kept: list[Term] = []
    for term in sorted(dict.fromkeys(terms), key=len):
        if not any(shorter <= term for shorter in kept):
            kept.append(term)
    return kept


def _resolve(terms: list[Term]) -> Term | None:
    """The consensus of two terms when it is shorter than one of them: `A B` and `not A B` give `B`."""
    if len(terms) > MOST_TERMS:
        return None
    for index, one in enumerate(terms):
        for other in terms[index + 1 :]:
            clash = [literal for literal in one if ~literal in other] if len(one) <= len(other) else []
            if len(clash) == 1:
                rest = one - {clash[0]}
                if rest <= other:
                    return other - {~clash[0]}
    return None


def without_gaps(formula: Dnf, *, hopeful: bool) -> Dnf:
    """The formula with each gap taken to hold what allows most (`hopeful`) or least."""
    if not any(literal.gap is not None for term in formula for literal in term):
        return formula
    terms: list[Term] = []
    for term in _followed(formula):
        gaps = [literal for literal in term if literal.gap is not None]
        if gaps and not hopeful:
            continue
        terms.append(term - frozenset(gaps) if gaps else term)
    return simplify(terms)


def _followed(formula: Dnf) -> Dnf:
    """The terms that are known whole; those that stand for alternatives left out only where there are no others."""
    return tuple(filter(_is_whole, formula)) or formula


def gaps_of(formula: Dnf) -> tuple[Gap, ...]:
    """The gaps that the formula still hangs on, in a stable order."""
    found = {literal.gap: None for term in _followed(formula) for literal in term if literal.gap is not None}
    return tuple(sorted(found, key=lambda gap: (gap.call, gap.resource or "", gap.reason)))


def conditions_of(formula: Dnf) -> Conditions:
    """The formula as the interface prints it: sorted, so that equal answers read alike."""
    if formula == TRUE:
        return ()
    terms = [sorted((lit.shown for lit in _needed(term) if lit.shown is not None), key=_order) for term in formula]
    unique = {tuple(term) for term in terms}
    return tuple(sorted(unique, key=lambda term: (len(term), [_order(condition) for condition in term])))


def _needed(term: Term) -> list[Literal]:
    """The literals without those that say of a key only that it is there, where another one says what it holds."""
    held = {atom[3] for literal in term if literal.positive and _speaks_of_value(atom := literal.atom)}
    return [literal for literal in term if literal.positive or literal.atom not in {_absent(key) for key in held}]


def _speaks_of_value(atom: Atom) -> bool:
    """Whether a condition can only match where its key is there: no negation, `IfExists` nor `ForAllValues`."""
    if len(atom) < 5 or atom[0] not in ("", "any") or atom[2]:
        return False
    return bool(atom[1]) and atom[1] != "Null" and "Not" not in atom[1]


def _absent(key: str) -> Atom:
    return ("", "Null", "", key, "true")


def _order(condition: Condition) -> tuple[str, str, tuple[str, ...], bool]:
    return (condition.key.lower(), condition.operator, condition.values, condition.unless)
