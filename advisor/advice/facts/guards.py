"""Facts about what limits everyone: SCP, RCP and permissions boundaries."""

from __future__ import annotations

from advisor.advice.facts.account import stands_alone
from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import FactValue
from advisor.model.organization import Level
from advisor.model.principal import Role, User

_TARGETS = "organizations:ListPoliciesForTarget"
_TRIALS = ("test", "sandbox", "staging", "trial")
_FULL = ("FullAWSAccess", "RCPFullAWSAccess")


def _levels(q: Question, scp: bool) -> tuple[Level, ...] | None:
    org = q.snapshot.organization
    by_account = None if org is None else (org.scps if scp else org.rcps)
    return None if by_account is None else dict(by_account).get(q.snapshot.account)


def _policies(q: Question, scp: bool) -> FactValue:
    if stands_alone(q):
        return q.listed(())
    levels = _levels(q, scp)
    if levels is None or any(level.gaps for level in levels):
        return q.unknown()
    named = [(policy.name, level.target) for level in levels for policy in level.policies if policy.name not in _FULL]
    return q.listed((name, q.seen(name, f"attached at {target}")) for name, target in named)


@fact("guard.scp", "service control policies that limit this account", _TARGETS)
def guard_scp(q: Question) -> FactValue:
    return _policies(q, scp=True)


@fact("guard.rcp", "resource control policies that limit this account's resources", _TARGETS)
def guard_rcp(q: Question) -> FactValue:
    return _policies(q, scp=False)


@fact("guard.boundary", "principals with a permissions boundary", "iam:GetAccountAuthorizationDetails")
def guard_boundary(q: Question) -> FactValue:
    principals: list[User | Role] = [*q.snapshot.users, *q.snapshot.roles]
    bounded = [one for one in principals if one.boundary]
    return q.listed((one.arn, q.seen(one.arn, f"bounded by {one.boundary}")) for one in bounded)


@fact("org.units", "organizational units", "organizations:ListOrganizationalUnitsForParent")
def org_units(q: Question) -> FactValue:
    noted = q.snapshot.settings.extra.get("org.units")
    if noted is None:
        return q.listed(()) if stands_alone(q) else q.unknown()
    return q.listed((str(name), q.seen(str(name), "an organizational unit")) for name in noted)


@fact("guard.test_ou", "organizational units for trying out policies", "organizations:ListOrganizationalUnitsForParent")
def guard_test_ou(q: Question) -> FactValue:
    units = q.ask("org.units")
    if not isinstance(units.value, tuple):
        return q.because(units)
    tests = [name for name in units.value if any(word in name.lower() for word in _TRIALS)]
    return q.listed((name, q.seen(name, "an organizational unit")) for name in tests)
