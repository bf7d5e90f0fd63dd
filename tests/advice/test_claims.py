"""Claims about facts, three-valued: what a partly read list can and cannot settle."""

from __future__ import annotations

import pytest

from advisor.advice.claims import fixed, judge, judge_all, passes
from advisor.errors import InputError
from advisor.model.finding import FactValue
from advisor.model.gap import Gap
from advisor.reference.claims import parse_claim
from tests.advice.small_accounts import person, program, read, unread

GAP = Gap("iam:GetCredentialReport", "refused", "AccessDenied", "users")
WHOLE = FactValue("f", ("arn:aws:iam::1:user/ana", "arn:aws:iam::1:user/ben"))
PART = FactValue("f", WHOLE.value, (), (GAP,))
NONE = FactValue("f", None, (), (GAP,))


@pytest.mark.parametrize(
    ("claim", "whole", "part"),
    [
        ("f", True, True),
        ("f = 0", False, False),
        ("f = 2", True, None),
        ("f = 3", False, None),
        ("f != 0", True, True),
        ("f != 2", False, None),
        ("f > 1", True, True),
        ("f > 2", False, None),
        ("f >= 2", True, True),
        ("f < 2", False, False),
        ("f < 3", True, None),
        ("f <= 1", False, False),
        ("f <= 2", True, None),
        ("f within [ana, ben]", True, None),
        ("f within [ana]", False, False),
        ("f within [arn:aws:iam::1:user/ana, ben, chris]", True, None),
        ("f has ana", True, True),
        ("f has chris", False, None),
        ("f within $now", None, None),
        ("f keeps [ana]", True, True),
        ("f keeps [ana, dora]", False, None),
    ],
)
def test_a_list_with_gaps_is_at_least_what_was_seen(claim: str, whole: bool | None, part: bool | None) -> None:
    test = parse_claim(claim).tests[0]
    assert passes(test, WHOLE) is whole
    assert passes(test, PART) is part
    assert passes(test, NONE) is None


@pytest.mark.parametrize(
    ("claim", "value", "holds"),
    [
        ("f = standalone", "standalone", True),
        ("f != standalone", "member", True),
        ("f = yes", True, True),
        ("f = no", True, False),
        ("f = 1", 1, True),
        ("f = yes", 1, True),
        ("f >= 90", 100, True),
        ("f < 90", 100, False),
        ("f", "none", False),
        ("f", True, True),
        ("f within [ALL, NONE]", "ALL", True),
    ],
)
def test_single_values(claim: str, value: bool | int | str, holds: bool) -> None:
    assert passes(parse_claim(claim).tests[0], FactValue("f", value)) is holds


def test_one_true_side_of_an_or_is_enough() -> None:
    assert judge(unread(), "root.mfa = 1 or users.all = 0").holds is True
    assert judge(unread(), "root.mfa = 1 or users.all > 0").holds is None
    assert judge(read(), "root.mfa = 0 or users.all > 0").holds is False


def test_one_false_claim_is_enough_to_say_no() -> None:
    assert judge_all(unread(), ["root.mfa = 1", "users.all > 0"]).holds is False
    assert judge_all(unread(), ["root.mfa = 1", "users.all = 0"]).holds is None
    assert judge_all(read(), []).holds is True


def test_now_becomes_what_is_known_and_stays_where_nothing_is() -> None:
    assert fixed(read(users=(person("ana"), program("p"))), "users.human within $now") == (
        "users.human within [user/ana]"
    )
    assert fixed(unread(), "root.mfa = 1") == "root.mfa = 1"
    assert fixed(unread(users=(person("x"),)), "trail.broken within $now") == "trail.broken within $now"


@pytest.mark.parametrize(
    "claim", ["f = 0", "a.b(90) >= 3", "f within [a, b,c]", "f within $now", "x or y != 2", "f has a"]
)
def test_a_claim_reads_back_as_it_was_written(claim: str) -> None:
    assert str(parse_claim(claim)) == claim


@pytest.mark.parametrize("claim", ["", "f ==", "f > many", "f within a", "__import__('os')", "f = 1; g"])
def test_what_is_no_claim_is_refused(claim: str) -> None:
    with pytest.raises(InputError):
        judge(read(), claim)
