"""Users, groups, roles and the policies they hold, as IAM keeps them."""

from __future__ import annotations

import msgspec

from advisor.model.document import Document
from advisor.model.usage import Uses

Tags = tuple[tuple[str, str], ...]


class InlinePolicy(msgspec.Struct, frozen=True, gc=False):
    name: str
    document: Document


class PolicyVersion(msgspec.Struct, frozen=True, gc=False):
    id: str
    document: Document
    is_default: bool = False
    created: str | None = None


class ManagedPolicy(msgspec.Struct, frozen=True, gc=False):
    """A customer or AWS managed policy with the versions that were read."""

    arn: str
    name: str
    versions: tuple[PolicyVersion, ...] = ()
    id: str = ""
    path: str = "/"
    attachment_count: int | None = None
    boundary_count: int | None = None
    created: str | None = None
    updated: str | None = None
    tags: Tags = ()
    description: str | None = None
    """`None` where GetPolicy was not read: then the tags were not read either."""

    @property
    def document(self) -> Document | None:
        """The default version's document; `None` when it was not read (then there is a gap for it)."""
        return next((version.document for version in self.versions if version.is_default), None)

    @property
    def is_aws_managed(self) -> bool:
        return self.arn.split(":")[4:5] == ["aws"]


class AccessKey(msgspec.Struct, frozen=True, gc=False):
    """An access key without its secret, which AWS never tells again. Times are ISO 8601 in UTC."""

    id: str
    active: bool
    created: str | None = None
    last_used: str | None = None
    last_used_service: str | None = None
    last_used_region: str | None = None

    @property
    def is_use_known(self) -> bool:
        """Whether it was read when the key was used; a key whose use was not read has an empty service."""
        return self.last_used is not None or self.last_used_service is None


class SignIn(msgspec.Struct, frozen=True, gc=False):
    """How an IAM user (or root) signs in. `None` means not read; `last_used` fields are `None` also for never."""

    console: bool | None = None
    console_last_used: str | None = None
    """ISO 8601, `no_information`, or `None`."""
    password_changed: str | None = None
    mfa: bool | None = None
    mfa_serials: tuple[str, ...] | None = None
    keys: tuple[AccessKey, ...] | None = None
    special: tuple[str, ...] | None = None
    """Service specific credentials, SSH keys and signing certificates, each as `kind:id`."""


class User(msgspec.Struct, frozen=True, gc=False):
    arn: str
    name: str
    id: str = ""
    path: str = "/"
    created: str | None = None
    groups: tuple[str, ...] = ()
    """Names of groups, in the account's order."""
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    boundary: str | None = None
    tags: Tags = ()
    sign_in: SignIn = SignIn()
    uses: Uses | None = None
    """`None` where it was not read."""


class Group(msgspec.Struct, frozen=True, gc=False):
    arn: str
    name: str
    id: str = ""
    path: str = "/"
    created: str | None = None
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, gc=False):
    arn: str
    name: str
    trust: Document
    id: str = ""
    path: str = "/"
    created: str | None = None
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Tags = ()
    instance_profiles: tuple[str, ...] = ()
    """ARNs of the instance profiles that carry the role."""
    last_used: str | None = None
    last_used_region: str | None = None
    description: str | None = None
    max_session_seconds: int | None = None
    """Both `None` where ListRoles was not read: the account's details do not tell them."""
    uses: Uses | None = None
    """`None` where it was not read."""

    @property
    def is_service_linked(self) -> bool:
        return self.path.startswith("/aws-service-role/") or ":role/aws-service-role/" in self.arn

    @property
    def is_identity_center(self) -> bool:
        """A role that Identity Center made for a permission set; it cannot be edited from the account."""
        return self.path.startswith("/aws-reserved/sso.amazonaws.com/")
