"""Which roles of its own account a principal may assume, trust policy and identity side together."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.evaluate.residual import FALSE, Dnf, all_of, any_of, negation
from advisor.graph.holders import Account, Holder
from advisor.graph.powers import Parts, Pieces, Powers
from advisor.graph.trust import ASSUME, Trust, Trusted
from advisor.graph.universe import Bits, members
from advisor.model.document import Document


class Assuming:
    """Same-account trust. What the policies delegate to the account is worked out for all roles at once."""

    def __init__(self, account: Account, powers: Powers, trust: Trust) -> None:
        self.account = account
        self.powers = powers
        self.trust = trust
        self._by_name = {role.name: account.users + at for at, role in enumerate(account.snapshot.roles)}
        self.named = self._nodes_named()
        """The trust policies that name each node."""
        self._known: dict[tuple[object, ...], Parts] = {}
        self._is_personal = any(trust.is_personal(document) for document in (*trust.delegating, *trust.open_to_all))

    def _nodes_named(self) -> dict[int, set[Document]]:
        """The trust policies that name each node."""
        found: dict[int, set[Document]] = {}
        for arn, documents in self.trust.named.items():
            node = self.account.nodes.position.get(arn)
            if node is None and ":role/" in arn and arn.split(":")[4] == self.account.snapshot.account:
                node = self._by_name.get(arn.rsplit("/", 1)[-1])
            if node is not None:
                found.setdefault(node, set()).update(documents)
        return found

    def tells_apart(self, node: int) -> bool:
        """Whether trust policies may treat the principal unlike others that hold the same."""
        return self._is_personal or node in self.named

    def parts(self, holder: Holder, node: int) -> Parts:
        """The roles that the member of the holder may assume, itself among them, in parts of one condition each."""
        by_formula: dict[Dnf, Bits] = {}
        for formula, bits in self._delegated(holder, node):
            by_formula[formula] = by_formula.get(formula, 0) | bits
        for document in self.named.get(node, ()):
            for at in members(self.trust.roles[document]):
                formula = self._of_one(holder, node, document, at)
                if formula:
                    by_formula[formula] = by_formula.get(formula, 0) | 1 << at
        for document in self.trust.open_to_all:
            trusted = self.trust.of_principal(document, node)
            for at in members(self.trust.roles[document]):
                formula = self.combine(trusted, self._pieces(holder, node, at), holder)
                if formula:
                    by_formula[formula] = by_formula.get(formula, 0) | 1 << at
        return tuple((bits, formula) for formula, bits in by_formula.items())

    def _delegated(self, holder: Holder, node: int) -> Iterator[tuple[Dnf, Bits]]:
        """Roles whose trust names the account, as far as the holder's own policies allow it."""
        if not holder.mask & self.powers.lines.actions.bit[ASSUME]:
            return
        parts = self.powers.parts(holder, node, ASSUME, self.account.nodes)
        for document in self.trust.delegating if parts else ():
            trusted = self._account_side(document, node)
            if not trusted:
                continue
            for bits, formula in parts:
                roles = bits & self.trust.roles[document]
                if roles and (both := all_of((formula, trusted))):
                    yield both, roles

    def _account_side(self, document: Document, node: int) -> Dnf:
        """When the trust policy admits a principal through its account; alike for all of a kind, mostly."""
        who = node if self.trust.is_personal(document) else self.account.holder_kind(node)
        key = (document.digest, who)
        found = self._known.get(key)
        if found is None:
            trusted = self.trust.of_principal(document, node)
            formula = all_of((trusted.account, negation(trusted.denied))) if trusted.account else FALSE
            found = self._known[key] = ((0, formula),)
        return found[0][1]

    def _of_one(self, holder: Holder, node: int, document: Document, at: int) -> Dnf:
        return self.combine(self.trust.of_principal(document, node), self._pieces(holder, node, at), holder)

    def _pieces(self, holder: Holder, node: int, at: int) -> Pieces:
        return self.powers.pieces(holder, node, ASSUME, self.account.nodes, at)

    def combine(self, trusted: Trusted, own: Pieces, holder: Holder) -> Dnf:
        """AWS's formula for one role and one of the account's principals."""
        delegated = all_of((trusted.account, own.identity))
        limited = all_of((any_of((trusted.limited, delegated)), own.boundary))
        granted = any_of((trusted.direct, limited))
        if not granted:
            return FALSE
        return all_of((granted, own.organization, negation(any_of((trusted.denied, own.denied)))))
