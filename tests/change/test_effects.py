"""Each operation's effect on a snapshot, and that its inverse takes it back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.model.change import Change, Operation
from advisor.model.effects import (
    EffectError,
    apply_to,
    effects_of,
    invert,
    modelled_operations,
    name_of,
    numbered,
    with_undo,
)
from advisor.model.snapshot import Snapshot
from tests.change.normal import normal
from tests.change.small_account import ACCOUNT, ADMIN, REGION, allow, document, iam, small_account, trust

TEXT = document(allow("sqs:ReceiveMessage")).as_json()
KEY, OLD_KEY = "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:work"
TRAIL = {"Name": "main"}
ASSIGNMENT = {
    "InstanceArn": "i",
    "TargetId": ACCOUNT,
    "TargetType": "AWS_ACCOUNT",
    "PermissionSetArn": "ps-1",
    "PrincipalType": "GROUP",
    "PrincipalId": "g-2",
}

REVERSIBLE: list[tuple[str, dict[str, Any]]] = [
    ("iam:AttachUserPolicy", {"UserName": "ben", "PolicyArn": iam("policy/dev")}),
    ("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}),
    ("iam:PutUserPolicy", {"UserName": "ana", "PolicyName": "read", "PolicyDocument": TEXT}),
    ("iam:PutUserPolicy", {"UserName": "ben", "PolicyName": "new", "PolicyDocument": TEXT}),
    ("iam:DeleteUserPolicy", {"UserName": "ana", "PolicyName": "read"}),
    ("iam:PutUserPermissionsBoundary", {"UserName": "ben", "PermissionsBoundary": iam("policy/limit")}),
    ("iam:DeleteUserPermissionsBoundary", {"UserName": "ana"}),
    ("iam:TagUser", {"UserName": "ana", "Tags": [{"Key": "team", "Value": "x"}, {"Key": "new", "Value": "y"}]}),
    ("iam:UntagUser", {"UserName": "ana", "TagKeys": ["team"]}),
    ("iam:CreateUser", {"UserName": "dora", "Path": "/team/", "PermissionsBoundary": iam("policy/limit")}),
    ("iam:AttachGroupPolicy", {"GroupName": "people", "PolicyArn": iam("policy/spare")}),
    ("iam:DetachGroupPolicy", {"GroupName": "people", "PolicyArn": iam("policy/dev")}),
    ("iam:PutGroupPolicy", {"GroupName": "people", "PolicyName": "new", "PolicyDocument": TEXT}),
    ("iam:DeleteGroupPolicy", {"GroupName": "empty", "PolicyName": "list"}),
    ("iam:CreateGroup", {"GroupName": "more"}),
    ("iam:AddUserToGroup", {"GroupName": "empty", "UserName": "ben"}),
    ("iam:RemoveUserFromGroup", {"GroupName": "people", "UserName": "ana"}),
    ("iam:AttachRolePolicy", {"RoleName": "vendor", "PolicyArn": iam("policy/dev")}),
    ("iam:DetachRolePolicy", {"RoleName": "app", "PolicyArn": iam("policy/dev")}),
    ("iam:PutRolePolicy", {"RoleName": "app", "PolicyName": "queue", "PolicyDocument": TEXT}),
    ("iam:DeleteRolePolicy", {"RoleName": "app", "PolicyName": "queue"}),
    ("iam:PutRolePermissionsBoundary", {"RoleName": "app", "PermissionsBoundary": iam("policy/limit")}),
    ("iam:DeleteRolePermissionsBoundary", {"RoleName": "open"}),
    ("iam:TagRole", {"RoleName": "app", "Tags": [{"Key": "team", "Value": "x"}]}),
    ("iam:UntagRole", {"RoleName": "app", "TagKeys": ["team"]}),
    ("iam:CreateRole", {"RoleName": "fresh", "AssumeRolePolicyDocument": trust({"AWS": iam("root")}).as_json()}),
    ("iam:UpdateRole", {"RoleName": "app", "Description": "other", "MaxSessionDuration": 10800}),
    ("iam:UpdateAssumeRolePolicy", {"RoleName": "app", "PolicyDocument": trust({"AWS": iam("root")}).as_json()}),
    ("iam:CreateInstanceProfile", {"InstanceProfileName": "fresh"}),
    ("iam:DeleteInstanceProfile", {"InstanceProfileName": "idle"}),
    ("iam:AddRoleToInstanceProfile", {"InstanceProfileName": "idle", "RoleName": "vendor"}),
    ("iam:RemoveRoleFromInstanceProfile", {"InstanceProfileName": "app", "RoleName": "app"}),
    ("iam:CreatePolicy", {"PolicyName": "fresh", "PolicyDocument": TEXT}),
    ("iam:CreatePolicyVersion", {"PolicyArn": iam("policy/dev"), "PolicyDocument": TEXT, "SetAsDefault": True}),
    ("iam:CreatePolicyVersion", {"PolicyArn": iam("policy/dev"), "PolicyDocument": TEXT}),
    ("iam:SetDefaultPolicyVersion", {"PolicyArn": iam("policy/dev"), "VersionId": "v1"}),
    ("iam:TagPolicy", {"PolicyArn": iam("policy/dev"), "Tags": [{"Key": "a", "Value": "b"}]}),
    ("iam:UpdateAccessKey", {"UserName": "ana", "AccessKeyId": KEY, "Status": "Inactive"}),
    ("iam:CreateAccessKey", {"UserName": "ben"}),
    ("iam:CreateLoginProfile", {"UserName": "cal", "Password": {"secret": "x"}}),
    ("iam:CreateOpenIDConnectProvider", {"Url": "https://gitlab.com", "ClientIDList": ["a"]}),
    (
        "iam:DeleteOpenIDConnectProvider",
        {"OpenIDConnectProviderArn": iam("oidc-provider/token.actions.githubusercontent.com")},
    ),
    ("iam:CreateSAMLProvider", {"Name": "idp", "SAMLMetadataDocument": "<x/>"}),
    ("iam:CreateAccountAlias", {"AccountAlias": "acme"}),
    ("iam:UpdateAccountPasswordPolicy", {"MinimumPasswordLength": 14}),
    ("iam:DeleteAccountPasswordPolicy", {}),
    ("iam:EnableOrganizationsRootSessions", {}),
    ("iam:EnableOrganizationsRootCredentialsManagement", {}),
    ("s3:PutBucketPolicy", {"Bucket": "payroll", "Policy": TEXT}),
    ("s3:DeleteBucketPolicy", {"Bucket": "payroll"}),
    ("s3:PutPublicAccessBlock", {"Bucket": "payroll", "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
    (
        "s3:PutBucketOwnershipControls",
        {"Bucket": "payroll", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
    ("s3:CreateBucket", {"Bucket": "fresh"}),
    ("kms:PutKeyPolicy", {"KeyId": "k-1", "PolicyName": "default", "Policy": TEXT}),
    ("sqs:SetQueueAttributes", {"QueueUrl": QUEUE, "Attributes": {"Policy": TEXT}}),
    (
        "sns:SetTopicAttributes",
        {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:news", "AttributeName": "Policy", "AttributeValue": TEXT},
    ),
    ("sns:CreateTopic", {"Name": "fresh"}),
    ("secretsmanager:PutResourcePolicy", {"SecretId": "db", "ResourcePolicy": TEXT}),
    ("secretsmanager:DeleteResourcePolicy", {"SecretId": "db"}),
    ("ecr:SetRepositoryPolicy", {"repositoryName": "images", "policyText": TEXT}),
    (
        "dynamodb:PutResourcePolicy",
        {"ResourceArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders", "Policy": TEXT},
    ),
    (
        "lambda:AddPermission",
        {
            "FunctionName": "work",
            "StatementId": "s",
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
        },
    ),
    ("lambda:RemovePermission", {"FunctionName": "work", "StatementId": "in"}),
    ("lambda:UpdateFunctionConfiguration", {"FunctionName": "work", "Role": iam("role/vendor")}),
    ("ec2:ModifyInstanceMetadataOptions", {"InstanceId": "i-1", "HttpTokens": "required"}),
    ("ec2:EnableEbsEncryptionByDefault", {}),
    ("cloudtrail:CreateTrail", {"Name": "fresh", "S3BucketName": "b"}),
    ("cloudtrail:UpdateTrail", {"Name": "main", "IsMultiRegionTrail": True, "EnableLogFileValidation": True}),
    ("cloudtrail:StartLogging", TRAIL),
    ("accessanalyzer:CreateAnalyzer", {"analyzerName": "fresh", "type": "ACCOUNT"}),
    ("accessanalyzer:DeleteAnalyzer", {"analyzerName": "a"}),
    (
        "account:PutAlternateContact",
        {"AlternateContactType": "SECURITY", "Name": "n", "Title": "t", "EmailAddress": "e", "PhoneNumber": "p"},
    ),
    ("organizations:AttachPolicy", {"PolicyId": "p-stay", "TargetId": "r-ab12"}),
    ("organizations:DetachPolicy", {"PolicyId": "p-stay", "TargetId": ACCOUNT}),
    ("organizations:UpdatePolicy", {"PolicyId": "p-stay", "Content": TEXT}),
    ("organizations:EnablePolicyType", {"RootId": "r-ab12", "PolicyType": "RESOURCE_CONTROL_POLICY"}),
    ("organizations:CreatePolicy", {"Name": "n", "Type": "SERVICE_CONTROL_POLICY", "Content": TEXT, "Description": ""}),
    ("sso-admin:CreateAccountAssignment", ASSIGNMENT),
]


NOTHING_TO_SEE = {"organizations:CreatePolicy", "iam:UpdateRole", "iam:TagPolicy"}
"""What the account's details do not tell; a policy that is attached nowhere limits nobody."""


def operation_of(name: str, parameters: dict[str, Any]) -> Operation:
    service, _, operation = name.partition(":")
    return Operation(service, operation, parameters, account=ACCOUNT, region=REGION)


@pytest.mark.parametrize(
    ("name", "parameters"), REVERSIBLE, ids=[f"{at}-{name}" for at, (name, _) in enumerate(REVERSIBLE)]
)
def test_an_operation_changes_something_and_its_inverse_takes_it_back(name: str, parameters: dict[str, Any]) -> None:
    before = small_account()
    operations = numbered((operation_of(name, parameters),))
    done = effects_of(operations, before)
    assert done.not_modelled == ()
    assert normal(done.snapshot) != normal(before) or name in NOTHING_TO_SEE, "the operation has no effect"
    back = invert(operations, before)
    assert back.reversible
    assert normal(effects_of(back.operations, done.snapshot, done.results).snapshot) == normal(before)


def test_a_snapshot_is_never_edited_in_place_and_shares_what_is_not_touched() -> None:
    before = small_account()
    digest = before.digest
    after = apply_to(
        (operation_of("iam:AttachRolePolicy", {"RoleName": "vendor", "PolicyArn": iam("policy/dev")}),), before
    )
    assert before.digest == digest != after.digest
    assert after.users is before.users
    assert after.roles[0] is before.roles[0]
    assert after.policies[0].document is before.policies[0].document


def test_an_operation_that_nobody_modelled_leaves_a_gap_that_names_it() -> None:
    effects = effects_of((operation_of("glue:CreateJob", {}),), small_account())
    assert effects.not_modelled == ("glue:CreateJob",)
    assert [gap.call for gap in effects.snapshot.gaps] == ["glue:CreateJob"]


@pytest.mark.parametrize(
    ("name", "parameters", "reason"),
    [
        ("iam:DetachUserPolicy", {"UserName": "ben", "PolicyArn": ADMIN}, "NoSuchEntity"),
        ("iam:DeleteUser", {"UserName": "ana"}, "DeleteConflict"),
        ("iam:DeleteGroup", {"GroupName": "people"}, "DeleteConflict"),
        ("iam:DeletePolicy", {"PolicyArn": iam("policy/dev")}, "DeleteConflict"),
        ("iam:DeletePolicyVersion", {"PolicyArn": iam("policy/dev"), "VersionId": "v2"}, "DeleteConflict"),
        ("iam:DeleteRole", {"RoleName": "app"}, "DeleteConflict"),
        ("iam:CreateRole", {"RoleName": "APP", "AssumeRolePolicyDocument": TEXT}, "EntityAlreadyExists"),
        ("iam:AddRoleToInstanceProfile", {"InstanceProfileName": "app", "RoleName": "vendor"}, "LimitExceeded"),
        ("iam:AttachRolePolicy", {"RoleName": "nobody", "PolicyArn": ADMIN}, "NoSuchEntity"),
        ("iam:AttachRolePolicy", {"RoleName": "app", "PolicyArn": iam("policy/nothing")}, "NoSuchEntity"),
        (
            "organizations:DetachPolicy",
            {"PolicyId": "p-FullAWSAccess", "TargetId": "r-ab12"},
            "ConstraintViolationException",
        ),
    ],
)
def test_what_aws_would_refuse_is_refused(name: str, parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(EffectError) as refused:
        effects_of((operation_of(name, parameters),), small_account())
    assert refused.value.reason == reason


def test_a_full_policy_refuses_a_sixth_version() -> None:
    state = small_account()
    make = operation_of("iam:CreatePolicyVersion", {"PolicyArn": iam("policy/dev"), "PolicyDocument": TEXT})
    state = apply_to((make, make, make), state)
    with pytest.raises(EffectError, match="versions"):
        apply_to((make,), state)


def test_an_aws_managed_policy_that_was_not_in_use_is_unknown_and_not_empty() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    after = apply_to((operation_of("iam:AttachRolePolicy", {"RoleName": "app", "PolicyArn": arn}),), small_account())
    assert after.policy_by_arn[arn].document is None
    assert [gap.resource for gap in after.gaps] == [arn]


def test_counts_and_the_account_summary_follow() -> None:
    after = apply_to(
        (
            operation_of("iam:CreateUser", {"UserName": "dora"}),
            operation_of("iam:AttachUserPolicy", {"UserName": "dora", "PolicyArn": iam("policy/spare")}),
        ),
        small_account(),
    )
    assert after.settings.summary is not None
    assert after.settings.summary["Users"] == 4
    assert after.policy_by_arn[iam("policy/spare")].attachment_count == 1


def test_a_later_operation_uses_what_an_earlier_one_returns() -> None:
    operations = (
        Operation("iam", "CreatePolicy", {"PolicyName": "fresh", "PolicyDocument": TEXT}, id="made"),
        Operation("iam", "AttachUserPolicy", {"UserName": "ben", "PolicyArn": {"from": "made", "path": "Policy.Arn"}}),
    )
    after = apply_to(operations, small_account())
    assert after.user_by_arn[iam("user/ben")].attached == (iam("policy/fresh"),)


def test_what_cannot_come_back_says_so() -> None:
    change = with_undo(
        Change("x", "x", (operation_of("iam:DeleteAccessKey", {"UserName": "ana", "AccessKeyId": OLD_KEY}),)),
        small_account(),
    )
    assert not change.reversible
    assert "cannot come back" in change.note


def test_undo_of_a_new_default_version_restores_the_old_one_first() -> None:
    change = Change(
        "x",
        "x",
        (
            operation_of(
                "iam:CreatePolicyVersion",
                {"PolicyArn": iam("policy/dev"), "PolicyDocument": TEXT, "SetAsDefault": True},
            ),
        ),
    )
    undo = with_undo(change, small_account()).undo
    assert [name_of(step) for step in undo] == ["iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion"]
    assert undo[0].parameters["VersionId"] == "v2"


def test_every_modelled_operation_is_one_that_aws_has() -> None:
    import botocore.session

    session = botocore.session.get_session()
    known = {
        f"{service}:{operation}"
        for service in {name.split(":")[0] for name in modelled_operations()}
        for operation in session.get_service_model(service).operation_names
    }
    assert set(modelled_operations()) <= known


@pytest.mark.parametrize(
    "principal", [{"Service": "s3.amazonaws.com"}, {"Service": ["s3.amazonaws.com"]}], ids=["text", "list"]
)
def test_a_function_s_statement_comes_back_in_whatever_order_it_was_written(principal: dict[str, Any]) -> None:
    """Lambda's own answer has another order than we would write it in."""
    written = {
        "Condition": {
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::in"}, "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
        "Resource": FUNCTION, "Action": ["lambda:InvokeFunction"], "Principal": principal, "Effect": "Allow",
        "Sid": "in",
    }  # fmt: skip
    removed = Operation("lambda", "RemovePermission", {"FunctionName": "work", "StatementId": "in"}, account=ACCOUNT)
    back = invert((removed,), with_function_policy(written))
    assert [(one.operation, one.parameters) for one in back.operations] == [
        ("AddPermission", {
            "FunctionName": "work", "StatementId": "in", "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::in", "SourceAccount": ACCOUNT,
        })
    ]  # fmt: skip
    two = {**written, "Action": ["lambda:InvokeFunction", "lambda:GetFunction"]}
    other = {**written, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    for statement in (two, other):
        back = invert((removed,), with_function_policy(statement))
        assert (back.operations, back.reversible) == ((), False)


def with_function_policy(statement: dict[str, Any]) -> Snapshot:
    snapshot = small_account()
    resources = tuple(
        msgspec.structs.replace(item, policy=document(statement)) if item.arn == FUNCTION else item
        for item in snapshot.resources
    )
    return msgspec.structs.replace(snapshot, resources=resources)
