"""Rule 61: who may tag a session, and what is known of the tags of one."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.model.principal import InlinePolicy, Role, User
from advisor.model.snapshot import Snapshot, Source
from tests.evaluate.worlds import ACCOUNT, document

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
BUILD = f"arn:aws:iam::{ACCOUNT}:role/build"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
ASSUME = ("sts:AssumeRole",)
TAGGED = {"aws:requesttag/team": ("blue",), "aws:tagkeys": ("team",)}


def trust(*actions: str) -> Any:
    return document([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": list(actions)}])


def index_of(actions: tuple[str, ...], held: dict[str, Any], *, of_user: str = "sts:*") -> AccessIndex:
    user = {"Effect": "Allow", "Action": of_user, "Resource": "*"}
    snapshot = Snapshot(
        ACCOUNT,
        Source("live", read_layers=("identity", "boundary", "resource", "scp", "rcp")),
        "",
        users=(User(ANA, "ana", "AIDAANA", inline=(InlinePolicy("own", document([user])),)),),
        roles=(
            Role(
                BUILD, "build", trust(*actions), "AROABUILD", inline=(InlinePolicy("own", document([held])),),
                tags=(("team", "blue"),),
            ),
        ),
    )  # fmt: skip
    return build_index((snapshot,))


def say(index: AccessIndex, who: str, action: str, resource: str, context: Any = None) -> str:
    alone = index.can(who, action, resource, context).decision
    if who in index.principals:
        listed = {answer.principal: answer.decision for answer in index.who_can(action, resource, context).answers}
        assert listed.get(who, "denied") == (alone if not alone.endswith("deny") else "denied")
    return alone


def sending(key: str, value: str, effect: str = "Allow", operator: str = "StringEquals") -> dict[str, Any]:
    return {"Effect": effect, "Action": "sqs:*", "Resource": "*", "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("actions", "value", "said"),
    [
        (ASSUME, "blue", "allowed"),
        (ASSUME, "red", "implicit-deny"),
        ((*ASSUME, "sts:TagSession"), "blue", "conditional"),
        ((*ASSUME, "sts:TagSession"), "red", "conditional"),
        (("sts:Assume*", "sts:Tag*"), "red", "conditional"),
        (("sts:*",), "red", "conditional"),
    ],
)
def test_tags_of_a_session_take_the_place_of_the_roles_own(actions: tuple[str, ...], value: str, said: str) -> None:
    index = index_of(actions, sending("aws:PrincipalTag/team", value))
    assert say(index, BUILD, "sqs:SendMessage", QUEUE) == said
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/build/run-1"
    assert say(index, session, "sqs:SendMessage", QUEUE) == said


def test_a_tag_that_the_role_has_not_may_come_with_the_session() -> None:
    for actions, said in ((ASSUME, "implicit-deny"), (("sts:*",), "conditional")):
        index = index_of(actions, sending("aws:PrincipalTag/stage", "dev"))
        assert say(index, BUILD, "sqs:SendMessage", QUEUE) == said


def test_what_the_asker_says_of_the_session_counts() -> None:
    index = index_of(("sts:*",), sending("aws:PrincipalTag/team", "red"))
    for value, said in (("red", "allowed"), ("blue", "implicit-deny")):
        assert say(index, BUILD, "sqs:SendMessage", QUEUE, {"aws:principaltag/team": (value,)}) == said


def test_the_witness_of_a_session_tag_is_evaluated() -> None:
    index = index_of(("sts:*",), sending("aws:PrincipalTag/team", "red"))
    verdict = index.can(BUILD, "sqs:SendMessage", QUEUE)
    assert verdict.witness == {"aws:principaltag/team": ("red",)}


@pytest.mark.parametrize(
    ("actions", "of_user", "context", "said"),
    [
        (ASSUME, "sts:*", {}, "allowed"),
        (ASSUME, "sts:*", TAGGED, "implicit-deny"),
        ((*ASSUME, "sts:TagSession"), "sts:*", TAGGED, "allowed"),
        ((*ASSUME, "sts:TagSession"), "sts:AssumeRole", TAGGED, "implicit-deny"),
        ((*ASSUME, "sts:TagSession"), "sts:AssumeRole", {"aws:tagkeys": ()}, "allowed"),
        (ASSUME, "sts:*", {"sts:sourceidentity": ("ana",)}, "implicit-deny"),
        ((*ASSUME, "sts:SetSourceIdentity"), "sts:*", {"sts:sourceidentity": ("ana",)}, "allowed"),
        (ASSUME, "sts:*", {"sts:externalid": ("x",)}, "allowed"),
    ],
)
def test_a_call_that_passes_something_fails_without_the_permission_for_it(
    actions: tuple[str, ...], of_user: str, context: Any, said: str
) -> None:
    index = index_of(actions, sending("aws:username", "x"), of_user=of_user)
    assert say(index, ANA, "sts:AssumeRole", BUILD, context) == said
