"""What refused, failing, throttled, ended and strange answers do to a collection."""

from __future__ import annotations

import time
from typing import Any

import pytest

from advisor.collect.calls import Clients, NotARead
from advisor.collect.live import collect_account
from advisor.collect.permissions import reads
from advisor.collect.readers import authorization
from advisor.collect.reading import Reading, describe
from advisor.collect.signin import SignInEnded
from advisor.errors import AdvisorError, SignInError
from advisor.model.gap import Gap
from tests.collect.conftest import ACCOUNT, FaultyDemo

NO_OCCASION = {
    "account-access:ListEntitlements",
    "eks:DescribePodIdentityAssociation",
    "eks:ListPodIdentityAssociations",
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetLoginProfile",
    "iam:GetServiceLastAccessedDetails",
    "iam:ListSigningCertificates",
    "ram:ListPrincipals",
    "ram:ListResources",
    "rolesanywhere:ListProfiles",
    "s3:GetBucketLocation",
}
"""Calls that the demo account gives no occasion for while the calls before them answer: see `test_readers.py`."""


@pytest.fixture(scope="module")
def refused(faulty: FaultyDemo) -> dict[str, Gap]:
    """Gaps by call, of a few collections: each refuses all calls that no collection before it refused.

    So the lists are refused first, then what is asked for each thing in them, then what is asked for these.
    """
    found: dict[str, Gap] = {}
    left = set(reads()) - {"sts:GetCallerIdentity"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in faulty.demo.environment.items():
            patch.setenv(name, value)
        while left:
            faulty.set_faults(*({"call": call, "kind": "denied"} for call in sorted(left)))
            gaps = collect_account()[0].gaps
            new = {gap.call: gap for gap in gaps if gap.call in left}
            if not new:
                break
            found.update(new)
            left -= set(new)
    faulty.set_faults()
    return found


@pytest.mark.parametrize("call", sorted(set(reads()) - {"sts:GetCallerIdentity", "ec2:DescribeRegions"} - NO_OCCASION))
def test_each_refused_call_becomes_a_gap(call: str, refused: dict[str, Gap]) -> None:
    gap = refused[call]
    assert gap.kind == "refused"
    assert "not authorized" in gap.reason
    assert gap.makes_unknown.startswith(reads()[call].unknown)


def test_refused_regions_leave_the_sessions_own(live: FaultyDemo) -> None:
    live.set_faults({"call": "ec2:DescribeRegions", "kind": "denied"})
    snapshot = collect_account()[0]
    assert snapshot.settings.regions == ("eu-central-1",)
    assert "ec2:DescribeRegions" in {gap.call for gap in snapshot.gaps}


def test_a_refused_list_of_principals_still_gives_a_snapshot(live: FaultyDemo) -> None:
    live.set_faults({"call": "iam:GetAccountAuthorizationDetails", "kind": "denied"})
    snapshot = collect_account(regions=("eu-west-1",))[0]
    assert snapshot.users == ()
    assert "identity" not in snapshot.source.read_layers
    assert snapshot.resources


def test_a_refusal_in_several_regions_is_one_gap_that_names_them(live: FaultyDemo) -> None:
    live.set_faults({"call": "sqs:ListQueues", "kind": "denied"})
    gaps = [gap for gap in collect_account()[0].gaps if gap.call == "sqs:ListQueues"]
    assert [gap.makes_unknown for gap in gaps] == ["which queues there are in eu-central-1, eu-west-1"]


def test_what_a_project_accounts_scps_refuse_is_expected(live: FaultyDemo) -> None:
    from advisor.collect.collection import expected_gaps
    from advisor.collect.readers.part import Part
    from advisor.model.document import parse_document
    from advisor.model.organization import Organization
    from advisor.model.principal import Role

    trust = parse_document({"Version": "2012-10-17", "Statement": []})
    role = Role(arn=f"arn:aws:iam::{ACCOUNT}:role/managed/Owner", name="Owner", trust=trust, path="/managed/")
    parts = (Part(roles=(role,), organization=Organization(id="o-1", management_account="999988887777")),)
    live.set_faults({"call": "iam:ListAccountAliases", "kind": "scp"})
    with live.reading() as reading:
        reading.pages("iam:ListAccountAliases", "AccountAliases")
        (gap,) = expected_gaps(reading.gaps, ACCOUNT, parts)
        assert (gap.kind, gap.reason) == ("expected", "AWS runs this for project accounts")
        assert expected_gaps(reading.gaps, ACCOUNT, ()) == reading.gaps


@pytest.mark.parametrize("kind", ["throttle", "unavailable"])
@pytest.mark.parametrize("call", ["iam:GetAccountSummary", "organizations:DescribeOrganization"])
def test_throttling_and_outages_are_retried(live: FaultyDemo, kind: str, call: str) -> None:
    live.set_faults({"call": call, "kind": kind, "times": 2})
    with live.reading() as reading:
        assert reading.call(call) is not None
        assert reading.gaps == ()
    assert live.set_faults()[call] == 3


def test_a_slow_answer_is_waited_for(live: FaultyDemo) -> None:
    live.set_faults({"call": "iam:GetAccountSummary", "kind": "slow", "seconds": 0.3})
    with live.reading() as reading:
        started = time.monotonic()
        assert reading.call("iam:GetAccountSummary") is not None
        assert time.monotonic() - started >= 0.3


def test_an_answer_that_cannot_be_parsed_is_a_gap(live: FaultyDemo) -> None:
    live.set_faults({"call": "iam:GetAccountSummary", "kind": "garbage"})
    clients = Clients(live.demo.session(), reads(), endpoint_url=live.demo.endpoint_url, attempts=1)
    with Reading(clients, ACCOUNT) as reading:
        assert reading.call("iam:GetAccountSummary") is None
        (gap,) = reading.gaps
    assert gap.kind == "failed"


def test_an_endpoint_that_nobody_listens_at_is_a_gap(live: FaultyDemo) -> None:
    clients = Clients(live.demo.session(), reads(), endpoint_url="http://127.0.0.1:9", attempts=1)
    with Reading(clients, ACCOUNT) as reading:
        assert reading.call("iam:GetAccountSummary") is None
        assert "Could not connect" in reading.gaps[0].reason


def test_an_ended_session_keeps_what_was_read_and_says_how_to_go_on(live: FaultyDemo) -> None:
    live.set_faults({"call": "s3:*", "kind": "expired"}, {"call": "kms:*", "kind": "expired"})
    with pytest.raises(SignInEnded) as ended:
        collect_account()
    assert "sign-in ended" in ended.value.message
    assert "AWS_SESSION_TOKEN" in ended.value.advice
    (snapshot,) = ended.value.snapshots
    assert len(snapshot.users) == 13
    assert "the sign-in ended before it was read" in {gap.reason for gap in snapshot.gaps}


def test_a_region_that_is_switched_off_does_not_end_the_session(live: FaultyDemo) -> None:
    from botocore.exceptions import ClientError

    def unknown_token(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "UnrecognizedClientException", "Message": "token invalid"}}, "ListQueues")

    with live.reading() as reading:
        reading.clients.get("sqs", "me-south-1").list_queues = unknown_token
        assert reading.pages("sqs:ListQueues", "QueueUrls", "me-south-1") is None
        assert not reading.expired.is_set()


def test_credentials_that_nobody_knows_are_a_sign_in_error(live: FaultyDemo) -> None:
    live.set_faults({"call": "sts:GetCallerIdentity", "kind": "expired"})
    with pytest.raises(SignInError) as error:
        collect_account()
    assert "expired" in error.value.message
    assert error.value.advice


def test_a_clock_that_is_wrong_is_named_as_the_cause(live: FaultyDemo) -> None:
    live.set_faults({"call": "sts:GetCallerIdentity", "kind": "skewed"})
    with pytest.raises(SignInError, match="clock of this machine") as error:
        collect_account()
    assert "set the clock" in error.value.advice


def test_no_credentials_at_all_are_a_sign_in_error() -> None:
    with pytest.raises(SignInError) as error:
        collect_account()
    assert error.value.message == "no credentials were found"
    assert "aws login" in error.value.advice


def test_a_silent_endpoint_is_an_error_of_its_own(live: FaultyDemo) -> None:
    with pytest.raises(AdvisorError, match="does not answer"):
        from advisor.collect.signin import identify

        identify(live.demo.session(), "http://127.0.0.1:9", attempts=1)


def test_pages_are_read_to_the_end(live: FaultyDemo, monkeypatch: pytest.MonkeyPatch) -> None:
    with live.reading() as reading:
        whole = authorization.read(reading)
    live.set_faults()
    monkeypatch.setattr(authorization, "PAGE", 7)
    with live.reading() as reading:
        assert authorization.read(reading) == whole
    assert live.set_faults()["iam:GetAccountAuthorizationDetails"] == 8


def test_a_page_that_fails_keeps_the_pages_before_it(live: FaultyDemo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorization, "PAGE", 7)
    refuse = {"call": "iam:GetAccountAuthorizationDetails", "kind": "denied"}

    def after_two(what: str, done: int, total: int | None) -> None:
        if done >= 14:
            live.set_faults(refuse)

    with live.reading(progress=after_two) as reading:
        assert len(authorization.fetch_pages(reading)) == 2
        assert [gap.call for gap in reading.gaps] == ["iam:GetAccountAuthorizationDetails"]


def test_whatever_is_not_a_read_is_refused_before_it_is_sent(live: FaultyDemo) -> None:
    with live.reading() as reading:
        with pytest.raises(NotARead, match="iam:CreateUser"):
            reading.clients.get("iam").create_user(UserName="nobody")
        with pytest.raises(NotARead, match="secretsmanager:GetSecretValue"):
            reading.clients.get("secretsmanager").get_secret_value(SecretId="web/api")
    assert live.set_faults() == {}


def test_reasons_hold_no_key_ids_and_no_control_characters() -> None:
    from botocore.exceptions import ClientError

    message = "bad \x1b[31mkey AKIAIOSFODNN7EXAMPLE\nEncoded authorization failure message: abcdef"
    told = describe(ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "GetRole"))
    assert told == "AccessDenied: bad  [31mkey (key id)"
