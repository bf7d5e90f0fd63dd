"""Where a policy document lives, and the operations that write another text in its place.

A document is named as in a `Reason`: its kind (`managed`, `inline`, `trust`, `resource`, `boundary`, `scp`, `rcp`), the
policy (ARN or name) and the owner (ARN of who or what carries it).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from advisor.errors import UsageError
from advisor.model.change import Operation
from advisor.model.document import Document
from advisor.model.effects.policies import versions_quota
from advisor.model.effects.principals import inline_of
from advisor.model.effects.resources import HOMES
from advisor.model.principal import Group, ManagedPolicy, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot

Json = Any


class Place(msgspec.Struct, frozen=True):
    """One policy document of the account: where it is and what it says."""

    kind: str
    policy: str
    owner: str
    document: Document

    @property
    def title(self) -> str:
        """The policy's own name, or the name of the thing that carries it."""
        named = self.policy if self.kind in ("managed", "boundary", "inline") else self.owner
        return named.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def find_place(snapshot: Snapshot, kind: str, policy: str, owner: str) -> Place:
    """The document that a `Reason` points to.

    Raises:
        UsageError: there is no such document in the snapshot, or its text was not read.
    """
    document = _LOOK_UP.get(kind, _nothing)(snapshot, policy, owner)
    if document is None:
        raise UsageError(f"there is no {kind} policy `{policy}` of `{owner}` in account {snapshot.account}")
    return Place(kind, policy, owner, document)


def holder_of(snapshot: Snapshot, arn: str) -> User | Group | Role | None:
    """The user, group or role of that ARN."""
    found: User | Role | None = snapshot.user_by_arn.get(arn) or snapshot.role_by_arn.get(arn)
    return found or next((group for group in snapshot.groups if group.arn == arn), None)


def _managed(snapshot: Snapshot, policy: str, owner: str) -> Document | None:
    found = snapshot.policy_by_arn.get(policy)
    return found.document if found else None


def _inline(snapshot: Snapshot, policy: str, owner: str) -> Document | None:
    holder = holder_of(snapshot, owner)
    found = inline_of(holder, policy) if holder else None
    return found.document if found else None


def _trust(snapshot: Snapshot, policy: str, owner: str) -> Document | None:
    role = snapshot.role_by_arn.get(owner)
    return role.trust if role else None


def _resource(snapshot: Snapshot, policy: str, owner: str) -> Document | None:
    resource = snapshot.resource_by_arn.get(owner)
    return resource.policy if resource else None


def _nothing(snapshot: Snapshot, policy: str, owner: str) -> Document | None:
    return None


_LOOK_UP: dict[str, Callable[[Snapshot, str, str], Document | None]] = {
    "managed": _managed,
    "boundary": _managed,
    "inline": _inline,
    "trust": _trust,
    "resource": _resource,
}


def write(snapshot: Snapshot, place: Place, document: Json, *, drop_oldest: bool = False) -> tuple[Operation, ...]:
    """The operations that put `document` (JSON values) in the place's stead.

    A managed policy gets a new default version. Where its versions are used up, the oldest one that is not the default
    goes first, but only with `drop_oldest`; otherwise the preview shows the quota.

    Raises:
        UsageError: AWS's own policies and those of the organization cannot be written from here.
    """
    if place.kind in ("managed", "boundary"):
        return _write_managed(snapshot, snapshot.policy_by_arn[place.policy], document, drop_oldest)
    if place.kind == "inline":
        kind, name = kind_and_name(snapshot, place.owner)
        named = {f"{kind}Name": name, "PolicyName": place.policy}
        return (Operation("iam", f"Put{kind}Policy", {**named, "PolicyDocument": document}, account=snapshot.account),)
    if place.kind == "trust":
        role = snapshot.role_by_arn[place.owner]
        parameters = {"RoleName": role.name, "PolicyDocument": document}
        return (Operation("iam", "UpdateAssumeRolePolicy", parameters, account=snapshot.account),)
    if place.kind == "resource":
        return (_write_resource(snapshot, snapshot.resource_by_arn[place.owner], document),)
    raise UsageError(f"a policy of kind `{place.kind}` cannot be written from this account")


def remove(snapshot: Snapshot, place: Place) -> tuple[Operation, ...]:
    """The operations that take the whole document away: for inline and resource policies."""
    if place.kind == "inline":
        kind, name = kind_and_name(snapshot, place.owner)
        named = {f"{kind}Name": name, "PolicyName": place.policy}
        return (Operation("iam", f"Delete{kind}Policy", named, account=snapshot.account),)
    if place.kind == "resource":
        return (_remove_resource(snapshot, snapshot.resource_by_arn[place.owner]),)
    raise UsageError(f"a policy of kind `{place.kind}` cannot be taken away as a whole")


def without_statement(document: Document, index: int) -> Json:
    """The document's JSON without one statement; `None` where nothing would be left."""
    value = document.as_json()
    statements = _listed(value)
    kept = [statement for at, statement in enumerate(statements) if at != index]
    return {**value, "Statement": kept} if kept else None


def with_statement(document: Document, index: int, change: Callable[[Json], Json]) -> Json:
    """The document's JSON with one statement changed; `change` gets a copy."""
    value = document.as_json()
    statements = _listed(value)
    changed = [change(dict(statement)) if at == index else statement for at, statement in enumerate(statements)]
    return {**value, "Statement": changed if isinstance(value["Statement"], list) else changed[0]}


def kind_and_name(snapshot: Snapshot, arn: str) -> tuple[str, str]:
    """`User`, `Group` or `Role` and the name, as IAM's operations want them."""
    holder = holder_of(snapshot, arn)
    if holder is None:
        raise UsageError(f"`{arn}` is no user, group or role of account {snapshot.account}")
    return type(holder).__name__, holder.name


def _listed(value: Json) -> list[Json]:
    statements = value["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _write_managed(
    snapshot: Snapshot, policy: ManagedPolicy, document: Json, drop_oldest: bool
) -> tuple[Operation, ...]:
    if policy.is_aws_managed:
        raise UsageError(f"`{policy.name}` is AWS's own policy and cannot be changed")
    write_it = Operation(
        "iam",
        "CreatePolicyVersion",
        {"PolicyArn": policy.arn, "PolicyDocument": document, "SetAsDefault": True},
        account=snapshot.account,
    )
    if not drop_oldest or len(policy.versions) < versions_quota(snapshot):
        return (write_it,)
    oldest = min((item for item in policy.versions if not item.is_default), key=lambda item: int(item.id[1:]))
    parameters = {"PolicyArn": policy.arn, "VersionId": oldest.id}
    return (Operation("iam", "DeletePolicyVersion", parameters, account=snapshot.account), write_it)


def _names(resource: Resource) -> dict[str, str]:
    """The parameter that names the resource in its service's calls."""
    last = resource.arn.rsplit(":", 1)[-1]
    account, region = resource.account, resource.region
    return {
        "Bucket": last,
        "KeyId": last.rsplit("/", 1)[-1],
        "TopicArn": resource.arn,
        "ResourceArn": resource.arn,
        "SecretId": resource.arn,
        "repositoryName": last.split("/", 1)[-1],
        "QueueUrl": f"https://sqs.{region}.amazonaws.com/{account}/{last}",
    }


def _write_resource(snapshot: Snapshot, resource: Resource, document: Json) -> Operation:
    names, region = _names(resource), resource.region or None
    if resource.kind == "sqs:queue":
        parameters: dict[str, Any] = {"QueueUrl": names["QueueUrl"], "Attributes": {"Policy": document}}
        return Operation("sqs", "SetQueueAttributes", parameters, account=snapshot.account, region=region)
    for home in HOMES:
        if home.kind == resource.kind:
            parameters = {name: names[name] for name in home.names} | dict(home.fixed) | {home.policy: document}
            return Operation(home.service, home.write, parameters, account=snapshot.account, region=region)
    raise UsageError(f"how to write the policy of a `{resource.kind}` is not known")


def _remove_resource(snapshot: Snapshot, resource: Resource) -> Operation:
    names, region = _names(resource), resource.region or None
    if resource.kind == "sqs:queue":
        parameters: dict[str, Any] = {"QueueUrl": names["QueueUrl"], "Attributes": {"Policy": ""}}
        return Operation("sqs", "SetQueueAttributes", parameters, account=snapshot.account, region=region)
    for home in HOMES:
        if home.kind == resource.kind and home.delete:
            parameters = {name: names[name] for name in home.names}
            return Operation(home.service, home.delete, parameters, account=snapshot.account, region=region)
    raise UsageError(f"the policy of a `{resource.kind}` cannot be taken away")
