"""What a fact is drawn from: a list that was refused, or that broke off, may hide things that the fact is about."""

from __future__ import annotations

PRINCIPALS = "iam:GetAccountAuthorizationDetails"
REGIONS = "ec2:DescribeRegions"
_RESOURCES = (
    "s3:ListBuckets",
    "s3control:ListAccessPoints",
    "kms:ListKeys",
    "sqs:ListQueues",
    "sns:ListTopics",
    "secretsmanager:ListSecrets",
    "ecr:DescribeRepositories",
    "lambda:ListFunctions",
)
_BESIDE = {
    "iam:GetCredentialReport": (PRINCIPALS,),
    "iam:ListServiceSpecificCredentials": (PRINCIPALS,),
    "s3:GetBucketAbac": ("s3:ListBuckets",),
    "s3:GetBucketPolicy": _RESOURCES,
    "ecs:DescribeTaskDefinition": ("ecs:ListTaskDefinitions",),
    "eks:ListPodIdentityAssociations": ("eks:ListClusters", "eks:DescribePodIdentityAssociation"),
    "tag:GetResources": ("tag:GetResources",),
    "accessanalyzer:ListFindings": ("accessanalyzer:ListAnalyzers",),
}
"""The lists behind a call that is made for each thing in them. Shares and counts are drawn from the list itself."""
_REGIONAL = {"accessanalyzer", "cloudtrail", "ec2", "ecs", "eks", "lambda", "ram", "rolesanywhere", "tag"}
"""Services that are asked Region by Region."""


def lists_behind(call: str) -> tuple[str, ...]:
    """The calls that list what a fact from this call is about, but for the call itself."""
    lists = _BESIDE.get(call, ())
    is_regional = any(one.split(":")[0] in _REGIONAL for one in (call, *lists))
    return (*lists, REGIONS) if is_regional else lists
