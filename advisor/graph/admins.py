"""Who is an administrator, and who could be one: by effective permissions on everything, never by a policy's name.

The probe actions are knowledge (`knowledge/lists/administrator-probes.yaml`): all those in IAM and at least half of the
others must be allowed on every resource. A deny on a part, or a limit to some Regions, leaves an administrator one.
"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, gap_literal, negation, of_literal, simplify
from advisor.graph.holders import Holder
from advisor.graph.lines import Line
from advisor.graph.moves import Level, level_of
from advisor.graph.powers import Powers
from advisor.graph.universe import Bits
from advisor.reference.knowledge import load

_REGION = "aws:requestedregion"


def probes() -> tuple[str, ...]:
    """The probe actions, in lower case."""
    return _listed("administrator-probes")


def removals() -> dict[str, tuple[str, ...]]:
    """By kind of principal: the actions with which one who may do everything else takes a deny off itself."""
    return {kind: _listed(f"own-deny-removal-{kind}") for kind in ("user", "role")}


def _listed(name: str) -> tuple[str, ...]:
    return tuple(action.lower() for action in load("lists")[name].items)


class Administrators:
    """Answers for holders, remembered by the statements that matter."""

    def __init__(self, powers: Powers, like: Administrators | None = None) -> None:
        self.powers = powers
        self.probes = probes()
        bits = powers.lines.actions.bit
        self._core = [action for action in self.probes if action.startswith("iam:")]
        self._other = [action for action in self.probes if not action.startswith("iam:")]
        self._mask = sum(bits[action] for action in self.probes)
        self._core_mask = sum(bits[action] for action in self._core)
        levels = [
            [line for document in documents for line in powers.lines.of(document, "scp")]
            for documents in powers.account.scp_levels
        ]
        self._levels = [self._wide(level) for level in levels]
        self._removals = {kind: sum(bits.get(action, 0) for action in actions) for kind, actions in removals().items()}
        self._scp_denies = tuple(line for level in levels for line in level if line.is_deny)
        self._known: dict[tuple[object, ...], Dnf] = {}
        self._of_holder: dict[tuple[int, int, bool], Dnf] = {}
        self._potentials: tuple[tuple[Bits, Dnf], ...] | None = None
        if like is not None and powers.account.looks_like(like.powers.account):
            self._known = like._known

    @property
    def potentials(self) -> tuple[tuple[Bits, Dnf], ...]:
        """All nodes of the account by what they could be, in sets of one condition each; `FALSE` for never."""
        if self._potentials is None:
            found: dict[Dnf, Bits] = {}
            for holder in self.powers.account.holders:
                for node in holder.members:
                    could = self.could_be_one(holder, node)
                    found[could] = found.get(could, 0) | 1 << node
            self._potentials = tuple((bits, could) for could, bits in found.items())
        return self._potentials

    def of_account(self) -> dict[int, Level]:
        """The administrators among the account's principals, by node, each with how sure that is."""
        found: dict[int, Level] = {}
        for holder in self.powers.account.holders:
            alone = bool(holder.personal_mask & self._mask)
            for node in holder.members if alone else holder.members[:1]:
                if formula := self.is_one(holder, node):
                    found |= dict.fromkeys((node,) if alone else holder.members, level_of(formula))
        return found

    def is_one(self, holder: Holder, node: int) -> Dnf:
        """When the holder's rights make an administrator."""
        if holder.mask & self._core_mask != self._core_mask:
            return FALSE
        return self._decide(holder, node, upgraded=False)

    def could_be_one(self, holder: Holder, node: int) -> Dnf:
        """When it would be one once it was granted everything: boundary and the organization still bind.

        So do denies in its own policies, unless it could then take them away.
        """
        return self._decide(holder, node, upgraded=True)

    def _decide(self, holder: Holder, node: int, *, upgraded: bool) -> Dnf:
        key = (holder.id, node if holder.personal_mask & self._mask else -1, upgraded)
        found = self._of_holder.get(key)
        if found is None:
            found = self._of_holder[key] = self._by_lines(holder, node, upgraded)
        return found

    def _by_lines(self, holder: Holder, node: int, upgraded: bool) -> Dnf:
        own = tuple(line for line in self._wide(holder.lines) if line.is_deny or not upgraded)
        if upgraded and own and self.could_free_itself(holder, node):
            own = ()
        bound = self._wide(holder.bounds)
        is_personal = any(line.personal for line in (*own, *bound)) or self._is_scp_personal(holder)
        who = node if is_personal else self.powers.account.holder_kind(node)
        key = (
            upgraded, who, holder.kind, holder.gaps, holder.boundary is None, holder.boundary_gap,
            tuple(line.id for line in own), tuple(line.id for line in bound),
        )  # fmt: skip
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(holder, node, (own, bound), upgraded)
        return found

    def could_free_itself(self, holder: Holder, node: int) -> bool:
        """Whether nothing would keep it from taking denies off itself, once it may do everything that is not denied.

        What was not read may: that leaves the answer unknown by itself, whatever the denies that were read say.
        """
        wanted = self._removals.get(holder.kind, 0)
        if not wanted:
            return False
        denying = (line for line in (*self._scp_denies, *holder.lines, *holder.bounds) if line.is_deny)
        denied = _mask(line for line in denying if line.mask & wanted and self._is_about(line, node))
        allowed = self.powers.account.scp_mask
        if holder.boundary is not None:
            allowed &= _mask(line for line in holder.bounds if not line.is_deny and line.is_wide)
        return not denied & wanted and allowed & wanted == wanted

    def _is_about(self, line: Line, node: int) -> bool:
        """Whether a statement covers one of those with these rights, or a group of theirs; an open variable may."""
        if line.is_wide or line.has_variables:
            return True
        account = self.powers.account
        context = account.context(node)
        mine, groups = line.bits(account.nodes, context), line.bits(account.groups, context)
        alike = account.holder_of[node].members
        return any(mine >> one & 1 for one in alike) or (
            bool(groups) and any(groups >> group & 1 for one in alike for group in account.groups_of(one))
        )

    def _wide(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        """The statements about all resources that speak of a probe."""
        return tuple(line for line in lines if line.is_wide and line.mask & self._mask)

    def _is_scp_personal(self, holder: Holder) -> bool:
        return holder.kind != "service-linked" and any(line.personal for level in self._levels for line in level)

    def _work_out(self, holder: Holder, node: int, wide: tuple[Iterable[Line], Iterable[Line]], upgraded: bool) -> Dnf:
        formulas = {action: _anywhere(self._formula(holder, node, action, wide, upgraded)) for action in self.probes}
        core = all_of(formulas[action] for action in self._core)
        half = (len(self._other) + 1) // 2
        sure = [action for action in self._other if formulas[action] == TRUE]
        if len(sure) >= half:
            return core
        perhaps = sorted((action for action in self._other if formulas[action]), key=lambda name: len(formulas[name]))
        if len(perhaps) < half:
            return FALSE
        return all_of((core, *(formulas[action] for action in perhaps[:half])))

    def _formula(
        self, holder: Holder, node: int, action: str, wide: tuple[Iterable[Line], Iterable[Line]], upgraded: bool
    ) -> Dnf:
        own, bound = wide
        levels = () if holder.kind == "service-linked" else self._levels
        bit = self.powers.lines.actions.bit[action]

        def either(lines: Iterable[Line], *, denying: bool = False) -> Dnf:
            speaking = (line for line in lines if line.mask & bit and line.is_deny == denying)
            return any_of(self.powers.holds(line, node, action, (), None) for line in speaking)

        parts = [TRUE if upgraded else either(own)]
        denied = [either(lines, denying=True) for lines in (own, bound, *levels)]
        denied += [of_literal(gap_literal(gap, "Deny")) for gap in holder.gaps]
        if holder.boundary_gap is not None:
            parts.append(of_literal(gap_literal(holder.boundary_gap, "Allow")))
            denied.append(of_literal(gap_literal(holder.boundary_gap, "Deny")))
        elif holder.boundary is not None:
            parts.append(either(bound))
        parts += [either(level) for level in levels]
        return all_of((*parts, negation(any_of(denied)))) if all(parts) else FALSE


def _mask(lines: Iterable[Line]) -> int:
    found = 0
    for line in lines:
        found |= line.mask
    return found


def _anywhere(formula: Dnf) -> Dnf:
    """The formula for one who picks a Region that is allowed."""
    if len(formula) == 1 and not formula[0]:
        return formula
    return simplify(frozenset(literal for literal in term if _REGION not in literal.atom) for term in formula)
