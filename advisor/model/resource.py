"""Resources with policies of their own, grants that are no policies, and compute that carries roles."""

from __future__ import annotations

import msgspec

from advisor.model.document import Document
from advisor.model.principal import Tags


class PublicAccessBlock(msgspec.Struct, frozen=True, gc=False):
    """S3's four switches, of an account, a bucket or an access point."""

    block_acls: bool = False
    ignore_acls: bool = False
    block_policy: bool = False
    restrict_buckets: bool = False


class Grant(msgspec.Struct, frozen=True, gc=False):
    """A grant that is no policy: a KMS grant, a RAM share, a bucket ACL entry.

    Source: AWS KMS Developer Guide, "Grants in AWS KMS"; RAM and S3 ACLs alike.
    """

    kind: str
    """`kms-grant`, `ram-share` or `acl`."""
    grantee: str
    """ARN, account id, canonical id, or `*`."""
    operations: tuple[str, ...] = ()
    """IAM action names for KMS (`kms:Decrypt`), ACL permission words (`READ`) for ACLs, managed permission ARNs
    for RAM.
    """
    id: str = ""
    constraints: tuple[tuple[str, str], ...] = ()


class Resource(msgspec.Struct, frozen=True, gc=False):
    """A resource that can carry a policy. `account` owns it: a bucket's ARN does not say.

    `policy` is `None` where there is none; where it could not be read the snapshot has a gap with this ARN as
    `resource`.
    """

    arn: str
    kind: str
    """`service:type` as the service catalogue writes it: `s3:bucket`, `kms:key`, `lambda:function`."""
    account: str
    region: str = ""
    policy: Document | None = None
    tags: Tags = ()
    public_access_block: PublicAccessBlock | None = None
    object_ownership: str | None = None
    abac: bool | None = None
    """S3 only: tags of the bucket count in conditions."""
    grants: tuple[Grant, ...] = ()
    bucket: str | None = None
    """The bucket behind an access point."""
    vpc_origin: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    """Further facts of this kind of resource, such as `key_manager: AWS`."""


class Compute(msgspec.Struct, frozen=True, gc=False):
    """Something that runs code as a role: a function, an instance, a task definition, a project, …"""

    arn: str
    kind: str
    """`lambda:function`, `ec2:instance`, `ecs:task-definition`, …"""
    account: str
    region: str = ""
    role: str | None = None
    """ARN of the role it runs as; `None` when it has none."""
    execution_role: str | None = None
    name: str = ""
    tags: Tags = ()
    settings: tuple[tuple[str, str], ...] = ()
    """Such as `http_tokens: optional`, `state: running`."""
