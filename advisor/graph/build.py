"""The account as a graph: who is in what, carries what, trusts whom and reaches which resource.

Nodes are ARNs (users, roles, groups, policies, resources, compute), account ids, service names, providers and people of
the directory; each has `kind`, `label` and `outside`. Edges have a `kind` (their key too) and a `status`: `open`,
`conditional` or `unknown`. What one statement says of thousands of principals stays one edge to the account node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx

from advisor.model.arn import parse_arn
from advisor.model.document import Document, Principals, Statement
from advisor.model.principal import Group, Role, User
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

EDGE_KINDS = (
    "member-of", "attached", "inline", "trusts", "can-assume", "bounded-by", "carried-by", "grants-on", "entitled-to",
)  # fmt: skip
EVERYONE = "*"
_WIDE = frozenset(("*", "arn:aws:s3:::*", "arn:*"))


def build_graph(advisor: OpenAccount) -> nx.MultiDiGraph:
    """The graph of all accounts that were opened together."""
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    own = {snapshot.account for snapshot in advisor.snapshots}
    for snapshot in advisor.snapshots:
        _Builder(graph, snapshot, own).build()
    return graph


def neighbourhood(graph: nx.MultiDiGraph, node: str, hops: int = 1) -> nx.MultiDiGraph:
    """The part of the graph within so many edges of a node, in either direction."""
    seen, frontier = {node}, {node}
    for _ in range(hops):
        reached: set[str] = set()
        for name in frontier:
            reached.update(graph.successors(name))
            reached.update(graph.predecessors(name))
        frontier = reached - seen
        seen |= frontier
    return graph.subgraph(seen).copy()


def find_node(graph: nx.MultiDiGraph, text: str) -> str | None:
    """The node with that id, or the only one with that label."""
    if text in graph:
        return text
    named = [node for node, data in graph.nodes(data=True) if data["label"] == text]
    return named[0] if len(named) == 1 else None


class _Builder:
    """Adds one account's nodes and edges to the graph."""

    def __init__(self, graph: nx.MultiDiGraph, snapshot: Snapshot, own_accounts: set[str]) -> None:
        self.graph = graph
        self.snapshot = snapshot
        self.own = own_accounts

    def build(self) -> None:
        snapshot = self.snapshot
        for policy in snapshot.policies:
            self.node(policy.arn, "policy", policy.name, outside=False, aws=policy.is_aws_managed)
        for group in snapshot.groups:
            self.node(group.arn, "group", group.name)
            self._policies(group)
        for user in snapshot.users:
            self._user(user)
        for role in snapshot.roles:
            self._role(role)
        for resource in snapshot.resources:
            self.node(resource.arn, "resource", _label(resource.arn), type=resource.kind)
            if resource.policy:
                self._resource_policy(resource.arn, resource.policy)
        self._compute()
        self._people()
        self._identity_grants()

    def node(self, name: str, kind: str, label: str, *, outside: bool = False, **more: Any) -> None:
        if name not in self.graph:
            self.graph.add_node(name, kind=kind, label=label, outside=outside, **more)

    def edge(self, source: str, target: str, kind: str, status: str = "open", **more: Any) -> None:
        """One edge of a kind between two nodes; an open one replaces a weaker one."""
        if self.graph.has_edge(source, target, kind) and status != "open":
            return
        self.graph.add_edge(source, target, key=kind, kind=kind, status=status, **more)

    def _user(self, user: User) -> None:
        self.node(user.arn, "user", user.name)
        for name in user.groups:
            group = self.snapshot.group_by_name.get(name)
            if group:
                self.edge(user.arn, group.arn, "member-of")
        self._policies(user)
        self._boundary(user.arn, user.boundary)

    def _role(self, role: Role) -> None:
        self.node(role.arn, "role", role.name)
        self._policies(role)
        self._boundary(role.arn, role.boundary)
        for statement in role.trust.statements:
            self._trust(role, statement)

    def _boundary(self, owner: str, boundary: str | None) -> None:
        if boundary:
            status = "open" if self._is_read(boundary) else "unknown"
            self.node(boundary, "policy", _label(boundary))
            self.edge(owner, boundary, "bounded-by", status)

    def _policies(self, owner: User | Role | Group) -> None:
        for inline in owner.inline:
            name = f"{owner.arn}#{inline.name}"
            self.node(name, "policy", inline.name, inline=True)
            self.edge(owner.arn, name, "inline")
        for arn in owner.attached:
            self.node(arn, "policy", _label(arn), aws=arn.split(":")[4:5] == ["aws"])
            self.edge(owner.arn, arn, "attached", "open" if self._is_read(arn) else "unknown")

    def _is_read(self, policy: str) -> bool:
        found = self.snapshot.policy_by_arn.get(policy)
        return bool(found and found.document)

    def _trust(self, role: Role, statement: Statement) -> None:
        if not statement.allows or statement.principals is None or statement.principals.negated:
            return
        status = "conditional" if statement.conditions else "open"
        for party in self._parties(statement.principals):
            self.edge(role.arn, party, "trusts", status, statement=statement.index)
            self.edge(party, role.arn, "can-assume", status, statement=statement.index)

    def _parties(self, principals: Principals) -> Iterator[str]:
        """The nodes of everyone that a Principal element names, added where they are not there yet."""
        if principals.everyone:
            self.node(EVERYONE, "everyone", "everyone", outside=True)
            yield EVERYONE
        for name in principals.aws:
            if name != "*":
                yield self._aws_party(name)
        for kind, names in (
            ("service", principals.service), ("federated", principals.federated), ("canonical", principals.canonical),
        ):  # fmt: skip
            for name in names:
                self.node(name, kind, _label(name) if kind == "federated" else name, outside=True)
                yield name

    def _aws_party(self, name: str) -> str:
        arn = parse_arn(name)
        if arn is None or arn.resource == "root":
            account = arn.account if arn else name
            is_account = len(account) == 12 and account.isdigit()
            self.node(account, "account" if is_account else "deleted", account, outside=account not in self.own)
            return account
        if arn.service == "sts" and arn.resource.startswith("assumed-role/"):
            return self._session_role(name, arn.account, arn.resource.split("/")[1])
        kind = arn.resource.partition("/")[0]
        known = name in self.snapshot.user_by_arn or name in self.snapshot.role_by_arn
        self.node(name, kind if kind in ("user", "role") else "account", arn.name, outside=arn.account not in self.own)
        if not known and arn.account in self.own:
            self.graph.nodes[name].setdefault("missing", True)
        return name

    def _session_role(self, name: str, account: str, role: str) -> str:
        """The role behind a session ARN, which leaves out the path."""
        found = next((item.arn for item in self.snapshot.roles if item.name == role), None)
        if found and account == self.snapshot.account:
            return found
        self.node(name, "role", role, outside=account not in self.own)
        return name

    def _resource_policy(self, resource: str, document: Document) -> None:
        for statement in document.statements:
            if statement.allows and statement.principals and not statement.principals.negated:
                status = "conditional" if statement.conditions else "open"
                for party in self._parties(statement.principals):
                    self.edge(party, resource, "grants-on", status, statement=statement.index, by=resource)

    def _compute(self) -> None:
        for item in self.snapshot.compute:
            self.node(item.arn, "compute", item.name or _label(item.arn), type=item.kind)
            for role in {item.role, item.execution_role} - {None}:
                assert role is not None
                self.node(role, "role", _label(role))
                self.edge(role, item.arn, "carried-by")

    def _people(self) -> None:
        for entitlement in self.snapshot.human_access.entitlements or ():
            name = f"{entitlement.principal_kind}:{entitlement.principal}"
            self.node(name, "person", entitlement.principal, outside=True, group=entitlement.principal_kind == "group")
            self.node(entitlement.role, "role", _label(entitlement.role))
            self.edge(name, entitlement.role, "entitled-to", by=entitlement.permission_set or entitlement.kind)

    def _identity_grants(self) -> None:
        """Policies to the resources that they name: not for those that speak of all resources."""
        named = _named_resources(self.snapshot)
        for node, document in _identity_documents(self.snapshot):
            for statement in document.statements:
                if statement.allows and statement.resources:
                    self._grants(node, statement, named)

    def _grants(self, node: str, statement: Statement, named: _NamedResources) -> None:
        status = "conditional" if statement.conditions else "open"
        for pattern in statement.resources or ():
            if pattern not in _WIDE:
                for arn in named.matching(pattern):
                    self.edge(node, arn, "grants-on", status, statement=statement.index, by=node)


class _NamedResources:
    """Resources by ARN, found by a policy's pattern: exact, or by its text up to the first wildcard."""

    def __init__(self, arns: tuple[str, ...]) -> None:
        self.arns = frozenset(arns)
        self.sorted = sorted(arns)
        self._known: dict[str, tuple[str, ...]] = {}

    def matching(self, pattern: str) -> tuple[str, ...]:
        found = self._known.get(pattern)
        if found is None:
            found = self._known[pattern] = tuple(self._match(pattern))
        return found

    def _match(self, pattern: str) -> Iterator[str]:
        from bisect import bisect_left

        if pattern.endswith("/*") and pattern[:-2] in self.arns:
            yield pattern[:-2]
        prefix = min((pattern + "*").split("*")[0], (pattern + "?").split("?")[0], key=len)
        if prefix.count(":") < 3:
            return
        for arn in self.sorted[bisect_left(self.sorted, prefix) :]:
            if not arn.startswith(prefix):
                break
            if prefix == pattern:
                if arn == pattern:
                    yield arn
            elif pattern == prefix + "*" or _glob(pattern, arn):
                yield arn


def _glob(pattern: str, text: str) -> bool:
    from advisor.evaluate.pattern import glob_match

    return glob_match(pattern, text)


def _named_resources(snapshot: Snapshot) -> _NamedResources:
    return _NamedResources(tuple(resource.arn for resource in snapshot.resources))


def _identity_documents(snapshot: Snapshot) -> Iterator[tuple[str, Document]]:
    for policy in snapshot.policies:
        if policy.document:
            yield policy.arn, policy.document
    owners: tuple[User | Group | Role, ...] = (*snapshot.users, *snapshot.groups, *snapshot.roles)
    for owner in owners:
        for inline in owner.inline:
            yield f"{owner.arn}#{inline.name}", inline.document


def _label(text: str) -> str:
    arn = parse_arn(text)
    return arn.name if arn else text
