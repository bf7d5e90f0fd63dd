"""What-if: which principals' moves a change cannot have touched, so that they are taken over as they were.

All that moves hang on beside the holder's own statements is compared: trust policies, tags, states, attachments, the
policies of things, what others could become. Where one of these differs, those whom it can concern are worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from advisor.graph.attachments import carried
from advisor.graph.holders import Account, Holder
from advisor.graph.moves import Move
from advisor.graph.needs import POLICY_STATES
from advisor.graph.trust import ASSUME
from advisor.graph.universe import members
from advisor.model.document import Document

if TYPE_CHECKING:
    from advisor.graph.interpret import Interpreter
    from advisor.graph.search import Search
    from advisor.reference.schema.escalations import Technique


class Earlier:
    """The moves of the search before a change."""

    def __init__(self, interpreter: Interpreter, like: Search | None) -> None:
        self.interpreter = interpreter
        self.made: dict[tuple[object, ...], tuple[Move, ...]] = {}
        """Of this search, for the next one."""
        self._known: dict[tuple[object, ...], tuple[Move, ...]] = {}
        self._differs = _Difference(frozenset(), (), 0)
        if like is not None and (found := _difference(interpreter, like.interpreter)) is not None:
            self._known, self._differs = like.earlier.made, found
        self._order = {technique.id: at for at, technique in enumerate(interpreter.leading)}

    def moves(self, holder: Holder, nodes: Iterable[int]) -> tuple[Move, ...]:
        """The moves of a holder's members, worked out unless nothing that they hang on has changed."""
        nodes = tuple(nodes)
        boundary = holder.boundary.digest if holder.boundary else ""
        key = (holder.key, boundary, holder.boundary_gap, nodes)
        found = self._known.get(key)
        if found is None or self._differs.touches(holder):
            found = tuple(self._made(holder, nodes))
        elif stale := self._differs.stale(self.interpreter, holder):
            kept = (move for move in found if move.technique.id not in stale)
            order = self._order
            found = tuple(sorted((*kept, *self._made(holder, nodes, stale)), key=lambda move: order[move.technique.id]))
        self.made[key] = found
        return found

    def _made(self, holder: Holder, nodes: tuple[int, ...], among: frozenset[str] | None = None) -> list[Move]:
        found = list(self.interpreter.moves(holder, nodes, among=among)) if nodes else []
        self.interpreter.needs.powers.forget()
        return found

    def still_is(self, move: Move, node: int, target: int) -> bool:
        """Whether the way that a move was explained before the change is right as it was, for a move taken over."""
        differs = self._differs
        return node not in differs.nodes and target not in differs.nodes and move.technique not in differs.techniques


class _Difference(NamedTuple):
    """Whom a change can concern: certain principals, whoever can use certain techniques, or is allowed an action."""

    nodes: frozenset[int]
    techniques: tuple[Technique, ...]
    actions: int

    def touches(self, holder: Holder) -> bool:
        """Whether its members are, hold or may do something that the change altered."""
        return bool(holder.mask & self.actions) or not self.nodes.isdisjoint(holder.members)

    def stale(self, interpreter: Interpreter, holder: Holder) -> frozenset[str]:
        """Of the techniques that the change concerns, those that its members may use."""
        return frozenset(item.id for item in self.techniques if interpreter.is_possible(item, holder))


def _difference(one: Interpreter, other: Interpreter) -> _Difference | None:
    """What a change made different; `None` where that could concern everybody."""
    trusts = _changed_trusts(one, other)
    if not _surroundings_are_alike(one, other) or any(
        document in trusts for here in (one, other) for document in here.needs.trust.open_to_all
    ):
        return None
    delegating = any(document in trusts for here in (one, other) for document in here.needs.trust.delegating)
    named = {
        node
        for here in (one, other)
        for node, documents in (here.needs.assuming.named.items() if trusts else ())
        if not trusts.isdisjoint(documents)
    }
    return _Difference(
        frozenset(named.union(_changed_nodes(one, other))),
        tuple(_stale_techniques(one, other, trusts)),
        one.account.lines.actions.bit[ASSUME] if delegating else 0,
    )


def _surroundings_are_alike(one: Interpreter, other: Interpreter) -> bool:
    """Whether all is as it was that is not looked at more closely."""
    mine, theirs = one.account, other.account
    now, then = mine.snapshot, theirs.snapshot
    return (
        mine.looks_like(theirs)
        and (now.gaps, now.compute, now.human_access) == (then.gaps, then.compute, then.human_access)
        and (now.settings.regions, now.settings.instance_profiles)
        == (then.settings.regions, then.settings.instance_profiles)
        and mine.providers.arns == theirs.providers.arns
        and all(user.sign_in == was.sign_in for user, was in zip(now.users, then.users, strict=True))
        and one.needs.editable == other.needs.editable
    )


def _changed_trusts(one: Interpreter, other: Interpreter) -> set[Document]:
    """The trust policies that roles have now and had not before, or the other way round."""
    mine, theirs = one.needs.trust.roles, other.needs.trust.roles
    return {document for document, _ in mine.items() ^ theirs.items()}


def _changed_nodes(one: Interpreter, other: Interpreter) -> Iterator[int]:
    """Principals that are not what they were, or hold something that is not."""
    mine, theirs = one.account, other.account
    groups = {
        group.name
        for group, was in zip(mine.snapshot.groups, theirs.snapshot.groups, strict=True)
        if group is not was and group != was
    }
    for node, (now, then) in enumerate(zip(mine.principals, theirs.principals, strict=True)):
        if (now is not then and now != then) or (groups and not groups.isdisjoint(getattr(now, "groups", ()))):
            yield node
    held = carried(mine, one.needs.attached)
    before = {policy.arn: policy for policy in theirs.snapshot.policies}
    for policy in mine.snapshot.policies:
        was = before.get(policy.arn)
        if policy is not was and policy != was:
            yield from members(held.get(policy.arn, 0))


def _stale_techniques(one: Interpreter, other: Interpreter, trusts: set[Document]) -> Iterator[Technique]:
    """The techniques that ask for something that is not what it was: a state, an attachment, what others could be."""
    mine, theirs = one.needs, other.needs
    states = {name for name in one.states_asked if mine.states.fact(name) != theirs.states.fact(name)}
    attached = carried(one.account, mine.attached) != carried(other.account, theirs.attached)
    granting = mine.granting != theirs.granting
    potentials = one.admins.potentials != other.admins.potentials
    trusted = {name for document in trusts for name in _trusted(one, document)}
    kinds = _changed_kinds(one.account, other.account)
    for technique in one.leading:
        if (
            states & (set(technique.state) - (frozenset() if _edits_others(technique) else POLICY_STATES))
            or (attached and _edits_others(technique))
            or (granting and any(need.context for need in technique.needs))
            or (potentials and technique.gives == "become-upgraded")
            or (trusted and any(need.resource == "provider" for need in technique.needs))
            or not trusted.isdisjoint(technique.trust)
            or not kinds.isdisjoint(technique.existing)
        ):
            yield technique


def _trusted(interpreter: Interpreter, document: Document) -> Iterator[str]:
    """The services and providers that a trust policy names."""
    for element in interpreter.needs.trust.elements(document):
        yield from (*element.service, *element.federated)


def _changed_kinds(one: Account, other: Account) -> set[str]:
    """The kinds of things of which one has another policy of its own than it had."""
    changed = {arn for arn, _ in one.thing_policies.items() ^ other.thing_policies.items()}
    return {item.kind for item in one.snapshot.compute if item.arn in changed}


def _edits_others(technique: Technique) -> bool:
    """Whether it is about policies of others; who holds a policy that is not what it was is looked at anyway."""
    return any(need.resource == "target-policy" for need in technique.needs)
