"""What watches the account: trails, analyzers, configuration history, threat detection, alarms."""

from __future__ import annotations

import json
from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.snapshot import Analyzer, Trail

ROOT_ALARM_REGION = "us-east-1"
"""Where the console signs root in, and so where a rule sees it."""


def read_trails(reading: Reading, region: str) -> Part:
    """Trails that are at home in the Region, and shadows of those whose home is not read."""
    answer = reading.call("cloudtrail:DescribeTrails", region, includeShadowTrails=True)
    if answer is None:
        return Part()
    found = []
    for trail in answer.get("trailList", ()):
        home = trail.get("HomeRegion", region)
        if home == region or home not in reading.regions:
            arn = trail["TrailARN"]
            status = reading.call("cloudtrail:GetTrailStatus", region, resource=arn, Name=arn)
            found.append(trail_from_aws(trail, status))
    return Part(settings={"trails": tuple(found)})


def trail_from_aws(trail: dict[str, Any], status: dict[str, Any] | None) -> Trail:
    """A trail from DescribeTrails; whether it is recording comes from GetTrailStatus."""
    return Trail(
        arn=trail["TrailARN"],
        name=trail["Name"],
        home_region=trail.get("HomeRegion", ""),
        multi_region=bool(trail.get("IsMultiRegionTrail")),
        organization=bool(trail.get("IsOrganizationTrail")),
        logging=None if status is None else bool(status.get("IsLogging")),
        log_validation=trail.get("LogFileValidationEnabled"),
        bucket=trail.get("S3BucketName", ""),
    )


def read_analyzers(reading: Reading, region: str) -> Part:
    analyzers = reading.pages("accessanalyzer:ListAnalyzers", "analyzers", region)
    if analyzers is None:
        return Part()
    found = tuple(
        Analyzer(arn=one["arn"], name=one["name"], region=region, type=one["type"], status=one["status"])
        for one in analyzers
    )
    watching = [one for one in found if one.type in OF_OUTSIDE and one.status == "ACTIVE"]
    lists = [_findings(reading, one.arn, region) for one in watching]
    read = [one for one in lists if one is not None]
    extra = {"analyzer.findings": {region: [entry for one in read for entry in one]}} if read else {}
    return Part(settings={"analyzers": found}, extra=extra)


OF_OUTSIDE = ("ACCOUNT", "ORGANIZATION")
"""Types of analyzers that look for access from outside."""


def _findings(reading: Reading, analyzer: str, region: str) -> list[dict[str, Any]] | None:
    """Active findings about this account: what is open, to whom. `None`: they were not read."""
    active = {"status": {"eq": ["ACTIVE"]}}
    found = reading.pages(
        "accessanalyzer:ListFindings", "findings", region, resource=analyzer, analyzerArn=analyzer, filter=active
    )
    if found is None:
        return None
    return [
        {
            "resource": str(one["resource"]),
            "type": str(one.get("resourceType", "")),
            "public": bool(one.get("isPublic")),
            "principals": sorted(map(str, (one.get("principal") or {}).values())),
        }
        for one in found
        if one.get("resource") and one.get("resourceOwnerAccount", reading.account) == reading.account
    ]


def read_detectors(reading: Reading, region: str) -> Part:
    """GuardDuty: on where a detector is there and enabled."""
    detectors = reading.pages("guardduty:ListDetectors", "DetectorIds", region)
    if detectors is None:
        return Part()
    states = [reading.call("guardduty:GetDetector", region, DetectorId=detector) for detector in detectors]
    if None in states:
        return Part()
    return Part(extra={"setup.X1": {region: any(state and state.get("Status") == "ENABLED" for state in states)}})


def read_recorders(reading: Reading, region: str) -> Part:
    answer = reading.call("config:DescribeConfigurationRecorderStatus", region)
    if answer is None:
        return Part()
    on = any(recorder.get("recording") for recorder in answer.get("ConfigurationRecordersStatus", ()))
    return Part(extra={"setup.X2": {region: on}})


def read_hub(reading: Reading, region: str) -> Part:
    """Security Hub CSPM: InvalidAccessException says that it is off."""
    answer = reading.call(
        "securityhub:DescribeHub", region, none=("InvalidAccessException", "ResourceNotFoundException")
    )
    return Part() if answer is None else Part(extra={"setup.X3": {region: "HubArn" in answer}})


def read_root_alarm(reading: Reading) -> Part:
    """Whether a rule tells somebody when root signs in."""
    rules = reading.pages("events:ListRules", "Rules", ROOT_ALARM_REGION)
    if rules is None:
        return Part()
    watching = [rule for rule in rules if rule.get("State") == "ENABLED" and watches_root(rule.get("EventPattern"))]
    targets = [_targets(reading, rule) for rule in watching]
    if None in targets:
        return Part()
    return Part(extra={"setup.L2": any(targets)})


def _targets(reading: Reading, rule: dict[str, Any]) -> list[Any] | None:
    call = "events:ListTargetsByRule"
    return reading.pages(call, "Targets", ROOT_ALARM_REGION, resource=rule.get("Arn"), Rule=rule["Name"])


def watches_root(pattern: str | None) -> bool:
    """Whether an event pattern matches sign-ins of root: `detail.userIdentity.type` lists `Root`."""
    try:
        found = json.loads(pattern or "{}")
        kinds = found.get("detail", {}).get("userIdentity", {}).get("type", [])
    except (ValueError, AttributeError):
        return False
    return "Root" in kinds
