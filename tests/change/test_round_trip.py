"""For every kind of operation that the demo account answers: the model says what happens, and undo takes it back."""

from __future__ import annotations

import json
from typing import Any

from advisor.change.journal import RunState, runs
from advisor.change.steps import steps_for
from advisor.model.change import Operation
from advisor.model.effects import apply_to, modelled_operations, name_of
from advisor.model.snapshot import Snapshot
from tests.change.conftest import Live
from tests.change.normal import normal
from tests.change.small_account import allow, document, trust
from tests.change.stubbed_operations import STUBBED

TEXT = document(allow("sqs:ReceiveMessage")).as_json()
OTHER_TEXT = document(allow("sns:Publish")).as_json()
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
HOME, AWAY = "eu-central-1", "eu-west-1"


def own(snapshot: Snapshot, action: str) -> Any:
    """A resource policy that gives the account itself everything."""
    root = f"arn:aws:iam::{snapshot.account}:root"
    return document({"Effect": "Allow", "Principal": {"AWS": root}, "Action": action, "Resource": "*"}).as_json()


def operations(live: Live) -> list[Operation]:
    snapshot = live.snapshot
    account = snapshot.account

    def iam(rest: str) -> str:
        return f"arn:aws:iam::{account}:{rest}"

    def op(name: str, region: str | None = None, id: str | None = None, **parameters: Any) -> Operation:
        service, _, operation = name.partition(":")
        return Operation(service, operation, parameters, id=id, account=account, region=region)

    def first(kind: str, region: str = HOME) -> str:
        return next(item.arn for item in snapshot.resources if item.kind == kind and item.region == region)

    key = next(user for user in snapshot.users if user.name == "chris").sign_in.keys or ()
    bounded = iam("policy/DevBoundary")
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    return [
        op("iam:CreateGroup", GroupName="newgroup"),
        op("iam:AttachGroupPolicy", GroupName="newgroup", PolicyArn=bounded),
        op("iam:PutGroupPolicy", GroupName="newgroup", PolicyName="p", PolicyDocument=TEXT),
        op("iam:AddUserToGroup", GroupName="newgroup", UserName="eve"),
        op("iam:DetachGroupPolicy", GroupName="newgroup", PolicyArn=bounded),
        op("iam:DeleteGroupPolicy", GroupName="newgroup", PolicyName="p"),
        op("iam:RemoveUserFromGroup", GroupName="interns-2024", UserName="ivo"),
        op("iam:DetachUserPolicy", UserName="eve", PolicyArn=read_only),
        op("iam:AttachUserPolicy", UserName="fay", PolicyArn=bounded),
        op("iam:PutUserPolicy", UserName="eve", PolicyName="q", PolicyDocument=TEXT),
        op("iam:PutUserPolicy", UserName="fay", PolicyName="q", PolicyDocument=TEXT),
        op("iam:DeleteUserPolicy", UserName="fay", PolicyName="q"),
        op("iam:PutUserPermissionsBoundary", UserName="eve", PermissionsBoundary=bounded),
        op("iam:DeleteUserPermissionsBoundary", UserName="dan"),
        op("iam:TagUser", UserName="eve", Tags=[{"Key": "a", "Value": "b"}]),
        op("iam:TagUser", UserName="fay", Tags=[{"Key": "a", "Value": "b"}]),
        op("iam:UntagUser", UserName="fay", TagKeys=["a"]),
        op("iam:UpdateAccessKey", UserName="chris", AccessKeyId=key[0].id, Status="Inactive"),
        op("iam:CreateAccessKey", id="key", UserName="eve"),
        op("iam:CreateUser", UserName="newuser", Path="/x/"),
        op("iam:CreateLoginProfile", UserName="newuser", Password={"secret": "pw"}, PasswordResetRequired=True),
        op("iam:DeleteLoginProfile", UserName="ivo"),
        op("iam:CreateUser", UserName="brief"),
        op("iam:DeleteUser", UserName="brief"),
        op("iam:CreateGroup", GroupName="brief"),
        op("iam:DeleteGroup", GroupName="brief"),
        op("iam:CreateRole", RoleName="newrole", AssumeRolePolicyDocument=trust({"AWS": iam("root")}).as_json()),
        op("iam:AttachRolePolicy", RoleName="newrole", PolicyArn=bounded),
        op("iam:PutRolePolicy", RoleName="newrole", PolicyName="p", PolicyDocument=TEXT),
        op("iam:DeleteRolePolicy", RoleName="newrole", PolicyName="p"),
        op("iam:DetachRolePolicy", RoleName="newrole", PolicyArn=bounded),
        op(
            "iam:UpdateAssumeRolePolicy",
            RoleName="WebServer",
            PolicyDocument=trust({"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}).as_json(),
        ),
        op("iam:TagRole", RoleName="WebServer", Tags=[{"Key": "z", "Value": "1"}]),
        op("iam:TagRole", RoleName="Deploy", Tags=[{"Key": "z", "Value": "1"}]),
        op("iam:UntagRole", RoleName="Deploy", TagKeys=["z"]),
        op("iam:PutRolePermissionsBoundary", RoleName="WebServer", PermissionsBoundary=bounded),
        op("iam:PutRolePermissionsBoundary", RoleName="newrole", PermissionsBoundary=bounded),
        op("iam:DeleteRolePermissionsBoundary", RoleName="newrole"),
        op("iam:CreateRole", RoleName="brief", AssumeRolePolicyDocument=trust({"AWS": iam("root")}).as_json()),
        op("iam:DeleteRole", RoleName="brief"),
        op("iam:CreateInstanceProfile", InstanceProfileName="newprofile"),
        op("iam:AddRoleToInstanceProfile", InstanceProfileName="newprofile", RoleName="newrole"),
        op("iam:RemoveRoleFromInstanceProfile", InstanceProfileName="newprofile", RoleName="newrole"),
        op("iam:CreateInstanceProfile", InstanceProfileName="brief"),
        op("iam:DeleteInstanceProfile", InstanceProfileName="brief"),
        op("iam:CreatePolicy", id="policy", PolicyName="newpolicy", PolicyDocument=TEXT),
        op(
            "iam:CreatePolicyVersion",
            PolicyArn={"from": "policy", "path": "Policy.Arn"},
            PolicyDocument=OTHER_TEXT,
            SetAsDefault=True,
        ),
        op("iam:CreatePolicyVersion", PolicyArn=iam("policy/TeamData"), PolicyDocument=TEXT, SetAsDefault=True),
        op("iam:SetDefaultPolicyVersion", PolicyArn=iam("policy/newpolicy"), VersionId="v1"),
        op("iam:DeletePolicyVersion", PolicyArn=iam("policy/newpolicy"), VersionId="v2"),
        op("iam:TagPolicy", PolicyArn=iam("policy/newpolicy"), Tags=[{"Key": "z", "Value": "1"}]),
        op("iam:UntagPolicy", PolicyArn=iam("policy/newpolicy"), TagKeys=["z"]),
        op("iam:CreatePolicy", PolicyName="brief", PolicyDocument=TEXT),
        op("iam:DeletePolicy", PolicyArn=iam("policy/brief")),
        op("iam:CreateOpenIDConnectProvider", Url="https://gitlab.com", ClientIDList=["a"], ThumbprintList=["a" * 40]),
        op("iam:CreateSAMLProvider", Name="idp", SAMLMetadataDocument=f"<x>{'y' * 1200}</x>"),
        op("iam:UpdateAccountPasswordPolicy", MinimumPasswordLength=14, RequireSymbols=True),
        op("iam:CreateAccountAlias", AccountAlias="acme-new"),
        op("s3:PutBucketPolicy", Bucket="acme-artifacts", Policy=own(snapshot, "s3:*")),
        op("s3:DeleteBucketPolicy", Bucket="acme-artifacts"),
        op("s3:PutBucketPolicy", Bucket="acme-backups", Policy=own(snapshot, "s3:*")),
        op("s3:PutPublicAccessBlock", Bucket="acme-artifacts", PublicAccessBlockConfiguration=BLOCK),
        op("s3:PutPublicAccessBlock", Bucket="acme-website", PublicAccessBlockConfiguration=BLOCK),
        op("s3:DeletePublicAccessBlock", Bucket="acme-website"),
        op("s3control:PutPublicAccessBlock", AccountId=account, PublicAccessBlockConfiguration=BLOCK),
        op("kms:PutKeyPolicy", HOME, KeyId=first("kms:key"), PolicyName="default", Policy=own(snapshot, "kms:*")),
        op(
            "sqs:SetQueueAttributes",
            HOME,
            QueueUrl=f"{live.demo.endpoint_url}/{account}/payroll-jobs",
            Attributes={"Policy": own(snapshot, "sqs:*")},
        ),
        op(
            "sns:SetTopicAttributes",
            HOME,
            TopicArn=first("sns:topic"),
            AttributeName="Policy",
            AttributeValue=own(snapshot, "sns:Publish"),
        ),
        op(
            "secretsmanager:PutResourcePolicy",
            HOME,
            SecretId=first("secretsmanager:secret"),
            ResourcePolicy=own(snapshot, "secretsmanager:*"),
        ),
        op("ecr:SetRepositoryPolicy", AWAY, repositoryName="shop", policyText=own(snapshot, "ecr:*")),
        op(
            "lambda:AddPermission",
            HOME,
            FunctionName="nightly-cleanup",
            StatementId="s1",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceAccount=account,
        ),
        op("cloudtrail:StopLogging", HOME, Name="acme"),
        op("cloudtrail:StartLogging", HOME, Name="acme"),
        op("cloudtrail:UpdateTrail", HOME, Name="acme", EnableLogFileValidation=False),
        op("accessanalyzer:CreateAnalyzer", AWAY, analyzerName="new", type="ACCOUNT"),
        op("accessanalyzer:DeleteAnalyzer", HOME, analyzerName="outside"),
        op("ec2:EnableEbsEncryptionByDefault", AWAY),
        op("ec2:DisableEbsEncryptionByDefault", HOME),
        op("ec2:EnableSnapshotBlockPublicAccess", AWAY, State="block-all-sharing"),
        op("ec2:EnableImageBlockPublicAccess", AWAY, ImageBlockPublicAccessState="block-new-sharing"),
        op("ec2:ModifyInstanceMetadataDefaults", AWAY, HttpTokens="required", HttpPutResponseHopLimit=2),
        op(
            "account:PutAlternateContact",
            AlternateContactType="BILLING",
            Name="n",
            Title="t",
            EmailAddress="b@example.com",
            PhoneNumber="+1",
        ),
        op(
            "budgets:CreateBudget",
            AccountId=account,
            Budget={
                "BudgetName": "m",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": "50", "Unit": "USD"},
            },
        ),
    ]


def details(live: Live) -> Any:
    """The account export without ids and dates, in an order of its own."""
    raw = live.client("iam").get_account_authorization_details(  # type: ignore[attr-defined]
        Filter=["User", "Group", "Role", "LocalManagedPolicy"]
    )
    return _plain({name: value for name, value in raw.items() if name.endswith(("List", "Policies"))})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        gone = ("Id", "Date", "LastUsed", "CreateDate", "UpdateDate", "VersionId")
        return {key: _plain(item) for key, item in sorted(value.items()) if not key.endswith(gone)}
    if isinstance(value, list):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True, default=str))
    return value


def test_the_model_is_the_account_after_applying_and_undo_leaves_it_as_it_was(live: Live) -> None:
    before = details(live)
    live.shown.clear()
    plan = live.plan(*operations(live))
    foreseen = apply_to(plan.changes, live.snapshot)
    state = live.apply(plan)
    assert {item.status for item in state.steps} == {"done"}
    assert normal(live.collect()) == normal(foreseen)
    assert live.undo(state.id).status == "undone"
    assert normal(live.collect()) == normal(live.snapshot)
    assert json.dumps(details(live), default=str) == json.dumps(before, default=str)


def test_no_secret_is_in_the_journal_and_each_was_shown_once(live: Live) -> None:
    secrets = [secret for _, secret in live.shown]
    assert len(secrets) == len(set(secrets)) == 3
    written = b"".join(path.read_bytes() for path in live.folder.iterdir())
    assert not any(secret.encode() in written for secret in secrets)


def test_each_step_can_tell_drift_but_those_that_leave_no_trace(live: Live) -> None:
    blind = {
        name_of(step.operation)
        for step in steps_for(live.plan(*operations(live)).changes, live.snapshot)
        if not step.seen
    }
    assert blind == {"iam:TagPolicy", "iam:UntagPolicy", "budgets:CreateBudget"}


def test_every_modelled_operation_is_applied_here_or_at_botocores_edge(live: Live) -> None:
    made = {name_of(step.operation) for step in (state.step for state in newest(live).steps)} | undone(live)
    assert set(modelled_operations()) - made - set(STUBBED) == set()


def newest(live: Live) -> RunState:
    return runs(live.folder)[0]


def undone(live: Live) -> set[str]:
    return {name_of(operation) for state in newest(live).steps for operation in state.step.undo}
