"""Changes as a CloudFormation template, in YAML.

What exists already carries `DeletionPolicy: Retain` and, as metadata, what to import it by. What CloudFormation cannot
declare (attachments to things of others, account settings) follows as comments with the AWS CLI commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from advisor.change.calls import is_reference
from advisor.change.declared import Declared, Thing, declare
from advisor.change.export_cli import command_lines
from advisor.change.plan import yaml_text
from advisor.model.change import Change
from advisor.model.harmless import one_line
from advisor.model.snapshot import Snapshot

Values = dict[str, Any]
Properties = Callable[[Values, "_Template"], Values | None]


def as_cloudformation(changes: Iterable[Change], snapshot: Snapshot) -> str:
    """The text of one template, for one account and Region."""
    changes = tuple(changes)
    template = _Template(declare(changes, snapshot))
    lines = [f"# {one_line(change.title)}" for change in changes]
    lines.append(f"# for account {template.declared.account}{f' in {template.region}' if template.region else ''}")
    if any("DeletionPolicy" in resource for resource in template.resources.values()):
        lines.append("# What is there already comes in by a change set of the type IMPORT; see each ImportBy.")
    text = "\n".join(lines) + "\n" + yaml_text(template.document)
    left = [line for operation in template.left_over for line in command_lines(operation)]
    if left:
        text += "\n".join(["# CloudFormation does not say these:", *(f"#   {one_line(line)}" for line in left)]) + "\n"
    return text


class _Template:
    """The template while it is put together: things that belong into others are merged there."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        regional = [thing.region for thing in declared.things if thing.region]
        self.region = regional[0] if regional else ""
        self.by_id = {thing.id: thing for thing in declared.things if thing.id}
        self.resources: dict[str, Values] = {}
        self.left_over = [*declared.left_over]
        for thing in declared.things:
            self._add(thing)
        for resource in self.resources.values():
            for values in (resource["Properties"],):
                resource["Properties"] = self._resolved(values)

    @property
    def document(self) -> Values:
        return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": self.resources}

    def things(self, kind: str) -> Iterator[Thing]:
        return (thing for thing in self.declared.things if thing.kind == kind)

    def _add(self, thing: Thing) -> None:
        made = _KINDS.get(thing.kind)
        can_say = made and thing.region in ("", self.region) and not _is_resolved(thing.values)
        properties = made[1](thing.values, self) if made and can_say else None
        if properties is None or made is None:
            self.left_over += [] if self._is_merged(thing) else thing.operations
            return
        resource: Values = {"Type": made[0].format(**thing.values)}
        if thing.exists:
            identify = _IMPORT_BY.get(thing.kind)
            identifier = identify(thing.values) if identify else None
            resource |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
            resource |= {"Metadata": {"ImportBy": identifier}} if identifier else {}
        needed = sorted(self._needed_by(thing))
        resource |= {"DependsOn": needed} if needed else {}
        resource["Properties"] = {name: value for name, value in properties.items() if value not in (None, "", [], {})}
        self.resources[logical_id(thing)] = resource

    def _is_merged(self, thing: Thing) -> bool:
        """Whether another declared thing says it already."""
        v = thing.values
        if thing.kind == "attachment":
            return self.has(v["kind"].lower(), v["name"]) or self._new_policy(v["arn"]) is not None
        if thing.kind == "bucket-block":
            return self.has("bucket", v["bucket"])
        if thing.kind == "organization-attachment":
            return self._refers(v["PolicyId"], "organization-policy")
        if thing.kind == "permission-set-policy":
            return self._refers(v["PermissionSetArn"], "permission-set")
        return thing.kind == "target" and self.has("rule", v["Rule"])

    def has(self, kind: str, name: str) -> bool:
        return any(thing.key[0] == name for thing in self.things(kind))

    def _new_policy(self, arn: str) -> Thing | None:
        return next((thing for thing in self.things("policy") if thing.key[0] == arn), None)

    def _refers(self, value: Any, kind: str) -> bool:
        return is_reference(value) and value["from"] in self.by_id and self.by_id[value["from"]].kind == kind

    def merged(self, kind: str, name: str, wanted: str, given: str) -> list[Any]:
        """The values `given` of things whose `wanted` refers to the declared thing of that kind and name."""
        return [
            thing.values[given]
            for thing in self.declared.things
            if is_reference(thing.values.get(wanted))
            and self._refers(thing.values[wanted], kind)
            and self.by_id[thing.values[wanted]["from"]].key[0] == name
            and given in thing.values
        ]

    def _needed_by(self, thing: Thing) -> set[str]:
        """Declared things whose plain names stand in this one's key, and a bucket's policy before its trail."""
        names = {
            other.key[0]: logical_id(other)
            for other in self.declared.things
            if other is not thing and other.kind in ("user", "group", "role", "bucket") and thing.kind != other.kind
        }
        found = {names[part] for part in thing.key if part in names}
        if thing.kind == "trail":
            found |= {
                logical_id(other) for other in self.things("resource-policy") if other.key[1] == thing.values["bucket"]
            }
        return found

    def _resolved(self, value: Any) -> Any:
        if is_reference(value):
            thing = self.by_id[value["from"]]
            attribute = _ATTRIBUTES.get(thing.kind)
            return {"Fn::GetAtt": [logical_id(thing), attribute]} if attribute else {"Ref": logical_id(thing)}
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        return [self._resolved(item) for item in value] if isinstance(value, list) else value


def _is_resolved(value: Any) -> bool:
    """Whether CloudFormation would look a text up (`{{resolve:ssm:…}}`): it knows no way to quote a dynamic reference.

    Source: AWS CloudFormation User Guide, "Get values stored in other services using dynamic references".
    """
    if isinstance(value, str):
        return "{{resolve:" in value.lower()
    items = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(map(_is_resolved, items))


def logical_id(thing: Thing) -> str:
    """A logical id: letters and digits only."""
    words = re.split(r"[^A-Za-z0-9]+", thing.label)
    return "".join(word[:1].upper() + word[1:] for word in words if word)[:200]


def _tags(values: Values) -> list[Values]:
    return [{"Key": key, "Value": value} for key, value in values.get("tags", {}).items()]


def _user(v: Values, t: _Template) -> Values:
    return {
        "UserName": v["name"], "Path": v["path"], "PermissionsBoundary": v["boundary"],
        "ManagedPolicyArns": v["attached"], "Tags": _tags(v),
    }  # fmt: skip


def _group(v: Values, t: _Template) -> Values:
    return {"GroupName": v["name"], "Path": v["path"], "ManagedPolicyArns": v["attached"]}


def _role(v: Values, t: _Template) -> Values:
    return {
        "RoleName": v["name"], "Path": v["path"], "Description": v["description"],
        "MaxSessionDuration": v["max_session"], "PermissionsBoundary": v["boundary"],
        "AssumeRolePolicyDocument": v["trust"], "ManagedPolicyArns": v["attached"], "Tags": _tags(v),
    }  # fmt: skip


def _policy(v: Values, t: _Template) -> Values:
    """Principals of others that get a policy of this template are named by the policy."""
    attached: dict[str, list[str]] = {"User": [], "Group": [], "Role": []}
    for thing in t.things("attachment"):
        kind, name, arn = thing.key
        if arn == v["arn"] and not t.has(kind.lower(), name):
            attached[kind].append(name)
    return {
        "ManagedPolicyName": v["name"], "Path": v["path"], "Description": v["description"],
        "PolicyDocument": v["document"],
        **{f"{kind}s": names for kind, names in attached.items()},
    }  # fmt: skip


def _bucket(v: Values, t: _Template) -> Values:
    block = next((thing.values for thing in t.things("bucket-block") if thing.key[0] == v["bucket"]), {})
    configuration = {name: value for name, value in block.items() if name != "bucket"}
    return {"BucketName": v["bucket"], "PublicAccessBlockConfiguration": configuration}


def _resource_policy(v: Values, t: _Template) -> Values | None:
    if v["kind"] == "s3:bucket":
        return {"Bucket": v["name"], "PolicyDocument": v["document"]}
    return None


def _organization_policy(v: Values, t: _Template) -> Values:
    targets = t.merged("organization-policy", v["Name"], "PolicyId", "TargetId")
    return {
        "Name": v["Name"], "Type": v["Type"], "Description": v["Description"], "Content": v["Content"],
        "TargetIds": targets,
    }  # fmt: skip


def _permission_set(v: Values, t: _Template) -> Values:
    policies = t.merged("permission-set", v["Name"], "PermissionSetArn", "ManagedPolicyArn")
    return {
        "Name": v["Name"], "InstanceArn": v["InstanceArn"], "SessionDuration": v.get("SessionDuration"),
        "ManagedPolicies": policies,
    }  # fmt: skip


def _rule(v: Values, t: _Template) -> Values:
    targets = [
        target for thing in t.things("target") if thing.key[0] == v["Name"] for target in thing.values["Targets"]
    ]
    return {"Name": v["Name"], "State": "ENABLED", "EventPattern": v["EventPattern"], "Targets": targets}


def _trail(v: Values, t: _Template) -> Values:
    return {
        "TrailName": v["name"], "S3BucketName": v["bucket"], "IsLogging": v["logging"],
        "IsMultiRegionTrail": v["multi_region"], "EnableLogFileValidation": v["validation"],
        "IncludeGlobalServiceEvents": True, "IsOrganizationTrail": v["organization"] or None,
    }  # fmt: skip


def _picked(*names: str) -> Properties:
    return lambda v, t: {name: v[name] for name in names if name in v}


def _inline(v: Values, t: _Template) -> Values:
    return {f"{v['kind']}Name": v["name"], "PolicyName": v["policy"], "PolicyDocument": v["document"]}


_KINDS: dict[str, tuple[str, Properties]] = {
    "user": ("AWS::IAM::User", _user),
    "group": ("AWS::IAM::Group", _group),
    "role": ("AWS::IAM::Role", _role),
    "policy": ("AWS::IAM::ManagedPolicy", _policy),
    "inline": ("AWS::IAM::{kind}Policy", _inline),
    "membership": ("AWS::IAM::UserToGroupAddition", lambda v, t: {"GroupName": v["group"], "Users": [v["user"]]}),
    "profile": (
        "AWS::IAM::InstanceProfile",
        lambda v, t: {"InstanceProfileName": v["name"], "Roles": [v["role"]]} if v["role"] else None,
    ),
    "oidc": ("AWS::IAM::OIDCProvider", lambda v, t: {"Url": v["url"], "ClientIdList": v["audiences"]}),
    "saml": (
        "AWS::IAM::SAMLProvider",
        lambda v, t: {"Name": v["Name"], "SamlMetadataDocument": v["SAMLMetadataDocument"]},
    ),
    "bucket": ("AWS::S3::Bucket", _bucket),
    "resource-policy": ("AWS::S3::BucketPolicy", _resource_policy),
    "trail": ("AWS::CloudTrail::Trail", _trail),
    "analyzer": ("AWS::AccessAnalyzer::Analyzer", lambda v, t: {"AnalyzerName": v["name"], "Type": v["type"]}),
    "budget": ("AWS::Budgets::Budget", _picked("Budget", "NotificationsWithSubscribers")),
    "organization-policy": ("AWS::Organizations::Policy", _organization_policy),
    "unit": ("AWS::Organizations::OrganizationalUnit", _picked("Name", "ParentId")),
    "topic": ("AWS::SNS::Topic", lambda v, t: {"TopicName": v["Name"]}),
    "topic-policy": (
        "AWS::SNS::TopicPolicy",
        lambda v, t: {"Topics": [v["TopicArn"]], "PolicyDocument": v["AttributeValue"]},
    ),
    "subscription": ("AWS::SNS::Subscription", _picked("TopicArn", "Protocol", "Endpoint")),
    "rule": ("AWS::Events::Rule", _rule),
    "permission-set": ("AWS::SSO::PermissionSet", _permission_set),
    "assignment": (
        "AWS::SSO::Assignment",
        _picked("InstanceArn", "PermissionSetArn", "PrincipalId", "PrincipalType", "TargetId", "TargetType"),
    ),
    "lambda-permission": (
        "AWS::Lambda::Permission",
        _picked("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "PrincipalOrgID"),
    ),
}
_ATTRIBUTES = {"role": "Arn", "user": "Arn", "permission-set": "PermissionSetArn"}
"""What stands for a thing where `Ref` gives only its name."""
_IMPORT_BY: dict[str, Callable[[Values], Values | None]] = {
    "user": lambda v: {"UserName": v["name"]},
    "group": lambda v: {"GroupName": v["name"]},
    "role": lambda v: {"RoleName": v["name"]},
    "policy": lambda v: {"PolicyArn": v["arn"]},
    "inline": lambda v: {"PolicyName": v["policy"], f"{v['kind']}Name": v["name"]},
    "bucket": lambda v: {"BucketName": v["bucket"]},
    "resource-policy": lambda v: {"Bucket": v["name"]},
    "trail": lambda v: {"TrailName": v["name"]},
    "analyzer": lambda v: {"Arn": v["arn"]},
}
