"""What could be changed to close a hop: the edits behind each need of a move, with what each costs.

An edit is admissible when it can be made from the account: AWS's own policies can only be detached. Where a statement
lists the action by itself it is taken out, or gets a condition; where a wildcard grants it, a deny for that action
joins the policy, on the targets alone where they are few. What a thing's own policy grants is taken out of that. A
principal can be denied the action by a policy of its own, or by a boundary where it could take such a policy off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from advisor.access.principals import Held
from advisor.evaluate.pattern import action_matches
from advisor.evaluate.principals import parse_caller
from advisor.graph.edit_limits import Limits, Only
from advisor.graph.explain import Explainer
from advisor.graph.lines import Line
from advisor.graph.moves import Move
from advisor.graph.trust import ASSUME
from advisor.graph.universe import Bits, members
from advisor.model.arn import account_of
from advisor.model.document import Principals
from advisor.model.edits import account_named
from advisor.model.principal import Role
from advisor.reference.schema.escalations import Need

FEW_TARGETS = 8
BOUNDARY = "EscalationBoundary"
"""Name of the boundary that principals get who have none."""
GUARD = "DenyEscalation"
"""Name of the inline policy in which an actor is denied what a trust policy alone would grant it."""


class Edit(msgspec.Struct, frozen=True, order=True):
    """One change to one document.

    `kind`: `take-out` of a statement, a `condition` on one, `deny`, `detach`, `trust`, `grant` (a statement of a
    thing's own policy goes), `guard` (a deny in a policy of the actor's own) or `bound` (in a boundary that it gets).
    """

    kind: str
    place: str
    """Kind of the document: `managed`, `inline`, `trust`, `resource` or `boundary`."""
    policy: str
    owner: str
    """Who carries an inline policy or the trust, or whom the policy is detached from; empty for a managed policy."""
    statement: int = -1
    action: str = ""
    resources: tuple[str, ...] = ()
    """Of a deny; the principal that a trust no longer names."""
    only: tuple[Only, ...] = ()
    """On which condition the right remains, one at most."""


class Edits:
    """The edits of one account, with their costs."""

    def __init__(self, explainer: Explainer, made: frozenset[str] = frozenset()) -> None:
        """`made`: the boundaries that earlier rounds of the cut make."""
        self.explainer = explainer
        self.account = explainer.account
        self.made = made
        self.limits = Limits(explainer.interpreter)
        self._held: dict[tuple[int, str], dict[str, list[Held]]] = {}
        self._named, self._open_to_all = self._count_trusts()

    def _count_trusts(self) -> tuple[dict[str, Bits], Bits]:
        """The roles whose trust policy names an ARN, and those that name everyone."""
        trust = self.explainer.interpreter.needs.trust
        named: dict[str, Bits] = {}
        everyone: Bits = 0
        for document, roles in trust.roles.items():
            for element in trust.elements(document):
                everyone |= roles if element.everyone else 0
                for name in element.aws:
                    named[name] = named.get(name, 0) | roles
        return named, everyone

    def of_need(
        self, need: Need, move: Move, node: int, targets: Bits, group: str = ""
    ) -> list[tuple[Edit, ...]] | None:
        """The ways in which the need is met, each as the edits that end it; `None` where no statement meets it.

        `group`: ARN of the group that the actor has joined on its way.
        """
        by_name: list[tuple[Edit, ...]] = []
        if need.action.lower() == ASSUME and need.resource == "target-role":
            naming = targets & (self._named.get(self.account.nodes.arns[node], 0) | self._open_to_all)
            by_name = list(self._of_trust(node, naming))
            targets &= ~naming  # the actor's own policies are not asked there
            if not targets:
                return by_name or None
        ways: list[tuple[Edit, ...]] = []
        for action in (need.action, *need.instead):
            seen: set[tuple[str, int]] = set()
            granted: list[tuple[Edit, ...]] = []
            for line in self._lines(need, action.lower(), move, node, targets):
                place = (line.document.digest, line.compiled.index)
                if place not in seen:
                    seen.add(place)
                    granted += self._of_line(line, action, need, move, node, targets, group)
            ways += granted if self.limits.may_lift(node, action) else _with_denies(granted)
            if need.resource == "existing":
                ways += self._of_things(action, move, node, targets)
        return by_name + ways or None

    def _lines(self, need: Need, action: str, move: Move, node: int, targets: Bits) -> Iterable[Line]:
        """The statements that meet the need: on a thing that the actor names, all that allow the action on some."""
        allows = self.explainer.powers.asked(move.holder, action).allows
        if need.resource in ("new", "any", "existing"):
            return allows
        if need.resource in ("passed-role", "target-user", "target-role", "target-policy") and targets:
            is_policy = need.resource == "target-policy"
            universe = self.account.policies if is_policy else self.account.nodes
            wanted = universe.all if is_policy else targets
            context = self.explainer.powers.context(node, action)
            return [line for line in allows if line.bits(universe, context) & wanted]
        return self.explainer.resource(need, action, move, node, next(members(targets), -1))[1]

    def _of_line(
        self, line: Line, action: str, need: Need, move: Move, node: int, targets: Bits, group: str
    ) -> Iterator[tuple[Edit, ...]]:
        remaining = tuple(self.limits.conditions(need, move, line, node, targets))
        is_few = need.resource in ("passed-role", "target-role", "target-user") and targets.bit_count() <= FEW_TARGETS
        arns = tuple(sorted(self.account.nodes.arns[target] for target in members(targets))) if is_few else ()
        for item in self._holding(node, group).get(line.document.digest, ()):
            yield (*self._of_held(item, line, action, arns, remaining), *self._of_actor(node, action))

    def _of_actor(self, node: int, action: str) -> Iterator[Edit]:
        """Denying it the action by a policy of its own, unless it could take that off, or by its boundary."""
        principal, needs = self.account.principals[node], self.explainer.interpreter.needs
        if needs.is_editable(node) and not self.limits.may_lift(node, action):
            yield Edit("guard", "inline", GUARD, principal.arn, -1, action, ("*",))
        if (principal.boundary is None or principal.boundary in self.made) and needs.is_editable(node):
            yield Edit("bound", "boundary", BOUNDARY, principal.arn, -1, action)
        elif principal.boundary in self.account.policies.position and self.account.holder_of[node].boundary:
            yield Edit("deny", "managed", str(principal.boundary), "", -1, action, ("*",))

    def _of_things(self, action: str, move: Move, node: int, targets: Bits) -> Iterator[tuple[Edit, ...]]:
        """Statements of the things' own policies that let the actor act on one that runs as a target."""
        account, name = self.account, action.lower()
        kind, arns = move.technique.existing[0], {account.nodes.arns[at] for at in members(targets)}
        for item in self.explainer.interpreter.needs.states.carriers(kind) or ():
            if item.role in arns or not move.technique.carries_role:
                for line in self.explainer.naming(node, name, item.arn):
                    grant = Edit("grant", "resource", item.arn, item.arn, line.compiled.index, action)
                    yield (grant, *self._of_actor(node, action))

    def _holding(self, node: int, group: str) -> dict[str, list[Held]]:
        """What a principal holds, by document, with what the group that it joined holds."""
        found = self._held.get((node, group))
        if found is None:
            found = self._held[node, group] = {}
            held = list(self.account.holdings.held(self.account.principals[node]))
            if group:
                held += self.account.held_by_group(self.account.snapshot.groups[self.account.groups.position[group]])
            for item in held:
                found.setdefault(item.document.digest, []).append(item)
        return found

    def _of_held(
        self, item: Held, line: Line, action: str, arns: tuple[str, ...], remaining: Iterable[Only]
    ) -> Iterator[Edit]:
        is_aws = item.kind == "managed" and item.policy.split(":")[4:5] == ["aws"]
        owner = item.owner if item.kind == "inline" else ""
        if not is_aws:
            written = item.document.statements[line.compiled.index].actions or ()
            place = (item.kind, item.policy, owner)
            if {pattern.lower() for pattern in written if action_matches(pattern, action)} == {action.lower()}:
                yield Edit("take-out", *place, line.compiled.index, action)
                yield from (Edit("condition", *place, line.compiled.index, action, (), (only,)) for only in remaining)
            else:
                yield Edit("deny", *place, -1, action, ("*",))
                yield from (Edit("deny", *place, -1, action, ("*",), (only,)) for only in remaining)
            if arns:
                yield Edit("deny", *place, -1, action, arns)
        if item.kind == "managed" and not self._denies(item):
            yield Edit("detach", "managed", item.policy, item.owner)

    def _denies(self, item: Held) -> bool:
        """Whether the policy also takes rights away, which would come back without it."""
        return any(line.is_deny for line in self.account.lines.of(item.document))

    def _of_trust(self, node: int, targets: Bits) -> Iterator[tuple[Edit, ...]]:
        """Taking the actor out of the trust where others stay in it, or a deny of its own."""
        arn = self.account.nodes.arns[node]
        for target in members(targets):
            role = self._role(target)
            for line, element in self._naming(role, arn):
                guard = Edit("guard", "inline", GUARD, arn, -1, "sts:AssumeRole", (role.arn,))
                others = len(element.aws) + len(element.service) + len(element.federated) > 1
                if arn in element.aws and (others or len(role.trust.statements) > 1) and not role.is_identity_center:
                    yield Edit("trust", "trust", role.name, role.arn, line.compiled.index, "", (arn,)), guard
                else:
                    yield (guard,)

    def of_crossing(self, node: int, action: str, arn: str) -> list[tuple[Edit, ...]]:
        """What lets a principal act on a role or a thing of another account, as far as its own account allows it."""
        holder = self.account.holder_of[node]
        guard = Edit("guard", "inline", GUARD, self.account.nodes.arns[node], -1, "sts:AssumeRole", (arn,))
        guards = (guard,) if action.lower() == ASSUME and not self.limits.may_lift(node, action) else ()
        ways = [
            (*self._of_held(item, line, action, (arn,), ()), *self._of_actor(node, action), *guards)
            for line in self.explainer.allowing(holder, node, action.lower(), arn)
            for item in self._holding(node, "").get(line.document.digest, ())
        ]
        return ways if self.limits.may_lift(node, action) else _with_denies(ways)

    def of_crossed(self, actor: str, action: str, arn: str) -> list[tuple[Edit, ...]]:
        """What lets a principal of another account act on a role or a thing of this one, on this side."""
        if action.lower() != ASSUME:
            lines = self.explainer.naming_caller(parse_caller(actor), action.lower(), arn)
            return [(Edit("grant", "resource", arn, arn, line.compiled.index, action),) for line in lines]
        role = self.account.snapshot.role_by_arn[arn]
        if role.is_identity_center or role.is_service_linked:
            return []
        found: list[tuple[Edit, ...]] = []
        for line in self.account.lines.of(role.trust, "trust"):
            element = line.compiled.element
            if element is not None and not line.is_deny:
                own = [name for name in element.aws if name == actor or account_named(name) == account_of(actor)]
                named = ["*"] if element.everyone else own
                found += [
                    (Edit("trust", "trust", role.name, role.arn, line.compiled.index, "", (name,)),) for name in named
                ]
        return found

    def of_entry(self, party: str, target: int) -> list[tuple[Edit, ...]]:
        """Taking somebody from outside out of a role's trust policy; nothing where AWS keeps that policy."""
        role = self._role(target)
        if role.is_identity_center or role.is_service_linked:
            return []
        return [
            (Edit("trust", "trust", role.name, role.arn, line.compiled.index, "", (party,)),)
            for line, _ in self._naming(role, party)
        ]

    def _role(self, node: int) -> Role:
        return self.account.snapshot.roles[node - self.account.users]

    def _naming(self, role: Role, name: str) -> Iterator[tuple[Line, Principals]]:
        """The trust statements that let somebody in by name, or everyone."""
        for line in self.account.lines.of(role.trust, "trust"):
            element = line.compiled.element
            if line.is_deny or element is None:
                continue
            if element.everyone or name in (*element.aws, *element.service, *element.federated):
                yield line, element


def _with_denies(ways: list[tuple[Edit, ...]]) -> list[tuple[Edit, ...]]:
    """A deny in one of the policies ends what the others allow too."""
    if len(ways) < 2:
        return ways
    denies = dict.fromkeys(edit for way in ways for edit in way if edit.kind == "deny" and not edit.only)
    return [tuple(dict.fromkeys((*way, *denies))) for way in ways]
