"""The statements behind each hop: what the technique requires, on which thing, and what allows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.access.principals import Held
from advisor.evaluate.context import Context
from advisor.evaluate.context_keys import principal_context
from advisor.evaluate.principals import Caller, Named
from advisor.evaluate.residual import conditions_of, gaps_of, without_gaps
from advisor.evaluate.resources import Target
from advisor.graph.creation import Question, instance
from advisor.graph.holders import Holder
from advisor.graph.interpret import Interpreter
from advisor.graph.lines import Line
from advisor.graph.moves import Move
from advisor.graph.needs import NAMED, THERE, kind_of
from advisor.graph.powers import Fixed
from advisor.graph.state import Standing
from advisor.graph.trust import ASSUME
from advisor.model.gap import Gap
from advisor.model.principal import User
from advisor.model.verdict import Conditions, Reason
from advisor.reference.schema.escalations import Need

if TYPE_CHECKING:
    from advisor.graph.reuse import Earlier


class Required(msgspec.Struct, frozen=True):
    """One action that the hop needs, on what, and the statements that allow it."""

    action: str
    resource: str
    because: tuple[Reason, ...] = ()


class Hop(msgspec.Struct, frozen=True, omit_defaults=False):
    """One step of a path. `conditions`: any of the inner lists, each with all of its conditions."""

    technique: str
    actor: str
    target: str
    requires: tuple[Required, ...]
    conditions: Conditions = ()
    state: Standing = "seen"
    gaps: tuple[Gap, ...] = ()
    title: str = ""


class Explainer:
    """Makes hops out of moves, with the reasons that decided them."""

    def __init__(self, interpreter: Interpreter, earlier: Earlier | None = None, like: Explainer | None = None) -> None:
        """`like`: that of the account before a change; `earlier` knows which of its hops are still right."""
        self.interpreter = interpreter
        self.account = interpreter.account
        self.powers = interpreter.needs.powers
        self._named: tuple[tuple[object, ...], dict[Question, str]] = ((), {})
        """What was worked out last of the things that an actor names."""
        self._earlier = earlier
        self._hops: dict[tuple[int, int, int], tuple[Move, Hop]] = {}
        """By the move's identity, the actor and the target."""
        self._before = like._hops if like else {}

    def hop(self, move: Move, node: int, target: int, label: str) -> Hop:
        """The move of one actor to one target. `target` is -1 where the actor gains for itself."""
        key = (id(move), node, target)
        known = self._before.get(key)
        if known is None or self._earlier is None or not self._earlier.still_is(move, node, target):
            known = move, self._hop(move, node, target, label)
        self._hops[key] = known
        return known[1]

    def _hop(self, move: Move, node: int, target: int, label: str) -> Hop:
        formula = move.formula
        known = without_gaps(formula, hopeful=True)
        return Hop(
            technique=move.technique.id,
            actor=self.account.nodes.arns[node],
            target=label,
            requires=self.requires(move, node, target),
            conditions=tuple(term for term in conditions_of(known) if term),
            state=move.standing,
            gaps=gaps_of(formula),
            title=move.technique.title if move.is_own or not move.technique.for_another else move.technique.for_another,
        )

    def requires(self, move: Move, node: int, target: int) -> tuple[Required, ...]:
        return tuple(self._required(need, move, node, target) for need in move.technique.needs)

    def _required(self, need: Need, move: Move, node: int, target: int) -> Required:
        for action in (need.action, *need.instead):
            resource, lines = self.resource(need, action.lower(), move, node, target)
            because = tuple(self._reasons(move.holder, node, lines))
            if need.resource == "existing":
                because += tuple(self._thing_reasons(node, action.lower(), resource))
            if action.lower() == ASSUME and need.resource == "target-role":
                because += tuple(self._trust_reasons(node, target))
            if because:
                return Required(action, resource, because)
        return Required(need.action, resource)

    def resource(self, need: Need, action: str, move: Move, node: int, target: int) -> tuple[str, list[Line]]:
        """The thing in the need's resource role, and the statements that allow the action on it."""
        account, fixed = (
            self.account,
            self.interpreter.needs.fixed(need, move.service if need.resource == "passed-role" else ""),
        )
        if need.resource == "existing":
            return self._there(need, move, node, action, target)
        if need.resource in ("new", "any"):
            return self._somewhere(move, node, (action, fixed[0]), NAMED)
        universe, at = (account.retagged if need.retagged else account.nodes), target
        if need.resource == "self":
            at = node if move.is_own else account.nodes.position.get(move.named, target)
        elif need.resource in ("own-policy", "own-boundary"):
            universe, at = account.policies, account.policies.position.get(move.policy, -1)
        elif need.resource == "target-policy":
            found = self.interpreter.needs.attached_policies(move.technique, need, move.holder, node, target)
            universe, at = account.policies, account.policies.position[found[0]] if found else -1
        elif need.resource in ("own-group", "target-group"):
            universe, at = account.groups, account.groups.position.get(move.policy or move.named, -1)
        elif need.resource == "provider":
            universe = self.interpreter.needs.trust.providers
            at = universe.position.get(move.policy, -1)
        if at < 0 or at >= len(universe):
            return "*", []
        for way in fixed:
            lines = self.powers.covering(move.holder, node, action, universe, at, way)
            if lines:
                return universe.arns[at], lines
        return universe.arns[at], []

    def _there(self, need: Need, move: Move, node: int, action: str, target: int) -> tuple[str, list[Line]]:
        """The thing that was read and runs as the target; a pattern where such things were not read."""
        needs, fixed = self.interpreter.needs, self.interpreter.needs.fixed(need)[0]
        wanted = [one for one in move.technique.needs if one.resource == "existing"]
        role = self.account.nodes.arns[target] if 0 <= target < len(self.account.nodes) else None
        for item in needs.states.carriers(move.technique.existing[0]) or () if move.technique.existing else ():
            if move.technique.carries_role and item.role != role:
                continue
            if needs.on_carrier(move.holder, node, wanted, item):
                return item.arn, self.allowing(move.holder, node, action, item.arn, fixed)
        return self._somewhere(move, node, (action, fixed), THERE)

    def _somewhere(self, move: Move, node: int, question: Question, roles: tuple[str, ...]) -> tuple[str, list[Line]]:
        """The pattern of the things that the actor may name, and what allows the action on one of them."""
        key = (move.technique.id, move.holder.id, node, roles)
        if self._named[0] != key:
            self._named = key, self._things(move, node, roles)
        things = self._named[1]
        if question not in things:
            things = self.interpreter.needs.creation.things(move.holder, node, [question])
        pattern = things.get(question, "*")
        return pattern, self.allowing(move.holder, node, question[0], instance(pattern), question[1])

    def _things(self, move: Move, node: int, roles: tuple[str, ...]) -> dict[Question, str]:
        needs = self.interpreter.needs
        questions = needs.together(move.technique, move.holder, node, roles)
        return needs.creation.things(move.holder, node, questions, kind_of(move.technique, roles))

    def allowing(self, holder: Holder, node: int, action: str, arn: str, fixed: Fixed = ()) -> list[Line]:
        """The statements that allow the action on one thing that is in no universe."""
        context = self.powers.context(node, action, fixed)
        target = Target(arn)
        return [
            line
            for line in self.powers.asked(holder, action).allows
            if line.compiled.matches_resource(target, line.kind, context) and line.compiled.holds(context)
        ]

    def _reasons(self, holder: Holder, node: int, lines: Iterable[Line]) -> Iterator[Reason]:
        """Each statement by the policy and the carrier through which the actor has it."""
        principal = self.account.principals[node]
        wanted = {(line.document.digest, line.compiled.index) for line in lines}
        held = list(self.account.holdings.held(principal))
        known = {item.document.digest for item in held}
        if isinstance(principal, User) and not {digest for digest, _ in wanted} <= known:
            held += self.of_groups(holder)
        for item in held:
            for digest, index in sorted(wanted):
                if item.document.digest == digest:
                    yield Reason(item.policy, item.kind, item.owner, index, item.document.statements[index].sid)

    def _thing_reasons(self, node: int, action: str, arn: str) -> Iterator[Reason]:
        """The statements of a thing's own policy that name the actor."""
        for line in self.naming(node, action, arn):
            yield Reason(arn, "resource", arn, line.compiled.index, line.compiled.sid)

    def naming(self, node: int, action: str, arn: str) -> Iterator[Line]:
        """The statements of a thing's own policy by which the actor may do something by name."""
        for line, names in self._named_in(self.account.caller(node), self.powers.context(node, action), action, arn):
            if names.direct or names.limited:
                yield line

    def naming_caller(self, caller: Caller, action: str, arn: str) -> Iterator[Line]:
        """Those by which somebody of another account may, where that account allows it, too."""
        yield from (line for line, _ in self._named_in(caller, principal_context(caller), action, arn))

    def _named_in(self, caller: Caller, context: Context, action: str, arn: str) -> Iterator[tuple[Line, Named]]:
        account = self.account
        document = account.thing_policies.get(arn)
        bit = account.lines.actions.bit[action]
        for line in account.lines.speaking_of(document, "resource", bit) if document is not None else ():
            names = line.compiled.names(caller, "resource", context)
            if not line.is_deny and names.at_all:
                yield line, names

    def of_groups(self, holder: Holder) -> list[Held]:
        """What the actor holds once it has joined a group."""
        digests = {document.digest for document in holder.documents}
        groups = self.account.snapshot.groups
        return [
            item for group in groups for item in self.account.held_by_group(group) if item.document.digest in digests
        ]

    def _trust_reasons(self, node: int, target: int) -> Iterator[Reason]:
        """The trust statements that let the actor in."""
        account = self.account
        if not account.users <= target < len(account.nodes):
            return
        role = account.snapshot.roles[target - account.users]
        caller = account.caller(node)
        context = account.context(node)
        bit = account.lines.actions.bit[ASSUME]
        for line in account.lines.speaking_of(role.trust, "trust", bit):
            if not line.is_deny and line.compiled.names(caller, "trust", context).at_all:
                yield Reason(role.name, "trust", role.arn, line.compiled.index, line.compiled.sid)
