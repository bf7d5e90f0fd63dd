"""What is gained that is no way to an administrator stands apart from the paths; a resource can be a goal."""

from __future__ import annotations

from msgspec.structs import replace

from advisor.account import Advisor
from advisor.graph.opportunities import find_opportunities
from advisor.graph.paths import find_paths
from advisor.model.resource import Resource
from advisor.reference.knowledge import load
from advisor.reference.schema.escalations import ADMINISTRATOR_GIVES
from tests.graph.labs import ACCOUNT, Lab, allow, arn, deny, trusting

BUCKET = "arn:aws:s3:::acme-payroll"


def _found(lab: Lab, *resources: Resource) -> dict[tuple[str, str], str]:
    account = Advisor([replace(lab.snapshot(), resources=resources)])
    return {(item.actor.rsplit("/", 1)[-1], item.technique): item.status for item in find_opportunities(account)}


def test_a_boundary_that_can_be_removed_is_an_enabler_and_no_path() -> None:
    lab = Lab()
    limit = lab.policy("limit", allow(["iam:DeleteUserPermissionsBoundary", "s3:*"]))
    lab.user("ana", allow("iam:DeleteUserPermissionsBoundary", arn("user", "ana")), boundary=limit)
    lab.user("ben", allow("iam:DeleteUserPermissionsBoundary"))
    assert _found(lab) == {("ana", "x-iam-boundary-user"): "open"}
    assert find_paths(lab.open()).paths == ()


def test_tags_matter_where_something_is_granted_by_tag() -> None:
    lab = Lab()
    lab.user("ana", allow("iam:TagUser"))
    assert _found(lab) == {}
    lab.user("ben", allow("s3:*", StringEquals={"aws:PrincipalTag/team": "blue"}))
    assert _found(lab) == {("ana", "x-iam-tag"): "open"}


def test_data_names_the_things_that_were_read() -> None:
    lab = Lab()
    lab.user("ana", allow("s3:PutBucketPolicy", BUCKET))
    lab.user("ben", allow("s3:PutBucketPolicy", f"{BUCKET}-other"))
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT)
    assert _found(lab, bucket) == {("ana", "x-s3-policy"): "open"}
    assert _found(lab)[("ben", "x-s3-policy")] == "unknown"


def test_a_way_to_another_account_needs_the_management_account() -> None:
    lab = Lab()
    lab.user("ana", allow("sts:AssumeRoot"))
    lab.management = "999988887777"
    assert _found(lab) == {}
    lab.management = ACCOUNT
    assert _found(lab) == {("ana", "x-sts-root"): "open"}


def test_a_denied_need_is_no_opportunity() -> None:
    lab = Lab()
    lab.user("ana", allow("lambda:*"), deny("lambda:PublishLayerVersion"))
    assert _found(lab) == {}


def test_every_such_technique_is_evaluated_or_stands_for_another() -> None:
    apart = [item for item in load("escalations").values() if item.gives not in ADMINISTRATOR_GIVES]
    assert {item.gives for item in apart} == {"data", "enabler", "other-account"}


def test_a_bucket_as_the_goal() -> None:
    lab = Lab()
    lab.role("reader", trusting(aws=arn("user", "ana")), allow("s3:GetObject", f"{BUCKET}/*"))
    lab.user("ana")
    lab.user("ben", allow("s3:GetObject", "arn:aws:s3:::other/*"))
    found = find_paths(lab.open(), to=BUCKET).paths
    assert [(path.source, path.target) for path in found] == [(arn("user", "ana"), BUCKET)]
