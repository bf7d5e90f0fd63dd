"""AWS's own opinion at botocore's edge: what is sent, what is made of the answer, and what a refusal means."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from advisor.collect.calls import Clients
from advisor.collect.second_opinion import DETAILS, VALIDATE, PolicyText, request_details, validate_policies
from advisor.model.gap import Gap

TEXT = PolicyText("ours", "IDENTITY_POLICY", '{"Version":"2012-10-17","Statement":[]}')
TRUST = PolicyText("trust", "RESOURCE_POLICY", "{}", "AWS::IAM::AssumeRolePolicyDocument")


def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x", region_name="eu-west-1")


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stubber]:
    """A stubber for each service, made as the client is."""
    found: dict[str, Stubber] = {}
    make = Clients._make

    def stub(clients: Clients, service: str, region: str) -> Any:
        return found[service].client if service in found else make(clients, service, region)

    for service in ("accessanalyzer", "iam-toolbox"):
        client = Clients(session(), {VALIDATE, DETAILS}).get(service)
        found[service] = Stubber(client)
        found[service].activate()
    monkeypatch.setattr(Clients, "_make", stub)
    return found


def finding(code: str) -> dict[str, Any]:
    return {
        "findingDetails": f"about {code}", "findingType": "SECURITY_WARNING", "issueCode": code,
        "learnMoreLink": "https://docs.aws.amazon.com/", "locations": [],
    }  # fmt: skip


def test_every_page_of_every_text_is_read(stubbed: dict[str, Stubber]) -> None:
    stub = stubbed["accessanalyzer"]
    first = {"policyDocument": TEXT.text, "policyType": "IDENTITY_POLICY"}
    stub.add_response("validate_policy", {"findings": [finding("A")], "nextToken": "2"}, first)
    stub.add_response("validate_policy", {"findings": [finding("B")]}, {**first, "nextToken": "2"})
    stub.add_response(
        "validate_policy",
        {"findings": []},
        {
            "policyDocument": "{}",
            "policyType": "RESOURCE_POLICY",
            "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
        },
    )
    found = validate_policies((TEXT, TRUST), session())
    assert isinstance(found, tuple)
    assert [str(one) for one in found] == [
        "AWS security warning A in ours: about A",
        "AWS security warning B in ours: about B",
    ]
    stub.assert_no_pending_responses()


def test_a_refusal_is_a_gap(stubbed: dict[str, Stubber]) -> None:
    stubbed["accessanalyzer"].add_client_error("validate_policy", "AccessDeniedException", "no", 403)
    found = validate_policies((TEXT,), session())
    assert isinstance(found, Gap)
    assert (found.call, found.kind) == (VALIDATE, "refused")


def check(kind: str, effect: str, *policies: str) -> dict[str, Any]:
    return {"checkType": kind, "evaluatedEffect": effect, "matchedPolicies": [{"uri": uri} for uri in policies]}


def test_the_layer_that_refused_is_told_apart_from_those_that_were_silent(stubbed: dict[str, Stubber]) -> None:
    evaluation = {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::payroll/1",
        "evaluatedEffect": "EXPLICIT_DENY",
        "checks": [
            check("PRINCIPAL", "IMPLICIT_DENY"),
            check("SERVICE_CONTROL_POLICY", "EXPLICIT_DENY", "arn:aws:organizations::111122223333:policy/o-e/p-1"),
            check("SESSION", "NO_IMPACT"),
        ],
    }
    answer = {"requestContext": {}, "evaluations": [evaluation], "policies": []}
    stubbed["iam-toolbox"].add_response(
        "get_request_authorization_details", answer, {"authorizationId": "example-id-0001"}
    )
    found = request_details("example-id-0001", session())
    assert isinstance(found, tuple)
    ((deciding,),) = (one.deciding for one in found)
    assert (deciding.layer, deciding.effect) == ("scp", "EXPLICIT_DENY")
    assert deciding.policies == ("arn:aws:organizations::111122223333:policy/o-e/p-1",)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("AccessDeniedException", 403, "refused"), ("ResourceNotFoundException", 404, "failed")],
)
def test_details_that_aws_does_not_give_leave_our_own_evaluation(
    stubbed: dict[str, Stubber], code: str, status: int, kind: str
) -> None:
    stubbed["iam-toolbox"].add_client_error("get_request_authorization_details", code, "no", status)
    found = request_details("example-id-0001", session())
    assert isinstance(found, Gap)
    assert found.kind == kind


def test_a_mistake_of_ours_is_not_taken_for_a_refusal(stubbed: dict[str, Stubber]) -> None:
    with pytest.raises(AttributeError):
        validate_policies((None,), session())  # type: ignore[arg-type]
