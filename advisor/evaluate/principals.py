"""Who calls, and whether a `Principal` or `NotPrincipal` element names the caller.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "…: NotPrincipal", "IAM identifiers"; rules 19–28.
A wildcard never matches part of a principal, groups are no principals, and an ID (`AIDA…`, `AROA…`) in a policy is a
deleted principal that nobody is any more.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec.structs import replace

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context
from advisor.evaluate.pattern import has_wildcard
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, gap_literal, negation, of_literal
from advisor.model.document import Condition, Principals
from advisor.model.gap import Gap
from advisor.model.principal import Tags
from advisor.model.request import ANONYMOUS

SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")


CLOUDFRONT: Final = "cloudfront"
"""Stands in the account's place in the ARN of an origin access identity, which is nobody's user: a bucket policy alone
lets it in. Source: Amazon CloudFront Developer Guide, "Use an origin access identity".
"""


class Caller(NamedTuple):
    """The principal of a request.

    `kind`: `user`, `role` (any of its sessions), `session`, `federated-user`, `root`, `service`, `anonymous`,
    `provider` (a SAML or OIDC identity) or `other`. `principal` is the ARN of the role behind a session or of the user
    behind a federated user, else the ARN itself.
    """

    arn: str
    kind: str
    account: str = ""
    partition: str = "aws"
    principal: str = ""
    session: str = ""
    id: str = ""
    has_boundary: bool = False
    tags: Tags | None = None
    is_service_linked: bool = False
    has_session_tags: bool = False
    """Who assumes the role may pass tags that stand in for the role's own: none of them is known (rule 61)."""

    @property
    def is_identity(self) -> bool:
        """Whether identity policies, boundaries and SCPs can apply to the caller."""
        return self.kind in ("user", "role", "session", "federated-user", "root")

    @property
    def is_session(self) -> bool:
        return self.kind in ("role", "session")


def parse_caller(text: str, *, id: str = "", has_boundary: bool = False, tags: Tags | None = None) -> Caller:
    """The caller that an ARN, a service name or `*` stands for."""
    if text in (ANONYMOUS, "anonymous"):
        return Caller(ANONYMOUS, "anonymous")
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        if text.endswith(SERVICE_SUFFIXES):
            return Caller(text, "service")
        return Caller(text, "provider" if "." in text else "other")
    _, partition, service, _, account, resource = parts
    first, _, rest = resource.partition("/")
    kind = _KINDS.get((service, first if rest else resource), "other")
    if account == CLOUDFRONT:
        return Caller(text, "other", partition=partition)
    principal, session = text, ""
    if kind == "session":
        name, _, session = rest.partition("/")
        principal = f"arn:{partition}:iam::{account}:role/{name}"
    elif kind == "federated-user":
        principal = f"arn:{partition}:iam::{account}:user/{rest}"
    linked = kind in ("role", "session") and (
        rest.startswith("aws-service-role/") or _role_name(principal).startswith("AWSServiceRoleFor")
    )
    return Caller(text, kind, account, partition, principal, session, id, has_boundary, tags, linked)


_KINDS = {
    ("iam", "user"): "user",
    ("iam", "role"): "role",
    ("iam", "root"): "root",
    ("sts", "assumed-role"): "session",
    ("sts", "federated-user"): "federated-user",
    ("iam", "saml-provider"): "provider",
    ("iam", "oidc-provider"): "provider",
}


def _role_name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


class Named(NamedTuple):
    """How an element names the caller, each with the conditions under which it does.

    `direct`: by its own ARN, its session, its service or `*`; `limited`: by the role (or user) behind it, a grant that
    boundary and session policy still limit; `account`: by its account, which only delegates.
    """

    direct: Dnf = FALSE
    limited: Dnf = FALSE
    account: Dnf = FALSE

    @property
    def at_all(self) -> Dnf:
        if self.direct is TRUE:
            return TRUE
        return any_of((self.direct, self.limited, self.account))


NOBODY: Final = Named()


def named(element: Principals, caller: Caller, context: Context, *, allow: bool) -> Named:
    """Whether a statement with this element is about the caller."""
    if element.negated:
        return Named(direct=_spared(element, caller, context) if allow else _not_listed(element, caller, context))
    return _listed(element, caller, context, allow=allow)


def _listed(element: Principals, caller: Caller, context: Context, *, allow: bool) -> Named:
    if element.everyone:
        doubtful = caller.kind == "service" and allow and not caller_in(element.service, caller)
        return Named(direct=of_literal(gap_literal(SERVICES_IN_EVERYONE, "Allow")) if doubtful else TRUE)
    if caller.kind in ("service", "provider"):
        return Named(direct=TRUE if caller_in((*element.service, *element.federated), caller) else FALSE)
    if caller.arn in element.canonical:
        return Named(direct=of_literal(gap_literal(CANONICAL, "Allow" if allow else "Deny")))
    if caller.kind == "other":
        return Named(direct=TRUE if caller.arn in element.aws else FALSE)
    return _by_aws(element.aws, caller, context)


def caller_in(entries: tuple[str, ...], caller: Caller) -> bool:
    """Whether a service or provider is among the entries. A Region in a service's name does not make it another
    service.
    """
    return caller.arn in entries


CANONICAL: Final = Gap(
    call="s3:ListBuckets",
    kind="absent",
    reason="a canonical user ID does not say whose account it is",
    makes_unknown="what that account allows its principals",
)

SERVICES_IN_EVERYONE: Final = Gap(
    call="iam:Principal",
    kind="absent",
    reason="AWS does not say whether `*` includes service principals",
    makes_unknown="whether the service is named",
)


GATEWAY_SERVICES: Final = ("s3", "dynamodb")
"""Services that a gateway endpoint can lead to, beside interface endpoints."""

THROUGH_GATEWAY: Final = Gap(
    call="ec2:DescribeVpcEndpoints",
    kind="absent",
    reason="the endpoint's policy names an account, which at a gateway endpoint is its root user alone",
    makes_unknown="whether the endpoint is a gateway",
)


def through_gateway(found: Named, caller: Caller, *, allow: bool) -> Named:
    """A statement of an endpoint's policy that names the caller's account, where the endpoint may be a gateway.

    Source: AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies"; rule 13.
    """
    if caller.kind == "root":
        return found
    return found._replace(account=of_literal(gap_literal(THROUGH_GATEWAY, "Allow" if allow else "Deny")))


def _by_aws(entries: tuple[str, ...], caller: Caller, context: Context) -> Named:
    direct: list[Dnf] = []
    limited = account = FALSE
    for entry in entries:
        if entry == caller.account or entry == f"arn:{caller.partition}:iam::{caller.account}:root":
            account = TRUE if caller.account else FALSE
        elif entry == caller.arn and caller.kind != "role":
            direct.append(TRUE)
        elif entry == caller.principal or (caller.kind == "session" and _same_role(entry, caller)):
            limited = TRUE
        elif caller.kind == "role" and ":assumed-role/" in entry:
            direct.append(_one_session(entry, caller, context))
    return Named(any_of(direct), limited, account)


def _same_role(entry: str, caller: Caller) -> bool:
    """A session's ARN has no path, its role's has: compare by name, which is unique in an account."""
    prefix = f"arn:{caller.partition}:iam::{caller.account}:role/"
    return entry.startswith(prefix) and _role_name(entry) == _role_name(caller.principal)


def _one_session(entry: str, caller: Caller, context: Context) -> Dnf:
    """A session of the asked role: named if the session is called so, which `aws:userid` tells."""
    prefix = f"arn:{caller.partition}:sts::{caller.account}:assumed-role/{_role_name(caller.principal)}/"
    session = entry[len(prefix) :]
    if not entry.startswith(prefix) or has_wildcard(session):
        return FALSE
    written = (
        Condition("StringEquals", "aws:userid", (f"{caller.id}:{session}",))
        if caller.id
        else Condition("StringLike", "aws:userid", (f"*:{session}",))
    )
    condition = CompiledCondition(written, variables=False)
    holds = condition.holds(context)
    if holds is None:
        return of_literal(condition.literal(context))
    return TRUE if holds else FALSE


def _not_listed(element: Principals, caller: Caller, context: Context) -> Dnf:
    """When a Deny with `NotPrincipal` hits the caller (rule 24).

    It hits everyone with a boundary, whatever it lists. AWS validates account, role and session in turn, so a caller is
    surely spared only where its account is listed too, and its role beside a session. An account that is listed on its
    own spares all its principals; beside named ones it spares these only: "all principals except Bob".
    Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
    """
    if caller.has_boundary:
        return TRUE
    found = _listed(_positive(element), caller, context, allow=False)
    if element.everyone or not caller.is_identity or caller.kind == "root":
        return negation(found.at_all)
    own = any_of((found.direct, found.limited))
    if found.account and not any(_is_of_account(entry, caller) for entry in element.aws):
        return FALSE
    if found.account and (found.limited or not caller.is_session):
        return negation(own)
    return any_of((negation(own), of_literal(gap_literal(LISTED_WITHOUT_ACCOUNT, "Deny"))))


def _is_of_account(entry: str, caller: Caller) -> bool:
    """Whether an entry names some user, role or session of the caller's account, and not the account as such."""
    parts = entry.split(":", 5)
    return len(parts) == 6 and parts[4] == caller.account and parts[5] != "root"


def _spared(element: Principals, caller: Caller, context: Context) -> Dnf:
    """Whether an Allow with `NotPrincipal` lets the caller in: nobody whom it lists, and of all others it is not known.

    It is not supported, says the page; older copies of it say that everybody else is let in, strangers included, and
    policies of that time still stand. Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal".
    """
    found = _listed(_positive(element), caller, context, allow=False)
    return all_of((negation(found.at_all), of_literal(gap_literal(ALLOWED_BUT, "Allow"))))


def _positive(element: Principals) -> Principals:
    return replace(element, negated=False)


ALLOWED_BUT: Final = Gap(
    call="iam:NotPrincipal",
    kind="absent",
    reason="`NotPrincipal` with Allow is not supported, and let in everybody else when it was",
    makes_unknown="whether the statement lets in those whom it does not list",
)

LISTED_WITHOUT_ACCOUNT: Final = Gap(
    call="iam:NotPrincipal",
    kind="absent",
    reason="`NotPrincipal` lists the principal without its account, or a session without its role",
    makes_unknown="whether the Deny hits the listed principal as well",
)
