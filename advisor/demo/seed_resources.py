"""Tell moto the story's resources: buckets, keys, queues, topics, secrets, functions, instances, tasks."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from moto.backends import get_backend

from advisor.demo.seed_iam import ago, document
from advisor.demo.story import Bucket, Function, Instance, KmsKey, Policied, Story, Tags, Task

Backend = Any
ALL_FOUR = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def seed_buckets(story: Story) -> None:
    backend: Backend = get_backend("s3")[story.account.id]["aws"]
    for bucket in story.resources.buckets:
        _bucket(backend, bucket)
    for point in story.resources.access_points:
        points: Backend = get_backend("s3control")[story.account.id]["aws"]
        points.create_access_point(story.account.id, point.name, point.bucket, {}, dict.fromkeys(ALL_FOUR, "true"))
        points.put_access_point_policy(story.account.id, point.name, document(point.policy))


def _bucket(backend: Backend, bucket: Bucket) -> None:
    made = backend.create_bucket(bucket.name, bucket.region)
    if bucket.policy:
        backend.put_bucket_policy(bucket.name, document(bucket.policy).encode())
    if bucket.block:
        backend.put_public_access_block(bucket.name, dict.fromkeys(ALL_FOUR, "true"))
    made.creation_date = ago(400)
    made.ownership_rule = bucket.ownership
    backend.put_bucket_tagging(bucket.name, bucket.tags)


def seed_messaging(story: Story) -> None:
    """Queues, topics and secrets."""
    account, resources = story.account.id, story.resources
    for queue in resources.queues:
        attributes = {"Policy": document(queue.policy)} if queue.policy else {}
        get_backend("sqs")[account][queue.region].create_queue(queue.name, queue.tags, **attributes)
    for topic in resources.topics:
        made = get_backend("sns")[account][topic.region].create_topic(topic.name)
        made.policy = document(topic.policy)
    for secret in resources.secrets:
        _secret(get_backend("secretsmanager")[account][secret.region], secret)


def _secret(backend: Backend, secret: Policied) -> None:
    backend.create_secret(secret.name, "not told", None, "", _pairs(secret.tags), None, None, [], False)
    if secret.policy:
        backend.put_resource_policy(secret.name, document(secret.policy))


def seed_keys(story: Story) -> None:
    for key in story.resources.keys:
        _key(get_backend("kms")[story.account.id][key.region], key)


def _key(backend: Backend, key: KmsKey) -> None:
    made = backend.create_key(document(key.policy), "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", key.name, [])
    backend.create_alias(made.id, f"alias/{key.name}")
    backend.tag_resource(made.id, key.tags)
    for grant in key.grants:
        constraints = {"EncryptionContextSubset": grant.context} if grant.context else {}
        backend.create_grant(made.id, grant.to, grant.operations, "", constraints, "")


def seed_code(story: Story) -> None:
    """Container repositories, functions and tasks."""
    account, resources = story.account.id, story.resources
    for entry in resources.repositories:
        backend: Backend = get_backend("ecr")[account][entry.region]
        backend.create_repository(entry.name, None, {}, {}, "MUTABLE", [])
        backend.set_repository_policy(account, entry.name, document(entry.policy))
    for function in resources.functions:
        _function(get_backend("lambda")[account][function.region], function, account)
    for task in resources.tasks:
        _task(get_backend("ecs")[account][task.region], task, account)


def _function(backend: Backend, function: Function, account: str) -> None:
    backend.create_function(
        {
            "FunctionName": function.name,
            "Role": f"arn:aws:iam::{account}:role/{function.role}",
            "Runtime": "python3.13",
            "Handler": "main.handler",
            "Code": {"ZipFile": _program()},
            "Environment": {"Variables": {"DATABASE_PASSWORD": "never to be kept"}},
            "Tags": function.tags,
        }
    )
    for caller in function.callers:
        grant = {
            "StatementId": caller.sid,
            "Action": "lambda:InvokeFunction",
            "Principal": caller.principal,
            "SourceArn": caller.source,
        }
        backend.add_permission(function.name, None, json.dumps(grant))


def _program() -> str:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return {}\n")
    return base64.b64encode(held.getvalue()).decode()


def _task(backend: Backend, task: Task, account: str) -> None:
    backend.register_task_definition(
        task.family,
        [
            {
                "name": task.family,
                "image": "shop",
                "memory": 256,
                "environment": [{"name": "API_KEY", "value": "never to be kept"}],
            }
        ],
        task_role_arn=f"arn:aws:iam::{account}:role/{task.role}",
        execution_role_arn=f"arn:aws:iam::{account}:role/{task.execution}",
    )


def seed_instances(story: Story) -> None:
    """Last, as moto's EC2 takes a second to load."""
    account = story.account.id
    for instance in story.resources.instances:
        _instance(get_backend("ec2")[account][instance.region], instance)
    for region in story.watch.encrypted_volumes:
        get_backend("ec2")[account][region].enable_ebs_encryption_by_default()


def _instance(backend: Backend, instance: Instance) -> None:
    reservation = backend.run_instances(
        "ami-0123456789abcdef0",
        1,
        None,
        [],
        region_name=instance.region,
        instance_type="t4g.small",
        is_instance_type_default=False,
        tags={"instance": {"Name": instance.name, **instance.tags}},
        metadata_options={"HttpTokens": instance.tokens},
    )
    if instance.profile:
        made = reservation.instances[0]
        backend.associate_iam_instance_profile(made.id, iam_instance_profile_name=instance.profile)


def _pairs(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]
