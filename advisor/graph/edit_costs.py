"""What an edit costs: the effort to review it, whom it touches, and above all what it takes away that is in use."""

from __future__ import annotations

from collections import defaultdict

from advisor.evaluate.operators import moment_of
from advisor.graph.edits import Edit
from advisor.graph.explain import Explainer
from advisor.reference.usage import LastUse, last_use

DEMOTING = 1_000.0
"""For each administrator whose policies an edit touches: it would take away what is there on purpose."""
USED = 20.0
"""For an action that somebody used in the last 90 days."""
PERHAPS_USED = 4.0
"""For one of which only that is known that its service was used."""
WIDE = 12.0
"""Of taking away a policy that allows everything, or many things: most of that is no part of any path."""
OWN_DENY = 3.0
"""Of a deny for one principal alone: it leaves the policy that is too wide as it is."""
BOUND = 3.6
"""Of a boundary for one principal: one more policy to keep, which nobody expects to find."""
GRANT = 1.5
"""Of a statement that names somebody in the policy of one thing."""
SHUT_OUT = 4.0
"""Of no longer trusting somebody from outside: who that serves cannot be seen from here."""
RECENT = 90 * 86_400
"""Seconds."""


class EditCosts:
    """The costs of the edits of one account, all of them multiples of a fiftieth."""

    def __init__(self, explainer: Explainer) -> None:
        self.account = explainer.account
        self._administrators = frozenset(explainer.interpreter.admins.of_account())
        self._holders: dict[str, set[int]] = defaultdict(set)
        """Nodes by managed policy, by `owner#policy` of what a principal or its group holds."""
        for node, principal in enumerate(self.account.principals):
            for item in self.account.holdings.held(principal):
                self._holders[f"{item.owner}#{item.policy}"].add(node)
                if item.kind == "managed":
                    self._holders[item.policy].add(node)
            if principal.boundary is not None:
                self._holders[principal.boundary].add(node)

    def of(self, edit: Edit) -> float:
        """The cost of one edit."""
        if edit.kind == "trust":
            return self._of_trust(edit)
        if edit.kind == "grant":
            return GRANT
        if edit.kind in ("guard", "bound"):
            nodes = {self.account.nodes.position[edit.owner]}
            effort = BOUND if edit.kind == "bound" else OWN_DENY if edit.resources == ("*",) else 1.6
            return effort + self._of_use(edit, nodes)
        key = f"{edit.owner}#{edit.policy}" if edit.kind == "detach" or edit.place == "inline" else edit.policy
        nodes = self._holders.get(key, set())
        demoting = DEMOTING * len(self._administrators & nodes)
        return self._effort(edit, len(nodes)) + demoting + self._of_use(edit, nodes)

    def _effort(self, edit: Edit, touched: int) -> float:
        if edit.kind == "detach":
            return 2.5 + self._breadth(edit.policy)
        if edit.only:
            return 1.16 + 0.02 * touched + 0.02 * len(edit.only[0].values)
        if edit.kind == "deny" and edit.resources != ("*",):
            return 1.1 + 0.02 * touched + 0.02 * len(edit.resources)
        return (1.0 if edit.kind == "take-out" else 1.3) + 0.1 * touched

    def _breadth(self, policy: str) -> float:
        """How much goes with a policy as a whole."""
        patterns = self._patterns(policy)
        return WIDE if "*" in patterns else min(0.2 * len(patterns), WIDE)

    def _patterns(self, policy: str) -> list[str]:
        found = self.account.snapshot.policy_by_arn.get(policy)
        statements = found.document.statements if found and found.document else ()
        return [pattern for statement in statements for pattern in statement.actions or ("*",)]

    def _of_trust(self, edit: Edit) -> float:
        """A role that was worn lately is perhaps worn by the one who is shut out."""
        position = self.account.nodes.position
        role = self.account.snapshot.role_by_arn[edit.owner]
        worn = PERHAPS_USED if self._is_recent(role.last_used) else 0.0
        return (1.5 if edit.resources[0] in position else SHUT_OUT) + worn

    def _of_use(self, edit: Edit, nodes: set[int]) -> float:
        if edit.kind == "detach":
            return max((self._of_policy(node, edit.policy) for node in nodes), default=0.0)
        principals = (self.account.principals[node] for node in nodes)
        used = max((self._of_last(last_use(one.uses, edit.action)) for one in principals), default=0.0)
        return min(used, PERHAPS_USED) if edit.only else used

    def _of_policy(self, node: int, policy: str) -> float:
        """Somebody who used a service that the policy grants perhaps used it by this policy."""
        uses = self.account.principals[node].uses
        services = {use.service for use in uses or () if self._is_recent(use.last)}
        granted = {pattern.partition(":")[0].lower() for pattern in self._patterns(policy)}
        return PERHAPS_USED if services and ("*" in granted or granted & services) else 0.0

    def _of_last(self, last: LastUse | None) -> float:
        if last is None or not self._is_recent(last.at):
            return 0.0
        return USED if last.exact else PERHAPS_USED

    def _is_recent(self, at: str | None) -> bool:
        """In the 90 days before the account was read; unknown times are not."""
        moment, now = moment_of(at) if at else None, self.account.since
        return moment is not None and now is not None and now - moment <= RECENT
