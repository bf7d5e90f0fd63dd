"""The readers where the demo account has no occasion: answers from a table, and the pure conversions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from advisor.collect.permissions import reads
from advisor.collect.readers import compute, credentials, kms, organization, people, policied, s3, shares, watch
from advisor.collect.readers.account import read_contacts, read_plan
from advisor.collect.readers.times import date_from_aws
from advisor.collect.reading import Reading
from advisor.model.document import parse_document
from advisor.model.principal import Role, User
from tests.collect.conftest import ACCOUNT

Canned = Callable[[dict[str, Any]], Reading]
HERE = "eu-central-1"
DAY = datetime(2026, 11, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


def _error(code: str) -> Callable[..., Any]:
    from botocore.exceptions import ClientError

    def fail(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": code}}, "Call")

    return fail


def test_times_are_told_in_utc() -> None:
    assert date_from_aws(DAY) == "2026-11-01T10:00:00+00:00"
    assert date_from_aws(None) is None


def test_without_a_report_each_user_is_asked(canned: Canned) -> None:
    user = User(arn=f"arn:aws:iam::{ACCOUNT}:user/zoe", name="zoe")
    reading = canned(
        {
            "iam:GenerateCredentialReport": _error("AccessDenied"),
            "iam:ListServiceSpecificCredentials": {
                "ServiceSpecificCredentials": [
                    {
                        "UserName": "zoe",
                        "ServiceName": "codecommit.amazonaws.com",
                        "ServiceSpecificCredentialId": "ACCA1",
                    }
                ]
            },
            "iam:ListAccessKeys": {
                "AccessKeyMetadata": [{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive", "CreateDate": DAY}]
            },
            "iam:GetAccessKeyLastUsed": {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}},
            "iam:ListMFADevices": {"MFADevices": []},
            "iam:GetLoginProfile": _error("NoSuchEntity"),
            "iam:ListSSHPublicKeys": {"SSHPublicKeys": [{"SSHPublicKeyId": "APKA1"}]},
            "iam:ListSigningCertificates": {"Certificates": [{"CertificateId": "CERT1"}]},
            "iam:ListVirtualMFADevices": {"VirtualMFADevices": [{"User": {"Arn": f"arn:aws:iam::{ACCOUNT}:root"}}]},
        }
    )
    part = credentials.read(reading, (user,))
    sign_in = part.sign_ins[user.arn]
    assert (sign_in.console, sign_in.mfa) == (False, False)
    assert [(key.active, key.last_used, key.last_used_service) for key in sign_in.keys or ()] == [(False, None, None)]
    assert sign_in.special == ("codecommit.amazonaws.com:ACCA1", "ssh:APKA1", "certificate:CERT1")
    assert part.settings == {"root_mfa_virtual": True}
    assert [gap.call for gap in reading.gaps] == ["iam:GenerateCredentialReport"]


def test_a_report_is_waited_for(canned: Canned) -> None:
    states = iter(["STARTED", "INPROGRESS", "COMPLETE"])
    reading = canned(
        {
            "iam:GenerateCredentialReport": lambda: {"State": next(states)},
            "iam:GetCredentialReport": {"Content": b"user,arn\n<root_account>,arn:aws:iam::111122223333:root\n"},
        }
    )
    assert credentials.fetch_report(reading) == [{"user": "<root_account>", "arn": "arn:aws:iam::111122223333:root"}]


def test_an_account_without_an_organization_has_no_scp_and_no_rcp(canned: Canned) -> None:
    part = organization.read(canned({"organizations:DescribeOrganization": _error(organization.NOT_IN_ONE)}))
    assert part.organization is None
    assert part.layers == ("scp", "rcp")


def test_a_member_that_may_not_read_the_tree_assumes_nothing(canned: Canned) -> None:
    head = {"Id": "o-1", "MasterAccountId": "999988887777", "FeatureSet": "ALL"}
    reading = canned(
        {
            "organizations:DescribeOrganization": {"Organization": head},
            "organizations:ListRoots": _error("AccessDeniedException"),
        }
    )
    part = organization.read(reading)
    assert part.organization is not None
    assert part.organization.scps is None
    assert part.layers == ()
    assert [gap.call for gap in reading.gaps] == ["organizations:ListRoots"]


def test_the_path_of_an_account_leaves_the_account_out() -> None:
    assert organization.path_of("o-1", ("r-1", "ou-1", ACCOUNT)) == "o-1/r-1/ou-1/"


UNITS: dict[str, list[dict[str, str]]] = {
    "r-1": [{"Id": "ou-1", "Name": "Workloads"}],
    "ou-1": [{"Id": "ou-2", "Name": "Test"}],
    "ou-2": [],
}


def _tree(policy: Any) -> dict[str, Any]:
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    return {
        "organizations:DescribeOrganization": {"Organization": {"Id": "o-1", "MasterAccountId": "999988887777"}},
        "organizations:ListRoots": {"Roots": [{"Id": "r-1", "PolicyTypes": types}]},
        "organizations:ListAccounts": {"Accounts": [{"Id": ACCOUNT, "Name": "ours", "State": "ACTIVE"}]},
        "organizations:ListParents": {"Parents": [{"Id": "r-1"}]},
        "organizations:ListPoliciesForTarget": {"Policies": [{"Id": "p-1"}]},
        "organizations:ListOrganizationalUnitsForParent": lambda ParentId, **_: {
            "OrganizationalUnits": UNITS[ParentId]
        },
        "organizations:DescribePolicy": policy,
        "iam:ListOrganizationsFeatures": {"EnabledFeatures": ["RootSessions"]},
    }


def test_policies_that_are_switched_off_do_not_limit(canned: Canned) -> None:
    content = '{"Version": "2012-10-17", "Statement": []}'
    answer = {"Policy": {"Content": content, "PolicySummary": {"Name": "Full"}}}
    part = organization.read(canned(_tree(answer)))
    assert part.organization is not None
    assert part.organization.rcps == ((ACCOUNT, ()),)
    assert [level.target for _, levels in part.organization.scps or () for level in levels] == ["r-1", ACCOUNT]
    assert part.organization.root_features == ("RootSessions",)
    assert part.layers == ("scp", "rcp")
    assert part.extra["org.units"] == ["Workloads", "Test"]


def test_a_policy_that_may_not_be_read_makes_its_layer_unread(canned: Canned) -> None:
    reading = canned(_tree(_error("AccessDeniedException")))
    part = organization.read(reading)
    assert part.organization is not None
    assert part.organization.scps is None
    assert part.layers == ("rcp",)
    assert ("organizations:DescribePolicy", "p-1") in {(gap.call, gap.resource) for gap in reading.gaps}


def test_account_access_managers_entitlements_for_this_account(canned: Canned) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/Work"
    ours = {"principal": {"identityCenter": {"groupId": "g-1"}}, "roleArn": role, "account": ACCOUNT}
    other = {"principal": {"identityCenter": {"userId": "u-1"}}, "roleArn": role, "account": "222233334444"}
    reading = canned(
        {
            "sso-admin:ListInstances": {"Instances": []},
            "account-access:ListApplications": {"applications": [{"applicationArn": "arn:app"}]},
            "account-access:ListEntitlements": {
                "entitlements": [{"entitlement": {"principalRole": one}} for one in (ours, other)]
            },
        }
    )
    access = people.read(reading, (), None).human_access
    assert access is not None
    assert access.kind == "none"
    assert access.applications == ("arn:app",)
    assert [(one.kind, one.principal_kind, one.principal, one.role) for one in access.entitlements or ()] == [
        ("account-access", "group", "g-1", role)
    ]


def test_the_role_of_a_permission_set_is_not_that_of_one_whose_name_goes_on() -> None:
    trust = parse_document({"Statement": []})
    made = [
        Role(f"arn:aws:iam::111122223333:role{people.SSO_PATH}{name}", name, trust, path=people.SSO_PATH)
        for name in ("AWSReservedSSO_Admin_Billing_0123456789abcdef", "AWSReservedSSO_Admin_fedcba9876543210")
    ]
    assert people.role_of_set("Admin", made) == made[1].arn
    assert people.role_of_set("Admin_Billing", made) == made[0].arn
    assert people.role_of_set("Adm", made) == ""


def test_people_that_may_not_be_read_stay_unknown(canned: Canned) -> None:
    refuse = _error("AccessDeniedException")
    reading = canned({"sso-admin:ListInstances": refuse, "account-access:ListApplications": refuse})
    access = people.read(reading, (), None).human_access
    assert access is not None
    assert (access.kind, access.entitlements, access.applications) == (None, None, None)


def test_pods_carry_roles(canned: Canned) -> None:
    association = {
        "associationArn": "arn:aws:eks:eu-central-1:111122223333:podidentityassociation/c/a-1",
        "associationId": "a-1",
    }
    reading = canned(
        {
            "eks:ListClusters": {"clusters": ["c"]},
            "eks:ListPodIdentityAssociations": {"associations": [association]},
            "eks:DescribePodIdentityAssociation": {
                "association": {"roleArn": "arn:role", "namespace": "shop", "serviceAccount": "web"}
            },
        }
    )
    (pod,) = compute.read_pods(reading, HERE).compute
    assert (pod.name, pod.role) == ("c/shop/web", "arn:role")


def test_certificates_wear_the_roles_of_profiles_that_are_on(canned: Canned) -> None:
    profile = {"profileArn": "arn:profile", "name": "p", "roleArns": ["arn:one", "arn:two"]}
    reading = canned(
        {
            "rolesanywhere:ListTrustAnchors": {"trustAnchors": [{"trustAnchorArn": "arn:anchor", "enabled": True}]},
            "rolesanywhere:ListProfiles": {"profiles": [{**profile, "enabled": True}, {**profile, "enabled": False}]},
        }
    )
    part = compute.read_anchors(reading, HERE)
    assert [entry.role for entry in part.compute] == ["arn:one", "arn:two"]
    assert part.extra == {"rolesanywhere.anchors": {HERE: ["arn:anchor"]}}


def test_shares_are_grants_on_what_is_shared(canned: Canned) -> None:
    subnet = f"arn:aws:ec2:{HERE}:{ACCOUNT}:subnet/subnet-1"
    reading = canned(
        {
            "ram:GetResourceShares": {
                "resourceShares": [
                    {"resourceShareArn": "arn:on", "status": "ACTIVE"},
                    {"resourceShareArn": "arn:off", "status": "DELETED"},
                ]
            },
            "ram:ListResources": {
                "resources": [
                    {"arn": subnet, "resourceShareArn": "arn:on"},
                    {"arn": subnet, "resourceShareArn": "arn:off"},
                ]
            },
            "ram:ListPrincipals": {
                "principals": [
                    {"id": "222233334444", "resourceShareArn": "arn:on"},
                    {"id": "333344445555", "resourceShareArn": "arn:off"},
                ]
            },
        }
    )
    (shared,) = shares.read_shares(reading, HERE).resources
    assert (shared.arn, shared.kind) == (subnet, "ec2:subnet")
    assert [(grant.kind, grant.grantee) for grant in shared.grants] == [("ram-share", "222233334444")]


@pytest.mark.parametrize(
    ("told", "region"), [(None, "us-east-1"), ("EU", "eu-west-1"), ("eu-central-1", "eu-central-1")]
)
def test_buckets_without_a_region_in_the_list_are_asked(canned: Canned, told: str | None, region: str) -> None:
    answers: dict[str, Any] = {name: {} for name in reads() if name.startswith("s3:")}
    answers["s3:ListBuckets"] = {"Buckets": [{"Name": "old"}]}
    answers["s3:GetBucketLocation"] = {"LocationConstraint": told}
    (bucket,) = s3.read_buckets(canned(answers), ()).resources
    assert bucket.region == region
    assert bucket.object_ownership == "ObjectWriter"
    assert bucket.policy is None


def test_acl_entries_of_others_are_grants() -> None:
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    acl = {
        "Owner": {"ID": "me"},
        "Grants": [
            {"Grantee": {"ID": "me"}, "Permission": "FULL_CONTROL"},
            {"Grantee": {"ID": "you"}, "Permission": "WRITE"},
            {"Grantee": everybody, "Permission": "READ"},
        ],
    }
    assert [(grant.grantee, grant.operations) for grant in s3.grants_from_aws(acl)] == [
        ("you", ("WRITE",)),
        ("*", ("READ",)),
    ]


def test_a_policy_that_cannot_be_read_is_a_gap_of_its_resource(canned: Canned) -> None:
    arn = f"arn:aws:sns:{HERE}:{ACCOUNT}:news"
    reading = canned(
        {
            "sns:ListTopics": {"Topics": [{"TopicArn": arn}]},
            "sns:GetTopicAttributes": {"Attributes": {"Policy": '{"Version": "2099"}'}},
        }
    )
    (topic,) = policied.read_topics(reading, HERE).resources
    assert topic.policy is None
    assert [(gap.call, gap.kind, gap.resource) for gap in reading.gaps] == [("sns:GetTopicAttributes", "failed", arn)]


def test_an_answer_that_is_not_what_it_should_be_costs_only_that_thing(canned: Canned) -> None:
    arns = [f"arn:aws:kms:{HERE}:{ACCOUNT}:key/{number}" for number in (1, 2)]
    policy = '{"Version": "2012-10-17", "Statement": []}'

    def describe(KeyId: str) -> dict[str, Any]:
        return {"KeyMetadata": {"KeyManager": "CUSTOMER"}} if KeyId.endswith("1") else {"Strange": True}

    reading = canned(
        {
            "kms:ListKeys": {"Keys": [{"KeyArn": arn} for arn in arns]},
            "kms:DescribeKey": describe,
            "kms:GetKeyPolicy": {"Policy": policy},
            "kms:ListGrants": {"Grants": []},
        }
    )
    assert [key.arn for key in kms.read(reading, HERE).resources] == arns[:1]
    assert [(gap.call, gap.kind, gap.resource) for gap in reading.gaps] == [("kms:DescribeKey", "failed", arns[1])]


def test_only_the_newest_revision_of_a_family_is_asked_for() -> None:
    base = f"arn:aws:ecs:{HERE}:{ACCOUNT}:task-definition/"
    assert compute.newest_of_each([f"{base}a:9", f"{base}a:10", f"{base}b:1"]) == [f"{base}a:10", f"{base}b:1"]


@pytest.mark.parametrize(
    ("pattern", "watches"),
    [
        ('{"detail": {"userIdentity": {"type": ["Root"]}}}', True),
        ('{"detail": {"userIdentity": {"type": ["IAMUser"]}}}', False),
        ('{"detail": []}', False),
        ("no json", False),
        (None, False),
    ],
)
def test_rules_that_watch_root(pattern: str | None, watches: bool) -> None:
    assert watch.watches_root(pattern) is watches


def test_a_trail_at_home_elsewhere_is_read_where_it_is_seen(canned: Canned) -> None:
    trail = {"TrailARN": "arn:trail", "Name": "t", "HomeRegion": "us-east-1", "IsMultiRegionTrail": True}
    answers = {"cloudtrail:DescribeTrails": {"trailList": [trail]}, "cloudtrail:GetTrailStatus": {"IsLogging": True}}
    reading = canned(answers)
    assert watch.read_trails(reading, HERE).settings["trails"][0].logging is True
    reading.regions = (HERE, "us-east-1")
    assert watch.read_trails(reading, HERE).settings["trails"] == ()


def test_contacts_are_only_known_when_all_were_read(canned: Canned) -> None:
    answers = iter([{"AlternateContact": {}}, _error("ResourceNotFoundException"), _error("AccessDenied")])

    def one_after_the_other(**_: Any) -> Any:
        found = next(answers)
        return found() if callable(found) else found

    assert read_contacts(canned({"account:GetAlternateContact": one_after_the_other})).settings == {}


def test_accounts_from_before_the_free_plan_are_paid(canned: Canned) -> None:
    answers = {"freetier:GetAccountPlanState": _error("ResourceNotFoundException")}
    assert read_plan(canned(answers)).settings == {"plan": "PAID"}


def test_what_analyzers_of_outside_access_found_is_read_with_whom_it_lets_in(canned: Canned) -> None:
    from advisor.collect.readers import watch

    analyzers = [
        {"arn": "arn:a", "name": "outside", "type": "ACCOUNT", "status": "ACTIVE"},
        {"arn": "arn:b", "name": "unused", "type": "ACCOUNT_UNUSED_ACCESS", "status": "ACTIVE"},
    ]
    bucket = {"resource": "arn:aws:s3:::a", "resourceType": "AWS::S3::Bucket", "isPublic": True, "status": "ACTIVE"}
    findings = [
        {**bucket, "principal": {"AWS": "*"}, "resourceOwnerAccount": "111122223333"},
        {**bucket, "resource": "arn:aws:s3:::b", "resourceOwnerAccount": "999999999999"},
    ]
    reading = canned(
        {
            "accessanalyzer:ListAnalyzers": {"analyzers": analyzers},
            "accessanalyzer:ListFindings": lambda **asked: {
                "findings": findings if asked["analyzerArn"] == "arn:a" else 1 / 0
            },
        }
    )
    part = watch.read_analyzers(reading, HERE)
    assert [one.name for one in part.settings["analyzers"]] == ["outside", "unused"]
    (found,) = part.extra["analyzer.findings"][HERE]
    assert found == {"resource": "arn:aws:s3:::a", "type": "AWS::S3::Bucket", "public": True, "principals": ["*"]}


def test_without_an_analyzer_nothing_is_known_of_its_findings(canned: Canned) -> None:
    from advisor.collect.readers import watch

    assert (
        "analyzer.findings"
        not in watch.read_analyzers(canned({"accessanalyzer:ListAnalyzers": {"analyzers": []}}), HERE).extra
    )
