"""Paths that begin outside: identity providers, other accounts, everyone, services, people of the directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from advisor.evaluate.principals import Caller, parse_caller
from advisor.evaluate.residual import Dnf, all_of, conditions_of, gap_literal, gaps_of, of_literal, without_gaps
from advisor.graph.explain import Hop, Required
from advisor.graph.moves import LEVELS, STATUS, level_of
from advisor.graph.search import Way
from advisor.graph.trust import ASSUME, FEDERATED
from advisor.graph.universe import Bits, members
from advisor.model.arn import account_of
from advisor.model.gap import Gap
from advisor.model.verdict import Reason

if TYPE_CHECKING:
    from advisor.graph.paths import Finder, Path
    from advisor.graph.search import Goal

_ASKED_FOR = ("service", "person")
"""Parties whose ways are shown only when they are asked for: they are there on purpose."""


class Party(msgspec.Struct, frozen=True):
    """Somebody outside that a role trusts."""

    name: str
    kind: str
    technique: str


def parties(finder: Finder) -> dict[Party, Bits]:
    """Everyone from outside who is named by roles, with those roles."""
    account = finder.account
    found: dict[Party, Bits] = {}

    def add(name: str, kind: str, technique: str, roles: Bits) -> None:
        party = Party(name, kind, technique)
        found[party] = found.get(party, 0) | roles

    for document, roles in finder.search.interpreter.needs.trust.roles.items():
        for element in finder.search.interpreter.needs.trust.elements(document):
            for name in element.federated:
                if not _is_identity_center(name):
                    add(name, "federated", "x-sts-webid", roles)
            for name in element.service:
                add(name, "service", "sts-001", roles)
            for name in element.aws:
                owner = name if name.isdigit() else account_of(name)
                if owner.isdigit() and owner != account.snapshot.account:
                    add(name, "account", "x-xacct", roles)
            if element.everyone:
                add("*", "everyone", "x-xacct", roles)
    for entitlement in account.snapshot.human_access.entitlements or ():
        at = account.nodes.position.get(entitlement.role)
        if at is not None:
            add(f"{entitlement.principal_kind}:{entitlement.principal}", "person", "entitled-to", 1 << at)
    return found


def is_party(finder: Finder, name: str) -> bool:
    return any(_is_called(party, name) for party in parties(finder))


def _is_called(party: Party, name: str) -> bool:
    """Whether that is its name; an account is called by its id, too, however trust policies write it."""
    return party.name == name or (name.isdigit() and party.kind == "account" and party.name.split(":")[4:5] == [name])


def outside_paths(finder: Finder, goal: Goal, *, source: str | None, quiet: bool) -> Iterator[Path]:
    """The best way of each party, or of one. `quiet` leaves out those that are there on purpose."""
    for party, roles in _sorted(finder, quiet=quiet):
        if (source and not _is_called(party, source)) or _is_open(finder, party):
            continue
        best = _best(finder, goal, party, roles)
        if best is not None:
            yield best


def _is_open(finder: Finder, party: Party) -> bool:
    """Whether the party is an account, or somebody of one, that was read as well: its principals are sources then."""
    name = party.name
    owner = name if name.isdigit() else account_of(name)
    return party.kind == "account" and owner in finder.opened


def entries(finder: Finder, *, quiet: bool) -> Iterator[tuple[Party, int, Dnf]]:
    """Who gets into which role from outside, and when."""
    for party, roles in _sorted(finder, quiet=quiet):
        if _is_open(finder, party):
            continue
        yield from ((party, node, formula) for node, formula in _entries(finder, party, roles) if formula)


def _sorted(finder: Finder, *, quiet: bool) -> list[tuple[Party, Bits]]:
    found = sorted(parties(finder).items(), key=lambda item: (item[0].name, item[0].kind))
    return [(party, roles) for party, roles in found if not (quiet and party.kind in _ASKED_FOR)]


def _best(finder: Finder, goal: Goal, party: Party, roles: Bits) -> Path | None:
    """The surest and then shortest way through one of the roles."""
    entries = [(node, formula) for node, formula in _entries(finder, party, roles) if formula]
    for level in LEVELS:
        for hops, ring in enumerate(goal.rings[level]):
            for node, formula in entries:
                if level_of(formula) <= level and ring >> node & 1:
                    way = next(iter(goal.ways(node, level, every=False)), None)
                    if way is not None and (hops == 0) == (way == ()):
                        return _path(finder, goal, party, node, formula, way)
    return None


def _entries(finder: Finder, party: Party, roles: Bits) -> Iterator[tuple[int, Dnf]]:
    trust = finder.search.interpreter.needs.trust
    for node in members(roles):
        role = finder.account.snapshot.roles[node - finder.account.users]
        if party.kind == "person":
            yield node, (frozenset(),)
            continue
        caller, actions = _caller(party)
        formula = trust.of_outsider(role.trust, caller, actions)
        if party.kind == "account":
            formula = all_of((formula, of_literal(gap_literal(_other_side(party.name), "Allow"))))
        yield node, formula


def _caller(party: Party) -> tuple[Caller, tuple[str, ...]]:
    if party.kind == "federated":
        return Caller(party.name, "provider"), FEDERATED
    if party.kind == "account" and (party.name.isdigit() or party.name.endswith(":root")):
        owner = party.name if party.name.isdigit() else party.name.split(":")[4]
        return parse_caller(f"arn:aws:iam::{owner}:role/somebody"), (ASSUME,)
    return parse_caller(party.name), (ASSUME,)


def _other_side(name: str) -> Gap:
    return Gap(
        call="iam:GetAccountAuthorizationDetails",
        kind="absent",
        reason="the other account was not read",
        makes_unknown="who there is allowed to assume the role",
        resource=name,
    )


def _path(finder: Finder, goal: Goal, party: Party, node: int, formula: Dnf, way: Way) -> Path:
    from advisor.graph.paths import Path

    role = finder.account.snapshot.roles[node - finder.account.users]
    hop = Hop(
        technique=party.technique,
        actor=party.name,
        target=role.arn,
        requires=(Required(_action(party), role.arn, tuple(_reasons(finder, party, node))),),
        conditions=tuple(term for term in conditions_of(without_gaps(formula, hopeful=True)) if term),
        gaps=gaps_of(formula),
        title="assumes the role",
    )
    rest = finder.path(goal, node, way)
    return Path(
        party.name, rest.target, max(STATUS[level_of(formula)], rest.status, key=STATUS.index), (hop, *rest.hops)
    )


def _action(party: Party) -> str:
    if party.kind == "federated":
        return "sts:AssumeRoleWithSAML" if ":saml-provider/" in party.name else "sts:AssumeRoleWithWebIdentity"
    # people of the directory come in by the provider that Identity Center keeps in the account
    return "sts:AssumeRoleWithSAML" if party.kind == "person" else "sts:AssumeRole"


def _reasons(finder: Finder, party: Party, node: int) -> Iterator[Reason]:
    role = finder.account.snapshot.roles[node - finder.account.users]
    for line in finder.account.lines.of(role.trust, "trust"):
        element = line.compiled.element
        names = (*element.aws, *element.service, *element.federated) if element else ()
        if not line.is_deny and element and (party.name in names or element.everyone):
            yield Reason(role.name, "trust", role.arn, line.compiled.index, line.compiled.sid)


def _is_identity_center(name: str) -> bool:
    return ":saml-provider/AWSSSO_" in name
