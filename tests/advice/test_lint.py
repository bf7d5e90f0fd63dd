"""The linter: each code on a policy that has the mistake, and silence on one that has not."""

# ruff: noqa: E501 - a table reads by its rows

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice.lint import lint
from advisor.advice.practices import practices
from advisor.model.document import parse_document

S = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("sid-twice", "identity", {"Statement": [{**S, "Sid": "A"}, {**S, "Sid": "A"}]}, {"Statement": [{**S, "Sid": "A"}, {**S, "Sid": "B"}]}),
    (
        "variable-without-version", "identity",
        {"Version": "2008-10-17", "Statement": [{**S, "Resource": "arn:aws:s3:::b/${aws:username}"}]},
        {"Version": "2012-10-17", "Statement": [{**S, "Resource": "arn:aws:s3:::b/${aws:username}"}]},
    ),
    ("allow-not-action", "identity", {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]},
     {"Statement": [{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]}),
    ("allow-not-principal", "resource", {"Statement": [{**S, "NotPrincipal": {"AWS": "111122223333"}}]},
     {"Statement": [{**S, "Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}}]}),
    ("allow-not-resource", "identity", {"Statement": [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a"}]},
     {"Statement": [{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::a"}]}),
    ("pass-any-role", "identity", {"Statement": [{**S, "Action": "iam:PassRole"}]},
     {"Statement": [{**S, "Action": "iam:PassRole", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}]}),
    ("no-such-action-form", "identity", {"Statement": [{**S, "Action": "s3.GetObject"}]}, {"Statement": [S]}),
    ("wildcard-in-equals", "identity", {"Statement": [{**S, "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b*"}}}]},
     {"Statement": [{**S, "Condition": {"StringLike": {"aws:PrincipalTag/a": "b*"}}}]}),
    ("for-all-values-without-null", "identity",
     {"Statement": [{**S, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}}]},
     {"Statement": [{**S, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}}}]}),
    ("source-ip-everything", "identity", {"Statement": [{**S, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}]},
     {"Statement": [{**S, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "wrong", "right"), CASES, ids=[case[0] for case in CASES])
def test_the_mistake_is_found_and_its_correction_is_not(
    code: str, kind: str, wrong: dict[str, Any], right: dict[str, Any]
) -> None:
    assert code in [found for found, _ in lint(parse_document(wrong), kind)]
    assert code not in [found for found, _ in lint(parse_document(right), kind)]


def test_every_code_has_its_meaning_in_the_knowledge() -> None:
    assert {case[0] for case in CASES} - {"pass-any-role"} == set(practices()["validate-policies"].codes)


def test_a_literal_star_written_as_variable_is_no_mistake() -> None:
    text = {"Version": "2012-10-17", "Statement": [{**S, "Condition": {"StringEquals": {"s3:prefix": "a${*}"}}}]}
    assert list(lint(parse_document(text))) == []
