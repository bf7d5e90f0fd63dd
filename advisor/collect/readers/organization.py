"""The organization around the account: its levels with SCPs and RCPs, and which accounts are our own.

AWS's limits are low here (DescribePolicy 2 a second), so each policy is read once and levels are not read for others.
"""

from __future__ import annotations

from typing import Any

import msgspec

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.organization import Level, NamedPolicy, Organization

NOT_IN_ONE = "AWSOrganizationsNotInUseException"
TYPES = {"scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}
MANY_ACCOUNTS = 50
"""Above this the places of the other accounts are not looked up: it takes a call for each."""

Levels = tuple[Level, ...]


def read(reading: Reading) -> Part:
    """The organization. An account that is in none has no SCP and no RCP: both layers are read then, and empty."""
    answer = reading.call("organizations:DescribeOrganization", none=(NOT_IN_ONE,))
    if answer is None:
        return Part()
    if "Organization" not in answer:
        return Part(layers=("scp", "rcp"))
    head = answer["Organization"]
    organization = Organization(
        id=head["Id"], management_account=head.get("MasterAccountId", ""), features=head.get("FeatureSet")
    )
    roots = reading.pages("organizations:ListRoots", "Roots")
    if not roots:
        return Part(organization=organization)
    return _with_tree(reading, organization, roots[0])


def _with_tree(reading: Reading, organization: Organization, root: dict[str, Any]) -> Part:
    tree = _Tree(reading, root["Id"])
    types = types_from_aws(root)
    accounts = accounts_from_aws(reading.pages("organizations:ListAccounts", "Accounts"))
    chain = tree.chain_of(reading.account)
    scps = tree.levels(chain, "scp", types) if chain else None
    rcps = tree.levels(chain, "rcp", types) if chain else None
    others = [name for name, _ in accounts or () if name != reading.account]
    chains = [chain] if len(others) >= MANY_ACCOUNTS else [chain, *(tree.chain_of(name) for name in others)]
    found = msgspec.structs.replace(
        organization,
        accounts=accounts,
        policy_types=types,
        paths=tuple((one[-1], path_of(organization.id, one)) for one in chains if one),
        scps=None if scps is None else ((reading.account, scps),),
        rcps=None if rcps is None else ((reading.account, rcps),),
        root_features=fetch_root_features(reading),
    )
    layers = [name for name, levels in (("scp", scps), ("rcp", rcps)) if levels is not None]
    units = fetch_units(reading, root["Id"])
    return Part(organization=found, layers=tuple(layers), extra={} if units is None else {"org.units": units})


def fetch_units(reading: Reading, root: str) -> list[str] | None:
    """Names of the organizational units, those near the root first. `None`: they could not be read."""
    waiting, names = [root], list[str]()
    for parent in waiting:
        call = "organizations:ListOrganizationalUnitsForParent"
        found = reading.pages(call, "OrganizationalUnits", resource=parent, ParentId=parent)
        if found is None:
            return None
        names += [unit["Name"] for unit in found]
        if len(waiting) < MANY_ACCOUNTS:
            waiting += [unit["Id"] for unit in found]
    return names


def types_from_aws(root: dict[str, Any]) -> tuple[str, ...]:
    """Types of policies that are switched on. (What DescribeOrganization calls available is not to be relied on.)"""
    return tuple(entry["Type"] for entry in root.get("PolicyTypes", ()) if entry.get("Status") == "ENABLED")


def accounts_from_aws(accounts: list[dict[str, Any]] | None) -> tuple[tuple[str, str], ...] | None:
    """(id, name) of the active ones. `State` is the newer name of `Status`."""
    if accounts is None:
        return None
    return tuple(
        (one["Id"], one.get("Name", "")) for one in accounts if one.get("State", one.get("Status")) == "ACTIVE"
    )


def path_of(organization: str, chain: tuple[str, ...]) -> str:
    """The path of aws:PrincipalOrgPaths: `o-x/r-y/ou-z/`, without the account itself."""
    return "/".join((organization, *chain[:-1])) + "/"


class _Tree:
    """What was read of the tree, each thing once."""

    def __init__(self, reading: Reading, root: str) -> None:
        self._reading = reading
        self._root = root
        self._parents: dict[str, str] = {}
        self._policies: dict[str, NamedPolicy | None] = {}

    def chain_of(self, account: str) -> tuple[str, ...] | None:
        """Ids from the root down to the account. `None`: a parent could not be read."""
        chain = [account]
        while chain[0] != self._root:
            parent = self._parent(chain[0])
            if parent is None or parent in chain:
                return None
            chain.insert(0, parent)
        return tuple(chain)

    def _parent(self, child: str) -> str | None:
        if child not in self._parents:
            parents = self._reading.pages("organizations:ListParents", "Parents", resource=child, ChildId=child)
            if not parents:
                return None
            self._parents[child] = parents[0]["Id"]
        return self._parents[child]

    def levels(self, chain: tuple[str, ...], layer: str, types: tuple[str, ...]) -> Levels | None:
        """The levels of one kind of policy. `None` when one of them is not known whole: half of it would mislead."""
        if TYPES[layer] not in types:
            return ()
        levels = [self._level(target, TYPES[layer]) for target in chain]
        return None if None in levels else tuple(level for level in levels if level is not None)

    def _level(self, target: str, kind: str) -> Level | None:
        call = "organizations:ListPoliciesForTarget"
        listed = self._reading.pages(call, "Policies", resource=target, TargetId=target, Filter=kind)
        if listed is None:
            return None
        policies = [self._policy(entry["Id"]) for entry in listed]
        return None if None in policies else Level(target, tuple(policy for policy in policies if policy is not None))

    def _policy(self, policy_id: str) -> NamedPolicy | None:
        if policy_id not in self._policies:
            self._policies[policy_id] = self._fetch_policy(policy_id)
        return self._policies[policy_id]

    def _fetch_policy(self, policy_id: str) -> NamedPolicy | None:
        call = "organizations:DescribePolicy"
        answer = self._reading.call(call, resource=policy_id, PolicyId=policy_id)
        if answer is None:
            return None
        document = self._reading.document(answer["Policy"]["Content"], call, policy_id)
        name = answer["Policy"]["PolicySummary"]["Name"]
        return None if document is None else NamedPolicy(name=name, document=document, id=policy_id)


def fetch_root_features(reading: Reading) -> tuple[str, ...] | None:
    """Centralized root access, as only the management account and a delegated IAM administrator may see it."""
    answer = reading.call("iam:ListOrganizationsFeatures")
    return None if answer is None else tuple(answer.get("EnabledFeatures", ()))
