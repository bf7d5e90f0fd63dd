"""Every user and role of the accounts, grouped into classes that hold the same policies.

A class is decided once for all its members, unless a statement looks at the member itself (its name, ARN or tags).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.principal import Group, Role, User
from advisor.model.snapshot import Snapshot
from advisor.model.verdict import Reason

Principal = User | Role


class Held(msgspec.Struct, frozen=True, gc=False):
    """One policy in somebody's hands. `owner` is the ARN that carries it: the principal or one of its groups."""

    document: Document
    policy: str
    kind: str
    owner: str

    def reason(self, statement: int) -> Reason:
        found = self.document.statements[statement]
        return Reason(self.policy, self.kind, self.owner, statement, found.sid, found.effect)


class Class:
    """Principals of one account and kind with the same documents and the same boundary.

    `documents` are the distinct ones, in no order that matters. `gaps` name policies or groups that could not be read;
    `boundary_gap` a boundary that exists and could not.
    """

    __slots__ = ("account", "boundary", "boundary_arn", "boundary_gap", "documents", "gaps", "id", "kind", "members")

    def __init__(
        self,
        id: int,
        account: int,
        kind: str,
        documents: tuple[Document, ...],
        gaps: tuple[Gap, ...],
        boundary: Document | None,
        boundary_arn: str | None,
        boundary_gap: Gap | None,
    ) -> None:
        self.id = id
        self.account = account
        """Position of the account's snapshot."""
        self.kind = kind
        """`user`, `role` or `service-linked`."""
        self.documents = documents
        self.gaps = gaps
        self.boundary = boundary
        self.boundary_arn = boundary_arn
        self.boundary_gap = boundary_gap
        self.members: list[Principal] = []


class Holdings:
    """What the principals of one snapshot hold: looked up by ARN once, shared by all who hold the same."""

    def __init__(self, snapshot: Snapshot, position: int) -> None:
        self.snapshot = snapshot
        self.position = position
        self._group_documents: dict[str, tuple[tuple[Document, ...], tuple[Gap, ...]]] = {}
        self._attached: dict[str, Document | Gap] = {}

    def document_of(self, arn: str) -> Document | Gap:
        """The default version of a managed policy, or the gap that hides it."""
        found = self._attached.get(arn)
        if found is None:
            policy = self.snapshot.policy_by_arn.get(arn)
            document = policy.document if policy is not None else None
            found = self._attached[arn] = document or self.gap(arn, "what its holders can do through this policy")
        return found

    def gap(self, arn: str, makes_unknown: str) -> Gap:
        """The snapshot's own gap for a thing, or one that says that it was named and not read."""
        known = self.snapshot.gaps_by_resource.get(arn)
        if known:
            return known[0]
        return Gap("iam:GetPolicyVersion", "absent", "it is named and was not read", makes_unknown, arn)

    def group_gap(self, name: str) -> Gap:
        """The gap of a group that a user names and that was not read."""
        arn = f"arn:{self.snapshot.partition}:iam::{self.snapshot.account}:group/{name}"
        return self.gap(arn, "what members can do through this group")

    def of_group(self, name: str) -> tuple[tuple[Document, ...], tuple[Gap, ...]]:
        """Documents and gaps of a group's policies."""
        found = self._group_documents.get(name)
        if found is None:
            group = self.snapshot.group_by_name.get(name)
            found = ((), (self.group_gap(name),)) if group is None else self._own(group)
            self._group_documents[name] = found
        return found

    def _own(self, holder: Principal | Group) -> tuple[tuple[Document, ...], tuple[Gap, ...]]:
        documents = [entry.document for entry in holder.inline]
        gaps = []
        for arn in holder.attached:
            found = self.document_of(arn)
            if isinstance(found, Gap):
                gaps.append(found)
            else:
                documents.append(found)
        return tuple(documents), tuple(gaps)

    def all_of(self, principal: Principal) -> tuple[tuple[Document, ...], tuple[Gap, ...]]:
        """Documents and gaps of a principal, its groups' included."""
        documents, gaps = self._own(principal)
        if isinstance(principal, User):
            for name in principal.groups:
                more_documents, more_gaps = self.of_group(name)
                documents += more_documents
                gaps += more_gaps
        own = self.snapshot.gaps_by_resource.get(principal.arn)
        return documents, gaps if own is None else (*gaps, *own)

    def held(self, principal: Principal) -> Iterator[Held]:
        """Every policy of a principal with its source: own ones first, then its groups' in the account's order."""
        yield from self._held_by(principal)
        if isinstance(principal, User):
            for name in principal.groups:
                group = self.snapshot.group_by_name.get(name)
                if group is not None:
                    yield from self._held_by(group)

    def _held_by(self, holder: Principal | Group) -> Iterator[Held]:
        for entry in holder.inline:
            yield Held(entry.document, entry.name, "inline", holder.arn)
        for arn in holder.attached:
            found = self.document_of(arn)
            if not isinstance(found, Gap):
                yield Held(found, arn, "managed", holder.arn)


def kind_of(principal: Principal) -> str:
    if isinstance(principal, User):
        return "user"
    return "service-linked" if principal.is_service_linked else "role"


def classes_of(holdings: Holdings, first: int) -> tuple[list[Class], dict[str, Class]]:
    """The classes of one account, numbered from `first`, and the class of each principal by ARN."""
    classes: dict[tuple[object, ...], Class] = {}
    class_of: dict[str, Class] = {}
    snapshot = holdings.snapshot
    principals: tuple[Principal, ...] = (*snapshot.users, *snapshot.roles)
    for principal in principals:
        documents, gaps = holdings.all_of(principal)
        kind = kind_of(principal)
        key = (kind, frozenset(map(id, documents)), principal.boundary, gaps)
        found = classes.get(key)
        if found is None:
            found = classes[key] = _new_class(first + len(classes), holdings, kind, documents, gaps, principal.boundary)
        found.members.append(principal)
        class_of[principal.arn] = found
    return list(classes.values()), class_of


def _new_class(
    number: int,
    holdings: Holdings,
    kind: str,
    documents: tuple[Document, ...],
    gaps: tuple[Gap, ...],
    boundary: str | None,
) -> Class:
    found = holdings.document_of(boundary) if boundary else None
    if isinstance(found, Gap):
        found = msgspec.structs.replace(found, makes_unknown="what this permissions boundary lets through")
    return Class(
        number,
        holdings.position,
        kind,
        tuple(dict.fromkeys(documents)),
        gaps,
        found if isinstance(found, Document) else None,
        boundary,
        found if isinstance(found, Gap) else None,
    )
