"""What would have to change: each flip is a change of the account that, applied, turns the answer."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.account import Advisor
from advisor.model.effects import apply_to
from advisor.model.principal import InlinePolicy, ManagedPolicy, PolicyVersion, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from tests.policies import ACCOUNT, allow, document

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
OPS = f"arn:aws:iam::{ACCOUNT}:role/ops"
LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/limit"
READ = f"arn:aws:iam::{ACCOUNT}:policy/read"
PLANS, SAFE = "arn:aws:s3:::plans", "arn:aws:s3:::safe"


def managed(arn: str, *statements: dict[str, Any]) -> ManagedPolicy:
    return ManagedPolicy(arn, arn.rsplit("/", 1)[-1], (PolicyVersion("v1", document(*statements), True),))


def account_of(user: User, *policies: ManagedPolicy, trust: Any = None) -> Advisor:
    trusted = trust or document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    bucket = document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": f"{PLANS}/*", "Sid": "Keep"}
    )
    encrypted = document(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"{SAFE}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    snapshot = Snapshot(
        ACCOUNT,
        Source("snapshot", read_layers=("identity", "boundary", "scp", "rcp", "resource")),
        "2026-11-24T00:00:00Z",
        users=(user,),
        roles=(Role(OPS, "ops", trusted),),
        policies=policies,
        resources=(
            Resource(PLANS, "s3:bucket", ACCOUNT, policy=bucket),
            Resource(SAFE, "s3:bucket", ACCOUNT, policy=encrypted),
        ),
    )
    return Advisor((snapshot,))


def ana(*statements: dict[str, Any], **more: Any) -> User:
    inline = (InlinePolicy("own", document(*statements)),) if statements else ()
    return User(ANA, "ana", inline=inline, **more)


QUESTIONS = {
    "an explicit deny of one's own": (
        account_of(ana(allow("sqs:*"), {**allow("sqs:*"), "Effect": "Deny", "Sid": "No"})),
        ("sqs:ListQueues", None),
        {"allowed": {"flip-drop-statement"}},
    ),
    "a boundary that is silent": (
        account_of(ana(allow("sqs:*"), boundary=LIMIT), managed(LIMIT, allow("s3:*"))),
        ("sqs:ListQueues", None),
        {"allowed": {"flip-detach-boundary", "flip-allow-in-boundary"}},
    ),
    "nothing allows": (account_of(ana()), ("sqs:ListQueues", None), {"allowed": {"flip-allow-in-identity"}}),
    "a managed policy allows": (
        account_of(ana(attached=(READ,)), managed(READ, allow("sqs:*"), allow("s3:*"))),
        ("sqs:ListQueues", None),
        {"denied": {"flip-drop-statement", "flip-detach-policy", "flip-deny-in-identity"}},
    ),
    "a condition decides": (
        account_of(ana(allow("sqs:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))),
        ("sqs:ListQueues", None),
        {
            "allowed": {"flip-drop-condition", "flip-allow-in-identity"},
            "denied": {"flip-drop-statement", "flip-deny-in-identity"},
        },
    ),
    "the bucket denies": (
        account_of(ana(allow("s3:*"))),
        ("s3:DeleteObject", f"{PLANS}/a.txt"),
        {"allowed": {"flip-drop-statement"}},
    ),
    "the bucket refuses what is not encrypted on the way": (
        account_of(ana()),
        ("s3:GetObject", f"{SAFE}/a.txt"),
        {"conditional": {"flip-allow-in-identity", "flip-allow-in-resource"}},
    ),
    "the role trusts the account only": (
        account_of(ana()),
        ("sts:AssumeRole", OPS),
        {"allowed": {"flip-allow-in-identity", "flip-allow-in-resource"}},
    ),
    "who one is can never be refused": (account_of(ana()), ("sts:GetCallerIdentity", None), {}),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_flip_turns_the_answer_of_the_changed_account(name: str) -> None:
    account, (action, resource), expected = QUESTIONS[name]
    found = account.flips(ANA, action, resource)
    told: dict[str, set[str]] = {}
    for flip in found:
        told.setdefault(flip.to, set()).add(flip.change.id)
        after = Advisor((apply_to(flip.change, account.snapshot),))
        decision = after.can(ANA, action, resource).decision
        assert decision.endswith("deny") if flip.to == "denied" else decision == flip.to, flip.change.title
        assert bool(flip.conditions) == (flip.to == "conditional")
        back = Advisor((apply_to((*flip.change.operations, *flip.change.undo), account.snapshot),))
        assert back.can(ANA, action, resource).decision == account.can(ANA, action, resource).decision
    assert told == expected


def test_titles_are_worded_by_knowledge() -> None:
    account, (action, resource), _ = QUESTIONS["the bucket denies"]
    assert [flip.change.title for flip in account.flips(ANA, action, resource)] == ["Take statement Keep out of plans"]


def test_a_boundary_is_widened_before_it_is_taken_off() -> None:
    account, (action, resource), _ = QUESTIONS["a boundary that is silent"]
    assert [flip.change.id for flip in account.flips(ANA, action, resource)] == [
        "flip-allow-in-boundary",
        "flip-detach-boundary",
    ]
