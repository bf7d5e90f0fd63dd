"""Resources that are a list, and a policy each: queues, topics, secrets, container repositories."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.principal import Tags
from advisor.model.resource import Resource


def read_queues(reading: Reading, region: str) -> Part:
    """SQS. A queue's attributes name its ARN; its URL is what AWS lists."""
    urls = reading.pages("sqs:ListQueues", "QueueUrls", region, partly=True, MaxResults=1000)
    if urls is None:
        return Part()
    return _part(reading.each("queues", urls, lambda url: _read_queue(reading, url, region)))


def _read_queue(reading: Reading, url: str, region: str) -> Resource:
    arn = f"arn:{reading.partition}:sqs:{region}:{reading.account}:{url.rsplit('/', 1)[-1]}"
    call = "sqs:GetQueueAttributes"
    answer = reading.call(call, region, resource=arn, QueueUrl=url, AttributeNames=["QueueArn", "Policy"])
    attributes = (answer or {}).get("Attributes", {})
    return _resource(reading, "sqs:queue", attributes.get("QueueArn", arn), region, call, attributes.get("Policy"))


def read_topics(reading: Reading, region: str) -> Part:
    topics = reading.pages("sns:ListTopics", "Topics", region, partly=True)
    if topics is None:
        return Part()
    return _part(reading.each("topics", topics, lambda topic: _read_topic(reading, topic["TopicArn"], region)))


def _read_topic(reading: Reading, arn: str, region: str) -> Resource:
    call = "sns:GetTopicAttributes"
    answer = reading.call(call, region, resource=arn, TopicArn=arn)
    return _resource(reading, "sns:topic", arn, region, call, (answer or {}).get("Attributes", {}).get("Policy"))


def read_secrets(reading: Reading, region: str) -> Part:
    """Secrets Manager: names, tags and policies. The secrets themselves are never asked for."""
    secrets = reading.pages("secretsmanager:ListSecrets", "SecretList", region, partly=True)
    if secrets is None:
        return Part()
    return _part(reading.each("secrets", secrets, lambda secret: _read_secret(reading, secret, region)))


def _read_secret(reading: Reading, secret: dict[str, Any], region: str) -> Resource:
    arn, call = secret["ARN"], "secretsmanager:GetResourcePolicy"
    answer = reading.call(call, region, resource=arn, none=("ResourceNotFoundException",), SecretId=arn)
    tags = tuple((tag["Key"], tag.get("Value", "")) for tag in secret.get("Tags", ()))
    text = (answer or {}).get("ResourcePolicy")
    return _resource(reading, "secretsmanager:secret", arn, region, call, text, tags)


def read_repositories(reading: Reading, region: str) -> Part:
    repositories = reading.pages("ecr:DescribeRepositories", "repositories", region, partly=True)
    if repositories is None:
        return Part()
    return _part(reading.each("repositories", repositories, lambda entry: _read_repository(reading, entry, region)))


def _read_repository(reading: Reading, entry: dict[str, Any], region: str) -> Resource:
    arn, call = entry["repositoryArn"], "ecr:GetRepositoryPolicy"
    absent = ("RepositoryPolicyNotFoundException",)
    answer = reading.call(call, region, resource=arn, none=absent, repositoryName=entry["repositoryName"])
    return _resource(reading, "ecr:repository", arn, region, call, (answer or {}).get("policyText"))


def _part(resources: list[Resource | None]) -> Part:
    return Part(resources=tuple(resource for resource in resources if resource), layers=("resource",))


def _resource(
    reading: Reading, kind: str, arn: str, region: str, call: str, text: str | None, tags: Tags = ()
) -> Resource:
    policy = reading.document(text, call, arn) if text else None
    return Resource(arn=arn, kind=kind, account=reading.account, region=region, policy=policy, tags=tags)
