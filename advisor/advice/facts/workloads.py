"""Facts about code and the roles it runs as, inside AWS and outside."""

from __future__ import annotations

import re
from collections import defaultdict

from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.advice.facts.trust import bound_keys
from advisor.model.document import Condition, Statement
from advisor.model.finding import Evidence, FactValue
from advisor.model.gap import Gap
from advisor.model.principal import Role
from advisor.model.resource import Compute
from advisor.model.snapshot import Provider

_INSTANCES, _FUNCTIONS = "ec2:DescribeInstances", "lambda:ListFunctions"
_TASKS, _PROVIDERS = "ecs:DescribeTaskDefinition", "iam:ListOpenIDConnectProviders"
_PODS = ("eks:ListClusters", "eks:ListPodIdentityAssociations", "eks:DescribePodIdentityAssociation")
_OTHERS = ("ecs:ListTaskDefinitions", *_PODS, "rolesanywhere:ListTrustAnchors", "rolesanywhere:ListProfiles")
_EKS_URL = re.compile(r"(https://)?oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/id/.+")
_COGNITO = "cognito-identity.amazonaws.com"
_OWNER_OF_SUBJECT = re.compile(r"[^:/*?]+[:/][^:/*?]+[:/]")
"""What a subject must begin with before its first wildcard: `repo:acme/`, `organization:acme:`, `org/id/`."""
_OWNER_OF_CLAIM = re.compile(r"[^:/*?]+/")
"""The same of a claim that names a repository or a workflow in it: `acme/`."""


def _of_kind(q: Question, kind: str, *calls: str) -> tuple[list[Compute], list[Gap]]:
    """Compute of one kind, and the gaps that make the list incomplete. Only a live reading has Regions."""
    found = [item for item in q.snapshot.compute if item.kind == kind]
    gaps = [gap for call in calls for gap in q.gaps_of(call)]
    if not found and not gaps and q.snapshot.settings.regions is None:
        gaps.append(q.gap(calls[0]))
    return found, gaps


@fact("ec2.no_profile", "instances without a role", _INSTANCES)
def ec2_no_profile(q: Question) -> FactValue:
    instances, gaps = _of_kind(q, "ec2:instance", _INSTANCES)
    without = [item for item in instances if not item.role]
    if q.snapshot.settings.instance_profiles is None:
        unclear = [item for item in without if dict(item.settings).get("instance_profile")]
        gaps += [q.gap("iam:ListInstanceProfiles") for _ in unclear[:1]]
        without = [item for item in without if item not in unclear]
    return q.listed(((item.arn, q.seen(item.arn, "no instance profile")) for item in without), gaps)


@fact("ec2.imds_v1", "instances that still answer the first version of the metadata service", _INSTANCES)
def ec2_imds_v1(q: Question) -> FactValue:
    instances, gaps = _of_kind(q, "ec2:instance", _INSTANCES)
    seen = []
    for item in instances:
        tokens = dict(item.settings).get("http_tokens")
        if tokens is None:
            gaps.append(q.gap(_INSTANCES, item.arn))
        elif tokens == "optional":
            seen.append((item.arn, q.seen(item.arn, "tokens are optional")))
    return q.listed(seen, gaps)


@fact("lambda.shared_role", "roles that several functions run as", _FUNCTIONS)
def lambda_shared_role(q: Question) -> FactValue:
    functions, gaps = _of_kind(q, "lambda:function", _FUNCTIONS)
    by_role: dict[str, list[str]] = defaultdict(list)
    for item in functions:
        if item.role:
            by_role[item.role].append(item.name or item.arn.rsplit(":", 1)[-1])
    shared = {role: names for role, names in by_role.items() if len(names) > 1}
    return q.listed(
        (
            (role, q.seen(role, f"{len(names)} functions: {', '.join(sorted(names)[:5])}"))
            for role, names in shared.items()
        ),
        gaps,
    )


@fact("lambda.shared_role_functions", "functions that share their role with others", _FUNCTIONS, ("",))
def lambda_shared_role_functions(q: Question, role: str) -> FactValue:
    shared = q.ask("lambda.shared_role")
    if not isinstance(shared.value, tuple):
        return q.because(shared)
    functions = [item for item in q.snapshot.compute if item.kind == "lambda:function" and item.role in shared.value]
    functions = [item for item in functions if not role or item.role == role]
    return q.listed(((item.arn, q.seen(item.arn, f"runs as {item.role}")) for item in functions), shared.gaps)


@fact("ecs.no_task_role", "task definitions without a task role", _TASKS)
def ecs_no_task_role(q: Question) -> FactValue:
    tasks, gaps = _of_kind(q, "ecs:task-definition", _TASKS, "ecs:ListTaskDefinitions")
    return q.listed(((item.arn, q.seen(item.arn, "no task role")) for item in tasks if not item.role), gaps)


@fact("compute.kinds", "kinds of workloads in the account", _INSTANCES)
def compute_kinds(q: Question) -> FactValue:
    counts: dict[str, int] = defaultdict(int)
    for item in q.snapshot.compute:
        counts[item.kind] += 1
    gaps = [gap for call in (_INSTANCES, _FUNCTIONS, _TASKS, *_OTHERS) for gap in q.gaps_of(call)]
    if not counts and not gaps and q.snapshot.settings.regions is None:
        gaps.append(q.gap(_INSTANCES))
    calls = {"ec2": _INSTANCES, "lambda": _FUNCTIONS, "ecs": _TASKS}
    return q.listed(
        (
            (kind, q.seen(kind, f"{number} seen", calls.get(kind.partition(":")[0], "")))
            for kind, number in sorted(counts.items())
        ),
        gaps,
    )


def _oidc(q: Question) -> tuple[Provider, ...] | None:
    providers = q.snapshot.settings.providers
    return None if providers is None else tuple(one for one in providers if one.kind == "oidc")


def issuer_of(provider: str) -> str:
    """`token.actions.githubusercontent.com` of a provider's ARN or URL."""
    return provider.split(":oidc-provider/", 1)[-1].removeprefix("https://")


@fact("eks.irsa", "OIDC providers of EKS clusters", _PROVIDERS)
def eks_irsa(q: Question) -> FactValue:
    providers = _oidc(q)
    if providers is None:
        return q.unknown()
    clusters = [one for one in providers if _EKS_URL.fullmatch(one.url or issuer_of(one.arn))]
    return q.listed((one.arn, q.seen(one.arn, "an EKS cluster's issuer")) for one in clusters)


@fact("eks.pod_identity", "Pod Identity associations", "eks:ListPodIdentityAssociations")
def eks_pod_identity(q: Question) -> FactValue:
    noted = q.snapshot.settings.extra.get("eks.pod_identity")
    found = [item for item in q.snapshot.compute if item.kind in ("eks:podidentityassociation", "eks:pod-identity")]
    names = [item.arn for item in found] or [str(entry) for entry in noted or ()]
    if not names and noted is None and q.snapshot.settings.regions is None:
        return q.unknown()
    gaps = [gap for call in _PODS for gap in q.gaps_of(call)]
    return q.listed(((arn, q.seen(arn, "an association")) for arn in names), gaps)


@fact("oidc.ci", "OIDC providers of CI systems", _PROVIDERS)
def oidc_ci(q: Question) -> FactValue:
    providers, issuers = _oidc(q), words("ci-issuers")
    if providers is None:
        return q.unknown()
    known = [one for one in providers if any(issuer in issuer_of(one.url or one.arn) for issuer in issuers)]
    return q.listed((one.arn, q.seen(one.arn, "a CI system's issuer")) for one in known)


@fact(
    "oidc.open",
    "roles that anybody's workflow at a shared OIDC issuer may assume",
    "iam:GetAccountAuthorizationDetails",
)
def oidc_open(q: Question) -> FactValue:
    issuers = words("ci-issuers")
    seen: list[tuple[str, Evidence]] = []
    for role in q.snapshot.roles:
        for statement in role.trust.statements:
            why = _open_to(statement, issuers)
            if why:
                seen.append((role.arn, q.seen(role.arn, f"statement {statement.index}: {why}")))
                break
    return q.listed(seen)


def _open_to(statement: Statement, issuers: tuple[str, ...]) -> str:
    """Why a statement lets in any repository of a shared issuer; empty where it does not."""
    if not statement.allows or statement.principals is None:
        return ""
    for provider in statement.principals.federated:
        issuer = issuer_of(provider)
        if not any(known in issuer for known in issuers):
            continue
        claims = [one for one in statement.conditions if one.key.lower().startswith(f"{issuer.lower()}:")]
        identifying = [one for one in claims if _identifies(one)]
        if not identifying:
            return f"{issuer} without a condition on the subject or the repository"
        if all(_matches_any(one) for one in identifying):
            return f"{identifying[0].key} does not fix the owner: {', '.join(identifying[0].values)}"
    return ""


def _identifies(condition: Condition) -> bool:
    claim = condition.key.rsplit(":", 1)[-1].lower()
    qualifier, _, operator = condition.operator.rpartition(":")
    positive = operator.startswith(("StringEquals", "StringLike")) and not operator.endswith("IfExists")
    # ForAllValues also holds where the claim is not in the token; the subject always is
    is_there = qualifier != "ForAllValues" or claim == "sub"
    return positive and is_there and claim in words("oidc-repository-claims")


def _matches_any(condition: Condition) -> bool:
    """Whether a value leaves the owner open: `repo:acme*` also lets in `acme-evil`; only `repo:acme/` fixes it."""
    if "StringLike" not in condition.operator:
        return False
    owner = _OWNER_OF_SUBJECT if condition.key.lower().endswith(":sub") else _OWNER_OF_CLAIM
    return any(("*" in value or "?" in value) and not owner.match(value) for value in condition.values)


@fact("oidc.any_pool", "roles that users of any Cognito identity pool may assume", "iam:GetAccountAuthorizationDetails")
def oidc_any_pool(q: Question) -> FactValue:
    """Source: Amazon Cognito Developer Guide, "IAM roles": the pool is in the token's `aud`."""
    seen = {
        role.arn: q.seen(role.arn, f"statement {statement.index}: {_COGNITO} without a condition on the pool (aud)")
        for role in q.snapshot.roles
        for statement in role.trust.statements
        if _lets_in_any_pool(statement)
    }
    return q.listed(seen.items())


def _lets_in_any_pool(statement: Statement) -> bool:
    federated = statement.principals.federated if statement.principals and statement.allows else ()
    return _COGNITO in federated and f"{_COGNITO}:aud" not in bound_keys(statement)


@fact("irsa.loose", "roles for EKS service accounts without an exact subject", "iam:GetAccountAuthorizationDetails")
def irsa_loose(q: Question) -> FactValue:
    loose = [role for role in q.snapshot.roles if _is_loose(role)]
    return q.listed((role.arn, q.seen(role.arn, "no StringEquals on `:sub`")) for role in loose)


def _is_loose(role: Role) -> bool:
    for statement in role.trust.statements:
        federated = statement.principals.federated if statement.principals and statement.allows else ()
        if any(_EKS_URL.fullmatch(issuer_of(one)) for one in federated):
            exact = [c for c in statement.conditions if c.key.endswith(":sub") and c.operator == "StringEquals"]
            if not exact:
                return True
    return False


@fact("ra.anchors", "enabled trust anchors of IAM Roles Anywhere", "rolesanywhere:ListTrustAnchors")
def ra_anchors(q: Question) -> FactValue:
    noted = q.snapshot.settings.extra.get("rolesanywhere.anchors")
    if not isinstance(noted, dict):
        return q.unknown()
    found = [str(arn) for arns in noted.values() for arn in arns]
    gaps = q.gaps_of("rolesanywhere:ListTrustAnchors")
    return q.listed(((arn, q.seen(arn, "an enabled trust anchor")) for arn in found), gaps)


@fact(
    "ra.loose", "roles that trust Roles Anywhere without naming the trust anchor", "iam:GetAccountAuthorizationDetails"
)
def ra_loose(q: Question) -> FactValue:
    def is_loose(role: Role) -> bool:
        for statement in role.trust.statements:
            services = statement.principals.service if statement.principals and statement.allows else ()
            keys = {condition.key.lower() for condition in statement.conditions}
            if "rolesanywhere.amazonaws.com" in services and "aws:sourcearn" not in keys:
                return True
        return False

    return q.listed(
        (role.arn, q.seen(role.arn, "no condition on aws:SourceArn")) for role in q.snapshot.roles if is_loose(role)
    )
