"""Access-denied messages as AWS writes them, and around which things stand in the wild."""

from __future__ import annotations

import pytest

from advisor.advice.denied import Denial, parse_denial
from advisor.errors import InputError

MARY = "arn:aws:iam::111122223333:user/mary"
NOT = "is not authorized to perform:"
ROLE = "arn:aws:sts::111122223333:assumed-role/deploy/ci"

MESSAGES: list[tuple[str, Denial]] = [
    (
        f"User: {MARY} {NOT} codecommit:ListRepositories because no identity-based policy allows "
        "the codecommit:ListRepositories action",
        Denial(MARY, "codecommit:ListRepositories", None, "identity", "implicit"),
    ),
    (
        f"An error occurred (AccessDenied) when calling the GetObject operation: User: {ROLE} {NOT} "
        's3:GetObject on resource: "arn:aws:s3:::payroll/a b.csv" with an explicit deny in a resource-based policy',
        Denial(ROLE, "s3:GetObject", "arn:aws:s3:::payroll/a b.csv", "resource", "explicit"),
    ),
    (
        f"User: {MARY} {NOT} lambda:ListFunctions on resource: function:HelloWorld because no "
        "permissions boundary allows the lambda:ListFunctions action",
        Denial(
            MARY, "lambda:ListFunctions", "arn:aws:lambda:*:111122223333:function:HelloWorld", "boundary", "implicit"
        ),
    ),
    (
        f"User: {MARY} {NOT} iam:CreateUser with an explicit deny in a service control policy: "
        "arn:aws:organizations::444455556666:policy/o-1234567890/service_control_policy/p-12345678.",
        Denial(
            MARY, "iam:CreateUser", None, "scp", "explicit",
            "arn:aws:organizations::444455556666:policy/o-1234567890/service_control_policy/p-12345678",
        ),
    ),
    (
        f"User: {ROLE} {NOT} kms:Decrypt on resource: "
        "arn:aws:kms:eu-west-1:111122223333:key/abcd with an explicit deny in a VPC endpoint policy",
        Denial(ROLE, "kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/abcd", "endpoint", "explicit"),
    ),
    (
        f"User: {ROLE} {NOT} sqs:SendMessage on resource: * because no session policy allows the "
        "sqs:SendMessage action",
        Denial(ROLE, "sqs:SendMessage", None, "session", "implicit"),
    ),
    (
        f"User: {ROLE} {NOT} s3:PutObject on resource: arn:aws:s3:::b/k with an explicit deny in a "
        "resource control policy (Authorization ID: 0a1b2c3d-4e5f-6789-abcd-ef0123456789)",
        Denial(
            ROLE, "s3:PutObject", "arn:aws:s3:::b/k", "rcp", "explicit", "", "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
        ),
    ),
    (
        f'{{"errorCode": "AccessDenied", "errorMessage": "User: {MARY} {NOT} ec2:RunInstances"}}',
        Denial(MARY, "ec2:RunInstances"),
    ),
    (
        f"  botocore.exceptions.ClientError: User:\n   {MARY}\n {NOT}\n ec2:RunInstances  ",
        Denial(MARY, "ec2:RunInstances"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_a_message_tells_who_what_and_which_layer(message: str, expected: Denial) -> None:
    assert parse_denial(message) == expected


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("An error occurred (AccessDenied) when calling the ListBuckets operation: Access Denied", "`ListBuckets`"),
        ("You are not authorized. Encoded authorization failure message: aaaa", "decode-authorization-message"),
        ("hello", "no access-denied message"),
        ("", "no access-denied message"),
        ("x" * 30_000, "characters"),
    ],
)
def test_a_message_that_does_not_say_enough_is_refused_with_what_it_lacks(message: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_denial(message)
