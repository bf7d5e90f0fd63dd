"""Every fact says yes, no and unknown: on an account where it is so, where it is not, and where it was not read."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.account import Advisor
from advisor.advice.facts import ask, definition, definitions
from advisor.errors import InputError
from advisor.model.principal import SignIn
from tests.advice import fact_cases
from tests.advice.fact_cases import ANA, EXTERNAL, GITHUB, SOURCE_ONLY, federated
from tests.advice.sharing_cases import SHARING
from tests.advice.small_accounts import (
    ADMINISTRATOR,
    FRESH,
    NOW,
    administrator,
    arn,
    key,
    person,
    program,
    read,
    refused,
    role,
    trusting,
    unread,
    user,
)

CASES = {**fact_cases.CASES, **SHARING}


def test_every_fact_has_its_three_cases() -> None:
    assert {definition(fact).id for fact in CASES} == set(definitions())


@pytest.mark.parametrize("fact", CASES)
def test_it_is_so(fact: str) -> None:
    fields, expected = CASES[fact][0]
    answer = ask(read(**fields), fact)
    if fact.startswith("paths.statements"):
        assert all(entry.count("|") == 3 for entry in answer.value)  # type: ignore[union-attr]
    else:
        assert answer.value == expected
    assert not answer.gaps


@pytest.mark.parametrize("fact", CASES)
def test_it_is_not_so(fact: str) -> None:
    fields, expected = CASES[fact][1]
    answer = ask(read(**fields), fact)
    assert (answer.value, answer.gaps) == (expected, ())


@pytest.mark.parametrize("fact", [fact for fact, case in CASES.items() if case[2] != SOURCE_ONLY])
def test_it_was_not_read(fact: str) -> None:
    fields = CASES[fact][2]
    assert isinstance(fields, dict)
    answer = ask(unread(**fields), fact)
    assert answer.value is None
    assert answer.gaps, "an unknown says what was not read"


@pytest.mark.parametrize("fact", CASES)
def test_each_listed_value_has_its_evidence_in_the_same_place(fact: str) -> None:
    answer = ask(read(**CASES[fact][0][0]), fact)
    if isinstance(answer.value, tuple):
        assert len(answer.evidence) >= len(answer.value)
    assert all(one.subject and one.detail and one.call for one in answer.evidence)


def test_a_refused_call_makes_unknown_never_no() -> None:
    account = read(organization=None, gaps=(refused("organizations:DescribeOrganization"),))
    answer = ask(account, "account.kind")
    assert answer.value is None
    assert [gap.kind for gap in answer.gaps] == ["refused"]


def test_a_partly_read_list_keeps_what_is_known_and_says_that_there_may_be_more() -> None:
    account = read(users=(person("ana", mfa=False), user("ben", sign_in=SignIn(console=True))))
    answer = ask(account, "users.console_no_mfa")
    assert answer.value == (ANA,)
    assert answer.gaps


def test_an_outsider_who_may_be_a_sibling_is_evidence_and_no_value() -> None:
    account = unread(roles=(role("v", EXTERNAL),))
    answer = ask(account, "trust.outside")
    assert answer.value is None
    assert "or a sibling" in answer.evidence[0].detail


def test_a_project_account_shows_by_its_managed_roles_and_refused_alias() -> None:
    refusal = refused("iam:ListAccountAliases", reason="AccessDenied: explicit deny in a service control policy")
    account = read(roles=(role("AccountFullAccessRole", path="/managed/"),), gaps=(refusal,))
    assert ask(account, "account.kind").value == "project"
    assert ask(read(roles=(role("AccountFullAccessRole", path="/managed/"),)), "account.kind").value == "member"


def test_time_comes_from_the_snapshot() -> None:
    users = (program("p", keys=(key("A", FRESH),)),)
    assert ask(read(users=users), "users.keys_old(90)").value == ()
    assert ask(read(users=users, taken_at="2027-11-24T00:00:00Z"), "users.keys_old(90)").value == ("AKIAEXAMPLEA",)
    assert ask(read(users=users, taken_at=NOW), "users.keys_old(1)").value == ("AKIAEXAMPLEA",)


def test_an_administrators_role_entered_by_mfa_has_its_condition() -> None:
    trust = trusting({"AWS": ANA}, Bool={"aws__MultiFactorAuthPresent": "true"})
    account = read(roles=(role("Admin", trust, attached=(ADMINISTRATOR,)),), policies=(administrator(),))
    assert ask(account, "admins").value == (arn("role", "Admin"),)
    assert ask(account, "admins.no_condition").value == ()


@pytest.mark.parametrize(
    ("subject", "is_open"),
    [
        (None, True),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": "repo:*/*:ref:refs/heads/main"}}, True),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:acme/app:*", "*"]}}, True),
        ({"StringEqualsIfExists": {f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}}, True),
        ({"StringNotLike": {f"{GITHUB}:sub": "repo:evil/*"}}, True),
        ({"StringEquals": {f"{GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}}, False),
        ({"StringEquals": {f"{GITHUB}:repository_id": "12345"}}, False),
    ],
)
def test_who_may_come_in_from_a_shared_issuer(subject: dict[str, Any] | None, is_open: bool) -> None:
    answer = ask(read(roles=(role("ci", federated(subject)),)), "oidc.open")
    assert bool(answer.value) is is_open


def test_an_unknown_fact_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean `users\.console_no_mfa`"):
        definition("users.console_no_mfas")


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(InputError, match="takes no parameters"):
        definition("root.keys(1)")


def test_answers_are_kept_while_an_account_is_open() -> None:
    account: Advisor = read()
    assert ask(account, "users.all") is ask(account, "users.all")
