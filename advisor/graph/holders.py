"""Who holds which rights: principals with the same policies are one holder, decided once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from advisor.access.principals import Held, Holdings, Principal, kind_of
from advisor.evaluate.context import Context
from advisor.evaluate.context_keys import AccountFacts, principal_context
from advisor.evaluate.operators import moment_of
from advisor.evaluate.principals import Caller, parse_caller
from advisor.graph.lines import Line, Lines
from advisor.graph.universe import Bits, Universe
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.organization import Level
from advisor.model.principal import Group, Tags, User
from advisor.model.snapshot import Snapshot

_COUNT = count()


class Holder:
    """The rights of one or more principals (`members`, as nodes). `mask` is all that they could possibly be allowed."""

    __slots__ = (
        "allow_mask", "boundary", "boundary_gap", "bounds", "documents", "gaps", "id", "key", "kind", "lines", "mask",
        "members", "personal_mask",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        documents: tuple[Document, ...],
        gaps: tuple[Gap, ...],
        boundary: Document | None,
        boundary_gap: Gap | None,
    ) -> None:
        self.id = next(_COUNT)
        self.kind = kind
        self.documents = documents
        self.gaps = gaps
        self.boundary = boundary
        self.boundary_gap = boundary_gap
        self.members: list[int] = []
        self.lines: tuple[Line, ...] = ()
        """The statements of the documents, and of the boundary, that speak of an action that matters."""
        self.bounds: tuple[Line, ...] = ()
        self.allow_mask = self.mask = self.personal_mask = 0
        self.key: tuple[object, ...] = ()
        """What makes two principals one holder."""


class Account:
    """One snapshot laid out for the search: nodes (users first, then roles), holders, and organization policies."""

    def __init__(self, snapshot: Snapshot, lines: Lines, like: Account | None = None) -> None:
        """`like`: the account before a change, whose sets are taken over where they hold the same things."""
        self.snapshot = snapshot
        self.lines = lines
        self.holdings = Holdings(snapshot, 0)
        self.principals: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
        self.users = len(snapshot.users)
        self.nodes: Universe = _universe([principal.arn for principal in self.principals], like.nodes if like else None)
        self.user_bits = (1 << self.users) - 1
        self.role_bits = self.nodes.all & ~self.user_bits
        own = [policy.arn for policy in snapshot.policies if not policy.is_aws_managed]
        self.policies: Universe = _universe(own, like.policies if like else None)
        self.groups: Universe = _universe([group.arn for group in snapshot.groups], like.groups if like else None)
        self.providers = Universe([provider.arn for provider in snapshot.settings.providers or ()])
        self._retagged: Universe | None = like._retagged if like and like.nodes is self.nodes else None
        self.facts = _facts(snapshot)
        self.since = moment_of(snapshot.taken_at)
        """Seconds since 1970 of the reading: no request that is asked about happens before it."""
        self._members: dict[int, Bits] | None = None
        self._contexts: dict[int, Context] = {}
        self._examples: dict[str, int] = {}
        self._bits = [1 << node for node in range(len(self.nodes))]
        self.thing_policies: dict[str, Document] = _thing_policies(snapshot)
        """The policies that things which carry roles have of their own, by the thing's ARN."""
        self._named_by = self._named_by_things()
        levels = _levels(snapshot)
        self.scp_levels = tuple(tuple(_documents(level)) for level in levels[0])
        self.rcp_levels = tuple(tuple(_documents(level)) for level in levels[1])
        self.scp_mask = lines.actions.all
        self._scp_personal = 0
        for level in self.scp_levels:
            self.scp_mask &= self.allowed(level, "scp")
            for line in (line for document in level for line in lines.of(document, "scp")):
                self._scp_personal |= line.mask if line.personal else 0
        self.holders: list[Holder] = []
        self.holder_of: list[Holder] = []
        self._group()

    def looks_like(self, other: Account) -> bool:
        """Whether conditions see the same of all principals, policies and the organization as in another account."""
        return (
            (self.nodes, self.groups) == (other.nodes, other.groups)
            and (self.facts, self.scp_levels, self.rcp_levels) == (other.facts, other.scp_levels, other.rcp_levels)
            and all(
                one is two or (one.id, one.tags) == (two.id, two.tags)
                for one, two in zip(self.principals, other.principals, strict=True)
            )
            and (not self.lines.reads_boundary or self._boundaries() == other._boundaries())
            # other policies are a universe of their own, of which nothing is known yet
            and (self.policies is not other.policies or self._policy_tags() == other._policy_tags())
        )

    def _boundaries(self) -> list[str | None]:
        return [principal.boundary for principal in self.principals]

    def _policy_tags(self) -> list[Tags | None]:
        return [policy.tags for policy in self.snapshot.policies]

    def allowed(self, documents: Iterable[Document], kind: str) -> int:
        """The actions that documents of a kind allow at all, as a mask."""
        return _allowed(line for document in documents for line in self.lines.of(document, kind))  # type: ignore[arg-type]

    @property
    def retagged(self) -> Universe:
        """The users and roles without the tags that they have: for questions about one who may set them."""
        if self._retagged is None:
            self._retagged = self.nodes.twin()
        return self._retagged

    def _group(self) -> None:
        found: dict[tuple[object, ...], Holder] = {}
        for node, principal in enumerate(self.principals):
            documents = tuple(dict.fromkeys(item.document for item in self.holdings.held(principal)))
            gaps = self.holdings.gaps_of(principal)
            kind = kind_of(principal)
            # documents that speak of no action that matters make no difference
            own = frozenset(line.number for document in documents for line in self.lines.of(document))
            granting = self._named_by.get(principal.arn, ())
            key = (kind, own, principal.boundary, gaps, granting)
            holder = found.get(key)
            if holder is None:
                holder = found[key] = self.holder(kind, documents, gaps, principal.boundary)
                holder.key = key
                self._grant(holder, granting)
                self.holders.append(holder)
            holder.members.append(node)
            self.holder_of.append(holder)

    def holder(
        self, kind: str, documents: tuple[Document, ...], gaps: tuple[Gap, ...], boundary_arn: str | None
    ) -> Holder:
        """A holder of these documents, with its masks worked out."""
        bound = self.holdings.document_of(boundary_arn) if boundary_arn else None
        boundary = bound if isinstance(bound, Document) else None
        holder = Holder(kind, documents, gaps, boundary, bound if isinstance(bound, Gap) else None)
        holder.lines = tuple(line for document in documents for line in self.lines.of(document, "identity"))
        holder.allow_mask = holder.mask = _allowed(holder.lines)
        self._bind(holder)
        return holder

    def _named_by_things(self) -> dict[str, tuple[Document, ...]]:
        """The policies of things that name each principal; `*` is everybody."""
        found: dict[str, list[Document]] = {}
        for document in dict.fromkeys(self.thing_policies.values()):
            elements = [line.compiled.element for line in self.lines.of(document, "resource") if not line.is_deny]
            names = {name for element in elements if element for name in element.aws}
            if any(element and element.everyone for element in elements):
                names |= {principal.arn for principal in self.principals}
            for name in names:
                found.setdefault(name, []).append(document)
        return {name: tuple(documents) for name, documents in found.items()}

    def _grant(self, holder: Holder, granting: tuple[Document, ...]) -> None:
        """Take in what policies of things grant; to whom of the members each of them does is asked one by one."""
        granted = self.allowed(granting, "resource") & (self.scp_mask if holder.kind != "service-linked" else -1)
        holder.mask |= granted
        holder.personal_mask |= granted

    def _bind(self, holder: Holder) -> None:
        """Work out the masks that hang on the boundary and the organization."""
        if holder.boundary is not None:
            holder.bounds = self.lines.of(holder.boundary, "boundary")
            holder.mask &= _allowed(holder.bounds)
        if holder.kind != "service-linked":
            holder.mask &= self.scp_mask
            holder.personal_mask = self._scp_personal
        for line in (*holder.lines, *holder.bounds):
            if line.personal:
                holder.personal_mask |= line.mask

    def like(self, holder: Holder, documents: tuple[Document, ...]) -> Holder:
        """The same holder with other identity policies."""
        made = self.holder(holder.kind, tuple(dict.fromkeys(documents)), holder.gaps, None)
        made.boundary, made.boundary_gap = holder.boundary, holder.boundary_gap
        self._bind(made)
        return made

    def groups_of(self, node: int) -> frozenset[int]:
        """Positions of the groups that a principal is in."""
        principal = self.principals[node]
        if not isinstance(principal, User):
            return frozenset()
        found = (self.snapshot.group_by_name.get(name) for name in principal.groups)
        return frozenset(self.groups.position[group.arn] for group in found if group)

    def members_of(self, group: int) -> Bits:
        """The users in a group."""
        if self._members is None:
            self._members = {}
            for node in range(self.users):
                for at in self.groups_of(node):
                    self._members[at] = self._members.get(at, 0) | 1 << node
        return self._members.get(group, 0)

    def held_by_group(self, group: Group) -> Iterator[Held]:
        """Every policy of a group, as far as it was read."""
        for entry in group.inline:
            yield Held(entry.document, entry.name, "inline", group.arn)
        for arn in group.attached:
            found = self.holdings.document_of(arn)
            if isinstance(found, Document):
                yield Held(found, arn, "managed", group.arn)

    def caller(self, node: int) -> Caller:
        principal = self.principals[node]
        return parse_caller(
            principal.arn, id=principal.id, has_boundary=principal.boundary is not None, tags=principal.tags
        )

    def context(self, node: int) -> Context:
        """The condition keys that follow from who acts."""
        found = self._contexts.get(node)
        if found is None:
            found = self._contexts[node] = principal_context(self.caller(node), self.facts, self.since)
        return found

    def documents(self) -> Iterable[Document]:
        """Every distinct document that principals hold or trust by."""
        found = {document for holder in self.holders for document in holder.documents}
        return (*found, *{role.trust for role in self.snapshot.roles})

    def example(self, node: int) -> int:
        """One principal of the same kind: what conditions see of a kind, they see of this one."""
        return self._examples.setdefault(self.holder_of[node].kind, node)

    def bit(self, node: int) -> Bits:
        """The set of one node; one object for all who ask, since it is as long as the account is wide."""
        return self._bits[node]

    def holder_kind(self, node: int) -> str:
        return self.holder_of[node].kind

    def seen_of(self, arn: str) -> tuple[Tags | None, str | None]:
        """Tags and boundary of a thing, `None` for tags that were not read."""
        at = self.nodes.position.get(arn)
        if at is not None:
            return self.principals[at].tags, self.principals[at].boundary
        policy = self.snapshot.policy_by_arn.get(arn)
        return (policy.tags if policy else None), None

    def customer_policies(self, node: int) -> tuple[str, ...]:
        """ARNs of the customer managed policies that a principal holds, its groups' included."""
        principal = self.principals[node]
        arns = dict.fromkeys(principal.attached)
        if isinstance(principal, User):
            for name in principal.groups:
                group = self.snapshot.group_by_name.get(name)
                arns.update(dict.fromkeys(group.attached if group else ()))
        return tuple(arn for arn in arns if arn in self.policies.position)

    def own_policies(self, node: int) -> Bits:
        """The same as a set."""
        return sum(1 << self.policies.position[arn] for arn in self.customer_policies(node))

    def policies_of_group(self, group: int) -> Bits:
        """The customer managed policies that are attached to a group."""
        position = self.policies.position
        return sum(1 << position[arn] for arn in set(self.snapshot.groups[group].attached) if arn in position)

    def groups_with(self, policies: Bits) -> Bits:
        """The groups to which one of these policies is attached."""
        return sum(1 << at for at in range(len(self.groups)) if self.policies_of_group(at) & policies)


def _allowed(lines: Iterable[Line]) -> int:
    mask = 0
    for line in lines:
        if not line.is_deny:
            mask |= line.mask
    return mask


def _universe(arns: list[str], like: Universe | None) -> Universe:
    return like if like is not None and like.arns == tuple(arns) else Universe(arns)


def _thing_policies(snapshot: Snapshot) -> dict[str, Document]:
    carrying = {item.arn for item in snapshot.compute}
    return {item.arn: item.policy for item in snapshot.resources if item.policy and item.arn in carrying}


def _facts(snapshot: Snapshot) -> AccountFacts:
    organization = snapshot.organization
    if organization is None:
        return AccountFacts(snapshot.account, "" if "scp" in snapshot.source.read_layers else None)
    return AccountFacts(snapshot.account, organization.id or None, dict(organization.paths).get(snapshot.account))


def _levels(snapshot: Snapshot) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """The account's SCP and RCP levels; none for the management account, which they do not bind."""
    organization = snapshot.organization
    if organization is None or organization.management_account == snapshot.account:
        return (), ()
    scps = dict(organization.scps or ()).get(snapshot.account, ())
    rcps = dict(organization.rcps or ()).get(snapshot.account, ())
    return tuple(level for level in scps if level.policies), tuple(level for level in rcps if level.policies)


def _documents(level: Level) -> Iterable[Document]:
    return (policy.document for policy in level.policies)
