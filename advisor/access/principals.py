"""Every user and role of the accounts, grouped into classes that hold the same policies.

A class is decided once for all its members, unless a statement looks at the member itself (its name, ARN or tags).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from advisor.evaluate.pattern import action_matches
from advisor.model.document import Document
from advisor.model.gap import TRUST_POLICY, Gap
from advisor.model.principal import Group, Role, User
from advisor.model.snapshot import Snapshot

Principal = User | Role


class Held(NamedTuple):
    """One policy in somebody's hands. `owner` is the ARN that carries it: the principal or one of its groups."""

    document: Document
    policy: str
    kind: str
    owner: str


class Source(NamedTuple):
    """How members of a class hold a document. `owner` is `None` where each holds it itself, else its group's ARN."""

    policy: str
    kind: str
    owner: str | None


class Class:
    """Principals of one account and kind that hold the same policies in the same way, under the same boundary.

    `documents` are the distinct ones. `gaps` name policies or groups that could not be read; `boundary_gap` a boundary
    that exists and could not.
    """

    __slots__ = (
        "account", "boundary", "boundary_arn", "boundary_gap", "documents", "gaps", "id", "kind", "members", "profile",
        "sources", "stamp",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        account: int,
        kind: str,
        sources: dict[Document, tuple[Source, ...]],
        gaps: tuple[Gap, ...],
        boundary: Document | Gap | None,
        boundary_arn: str | None,
    ) -> None:
        self.id = number
        self.account = account
        """Position of the account's snapshot."""
        self.kind = kind
        """`user`, `role` or `service-linked`."""
        self.sources = {id(document): held for document, held in sources.items()}
        """How each document is held, by the identity of the document."""
        self.documents = tuple(sources)
        self.gaps = gaps
        self.boundary = boundary if isinstance(boundary, Document) else None
        self.boundary_gap = boundary if isinstance(boundary, Gap) else None
        self.boundary_arn = boundary_arn
        self.members: list[Principal] = []
        self.profile = (account, kind, boundary_arn is not None)
        """What the layers that all principals share can tell of a member whom nothing names."""
        self.stamp = 0
        """Equal for classes of one profile with the same gaps."""


class Holdings:
    """What the principals of one snapshot hold: looked up by ARN once, shared by all who hold the same."""

    def __init__(self, snapshot: Snapshot, position: int) -> None:
        self.snapshot = snapshot
        self.position = position
        self._attached: dict[str, Document | Gap] = {}
        self._managed: dict[str, tuple[Source, ...]] = {}
        self._of_groups: dict[str, list[tuple[Document, tuple[Source, ...]]]] = {}

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

    def gaps_of(self, principal: Principal) -> tuple[Gap, ...]:
        """What hides part of a principal's policies: its own gaps, those of its policies and of its groups."""
        gaps = list(own_gaps(self.snapshot, principal.arn))
        holders: list[Principal | Group] = [principal]
        for name in principal.groups if isinstance(principal, User) else ():
            group = self.snapshot.group_by_name.get(name)
            if group is None:
                gaps.append(self.group_gap(name))
            else:
                holders.append(group)
                gaps += own_gaps(self.snapshot, group.arn)
        for holder in holders:
            for arn in holder.attached:
                found = self.document_of(arn)
                if isinstance(found, Gap):
                    gaps.append(found)
        return tuple(gaps)

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

    def sources(self, principal: Principal) -> dict[Document, tuple[Source, ...]]:
        """The documents of a principal as its class holds them: in the order of `held`, the sources of each."""
        found: dict[Document, tuple[Source, ...]] = {}
        for entry in principal.inline:
            _add(found, entry.document, (Source(entry.name, "inline", None),))
        for arn in principal.attached:
            document = self.document_of(arn)
            if not isinstance(document, Gap):
                source = self._managed.get(arn)
                if source is None:
                    source = self._managed[arn] = (Source(arn, "managed", None),)
                _add(found, document, source)
        for name in principal.groups if isinstance(principal, User) else ():
            for document, source in self._of_group(name):
                _add(found, document, source)
        return found

    def _of_group(self, name: str) -> list[tuple[Document, tuple[Source, ...]]]:
        found = self._of_groups.get(name)
        if found is None:
            group = self.snapshot.group_by_name.get(name)
            held = self._held_by(group) if group is not None else ()
            found = self._of_groups[name] = [
                (item.document, (Source(item.policy, item.kind, item.owner),)) for item in held
            ]
        return found


def _add(found: dict[Document, tuple[Source, ...]], document: Document, source: tuple[Source, ...]) -> None:
    known = found.get(document)
    found[document] = source if known is None else known + source


def own_gaps(snapshot: Snapshot, arn: str) -> tuple[Gap, ...]:
    """What hides policies that a user, role or group holds itself.

    Keys, MFA devices or the last use of a principal that were not read hide none, nor does a role's trust policy.
    """
    gaps = snapshot.gaps_by_resource.get(arn, ())
    return tuple(gap for gap in gaps if _hides_policies(gap.call)) if gaps else gaps


def _hides_policies(call: str) -> bool:
    if ":" not in call:
        return call != TRUST_POLICY  # a part of a file
    return "Polic" in call or "AuthorizationDetails" in call


def lets_tag_sessions(role: Role) -> bool:
    """Whether somebody who assumes the role may pass tags: its trust policy allows `sts:TagSession` (rule 61)."""
    return _allows_tags(role.trust)


@lru_cache(maxsize=4_096)
def _allows_tags(trust: Document) -> bool:
    return any(
        action_matches(pattern, "sts:TagSession")
        for statement in trust.statements
        if statement.allows
        for pattern in statement.actions or ()
    )


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
        kind = kind_of(principal)
        groups = principal.groups if isinstance(principal, User) else ()
        inline = tuple([(entry.name, id(entry.document)) for entry in principal.inline]) if principal.inline else ()
        gaps = own_gaps(snapshot, principal.arn)
        key = (kind, inline, principal.attached, groups, principal.boundary, gaps)
        found = classes.get(key)
        if found is None:
            found = classes[key] = _new_class(first + len(classes), holdings, principal, kind, gaps)
        found.members.append(principal)
        class_of[principal.arn] = found
    stamps: dict[object, int] = {}
    for found in classes.values():
        found.stamp = stamps.setdefault((found.profile, found.gaps, found.boundary_gap), first + len(stamps))
    return list(classes.values()), class_of


def _new_class(number: int, holdings: Holdings, principal: Principal, kind: str, gaps: tuple[Gap, ...]) -> Class:
    boundary = holdings.document_of(principal.boundary) if principal.boundary else None
    if isinstance(boundary, Gap):
        boundary = msgspec.structs.replace(boundary, makes_unknown="what this permissions boundary lets through")
    sources = holdings.sources(principal)
    return Class(number, holdings.position, kind, sources, holdings.gaps_of(principal), boundary, principal.boundary)
