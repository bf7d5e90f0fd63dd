"""The demo account's answers, written down once and given again without a network: in one page or in two, with faults.

What the demo has no occasion for stands in `BESIDE`, so that every call of the collector is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from advisor.collect.calls import Clients
from advisor.collect.collection import Collection as Collecting
from advisor.collect.permissions import reads
from advisor.collect.readers.credentials import rows_from_aws
from advisor.collect.reading import Reading
from advisor.model.snapshot import Snapshot, Source
from tests.collect.conftest import ACCOUNT, FaultyDemo

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/demo"
DAY = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ProdAutomation"
SHARE = f"arn:aws:ram:{REGION}:{ACCOUNT}:resource-share/1"
SHARED = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1"
ANCHOR = f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:trust-anchor/1"
CLUSTER = {"clusterName": "main"}
APPLICATION = "arn:aws:account-access::111122223333:application/1"
KEY_READS = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants")

Answer = dict[str, Any] | ClientError
Fault = Callable[[str, int, str], Exception | None]
"""(call, page from 1, Region) → what it fails with."""

BESIDE: dict[str, dict[str, Any]] = {
    "account-access:ListApplications": {"applications": [{"applicationArn": APPLICATION}]},
    "account-access:ListEntitlements": {
        "entitlements": [
            {
                "entitlement": {
                    "principalRole": {
                        "account": ACCOUNT,
                        "roleArn": ROLE,
                        "principal": {"identityCenter": {"userId": "u-1"}},
                    }
                }
            }
        ]
    },
    "eks:ListClusters": {"clusters": ["main"]},
    "eks:ListPodIdentityAssociations": {
        "associations": [{"associationArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:pod/1", "associationId": "a-1"}]
    },
    "eks:DescribePodIdentityAssociation": {"association": {"roleArn": ROLE, "namespace": "n", "serviceAccount": "s"}},
    "iam:GenerateServiceLastAccessedDetails": {"JobId": "job"},
    "iam:GetServiceLastAccessedDetails": {
        "JobStatus": "COMPLETED",
        "ServicesLastAccessed": [
            {"ServiceNamespace": "s3", "LastAuthenticated": DAY},
            {"ServiceNamespace": "iam", "LastAuthenticated": DAY},
        ],
    },
    "iam:ListOrganizationsFeatures": {"EnabledFeatures": ["RootCredentialsManagement"]},
    "kms:DescribeKey": {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled"}},
    "kms:GetKeyPolicy": {
        "Policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
            }
        )
    },
    "kms:ListGrants": {
        "Grants": [
            {"GranteePrincipal": ROLE, "Operations": ["Decrypt"], "GrantId": "g1"},
            {"GranteePrincipal": "arn:aws:iam::444455556666:root", "Operations": ["Decrypt"], "GrantId": "g2"},
        ]
    },
    "ram:GetResourceShares": {"resourceShares": [{"resourceShareArn": SHARE, "status": "ACTIVE"}]},
    "ram:ListPrincipals": {
        "principals": [
            {"id": "444455556666", "resourceShareArn": SHARE},
            {"id": "777788889999", "resourceShareArn": SHARE},
        ]
    },
    "ram:ListResources": {"resources": [{"arn": SHARED, "resourceShareArn": SHARE}]},
    "rolesanywhere:ListTrustAnchors": {"trustAnchors": [{"trustAnchorArn": ANCHOR, "enabled": True}]},
    "rolesanywhere:ListProfiles": {
        "profiles": [{"profileArn": f"{ANCHOR}/p", "enabled": True, "name": "p", "roleArns": [ROLE]}]
    },
}
"""Answers of calls by name, the same for all parameters."""


class Recorder(Clients):
    """Clients that write down what the demo answers."""

    def __init__(self, live: FaultyDemo) -> None:
        super().__init__(live.demo.session(), reads(), endpoint_url=live.demo.endpoint_url)
        self.answers: dict[tuple[str, str, str], Answer] = {}

    def get(self, service: str, region: str | None = None) -> Any:
        client, place = super().get(service, region), region or self.home_region

        def answer(name: str, parameters: dict[str, Any]) -> Any:
            call = getattr(client, xform_name(name.split(":")[1]))
            try:
                found = call(**parameters)
            except ClientError as error:
                found = error
            self.answers[name, place, _key(parameters)] = found
            return _given(found)

        return _Client(service, answer)


class Replayed:
    """Stands in for `Clients`: the recorded answers and those of `BESIDE`.

    `split` gives each list in two pages (one that may have pages, as AWS's own model of the call says), the second
    one empty where there is only one thing. `fault` is asked before each answer.
    """

    partition = "aws"
    home_region = "eu-central-1"

    def __init__(
        self,
        answers: Mapping[tuple[str, str, str], Answer],
        *,
        split: bool | Collection[str] = False,
        fault: Fault = lambda *_: None,
    ) -> None:
        self._answers = answers
        self._split = split
        self.fault = fault
        self._lock = Lock()
        self.calls: list[tuple[str, int]] = []
        """(call, page), as they come."""

    def get(self, service: str, region: str | None = None) -> Any:
        return _Client(service, lambda name, parameters: self._answer(name, region or self.home_region, parameters))

    def _answer(self, name: str, region: str, parameters: dict[str, Any]) -> dict[str, Any]:
        tokens = PAGED.get(name)
        page = 2 if tokens is not None and parameters.pop(tokens.into, None) == NEXT else 1
        with self._lock:
            self.calls.append((name, page))
        failed = self.fault(name, page, region)
        if failed is not None:
            raise failed
        beside = BESIDE.get(name) if region == REGION or name.split(":")[0] not in ("eks", "kms") else None
        if name == "iam:GetLoginProfile":
            beside = self._login_profile(**parameters)
        whole = _given(beside or self._answers.get((name, region, _key(parameters)), {}))
        is_split = self._split is True or (self._split is not False and name in self._split)
        return tokens.page_of(whole, page) if tokens is not None and is_split else whole

    def _login_profile(self, UserName: str) -> dict[str, Any]:
        """What the credential report says: it is asked for each user where the report may not be read."""
        report = self._answers["iam:GetCredentialReport", self.home_region, "{}"]
        (row,) = [row for row in rows_from_aws(_given(report)["Content"]) if row["user"] == UserName]
        if row["password_enabled"] != "true":
            raise error("NoSuchEntity", "iam:GetLoginProfile")
        return {"LoginProfile": {"CreateDate": DAY}}


class _Client:
    def __init__(self, service: str, answer: Callable[[str, dict[str, Any]], Any]) -> None:
        self._service = service
        self._answer = answer

    def __getattr__(self, method: str) -> Callable[..., Any]:
        name = NAMES[self._service, method]
        return lambda **parameters: self._answer(name, parameters)


class Tokens:
    """How one call pages: the names of the token in the answer and in the request, and of the lists."""

    def __init__(self, out: str, into: str, lists: tuple[str, ...], flag: str) -> None:
        self.out, self.into, self.lists, self.flag = out, into, lists, flag

    def page_of(self, whole: dict[str, Any], page: int) -> dict[str, Any]:
        """The first or the second half."""
        half = dict(whole)
        for name in self.lists:
            entries = whole.get(name) or []
            middle = (len(entries) + 1) // 2
            half[name] = entries[:middle] if page == 1 else entries[middle:]
        if page == 1:
            half[self.out] = NEXT
        if self.flag:
            half[self.flag] = page == 1
        return half


NEXT = "the second page"
NAMES = {(name.split(":")[0], xform_name(name.split(":")[1])): name for name in reads()}


def _paged() -> dict[str, Tokens]:
    """Each call that AWS's model of the service gives a token, whether or not the SDK has a paginator for it."""
    from botocore.session import get_session

    session, found = get_session(), {}
    for name in reads():
        service, operation = name.split(":")
        model = session.get_service_model(service).operation_model(operation)
        out = model.output_shape.members if model.output_shape else {}
        into = model.input_shape.members if model.input_shape else {}
        pairs = [(one, "Marker" if one == "NextMarker" else one) for one in out if one.lower().endswith(WORDS)]
        for token, parameter in pairs:
            if parameter in into:
                lists = tuple(key for key, shape in out.items() if shape.type_name == "list")
                flag = next((key for key in ("IsTruncated", "Truncated") if key in out), "")
                found[name] = Tokens(token, parameter, lists, flag)
    return found


WORDS = ("token", "marker")
PAGED = _paged()


def _key(parameters: dict[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, default=str)


def _given(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Exception):
        raise answer
    return dict(answer)


def record(live: FaultyDemo) -> dict[tuple[str, str, str], Answer]:
    """One reading of the demo, with last use left out."""
    clients = Recorder(live)
    with Reading(clients, ACCOUNT) as reading:
        Collecting(reading, Source("live"), CALLER, ()).run()
    return clients.answers


def read(clients: Replayed) -> Snapshot:
    """One reading of what was recorded."""
    with Reading(clients, ACCOUNT) as reading:  # type: ignore[arg-type]
        return Collecting(reading, Source("live"), CALLER, (), last_accessed=True).run()


def error(code: str, call: str) -> ClientError:
    message = f"User: {CALLER} is not authorized to perform: {call}" if code.startswith("AccessDenied") else code
    return ClientError({"Error": {"Code": code, "Message": message}}, call.split(":")[1])
