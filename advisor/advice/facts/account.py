"""Facts about the account as such: its kind and plan, its organization, and how people come in from a directory."""

from __future__ import annotations

from advisor.advice.facts.registry import Question, fact
from advisor.model.arn import account_of
from advisor.model.finding import FactValue
from advisor.model.organization import Organization
from advisor.model.snapshot import Snapshot

_DESCRIBE = "organizations:DescribeOrganization"
_ACCOUNT_ACCESS = "account-access.amazonaws.com"
_ASSIGNMENTS = (
    "sso-admin:ListInstances",
    "sso-admin:ListPermissionSetsProvisionedToAccount",
    "sso-admin:ListAccountAssignments",
)


def organization(snapshot: Snapshot) -> Organization | None:
    return snapshot.organization


def stands_alone(q: Question) -> bool:
    """No organization, and that was really read: AWS said that there is none."""
    return q.snapshot.organization is None and "scp" in q.snapshot.source.read_layers and not q.gaps_of(_DESCRIBE)


@fact("account.kind", "kind of account", _DESCRIBE)
def account_kind(q: Question) -> FactValue:
    org = organization(q.snapshot)
    if stands_alone(q):
        return q.word("standalone", "AWS says that it is in no organization")
    if org is None or not org.management_account:
        return q.unknown()
    if org.management_account == q.snapshot.account:
        return q.word("management", f"it is the management account of {org.id or 'its organization'}")
    managed = [role.arn for role in q.snapshot.roles if role.path.startswith("/managed/")]
    refusals = q.gaps_of("iam:ListAccountAliases")
    if managed and any(gap.kind == "expected" or "service control policy" in gap.reason for gap in refusals):
        return q.answer(
            "project",
            q.seen(managed[0], "a role that AWS manages", "iam:GetAccountAuthorizationDetails"),
            q.seen(q.snapshot.account, "its alias may not be read, by AWS's own policy", "iam:ListAccountAliases"),
        )
    return q.word("member", f"its management account is {org.management_account}")


@fact("account.plan", "plan of the account", "freetier:GetAccountPlanState")
def account_plan(q: Question) -> FactValue:
    plan = q.snapshot.settings.plan
    return q.unknown() if plan is None else q.word(plan, f"plan {plan}")


@fact("account.caller", "who read the account", "sts:GetCallerIdentity")
def account_caller(q: Question) -> FactValue:
    caller = q.snapshot.settings.caller
    if caller is None:
        return q.unknown()
    kinds = ((":root", "root"), ("AWSReservedSSO_", "permission-set"), ("AccountFullAccessRole", "project"))
    found = next((kind for mark, kind in kinds if mark in caller), None)
    return q.word(found or ("user" if ":user/" in caller else "role"), caller, caller)


@fact("org.features", "features of the organization", _DESCRIBE)
def org_features(q: Question) -> FactValue:
    org = organization(q.snapshot)
    if stands_alone(q):
        return q.word("none", "there is no organization")
    return q.unknown() if org is None or org.features is None else q.word(org.features, f"feature set {org.features}")


@fact("org.policy_types", "policy types that are switched on", "organizations:ListRoots")
def org_policy_types(q: Question) -> FactValue:
    org = organization(q.snapshot)
    if org is None or org.policy_types is None:
        return q.unknown()
    return q.listed((kind, q.seen(org.id, f"{kind} is enabled")) for kind in org.policy_types)


@fact("org.accounts", "active accounts of the organization", "organizations:ListAccounts")
def org_accounts(q: Question) -> FactValue:
    org = organization(q.snapshot)
    if org is None or org.accounts is None:
        return q.unknown()
    return q.listed((id, q.seen(id, name)) for id, name in org.accounts)


_WORKLOADS = ("ec2:instance", "lambda:function", "ecs:service", "ecs:task-definition", "rds:db")


@fact("org.mgmt_has_workloads", "workloads in the management account", "ec2:DescribeInstances")
def mgmt_has_workloads(q: Question) -> FactValue:
    kind = q.ask("account.kind")
    if kind.value is None:
        return q.because(kind)
    if kind.value != "management":
        return q.word(False, "this is not the management account")
    running = [item for item in q.snapshot.compute if item.kind in _WORKLOADS]
    if running:
        return q.answer(True, *(q.seen(item.arn, item.kind) for item in running[:20]))
    missing = [gap for call in ("ec2:DescribeInstances", "lambda:ListFunctions") for gap in q.gaps_of(call)]
    if missing or q.snapshot.settings.regions is None:
        return q.unknown("ec2:DescribeInstances", "lambda:ListFunctions")
    return q.word(False, "no instance, function or task definition in the Regions that were read")


@fact("ic.kind", "kind of Identity Center instance", "sso-admin:ListInstances")
def ic_kind(q: Question) -> FactValue:
    kind = q.snapshot.human_access.kind
    if kind is None:
        return q.unknown()
    return q.word("account-instance" if kind == "account" else kind, q.snapshot.human_access.instance or "no instance")


@fact("ic.roles", "roles that Identity Center made", "iam:GetAccountAuthorizationDetails")
def ic_roles(q: Question) -> FactValue:
    return q.listed(
        (role.arn, q.seen(role.arn, "a role of a permission set"))
        for role in q.snapshot.roles
        if role.is_identity_center
    )


@fact("ic.user_assignments", "permission sets assigned to single users", "sso-admin:ListAccountAssignments")
def ic_user_assignments(q: Question) -> FactValue:
    entitlements = q.snapshot.human_access.entitlements
    if entitlements is None:
        return q.unknown()
    single = [one for one in entitlements if one.principal_kind == "user" and one.kind == "permission-set"]
    seen = [(one.principal, q.seen(one.principal, f"{one.permission_set or one.role}")) for one in single]
    return q.listed(seen, [gap for call in _ASSIGNMENTS for gap in q.gaps_of(call)])


@fact("aam.used", "account access manager in use", "account-access:ListApplications")
def aam_used(q: Question) -> FactValue:
    trusting = [
        role.arn
        for role in q.snapshot.roles
        for statement in role.trust.statements
        if statement.allows and statement.principals and _ACCOUNT_ACCESS in statement.principals.service
    ]
    applications = q.snapshot.human_access.applications
    if trusting or applications:
        evidence = [q.seen(arn, f"trusts {_ACCOUNT_ACCESS}", "iam:GetAccountAuthorizationDetails") for arn in trusting]
        return q.answer(True, *evidence, *(q.seen(name, "an application") for name in applications or ()))
    return q.unknown() if applications is None else q.word(False, "no application, and no role trusts the service")


@fact("saml.own", "SAML providers of your own", "iam:ListSAMLProviders")
def saml_own(q: Question) -> FactValue:
    providers = q.snapshot.settings.providers
    if providers is None:
        return q.unknown()
    own = [one.arn for one in providers if one.kind == "saml" and not one.arn.rsplit("/", 1)[-1].startswith("AWSSSO_")]
    return q.listed((arn, q.seen(arn, "a SAML provider")) for arn in own)


@fact("account.sibling_accounts", "other accounts that are read together with this one", "organizations:ListAccounts")
def sibling_accounts(q: Question) -> FactValue:
    others = [snapshot.account for snapshot in q.account.snapshots[1:]]
    return q.listed((id, q.seen(id, "opened beside this account")) for id in others)


def inside(q: Question, principal: str) -> bool | None:
    """Whether an AWS principal's account is this one or of the organization; `None` where that was not read."""
    id = principal if principal.isdigit() else account_of(principal)
    if id == q.snapshot.account:
        return True
    org = organization(q.snapshot)
    if stands_alone(q):
        return False
    if org is None or org.accounts is None:
        return None
    accounts = org.accounts
    return id in q.once("organization's accounts", lambda: frozenset(account for account, _ in accounts))
