"""A case of the case files as an account of its own, so that the index can be asked the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.access.index import AccessIndex, build_index
from advisor.evaluate.principals import parse_caller
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.principal import InlinePolicy, ManagedPolicy, PolicyVersion, Role, User
from advisor.model.resource import Grant, PublicAccessBlock, Resource
from advisor.model.snapshot import Snapshot, Source
from tests.evaluate.worlds import ACCOUNT, document

LAYERS = ("identity", "boundary", "resource", "scp", "rcp")
_ONLY_ALONE = ("endpoint", "unread")
_LET_THROUGH = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def why_not(case: Mapping[str, Any]) -> str:
    """Why no account can stand for a case; empty where one can."""
    policies, request = case["policies"], case["request"]
    if any(isinstance(policies.get(name), str) for name in ("identity", "boundary", "session", "resource")):
        return "a policy that could not be read"
    if any(policies.get(name) for name in _ONLY_ALONE) or case.get("strict"):
        return "layers that no account holds"
    if request.get("complete") or "in_management_account" in policies or case["expected"] == "conditional":
        return "a context that no account has"
    if any(not level for name in ("scp", "rcp") for level in policies.get(name) or ()):
        return "a level without policies"
    kind = parse_caller(request["principal"]).kind
    return kind if kind in ("federated-user", "provider", "other") else ""


def index_of(case: Mapping[str, Any]) -> AccessIndex:
    """The accounts of a case: the resource's, and the caller's beside it."""
    request, policies = case["request"], case["policies"]
    caller = parse_caller(request["principal"])
    arn = request.get("resource", "*")
    parts = arn.split(":", 5)
    owner = request.get("account") or (parts[4] if len(parts) == 6 and parts[4] else caller.account or ACCOUNT)
    accounts = list(dict.fromkeys((owner, caller.account or owner)))
    return build_index([_account(account, owner, request, policies) for account in accounts if account.isdigit()])


def _account(account: str, owner: str, request: Mapping[str, Any], policies: Mapping[str, Any]) -> Snapshot:
    caller = parse_caller(request["principal"])
    version = policies.get("version", "2012-10-17")
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    boundary = f"arn:aws:iam::{account}:policy/edge" if policies.get("boundary") is not None else None
    managed: tuple[ManagedPolicy, ...] = ()
    if boundary is not None:
        written = document(policies["boundary"], version)
        managed = (ManagedPolicy(boundary, "edge", (PolicyVersion("v1", written, True),)),)
    if caller.account == account and caller.kind in ("user", "role", "session"):
        own = policies.get("identity")
        held: dict[str, Any] = {
            "arn": caller.principal,
            "name": caller.principal.rsplit("/", 1)[-1],
            "path": _path_of(caller.principal),
            "id": request.get("id", ""),
            "inline": (InlinePolicy("own", document(own, version)),) if own is not None else (),
            "boundary": boundary,
            "tags": tuple(map(tuple, request.get("tags") or ())),
        }
        if caller.kind == "user":
            users = (User(**held),)
        else:
            roles = (Role(**held, trust=_trust_of(caller.principal, request, policies)),)
    resources: tuple[Resource, ...] = ()
    if account == owner:
        resources, target = _resource(owner, request, policies)
        roles += tuple(role for role in target if role.arn not in {found.arn for found in roles})
    return Snapshot(
        account,
        Source("live", read_layers=LAYERS),
        "",
        partition=caller.partition if caller.account == account else "aws",
        users=users,
        roles=roles,
        policies=managed,
        resources=resources,
        organization=_organization(account, policies),
    )


def _path_of(arn: str) -> str:
    return "/" + "".join(f"{part}/" for part in arn.split("/")[1:-1])


def _trust_of(arn: str, request: Mapping[str, Any], policies: Mapping[str, Any]) -> Any:
    is_asked = request.get("resource") == arn and policies.get("resource") is not None
    return document(policies["resource"] if is_asked else [])


def _resource(
    owner: str, request: Mapping[str, Any], policies: Mapping[str, Any]
) -> tuple[tuple[Resource, ...], tuple[Role, ...]]:
    arn = request.get("resource", "*")
    parts = arn.split(":", 5)
    if len(parts) < 6 or "*" in arn:
        return (), ()
    if parts[2] == "iam":
        if not parts[5].startswith("role/") or policies.get("resource") is None:
            return (), ()
        return (), (Role(arn, arn.rsplit("/", 1)[-1], document(policies["resource"])),)
    carrier = ":".join((*parts[:5], parts[5].partition("/")[0])) if parts[2] == "s3" else arn
    written = policies.get("resource")
    grants = tuple(
        Grant(
            grant["kind"],
            grant["grantee"],
            tuple(grant.get("operations", ())),
            constraints=tuple((grant.get("constraints") or {}).items()),
        )
        for grant in policies.get("grants", ())
    )
    block = PublicAccessBlock(
        ignore_acls=bool(policies.get("ignore_public_acls")),
        restrict_buckets=bool(policies.get("restrict_public_buckets")),
    )
    found = Resource(
        carrier,
        {"s3": "s3:bucket", "kms": "kms:key"}.get(parts[2], f"{parts[2]}:thing"),
        owner,
        parts[3],
        document(written, policies.get("version", "2012-10-17")) if written is not None else None,
        public_access_block=block,
        object_ownership="ObjectWriter" if policies.get("acls_count") else None,
        abac=True,
        grants=grants,
        settings=(("tags", "unread"),),
    )
    return (found,), ()


def _organization(account: str, policies: Mapping[str, Any]) -> Organization | None:
    if policies.get("scp") is None and policies.get("rcp") is None:
        return None
    levels = {
        name: tuple(
            Level(f"level-{at}", (NamedPolicy(f"{name}-{at}", document(level)),)) for at, level in enumerate(given)
        )
        for name in ("scp", "rcp")
        if (given := policies.get(name)) is not None
    }
    default = (Level("r", (NamedPolicy("Full", document([_LET_THROUGH])),)),)
    return Organization(
        "o-abc1234567",
        scps=((account, levels.get("scp", default)),),
        rcps=((account, levels.get("rcp", ())),),
    )
