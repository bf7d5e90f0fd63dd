"""Gains that are no way to an administrator: data, enablers, other accounts. A class apart, never among the paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, conditions_of, gaps_of, without_gaps
from advisor.evaluate.resources import Target
from advisor.graph.holders import Holder
from advisor.graph.moves import STATUS, level_of
from advisor.graph.paths import Finder, Status, finder_of
from advisor.graph.state import Standing
from advisor.model.gap import Gap
from advisor.model.verdict import Conditions
from advisor.reference.schema.escalations import ADMINISTRATOR_GIVES, Need, Technique

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


class Opportunity(msgspec.Struct, frozen=True):
    """What one principal could do by one technique. `resources`: the data that it reaches, where that was read."""

    technique: str
    title: str
    gives: str
    actor: str
    status: Status
    resources: tuple[str, ...] = ()
    conditions: Conditions = ()
    state: Standing = "seen"
    gaps: tuple[Gap, ...] = ()


def find_opportunities(account: OpenAccount, assume: Iterable[str] = ()) -> tuple[Opportunity, ...]:
    """Everything that users and roles who are no administrators gain by such techniques, by actor and technique."""
    finder = finder_of(account, assume)
    found = [item for holder in finder.account.holders for item in _of_holder(finder, holder)]
    return tuple(sorted(found, key=lambda item: (item.actor, item.technique)))


def _of_holder(finder: Finder, holder: Holder) -> Iterator[Opportunity]:
    interpreter = finder.search.interpreter
    for technique in interpreter.techniques:
        if technique.gives not in ADMINISTRATOR_GIVES and interpreter.is_possible(technique, holder):
            for node in holder.members:
                if finder.search.admins.get(node, 2) == 2:
                    yield from _of_node(finder, technique, holder, node)


def _of_node(finder: Finder, technique: Technique, holder: Holder, node: int) -> Iterator[Opportunity]:
    interpreter = finder.search.interpreter
    if technique.existing:
        met = interpreter.needs.beside(msgspec.structs.replace(technique, existing=()), holder, node)
        resources, reached, standing = _data(finder, technique, holder, node)
    else:
        met = interpreter.needs.beside(technique, holder, node)
        resources, reached, standing = (), TRUE, "seen"
    if met is None:
        return
    own = (_own(finder, need, holder, node) for need in technique.needs)
    formula = interpreter.can_hold(all_of((met.formula, reached, *own)), node)
    if formula:
        yield Opportunity(
            technique=technique.id,
            title=technique.title,
            gives=technique.gives,
            actor=finder.account.nodes.arns[node],
            status=STATUS[level_of(formula)],
            resources=resources,
            conditions=tuple(term for term in conditions_of(without_gaps(formula, hopeful=True)) if term),
            state=standing if standing != "seen" else met.standing,
            gaps=gaps_of(formula),
        )


def _own(finder: Finder, need: Need, holder: Holder, node: int) -> Dnf:
    """When the need holds on the actor itself, its boundary, or some other principal."""
    account, needs = finder.account, finder.search.interpreter.needs
    if need.resource == "own-boundary":
        at = account.policies.position.get(account.principals[node].boundary or "")
        if at is None:
            return FALSE
        return needs.powers.pieces(holder, node, need.action.lower(), account.policies, at).allowed
    if need.resource in ("self", "target-user", "target-role"):
        is_self = need.resource == "self"
        parts = needs.on_nodes(need, holder, node)
        kind = account.user_bits if need.resource == "target-user" else account.nodes.all
        return any_of(
            formula for bits, formula in parts if (bits >> node & 1 if is_self else bits & kind & ~(1 << node))
        )
    return TRUE


def _data(finder: Finder, technique: Technique, holder: Holder, node: int) -> tuple[tuple[str, ...], Dnf, Standing]:
    """The things of the kind that the actions are allowed on; where none was read, whether they are on some."""
    needs = finder.search.interpreter.needs
    wanted = [need for need in technique.needs if need.resource == "existing"]
    kind = technique.existing[0]
    snapshot = finder.account.snapshot
    arns = [item.arn for item in snapshot.resources if item.kind == kind]
    arns += [item.arn for item in snapshot.compute if item.kind == kind and item.arn not in arns]
    questions = [(need.action.lower(), needs.fixed(need)[0]) for need in wanted]
    if not arns:
        met = needs.states.missing(kind, needs.states.existing(kind))
        return (), all_of((met.formula, needs.creation.some(holder, node, questions))), met.standing
    found = {
        arn: all_of(needs.creation.allowed(holder, node, question, Target(arn)) for question in questions)
        for arn in arns
    }
    return tuple(arn for arn, formula in found.items() if formula), any_of(found.values()), "seen"
