"""The last use of services and actions: asked for only when wanted, complete or not known, told with its date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from advisor.collect.live import collect_account
from advisor.collect.permissions import policy_for
from advisor.collect.readers import usage
from advisor.collect.reading import Reading
from advisor.collect.redact import redact
from advisor.collect.saved import dump, load
from advisor.errors import UsageError
from advisor.model.document import parse_document
from advisor.model.principal import Role, User
from advisor.model.snapshot import Snapshot, Source
from advisor.model.usage import ServiceUse
from advisor.reference.usage import LastUse, last_use
from tests.collect.conftest import ACCOUNT

Canned = Callable[[dict[str, Any]], Reading]
DAY = datetime(2026, 11, 1, tzinfo=UTC)
TOLD = "2026-11-01T00:00:00+00:00"
ANA = User(f"arn:aws:iam::{ACCOUNT}:user/ana", "ana")
BEN = User(f"arn:aws:iam::{ACCOUNT}:user/ben", "ben")
TRUST = parse_document({"Version": "2012-10-17", "Statement": []})
LINKED = Role(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/E", "E", TRUST)
S3 = {
    "ServiceName": "Amazon S3",
    "ServiceNamespace": "s3",
    "LastAuthenticated": DAY,
    "TrackedActionsLastAccessed": [
        {"ActionName": "PutBucketPolicy"},
        {"ActionName": "CreateBucket", "LastAccessedTime": DAY},
    ],
}
IAM = {"ServiceName": "IAM", "ServiceNamespace": "iam"}


def _refused(**_: Any) -> Any:
    from botocore.exceptions import ClientError

    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "Call")


def _answering(*pages: dict[str, Any]) -> dict[str, Any]:
    waiting = list(pages)
    return {
        usage.ASK: lambda Arn, Granularity: {"JobId": Arn},
        usage.GET: lambda **_: waiting.pop(0) if len(waiting) > 1 else waiting[0],
    }


def test_services_and_tracked_actions_are_read_once_the_report_is_there(canned: Canned) -> None:
    reading = canned(
        _answering(
            {"JobStatus": "IN_PROGRESS"},
            {"JobStatus": "COMPLETED", "ServicesLastAccessed": [S3], "IsTruncated": True, "Marker": "2"},
            {"JobStatus": "COMPLETED", "ServicesLastAccessed": [IAM]},
        )
    )
    uses = usage.read(reading, (ANA, LINKED)).uses
    assert uses == {
        ANA.arn: (
            ServiceUse("s3", TOLD, (("PutBucketPolicy", None), ("CreateBucket", TOLD))),
            ServiceUse("iam"),
        )
    }
    assert reading.gaps == ()


def test_what_is_refused_once_is_not_asked_again_and_stays_unknown(canned: Canned) -> None:
    reading = canned({usage.ASK: _refused})
    assert usage.read(reading, (ANA, BEN)).uses == {}
    (gap,) = reading.gaps
    assert (gap.call, gap.kind) == (usage.ASK, "refused") and "last used" in gap.makes_unknown
    assert reading.clients.calls == [usage.ASK]  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", ["FAILED", "IN_PROGRESS"])
def test_a_report_that_fails_or_never_comes_is_a_gap(
    canned: Canned, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "REPORT_SECONDS", -1)
    reading = canned(_answering({"JobStatus": state, "Error": {"Message": "no report", "Code": "X"}}))
    assert usage.read(reading, (ANA,)).uses == {}
    assert [(gap.call, gap.kind, gap.resource) for gap in reading.gaps] == [(usage.GET, "failed", ANA.arn)]


def test_half_a_report_is_no_report(canned: Canned) -> None:
    """What stands on the missing page would look as if it was never used."""
    pages = iter([{"JobStatus": "COMPLETED", "ServicesLastAccessed": [S3], "IsTruncated": True, "Marker": "2"}])

    def get(**_: Any) -> Any:
        page = next(pages, None)
        return page if page is not None else _refused()

    reading = canned({**_answering({}), usage.GET: get})
    assert usage.read(reading, (ANA,)).uses == {} and len(reading.gaps) == 1


def test_the_last_use_of_an_action_is_exact_bounded_or_unknown() -> None:
    uses = (
        ServiceUse("s3", TOLD, (("PutBucketPolicy", None), ("CreateBucket", TOLD))),
        ServiceUse("iam", TOLD),
        ServiceUse("lambda"),
    )
    assert last_use(uses, "s3:createbucket") == LastUse(TOLD)
    assert last_use(uses, "s3:PutBucketPolicy") == LastUse(None)
    assert last_use(uses, "iam:CreateUser") == LastUse(TOLD, exact=False)
    assert last_use(uses, "lambda:CreateFunction") == LastUse(None)
    assert last_use(uses, "ec2:RunInstances") == LastUse(None)
    assert last_use(uses, "iam:PassRole") is None
    assert last_use(None, "s3:CreateBucket") is None


def test_uses_are_saved_and_survive_redaction_without_names() -> None:
    uses = (ServiceUse("s3", TOLD, (("CreateBucket", TOLD),)),)
    user = User(ANA.arn, "ana", uses=uses)
    snapshot = Snapshot(ACCOUNT, Source("live"), "2026-11-24T00:00:00+00:00", users=(user,))
    assert load(dump(snapshot)).users[0].uses == uses
    (hidden,) = redact((snapshot,))
    assert hidden.users[0].uses == uses and hidden.users[0].name != "ana"


def test_the_permissions_name_both_calls_in_a_statement_that_can_be_dropped() -> None:
    statement = next(one for one in policy_for()["Statement"] if one["Sid"] == "LastAccessed")
    assert statement["Action"] == [usage.ASK, usage.GET]


def test_the_demo_says_that_it_has_no_record_of_use() -> None:
    with pytest.raises(UsageError, match="no record"):
        collect_account(demo=True, last_accessed=True)
