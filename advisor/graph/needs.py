"""The needs of a technique on one holder: what its actions are allowed on, and what must be so besides.

Each need stands on a resource role. New things are asked about by `creation.py`, principals and policies as sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import msgspec

from advisor.evaluate.residual import TRUE, Dnf, Literal, all_of, any_of, simplify
from advisor.graph.assume import Assuming
from advisor.graph.attachments import attached_to, fixed_roles, granting_policies
from advisor.graph.creation import Creation, Question, meet
from advisor.graph.holders import Account, Holder
from advisor.graph.moves import level_of, possible
from advisor.graph.powers import Fixed, Parts, Powers, fix
from advisor.graph.state import Met, Standing, States, weaker
from advisor.graph.trust import ASSUME, Trust
from advisor.graph.universe import Bits, Universe, members
from advisor.model.resource import Compute
from advisor.reference.schema.escalations import Need, Technique

ADMINISTRATOR_POLICY = "$administrator-policy"
"""In a technique's context: a policy of the account, or of AWS, that makes whoever holds it an administrator."""
_TARGET_STATES = frozenset(
    ("in-instance-profile", "keys-below-two", "login-profile", "no-login-profile", "loose-federation")
)
NAMED, THERE = ("new", "any"), ("existing",)
"""Resource roles of things that the actor names, and of those that are there."""
_ASSOCIATED = "iam:associatedresourcearn"
POLICY_STATES = frozenset(("policy-has-room", "other-version"))


class Part(msgspec.Struct, frozen=True, gc=False):
    """Some targets that are gained on one condition."""

    targets: Bits
    formula: Dnf = TRUE
    standing: Standing = "seen"
    service: str = ""
    policy: str = ""


class Needs:
    """The needs of all techniques on one account."""

    def __init__(self, account: Account, assume: Iterable[str] = (), like: Needs | None = None) -> None:
        self.account = account
        self.powers: Powers = Powers(account, like.powers if like else None)
        self.trust = Trust(account)
        self.creation: Creation = Creation(self.powers, like.creation if like else None)
        self.states = States(account, assume)
        self.assuming = Assuming(account, self.powers, self.trust)
        self._roles_with: dict[Bits, Bits] = {}
        self._fixed: dict[tuple[int, str], list[Fixed]] = {}
        self._ways: dict[tuple[str, tuple[str, ...]], tuple[tuple[Question, ...], ...]] = {}
        self.granting = granting_policies(account)
        self.attached = attached_to(account)
        self.editable = account.nodes.all & ~fixed_roles(account)

    def beside(self, technique: Technique, holder: Holder, node: int) -> Met | None:
        """The needs on new things and the states of actor and account; `None` when one of them does not hold."""
        if not self._may_edit(technique, node):
            return None
        standing: Standing = "seen"
        formulas: list[Dnf] = []
        for name in technique.state:
            if name not in _TARGET_STATES | POLICY_STATES:
                met = self._state_of(name, node)
                if met is None:
                    return None
                standing = weaker(standing, met.standing)
                formulas.append(met.formula)
        formulas.append(self._some(technique, holder, node, NAMED))
        if not technique.carries_role and technique.existing:
            there = self._there(technique, holder, node)
            if there is None:
                return None
            standing = weaker(standing, there.standing)
            formulas.append(there.formula)
        formula = all_of(formulas)
        return Met(standing, formula) if formula else None

    def _may_edit(self, technique: Technique, node: int) -> bool:
        """Service-linked roles and roles of Identity Center refuse edits, whatever is allowed."""
        return not any(need.resource == "self" for need in technique.needs) or self.is_editable(node)

    def is_editable(self, node: int) -> bool:
        """Whether AWS lets anybody edit the principal."""
        return bool(self.editable >> node & 1)

    def _state_of(self, name: str, node: int) -> Met | None:
        return next((met for bits, met in self.states.parts(name) if bits >> node & 1), None)

    def attached_policies(self, technique: Technique, need: Need, holder: Holder, node: int, target: int) -> list[str]:
        """The policies of a role that may be edited so, by ARN."""
        own = sum(1 << self.account.policies.position[arn] for arn in self.account.customer_policies(target))
        found = self.policies(technique, need, holder, node, own)
        return [self.account.policies.arns[at] for bits, _ in found for at in members(bits)]

    def _carrying(self, policies: Bits) -> Bits:
        """The roles that hold one of these policies and may be edited."""
        found = self._roles_with.get(policies)
        if found is None:
            found = 0
            for at in members(policies):
                found |= self.attached[at]
            found = self._roles_with[policies] = found & self.account.role_bits & self.editable
        return found

    def _some(self, technique: Technique, holder: Holder, node: int, roles: tuple[str, ...]) -> Dnf:
        """When the actions on things in these roles, or those that serve instead, are allowed on things of one's own
        naming.
        """
        formulas: list[Dnf] = []
        for questions in self._choices(technique, roles):
            formulas.append(self.creation.some(holder, node, questions, kind_of(technique, roles)))
            if formulas[-1] == TRUE:
                break
        return any_of(formulas)

    def together(self, technique: Technique, holder: Holder, node: int, roles: tuple[str, ...]) -> Sequence[Question]:
        """The actions, or those that serve instead, that are allowed together; none where they are not."""
        best: tuple[int, Sequence[Question]] = (3, ())
        choices = self._choices(technique, roles)
        if len(choices) == 1:
            return choices[0]
        for questions in choices:
            formula = self.creation.some(holder, node, questions, kind_of(technique, roles))
            if formula and (level := level_of(formula)) < best[0]:
                best = level, questions
        return best[1]

    def _choices(self, technique: Technique, roles: tuple[str, ...]) -> tuple[tuple[Question, ...], ...]:
        """Every way to meet the needs on things in these roles: the action itself or one that serves instead."""
        found = self._ways.get((technique.id, roles))
        if found is None:
            needs = [need for need in technique.needs if need.resource in roles]
            each = ([self._question(need, action.lower()) for action in (need.action, *need.instead)] for need in needs)
            found = self._ways[technique.id, roles] = tuple(product(*each))
        return found

    def _question(self, need: Need, action: str) -> Question:
        return action, self.fixed(need)[0]

    def fixed(self, need: Need, service: str = "") -> list[Fixed]:
        """The condition keys that the request fixes, in each way that serves."""
        found = self._fixed.get((id(need), service))
        if found is None:
            found = self._fixed[id(need), service] = self._fix(need, service)
        return found

    def _fix(self, need: Need, service: str) -> list[Fixed]:
        values = {key: tuple(value) for key, value in need.context.items()}
        if service:
            values["iam:PassedToService"] = (service,)
        for key, value in values.items():
            if value == (ADMINISTRATOR_POLICY,):
                return [fix({**values, key: (policy,)}) for policy in self.granting]
        return [fix(values)]

    def _there(self, technique: Technique, holder: Holder, node: int) -> Met | None:
        """That something of the kind is there on which the actions are allowed."""
        kind = technique.existing[0]
        needs = [need for need in technique.needs if need.resource == "existing"]
        items = self.states.carriers(kind)
        if items is None:
            met = self.states.missing(kind, self.states.existing(kind))
            return self.both(met, self._some(technique, holder, node, THERE))
        formula = any_of(self.on_carrier(holder, node, needs, item) for item in items)
        return Met("seen", formula) if formula else None

    def both(self, met: Met, formula: Dnf) -> Met | None:
        both = all_of((met.formula, formula))
        return Met(met.standing, both) if both else None

    def on_carrier(self, holder: Holder, node: int, needs: Sequence[Need], item: Compute) -> Dnf:
        """When all actions are allowed on one thing that is there."""
        return all_of(
            self.creation.on(holder, node, self._question(need, need.action.lower()), item.kind, item.arn)
            for need in needs
        )

    def run_as(self, technique: Technique, holder: Holder, node: int) -> Iterator[Part]:
        if technique.passes_role:
            yield from self._passed(technique, holder, node)
        else:
            yield from self._carried_roles(technique, holder, node)

    def _passed(self, technique: Technique, holder: Holder, node: int) -> Iterator[Part]:
        """Roles that may be passed and that trust the service that runs as them."""
        need = next(need for need in technique.needs if need.resource == "passed-role")
        for service in technique.trust:
            for (fixed,) in ((item,) for to in technique.passed_to or (service,) for item in self.fixed(need, to)):
                parts = self.powers.parts(holder, node, need.action.lower(), self.account.nodes, fixed)
                for bits, formula in _meet(parts, self.trust.admitting(service)):
                    if fitting := self._associated(technique, formula):
                        yield from self.in_state(technique, Part(bits, fitting, service=service))

    def _associated(self, technique: Technique, formula: Dnf) -> Dnf:
        """The formula without what asks for an associated resource that the technique makes or changes none of."""
        if not any(_ASSOCIATED in literal.atom for term in formula for literal in term):
            return formula
        types = [
            pattern
            for need in technique.needs
            if need.resource in ("new", "existing")
            for pattern in self.creation.types(need.action.lower(), next(iter(technique.existing), ""))
        ]
        return tuple(term for term in formula if all(_can_be_of(literal, types) for literal in term))

    def _carried_roles(self, technique: Technique, holder: Holder, node: int) -> Iterator[Part]:
        """The roles that existing things run as; where those were not read, all that could be."""
        kind = technique.existing[0]
        needs = [need for need in technique.needs if need.resource == "existing"]
        items = self.states.carriers(kind)
        if items is None:
            met = self.states.missing(kind, self.states.existing(kind))
            formula = all_of((met.formula, self._some(technique, holder, node, THERE)))
            for service in technique.trust if formula else ():
                for bits, trusting in self.trust.admitting(service):
                    yield Part(bits, all_of((formula, trusting)), met.standing, service)
            return
        by_formula: dict[Dnf, Bits] = {}
        for item in items:
            at = self.account.nodes.position.get(item.role or "")
            if at is not None and (formula := self.on_carrier(holder, node, needs, item)):
                by_formula[formula] = by_formula.get(formula, 0) | 1 << at
        yield from (Part(bits, formula) for formula, bits in by_formula.items())

    def become(self, technique: Technique, holder: Holder, node: int) -> Iterator[Part]:
        if is_assuming(technique):
            for bits, formula in self.assuming.parts(holder, node):
                yield Part(bits, formula)
            return
        if "identity-center" in technique.state:
            yield Part(self.states.fact("identity-center-role").true)
            return
        for part in self.targets(technique, holder, node):
            yield from self.in_state(technique, part)

    def targets(self, technique: Technique, holder: Holder, node: int) -> Iterator[Part]:
        """Users or roles on which all needs hold at once."""
        found = [Part(self.account.nodes.all)]
        for need in technique.needs:
            if need.resource in ("target-user", "target-role", "target-policy", "provider"):
                each = list(self._of_need(technique, need, holder, node))
                found = [
                    Part(bits, formula, part.standing, policy=part.policy or policy)
                    for part in found
                    for targets, one, policy in each
                    if (bits := part.targets & targets) and (formula := all_of((part.formula, one)))
                ]
        yield from found

    def _of_need(self, technique: Technique, need: Need, holder: Holder, node: int) -> Iterator[tuple[Bits, Dnf, str]]:
        action = need.action.lower()
        if need.resource == "target-policy":
            together: dict[Dnf, Bits] = {}
            for policies, formula in self.policies(technique, need, holder, node):
                if targets := self._carrying(policies):
                    together[formula] = together.get(formula, 0) | targets
            yield from ((targets, formula, "") for formula, targets in together.items())
        elif need.resource == "provider":
            yield from self._of_provider(need, holder, node)
        elif action == ASSUME:
            for bits, formula in self.assuming.parts(holder, node):
                yield bits, formula, ""
        else:
            kind = self.account.user_bits if need.resource == "target-user" else self.account.role_bits & self.editable
            for bits, formula in self.on_nodes(need, holder, node):
                if bits & kind:
                    yield bits & kind, formula, ""

    def on_nodes(self, need: Need, holder: Holder, node: int) -> Iterator[tuple[Bits, Dnf]]:
        """The users and roles that the action, or one that serves instead, is allowed on."""
        parts = self._on(self.account.retagged if need.retagged else self.account.nodes, need, holder, node)
        yield from self._tagged(parts, node) if need.retagged else parts

    def on_groups(self, need: Need, holder: Holder, node: int) -> Iterator[tuple[Bits, Dnf]]:
        """The groups that the action is allowed on."""
        yield from self._on(self.account.groups, need, holder, node)

    def _on(self, universe: Universe, need: Need, holder: Holder, node: int) -> Iterator[tuple[Bits, Dnf]]:
        for action in (need.action, *need.instead):
            reads_policy = self._reads(holder, action.lower(), "iam:policyarn")
            for fixed in self.fixed(need)[: None if reads_policy else 1]:
                yield from self.powers.parts(holder, node, action.lower(), universe, fixed)

    def _tagged(self, parts: Iterable[tuple[Bits, Dnf]], node: int) -> Iterator[tuple[Bits, Dnf]]:
        """What is allowed once the target has the tags that are asked for; not what is allowed in any case."""
        for bits, formula in parts:
            terms = possible(formula, self.account.context(node))
            if any(_is_of_tag(literal) for term in terms for literal in term):
                yield bits, simplify(frozenset(item for item in term if not _is_of_tag(item)) for term in terms)

    def _reads(self, holder: Holder, action: str, key: str) -> bool:
        return any(key in line.compiled.keys for line in self.powers.asked(holder, action).every)

    def _of_provider(self, need: Need, holder: Holder, node: int) -> Iterator[tuple[Bits, Dnf, str]]:
        """The roles that trust a provider that may be changed; providers that were not read are known by the trusts."""
        for provider, roles in self.trust.by_provider().items():
            universe = self.trust.providers
            pieces = self.powers.pieces(holder, node, need.action.lower(), universe, universe.position[provider])
            if (":saml-provider/" in provider) != ("SAML" in need.action):
                continue
            if pieces.allowed:
                yield roles, pieces.allowed, provider

    def policies(
        self, technique: Technique, need: Need, holder: Holder, node: int, within: Bits = -1
    ) -> Iterator[tuple[Bits, Dnf]]:
        """The customer policies that may be edited so, where the technique's state allows it."""
        universe = self.account.policies
        for found, formula in self.powers.parts(holder, node, need.action.lower(), universe):
            bits = found & within if within >= 0 else found
            fit = bits
            for name in POLICY_STATES & set(technique.state):
                fit &= self.states.fact(name).true
            if fit:
                yield fit, formula
            if full := (bits & ~fit if "policy-has-room" in technique.state else 0):
                # five versions are the most: one must be deleted first
                for more, deleting in self.powers.parts(holder, node, "iam:deletepolicyversion", universe):
                    if more & full and (both := all_of((formula, deleting))):
                        yield more & full, both

    def in_state(self, technique: Technique, part: Part) -> Iterator[Part]:
        """The part as far as its targets are in the states that the technique asks of them."""
        found = [part]
        for name in technique.state:
            if name in _TARGET_STATES:
                found = [
                    msgspec.structs.replace(
                        one,
                        targets=one.targets & bits,
                        formula=all_of((one.formula, met.formula)),
                        standing=weaker(one.standing, met.standing),
                    )
                    for one in found
                    for bits, met in self.states.parts(name)
                    if one.targets & bits
                ]
        yield from found


def _can_be_of(literal: Literal, types: Sequence[str]) -> bool:
    """Whether a condition on the associated resource can hold for a thing of one of the types."""
    if literal.atom[3:4] != (_ASSOCIATED,) or not literal.positive:
        return True
    _, operator, absent, _, *values = literal.atom
    if absent or not operator.startswith(("Arn", "String")):
        return True
    return any(meet(pattern, value) for pattern in types for value in values)


def _is_of_tag(literal: Literal) -> bool:
    return any(":resourcetag/" in part for part in literal.atom)


def is_assuming(technique: Technique) -> bool:
    """Whether the technique is to assume a role, where trust policies have their own rules."""
    return [(need.action.lower(), need.resource) for need in technique.needs] == [(ASSUME, "target-role")]


def kind_of(technique: Technique, roles: tuple[str, ...]) -> str:
    """The kind of thing that actions in these roles are asked about."""
    return technique.existing[0] if roles is THERE else ""


def _meet(one: Parts, other: Parts) -> Iterator[tuple[Bits, Dnf]]:
    for a, formula in one:
        for b, more in other:
            bits = a & b
            if bits and (both := all_of((formula, more))):
                yield bits, both
