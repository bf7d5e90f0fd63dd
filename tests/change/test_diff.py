"""The diff speaks of meaning: order, string-or-list and white space do not count."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from advisor.change.diff import compare_documents, diff
from advisor.change.diff_text import as_text
from advisor.change.documents import meaning_of
from advisor.model.document import parse_document
from advisor.model.effects import apply_to
from tests.change.small_account import ADMIN, allow, document, iam, small_account
from tests.change.test_effects import TEXT, operation_of


def statuses(before: Any, after: Any) -> list[str]:
    return [statement.status for statement in compare_documents("x", before, after).statements]


def test_order_lists_of_one_and_white_space_are_no_difference() -> None:
    one = parse_document(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["a:B","a:C"],"Resource":"*"}}'
    )
    other = parse_document(
        '{"Statement": [ {"Resource": ["*"], "Action": ["a:C", "a:B"], "Effect": "Allow"} ], "Version": "2012-10-17"}'
    )
    assert statuses(one, other) == ["same"]
    assert compare_documents("x", one, other).lines == ()
    assert meaning_of(one) == meaning_of(other)


def test_a_statement_is_compared_with_its_own_counterpart() -> None:
    before = document(allow("s3:*"), allow("iam:PassRole"), {**allow("sqs:*"), "Sid": "Q"})
    after = document({**allow("sqs:SendMessage", "arn:q"), "Sid": "Q"}, allow("iam:PassRole", "arn:r"), allow("ec2:*"))
    found = compare_documents("x", before, after).statements
    assert [(item.status, item.before, item.after) for item in found] == [
        ("changed", 2, 0),
        ("changed", 1, 1),
        ("changed", 0, 2),
    ]


def test_only_what_differs_is_shown() -> None:
    before = document(allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]))
    after = document(allow(["s3:GetObject", "s3:PutObject"]))
    lines = [f"{line.mark}{line.text}" for line in compare_documents("x", before, after).lines]
    assert lines == [' "Action": [', '-  "s3:DeleteObject"', " … 2 kept".replace(" …", "   …"), " ]"]


def test_an_allow_never_pairs_with_a_deny() -> None:
    deny = document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    assert statuses(document(allow("s3:*")), deny) == ["added", "removed"]


def test_sizes_are_without_white_space() -> None:
    found = compare_documents("x", parse_document('{"Statement": [ ],  "Version": "2012-10-17"}'), None)
    assert (found.size_before, found.size_after) == (len('{"Statement":[],"Version":"2012-10-17"}'), 0)


def test_every_changed_thing_is_there_once_and_nothing_else() -> None:
    before = small_account()
    after = apply_to(
        (
            operation_of("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}),
            operation_of(
                "iam:CreatePolicyVersion",
                {"PolicyArn": iam("policy/dev"), "PolicyDocument": TEXT, "SetAsDefault": True},
            ),
            operation_of("iam:CreateGroup", {"GroupName": "fresh"}),
            operation_of("cloudtrail:StartLogging", {"Name": "main"}),
            operation_of("organizations:DetachPolicy", {"PolicyId": "p-stay", "TargetId": "111122223333"}),
        ),
        before,
    )
    things = diff(before, after)
    assert [(thing.kind, thing.title, thing.status) for thing in things] == [
        ("user", "ana", "changed"),
        ("group", "fresh", "new"),
        ("policy", "dev", "changed"),
        ("account", "111122223333", "changed"),
    ]
    text = as_text(things)
    assert f"-   attached policies: {ADMIN}" in text
    assert "v2 → v3" in text
    assert diff(before, before) == ()


def test_the_first_use_of_an_aws_managed_policy_makes_none() -> None:
    before = small_account()
    unused = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    after = apply_to((operation_of("iam:AttachUserPolicy", {"UserName": "ana", "PolicyArn": unused}),), before)
    assert [(thing.kind, thing.title, thing.status) for thing in diff(before, after)] == [("user", "ana", "changed")]
    assert diff(after, before)[0].title == "ana" and len(diff(after, before)) == 1


ELEMENTS = st.sampled_from(["s3:GetObject", "s3:*", "iam:PassRole", "sqs:SendMessage"])
STATEMENTS = st.lists(
    st.builds(
        lambda effect, actions, sid: (
            {"Effect": effect, "Action": actions, "Resource": "*"} | ({"Sid": sid} if sid else {})
        ),
        st.sampled_from(["Allow", "Deny"]),
        st.lists(ELEMENTS, min_size=1, max_size=3),
        st.sampled_from(["", "A", "B"]),
    ),
    max_size=4,
)


@given(STATEMENTS, STATEMENTS)
def test_each_statement_of_both_sides_stands_in_exactly_one_pair(one: list[Any], other: list[Any]) -> None:
    before, after = (parse_document(json.dumps({"Version": "2012-10-17", "Statement": side})) for side in (one, other))
    pairs = compare_documents("x", before, after).statements
    assert sorted(pair.before for pair in pairs if pair.before is not None) == list(range(len(one)))
    assert sorted(pair.after for pair in pairs if pair.after is not None) == list(range(len(other)))
    assert all(not pair.lines or pair.status for pair in pairs)


@given(STATEMENTS)
def test_a_document_never_differs_from_itself_in_another_order(statements: list[Any]) -> None:
    one = parse_document(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    turned = [dict(reversed(list(statement.items()))) for statement in reversed(statements)]
    other = parse_document(json.dumps({"Version": "2012-10-17", "Statement": turned}))
    assert set(statuses(one, other)) <= {"same"}
