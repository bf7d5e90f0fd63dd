"""What resources grant by themselves: Allow statements of their policies, KMS grants and ACLs, by whom they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisor.access.instances import fits_bucket_or_object
from advisor.access.patterns import common
from advisor.evaluate.pattern import has_wildcard
from advisor.evaluate.principals import Caller
from advisor.model.document import Document, Principals, Statement
from advisor.model.principal import Role
from advisor.model.request import ANONYMOUS
from advisor.model.resource import Grant as GivenGrant
from advisor.model.snapshot import Snapshot
from advisor.reference.services import listed

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex


class Grant:
    """One Allow statement of a resource's policy, or a KMS grant or ACL entry in the form of one."""

    __slots__ = ("arn", "names", "patterns", "written")

    def __init__(self, arn: str, written: Statement, patterns: tuple[str, ...], names: frozenset[str]) -> None:
        self.arn = arn
        self.written = written
        self.patterns = patterns
        self.names = names
        """Whom it names, as written; `*` for everyone."""

    def about(self, action: str) -> tuple[str, ...]:
        """The patterns that an action can be about: of a bucket and its objects mostly one."""
        return tuple(one for one in self.patterns if fits_bucket_or_object(one, action)) or self.patterns


class Granted:
    """All Allow statements of resource policies, by each principal that they name."""

    def __init__(self, snapshots: tuple[Snapshot, ...]) -> None:
        self._by_name: dict[str, list[Grant]] = {}
        for snapshot in snapshots:
            for resource in snapshot.resources:
                if resource.policy is not None:
                    self._add(resource.arn, resource.policy)
                for grant in resource.grants:
                    self._add_grant(resource.arn, grant)

    def _add_grant(self, arn: str, grant: GivenGrant) -> None:
        actions = actions_of_grant(grant)
        if not actions:
            return
        name = ANONYMOUS if grant.grantee == AUTHENTICATED else grant.grantee
        patterns = (arn, f"{arn}/*") if grant.kind == "acl" else (arn,)
        written = Statement(0, "Allow", actions=actions, resources=patterns, principals=Principals(aws=(name,)))
        self._by_name.setdefault(name, []).append(Grant(arn, written, patterns, frozenset((name,))))

    def _add(self, arn: str, document: Document) -> None:
        for statement in document.statements:
            if not statement.allows or statement.principals is None:
                continue
            patterns = tuple(dict.fromkeys(part for text in statement.resources or ("*",) for part in _own(arn, text)))
            element = statement.principals
            everyone = (ANONYMOUS,) if element.everyone or element.negated else ()
            named = () if element.negated else (*element.aws, *element.service, *element.canonical)
            names = frozenset((*named, *everyone))
            grant = Grant(arn, statement, patterns, names)
            for name in names:
                self._by_name.setdefault(name, []).append(grant)

    def all(self) -> Iterator[Grant]:
        """Every statement, each once."""
        seen: set[int] = set()
        for grants in self._by_name.values():
            for grant in grants:
                if id(grant) not in seen:
                    seen.add(id(grant))
                    yield grant

    def names(self, arn: str) -> bool:
        """Whether a statement names this principal itself."""
        return arn in self._by_name

    def to(self, caller: Caller) -> list[Grant]:
        """The statements that name the caller: itself, the role or user behind it, its account, or everyone."""
        found: dict[int, Grant] = {}
        for name in names_of(caller):
            for grant in self._by_name.get(name, ()):
                found[id(grant)] = grant
        return list(found.values())


AUTHENTICATED = "authenticated"
"""Everybody with an AWS account, as an ACL names them."""


def actions_of_grant(grant: GivenGrant) -> tuple[str, ...]:
    """The actions that a KMS grant or an ACL entry gives; what a share gives is not read."""
    if grant.kind == "kms-grant":
        return grant.operations
    if grant.kind != "acl":
        return ()
    table = listed("s3-acl-permissions").table
    return tuple(dict.fromkeys(action for word in grant.operations for action in table.get(word, ())))


def _own(arn: str, pattern: str) -> tuple[str, ...]:
    """What a pattern of a resource's policy names, which can only be about that resource and what is in it."""
    if pattern.startswith((f"{arn}/", f"{arn}:")):
        return (pattern,)
    parts = (arn, f"{arn}/*") if ":s3:::" in arn else (arn,)
    return tuple(dict.fromkeys(both for part in parts for both in common(part, pattern))) or (arn,)


class Trusts:
    """The roles of one account by their distinct trust policies, and those by whom they name."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.roles: dict[str, list[Role]] = {}
        self._by_name: dict[str, dict[str, None]] = {}
        for role in snapshot.roles:
            digest = role.trust.digest
            known = self.roles.get(digest)
            if known is not None:
                known.append(role)
                continue
            self.roles[digest] = [role]
            for name in _names(role.trust):
                self._by_name.setdefault(name, {})[digest] = None

    def names(self, arn: str) -> bool:
        """Whether a trust policy names this principal itself."""
        return arn in self._by_name

    def groups(self) -> Iterator[list[Role]]:
        """Roles with one trust policy, whomever it names."""
        yield from self.roles.values()

    def names_of(self, role: Role) -> set[str]:
        """Whom a role's trust policy names in an Allow; `*` for everyone."""
        return _names(role.trust)

    def naming(self, names: tuple[str, ...]) -> Iterator[list[Role]]:
        """Roles of each trust policy that names one of these principals in an Allow."""
        for digest in dict.fromkeys(digest for name in names for digest in self._by_name.get(name, ())):
            yield self.roles[digest]


def _names(document: Document) -> set[str]:
    found: set[str] = set()
    for statement in document.statements:
        element = statement.principals
        if element is not None and statement.allows and not element.negated:
            found.update(element.aws, element.service, element.federated, (ANONYMOUS,) if element.everyone else ())
    return found


def names_of(caller: Caller) -> tuple[str, ...]:
    """Every way in which a policy can name the caller."""
    account = (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root") if caller.account else ()
    return (caller.arn, caller.principal, *account, ANONYMOUS)


def targets(index: AccessIndex, action: str, pattern: str, caller: Caller) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What to ask for a pattern: (ARN to ask about, ARNs or patterns that share its answer).

    Where the resource's own policy must allow (KMS keys, role trust) a pattern says nothing: the known resources are
    asked one by one, those with equal policies together.
    """
    service = action.partition(":")[0].lower()
    if has_wildcard(pattern) and service == "sts" and is_about_roles(action):
        yield from _roles(index, pattern, caller)
    elif has_wildcard(pattern) and service == "kms" and index.has_keys:
        yield from ((key.arn, (key.arn,)) for key in index.inventory.matching("kms", pattern))
    else:
        yield pattern, (pattern,)


def is_about_roles(action: str) -> bool:
    return action.partition(":")[2].lower() in ABOUT_ROLES


ABOUT_ROLES = (
    "assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "tagsession", "setsourceidentity", "setcontext",
)  # fmt: skip
"""Actions of sts whose resource is a role: all that a trust policy can decide."""


def _roles(index: AccessIndex, pattern: str, caller: Caller) -> Iterator[tuple[str, tuple[str, ...]]]:
    from advisor.evaluate.pattern import glob

    compiled = glob(pattern)
    for trusts in index.trusts:
        for roles in trusts.naming(names_of(caller)):
            fitting: dict[object, list[str]] = {}
            for role in roles:
                if compiled.matches(role.arn):
                    key = (role.tags, index.vocabulary.role_marks(role.arn))
                    fitting.setdefault(key, []).append(role.arn)
            for arns in fitting.values():
                yield arns[0], tuple(arns)
