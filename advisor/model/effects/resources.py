"""Resources with policies of their own, and S3's switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.document import Condition, Document, Statement
from advisor.model.effects.table import Effect, Inverse, Parameters, Undo, call, document_of, missing, models
from advisor.model.resource import PublicAccessBlock, Resource
from advisor.model.snapshot import Snapshot

Finder = Callable[[Snapshot, Parameters], Resource]

_BLOCK = {
    "BlockPublicAcls": "block_acls",
    "IgnorePublicAcls": "ignore_acls",
    "BlockPublicPolicy": "block_policy",
    "RestrictPublicBuckets": "restrict_buckets",
}


def block_from(configuration: Parameters) -> PublicAccessBlock:
    return PublicAccessBlock(**{field: bool(configuration.get(name)) for name, field in _BLOCK.items()})


def block_to(block: PublicAccessBlock) -> dict[str, bool]:
    return {name: getattr(block, field) for name, field in _BLOCK.items()}


def find_resource(snapshot: Snapshot, kind: str, is_it: Callable[[Resource], bool], name: str) -> Resource:
    for resource in snapshot.resources:
        if resource.kind == kind and is_it(resource):
            return resource
    raise missing(kind.replace(":", " "), name)


def edit_resource(snapshot: Snapshot, resource: Resource, **fields: Any) -> Snapshot:
    """Replace one resource, all others are shared."""
    if all(getattr(resource, field) == value for field, value in fields.items()):
        return snapshot
    new = msgspec.structs.replace(resource, **fields)
    resources = tuple(new if old is resource else old for old in snapshot.resources)
    return msgspec.structs.replace(snapshot, resources=resources)


def find_bucket(snapshot: Snapshot, p: Parameters) -> Resource:
    arn = f"arn:{snapshot.partition}:s3:::{p['Bucket']}"
    return find_resource(snapshot, "s3:bucket", lambda resource: resource.arn == arn, p["Bucket"])


def find_key(snapshot: Snapshot, p: Parameters) -> Resource:
    wanted = p["KeyId"]
    return find_resource(snapshot, "kms:key", lambda key: wanted in (key.arn, key.arn.rsplit("/", 1)[-1]), wanted)


def find_queue(snapshot: Snapshot, p: Parameters) -> Resource:
    account, name = p["QueueUrl"].rstrip("/").split("/")[-2:]
    return find_resource(snapshot, "sqs:queue", lambda queue: queue.arn.endswith(f":{account}:{name}"), p["QueueUrl"])


def find_topic(snapshot: Snapshot, p: Parameters) -> Resource:
    arn = p.get("TopicArn") or p.get("ResourceArn")
    return find_resource(snapshot, "sns:topic", lambda topic: topic.arn == arn, str(arn))


def find_secret(snapshot: Snapshot, p: Parameters) -> Resource:
    wanted = p["SecretId"]
    return find_resource(
        snapshot,
        "secretsmanager:secret",
        lambda secret: wanted == secret.arn or secret.arn.split(":secret:", 1)[-1].rpartition("-")[0] == wanted,
        wanted,
    )


def find_function(snapshot: Snapshot, p: Parameters) -> Resource:
    wanted = p["FunctionName"]
    return find_resource(
        snapshot, "lambda:function", lambda function: wanted in (function.arn, function.arn.rsplit(":", 1)[-1]), wanted
    )


def find_repository(snapshot: Snapshot, p: Parameters) -> Resource:
    name = p["repositoryName"]
    return find_resource(snapshot, "ecr:repository", lambda item: item.arn.endswith(f":repository/{name}"), name)


def find_by_arn(kind: str, field: str) -> Finder:
    def finder(snapshot: Snapshot, p: Parameters) -> Resource:
        return find_resource(snapshot, kind, lambda item: item.arn == p[field], p[field])

    return finder


class Home(msgspec.Struct, frozen=True):
    """How one kind of resource keeps its policy: the calls that write and delete it and their parameters.

    `names` are the parameters that name the resource, `policy` the one that holds the document. `delete` is empty where
    AWS has no call to take the policy away (then an empty text does it, or nothing).
    """

    kind: str
    service: str
    write: str
    policy: str
    names: tuple[str, ...]
    find: Finder
    delete: str = ""
    fixed: tuple[tuple[str, str], ...] = ()


HOMES: tuple[Home, ...] = (
    Home("s3:bucket", "s3", "PutBucketPolicy", "Policy", ("Bucket",), find_bucket, "DeleteBucketPolicy"),
    Home("kms:key", "kms", "PutKeyPolicy", "Policy", ("KeyId",), find_key, fixed=(("PolicyName", "default"),)),
    Home(
        "sns:topic", "sns", "SetTopicAttributes", "AttributeValue", ("TopicArn",), find_topic,
        fixed=(("AttributeName", "Policy"),),
    ),
    Home(
        "secretsmanager:secret", "secretsmanager", "PutResourcePolicy", "ResourcePolicy", ("SecretId",), find_secret,
        "DeleteResourcePolicy",
    ),
    Home(
        "ecr:repository", "ecr", "SetRepositoryPolicy", "policyText", ("repositoryName",), find_repository,
        "DeleteRepositoryPolicy",
    ),
    Home(
        "dynamodb:table", "dynamodb", "PutResourcePolicy", "Policy", ("ResourceArn",),
        find_by_arn("dynamodb:table", "ResourceArn"), "DeleteResourcePolicy",
    ),
)  # fmt: skip


def _named(home: Home, p: Parameters) -> dict[str, Any]:
    return {name: p[name] for name in home.names}


def _undo_policy(home: Home) -> Inverse:
    def inverse(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        old = home.find(before, p).policy
        if old is not None:
            written = _named(home, p) | dict(home.fixed) | {home.policy: old.as_json()}
            return Undo((call(like, home.write, **written),))
        if home.delete:
            return Undo((call(like, home.delete, **_named(home, p)),))
        return Undo((), f"the policy of {home.kind.split(':')[1]} was not read, so it cannot be put back", False)

    return inverse


def _write_policy(home: Home) -> Effect:
    def effect(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        if any(p.get(name) != value for name, value in home.fixed if name in p):
            return snapshot
        return edit_resource(snapshot, home.find(snapshot, p), policy=document_of(p[home.policy]))

    return effect


def _delete_policy(home: Home) -> Effect:
    def effect(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        return edit_resource(snapshot, home.find(snapshot, p), policy=None)

    return effect


for _home in HOMES:
    models(f"{_home.service}:{_home.write}", undo=_undo_policy(_home))(_write_policy(_home))
    if _home.delete:
        models(f"{_home.service}:{_home.delete}", undo=_undo_policy(_home))(_delete_policy(_home))


def _undo_queue(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find_queue(before, p).policy
    text: Any = old.as_json() if old else ""
    return Undo((call(like, "SetQueueAttributes", QueueUrl=p["QueueUrl"], Attributes={"Policy": text}),))


@models("sqs:SetQueueAttributes", undo=_undo_queue)
def set_queue_attributes(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    text = p["Attributes"].get("Policy")
    if text is None:
        return snapshot
    return edit_resource(snapshot, find_queue(snapshot, p), policy=document_of(text) if text else None)


def _bucket_block(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find_bucket(before, p).public_access_block
    if old is None:
        return Undo((), "the public access block before was not read, so it is not put back", reversible=False)
    if not any(block_to(old).values()):
        return Undo((call(like, "DeletePublicAccessBlock", Bucket=p["Bucket"]),))
    return Undo((call(like, "PutPublicAccessBlock", Bucket=p["Bucket"], PublicAccessBlockConfiguration=block_to(old)),))


@models("s3:PutPublicAccessBlock", undo=_bucket_block)
def put_bucket_block(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    block = block_from(p["PublicAccessBlockConfiguration"])
    return edit_resource(snapshot, find_bucket(snapshot, p), public_access_block=block)


@models("s3:DeletePublicAccessBlock", undo=_bucket_block)
def delete_bucket_block(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return edit_resource(snapshot, find_bucket(snapshot, p), public_access_block=PublicAccessBlock())


def _undo_abac(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    status = "Enabled" if find_bucket(before, p).abac else "Disabled"
    return Undo((call(like, "PutBucketAbac", Bucket=p["Bucket"], AbacStatus={"Status": status}),))


@models("s3:PutBucketAbac", undo=_undo_abac)
def put_bucket_abac(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return edit_resource(snapshot, find_bucket(snapshot, p), abac=p["AbacStatus"]["Status"] == "Enabled")


def _undo_ownership(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find_bucket(before, p).object_ownership
    if old is None:
        return Undo((call(like, "DeleteBucketOwnershipControls", Bucket=p["Bucket"]),))
    rules = {"Rules": [{"ObjectOwnership": old}]}
    return Undo((call(like, "PutBucketOwnershipControls", Bucket=p["Bucket"], OwnershipControls=rules),))


@models("s3:PutBucketOwnershipControls", undo=_undo_ownership)
def put_ownership(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    ownership = p["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    return edit_resource(snapshot, find_bucket(snapshot, p), object_ownership=ownership)


@models("s3:DeleteBucketOwnershipControls", undo=_undo_ownership)
def delete_ownership(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return edit_resource(snapshot, find_bucket(snapshot, p), object_ownership=None)


def permission_statement(p: Parameters, function_arn: str) -> dict[str, Any]:
    """The statement that lambda:AddPermission writes.

    Source: AWS Lambda Developer Guide, "Resource-based policies"; `SourceArn` becomes ArnLike, `SourceAccount` and
    `PrincipalOrgID` StringEquals.
    """
    principal = p["Principal"]
    named: Any = (
        {"Service": principal} if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else {"AWS": principal}
    )
    statement: dict[str, Any] = {
        "Sid": p["StatementId"], "Effect": "Allow", "Principal": "*" if principal == "*" else named,
        "Action": p["Action"], "Resource": function_arn,
    }  # fmt: skip
    equals = {
        key: p[name]
        for name, key in (("SourceAccount", "AWS:SourceAccount"), ("PrincipalOrgID", "aws:PrincipalOrgID"))
        if name in p
    }
    condition: dict[str, Any] = {}
    if equals:
        condition["StringEquals"] = equals
    if "SourceArn" in p:
        condition["ArnLike"] = {"AWS:SourceArn": p["SourceArn"]}
    return statement | ({"Condition": condition} if condition else {})


def _statements(policy: Document | None) -> list[dict[str, Any]]:
    found = policy.as_json()["Statement"] if policy else []
    return found if isinstance(found, list) else [found]


def _undo_add_permission(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    return Undo((call(like, "RemovePermission", FunctionName=p["FunctionName"], StatementId=p["StatementId"]),))


@models("lambda:AddPermission", undo=_undo_add_permission)
def add_permission(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    function = find_function(snapshot, p)
    statements = [*_statements(function.policy), permission_statement(p, function.arn)]
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return edit_resource(snapshot, function, policy=document_of(document))


def _undo_remove_permission(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    """A statement that AddPermission can express comes back; one with other conditions does not."""
    function = find_function(before, p)
    old = next((item for item in _statements(function.policy) if item.get("Sid") == p["StatementId"]), None)
    if old is None:
        return Undo()
    principal = old.get("Principal", "*")
    again: dict[str, Any] = {
        "FunctionName": p["FunctionName"], "StatementId": p["StatementId"], "Action": _single(old.get("Action")),
        "Principal": _single(next(iter(principal.values())) if isinstance(principal, dict) else principal),
    }  # fmt: skip
    condition = {key.lower(): value for block in old.get("Condition", {}).values() for key, value in block.items()}
    for name, key in (
        ("SourceArn", "aws:sourcearn"),
        ("SourceAccount", "aws:sourceaccount"),
        ("PrincipalOrgID", "aws:principalorgid"),
    ):
        if key in condition:
            again[name] = _single(condition[key])
    if not _says(old, again, function.arn):
        return Undo(
            (), f"the statement `{p['StatementId']}` is not one that lambda:AddPermission can write again", False
        )
    return Undo((call(like, "AddPermission", **again),))


def _single(value: Any) -> Any:
    """What AddPermission takes one of: a list of one is that one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _says(statement: dict[str, Any], again: Parameters, function_arn: str) -> bool:
    """Whether AddPermission would write a statement that says the same, whatever the order of its members."""
    if not all(isinstance(value, str) for value in again.values()):
        return False
    one, other = (
        document_of({"Statement": text}).statements[0]
        for text in (statement, permission_statement(again, function_arn))
    )
    return _content(one) == _content(other)


def _content(statement: Statement) -> tuple[Statement, frozenset[Condition]]:
    """Keys of conditions are the same in capitals, and their order says nothing."""
    conditions = (msgspec.structs.replace(one, key=one.key.lower()) for one in statement.conditions)
    return msgspec.structs.replace(statement, conditions=()), frozenset(conditions)


@models("lambda:RemovePermission", undo=_undo_remove_permission)
def remove_permission(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    function = find_function(snapshot, p)
    statements = _statements(function.policy)
    kept = [item for item in statements if item.get("Sid") != p["StatementId"]]
    if len(kept) == len(statements):
        raise missing("statement", p["StatementId"])
    document = document_of({"Version": "2012-10-17", "Id": "default", "Statement": kept}) if kept else None
    return edit_resource(snapshot, function, policy=document)
