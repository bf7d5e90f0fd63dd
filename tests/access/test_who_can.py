"""Who can: who is listed, under which kind, on what, and who is only counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.errors import InputError, UsageError
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.organization import Entitlement, HumanAccess
from advisor.model.principal import Group, InlinePolicy, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from tests.policies import ACCOUNT, allow
from tests.policies import document as policy
from tests.policies import iam as arn

OTHER, OUTSIDE = "444455556666", "777788889999"
LAYERS = ("identity", "boundary", "resource", "scp", "rcp", "endpoint")
ISSUER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def trust(principal: Any, action: str = "sts:AssumeRole") -> Document:
    return policy({"Effect": "Allow", "Principal": principal, "Action": action})


def user(name: str, *statements: dict[str, Any], **more: Any) -> User:
    inline = (InlinePolicy("own", policy(*statements)),) if statements else ()
    return User(arn(f"user/{name}"), name, id=f"AIDA{name}", inline=inline, **more)


def role(name: str, trusted: Document, *statements: dict[str, Any], account: str = ACCOUNT) -> Role:
    inline = (InlinePolicy("own", policy(*statements)),) if statements else ()
    return Role(arn(f"role/{name}", account), name, trusted, id=f"AROA{name}", inline=inline)


BUCKET_POLICY = policy(
    {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "*",
    },
    {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/*"},
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/public/*"},
)


@pytest.fixture(scope="module")
def index() -> AccessIndex:
    ours = Snapshot(
        ACCOUNT,
        Source("export", "", LAYERS),
        "",
        users=(
            user("ana", allow("s3:*", "arn:aws:s3:::payroll/*")),
            user("ben", groups=("readers",)),
            user("cleo", allow("sts:AssumeRole", arn("role/deploy"))),
            user("dan", {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
            user("eve", allow("s3:GetObject", "arn:aws:s3:::payroll/home/${aws:username}/*")),
        ),
        groups=(Group(arn("group/readers"), "readers", inline=(InlinePolicy("read", policy(allow("s3:Get*"))),)),),
        roles=(
            role(
                "deploy",
                trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
                allow("s3:PutObject", "arn:aws:s3:::payroll/*"),
            ),
            role("ci", trust({"Federated": ISSUER}, "sts:AssumeRoleWithWebIdentity"), allow("sts:AssumeRole")),
        ),
        resources=(Resource("arn:aws:s3:::payroll", "s3:bucket", ACCOUNT, policy=BUCKET_POLICY),),
        human_access=HumanAccess(entitlements=(Entitlement("permission-set", "group", "Platform", arn("role/ci")),)),
    )
    theirs = Snapshot(
        OTHER,
        Source("export", "", LAYERS),
        "",
        roles=(role("reader", trust({"Service": "ec2.amazonaws.com"}), allow("s3:GetObject"), account=OTHER),),
    )
    return build_index((ours, theirs))


def told(answers: Any) -> dict[str, tuple[str, str]]:
    return {answer.principal.rsplit("/", 1)[-1]: (answer.kind, answer.decision) for answer in answers}


def test_everybody_is_listed_under_its_kind(index: AccessIndex) -> None:
    found = index.who_can("s3:GetObject", "arn:aws:s3:::payroll/public/a")
    assert told(found) == {
        "*": ("everyone", "allowed"),
        **dict.fromkeys(("ana", "ben", "cleo", "eve"), ("user", "allowed")),
        **dict.fromkeys(("deploy", "ci", "reader"), ("role", "allowed")),
        # AWS does not say whether `*` takes in services
        "logging.s3.amazonaws.com": ("service", "unknown"),
        f"arn:aws:iam::{OUTSIDE}:root": told(found)[f"arn:aws:iam::{OUTSIDE}:root"],
    }
    assert [answer.principal for answer in found] == sorted(answer.principal for answer in found)
    assert (found.root, found.denied, found.denied_explicitly) == ("allowed", 1, 1)


def test_a_service_is_listed_and_roles_of_other_accounts_need_both_sides(index: AccessIndex) -> None:
    found = told(index.who_can("s3:PutObject", "arn:aws:s3:::payroll/logs/a"))
    assert found["logging.s3.amazonaws.com"] == ("service", "allowed")
    assert set(found) == {"ana", "deploy", "logging.s3.amazonaws.com"}


def test_an_account_that_was_not_read_is_named(index: AccessIndex) -> None:
    found = {answer.principal: answer for answer in index.who_can("s3:GetObject", "arn:aws:s3:::payroll/a")}
    outside = found[f"arn:aws:iam::{OUTSIDE}:root"]
    assert outside.kind == "account"
    assert outside.decision == "unknown" or outside.assuming, "its own side is not known, and the answer says so"


def test_reasons_name_the_group_that_carries_the_policy(index: AccessIndex) -> None:
    found = {answer.principal: answer for answer in index.who_can("s3:GetObject", "arn:aws:s3:::payroll/a")}
    reasons = [reason for reason in found[arn("user/ben")].because if reason.kind == "inline"]
    assert [(reason.policy, reason.owner) for reason in reasons] == [("read", arn("group/readers"))]


def test_a_variable_is_filled_in_for_each_user(index: AccessIndex) -> None:
    found = told(index.who_can("s3:GetObject", "arn:aws:s3:::payroll/home/eve/a"))
    assert "eve" in found
    assert "eve" not in told(index.who_can("s3:GetObject", "arn:aws:s3:::payroll/home/ana/a"))


def test_any_resource_says_which_patterns(index: AccessIndex) -> None:
    found = {answer.principal.rsplit("/", 1)[-1]: answer for answer in index.who_can("s3:GetObject")}
    assert found["ben"].resources is not None
    assert "*" in found["ben"].resources
    assert found["ana"].resources == ("arn:aws:s3:::payroll/*", "arn:aws:s3:::payroll/public/*")
    assert "arn:aws:s3:::payroll/home/eve/*" in (found["eve"].resources or ())
    assert found["*"].resources == ("arn:aws:s3:::payroll/public/*",)


def test_a_pattern_of_actions_says_which_actions(index: AccessIndex) -> None:
    found = {
        answer.principal.rsplit("/", 1)[-1]: answer for answer in index.who_can("s3:Put*", "arn:aws:s3:::payroll/a")
    }
    assert found["deploy"].actions == ("s3:PutObject",)
    assert {"s3:PutObject", "s3:PutObjectAcl"} <= set(found["ana"].actions or ())


def test_via_adds_those_who_can_become_one(index: AccessIndex) -> None:
    found = {
        a.principal.rsplit("/", 1)[-1]: a for a in index.who_can("s3:PutObject", "arn:aws:s3:::payroll/a", via=True)
    }
    deploy, ci = arn("role/deploy"), arn("role/ci")
    assert (found["cleo"].kind, found["cleo"].via) == ("user", (deploy,))
    assert (found["ci"].kind, found["ci"].via) == ("role", (deploy,))
    assert found["token.actions.githubusercontent.com"].via == (ci, deploy)
    assert (found["group:Platform"].kind, found["group:Platform"].via) == ("person", (ci, deploy))
    assert found["deploy"].via is None


def test_an_action_that_nobody_lists_warns_and_is_evaluated(index: AccessIndex) -> None:
    found = index.who_can("s3:GetObjectt", "arn:aws:s3:::payroll/a")
    (warning,) = found.warnings
    assert warning.startswith("`s3:GetObjectt` is not in the reference data of 20")
    assert warning.endswith("nearest: s3:GetObject")
    assert set(told(found)) == {"ana", "ben"}
    assert index.who_can("s3:GetObject", "arn:aws:s3:::payroll/a").warnings == ()


def test_a_word_without_a_service_is_no_action(index: AccessIndex) -> None:
    with pytest.raises(UsageError, match="is no action"):
        index.who_can("GetObject")


def test_a_role_session_is_the_role_behind_it(index: AccessIndex) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build"
    assert index.can(session, "s3:PutObject", "arn:aws:s3:::payroll/a").decision == "allowed"
    limited = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
    verdict = index.can(session, "s3:PutObject", "arn:aws:s3:::payroll/a", session_policy=limited)
    assert verdict.decision == "implicit-deny"


def test_what_somebody_can_do_is_what_single_requests_say(index: AccessIndex) -> None:
    for permission in index.what_can(arn("user/ana")):
        resource = permission.resources[0].replace("*", "x")
        assert index.can(arn("user/ana"), permission.action, resource).decision == permission.decision, permission
    assert {item.action for item in index.what_can(arn("user/cleo"))} >= {"sts:AssumeRole", "s3:GetObject"}
    assert [item.resources for item in index.what_can(arn("user/cleo")) if item.action == "sts:AssumeRole"] == [
        (arn("role/deploy"),)
    ]


@pytest.mark.parametrize("refused", ["deploy-a", "deploy-b", "deploy-c"])
def test_a_deny_on_one_role_does_not_speak_for_roles_of_the_same_trust_policy(refused: str) -> None:
    names = ("deploy-a", "deploy-b", "deploy-c")
    deny = {"Effect": "Deny", "Action": "sts:*", "Resource": arn(f"role/{refused}")}
    account = Snapshot(
        ACCOUNT,
        Source("export", "", LAYERS),
        "",
        users=(user("ana", allow("sts:AssumeRole"), deny),),
        roles=tuple(role(name, trust({"AWS": ACCOUNT})) for name in names),
    )
    index = build_index([account])
    left = tuple(arn(f"role/{name}") for name in names if name != refused)
    assert [(answer.principal, answer.resources) for answer in index.who_can("sts:AssumeRole", None, {}).answers] == [
        (arn("user/ana"), left)
    ]
    assert [(item.action, item.resources) for item in index.what_can(arn("user/ana"), None, {})] == [
        ("sts:AssumeRole", left)
    ]


@pytest.mark.parametrize("resource", ["arn:aws:s3", "arn:aws:sqs:eu-west-1", "arn:aws:s3:*"])
def test_a_session_policy_that_sts_refuses_is_no_answer(index: AccessIndex, resource: str) -> None:
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": ["*", resource]}})
    with pytest.raises(InputError, match="STS refuses this session policy"):
        index.can(arn("user/ana"), "s3:GetObject", "arn:aws:s3:::payroll/a", session_policy=text)


def test_somebody_whom_a_refused_list_may_hide_is_unknown_for_that_reason(index: AccessIndex) -> None:
    refused = Gap("iam:GetAccountAuthorizationDetails", "refused", "AccessDenied", "all principals")
    hidden = build_index((Snapshot(ACCOUNT, Source("live", "", LAYERS), "", gaps=(refused,)),))
    verdict = hidden.can(arn("user/zoe"), "s3:ListAllMyBuckets")
    assert (verdict.decision, verdict.gaps) == ("unknown", (refused,))
    verdict = index.can(arn("user/zoe"), "s3:ListAllMyBuckets")
    assert (verdict.decision, [gap.reason for gap in verdict.gaps]) == ("unknown", ["there is no such principal"])
