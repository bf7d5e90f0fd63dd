"""What runs code as a role: functions, instances, tasks, pods, machines with certificates."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.resource import Compute, Resource


def read_functions(reading: Reading, region: str) -> Part:
    """Lambda. AWS lists functions with their environment, which may hold secrets: it is dropped at once."""
    listed = reading.pages("lambda:ListFunctions", "Functions", region, partly=True)
    if listed is None:
        return Part()
    functions = [{key: entry.get(key) for key in _FUNCTION_KEYS} for entry in listed]
    resources = reading.each("functions", functions, lambda entry: _read_function(reading, entry, region))
    compute = tuple(function_from_aws(entry, reading.account, region) for entry in functions)
    return Part(resources=tuple(entry for entry in resources if entry), compute=compute, layers=("resource",))


_FUNCTION_KEYS = ("FunctionArn", "FunctionName", "Role", "Runtime")


def function_from_aws(entry: dict[str, Any], account: str, region: str) -> Compute:
    return Compute(
        arn=entry["FunctionArn"],
        kind="lambda:function",
        account=account,
        region=region,
        role=entry.get("Role") or None,
        name=entry["FunctionName"],
        settings=(("runtime", entry["Runtime"]),) if entry.get("Runtime") else (),
    )


def _read_function(reading: Reading, entry: dict[str, Any], region: str) -> Resource:
    arn, call = entry["FunctionArn"], "lambda:GetPolicy"
    answer = reading.call(call, region, resource=arn, none=("ResourceNotFoundException",), FunctionName=arn)
    text = (answer or {}).get("Policy")
    policy = reading.document(text, call, arn) if text else None
    return Resource(arn=arn, kind="lambda:function", account=reading.account, region=region, policy=policy)


def read_instances(reading: Reading, region: str) -> Part:
    reservations = reading.pages("ec2:DescribeInstances", "Reservations", region, partly=True, MaxResults=1000)
    if reservations is None:
        return Part()
    found = [
        instance_from_aws(entry, reading.account, region, reading.partition)
        for reservation in reservations
        for entry in reservation.get("Instances", ())
        if entry.get("State", {}).get("Name") != "terminated"
    ]
    return Part(compute=tuple(found))


def instance_from_aws(entry: dict[str, Any], account: str, region: str, partition: str = "aws") -> Compute:
    """An instance. Its profile stands in the settings: the profile's role is looked up when all is put together."""
    tags = tuple((tag["Key"], tag.get("Value", "")) for tag in entry.get("Tags", ()))
    settings = {
        "state": entry.get("State", {}).get("Name"),
        "http_tokens": entry.get("MetadataOptions", {}).get("HttpTokens"),
        "instance_profile": entry.get("IamInstanceProfile", {}).get("Arn"),
    }
    return Compute(
        arn=f"arn:{partition}:ec2:{region}:{account}:instance/{entry['InstanceId']}",
        kind="ec2:instance",
        account=account,
        region=region,
        name=dict(tags).get("Name", entry["InstanceId"]),
        tags=tags,
        settings=tuple((name, value) for name, value in settings.items() if value),
    )


def read_ec2_defaults(reading: Reading, region: str) -> Part:
    """The Region's defaults that keep data in: encryption, snapshots and images not public, IMDSv2."""
    extra: dict[str, Any] = {}
    volumes = reading.call("ec2:GetEbsEncryptionByDefault", region)
    if volumes is not None:
        extra["setup.D3"] = {region: bool(volumes.get("EbsEncryptionByDefault"))}
    snapshots = reading.call("ec2:GetSnapshotBlockPublicAccessState", region)
    images = reading.call("ec2:GetImageBlockPublicAccessState", region)
    if snapshots is not None and images is not None:
        kept = (
            snapshots.get("State") == "block-all-sharing"
            and images.get("ImageBlockPublicAccessState") == "block-new-sharing"
        )
        extra["setup.D2"] = {region: kept}
    defaults = reading.call("ec2:GetInstanceMetadataDefaults", region)
    if defaults is not None:
        extra["setup.D4"] = {region: defaults.get("AccountLevel", {}).get("HttpTokens") == "required"}
    return Part(extra=extra)


def read_task_definitions(reading: Reading, region: str) -> Part:
    """ECS: the newest active revision of each family. Environment values come along and are dropped at once."""
    arns = reading.pages(
        "ecs:ListTaskDefinitions", "taskDefinitionArns", region, partly=True, status="ACTIVE", sort="DESC"
    )
    if arns is None:
        return Part()
    found = reading.each(
        "task definitions", newest_of_each(arns), lambda arn: _read_task_definition(reading, arn, region)
    )
    return Part(compute=tuple(entry for entry in found if entry))


def newest_of_each(arns: list[str]) -> list[str]:
    """The ARN with the highest revision of each family: `…:task-definition/family:12`."""
    newest: dict[str, tuple[int, str]] = {}
    for arn in arns:
        family, _, revision = arn.rpartition(":")
        number = int(revision) if revision.isdigit() else 0
        newest[family] = max(newest.get(family, (-1, "")), (number, arn))
    return [arn for _, arn in newest.values()]


def _read_task_definition(reading: Reading, arn: str, region: str) -> Compute | None:
    answer = reading.call("ecs:DescribeTaskDefinition", region, resource=arn, taskDefinition=arn)
    return None if answer is None else task_definition_from_aws(answer["taskDefinition"], reading.account, region)


def task_definition_from_aws(entry: dict[str, Any], account: str, region: str) -> Compute:
    return Compute(
        arn=entry["taskDefinitionArn"],
        kind="ecs:task-definition",
        account=account,
        region=region,
        role=entry.get("taskRoleArn") or None,
        execution_role=entry.get("executionRoleArn") or None,
        name=entry["family"],
    )


def read_pods(reading: Reading, region: str) -> Part:
    """EKS: the roles that pods carry by pod identity. (IRSA is seen in the trust of roles.)"""
    clusters = reading.pages("eks:ListClusters", "clusters", region, partly=True)
    if clusters is None:
        return Part()
    listed = [(cluster, entry) for cluster in clusters for entry in _associations(reading, cluster, region)]
    found = reading.each("pod identities", listed, lambda pair: _read_association(reading, *pair, region))
    return Part(compute=tuple(entry for entry in found if entry))


def _associations(reading: Reading, cluster: str, region: str) -> list[Any]:
    call = "eks:ListPodIdentityAssociations"
    return reading.pages(call, "associations", region, partly=True, resource=cluster, clusterName=cluster) or []


def _read_association(reading: Reading, cluster: str, entry: dict[str, Any], region: str) -> Compute | None:
    call, arn = "eks:DescribePodIdentityAssociation", entry["associationArn"]
    answer = reading.call(call, region, resource=arn, clusterName=cluster, associationId=entry["associationId"])
    if answer is None:
        return None
    found = answer["association"]
    return Compute(
        arn=arn,
        kind="eks:podidentityassociation",
        account=reading.account,
        region=region,
        role=found.get("roleArn"),
        name=f"{cluster}/{found.get('namespace', '')}/{found.get('serviceAccount', '')}",
    )


def read_anchors(reading: Reading, region: str) -> Part:
    """Roles Anywhere: trust anchors that are on, and the roles that its profiles let certificates wear."""
    anchors = reading.pages("rolesanywhere:ListTrustAnchors", "trustAnchors", region)
    profiles = reading.pages("rolesanywhere:ListProfiles", "profiles", region, partly=True) if anchors else []
    extra: dict[str, Any] = {}
    if anchors is not None:
        on = [anchor["trustAnchorArn"] for anchor in anchors if anchor.get("enabled")]
        extra["rolesanywhere.anchors"] = {region: on}
    found = [
        Compute(
            arn=profile["profileArn"],
            kind="rolesanywhere:profile",
            account=reading.account,
            region=region,
            role=role,
            name=profile.get("name", ""),
        )
        for profile in profiles or ()
        if profile.get("enabled")
        for role in profile.get("roleArns", ())
    ]
    return Part(compute=tuple(found), extra=extra)
