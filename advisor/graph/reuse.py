"""What-if: which principals' moves a change cannot have touched, so that they are taken over as they were.

All that moves hang on beside the holder's own statements is compared: trust policies, tags, states, attachments, what
others could become. Where one of these differs, those whom it can concern are worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from advisor.graph.holders import Holder
from advisor.graph.moves import Move
from advisor.graph.needs import POLICY_STATES

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
        self._known = like.earlier.made if like and _surroundings_are_alike(interpreter, like.interpreter) else {}
        self._stale = _stale_techniques(interpreter, like.interpreter) if like and self._known else ()
        self._changed = _changed_things(interpreter, like.interpreter) if like and self._known else frozenset()

    def moves(self, holder: Holder, nodes: Iterable[int]) -> tuple[Move, ...]:
        """The moves of a holder's members, worked out unless nothing that they hang on has changed."""
        nodes = tuple(nodes)
        boundary = holder.boundary.digest if holder.boundary else ""
        key = (holder.key, boundary, holder.boundary_gap, nodes)
        found = self._known.get(key)
        if found is None or self._touches(holder):
            found = tuple(self.interpreter.moves(holder, nodes)) if nodes else ()
            self.interpreter.needs.powers.forget()
        self.made[key] = found
        return found

    def _touches(self, holder: Holder) -> bool:
        """Whether the change altered what its members are or hold, or what a technique of theirs asks for."""
        if any(self.interpreter.is_possible(technique, holder) for technique in self._stale):
            return True
        account = self.interpreter.account
        for node in holder.members:
            if account.principals[node].arn in self._changed:
                return True
            if any(arn in self._changed for arn in account.customer_policies(node)):
                return True
        return False


def _changed_things(one: Interpreter, other: Interpreter) -> frozenset[str]:
    """ARNs of principals and policies that are not what they were."""
    mine, theirs = one.account, other.account
    pairs = [
        *zip(mine.principals, theirs.principals, strict=True),
        *zip(mine.snapshot.policies, theirs.snapshot.policies, strict=True),
    ]
    return frozenset(now.arn for now, then in pairs if now is not then and now != then)


def _surroundings_are_alike(one: Interpreter, other: Interpreter) -> bool:
    mine, theirs = one.account, other.account
    now, then = mine.snapshot, theirs.snapshot
    return (
        mine.looks_like(theirs)
        and len(now.policies) == len(then.policies)
        and (now.gaps, now.settings, now.compute, now.human_access, now.source)
        == (then.gaps, then.settings, then.compute, then.human_access, then.source)
        and [group.attached for group in now.groups] == [group.attached for group in then.groups]
        and all(role.trust.digest == was.trust.digest for role, was in zip(now.roles, then.roles, strict=True))
        and all(user.sign_in == was.sign_in for user, was in zip(now.users, then.users, strict=True))
        and one.needs.editable == other.needs.editable
        and mine.thing_policies == theirs.thing_policies
    )


def _stale_techniques(one: Interpreter, other: Interpreter) -> tuple[Technique, ...]:
    """The techniques that ask for something that is not what it was: a state, an attachment, what others could be."""
    mine, theirs = one.needs.states, other.needs.states
    states = {name for name in one.states_asked if mine.fact(name) != theirs.fact(name)}
    attached = one.needs.attached != other.needs.attached
    granting = one.needs.granting != other.needs.granting
    potentials = one.admins.potentials != other.admins.potentials
    return tuple(
        technique
        for technique in one.leading
        if states & (set(technique.state) - (frozenset() if _edits_others(technique) else POLICY_STATES))
        or (attached and _edits_others(technique))
        or (granting and any(need.context for need in technique.needs))
        or (potentials and technique.gives == "become-upgraded")
    )


def _edits_others(technique: Technique) -> bool:
    """Whether it is about policies of others; who holds a policy that is not what it was is looked at anyway."""
    return any(need.resource == "target-policy" for need in technique.needs)
