"""What each user and role last used: IAM's last accessed information, by service and by action where AWS tracks it.

AWS makes a report for each principal on request: one call asks for it, another gives it once it is there.
Source: IAM API Reference, GenerateServiceLastAccessedDetails, GetServiceLastAccessedDetails.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.readers.times import date_from_aws
from advisor.collect.reading import Reading
from advisor.model.principal import Role, User
from advisor.model.usage import ServiceUse, Uses

REPORT_SECONDS = 60
ASK = "iam:GenerateServiceLastAccessedDetails"
GET = "iam:GetServiceLastAccessedDetails"


def read(reading: Reading, principals: Sequence[User | Role]) -> Part:
    """The uses of all users and roles but those that are linked to a service, which nobody edits."""
    asked = [one for one in principals if not (isinstance(one, Role) and one.is_service_linked)]
    if not asked:
        return Part()
    first = _ask(reading, asked[0])
    if first is None:  # refused once is refused for all: one gap says it
        return Part()
    jobs = [first, *reading.each("reports of use", asked[1:], lambda one: _ask(reading, one))]
    pairs = [(one.arn, job) for one, job in zip(asked, jobs, strict=True) if job]
    found = reading.each("last use", pairs, lambda pair: _fetch(reading, *pair))
    return Part(uses={arn: uses for (arn, _), uses in zip(pairs, found, strict=True) if uses is not None})


def _ask(reading: Reading, principal: User | Role) -> str | None:
    """Have the report made; its name."""
    answer = reading.call(ASK, resource=principal.arn, Arn=principal.arn, Granularity="ACTION_LEVEL")
    return None if answer is None else answer["JobId"]


def _fetch(reading: Reading, arn: str, job: str) -> Uses | None:
    """The report, once it is there."""
    deadline = time.monotonic() + REPORT_SECONDS
    pause = 0.2
    while True:
        answer = reading.call(GET, resource=arn, JobId=job)
        if answer is None:
            return None
        if answer["JobStatus"] == "COMPLETED":
            break
        if answer["JobStatus"] == "FAILED" or time.monotonic() > deadline:
            why = answer.get("Error", {}).get("Message") or f"the report was not ready after {REPORT_SECONDS} seconds"
            reading.miss(GET, "failed", why, resource=arn)
            return None
        reading.cancel.wait(pause)
        pause = min(pause * 2, 4)
    return _pages(reading, arn, job, answer)


def _pages(reading: Reading, arn: str, job: str, answer: dict[str, Any]) -> Uses | None:
    """All services of a report. One page that is missing would make used look unused: then nothing is known."""
    entries = list(answer.get("ServicesLastAccessed", ()))
    while answer.get("IsTruncated"):
        more = reading.call(GET, resource=arn, JobId=job, Marker=answer["Marker"])
        if more is None:
            return None
        entries += more.get("ServicesLastAccessed", ())
        answer = more
    return tuple(use_from_aws(entry) for entry in entries)


def use_from_aws(entry: dict[str, Any]) -> ServiceUse:
    """One entry of `ServicesLastAccessed`."""
    return ServiceUse(
        service=entry["ServiceNamespace"],
        last=date_from_aws(entry.get("LastAuthenticated")),
        actions=tuple(
            (tracked["ActionName"], date_from_aws(tracked.get("LastAccessedTime")))
            for tracked in entry.get("TrackedActionsLastAccessed") or ()
        ),
    )
