"""Each call of the collector, one by one: refused at once, on its second page, in one Region, or when the sign-in ends.

What is told afterwards is what is told without the fault, or less. Facts say "at least these" or nothing, answers name
the call that was refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import pytest

from advisor.account import Advisor
from advisor.advice.facts.registry import ask, definitions
from advisor.collect.permissions import reads
from advisor.model.finding import FactValue
from advisor.model.snapshot import Snapshot
from tests.collect.replayed import PAGED, Answer, Fault, Replayed, error, read

REPORT = "iam:GenerateCredentialReport"
WITHOUT_REPORT = {"iam:GetLoginProfile", "iam:ListSigningCertificates"}
"""Calls that are made for each user where the report may not be read."""
CALLS = sorted(set(reads()) - {"sts:GetCallerIdentity"})
NAMED_BY_ID = {("identitystore:ListUsers", "ic.user_assignments")}
"""Facts that name the same things otherwise: by their ids where names were refused."""
ABOUT_REACH = re.compile(r"iam:Get(Account|Policy)|organizations:")
"""Calls that say who can do what; facts about that take long and hang on no other."""
SLOW = ("advisor.advice.facts.reach", "advisor.advice.facts.ways", "setup.P1")
QUESTIONS = (
    ("s3:GetObject", "arn:aws:s3:::acme-payroll/x"),
    ("sts:AssumeRole", None),
    ("kms:Decrypt", None),
    ("sqs:SendMessage", None),
)


class Known(NamedTuple):
    snapshot: Snapshot
    facts: Mapping[str, FactValue]
    answers: Mapping[Any, dict[str, str]]
    coverage: Mapping[Any, set[str]]


def facts_of(account: Advisor, reach: bool) -> dict[str, FactValue]:
    wanted = {id for id, one in definitions().items() if reach or not (one.answer.__module__ in SLOW or id in SLOW)}
    return {id: ask(account, id) for id in wanted}


def known_of(snapshot: Snapshot, reach: bool = True) -> Known:
    account = Advisor((msgspec.structs.replace(snapshot, taken_at="2026-11-24T12:00:00+00:00"),))
    told = {question: account.who_can(*question) for question in QUESTIONS}
    return Known(
        snapshot,
        facts_of(account, reach),
        {question: {one.principal: one.decision for one in answers} for question, answers in told.items()},
        {question: {gap.call for gap in answers.coverage} for question, answers in told.items()},
    )


@pytest.fixture(scope="module")
def whole(recorded: Mapping[tuple[str, str, str], Answer]) -> Known:
    return known_of(read(Replayed(recorded)))


@pytest.fixture(scope="module")
def without_report(recorded: Mapping[tuple[str, str, str], Answer]) -> Known:
    return known_of(read(Replayed(recorded, fault=refusing(REPORT))))


def refusing(*calls: str, page: int = 1, region: str = "") -> Fault:
    def fault(call: str, at: int, where: str) -> Exception | None:
        is_meant = call in calls and at == page and region in ("", where)
        return error("AccessDeniedException", call) if is_meant else None

    return fault


def less_than(told: Known, before: Known, calls: set[str]) -> Iterator[str]:
    """Where something else is told than before: more, or less without naming a call that was refused."""
    for id, value in told.facts.items():
        known = before.facts[id].value
        is_told_otherwise = value.value is not None and value.value != known and not value.gaps
        if is_told_otherwise and not any((call, id) in NAMED_BY_ID for call in calls):
            yield f"{id}: {known} → {value.value}"
    for question, answers in told.answers.items():
        others = {who for who, _ in answers.items() ^ before.answers[question].items()}
        if others and not told.coverage[question] & calls:
            yield f"{question}: {others}"


def test_every_call_of_the_collector_is_made(recorded: Mapping[tuple[str, str, str], Answer]) -> None:
    everything, asked_singly = Replayed(recorded), Replayed(recorded, fault=refusing(REPORT))
    assert read(everything).gaps == ()
    read(asked_singly)
    assert set(CALLS) - {call for call, _ in everything.calls} == WITHOUT_REPORT
    assert {call for call, _ in asked_singly.calls} >= WITHOUT_REPORT


def test_every_list_is_asked_for_its_second_page(recorded: Mapping[tuple[str, str, str], Answer], whole: Known) -> None:
    """AWS's own models say which calls have pages, and how a page names the next one."""
    for fault in (lambda *_: None, refusing(REPORT)):
        clients = Replayed(recorded, split=True, fault=fault)
        snapshot = read(clients)
        first = {call for call, page in clients.calls if page == 1 and call in PAGED}
        assert first - {call for call, page in clients.calls if page == 2} == set()
        if not snapshot.gaps:
            assert msgspec.structs.replace(snapshot, taken_at=whole.snapshot.taken_at) == whole.snapshot


@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_is_a_gap_and_nothing_else_is_told_for_it(
    call: str, recorded: Mapping[tuple[str, str, str], Answer], whole: Known, without_report: Known
) -> None:
    singly = {REPORT} if call in WITHOUT_REPORT else set()
    before = without_report if singly else whole
    snapshot = read(Replayed(recorded, fault=refusing(call, *singly)))
    gaps = [gap for gap in snapshot.gaps if gap.call not in singly]
    assert {gap.call for gap in gaps} == {call}, "that call alone"
    assert {gap.kind for gap in gaps} == {"refused"}
    assert all(gap.makes_unknown.startswith(reads()[call].unknown) and "not authorized" in gap.reason for gap in gaps)
    told = known_of(snapshot, reach=bool(ABOUT_REACH.match(call)))
    assert list(less_than(told, before, {call, *singly})) == []


@pytest.mark.parametrize("call", sorted(PAGED))
def test_a_refused_second_page_is_a_gap_and_nothing_else_is_told_for_it(
    call: str, recorded: Mapping[tuple[str, str, str], Answer], whole: Known, without_report: Known
) -> None:
    singly = {REPORT} if call in WITHOUT_REPORT else set()
    before = without_report if singly else whole

    def fault(name: str, page: int, region: str) -> Exception | None:
        return refusing(*singly)(name, page, region) or refusing(call, page=2)(name, page, region)

    snapshot = read(Replayed(recorded, split=(call,), fault=fault))
    assert {gap.call for gap in snapshot.gaps} - singly - {"iam:GetPolicy"} == {call}, "policies are asked for singly"
    told = known_of(snapshot, reach=bool(ABOUT_REACH.match(call)))
    assert list(less_than(told, before, {call, *singly})) == []


def test_calls_that_are_refused_in_one_region_take_nothing_from_the_others(
    recorded: Mapping[tuple[str, str, str], Answer], whole: Known
) -> None:
    for service in sorted({call.split(":")[0] for call in CALLS} - {"iam", "organizations", "account", "s3"}):
        calls = {call for call in CALLS if call.startswith(f"{service}:")}
        snapshot = read(Replayed(recorded, fault=refusing(*calls, region="eu-west-1")))
        assert {gap.call for gap in snapshot.gaps} <= calls
        assert list(less_than(known_of(snapshot, reach=False), whole, calls)) == []


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 0.9])
def test_a_sign_in_that_ends_at_any_moment_leaves_only_what_is_so(
    share: float, recorded: Mapping[tuple[str, str, str], Answer], whole: Known
) -> None:
    clients, all = Replayed(recorded), Replayed(recorded)
    read(all)

    def ended(call: str, page: int, region: str) -> Exception | None:
        return error("ExpiredToken", call) if len(clients.calls) > share * len(all.calls) else None

    clients.fault = ended
    snapshot = read(clients)
    assert snapshot.gaps
    assert {gap.kind for gap in snapshot.gaps} == {"failed"}
    told = known_of(snapshot, reach=share < 0.2)
    assert list(less_than(told, whole, {gap.call for gap in snapshot.gaps})) == []


def test_a_fact_that_tells_too_much_would_be_seen(whole: Known) -> None:
    """The tests above mean something only if they notice a list that got shorter without a word."""
    fewer = msgspec.structs.replace(whole.snapshot, users=whole.snapshot.users[:3])
    assert [line for line in less_than(known_of(fewer), whole, {"iam:GetPolicy"}) if line.startswith("users.all")]
