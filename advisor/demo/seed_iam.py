"""Tell moto's IAM the story, straight into its backend: a hundred API calls would take seconds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import AccessKey, AccessKeyLastUsed, AWSManagedPolicy, IAMBackend, ManagedPolicy, PolicyVersion

from advisor.demo.story import Group, Iam, Key, Policy, Role, Root, Statements, User

Holder = Any
"""A user, group or role of moto."""


class RootUser:
    """What the credential report and the account summary say of root; moto knows nothing of it."""

    def __init__(self, root: Root, account: str) -> None:
        self.created = ago(root.days)
        self.password_used = ago(root.password_used)
        self.mfa = root.mfa
        self.keys = [_key(key, "<root_account>", account) for key in root.keys]


def ago(days: float) -> datetime:
    """So many days before the beginning of today (UTC): all readings of one day see the same ages."""
    midnight: datetime = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days)


def document(statements: Statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def seed_iam(iam: Iam, backend: IAMBackend) -> None:
    """Policies first, then what carries them."""
    for policy in iam.policies:
        _policy(policy, backend)
    for group in iam.groups:
        _group(group, backend)
    for user in iam.users:
        _user(user, backend)
    for role in iam.roles:
        _role(role, backend)
    for provider in iam.oidc:
        backend.create_open_id_connect_provider(provider.url, [], provider.audiences, [])
    for name in iam.saml:
        backend.create_saml_provider(name, "<EntityDescriptor/>")
    _account(iam, backend)


def _account(iam: Iam, backend: IAMBackend) -> None:
    root = RootUser(iam.root, backend.account_id)
    backend.story_root = root
    backend.account_summary._account_mfa_enabled = int(root.mfa)
    backend.account_summary._account_access_keys_present = int(bool(root.keys))
    if not iam.password_policy:
        return
    rules = {_snake(name): value for name, value in iam.password_policy.items() if name != "ExpirePasswords"}
    rules["allow_change_password"] = rules.pop("allow_users_to_change_password")
    backend.update_account_password_policy(**rules)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _policy(policy: Policy, backend: IAMBackend) -> None:
    made = ManagedPolicy(
        policy.name,
        account_id=backend.account_id,
        region=backend.region_name,
        description=policy.description,
        document=document(policy.versions[0]),
        path=policy.path,
        create_date=ago(policy.days),
        update_date=ago(policy.days / len(policy.versions)),
    )
    made.versions = [
        PolicyVersion(
            made.arn, document(statements), number == len(policy.versions), f"v{number}", ago(policy.days / number)
        )
        for number, statements in enumerate(policy.versions, 1)
    ]
    made.default_version_id = f"v{len(policy.versions)}"
    made.next_version_num = len(policy.versions) + 1
    backend.managed_policies[made.arn] = made


def _group(group: Group, backend: IAMBackend) -> None:
    made = backend.create_group(group.name)
    made.create_date = ago(group.days)
    _give(made, group.attached, group.inline, backend)


def _user(user: User, backend: IAMBackend) -> None:
    made = backend.create_user(backend.region_name, user.name, user.path, _tags(user.tags))
    made.create_date = ago(user.days)
    made.permissions_boundary_arn = _arn(user.boundary, backend)
    for name in user.groups:
        backend.add_user_to_group(name, user.name)
    _give(made, user.attached, user.inline, backend)
    if user.password:
        made.password = "set"
        made.password_last_used = ago(user.password_used) if user.password_used is not None else None
        made.password_changed = ago(user.password_changed or user.days)
    for key in user.keys:
        made.access_keys.append(_key(key, user.name, backend.account_id))
        backend.access_keys[made.access_keys[-1].access_key_id] = made.access_keys[-1]
    for number, kind in enumerate(user.mfa):
        _mfa(user, number, kind, backend)


def _mfa(user: User, number: int, kind: str, backend: IAMBackend) -> None:
    """An app is a virtual device with an ARN of the account's, a key or passkey one of the user's."""
    if kind == "app":
        device = backend.create_virtual_mfa_device(user.name, "/")
        backend.enable_mfa_device(user.name, device.serial_number, "000000", "000001")
        return
    serial = f"arn:aws:iam::{backend.account_id}:u2f/user/{user.name}/key-{number + 1}-EXAMPLE"
    backend.users[user.name].enable_mfa_device(serial, "", "")


def _role(role: Role, backend: IAMBackend) -> None:
    made = backend.create_role(
        role.name,
        document(role.trust),
        role.path,
        _arn(role.boundary, backend),
        role.description,
        _tags(role.tags),
        str(role.hours * 3600),
    )
    made.create_date = ago(role.days)
    if role.used is not None:
        made.last_used = ago(role.used)
        made.last_used_region = "eu-central-1"
    _give(made, role.attached, role.inline, backend)
    if role.instance_profile:
        backend.create_instance_profile(role.name, "/", [role.name])


def _give(made: Holder, attached: list[str], inline: dict[str, Statements], backend: IAMBackend) -> None:
    for name in attached:
        arn = _arn(name, backend)
        assert arn is not None
        backend.managed_policies[arn].attach_to(made)
    for name, statements in inline.items():
        made.policies[name] = document(statements)


def _arn(name: str, backend: IAMBackend) -> str | None:
    """The ARN of a policy by its name: one of the story's, else AWS's of that name, which is then loaded."""
    if not name:
        return None
    ours: str | None = next((arn for arn, policy in backend.managed_policies.items() if policy.name == name), None)
    if ours is not None:
        return ours
    path = _aws_policies()[name]["Path"]
    arn = f"arn:aws:iam::aws:policy{path}{name}"
    load_aws_policy(arn, backend)
    return arn


@cache
def _aws_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def load_aws_policy(arn: str, backend: IAMBackend) -> None:
    """Make an AWS managed policy known once somebody names it: all 1,582 of them would slow every answer down."""
    if arn in backend.managed_policies or arn.split(":")[4:5] != ["aws"]:
        return
    name = arn.rsplit("/", 1)[-1]
    data = _aws_policies().get(name)
    if data:
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
        if policy.arn == arn:
            backend.managed_policies[arn] = policy


def _key(key: Key, user: str, account: str) -> AccessKey:
    made = AccessKey(user, prefix="AKIA", account_id=account, status="Active" if key.active else "Inactive")
    made.create_date = ago(key.days)
    if key.used is not None:
        made.last_used = AccessKeyLastUsed(ago(key.used), key.service, key.region)
    return made


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
