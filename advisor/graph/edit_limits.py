"""Edits that limit a right instead of taking it away: a condition under which it remains, or a permissions boundary.

A condition is offered only where no request of the technique can meet it, so that it closes the hop: one that asks for
MFA leaves the hop open to whoever has it. A boundary serves where one could take a deny of one's own off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from advisor.graph.granted import EVERYTHING
from advisor.graph.interpret import Interpreter
from advisor.graph.lines import Line
from advisor.graph.moves import Move
from advisor.graph.needs import is_assuming
from advisor.graph.universe import Bits
from advisor.model.document import Document
from advisor.model.principal import Group, Role, User
from advisor.reference import catalogue
from advisor.reference.knowledge import load
from advisor.reference.schema.escalations import Need

MOST_VALUES = 12
"""Values of one condition: longer lists nobody reviews."""
_PASSED_TO, _POLICY, _BOUNDARY = "iam:PassedToService", "iam:PolicyARN", "iam:PermissionsBoundary"


class Only(msgspec.Struct, frozen=True, order=True):
    """A right that remains while a condition key has one of these values."""

    key: str
    values: tuple[str, ...]

    def condition(self, *, negated: bool) -> dict[str, dict[str, list[str]]]:
        """As it stands in a statement that allows, or `negated` in one that denies."""
        kind = "Arn" if self.key == _POLICY else "String"
        return {f"{kind}{'Not' if negated else ''}Equals": {self.key: list(self.values)}}


class Limits:
    """What could limit the rights of one account's principals."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.account = interpreter.account
        self._lifting = tuple(action.lower() for action in load("lists")["own-inline-rewriting"].items)
        self._lifts: dict[tuple[int, str], bool] = {}
        self._worn: dict[tuple[int, int], set[str]] = {}
        self._harmless: tuple[str, ...] | None = None
        self._boundaries: tuple[str, ...] | None = None
        self._within: Bits = 0
        """Who has one of them."""
        trust = interpreter.needs.trust
        self._services = [
            (roles, {name for element in trust.elements(document) for name in element.service})
            for document, roles in trust.roles.items()
        ]

    def may_lift(self, node: int, action: str) -> bool:
        """Whether the principal may take an inline policy off itself that denies it the action."""
        denied = action.lower() if action.lower() in self._lifting else ""
        if (node, denied) not in self._lifts:
            self._lifts[node, denied] = any(self._may(node, one) for one in self._lifting if one != denied)
        return self._lifts[node, denied]

    def _may(self, node: int, action: str) -> bool:
        powers = self.interpreter.needs.powers
        parts = powers.parts(self.account.holder_of[node], node, action, self.account.nodes)
        return any(bits >> node & 1 for bits, _ in parts)

    def conditions(self, need: Need, move: Move, line: Line, node: int, targets: Bits) -> Iterator[Only]:
        """Conditions on a statement with which it no longer meets the need."""
        for only in self._closing(need, move, line, node, targets):
            if 0 < len(only.values) <= MOST_VALUES and only.key.lower() not in line.compiled.keys:
                yield only

    def _closing(self, need: Need, move: Move, line: Line, node: int, targets: Bits) -> Iterator[Only]:
        if need.resource == "passed-role" and move.service:
            passed = move.technique.passed_to or (move.service,)
            yield Only(_PASSED_TO, tuple(sorted(self._wearing(line, node, need.action.lower()).difference(passed))))
        if _POLICY in need.context:
            yield Only(_POLICY, self.harmless)
        if move.technique.gives in ("own-rights", "become-upgraded") and _BOUNDARY in catalogue.condition_keys(
            need.action
        ):
            targets = 1 << node if need.resource == "self" else targets
            if self.boundaries and not targets & self._within:
                yield Only(_BOUNDARY, self.boundaries)

    def _wearing(self, line: Line, node: int, action: str) -> set[str]:
        """The services that wear one of the roles that the statement is about."""
        key = (line.id, node if line.has_variables else -1)
        found = self._worn.get(key)
        if found is None:
            covered = line.bits(self.account.nodes, self.interpreter.needs.powers.context(node, action))
            found = self._worn[key] = {name for roles, some in self._services if roles & covered for name in some}
        return found

    @property
    def harmless(self) -> tuple[str, ...]:
        """The policies that are attached to somebody and allow no action of a technique."""
        if self._harmless is None:
            snapshot, holdings = self.account.snapshot, self.account.holdings
            holders: tuple[User | Group | Role, ...] = (*snapshot.users, *snapshot.groups, *snapshot.roles)
            arns = {arn for one in holders for arn in one.attached}
            wanted = sum(self.account.lines.actions.bit[action] for action in self._actions())
            documents = {arn: holdings.document_of(arn) for arn in sorted(arns)}
            self._harmless = tuple(
                arn
                for arn, document in documents.items()
                if isinstance(document, Document) and not self.account.allowed([document], "identity") & wanted
            )
        return self._harmless

    def _actions(self) -> Iterable[str]:
        needs = (need for technique in self.interpreter.leading for need in technique.needs)
        return {action.lower() for need in needs for action in (need.action, *need.instead)}

    @property
    def boundaries(self) -> tuple[str, ...]:
        """The account's boundaries within which no technique is possible."""
        if self._boundaries is None:
            used = {one.boundary for one in self.account.principals if one.boundary in self.account.policies.position}
            self._boundaries = tuple(arn for arn in sorted(map(str, used)) if self._is_safe(arn))
            nodes = enumerate(self.account.principals)
            self._within = sum(1 << node for node, one in nodes if one.boundary in self._boundaries)
        return self._boundaries

    def _is_safe(self, boundary: str) -> bool:
        holders = [self.account.holder(kind, (EVERYTHING,), (), boundary) for kind in ("user", "role")]
        return all(
            holder.boundary is not None and not self.interpreter.is_possible(technique, holder)
            for holder in holders
            for technique in self.interpreter.leading
            if not is_assuming(technique)
        )
