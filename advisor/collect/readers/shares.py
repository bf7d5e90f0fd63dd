"""Resources shared by Resource Access Manager, and the tags of everything that has any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.collect.resources import kind_of
from advisor.model.arn import parse_arn
from advisor.model.principal import Tags
from advisor.model.resource import Grant, Resource


def read_shares(reading: Reading, region: str) -> Part:
    """What this account shares, as grants on the resources that are shared."""
    shares = reading.pages("ram:GetResourceShares", "resourceShares", region, resourceOwner="SELF")
    if not shares:
        return Part()
    resources = reading.pages("ram:ListResources", "resources", region, resourceOwner="SELF")
    principals = reading.pages("ram:ListPrincipals", "principals", region, resourceOwner="SELF")
    if resources is None or principals is None:
        return Part()
    active = {share["resourceShareArn"] for share in shares if share.get("status", "ACTIVE") == "ACTIVE"}
    return Part(resources=shared_from_aws(resources, principals, active, reading.account, region))


def shared_from_aws(
    resources: Sequence[dict[str, Any]],
    principals: Sequence[dict[str, Any]],
    active: set[str],
    account: str,
    region: str,
) -> tuple[Resource, ...]:
    """Each shared resource with a grant for each principal of its shares (account id, OU or organization ARN, …)."""
    found = []
    for entry in resources:
        share = entry.get("resourceShareArn", "")
        grantees = [one["id"] for one in principals if one.get("resourceShareArn") == share and share in active]
        arn = parse_arn(entry["arn"])
        if arn is None or not grantees:
            continue
        grants = tuple(Grant(kind="ram-share", grantee=grantee, id=share) for grantee in grantees)
        owner = arn.account or account
        found.append(Resource(arn=entry["arn"], kind=kind_of(arn), account=owner, region=region, grants=grants))
    return tuple(found)


def read_tags(reading: Reading, region: str) -> Part:
    """Tags of every resource in the Region that is or was tagged: the only listing that covers all services."""
    call = "resourcegroupstaggingapi:GetResources"
    entries = reading.pages(call, "ResourceTagMappingList", region, ResourcesPerPage=100)
    return Part() if entries is None else Part(tags=tags_from_aws(entries))


def tags_from_aws(entries: Sequence[dict[str, Any]]) -> tuple[tuple[str, Tags], ...]:
    return tuple(
        (entry["ResourceARN"], tuple((tag["Key"], tag.get("Value", "")) for tag in entry.get("Tags", ())))
        for entry in entries
    )
