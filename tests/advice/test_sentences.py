"""Claims are said in words that people use; every claim that a record may hold has words of its own."""

from __future__ import annotations

import pytest

from advisor.advice.sentences import sentence_of
from advisor.decide.trees import check_knowledge, trees
from advisor.errors import InputError
from advisor.reference.knowledge import load

INVARIANTS = sorted({claim for tree in trees().values() for end in tree.outcomes.values() for claim in end.invariants})


@pytest.mark.parametrize("claim", INVARIANTS)
def test_every_invariant_has_a_sentence_without_program_text(claim: str) -> None:
    sentence = sentence_of(claim)
    assert not any(mark in sentence for mark in ("=", "_", "<", ">", "$", "{", ": ", "none of", "there is:"))


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("users.console_no_mfa = 0", "no console user without MFA"),
        ("trust.outside within [444455556666]", "no role trusts an account outside but 444455556666"),
        ("trust.outside within []", "no role trusts an account outside"),
        (
            "users.human_daily within [user/a, user/b, user/c, user/d, user/e]",
            "no person signs in as an IAM user day by day but user/a, user/b, user/c and 2 more",
        ),
        ("root.password = 0 or root.mfa = 1", "root has no password, or root has an MFA device"),
        ("users.keys_old(30) = 0", "no active access key is older than 30 days"),
        ("policies.headroom = 0", "everything has 10 % room or more under its quotas"),
        ("org.accounts >= 2", "active accounts of the organization: at least 2"),
        (
            "users.idle(60) = 0",
            "none of: users (emergency ones left out) who used neither password nor key for 60 days",
        ),
        ("trail.ok", "there is: a trail of all Regions that is logging"),
    ],
)
def test_sentences(claim: str, sentence: str) -> None:
    assert sentence_of(claim) == sentence


def test_a_claim_about_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="no fact"):
        sentence_of("users.tall = 0")


def test_every_sentence_is_about_a_fact_that_exists() -> None:
    from advisor.advice.facts import definition

    assert check_knowledge() == ()
    for form in load("sentences")["claims"].items:
        assert definition(form.split(" ")[0])
