"""Runs techniques: each need on the resource role that it names, on real effective permissions. Knows none by name."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import product

import msgspec

from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of
from advisor.graph.admins import Administrators
from advisor.graph.holders import Account, Holder
from advisor.graph.moves import Move, possible
from advisor.graph.needs import Needs, Part, is_assuming
from advisor.graph.role_keys import by_role
from advisor.graph.state import Met, weaker
from advisor.graph.trust import ASSUME
from advisor.graph.universe import Bits, members
from advisor.reference.schema.escalations import ADMINISTRATOR_GIVES, Need, Technique

_OTHERS = frozenset(("run-as", "become", "become-upgraded"))
"""Gains that need somebody to become."""
_GRANTS = frozenset(("own-rights", "become-upgraded", "new-principal"))
"""Gains of rights, as many as one likes."""
_BY_EDITING = frozenset(("own-rights", "older-version"))
"""Gains by changing what grants the actor its own rights."""


class Interpreter:
    """All techniques on one account."""

    def __init__(
        self,
        account: Account,
        techniques: Mapping[str, Technique],
        assume: Iterable[str] = (),
        like: Interpreter | None = None,
    ) -> None:
        self.account = account
        self.needs: Needs = Needs(account, assume, like.needs if like else None)
        self.admins: Administrators = Administrators(self.needs.powers, like.admins if like else None)
        self.techniques = tuple(item for item in techniques.values() if not item.same_as)
        self._can_hold: dict[tuple[Dnf, str], Dnf] = {}
        self._by_mask: dict[tuple[str, int], list[Technique]] = {}
        self.leading = tuple(item for item in self.techniques if item.gives in ADMINISTRATOR_GIVES)
        self.states_asked = sorted({name for item in self.leading for name in item.state})
        bits = account.lines.actions.bit
        self.masks = {item.id: _Masks(item, bits) for item in self.techniques}
        self.joining = sum(self.masks[item.id].all for item in self.leading if item.gives == "group-rights")
        """The actions by which groups are joined, as a mask."""
        self._trust_only = {item.id for item in self.techniques if is_assuming(item)}
        self._nobody = {kind: account.holder(kind, (), (), None) for kind in ("user", "role")}

    def moves(
        self, holder: Holder, actors: Iterable[int] | None = None, using: int = 0, among: Container[str] | None = None
    ) -> Iterator[Move]:
        """Everything that a holder's members gain by the techniques that can end in an administrator.

        With `using`, a mask, only techniques that use one of these actions; with `among` only those of these ids.
        """
        for technique in self._possible(holder):
            if (among is None or technique.id in among) and (not using or self.masks[technique.id].all & using):
                for nodes in self.alike(technique, holder, tuple(holder.members if actors is None else actors)):
                    yield from self.possible_moves(self._run(technique, holder, nodes), nodes[0])

    def grants(self, holder: Holder) -> Iterator[Move]:
        """Whom a holder's members may grant rights, whatever may become of that: the targets of each move.

        A principal that is created stands for itself (`named`): its targets are those who create it.
        """
        for technique in self._possible(holder):
            if technique.gives in _GRANTS:
                for nodes in self.alike(technique, holder, holder.members):
                    yield from self.possible_moves(self._granting(technique, holder, nodes), nodes[0])

    def _granting(self, technique: Technique, holder: Holder, nodes: Sequence[int]) -> Iterator[Move]:
        parts = self._gained(technique, holder, nodes[0])
        if not parts and technique.gives == "become-upgraded":
            return
        met = self.needs.beside(technique, holder, nodes[0])
        if met is None:
            return
        if technique.gives == "become-upgraded":
            yield from self._as_moves(technique, holder, nodes, met, parts)
        elif technique.gives == "new-principal":
            bits, kind = self.bits_of(nodes), self._created(technique)
            yield Move(technique, holder, bits, met.formula, met.standing, bits, is_own=True, named=kind)
        else:
            for node in nodes:
                granted, policy = self._granted(technique, holder, node)
                formula, bit = all_of((met.formula, granted)), self.account.bit(node)
                if formula:
                    yield Move(technique, holder, bit, formula, met.standing, bit, is_own=True, policy=policy)

    def possible_moves(self, moves: Iterable[Move], node: int) -> Iterator[Move]:
        """The moves whose conditions some request can meet at all."""
        for move in moves:
            formula = self.can_hold(move.formula, node)
            if formula == move.formula:
                yield move
            elif formula:
                yield msgspec.structs.replace(move, formula=formula)

    def bits_of(self, nodes: Sequence[int]) -> Bits:
        bits = self.account.bit(nodes[0])
        for node in nodes[1:]:
            bits |= self.account.bit(node)
        return bits

    def can_hold(self, formula: Dnf, node: int) -> Dnf:
        """The formula without what contradicts itself."""
        if formula == TRUE:
            return formula
        key = (formula, self.account.holder_kind(node))
        found = self._can_hold.get(key)
        if found is None:
            found = self._can_hold[key] = possible(formula, self.account.context(node))
        return found

    def _possible(self, holder: Holder) -> list[Technique]:
        """The techniques that the holder's masks do not rule out."""
        key = (holder.kind, holder.mask)
        found = self._by_mask.get(key)
        if found is None:
            found = self._by_mask[key] = [item for item in self.leading if self.is_possible(item, holder)]
        return found

    def is_possible(self, technique: Technique, holder: Holder) -> bool:
        """Whether the holder's masks cover the technique's actions at all."""
        if holder.kind not in technique.actors:
            return False
        if technique.id in self._trust_only:
            return True
        masks = self.masks[technique.id]
        if holder.mask & masks.needed != masks.needed:
            return False
        return all(mask & holder.mask for mask in masks.choices)

    def alike(self, technique: Technique, holder: Holder, nodes: Sequence[int]) -> Iterable[Sequence[int]]:
        """Members that get the same answer: all of them, unless a statement looks at who acts."""
        if len(nodes) == 1 or self.masks[technique.id].all & holder.personal_mask or technique.id in self._trust_only:
            return [(node,) for node in nodes]
        if not self.masks[technique.id].assumes:
            return [nodes]
        apart = [node for node in nodes if self.needs.assuming.tells_apart(node)]
        alike = [node for node in nodes if not self.needs.assuming.tells_apart(node)]
        return [*((node,) for node in apart), *([alike] if alike else ())]

    def _run(self, technique: Technique, holder: Holder, nodes: Sequence[int]) -> Iterator[Move]:
        gives = technique.gives
        parts = self._gained(technique, holder, nodes[0])
        if not parts and gives in _OTHERS:
            return
        met = self.needs.beside(technique, holder, nodes[0])
        if met is None:
            return
        if gives in ("run-as", "become"):
            yield from self._as_moves(technique, holder, nodes, met, parts)
        elif gives == "become-upgraded":
            yield from self._upgraded(technique, holder, nodes, met, parts)
        elif gives == "new-principal":
            yield from self._new_principal(technique, holder, nodes, met)
        elif gives in _BY_EDITING:
            for node in nodes:
                yield from self._own_rights(technique, holder, node, met)
        elif gives == "group-rights":
            for node in nodes:
                yield from self._joins(technique, holder, node, met)

    def _gained(self, technique: Technique, holder: Holder, node: int) -> list[Part]:
        """The principals that are gained, as far as the needs on them go: asked first, since it is mostly nobody."""
        if technique.gives == "run-as":
            return list(self.needs.run_as(technique, holder, node))
        if technique.gives == "become":
            return list(self.needs.become(technique, holder, node))
        if technique.gives == "become-upgraded":
            found = self.needs.targets(technique, holder, node)
            return [part for whole in found for part in self.needs.in_state(technique, whole)]
        return []

    def _as_moves(
        self, technique: Technique, holder: Holder, nodes: Sequence[int], met: Met, parts: Iterable[Part]
    ) -> Iterator[Move]:
        actors = self.bits_of(nodes)
        for part in parts:
            targets = part.targets & ~actors if len(nodes) == 1 else part.targets
            formula = all_of((met.formula, part.formula))
            if not targets or not formula:
                continue
            standing = weaker(met.standing, part.standing)
            for bits, known in by_role(self.account, technique, nodes[0], formula, targets):
                yield Move(technique, holder, actors, known, standing, bits, service=part.service, policy=part.policy)

    def _upgraded(
        self, technique: Technique, holder: Holder, nodes: Sequence[int], met: Met, parts: Iterable[Part]
    ) -> Iterator[Move]:
        """Who grants its target the rights is an administrator if the target could be one, else just the target."""
        for move in self._as_moves(technique, holder, nodes, met, parts):
            yield from self.by_potential(move)

    def by_potential(self, move: Move) -> Iterator[Move]:
        """Split the targets by what could become of them."""
        for nodes, could in self.admins.potentials:
            bits = move.targets & nodes
            formula = all_of((move.formula, could)) if bits else FALSE
            if formula:
                yield msgspec.structs.replace(move, formula=formula, targets=bits, arrivals=bits)
            elif bits:
                yield msgspec.structs.replace(move, targets=bits)

    def _new_principal(self, technique: Technique, holder: Holder, nodes: Sequence[int], met: Met) -> Iterator[Move]:
        kind = self._created(technique)
        could = self.admins.could_be_one(self._nobody["user" if ":user/" in kind else "role"], nodes[0])
        met = self.needs.both(met, could) or Met(formula=FALSE)
        if not met.formula:
            return
        yield Move(
            technique,
            holder,
            self.bits_of(nodes),
            met.formula,
            met.standing,
            arrivals=self.bits_of(nodes),
            is_own=True,
            named=kind,
        )

    def _created(self, technique: Technique) -> str:
        """The pattern of the principals that the technique creates."""
        return self.needs.creation.kind_of(technique.needs[0].action.lower())

    def _own_rights(self, technique: Technique, holder: Holder, node: int, met: Met) -> Iterator[Move]:
        if technique.gives == "older-version":
            found = self._own_policies(technique, technique.needs[0], holder, node)
            yield from self._older_version(technique, holder, node, met, found)
            return
        could = self.admins.could_be_one(holder, node)
        if not could:
            return
        granted, policy = self._granted(technique, holder, node)
        formula = all_of((met.formula, could, granted))
        if formula:
            yield self._own_move(technique, holder, node, Met(met.standing, formula), policy)

    def _own_move(self, technique: Technique, holder: Holder, node: int, met: Met, policy: str) -> Move:
        """One who makes itself an administrator."""
        bit = self.account.bit(node)
        return Move(technique, holder, bit, met.formula, met.standing, arrivals=bit, is_own=True, policy=policy)

    def _granted(self, technique: Technique, holder: Holder, node: int) -> tuple[Dnf, str]:
        """When the actor may change what grants its own rights: itself, its policy, or a group that it is in."""
        formulas: list[Dnf] = []
        policy = ""
        for need in technique.needs:
            if need.resource == "self":
                formulas.append(
                    any_of(formula for bits, formula in self.needs.on_nodes(need, holder, node) if bits >> node & 1)
                )
            elif need.resource == "own-policy":
                found = self._own_policies(technique, need, holder, node)
                formulas.append(any_of(formula for _, formula in found))
                policy = self.account.policies.arns[found[0][0]] if found else ""
            elif need.resource == "own-group":
                groups = self._own_groups(need, holder, node)
                formulas.append(any_of(formula for _, formula in groups))
                policy = self.account.groups.arns[groups[0][0]] if groups else ""
        return all_of(formulas), policy

    def _own_policies(self, technique: Technique, need: Need, holder: Holder, node: int) -> list[tuple[int, Dnf]]:
        own = self.account.own_policies(node)
        return self._edited_policies(technique, need, holder, node, own) if own else []

    def _edited_policies(
        self, technique: Technique, need: Need, holder: Holder, node: int, within: Bits
    ) -> list[tuple[int, Dnf]]:
        """The customer policies among these that may be edited so, the surest first."""
        found = [
            (at, formula)
            for bits, formula in self.needs.policies(technique, need, holder, node, within)
            for at in members(bits)
        ]
        return sorted(found, key=lambda entry: (entry[1] != TRUE, entry[0]))

    def _own_groups(self, need: Need, holder: Holder, node: int) -> list[tuple[int, Dnf]]:
        own = sum(1 << at for at in self.account.groups_of(node))
        return self._edited(need, holder, node, own) if own else []

    def _edited(self, need: Need, holder: Holder, node: int, within: Bits) -> list[tuple[int, Dnf]]:
        """The groups among these that may be edited so, the surest first."""
        found = [
            (at, formula) for bits, formula in self.needs.on_groups(need, holder, node) for at in members(bits & within)
        ]
        return sorted(found, key=lambda entry: (entry[1] != TRUE, entry[0]))

    def edited_groups(self, holder: Holder, node: int) -> Bits:
        """The groups to which a user could add rights, its own or others: by it or its policies."""
        bits: Bits = 0
        for technique in self._possible(holder):
            for need in technique.needs if technique.gives in _BY_EDITING else ():
                if need.resource == "own-group":
                    for groups, _ in self.needs.on_groups(need, holder, node):
                        bits |= groups
                elif need.resource == "own-policy":
                    for policies, _ in self.needs.policies(technique, need, holder, node):
                        bits |= self.account.groups_with(policies)
        return bits

    def edits_of_group(self, holder: Holder, users: Sequence[int], group: int) -> Iterator[Move]:
        """What users gain by editing a group, or a policy attached to it, once they have joined it.

        `holder`: their rights by then. What they held before is no gain of joining.
        """
        for technique in self._possible(holder):
            needs = technique.needs if technique.gives in _BY_EDITING else ()
            for need, node in product(needs, users):
                if need.resource in ("own-group", "own-policy") and (met := self.needs.beside(technique, holder, node)):
                    yield from self.possible_moves(self._edits(technique, need, holder, node, met, group), node)

    def _edits(
        self, technique: Technique, need: Need, holder: Holder, node: int, met: Met, group: int
    ) -> Iterator[Move]:
        if need.resource == "own-group":
            universe, found = self.account.groups, self._edited(need, holder, node, 1 << group)
        else:
            new = self.account.policies_of_group(group) & ~self.account.own_policies(node)
            universe, found = self.account.policies, self._edited_policies(technique, need, holder, node, new)
        if technique.gives == "older-version":
            yield from self._older_version(technique, holder, node, met, found)
            return
        granted = any_of(formula for _, formula in found)
        formula = all_of((met.formula, granted, self.admins.could_be_one(holder, node))) if found else FALSE
        if formula:
            yield self._own_move(technique, holder, node, Met(met.standing, formula), universe.arns[found[0][0]])

    def _older_version(
        self, technique: Technique, holder: Holder, node: int, met: Met, found: Iterable[tuple[int, Dnf]]
    ) -> Iterator[Move]:
        """The first other version of these policies, which the actor holds, that would make it an administrator."""
        for at, formula in found:
            arn = self.account.policies.arns[at]
            policy = self.account.snapshot.policy_by_arn[arn]
            for version in policy.versions:
                if not version.is_default:
                    documents = tuple(
                        version.document if item == policy.document else item for item in holder.documents
                    )
                    changed = self.account.like(holder, documents)
                    whole = all_of((met.formula, formula, self.admins.is_one(changed, node)))
                    if whole:
                        yield self._own_move(technique, holder, node, Met(met.standing, whole), arn)
                        return

    def _joins(self, technique: Technique, holder: Holder, node: int, met: Met) -> Iterator[Move]:
        """Groups that the user can join; what it then can is worked out by the search."""
        need = next(need for need in technique.needs if need.resource == "target-group")
        own = sum(1 << at for at in self.account.groups_of(node))
        for bits, formula in self.needs.powers.parts(holder, node, need.action.lower(), self.account.groups):
            both = all_of((met.formula, formula))
            if both and bits & ~own:
                actor = self.account.bit(node)
                yield Move(technique, holder, actor, both, met.standing, is_own=True, groups=bits & ~own)


class _Masks:
    """The actions of a technique: all of them, those that it cannot do without, and the sets of which one will do.

    Assuming a role is not among those it cannot do without: its trust policy may be enough.
    """

    __slots__ = ("all", "assumes", "choices", "needed")

    def __init__(self, technique: Technique, bits: Mapping[str, int]) -> None:
        self.all = self.needed = 0
        self.assumes = False
        choices = []
        for need in technique.needs:
            mask = sum(bits[action.lower()] for action in {need.action, *need.instead})
            self.all |= mask
            if need.instead:
                choices.append(mask)
            elif (need.action.lower(), need.resource) == (ASSUME, "target-role"):
                self.assumes = True
            else:
                self.needed |= mask
        self.choices = tuple(choices)
