"""Whom a resource's policy lets in from outside: services, other accounts, federated identities, and everyone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from advisor.evaluate.principals import CLOUDFRONT, parse_caller
from advisor.model.arn import account_of, parse_arn
from advisor.model.document import Document, Principals
from advisor.model.request import ANONYMOUS

if TYPE_CHECKING:
    from advisor.access.index import AccessIndex
    from advisor.access.question import Question


class Outsider(NamedTuple):
    """A principal that is no user or role of the accounts, as answers name it."""

    principal: str
    kind: str
    """`user`, `role`, `service`, `account`, `federated` or `everyone`."""

    @property
    def names(self) -> tuple[str, ...]:
        """How a policy may write it: an account also as its bare id."""
        return (self.principal, self.principal.split(":")[4]) if self.kind == "account" else (self.principal,)


_KINDS = {
    "user": "user", "role": "role", "session": "role", "federated-user": "federated", "root": "account",
    "service": "service", "anonymous": "everyone",
}  # fmt: skip


def _documents(index: AccessIndex, question: Question) -> list[Document]:
    place = question.place
    if place.role is not None:
        return [place.role.trust]
    found = place.resource
    documents = [found.policy] if found is not None and found.policy is not None else []
    behind = index.surroundings.behind(place) if found is not None and found.bucket else None
    if behind is not None:
        documents += [item.document.document for item in behind.layer.policies]
    return documents


def _elements(index: AccessIndex, question: Question) -> list[tuple[bool, Principals]]:
    """The principal elements of the resource's policy, each with whether its statement allows."""
    return [
        (statement.allows, statement.principals)
        for document in _documents(index, question)
        for statement in document.statements
        if statement.principals is not None
    ]


def named_principals(index: AccessIndex, question: Question) -> frozenset[str]:
    """The users and roles of the accounts that the resource's policy or grants name, in whatever way."""
    names = {name for _, element in _elements(index, question) for name in element.aws}
    if question.place.resource is not None:
        names.update(grant.grantee for grant in question.place.resource.grants)
    return frozenset(index.caller(name).principal for name in names if name.startswith("arn:")) | names


def outsiders_of(index: AccessIndex, question: Question) -> list[Outsider]:
    """The principals outside the accounts that an Allow, or a grant, might let in: each once, sorted."""
    found: dict[str, Outsider] = {}
    for allows, element in _elements(index, question):
        if not allows:
            continue
        if element.everyone or element.negated:
            found[ANONYMOUS] = Outsider(ANONYMOUS, "everyone")
        for name in () if element.negated else (*element.aws, *element.service, *element.federated, *element.canonical):
            if (outsider := _outsider(index, name, federated=name in element.federated)) is not None:
                found[outsider.principal] = outsider
    if question.place.resource is not None:
        for grant in question.place.resource.grants:
            if (outsider := _outsider(index, grant.grantee)) is not None:
                found[outsider.principal] = outsider
    return [found[name] for name in sorted(found)]


def _outsider(index: AccessIndex, name: str, *, federated: bool = False) -> Outsider | None:
    """The outsider of an entry; `None` for our own accounts and principals, and for ids of deleted ones."""
    if federated:
        return Outsider(name, "federated")
    if name.isdigit() and len(name) == 12:
        name = f"arn:aws:iam::{name}:root"
    caller = parse_caller(name)
    kind = _KINDS.get(caller.kind) or _kind_of_other(name)
    if kind is None or (caller.account and index.inventory.position_of(caller.account) is not None):
        return None
    return Outsider(caller.arn if caller.kind != "anonymous" else ANONYMOUS, kind)


def _kind_of_other(name: str) -> str | None:
    """An origin access identity of CloudFront, an account by its canonical user ID; `None` for deleted principals."""
    if parse_arn(name) is not None:
        return "service" if account_of(name) == CLOUDFRONT else None
    return "account" if _CANONICAL.fullmatch(name) else None


_CANONICAL = re.compile(r"[0-9a-f]{64}")
