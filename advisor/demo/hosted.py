"""Services and calls that moto does not have, answered by the front itself: as much as reading and applying need."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from advisor.demo.requests import Call
from advisor.demo.story import Story

Answer = tuple[int, str, bytes]
"""HTTP status, content type, body."""
Handler = Callable[["Hosted", Call], Answer]
JSON = "application/json"
XML = "text/xml"


class Hosted:
    """Answers calls by name; what it is told (a new analyzer, a switch) it remembers as long as it lives."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._analyzers = [self._analyzer(one.name, one.region, one.type) for one in story.watch.analyzers]
        self._switches: dict[tuple[str, str], str] = {}

    def answer(self, call: Call) -> Answer | None:
        """The answer, or `None` when the call is moto's."""
        if call.service == "accessanalyzer":
            call.look_up()
        handler = HANDLERS.get(call.name)
        return handler(self, call) if handler else None

    def _analyzer(self, name: str, region: str, kind: str) -> dict[str, Any]:
        arn = f"arn:aws:access-analyzer:{region}:{self.story.account.id}:analyzer/{name}"
        return {"arn": arn, "name": name, "type": kind, "status": "ACTIVE", "createdAt": "2026-01-15T09:00:00Z"}

    def list_analyzers(self, call: Call) -> Answer:
        here = [one for one in self._analyzers if f":{call.region}:" in one["arn"]]
        return as_json({"analyzers": here})

    def create_analyzer(self, call: Call) -> Answer:
        asked = json.loads(call.body)
        made = self._analyzer(asked["analyzerName"], call.region, asked["type"])
        if any(one["arn"] == made["arn"] for one in self._analyzers):
            return as_json({"message": "An analyzer of this name exists."}, 409, "ConflictException")
        self._analyzers.append(made)
        return as_json({"arn": made["arn"]})

    def delete_analyzer(self, call: Call) -> Answer:
        name = call.path.rstrip("/").rsplit("/", 1)[-1]
        gone = f"access-analyzer:{call.region}:{self.story.account.id}:analyzer/{name}"
        self._analyzers = [one for one in self._analyzers if not one["arn"].endswith(f":{gone}")]
        return as_json({})

    def list_regions(self, call: Call) -> Answer:
        account = self.story.account
        regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in account.regions]
        return as_json({"Regions": regions})

    def describe_regions(self, call: Call) -> Answer:
        items = "".join(
            f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
            "<optInStatus>opt-in-not-required</optInStatus></item>"
            for name in self.story.account.regions
        )
        return as_ec2("DescribeRegions", f"<regionInfo>{items}</regionInfo>")

    def contact_information(self, call: Call) -> Answer:
        found = {"FullName": "Acme", "AddressLine1": "1 Example Street", "City": "Berlin", "CountryCode": "DE"}
        return as_json({"ContactInformation": {**found, "PostalCode": "10115", "PhoneNumber": "+49 30 000000"}})

    def plan(self, call: Call) -> Answer:
        found = {"accountId": self.story.account.id, "accountPlanType": self.story.watch.plan}
        return as_json({**found, "accountPlanStatus": "ACTIVE"})

    def switch(self, name: str, region: str, default: str) -> str:
        return self._switches.get((name, region), default)

    def set_switch(self, name: str, region: str, value: str) -> None:
        self._switches[name, region] = value


def as_json(value: dict[str, Any], status: int = 200, error: str = "") -> Answer:
    if error:
        value = {"__type": error, **value}
    return status, JSON, json.dumps(value).encode()


def as_ec2(operation: str, inner: str) -> Answer:
    text = f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>demo</requestId>{inner}'
    return 200, XML, f"{text}</{operation}Response>".encode()


def _always(value: dict[str, Any]) -> Handler:
    return lambda hosted, call: as_json(value)


def _never(status: int, error: str, message: str) -> Handler:
    return lambda hosted, call: as_json({"message": message}, status, error)


def _ec2_state(name: str, tag: str, default: str) -> Handler:
    """Reads a switch of the Region."""

    def read(hosted: Hosted, call: Call) -> Answer:
        value = hosted.switch(name, call.region, default)
        return as_ec2(call.operation, f"<{tag}>{escape(value)}</{tag}>")

    return read


def _ec2_set(name: str, parameter: str, tag: str, off: str = "") -> Handler:
    """Sets a switch of the Region to what is asked for, or off."""

    def write(hosted: Hosted, call: Call) -> Answer:
        value = call.form.get(parameter) or off
        hosted.set_switch(name, call.region, value)
        return as_ec2(call.operation, f"<{tag}>{escape(value)}</{tag}>")

    return write


def _metadata_defaults(hosted: Hosted, call: Call) -> Answer:
    tokens = hosted.switch("http-tokens", call.region, "")
    inner = f"<accountLevel><httpTokens>{escape(tokens)}</httpTokens></accountLevel>" if tokens else "<accountLevel/>"
    return as_ec2(call.operation, inner)


def _set_metadata_defaults(hosted: Hosted, call: Call) -> Answer:
    tokens = call.form.get("HttpTokens", "")
    hosted.set_switch("http-tokens", call.region, "" if tokens == "no-preference" else tokens)
    return as_ec2(call.operation, "<return>true</return>")


SNAPSHOTS = ("snapshots", "state", "unblocked")
IMAGES = ("images", "imageBlockPublicAccessState", "unblocked")
HANDLERS: dict[str, Handler] = {
    "accessanalyzer:ListAnalyzers": Hosted.list_analyzers,
    "accessanalyzer:CreateAnalyzer": Hosted.create_analyzer,
    "accessanalyzer:DeleteAnalyzer": Hosted.delete_analyzer,
    "accessanalyzer:ListFindings": _always({"findings": []}),
    "accessanalyzer:ListFindingsV2": _always({"findings": []}),
    "accessanalyzer:ValidatePolicy": _always({"findings": []}),
    "account:ListRegions": Hosted.list_regions,
    "account:GetContactInformation": Hosted.contact_information,
    "account-access:ListApplications": _always({"applications": []}),
    "ce:GetAnomalyMonitors": _always({"AnomalyMonitors": []}),
    "ec2:DescribeRegions": Hosted.describe_regions,
    "ec2:GetSnapshotBlockPublicAccessState": _ec2_state(*SNAPSHOTS),
    "ec2:EnableSnapshotBlockPublicAccess": _ec2_set("snapshots", "State", "state"),
    "ec2:DisableSnapshotBlockPublicAccess": _ec2_set("snapshots", "", "state", "unblocked"),
    "ec2:GetImageBlockPublicAccessState": _ec2_state(*IMAGES),
    "ec2:EnableImageBlockPublicAccess": _ec2_set("images", "ImageBlockPublicAccessState", IMAGES[1]),
    "ec2:DisableImageBlockPublicAccess": _ec2_set("images", "", IMAGES[1], "unblocked"),
    "ec2:GetInstanceMetadataDefaults": _metadata_defaults,
    "ec2:ModifyInstanceMetadataDefaults": _set_metadata_defaults,
    "freetier:GetAccountPlanState": Hosted.plan,
    "eks:ListClusters": _always({"clusters": []}),
    "ram:GetResourceShares": _always({"resourceShares": []}),
    "ram:ListPrincipals": _always({"principals": []}),
    "ram:ListResources": _always({"resources": []}),
    "rolesanywhere:ListTrustAnchors": _always({"trustAnchors": []}),
    "rolesanywhere:ListProfiles": _always({"profiles": []}),
    "sso-admin:DescribeInstanceAccessControlAttributeConfiguration": _never(
        400, "ResourceNotFoundException", "Attributes for access control are not configured."
    ),
    "securityhub:DescribeHub": _never(401, "InvalidAccessException", "Account is not subscribed to AWS Security Hub"),
}
