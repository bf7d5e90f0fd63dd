"""Who may wear which role, from the roles' trust policies: services, the account's own principals, and outsiders.

Roles with the same trust policy are decided together. Rules: the same account's principals are admitted when the policy
names them, or names the account and their own policies allow it; a boundary limits a grant to a role, not to a user.
Source: IAM User Guide, "How AWS enforcement code logic evaluates requests", "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from advisor.evaluate.context import PRESENT, Context
from advisor.evaluate.context_keys import not_before, principal_context, request_context, resource_context
from advisor.evaluate.principals import Caller, Named, parse_caller
from advisor.evaluate.residual import TRUE, Dnf, all_of, any_of, negation
from advisor.graph.holders import Account
from advisor.graph.lines import Line
from advisor.graph.universe import Bits, Universe
from advisor.model.document import Document, Principals

ASSUME = "sts:assumerole"
FEDERATED = ("sts:assumerolewithwebidentity", "sts:assumerolewithsaml")


class Trusted(msgspec.Struct, frozen=True, gc=False):
    """How a trust policy names a caller, each with its condition, and when it denies."""

    direct: Dnf
    limited: Dnf
    account: Dnf
    denied: Dnf


class Trust:
    """The trust policies of one account's roles, by distinct document."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.lines = account.lines
        self.roles: dict[Document, Bits] = {}
        for at, role in enumerate(account.snapshot.roles):
            node = 1 << (account.users + at)
            self.roles[role.trust] = self.roles.get(role.trust, 0) | node
        self._root = {
            account.snapshot.account,
            f"arn:{account.snapshot.partition}:iam::{account.snapshot.account}:root",
        }
        """The names by which a policy means the whole account."""
        self._services: dict[str, tuple[tuple[Bits, Dnf], ...]] = {}
        self._holds: dict[tuple[object, ...], Dnf] = {}
        self._by_provider = self._providers()
        self.providers = Universe(sorted(self._by_provider))
        self.named, self.delegating, self.open_to_all = self._sort()

    def _sort(self) -> tuple[dict[str, list[Document]], tuple[Document, ...], tuple[Document, ...]]:
        """Documents by the ARN that they name, those that name the account, and those that name everyone."""
        named: dict[str, list[Document]] = {}
        delegating, everyone = [], []
        for document in self.roles:
            elements = list(self.elements(document))
            names = {name for element in elements for name in element.aws}
            if names & self._root:
                delegating.append(document)
            if any(element.everyone for element in elements):
                everyone.append(document)
            for name in names - self._root - {"*"}:
                named.setdefault(_principal_of(name), []).append(document)
        return named, tuple(delegating), tuple(everyone)

    def elements(self, document: Document) -> Iterator[Principals]:
        """The Principal elements of its allowing statements."""
        for line in self.lines.of(document, "trust"):
            if not line.is_deny and line.compiled.element and not line.compiled.element.negated:
                yield line.compiled.element

    def by_provider(self) -> dict[str, Bits]:
        """Identity providers of the account that roles trust, with those roles."""
        return self._by_provider

    def _providers(self) -> dict[str, Bits]:
        found: dict[str, Bits] = {}
        for document, roles in self.roles.items():
            for name in {name for element in self.elements(document) for name in element.federated}:
                if name.startswith("arn:"):
                    found[name] = found.get(name, 0) | roles
        return found

    def admitting(self, service: str) -> tuple[tuple[Bits, Dnf], ...]:
        """The roles that a service may wear on behalf of this account, in parts of one condition each."""
        found = self._services.get(service)
        if found is None:
            together: dict[Dnf, Bits] = {}
            for bits, formula in self._admitting(service):
                together[formula] = together.get(formula, 0) | bits
            found = self._services[service] = tuple((bits, formula) for formula, bits in together.items())
        return found

    def _admitting(self, service: str) -> Iterator[tuple[Bits, Dnf]]:
        caller = parse_caller(service)
        provider = Caller(service, "provider")
        for document, roles in self.roles.items():
            elements = list(self.elements(document))
            formulas = []
            if any(service in element.service for element in elements):
                formulas.append(self.of_outsider(document, caller, (ASSUME,)))
            if any(service in element.federated for element in elements):  # Cognito is trusted as a provider
                formulas.append(self.of_outsider(document, provider, FEDERATED))
            if formula := any_of(formulas):
                yield roles, formula

    def of_outsider(self, document: Document, caller: Caller, actions: Iterable[str]) -> Dnf:
        """When the trust policy lets in a service, a provider's subjects or another account."""
        found = []
        for action in actions:
            context = self._context(caller, action)
            trusted = self._match(document, caller, action, context)
            granted = any_of((trusted.direct, trusted.limited, trusted.account))
            found.append(all_of((granted, negation(any_of((trusted.denied, self._rcp(caller, action, context)))))))
        return any_of(found)

    def of_principal(self, document: Document, node: int) -> Trusted:
        """How the trust policy names one of the account's own principals."""
        caller = self.account.caller(node)
        context = self._context(caller, ASSUME).over(self.account.context(node))
        trusted = self._match(document, caller, ASSUME, context)
        denied = any_of((trusted.denied, self._rcp(caller, ASSUME, context)))
        return msgspec.structs.replace(trusted, denied=denied)

    def is_personal(self, document: Document) -> bool:
        """Whether the document says different things of principals that hold the same policies."""
        return any(
            line.personal or (line.is_deny and self._is_about_some(line)) for line in self.lines.of(document, "trust")
        )

    def _is_about_some(self, line: Line) -> bool:
        """Whether the statement names some of the account's principals, or all but some."""
        element = line.compiled.element
        return element is not None and (element.negated or bool(set(element.aws) - self._root))

    def _match(self, document: Document, caller: Caller, action: str, context: Context) -> Trusted:
        bit = self.lines.actions.bit[action]
        found: dict[str, list[Dnf]] = {"direct": [], "limited": [], "account": [], "denied": []}
        for line in self.lines.speaking_of(document, "trust", bit):
            names = line.compiled.names(caller, "trust", context)
            if not names.at_all:
                continue
            holds = line.compiled.holds(context)
            if line.is_deny:
                found["denied"].append(all_of((names.at_all, holds)))
            else:
                _add(found, names, holds)
        return Trusted(**{name: any_of(parts) for name, parts in found.items()})

    def _rcp(self, caller: Caller, action: str, context: Context) -> Dnf:
        """When a resource control policy stands in the way."""
        bit = self.lines.actions.bit[action]
        denies = []
        for level in self.account.rcp_levels:
            for document in level:
                denies += [
                    all_of((line.compiled.names(caller, "rcp", context).at_all, _holds(line, context)))
                    for line in self.lines.speaking_of(document, "rcp", bit)
                    if line.is_deny
                ]
        return any_of(denies)

    def _context(self, caller: Caller, action: str) -> Context:
        account = self.account.snapshot.account
        context = principal_context(caller, self.account.facts if caller.is_identity else None, self.account.since)
        if caller.kind == "service":
            # the service works for a thing that the actor makes in this very account
            context = context.fixed({"aws:sourceaccount": (account,), "aws:sourcearn": PRESENT, "sts:externalid": ()})
        if caller.is_identity and caller.account != account:
            context = principal_context(caller, since=self.account.since)
        context = context.over(not_before(self.account.since)).over(request_context(action))
        return context.over(resource_context(action, account, self.account.facts))


def _add(found: dict[str, list[Dnf]], names: Named, holds: Dnf) -> None:
    for how in ("direct", "limited", "account"):
        condition: Dnf = getattr(names, how)
        if condition:
            found[how].append(all_of((condition, holds)))


def _holds(line: Line, context: Context) -> Dnf:
    return line.compiled.holds(context) if line.compiled.conditions else TRUE


def _principal_of(name: str) -> str:
    """The name itself; for a session's ARN that of its role, without a path, which a session's ARN does not have."""
    parts = name.split(":", 5)
    if len(parts) == 6 and parts[5].startswith("assumed-role/"):
        return f"arn:{parts[1]}:iam::{parts[4]}:role/{parts[5].split('/')[1]}"
    return name
