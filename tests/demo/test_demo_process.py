"""The demo account's process: it starts, answers on loopback, keeps what is written, and ends with its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.demo import Demo, start

ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with start() as running:
        yield running


def _client(demo: Demo, service: str, region: str | None = None) -> Any:
    return demo.session().client(service, region_name=region or demo.region, endpoint_url=demo.endpoint_url)


def test_it_listens_on_loopback_and_knows_its_caller(demo: Demo) -> None:
    assert demo.endpoint_url.startswith("http://127.0.0.1:")
    arn = _client(demo, "sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/demo"


def test_the_environment_leads_there_too(demo: Demo) -> None:
    import boto3

    names = demo.environment
    session = boto3.Session(
        aws_access_key_id=names["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=names["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=names["AWS_SESSION_TOKEN"],
        region_name=names["AWS_REGION"],
    )
    client = session.client("iam", endpoint_url=names["AWS_ENDPOINT_URL"])
    assert client.list_account_aliases()["AccountAliases"] == ["acme-demo"]


def test_faults_can_only_be_set_where_tests_asked_for_them(demo: Demo) -> None:
    import urllib.error
    import urllib.request

    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{demo.endpoint_url}/_demo/faults", data=b"[]")


def test_boundaries_of_users_are_kept(demo: Demo) -> None:
    iam = _client(demo, "iam")
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/DevBoundary"
    iam.create_user(UserName="tess", PermissionsBoundary=boundary)
    assert iam.get_user(UserName="tess")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    iam.delete_user_permissions_boundary(UserName="tess")
    assert "PermissionsBoundary" not in iam.get_user(UserName="tess")["User"]
    iam.put_user_permissions_boundary(UserName="tess", PermissionsBoundary=boundary)
    details = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert {one["UserName"]: one for one in details}["tess"]["PermissionsBoundary"][
        "PermissionsBoundaryArn"
    ] == boundary
    iam.delete_user(UserName="tess")


def test_aws_managed_policies_are_there_once_they_are_named(demo: Demo) -> None:
    iam = _client(demo, "iam")
    arn = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
    iam.attach_user_policy(UserName="eve", PolicyArn=arn)
    policies = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"], MaxItems=1000)["Policies"]
    assert arn in {policy["Arn"] for policy in policies}
    iam.detach_user_policy(UserName="eve", PolicyArn=arn)
    policies = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"], MaxItems=1000)["Policies"]
    assert arn not in {policy["Arn"] for policy in policies}


def test_a_default_version_that_is_set_again_stays_the_default(demo: Demo) -> None:
    iam: Any = demo.session().client("iam", endpoint_url=demo.endpoint_url)
    arn = "arn:aws:iam::111122223333:policy/TeamData"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [one["VersionId"] for one in versions if one["IsDefaultVersion"]] == ["v1"]


def test_things_in_use_cannot_be_deleted(demo: Demo) -> None:
    iam = _client(demo, "iam")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/PayrollRead")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_group(GroupName="devs")


def test_switches_of_a_region_stay_as_they_are_set(demo: Demo) -> None:
    ec2 = _client(demo, "ec2", "eu-west-1")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    ec2.modify_instance_metadata_defaults(HttpTokens="required")
    assert ec2.get_instance_metadata_defaults()["AccountLevel"]["HttpTokens"] == "required"
    elsewhere = _client(demo, "ec2", "eu-central-1")
    assert elsewhere.get_snapshot_block_public_access_state()["State"] == "unblocked"


def test_analyzers_can_be_made_where_there_is_none(demo: Demo) -> None:
    analyzers = _client(demo, "accessanalyzer", "eu-west-1")
    assert analyzers.list_analyzers()["analyzers"] == []
    analyzers.create_analyzer(analyzerName="outside", type="ACCOUNT")
    assert [one["status"] for one in analyzers.list_analyzers()["analyzers"]] == ["ACTIVE"]
    with pytest.raises(analyzers.exceptions.ConflictException):
        analyzers.create_analyzer(analyzerName="outside", type="ACCOUNT")


def test_stopping_it_ends_the_process() -> None:
    demo = start()
    assert demo.is_running
    demo.stop()
    assert not demo.is_running


def test_it_ends_with_a_parent_that_is_killed() -> None:
    program = (
        "from advisor.demo import start; import time; d = start(); print(d._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        told = Path(f"/proc/{pid}/stat").read_text()  # a child that nobody waited for is still listed
        return told.rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_demo_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from advisor.demo import process
    from advisor.errors import AdvisorError

    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    with pytest.raises(AdvisorError, match="did not start"):
        start()
