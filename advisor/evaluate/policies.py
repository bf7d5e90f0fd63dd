"""The policies that stand around one request, layer by layer: what `layers.py` decides over."""

from __future__ import annotations

from typing import NamedTuple

from advisor.evaluate.statement import CompiledDocument, compile_document
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.resource import Grant
from advisor.model.verdict import Reason


class Origin(NamedTuple):
    """Where a policy comes from, for the reason: its name or ARN, its kind, and who carries it."""

    policy: str
    kind: str
    owner: str

    def reason(self, statement: int, sid: str | None, *, allow: bool) -> Reason:
        return Reason(self.policy, self.kind, self.owner, statement, sid, "Allow" if allow else "Deny")


class Policy(NamedTuple):
    origin: Origin
    document: CompiledDocument


def policy(document: Document, name: str, kind: str, owner: str) -> Policy:
    """A policy ready for evaluation; its document is compiled once for all that carry it."""
    return Policy(Origin(name, kind, owner), compile_document(document))


class Layer(NamedTuple):
    """The policies of one layer (or of one level of an organization). `gaps`: policies that could not be read."""

    policies: tuple[Policy, ...] = ()
    gaps: tuple[Gap, ...] = ()
    target: str = ""


class Behind(NamedTuple):
    """The bucket behind an S3 access point: its policy must let in whom the access point's policy lets in (rule 54)."""

    bucket: str
    """ARN of the bucket."""
    point: str
    """ARN of the access point."""
    layer: Layer

    def resource(self, asked: str) -> str:
        """What a request to the access point reaches: the bucket, or the object in it."""
        rest = asked.removeprefix(self.point)
        return self.bucket + rest.removeprefix("/object") if rest.startswith("/object/") else self.bucket


class PolicySet(NamedTuple):
    """All policies around a request.

    `None` means that there is no such policy, so that it does not limit (no boundary, no session policy, no endpoint on
    the way, no organization). `unread` names layers that were never read. `scp` holds the levels of the caller's
    account, `rcp` those of the resource's account, both root first.
    """

    identity: Layer = Layer()
    boundary: Layer | None = None
    session: Layer | None = None
    scp: tuple[Layer, ...] | None = None
    rcp: tuple[Layer, ...] | None = None
    resource: Layer | None = None
    endpoint: Layer | None = None
    grants: tuple[Grant, ...] = ()
    """KMS grants and bucket ACL entries on the resource."""
    grant_gaps: tuple[Gap, ...] = ()
    """Grants and ACLs of the resource that could not be read: they could only allow."""
    behind: Behind | None = None
    unread: frozenset[str] = frozenset()
    restrict_public_buckets: bool = False
    ignore_public_acls: bool = False
    acls_count: bool = False
    """S3 Object Ownership leaves ACLs in force."""
    aws_managed_key: bool = False
    in_management_account: bool = False
    """The caller's account is the organization's management account: no SCP binds it."""
    resource_in_management_account: bool = False
    point_in_vpc: bool = False
    """The resource is an S3 access point that only a VPC reaches: its policy is never public."""
