"""What each kind of declared thing is in Terraform: the resource type, its arguments, what it is imported by.

Source: documentation of the provider hashicorp/aws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from advisor.change.declared import Declared, Thing

Values = dict[str, Any]


class Document(msgspec.Struct, frozen=True):
    """A policy document: written with `jsonencode`, so that it can be read and compared."""

    value: Any


class Block(msgspec.Struct, frozen=True):
    """A nested block, which has no equals sign."""

    values: Values


class Resource(msgspec.Struct, frozen=True):
    """One resource: its type, its arguments, what to import it by."""

    type: str
    arguments: Values
    imported_by: str = ""


def _tagged(values: Values) -> Values:
    return {"tags": values.get("tags") or None}


def _user(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource(
        "aws_iam_user",
        {"name": v["name"], "path": v["path"], "permissions_boundary": v["boundary"], **_tagged(v)},
        v["name"],
    )


def _group(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_iam_group", {"name": v["name"], "path": v["path"]}, v["name"])


def _role(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "name": v["name"],
        "path": v["path"],
        "description": v["description"],
        "max_session_duration": v["max_session"],
        "permissions_boundary": v["boundary"],
        "assume_role_policy": Document(v["trust"]),
        **_tagged(v),
    }
    return Resource("aws_iam_role", arguments, v["name"])


def _attachment(v: Values, thing: Thing, d: Declared) -> Resource:
    kind = v["kind"].lower()
    return Resource(
        f"aws_iam_{kind}_policy_attachment", {kind: v["name"], "policy_arn": v["arn"]}, f"{v['name']}/{v['arn']}"
    )


def _inline(v: Values, thing: Thing, d: Declared) -> Resource:
    kind = v["kind"].lower()
    arguments = {"name": v["policy"], kind: v["name"], "policy": Document(v["document"])}
    return Resource(f"aws_iam_{kind}_policy", arguments, f"{v['name']}:{v['policy']}")


def _membership(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource(
        "aws_iam_user_group_membership", {"user": v["user"], "groups": [v["group"]]}, f"{v['user']}/{v['group']}"
    )


def _policy(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "name": v["name"],
        "path": v["path"],
        "description": v["description"],  # another one would replace the policy
        "policy": Document(v["document"]),
        **_tagged(v),
    }
    return Resource("aws_iam_policy", arguments, v["arn"])


def _profile(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_iam_instance_profile", {"name": v["name"], "role": v["role"]}, v["name"])


_PASSWORD = {
    "MinimumPasswordLength": "minimum_password_length", "RequireSymbols": "require_symbols",
    "RequireNumbers": "require_numbers", "RequireUppercaseCharacters": "require_uppercase_characters",
    "RequireLowercaseCharacters": "require_lowercase_characters", "HardExpiry": "hard_expiry",
    "AllowUsersToChangePassword": "allow_users_to_change_password", "MaxPasswordAge": "max_password_age",
    "PasswordReusePrevention": "password_reuse_prevention",
}  # fmt: skip


def _password_policy(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {argument: v[name] for name, argument in _PASSWORD.items() if name in v}
    return Resource("aws_iam_account_password_policy", arguments, "iam-account-password-policy")


def _alias(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_iam_account_alias", {"account_alias": v["alias"]}, v["alias"])


def _oidc(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_iam_openid_connect_provider", {"url": v["url"], "client_id_list": v["audiences"]}, v["arn"])


def _saml(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_iam_saml_provider", {"name": v["Name"], "saml_metadata_document": v["SAMLMetadataDocument"]})


_BLOCK = {
    "BlockPublicAcls": "block_public_acls", "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy", "RestrictPublicBuckets": "restrict_public_buckets",
}  # fmt: skip


def _bucket(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_s3_bucket", {"bucket": v["bucket"]}, v["bucket"])


def _bucket_block(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {"bucket": v["bucket"], **{argument: v[name] for name, argument in _BLOCK.items()}}
    return Resource("aws_s3_bucket_public_access_block", arguments, v["bucket"])


def _account_block(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {argument: v[name] for name, argument in _BLOCK.items()}
    return Resource("aws_s3_account_public_access_block", arguments, d.account)


_POLICIES: dict[str, tuple[str, str, str, str]] = {
    "s3:bucket": ("aws_s3_bucket_policy", "bucket", "policy", "name"),
    "kms:key": ("aws_kms_key_policy", "key_id", "policy", "name"),
    "sqs:queue": ("aws_sqs_queue_policy", "queue_url", "policy", "name"),
    "secretsmanager:secret": ("aws_secretsmanager_secret_policy", "secret_arn", "policy", "arn"),
    "ecr:repository": ("aws_ecr_repository_policy", "repository", "policy", "name"),
    "dynamodb:table": ("aws_dynamodb_resource_policy", "resource_arn", "policy", "arn"),
}
"""By kind of resource: the type, the argument that names it, the one that holds the document, and what is given."""


def _resource_policy(v: Values, thing: Thing, d: Declared) -> Resource:
    type, argument, document, given = _POLICIES[v["kind"]]
    return Resource(type, {argument: v[given], document: Document(v["document"])}, v[given])


def _trail(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "name": v["name"],
        "s3_bucket_name": v["bucket"],
        "is_multi_region_trail": v["multi_region"],
        "is_organization_trail": v["organization"],
        "enable_log_file_validation": v["validation"],
        "enable_logging": v["logging"],
    }
    return Resource("aws_cloudtrail", arguments, v["arn"])


def _analyzer(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_accessanalyzer_analyzer", {"analyzer_name": v["name"], "type": v["type"]}, v["name"])


_SWITCHES: dict[str, tuple[str, Values]] = {
    "setup.D3": ("aws_ebs_encryption_by_default", {"enabled": True}),
    "setup.D2.snapshots": ("aws_ebs_snapshot_block_public_access", {"state": "block-all-sharing"}),
    "setup.D2.images": ("aws_ec2_image_block_public_access", {"state": "block-new-sharing"}),
    "setup.D4": ("aws_ec2_instance_metadata_defaults", {"http_tokens": "required", "http_put_response_hop_limit": 2}),
}


def _switch(v: Values, thing: Thing, d: Declared) -> Resource:
    type, arguments = _SWITCHES[thing.key[0]]
    return Resource(type, arguments)


def _contact(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "alternate_contact_type": v["AlternateContactType"],
        "name": v["Name"],
        "title": v["Title"],
        "email_address": v["EmailAddress"],
        "phone_number": v["PhoneNumber"],
    }
    return Resource("aws_account_alternate_contact", arguments)


def _budget(v: Values, thing: Thing, d: Declared) -> Resource:
    budget = v["Budget"]
    notifications = tuple(
        Block({
            "comparison_operator": item["Notification"]["ComparisonOperator"],
            "threshold": item["Notification"]["Threshold"],
            "threshold_type": item["Notification"].get("ThresholdType", "PERCENTAGE"),
            "notification_type": item["Notification"]["NotificationType"],
            "subscriber_email_addresses": [one["Address"] for one in item["Subscribers"]],
        })
        for item in v.get("NotificationsWithSubscribers", ())
    )  # fmt: skip
    arguments = {
        "name": budget["BudgetName"],
        "budget_type": budget["BudgetType"],
        "time_unit": budget["TimeUnit"],
        "limit_amount": budget["BudgetLimit"]["Amount"],
        "limit_unit": budget["BudgetLimit"]["Unit"],
        "notification": notifications,
    }
    return Resource("aws_budgets_budget", arguments)


def _organization_policy(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "name": v["Name"],
        "description": v["Description"],
        "type": v["Type"],
        "content": Document(v["Content"]),
    }
    return Resource("aws_organizations_policy", arguments)


def _organization_attachment(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_organizations_policy_attachment", {"policy_id": v["PolicyId"], "target_id": v["TargetId"]})


def _unit(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_organizations_organizational_unit", {"name": v["Name"], "parent_id": v["ParentId"]})


def _topic(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_sns_topic", {"name": v["Name"]})


def _topic_policy(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_sns_topic_policy", {"arn": v["TopicArn"], "policy": Document(v["AttributeValue"])})


def _subscription(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {"topic_arn": v["TopicArn"], "protocol": v["Protocol"], "endpoint": v["Endpoint"]}
    return Resource("aws_sns_topic_subscription", arguments)


def _rule(v: Values, thing: Thing, d: Declared) -> Resource:
    return Resource("aws_cloudwatch_event_rule", {"name": v["Name"], "event_pattern": Document(v["EventPattern"])})


def _target(v: Values, thing: Thing, d: Declared) -> Resource:
    target = v["Targets"][0]
    return Resource("aws_cloudwatch_event_target", {"rule": v["Rule"], "target_id": target["Id"], "arn": target["Arn"]})


def _permission_set(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {"name": v["Name"], "instance_arn": v["InstanceArn"], "session_duration": v.get("SessionDuration")}
    return Resource("aws_ssoadmin_permission_set", arguments)


def _permission_set_policy(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "instance_arn": v["InstanceArn"],
        "permission_set_arn": v["PermissionSetArn"],
        "managed_policy_arn": v["ManagedPolicyArn"],
    }
    return Resource("aws_ssoadmin_managed_policy_attachment", arguments)


def _assignment(v: Values, thing: Thing, d: Declared) -> Resource:
    arguments = {
        "instance_arn": v["InstanceArn"],
        "permission_set_arn": v["PermissionSetArn"],
        "principal_id": v["PrincipalId"],
        "principal_type": v["PrincipalType"],
        "target_id": v["TargetId"],
        "target_type": v["TargetType"],
    }
    return Resource("aws_ssoadmin_account_assignment", arguments)


def _lambda_permission(v: Values, thing: Thing, d: Declared) -> Resource:
    names = {
        "StatementId": "statement_id", "Action": "action", "FunctionName": "function_name", "Principal": "principal",
        "SourceArn": "source_arn", "SourceAccount": "source_account", "PrincipalOrgID": "principal_org_id",
    }  # fmt: skip
    return Resource("aws_lambda_permission", {argument: v[name] for name, argument in names.items() if name in v})


KINDS: dict[str, Callable[[Values, Thing, Declared], Resource]] = {
    "user": _user, "group": _group, "role": _role, "attachment": _attachment, "inline": _inline,
    "membership": _membership, "policy": _policy, "profile": _profile, "password-policy": _password_policy,
    "alias": _alias, "oidc": _oidc, "saml": _saml, "bucket": _bucket, "bucket-block": _bucket_block,
    "account-block": _account_block, "resource-policy": _resource_policy, "trail": _trail, "analyzer": _analyzer,
    "switch": _switch, "contact": _contact, "budget": _budget, "organization-policy": _organization_policy,
    "organization-attachment": _organization_attachment, "unit": _unit, "topic": _topic, "topic-policy": _topic_policy,
    "subscription": _subscription, "rule": _rule, "target": _target, "permission-set": _permission_set,
    "permission-set-policy": _permission_set_policy, "assignment": _assignment, "lambda-permission": _lambda_permission,
}  # fmt: skip
