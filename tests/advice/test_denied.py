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


LAYERS = {
    "identity-based policy": "identity",
    "resource-based policy": "resource",
    "service control policy": "scp",
    "resource control policy": "rcp",
    "permissions boundary": "boundary",
    "session policy": "session",
    "VPC endpoint policy": "endpoint",
    "role trust policy": "resource",
}
"""Every policy type of AWS's page, as messages name it."""
IN_ORGANIZATION = "arn:aws:organizations::444455556666:policy/o-1234567890"
POLICIES = {
    "identity-based policy": "arn:aws:iam::111122223333:policy/ExampleDenyPolicy",
    "service control policy": f"{IN_ORGANIZATION}/service_control_policy/p-12345678",
    "resource control policy": f"{IN_ORGANIZATION}/resource_control_policy/p-12345678",
    "permissions boundary": "arn:aws:iam::111122223333:policy/Limit",
    "session policy": "arn:aws:iam::111122223333:policy/Passed",
}


@pytest.mark.parametrize("article", ["a", "an", "the"])
@pytest.mark.parametrize("kind", LAYERS)
def test_every_policy_type_is_told_with_and_without_a_statement(kind: str, article: str) -> None:
    asked = f'User: {ROLE} {NOT} s3:GetObject on resource: "arn:aws:s3:::b/k"'
    no = parse_denial(f"{asked} because no {kind} allows the s3:GetObject action")
    assert (no.layer, no.effect, no.reason) == (LAYERS[kind], "implicit", "")
    deny = parse_denial(f"{asked} with an explicit deny in {article} {kind}")
    assert (deny.layer, deny.effect, deny.resource) == (LAYERS[kind], "explicit", "arn:aws:s3:::b/k")


@pytest.mark.parametrize("between", [": ", " "])
@pytest.mark.parametrize("kind", POLICIES)
def test_the_arn_of_the_policy_is_found_and_the_id_behind_it(kind: str, between: str) -> None:
    found = parse_denial(
        f"An error occurred (AccessDenied) when calling the CreateInstanceProfile operation: User: {MARY} {NOT} "
        "iam:CreateInstanceProfile\non resource: arn:aws:iam::111122223333:instance-profile/mine\n"
        f"with an explicit deny in an {kind}{between}{POLICIES[kind]}.\n"
        "Go to https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/"
        "example1a2b3c4d5e6f7g8h9i0j for complete details,\nor call the GetRequestAuthorizationDetails API with the "
        "following authorization id: example1a2b3c4d5e6f7g8h9i0j"
    )
    assert found == Denial(
        MARY, "iam:CreateInstanceProfile", "arn:aws:iam::111122223333:instance-profile/mine", LAYERS[kind], "explicit",
        POLICIES[kind], "example1a2b3c4d5e6f7g8h9i0j",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("role deploy", "arn:aws:iam::111122223333:role/deploy"),
        ("user mary", "arn:aws:iam::111122223333:user/mary"),
        ("instance profile web", "arn:aws:iam::111122223333:instance-profile/web"),
        ("policy arn:aws:iam::111122223333:policy/Limit", "arn:aws:iam::111122223333:policy/Limit"),
        ("policy path", None),
        ("role", "arn:aws:iam:*:111122223333:role"),
    ],
)
def test_iam_names_a_thing_by_kind_and_name(resource: str, expected: str | None) -> None:
    message = f"User: {MARY} {NOT} iam:GetRole on resource: {resource} because no identity-based policy allows it"
    found = parse_denial(message)
    assert (found.resource, found.layer) == (expected, "identity")


def test_kms_names_no_resource_and_leaves_open_whether_a_statement_denied() -> None:
    found = parse_denial(
        f"User: {ROLE} {NOT} kms:Decrypt on this resource because the resource does not exist in this Region, no "
        "resource-based policies allow access, or a resource-based policy explicitly denies access"
    )
    assert (found.resource, found.layer, found.effect) == (None, "resource", "")
    named = parse_denial(
        f"User: {ROLE} {NOT} kms:GenerateDataKey on this resource because no identity-based policy allows"
    )
    assert (named.resource, named.layer, named.effect) == (None, "identity", "implicit")


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (
            "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
            "public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access",
        ),
        (
            "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access",
        ),
        (
            "because this bucket has blocked upload requests that specify Server Side Encryption with Customer "
            "provided keys (SSE-C). Please specify a different server-side encryption type",
            "this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys "
            "(SSE-C)",
        ),
    ],
)
def test_what_no_policy_refused_is_told_in_aws_s_words(ending: str, reason: str) -> None:
    found = parse_denial(f'User: {MARY} {NOT} s3:PutObject on resource: "arn:aws:s3:::b/k" {ending}')
    assert (found.layer, found.effect, found.reason) == ("", "", reason)


def test_an_explicit_deny_without_its_policy_type_is_one() -> None:
    found = parse_denial(
        f"User: {MARY} {NOT} ec2:RunInstances on resource: arn:aws:ec2:::volume/* with an explicit deny"
    )
    assert (found.layer, found.effect) == ("", "explicit")


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
