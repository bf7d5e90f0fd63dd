"""Tell moto what stands around the account: the organization, Identity Center, trails, budgets, contacts."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.backends import get_backend

from advisor.demo.seed_iam import ago, document
from advisor.demo.story import DirectoryGroup, Guardrail, RootAlarm, Story

Backend = Any


def seed_organization(story: Story) -> None:
    """The organization belongs to another account; ours is a member in one of its units."""
    around = story.organization
    if around is None:
        return
    backend: Backend = get_backend("organizations")[around.management]["aws"]
    backend.create_organization("us-east-1", FeatureSet="ALL")
    root = backend.ou[0]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        backend.enable_policy_type(RootId=root.id, PolicyType=kind)
    units = {"root": root.id, "": root.id}
    for unit in around.units:
        made = backend.create_organizational_unit(ParentId=units[unit.within], Name=unit.name)
        units[unit.name] = made["OrganizationalUnit"]["Id"]
    for member in around.accounts:
        _account(backend, member.id, member.name, units[member.unit])
    for guardrail in around.scps:
        _guardrail(backend, guardrail, "SERVICE_CONTROL_POLICY", units)
    for guardrail in around.rcps:
        _guardrail(backend, guardrail, "RESOURCE_CONTROL_POLICY", units)


def _account(backend: Backend, account: str, name: str, unit: str) -> None:
    """moto makes up an id; ours is told, and the policies attached to it stay."""
    backend.create_account(AccountName=name, Email=f"{name}@acme.example")
    made = backend.accounts[-1]
    masters = get_backend("organizations").master_accounts
    masters[account] = masters.pop(made.id)
    made.id = account
    made.parent_id = unit
    made.create_time = ago(900)


def _guardrail(backend: Backend, guardrail: Guardrail, kind: str, units: dict[str, str]) -> None:
    text = document(guardrail.statements)
    made = backend.create_policy(Name=guardrail.name, Type=kind, Content=text, Description="")
    backend.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=units[guardrail.at])


def seed_identity_center(story: Story) -> None:
    center = story.identity_center
    if center is None or story.organization is None:
        return
    backend: Backend = get_backend("sso-admin")[story.account.id][center.region]
    instance = backend.instances[0]
    instance.account_id = story.organization.management
    directory: Backend = get_backend("identitystore")[story.account.id][center.region]
    ids = _directory(directory, instance.identity_store_id, center.groups)
    for entry in center.sets:
        made = backend.create_permission_set(entry.name, "", instance.instance_arn, f"PT{entry.hours}H", "", [])
        arn = made["PermissionSetArn"]
        for kind, names in (("GROUP", entry.groups), ("USER", entry.users)):
            for name in names:
                backend.create_account_assignment(
                    instance.instance_arn, story.account.id, "AWS_ACCOUNT", arn, kind, ids[name]
                )
        backend.provision_permission_set(instance.instance_arn, arn)


def _directory(directory: Backend, store: str, groups: list[DirectoryGroup]) -> dict[str, str]:
    """Ids of the groups and people by name."""
    ids: dict[str, str] = {}
    for group in groups:
        ids[group.name] = directory.create_group(store, group.name, "")[0]
        for name in group.users:
            given = {"GivenName": name, "FamilyName": name}
            ids[name] = directory.create_user(store, name, given, name, "", "", [], [], [], "", "", "", "", "")[0]
            directory.create_group_membership(store, ids[group.name], {"UserId": ids[name]})
    return ids


def seed_watch(story: Story) -> None:
    """Trails, budgets, contacts and the account's own switches."""
    account, watch = story.account.id, story.watch
    for trail in watch.trails:
        backend: Backend = get_backend("cloudtrail")[account][trail.region]
        get_backend("s3")[account]["aws"].get_bucket(trail.bucket)
        backend.create_trail(
            trail.name, trail.bucket, "", "", True, trail.multi_region, trail.validation, False, "", "", "", []
        )
        backend.start_logging(trail.name)
    for kind, mail in watch.contacts.items():
        get_backend("account")[account]["aws"].put_alternate_contact(kind, mail, "Security", "+49 30 000000", "Team")
    for budget in watch.budgets:
        _budget(account, budget)
    for region in watch.detectors:
        get_backend("guardduty")[account][region].create_detector(True, "SIX_HOURS", {}, {}, [])
    if watch.root_alarm:
        _root_alarm(get_backend("events")[account]["us-east-1"], watch.root_alarm)


def _root_alarm(backend: Backend, alarm: RootAlarm) -> None:
    """The console signs root in at us-east-1, so the rule stands there."""
    pattern = {"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": ["Root"]}}}
    backend.put_rule(alarm.rule, event_pattern=json.dumps(pattern), state="ENABLED")
    backend.put_targets(alarm.rule, None, [{"Id": "mail", "Arn": alarm.topic}])


def _budget(account: str, budget: Any) -> None:
    now = int(time.time())
    definition = {
        "BudgetName": budget.name,
        "BudgetLimit": {"Amount": str(budget.amount), "Unit": "USD"},
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "TimePeriod": {"Start": now, "End": now},
    }
    alarm = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    told = [{"SubscriptionType": "EMAIL", "Address": mail} for mail in budget.told]
    get_backend("budgets")[account]["aws"].create_budget(
        account, definition, [{"Notification": alarm, "Subscribers": told}]
    )
