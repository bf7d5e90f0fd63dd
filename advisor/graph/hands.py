"""Who changes the rights of others: techniques by which one makes oneself an administrator, turned to somebody else.

That is of use where the other one is in hand as well, which `in_hand.py` finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from advisor.evaluate.residual import Dnf
from advisor.graph.moves import Move
from advisor.graph.universe import Bits, members
from advisor.reference.schema.escalations import Need, Technique

if TYPE_CHECKING:
    from advisor.graph.holders import Holder
    from advisor.graph.interpret import Interpreter


class Hands:
    """The moves of one account by which somebody changes the rights of others."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.account, self.needs = interpreter.account, interpreter.needs
        self._carriers: dict[tuple[str, Bits], Bits] = {}

    def of(self, holder: Holder, actors: Sequence[int]) -> Iterator[Move]:
        """Whom a holder's members make administrators, if they have those in hand as well: the arrivals of each move.

        For groups it is the groups that they put others into.
        """
        for technique in self.interpreter.leading:
            if technique.for_another and not self.interpreter.masks[technique.id].needed & ~holder.mask:
                for nodes in self.interpreter.alike(technique, holder, tuple(actors)):
                    yield from self.interpreter.possible_moves(self._handed(technique, holder, nodes), nodes[0])

    def _handed(self, technique: Technique, holder: Holder, nodes: Sequence[int]) -> Iterator[Move]:
        need, actors = technique.needs[0], self.interpreter.bits_of(nodes)
        kinds = (self.account.user_bits if "user" in technique.actors else 0) | (
            self.account.role_bits & self.needs.editable if "role" in technique.actors else 0
        )
        for bits, formula in self._others(technique, need, holder, nodes[0]):
            if need.resource == "target-group":
                yield Move(technique, holder, actors, formula, groups=bits)
            elif others := self._carrying(need, bits) & kinds:
                for one in self.interpreter.by_potential(Move(technique, holder, actors, formula, targets=others)):
                    if one.arrivals:
                        yield msgspec.structs.replace(one, targets=0)

    def _others(self, technique: Technique, need: Need, holder: Holder, node: int) -> Iterable[tuple[Bits, Dnf]]:
        """What may be edited so: principals, policies or groups, as the need asks."""
        if need.resource == "self":
            return self.needs.on_nodes(need, holder, node)
        if need.resource == "own-policy":
            return self.needs.policies(technique, need, holder, node)
        return self.needs.on_groups(need, holder, node)

    def _carrying(self, need: Need, things: Bits) -> Bits:
        """Whose rights change with these: the principals themselves, who holds the policies, who is in the groups."""
        if need.resource == "self":
            return things
        found = self._carriers.get((need.resource, things))
        if found is None:
            found = 0
            for at in members(things):
                found |= self.needs.attached[at] if need.resource == "own-policy" else self.account.members_of(at)
            self._carriers[need.resource, things] = found
        return found

    def edited_for(self, move: Move, node: int, beneficiary: int) -> str:
        """ARN of the policy or the group that an actor edits for another; empty where it is that one itself."""
        need = move.technique.needs[0]
        if need.resource not in ("own-policy", "own-group"):
            return ""
        universe = self.account.policies if need.resource == "own-policy" else self.account.groups
        for things, _ in self._others(move.technique, need, move.holder, node):
            for at in members(things):
                if self._carrying(need, 1 << at) >> beneficiary & 1:
                    return universe.arns[at]
        return ""
