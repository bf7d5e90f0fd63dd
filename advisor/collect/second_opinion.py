"""What AWS itself says, where credentials allow to ask: Access Analyzer about policy texts, the Access Troubleshooter
about a request that was denied.

Source: Access Analyzer API, ValidatePolicy; `iam-toolbox` API (preview), GetRequestAuthorizationDetails.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.collect.calls import Clients
from advisor.collect.reading import describe, is_refused
from advisor.model.gap import Gap
from advisor.model.verdict import LayerName

if TYPE_CHECKING:
    from boto3 import Session

VALIDATE = "accessanalyzer:ValidatePolicy"
DETAILS = "iam-toolbox:GetRequestAuthorizationDetails"
_PAGES = 20
_QUICK: dict[str, Any] = {"attempts": 2, "connect_seconds": 5, "read_seconds": 15}
_LAYERS: dict[str, LayerName] = {
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
    "VPC_ENDPOINT": "endpoint",
    "RESOURCE": "resource",
    "PRINCIPAL": "identity",
    "PERMISSIONS_BOUNDARY": "boundary",
    "SESSION": "session",
}


class PolicyText(msgspec.Struct, frozen=True):
    """A policy to validate. `kind` and `resource_type` are those of ValidatePolicy."""

    name: str
    kind: str
    text: str
    resource_type: str = ""


class PolicyFinding(msgspec.Struct, frozen=True):
    """`kind`: `ERROR`, `SECURITY_WARNING`, `WARNING` or `SUGGESTION`."""

    policy: str
    kind: str
    code: str
    detail: str

    def __str__(self) -> str:
        return f"AWS {self.kind.lower().replace('_', ' ')} {self.code} in {self.policy}: {self.detail}"


class Check(msgspec.Struct, frozen=True):
    """One layer as AWS evaluated it: `ALLOW`, `NO_IMPACT`, `IMPLICIT_DENY` or `EXPLICIT_DENY`, by these policies."""

    layer: LayerName
    effect: str
    policies: tuple[str, ...] = ()


class Evaluation(msgspec.Struct, frozen=True):
    """One action on one resource as AWS evaluated it."""

    action: str
    resource: str
    effect: str
    checks: tuple[Check, ...] = ()

    @property
    def deciding(self) -> tuple[Check, ...]:
        """The layers that refused: by a statement if one did, else those that allowed nothing."""
        explicit = tuple(check for check in self.checks if check.effect == "EXPLICIT_DENY")
        return explicit or tuple(check for check in self.checks if check.effect == "IMPLICIT_DENY")


def validate_policies(
    texts: Iterable[PolicyText], session: Session, endpoint_url: str | None = None
) -> tuple[PolicyFinding, ...] | Gap:
    """AWS's findings about the policies, or why it could not be asked."""
    client = Clients(session, {VALIDATE}, endpoint_url=endpoint_url, **_QUICK).get("accessanalyzer")
    found: list[PolicyFinding] = []
    try:
        for text in texts:
            more = {"validatePolicyResourceType": text.resource_type} if text.resource_type else {}
            arguments = {"policyDocument": text.text, "policyType": text.kind, **more}
            found += [
                PolicyFinding(text.name, one["findingType"], one["issueCode"], one["findingDetails"])
                for page in _pages(client.validate_policy, arguments)
                for one in page["findings"]
            ]
    except Exception as error:
        return _gap(VALIDATE, error, "what AWS finds in the policies")
    return tuple(found)


def request_details(
    authorization_id: str, session: Session, endpoint_url: str | None = None
) -> tuple[Evaluation, ...] | Gap:
    """How AWS evaluated a denied request, or why it does not say (an older botocore knows no such service)."""
    try:
        client = Clients(session, {DETAILS}, endpoint_url=endpoint_url, **_QUICK).get("iam-toolbox")
        pages = _pages(client.get_request_authorization_details, {"authorizationId": authorization_id})
        return tuple(_evaluation(one) for page in pages for one in page["evaluations"])
    except Exception as error:
        return _gap(DETAILS, error, "how AWS evaluated the request")


def _pages(call: Any, arguments: dict[str, Any]) -> Iterable[dict[str, Any]]:
    token: dict[str, str] = {}
    for _ in range(_PAGES):
        page = call(**arguments, **token)
        yield page
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def _evaluation(one: dict[str, Any]) -> Evaluation:
    checks = tuple(
        Check(_LAYERS[check["checkType"]], check["evaluatedEffect"], tuple(p["uri"] for p in check["matchedPolicies"]))
        for check in ({"matchedPolicies": [], **check} for check in one.get("checks") or ())
        if check["checkType"] in _LAYERS
    )
    return Evaluation(one["action"], one["resource"], one.get("evaluatedEffect", ""), checks)


def _gap(call: str, error: Exception, unknown: str) -> Gap:
    """Errors of AWS and of the SDK; a mistake of ours is not one of them."""
    from botocore.exceptions import BotoCoreError, ClientError

    if not isinstance(error, BotoCoreError | ClientError):
        raise error
    return Gap(call, "refused" if is_refused(error) else "failed", describe(error), unknown)
