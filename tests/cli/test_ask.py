"""`who-can`, `can`, `what-can`: the shapes of the contract, field by field, and what they say of a small account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Advise, allow, arn, policy

OBJECT = "arn:aws:s3:::payroll/2026.csv"
DECISIONS = {"allowed", "explicit-deny", "implicit-deny", "conditional", "unknown"}
KINDS = {"user", "role", "service", "account", "federated", "person", "everyone"}
LAYERS = {"scp", "rcp", "endpoint", "resource", "identity", "boundary", "session"}
OUTCOMES = {"allows", "denies", "silent", "conditional", "unknown", "none"}
POLICY_KINDS = {
    "managed", "inline", "trust", "resource", "boundary", "scp", "rcp", "session", "endpoint", "grant", "share", "acl",
}  # fmt: skip


def check_reasons(reasons: list[dict[str, Any]]) -> None:
    for reason in reasons:
        assert set(reason) - {"sid"} == {"policy", "kind", "owner", "statement", "effect"}
        assert reason["kind"] in POLICY_KINDS
        assert isinstance(reason["statement"], int)
        assert reason["effect"] in ("Allow", "Deny")


def check_conditions(conditions: list[list[dict[str, Any]]]) -> None:
    for group in conditions:
        for condition in group:
            assert set(condition) - {"unless"} == {"operator", "key", "values"}
            assert isinstance(condition["values"], list)


def check_gaps(gaps: list[dict[str, Any]]) -> None:
    for gap in gaps:
        assert set(gap) - {"resource"} == {"call", "kind", "reason", "makes_unknown"}
        assert gap["kind"] in ("refused", "failed", "absent", "expected")


@pytest.fixture
def who(advise: Advise, export: Path) -> dict[str, Any]:
    done = advise("who-can", "s3:GetObject", OBJECT, "--from", export, "--json")
    assert done.code == 0, done.err
    return done.json  # type: ignore[no-any-return]


def test_who_can_has_the_shape_of_the_contract(who: dict[str, Any]) -> None:
    assert who["question"] == {"action": "s3:GetObject", "resource": OBJECT, "context": {}}
    assert isinstance(who["denied"], int) and isinstance(who["denied_explicitly"], int)
    assert who["root"] in DECISIONS
    for answer in who["answers"]:
        optional = {"actions", "resources", "via"}
        assert set(answer) - optional == {
            "principal", "kind", "decision", "conditions", "because", "gaps", "assuming"
        }  # fmt: skip
        assert answer["kind"] in KINDS
        assert answer["decision"] in ("allowed", "conditional", "unknown")
        check_reasons(answer["because"])
        check_conditions(answer["conditions"])
        check_gaps(answer["gaps"])
        assert set(answer["assuming"]) <= LAYERS


def test_who_can_lists_those_who_can_and_counts_the_rest(who: dict[str, Any]) -> None:
    found = {answer["principal"]: answer["decision"] for answer in who["answers"]}
    assert found == {
        arn("user/ana"): "allowed",
        arn("user/ben"): "allowed",
        arn("user/cleo"): "conditional",
        arn("user/eve"): "unknown",
    }
    assert list(found) == sorted(found)
    assert (who["denied"], who["denied_explicitly"]) == (3, 1)
    assert who["root"] == "allowed"


def test_an_answer_names_the_statement_that_made_it(who: dict[str, Any]) -> None:
    because = {answer["principal"]: answer["because"] for answer in who["answers"]}
    assert because[arn("user/ana")] == [
        {
            "policy": "own",
            "kind": "inline",
            "owner": arn("user/ana"),
            "statement": 0,
            "effect": "Allow",
            "sid": "ReadPayroll",
        }
    ]


def test_an_unread_boundary_is_the_gap_of_its_answer(who: dict[str, Any]) -> None:
    (eve,) = [answer for answer in who["answers"] if answer["principal"] == arn("user/eve")]
    assert [gap["resource"] for gap in eve["gaps"]] == [arn("policy/edge")]


def test_an_export_assumes_the_layers_that_it_cannot_hold(who: dict[str, Any]) -> None:
    ana = who["answers"][0]
    assert {"scp", "rcp"} <= set(ana["assuming"])


def test_strict_makes_them_unknown_and_ends_with_5(advise: Advise, export: Path) -> None:
    done = advise("who-can", "s3:GetObject", OBJECT, "--from", export, "--json", "--strict")
    assert done.code == 5
    decisions = {answer["principal"]: answer["decision"] for answer in done.json["answers"]}
    assert decisions[arn("user/ana")] == "unknown"
    assert all(not answer["assuming"] for answer in done.json["answers"])


def test_context_fixes_a_condition(advise: Advise, export: Path) -> None:
    options = ("can", arn("user/cleo"), "s3:GetObject", OBJECT, "--from", export, "--json")
    assert advise(*options).json["decision"] == "conditional"
    assert advise(*options, "--context", "aws:MultiFactorAuthPresent=true").json["decision"] == "allowed"
    assert advise(*options, "--context", "AWS:multifactorauthpresent=false").json["decision"] == "implicit-deny"
    assert advise(*options, "--context", "aws:MultiFactorAuthPresent=").json["decision"] == "implicit-deny"


def test_the_context_stands_in_the_question(advise: Advise, export: Path) -> None:
    done = advise(
        "who-can", "s3:GetObject", "--from", export, "--json",
        "--context", "aws:SourceIp=10.0.0.1,10.0.0.2", "--context", "aws:PrincipalTag/team=a\\,b",
    )  # fmt: skip
    context = {key.lower(): values for key, values in done.json["question"]["context"].items()}
    assert context == {"aws:sourceip": ["10.0.0.1", "10.0.0.2"], "aws:principaltag/team": ["a,b"]}


def test_a_glob_says_which_actions_and_resources_it_holds_for(advise: Advise, export: Path) -> None:
    answers = advise("who-can", "s3:Get*", "--from", export, "--json").json["answers"]
    (ana,) = [answer for answer in answers if answer["principal"] == arn("user/ana")]
    assert ana["actions"] == ["s3:GetObject"]
    assert ana["resources"] == ["arn:aws:s3:::payroll/*"]


def test_an_unknown_action_warns_on_standard_error_and_is_evaluated(advise: Advise, export: Path) -> None:
    done = advise("who-can", "s3:FlyToTheMoon", "--from", export, "--json")
    assert done.code == 0
    assert "s3:FlyToTheMoon" in done.err
    assert arn("user/ben") in [answer["principal"] for answer in done.json["answers"]]


@pytest.mark.parametrize("action", ["GetObject", "s3:", ":Get", "s3 GetObject", "", "s3:Get\x1b[31m"])
def test_what_is_no_action_is_usage_or_nobody(advise: Advise, export: Path, action: str) -> None:
    done = advise("who-can", action, "--from", export, "--json")
    assert done.code in (0, 2)
    assert "Traceback" not in done.err


def test_the_table_tells_sign_word_and_reason(advise: Advise, export: Path) -> None:
    shown = advise("who-can", "s3:GetObject", OBJECT, "--from", export).out
    assert "2 can · 1 if · 1 unknown · 3 cannot (1 denied by a statement)" in shown
    (line,) = [line for line in shown.splitlines() if "user/ana" in line]
    assert "✓ allowed" in line and "own · 0 ReadPayroll" in line


@pytest.mark.parametrize(
    ("principal", "decision"),
    [
        ("ana", "allowed"),
        ("cleo", "conditional"),
        ("dan", "explicit-deny"),
        ("eve", "unknown"),
        ("fay", "implicit-deny"),
    ],
)
def test_can_has_the_shape_of_the_contract(advise: Advise, export: Path, principal: str, decision: str) -> None:
    done = advise("can", arn(f"user/{principal}"), "s3:GetObject", OBJECT, "--from", export, "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["schema"] == "advisor/can/1"
    assert document["decision"] == decision
    check_conditions(document["conditions"])
    check_gaps(document["gaps"])
    assert set(document["assuming"]) <= LAYERS
    for layer in document["trace"]:
        assert set(layer) - {"detail"} == {"layer", "outcome", "reasons"}
        assert layer["layer"] in LAYERS and layer["outcome"] in OUTCOMES
        check_reasons(layer["reasons"])
    assert ("witness" in document) == (decision == "conditional")


@pytest.mark.parametrize(
    ("principal", "expected", "code"),
    [
        ("ana", "allowed", 0),
        ("ana", "denied", 1),
        ("dan", "denied", 0),
        ("fay", "denied", 0),
        ("fay", "allowed", 1),
        ("cleo", "allowed", 1),
        ("cleo", "denied", 1),
        ("eve", "allowed", 1),
        ("eve", "denied", 1),
    ],
)
def test_expect_is_met_by_certain_answers_only(
    advise: Advise, export: Path, principal: str, expected: str, code: int
) -> None:
    done = advise("can", arn(f"user/{principal}"), "s3:GetObject", OBJECT, "--from", export, "--expect", expected)
    assert done.code == code


def test_a_session_policy_limits(advise: Advise, export: Path, tmp_path: Path) -> None:
    narrow = tmp_path / "session.json"
    narrow.write_text(json.dumps(policy(allow("s3:ListBucket"))))
    options = ("can", arn("user/ana"), "s3:GetObject", OBJECT, "--from", export, "--json")
    assert advise(*options).json["decision"] == "allowed"
    limited = advise(*options, "--session-policy", narrow).json
    assert limited["decision"] == "implicit-deny"
    assert "session" in {layer["layer"] for layer in limited["trace"] if layer["outcome"] != "none"}


def test_a_broken_session_policy_is_refused(advise: Advise, export: Path, tmp_path: Path) -> None:
    broken = tmp_path / "session.json"
    broken.write_text("{")
    options = ("can", arn("user/ana"), "s3:GetObject", OBJECT, "--from", export)
    assert advise(*options, "--session-policy", broken).code == 3
    assert advise(*options, "--session-policy", tmp_path / "none").code == 3


def test_a_resource_list_brings_the_resource_s_policy(advise: Advise, export: Path, resources: Path) -> None:
    alone = advise("who-can", "s3:GetObject", OBJECT, "--from", export, "--json").json["answers"]
    both = advise("who-can", "s3:GetObject", OBJECT, "--from", export, "--from", resources, "--json").json["answers"]
    assert "account" not in {answer["kind"] for answer in alone}
    (outsider,) = [answer for answer in both if "444455556666" in answer["principal"]]
    assert outsider["kind"] == "account"
    assert outsider["decision"] == "unknown"
    assert outsider["because"][0]["kind"] == "resource"


def test_what_can_has_the_shape_of_the_contract(advise: Advise, export: Path) -> None:
    done = advise("what-can", arn("user/cleo"), "--from", export, "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["schema"] == "advisor/what-can/1"
    names = [action["action"] for action in document["actions"]]
    assert names == sorted(names) and len(names) > 50
    assert {name.partition(":")[0] for name in names} == {"s3"}
    for action in document["actions"]:
        assert set(action) >= {"action", "decision", "resources", "conditions", "because", "gaps"}
        assert action["decision"] in DECISIONS
        check_conditions(action["conditions"])
        check_reasons(action["because"])


def test_what_can_says_that_all_else_is_unknown_where_a_policy_could_not_be_read(
    advise: Advise, export: Path, tmp_path: Path
) -> None:
    known = advise("what-can", arn("user/cleo"), "--from", export, "--json").json
    assert "others" not in known and known["gaps"] == []
    unread = arn("policy/unread")
    document = json.loads(export.read_text())
    for user in document["UserDetailList"]:
        user["AttachedManagedPolicies"] = [{"PolicyName": "unread", "PolicyArn": unread}]
        user["UserPolicyList"], user["GroupList"] = [], []
    torn = tmp_path / "torn.json"
    torn.write_text(json.dumps(document))
    found = advise("what-can", arn("user/cleo"), "--from", torn, "--json").json
    assert (found["others"], [gap["resource"] for gap in found["gaps"]]) == ("unknown", [unread])
    told = advise("what-can", arn("user/cleo"), "--from", torn)
    assert "anything else" in told.out and unread in told.out
    assert advise("what-can", arn("user/cleo"), "--from", torn, "--strict").code == 5


def test_what_can_on_a_resource_lists_what_holds_there(advise: Advise, export: Path) -> None:
    there = advise("what-can", arn("user/ana"), "--on", OBJECT, "--from", export, "--json").json["actions"]
    elsewhere = advise("what-can", arn("user/ana"), "--on", "arn:aws:s3:::other/x", "--from", export, "--json").json
    assert [action["action"] for action in there] == ["s3:GetObject"]
    assert elsewhere["actions"] == []


def test_a_principal_that_is_not_there_is_usage(advise: Advise, export: Path) -> None:
    for command in (("can", "annna", "s3:GetObject"), ("what-can", "user/annna")):
        done = advise(*command, "--from", export)
        assert done.code == 2
        assert "annna" in done.err and "nearest: ana" in done.err


def test_a_plain_name_finds_its_principal(advise: Advise, export: Path) -> None:
    assert advise("can", "ana", "s3:GetObject", OBJECT, "--from", export, "--json").json["decision"] == "allowed"
    assert advise("can", "role/ci", "lambda:InvokeFunction", "--from", export, "--json").code == 0


@pytest.mark.parametrize(("principal", "to"), [("dan", {"allowed"}), ("fay", {"allowed"}), ("ana", {"denied"})])
def test_explain_adds_changes_that_turn_the_answer(advise: Advise, export: Path, principal: str, to: set[str]) -> None:
    options = ("can", principal, "s3:GetObject", OBJECT, "--from", export, "--json")
    assert "flips" not in advise(*options).json
    flips = advise(*options, "--explain").json["flips"]
    assert {flip["to"] for flip in flips} == to
    for flip in flips:
        check_change(flip["change"])


def check_change(change: dict[str, Any]) -> None:
    assert set(change) >= {"id", "title", "operations", "undo", "reversible"}
    for operation in (*change["operations"], *change["undo"]):
        assert set(operation) - {"id", "account", "region"} == {"service", "operation", "parameters"}


def test_denied_names_the_layer_and_the_smallest_fix(advise: Advise, export: Path) -> None:
    message = (
        f"User: {arn('user/dan')} is not authorized to perform: s3:GetObject on resource: {OBJECT} "
        "with an explicit deny in an identity-based policy"
    )
    argument = advise("denied", message, "--from", export, "--json")
    piped = advise("denied", "--from", export, "--json", stdin=message.encode())
    assert argument.code == 0, argument.err
    assert argument.out == piped.out
    document = argument.json
    assert document["said"] == {"layer": "identity", "effect": "explicit", "policy": ""}
    assert document["decision"] == "explicit-deny"
    assert [fix["to"] for fix in document["fixes"]] == ["allowed"]
    (fix,) = document["fixes"]
    check_change(fix["change"])
    assert (fix["safe"], fix["others"], fix["opens"]) == (True, [], [])
    assert f"gives {fix['more']} more actions" in advise("denied", message, "--from", export).out


def test_denied_offers_no_wide_fix(advise: Advise, export: Path) -> None:
    message = f"User: {arn('user/fay')} is not authorized to perform: s3:ListAllMyBuckets"
    shown = advise("denied", message, "--from", export)
    assert "names no resource" in shown.out


def test_what_is_no_denial_is_refused(advise: Advise, export: Path) -> None:
    assert advise("denied", "hello", "--from", export).code == 3


def test_what_can_on_a_resource_names_only_actions_that_are_about_it(advise: Advise, export: Path) -> None:
    on = ("--on", "arn:aws:s3:::payroll/2026.csv")
    shown = advise("what-can", "ben", *on, "--from", str(export))
    assert "on arn:aws:s3:::payroll/2026.csv" in shown.out
    actions = advise("what-can", "ben", *on, "--json", "--from", str(export)).json["actions"]
    names = {item["action"] for item in actions}
    assert "s3:GetObject" in names
    assert not names & {"iam:ListRoles", "s3:ListAllMyBuckets", "ec2:DescribeInstances"}
