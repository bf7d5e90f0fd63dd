"""What must be true beside the permissions: keys, passwords, versions, existing things. Seen, assumed or unknown.

A file cannot show everything. What it cannot show is unknown, unless the user says that it counts as there (`assume`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Literal

import msgspec

from advisor.errors import UsageError
from advisor.evaluate.residual import TRUE, Dnf, gap_literal, of_literal
from advisor.graph.holders import Account
from advisor.graph.universe import Bits
from advisor.model.gap import Gap
from advisor.model.principal import Role, User
from advisor.model.resource import Compute
from advisor.reference.knowledge import load
from advisor.reference.schema.escalations import Technique

Standing = Literal["seen", "assumed", "unknown"]
ALL = "all"
_RANK: dict[Standing, int] = {"seen": 0, "assumed": 1, "unknown": 2}


_CAN_BE_MISSING = frozenset(
    (
        "keys-below-two", "login-profile", "no-login-profile", "no-mfa", "management-account", "identity-center",
        "instance-profile",
    )
)  # fmt: skip
"""States that a file may say nothing of; the others follow from what every file holds."""


def check_assumed(words: Iterable[str], techniques: Iterable[Technique]) -> None:
    """Refuse words that name nothing of what a file may not show.

    Raises:
        UsageError: with the words that there are.
    """
    known = {ALL} | {name for item in techniques for name in item.existing} | _CAN_BE_MISSING
    for word in words:
        if word not in known:
            near = get_close_matches(word, sorted(known), 3)
            advice = f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
            raise UsageError(
                f"nothing that may be missing is called `{word}`",
                advice=f"{advice} There are: {', '.join([ALL, *sorted(known - {ALL})])}".strip(),
            )


def weaker(one: Standing, other: Standing) -> Standing:
    return max(one, other, key=_RANK.__getitem__)


class Fact(msgspec.Struct, frozen=True):
    """A state of some things: those of which it is true, and those of which it is not known."""

    true: Bits
    unknown: Bits = 0
    gap: Gap | None = None


class Met(msgspec.Struct, frozen=True):
    """That a state holds, how it is known, and what that hangs on."""

    standing: Standing = "seen"
    formula: Dnf = TRUE


class States:
    """The states of one account that techniques ask for."""

    def __init__(self, account: Account, assume: Iterable[str] = ()) -> None:
        self.account = account
        self.snapshot = account.snapshot
        self._assumed = frozenset(assume)
        self._facts: dict[str, Fact] = {}
        self._compute: dict[str, tuple[Compute, ...] | None] = {}

    def assumes(self, name: str) -> bool:
        return bool({name, ALL} & self._assumed)

    def missing(self, name: str, gap: Gap) -> Met:
        """What a state that cannot be seen counts as."""
        if self.assumes(name):
            return Met("assumed")
        return Met("unknown", of_literal(gap_literal(gap, "Allow")))

    def parts(self, name: str) -> Iterable[tuple[Bits, Met]]:
        """The things of which the state holds, as sets with how that is known."""
        fact = self.fact(name)
        if fact.true:
            yield fact.true, Met()
        if fact.unknown:
            yield fact.unknown, self.missing(name, fact.gap or _gap(self.snapshot.account, name))

    def fact(self, name: str) -> Fact:
        found = self._facts.get(name)
        if found is None:
            found = self._facts[name] = _STATES[name](self.account)
        return found

    def carriers(self, kind: str) -> tuple[Compute, ...] | None:
        """The things of a kind that were read; `None` where they were not."""
        if kind not in self._compute:
            self._compute[kind] = self._read(kind)
        return self._compute[kind]

    def _read(self, kind: str) -> tuple[Compute, ...] | None:
        found = tuple(item for item in self.snapshot.compute if item.kind == kind)
        call = dict(entry.split() for entry in load("lists")["compute-readers"].items).get(kind)
        if call is None or self.snapshot.settings.regions is None:
            return found or None
        return None if any(gap.call == call for gap in self.snapshot.gaps) and not found else found

    def existing(self, kind: str) -> Gap:
        """The gap of a kind of things that was not read."""
        return Gap(
            call=kind,
            kind="absent",
            reason="things of this kind were not read",
            makes_unknown="whether one is there, and which role it has",
        )


def _gap(account: str, name: str) -> Gap:
    return Gap(call=name, kind="absent", reason="this was not read", makes_unknown="whether the state is so")


def _of_users(test: Callable[[User], bool | None], gap: Gap) -> Callable[[Account], Fact]:
    def fact(account: Account) -> Fact:
        true = unknown = 0
        for node, user in enumerate(account.snapshot.users):
            answer = test(user)
            if answer is None:
                unknown |= 1 << node
            elif answer:
                true |= 1 << node
        return Fact(true, unknown, gap)

    return fact


def _of_roles(test: Callable[[Role], bool]) -> Callable[[Account], Fact]:
    def fact(account: Account) -> Fact:
        bits = (1 << (account.users + at) for at, role in enumerate(account.snapshot.roles) if test(role))
        return Fact(sum(bits))

    return fact


def _keys_below_two(user: User) -> bool | None:
    return None if user.sign_in.keys is None else len(user.sign_in.keys) < 2


def _is_loose(role: Role) -> bool:
    """Whether the role lets in every subject of a provider that it trusts."""
    return any(
        statement.allows and statement.principals and statement.principals.federated and not statement.conditions
        for statement in role.trust.statements
    )


def _in_profile(account: Account) -> Fact:
    listed = {role for _, roles in account.snapshot.settings.instance_profiles or () for role in roles}
    return _of_roles(lambda role: bool(role.instance_profiles) or role.arn in listed)(account)


def _has_profile(account: Account) -> Fact:
    """Everybody, when the account has an instance profile; roles tell of those that are not empty."""
    listed = account.snapshot.settings.instance_profiles
    if listed or any(role.instance_profiles for role in account.snapshot.roles):
        return Fact(account.nodes.all)
    if listed is not None:
        return Fact(0)
    return Fact(0, account.nodes.all, Gap("iam:ListInstanceProfiles", "absent", "not read", "which profiles there are"))


def _bounded(account: Account) -> Fact:
    return Fact(sum(1 << node for node, principal in enumerate(account.principals) if principal.boundary))


def _own_deny(account: Account) -> Fact:
    bits = 0
    for holder in account.holders:
        if any(line.is_deny for document in holder.documents for line in account.lines.of(document)):
            bits |= sum(1 << node for node in holder.members)
    return Fact(bits)


def _allow_not_action(account: Account) -> Fact:
    bits = 0
    for holder in account.holders:
        lines = (line for document in holder.documents for line in account.lines.of(document))
        if any(line.compiled.not_actions and not line.is_deny and line.is_wide for line in lines):
            bits |= sum(1 << node for node in holder.members)
    return Fact(bits)


def _policy_room(account: Account) -> Fact:
    snapshot = account.snapshot
    return Fact(
        sum(1 << at for arn, at in account.policies.position.items() if len(snapshot.policy_by_arn[arn].versions) < 5)
    )


def _other_version(account: Account) -> Fact:
    snapshot = account.snapshot
    return Fact(
        sum(1 << at for arn, at in account.policies.position.items() if len(snapshot.policy_by_arn[arn].versions) > 1)
    )


def _grants_by(beginning: str) -> Callable[[Account], Fact]:
    """Everybody, when a statement of the account allows something by such a condition key."""

    def fact(account: Account) -> Fact:
        for document in account.documents():
            for statement in document.statements:
                if statement.allows and any(item.key.lower().startswith(beginning) for item in statement.conditions):
                    return Fact(account.nodes.all)
        return Fact(0)

    return fact


def _management(account: Account) -> Fact:
    organization = account.snapshot.organization
    if organization is None or not organization.management_account:
        gap = Gap("organizations:DescribeOrganization", "absent", "not read", "whether this is the management account")
        return Fact(0, account.nodes.all, gap)
    return Fact(account.nodes.all if organization.management_account == account.snapshot.account else 0)


def _identity_center(account: Account) -> Fact:
    access = account.snapshot.human_access
    if access.instance is None and access.kind is None and access.entitlements is None:
        gap = Gap("sso:ListInstances", "absent", "not read", "whether Identity Center is run from this account")
        return Fact(0, account.nodes.all, gap)
    return Fact(account.nodes.all if access.instance else 0)


_CREDENTIALS = Gap("iam:GetCredentialReport", "absent", "passwords, keys and MFA were not read", "how users sign in")
_STATES: dict[str, Callable[[Account], Fact]] = {
    "policy-has-room": _policy_room,
    "other-version": _other_version,
    "in-instance-profile": _in_profile,
    "instance-profile": _has_profile,
    "keys-below-two": _of_users(_keys_below_two, _CREDENTIALS),
    "login-profile": _of_users(lambda user: user.sign_in.console, _CREDENTIALS),
    "no-login-profile": _of_users(
        lambda user: None if user.sign_in.console is None else not user.sign_in.console, _CREDENTIALS
    ),
    "no-mfa": _of_users(lambda user: None if user.sign_in.mfa is None else not user.sign_in.mfa, _CREDENTIALS),
    "bounded": _bounded,
    "own-deny": _own_deny,
    "allow-not-action": _allow_not_action,
    "principal-tag-grants": _grants_by("aws:principaltag/"),
    "resource-tag-grants": _grants_by("aws:resourcetag/"),
    "source-identity-grants": _grants_by("sts:sourceidentity"),
    "mfa-grants": _grants_by("aws:multifactorauth"),
    "management-account": _management,
    "identity-center": _identity_center,
    "identity-center-role": _of_roles(lambda role: role.is_identity_center),
    "loose-federation": _of_roles(_is_loose),
}
