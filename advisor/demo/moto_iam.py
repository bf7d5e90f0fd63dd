"""What moto's IAM does otherwise than AWS, put right: names, boundaries, pages, root, and refusals to delete.

Found by trying; each is AWS's documented behaviour (IAM API Reference).
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.iam import models
from moto.iam.models import IAMBackend, ManagedPolicy, User
from moto.iam.responses import IamResponse
from moto.organizations.models import organizations_backends
from moto.organizations.responses import OrganizationsResponse

from advisor.demo.report import credential_report
from advisor.demo.seed_iam import load_aws_policy

_SUMMARY = models.AccountSummary.summary_map.fget


class DeleteConflict(ServiceException):  # type: ignore[misc]
    code = "DeleteConflict"


def correct_iam() -> None:
    """Put moto's IAM right. Call it once, before the first request."""
    _boundaries_of_users()
    _names_and_counts_of_policies()
    _refusals_to_delete()
    _aws_policies_on_demand()
    IAMBackend.get_account_authorization_details = _details
    IamResponse.get_account_authorization_details = _details_in_pages
    IamResponse.get_credential_report = _report
    OrganizationsResponse.organizations_backend = property(_of_the_organization)
    models.AccountSummary.summary_map = property(_summary_of)
    models.mark_account_as_visited = _keep_last_use
    IamResponse.list_service_specific_credentials = _no_special_credentials


def _boundaries_of_users() -> None:
    create = IamResponse.create_user

    def create_user(self: IamResponse) -> ActionResult:
        result = create(self)
        boundary = self._get_param("PermissionsBoundary")
        if boundary:
            self.backend.users[self._get_param("UserName")].permissions_boundary_arn = boundary
        return result

    def put(self: IamResponse) -> ActionResult:
        arn = self._get_param("PermissionsBoundary")
        self.backend.get_policy(arn)
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = arn
        return EmptyResult()

    def delete(self: IamResponse) -> ActionResult:
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
        return EmptyResult()

    User.permissions_boundary_arn = None
    User.permissions_boundary = models.Role.permissions_boundary
    IamResponse.create_user = create_user
    IamResponse.put_user_permissions_boundary = put
    IamResponse.delete_user_permissions_boundary = delete


def _names_and_counts_of_policies() -> None:
    def bounded(self: ManagedPolicy) -> int:
        holders = [*self.backend.users.values(), *self.backend.roles.values()]
        return sum(holder.permissions_boundary_arn == self.arn for holder in holders)

    ManagedPolicy.policy_name = property(lambda self: self.name)
    ManagedPolicy.policy_id = property(lambda self: self.id)
    ManagedPolicy.permissions_boundary_usage_count = property(bounded)
    ManagedPolicy.update_default_version = _set_default


def _set_default(self: ManagedPolicy, version_id: str) -> None:
    """Setting the version that is the default already changes nothing."""
    for version in self.versions:
        version.is_default = version.version_id == version_id
    self.default_version_id = version_id


def _aws_policies_on_demand() -> None:
    """Attaching, reading or bounding by an AWS managed policy makes it known first."""
    for name in (
        "attach_user_policy",
        "attach_group_policy",
        "attach_role_policy",
        "get_policy",
        "put_role_permissions_boundary",
    ):
        setattr(IAMBackend, name, _loading(getattr(IAMBackend, name)))


def _loading(method: Any) -> Any:
    def wrapped(self: IAMBackend, *args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()):
            if isinstance(value, str) and value.startswith("arn:"):
                load_aws_policy(value, self)
        return method(self, *args, **kwargs)

    return wrapped


def _refusals_to_delete() -> None:
    delete_policy, delete_group = IAMBackend.delete_policy, IAMBackend.delete_group

    def policy(self: IAMBackend, policy_arn: str) -> None:
        found = self.get_policy(policy_arn)
        if found.attachment_count or found.permissions_boundary_usage_count:
            raise DeleteConflict("Cannot delete a policy attached to entities.")
        if len(found.versions) > 1:
            raise DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete "
                "the policy's versions. The default version is deleted with the policy."
            )
        delete_policy(self, policy_arn)

    def group(self: IAMBackend, group_name: str) -> None:
        found = self.get_group(group_name)
        if found.users or found.managed_policies or found.policies:
            raise DeleteConflict("Cannot delete entity, must remove users and policies from group first.")
        delete_group(self, group_name)

    IAMBackend.delete_policy = policy
    IAMBackend.delete_group = group


def _details(self: IAMBackend, policy_filter: list[str]) -> dict[str, Any]:
    """As AWS: of AWS managed policies only the attached ones; all stands in the order in which it was made."""

    def wanted(kind: str) -> bool:
        return not policy_filter or kind in policy_filter

    ours = [policy for policy in self.managed_policies.values() if not _is_aws(policy)]
    theirs = [policy for policy in self.managed_policies.values() if _is_aws(policy) and policy.attachment_count]
    return {
        "users": list(self.users.values()) if wanted("User") else [],
        "groups": list(self.groups.values()) if wanted("Group") else [],
        "roles": list(self.roles.values()) if wanted("Role") else [],
        "managed_policies": [
            *(ours if wanted("LocalManagedPolicy") else []),
            *(theirs if wanted("AWSManagedPolicy") else []),
        ],
    }


def _is_aws(policy: ManagedPolicy) -> bool:
    return str(policy.arn).split(":")[4] == "aws"


def _details_in_pages(self: IamResponse) -> ActionResult:
    details = self.backend.get_account_authorization_details(self._get_param("Filter", []))
    keys = {
        "users": "UserDetailList",
        "groups": "GroupDetailList",
        "roles": "RoleDetailList",
        "managed_policies": "Policies",
    }
    entries = [(key, entry) for name, key in keys.items() for entry in details[name]]
    first = int(self._get_param("Marker") or 0)
    last = first + int(self._get_param("MaxItems") or 100)
    page: dict[str, Any] = {key: [entry for kind, entry in entries[first:last] if kind == key] for key in keys.values()}
    page["IsTruncated"] = last < len(entries)
    if page["IsTruncated"]:
        page["Marker"] = str(last)
    return ActionResult(page)


def _of_the_organization(self: OrganizationsResponse) -> Any:
    """A delegated administrator reads the tree of the management account; moto looks into the caller's own."""
    masters = organizations_backends.master_accounts
    account, partition = masters.get(self.current_account, (self.current_account, self.partition))
    return organizations_backends[account][partition]


def _summary_of(self: Any) -> dict[str, Any]:
    """With the one entry that moto lacks."""
    found: dict[str, Any] = _SUMMARY(self)
    return {**found, "AccountPasswordPresent": 1}


def _keep_last_use(**_: Any) -> None:
    """Our own reading leaves no trace: the story's last uses stay, and two readings of the account are equal."""


def _report(self: IamResponse) -> ActionResult:
    if not self.backend.credential_report:
        raise models.ReportNotPresentException("Credential report not present")
    text = credential_report(self.backend)
    return ActionResult({"Content": text, "ReportFormat": "text/csv", "GeneratedTime": models.utcnow()})


def _no_special_credentials(self: IamResponse) -> ActionResult:
    return ActionResult({"ServiceSpecificCredentials": [], "IsTruncated": False})
