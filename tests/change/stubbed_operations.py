"""Operations that the round trip does not make: tested at botocore's edge, with the parameters that are sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from advisor.change.aspects_iam import text_meaning

A, R = "111122223333", "eu-west-1"
POLICY = {"Version": "2012-10-17", "Statement": []}
ASSIGNMENT = {
    "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
    "TargetId": A,
    "TargetType": "AWS_ACCOUNT",
    "PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef",
    "PrincipalType": "GROUP",
    "PrincipalId": "9067642ac7-11111111-2222-3333-4444-555555555555",
}
ATTACHED = {
    "InstanceArn": ASSIGNMENT["InstanceArn"],
    "PermissionSetArn": ASSIGNMENT["PermissionSetArn"],
    "ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
}
DELEGATE = {"AccountId": A, "ServicePrincipal": "iam.amazonaws.com"}
TOPIC = f"arn:aws:sns:{R}:{A}:news"
TABLE = f"arn:aws:dynamodb:{R}:{A}:table/orders"
APPLICATION = f"arn:aws:account-access:{R}:{A}:application/app-1234567890"

STUBBED: dict[str, dict[str, Any]] = {
    "account-access:CreateApplication": {
        "identitySource": {"identityCenter": {"instanceArn": ASSIGNMENT["InstanceArn"]}}
    },
    "account-access:CreateEntitlement": {
        "applicationArn": APPLICATION,
        "entitlement": {
            "principalRole": {
                "principal": {"identityCenter": {"groupId": ASSIGNMENT["PrincipalId"]}},
                "roleArn": f"arn:aws:iam::{A}:role/x",
            }
        },
    },
    "account:DisableRegion": {"RegionName": "ap-east-1"},
    "account:EnableRegion": {"RegionName": "ap-east-1"},
    "cloudtrail:CreateTrail": {"Name": "all", "S3BucketName": "logs", "IsMultiRegionTrail": True},
    "cloudtrail:DeleteTrail": {"Name": "all"},
    "dynamodb:DeleteResourcePolicy": {"ResourceArn": TABLE},
    "dynamodb:PutResourcePolicy": {"ResourceArn": TABLE, "Policy": POLICY},
    "ec2:AssociateIamInstanceProfile": {"InstanceId": "i-1", "IamInstanceProfile": {"Name": "app"}},
    "ec2:ModifyInstanceMetadataOptions": {"InstanceId": "i-1", "HttpTokens": "required"},
    "eks:CreatePodIdentityAssociation": {
        "clusterName": "c",
        "namespace": "n",
        "serviceAccount": "s",
        "roleArn": f"arn:aws:iam::{A}:role/x",
    },
    "events:DeleteRule": {"Name": "root"},
    "events:PutRule": {"Name": "root", "EventPattern": {"detail": {"userIdentity": {"type": ["Root"]}}}},
    "events:PutTargets": {"Rule": "root", "Targets": [{"Id": "tell", "Arn": TOPIC}]},
    "events:RemoveTargets": {"Rule": "root", "Ids": ["tell"]},
    "ecr:DeleteRepositoryPolicy": {"repositoryName": "images"},
    "iam:DeleteAccountAlias": {"AccountAlias": "acme"},
    "iam:DeactivateMFADevice": {"UserName": "ana", "SerialNumber": f"arn:aws:iam::{A}:mfa/ana"},
    "iam:DeleteSSHPublicKey": {"UserName": "ana", "SSHPublicKeyId": "APKAEXAMPLEEXAMPLEEXAMPLE"},
    "iam:DeleteServiceSpecificCredential": {
        "UserName": "ana",
        "ServiceSpecificCredentialId": "ACCAEXAMPLEEXAMPLEEXAMPLE",
    },
    "iam:DeleteSigningCertificate": {"UserName": "ana", "CertificateId": "EXAMPLEEXAMPLEEXAMPLEEXAMPLE"},
    "iam:DeleteVirtualMFADevice": {"SerialNumber": f"arn:aws:iam::{A}:mfa/ana"},
    "iam:DisableOrganizationsRootCredentialsManagement": {},
    "iam:DisableOrganizationsRootSessions": {},
    "iam:EnableOrganizationsRootCredentialsManagement": {},
    "iam:EnableOrganizationsRootSessions": {},
    "iam:UpdateRole": {"RoleName": "app", "Description": "web", "MaxSessionDuration": 7200},
    "iam:DeleteAccountPasswordPolicy": {},
    "lambda:UpdateFunctionConfiguration": {"FunctionName": "work", "Role": f"arn:aws:iam::{A}:role/x"},
    "organizations:AttachPolicy": {"PolicyId": "p-12345678", "TargetId": A},
    "organizations:CreateAccount": {"Email": "prod@example.com", "AccountName": "prod"},
    "organizations:CreateOrganization": {"FeatureSet": "ALL"},
    "organizations:CreateOrganizationalUnit": {"ParentId": "r-ab12", "Name": "Security"},
    "organizations:CreatePolicy": {
        "Name": "n",
        "Description": "",
        "Type": "SERVICE_CONTROL_POLICY",
        "Content": POLICY,
    },
    "organizations:DeleteOrganization": {},
    "organizations:DeleteOrganizationalUnit": {"OrganizationalUnitId": "ou-ab12-12345678"},
    "organizations:DeletePolicy": {"PolicyId": "p-12345678"},
    "organizations:DeregisterDelegatedAdministrator": DELEGATE,
    "organizations:DetachPolicy": {"PolicyId": "p-12345678", "TargetId": A},
    "organizations:DisableAWSServiceAccess": {"ServicePrincipal": "iam.amazonaws.com"},
    "organizations:DisablePolicyType": {"RootId": "r-ab12", "PolicyType": "RESOURCE_CONTROL_POLICY"},
    "organizations:EnableAWSServiceAccess": {"ServicePrincipal": "iam.amazonaws.com"},
    "organizations:EnablePolicyType": {"RootId": "r-ab12", "PolicyType": "RESOURCE_CONTROL_POLICY"},
    "organizations:RegisterDelegatedAdministrator": DELEGATE,
    "organizations:UpdatePolicy": {"PolicyId": "p-12345678", "Content": POLICY},
    "ram:CreateResourceShare": {"name": "s", "resourceArns": [TABLE], "allowExternalPrincipals": False},
    "rolesanywhere:CreateProfile": {"name": "p", "roleArns": [f"arn:aws:iam::{A}:role/x"]},
    "rolesanywhere:CreateTrustAnchor": {
        "name": "a",
        "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "x"}},
    },
    "s3:CreateBucket": {"Bucket": "logs"},
    "s3:DeleteBucket": {"Bucket": "logs"},
    "s3:DeleteBucketOwnershipControls": {"Bucket": "logs"},
    "s3:PutBucketAbac": {"Bucket": "logs", "AbacStatus": {"Status": "Enabled"}},
    "s3:PutBucketOwnershipControls": {
        "Bucket": "logs",
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    },
    "secretsmanager:DeleteResourcePolicy": {"SecretId": "db"},
    "sns:CreateTopic": {"Name": "news"},
    "sns:DeleteTopic": {"TopicArn": TOPIC},
    "sns:Subscribe": {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "a@example.com"},
    "sns:Unsubscribe": {"SubscriptionArn": f"{TOPIC}:1"},
    "sso-admin:AttachManagedPolicyToPermissionSet": ATTACHED,
    "sso-admin:CreateAccountAssignment": ASSIGNMENT,
    "sso-admin:CreatePermissionSet": {"InstanceArn": ASSIGNMENT["InstanceArn"], "Name": "n"},
    "sso-admin:DeleteAccountAssignment": ASSIGNMENT,
    "sso-admin:DeletePermissionSet": {name: ASSIGNMENT[name] for name in ("InstanceArn", "PermissionSetArn")},
    "sso-admin:DetachManagedPolicyFromPermissionSet": ATTACHED,
}

UNDO_ONLY: dict[str, dict[str, Any]] = {
    "account-access:DeleteApplication": {"applicationArn": APPLICATION},
    "account-access:DeleteEntitlement": {
        "applicationArn": APPLICATION,
        "entitlementId": "entitlement-1234567890abcdef",
    },
    "ec2:DisassociateIamInstanceProfile": {"AssociationId": "iip-assoc-0123456789abcdef0"},
    "eks:DeletePodIdentityAssociation": {"clusterName": "c", "associationId": "a-0123456789abcdefg"},
    "ram:DeleteResourceShare": {"resourceShareArn": f"arn:aws:ram:{R}:{A}:resource-share/1"},
    "rolesanywhere:DeleteProfile": {"profileId": "00000000-0000-0000-0000-000000000000"},
    "rolesanywhere:DeleteTrustAnchor": {"trustAnchorId": "00000000-0000-0000-0000-000000000000"},
}
"""Calls that only take back."""

READS: dict[str, tuple[str, tuple[str, ...], dict[str, Any], Any]] = {
    "dynamodb:GetResourcePolicy": (
        "resource-policy",
        ("dynamodb:table", TABLE, R),
        {"Policy": '{"Version": "2012-10-17", "Statement": []}'},
        text_meaning(POLICY),
    ),
    "iam:ListMFADevices": (
        "mfa",
        ("User", "ana"),
        {
            "MFADevices": [
                {"UserName": "ana", "SerialNumber": "GAHT12345678", "EnableDate": datetime(2026, 11, 24, tzinfo=UTC)}
            ]
        },
        ["GAHT12345678"],
    ),
    "organizations:ListTargetsForPolicy": (
        "organization-policy",
        ("p-12345678", A),
        {"Targets": [{"TargetId": A}]},
        True,
    ),
    "s3:GetBucketAbac": ("bucket-abac", ("b", ""), {"AbacStatus": {"Status": "Enabled"}}, True),
    "s3:GetBucketOwnershipControls": (
        "bucket-ownership",
        ("b", ""),
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "BucketOwnerEnforced",
    ),
    "s3:HeadBucket": ("bucket", ("b", ""), {}, True),
}
"""Reads around a call that the round trip has no occasion for: aspect, key, AWS's answer, what is made of it."""
