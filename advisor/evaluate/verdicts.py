"""From the formulas of a request to its verdict: the three values, gaps, assumptions, and the trace."""

from __future__ import annotations

from typing import NamedTuple

from advisor.evaluate.context import Context
from advisor.evaluate.residual import (
    FALSE,
    TRUE,
    Dnf,
    Term,
    all_of,
    conditions_of,
    gaps_of,
    negation,
    without_gaps,
)
from advisor.evaluate.witness import is_impossible
from advisor.model.document import Condition
from advisor.model.gap import Gap
from advisor.model.verdict import Decision, LayerName, LayerOutcome, Outcome, Reason, Verdict


class Sides(NamedTuple):
    """What speaks for a request and what against it.

    `grant` is all that must allow, `deny` any Deny. `hoped` is `grant` if a resource policy that was never read
    allowed. `unread` names the layers in play that were never read.
    """

    grant: Dnf
    deny: Dnf
    hoped: Dnf
    unread: tuple[LayerName, ...]
    trace: tuple[LayerOutcome, ...]


def verdict_of(sides: Sides, context: Context, *, strict: bool = False) -> Verdict:
    """The verdict: an explicit Deny first, then whether everything that must allow does, and what both hang on."""
    deny = sides.deny
    if deny and without_gaps(deny, hopeful=False) == TRUE:
        return Verdict("explicit-deny", trace=sides.trace)
    allowed = _allowed(sides.grant, deny)
    sure = _possible(without_gaps(allowed, hopeful=False), context)
    hoped = _possible(without_gaps(allowed, hopeful=True), context)
    if sure != hoped:
        unread = tuple(unread_gap(layer) for layer in sides.unread) if strict else ()
        return Verdict(
            "unknown",
            conditions_of(hoped),
            gaps=(*gaps_of(allowed), *unread),
            assuming=() if strict else sides.unread,
            trace=sides.trace,
        )
    decision = _decision(sure, without_gaps(sides.grant, hopeful=False))
    assuming = _assuming(sides, sure)
    if strict and assuming:
        return Verdict(
            "unknown", conditions_of(sure), gaps=tuple(unread_gap(layer) for layer in assuming), trace=sides.trace
        )
    return Verdict(decision, conditions_of(sure), assuming=assuming, trace=sides.trace)


def _allowed(grant: Dnf, deny: Dnf) -> Dnf:
    if not grant or not deny:
        return grant
    return all_of((grant, negation(deny)))


def _possible(allowed: Dnf, context: Context) -> Dnf:
    """The formula without the terms that no request can meet; `TRUE` when no request can fail to meet it."""
    if not allowed or allowed == TRUE:
        return allowed
    kept = tuple(term for term in allowed if not is_impossible(_written(term), context))
    if 1 < len(kept) <= _FEW and all(is_impossible(_written(term), context) for term in negation(kept)):
        return TRUE
    return kept


_FEW = 6


def _written(term: Term) -> tuple[Condition, ...]:
    shown = (literal.shown for literal in term if literal.shown is not None)
    return tuple(sorted(shown, key=lambda condition: (condition.key, condition.operator, condition.values)))


def _decision(allowed: Dnf, grant: Dnf) -> Decision:
    if allowed == TRUE:
        return "allowed"
    if allowed:
        return "conditional"
    return "explicit-deny" if grant == TRUE else "implicit-deny"


def _assuming(sides: Sides, allowed: Dnf) -> tuple[LayerName, ...]:
    """The layers never read on which the answer rests: one that cannot change it is not named."""
    if not sides.unread:
        return ()
    if allowed:
        return sides.unread
    if "resource" in sides.unread and _allowed(sides.hoped, sides.deny):
        return ("resource",)
    return ()


def unread_gap(layer: LayerName) -> Gap:
    """A layer that was never read, as the gap that it is under `--strict`."""
    return Gap(call=layer, kind="absent", reason="never read", makes_unknown="whether this layer allows or denies")


def outcome(layer: LayerName, allow: Dnf, deny: Dnf, reasons: tuple[Reason, ...], miss: str = "") -> LayerOutcome:
    """One step of the trace. Reasons are the layer's matching statements, the denying ones first."""
    said = _said(allow, deny)
    detail = miss if said == "silent" else ""
    return LayerOutcome(layer, said, reasons, detail)


def _said(allow: Dnf, deny: Dnf) -> Outcome:
    if without_gaps(deny, hopeful=False) == TRUE:
        return "denies"
    if any(literal.gap is not None for term in (*allow, *deny) for literal in term):
        return "unknown"
    if deny or allow not in (TRUE, FALSE):
        return "conditional"
    return "allows" if allow == TRUE else "silent"
