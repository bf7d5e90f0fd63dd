"""The table of facts about what is shared and who is trusted across the border; the rest is in `fact_cases.py`."""

from __future__ import annotations

from typing import Any

from advisor.model.document import Document
from advisor.model.resource import Grant, PublicAccessBlock
from tests.advice.fact_cases import EXTERNAL, NAMED, SOURCE_ONLY, Fields
from tests.advice.small_accounts import ID, OUTSIDE, SIBLING, arn, bucket, open_to, role, trusting


def pooled(**condition: Any) -> Document:
    principal = {"Federated": "cognito-identity.amazonaws.com"}
    return trusting(principal, "sts:AssumeRoleWithWebIdentity", **condition)


SHARING: dict[str, tuple[tuple[Fields, Any], tuple[Fields, Any], Fields | str]] = {
    "share.accounts": (
        ({"resources": (bucket("a", open_to({"AWS": f"arn:aws:iam::{OUTSIDE}:root"})),)}, (OUTSIDE,)),
        ({"resources": (bucket("a", open_to({"AWS": f"arn:aws:iam::{SIBLING}:root"})),)}, ()),
        {},
    ),
    "share.service_open": (
        ({"resources": (bucket("a", open_to({"Service": "cloudtrail.amazonaws.com"})),)}, ("arn:aws:s3:::a",)),
        (
            {
                "resources": (
                    bucket(
                        "a",
                        open_to(
                            {"Service": "cloudtrail.amazonaws.com"},
                            Condition={"StringEquals": {"aws:SourceAccount": ID}},
                        ),
                    ),
                    bucket("b", open_to({"AWS": ID})),
                )
            },
            (),
        ),
        {},
    ),
    "share.open_services(arn:aws:s3:::a)": (
        (
            {"resources": (bucket("a", open_to({"Service": "cloudtrail.amazonaws.com"})),)},
            ("cloudtrail.amazonaws.com",),
        ),
        ({"resources": (bucket("a"),)}, ()),
        SOURCE_ONLY,
    ),
    "trust.service_open": (
        ({"roles": (role("a", trust=trusting({"Service": "states.amazonaws.com"})),)}, (arn("role", "a"),)),
        (
            {
                "roles": (
                    role(
                        "a",
                        trust=trusting({"Service": "states.amazonaws.com"}, StringEquals={"aws__SourceAccount": ID}),
                    ),
                    role("b", trust=trusting({"Service": "lambda.amazonaws.com"})),
                    role("c", trust=trusting({"AWS": ID})),
                )
            },
            (),
        ),
        SOURCE_ONLY,
    ),
    f"trust.open_services({arn('role', 'a')})": (
        ({"roles": (role("a", trust=trusting({"Service": "states.amazonaws.com"})),)}, ("states.amazonaws.com",)),
        ({"roles": (role("a", trust=trusting({"Service": "lambda.amazonaws.com"})),)}, ()),
        SOURCE_ONLY,
    ),
    "share.principals(arn:aws:s3:::a)": (
        ({"resources": (bucket("a", open_to("*")),)}, ("*",)),
        ({"resources": (bucket("a"),)}, ()),
        SOURCE_ONLY,
    ),
    "share.public": (
        (
            {"resources": (bucket("a", open_to("*")),), "settings": {"public_access_block": PublicAccessBlock()}},
            ("arn:aws:s3:::a",),
        ),
        (
            {
                "resources": (
                    bucket("a", open_to("*")),
                    bucket("b", open_to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-example"}})),
                )
            },
            (),
        ),
        {},
    ),
    "share.ram": (
        (
            {"resources": (bucket("a", grants=(Grant("ram-share", OUTSIDE, (), "arn:aws:ram:share"),)),)},
            ("arn:aws:ram:share",),
        ),
        ({}, ()),
        {},
    ),
    "share.resource": (
        (
            {
                "resources": (
                    bucket("a", open_to({"AWS": OUTSIDE})),
                    bucket("b", grants=(Grant("acl", OUTSIDE, ("READ",)),)),
                )
            },
            ("arn:aws:s3:::a", "arn:aws:s3:::b"),
        ),
        ({"resources": (bucket("a", open_to({"AWS": ID})),)}, ()),
        {},
    ),
    "trust.no_extid": (
        ({"roles": (role("v", EXTERNAL),)}, (arn("role", "v"),)),
        ({"roles": (role("v", NAMED),)}, ()),
        {"roles": (role("v", EXTERNAL),)},
    ),
    "trust.outside": (
        ({"roles": (role("v", EXTERNAL),)}, (OUTSIDE,)),
        ({"roles": (role("v", trusting({"AWS": f"arn:aws:iam::{SIBLING}:root"})),)}, ()),
        {"roles": (role("v", EXTERNAL),)},
    ),
    "trust.star": (
        ({"roles": (role("open", trusting({"AWS": "*"})),)}, (arn("role", "open"),)),
        ({"roles": (role("org", trusting("*", StringEquals={"aws__PrincipalOrgID": "o-example"})),)}, ()),
        SOURCE_ONLY,
    ),
    "trust.vanished": (
        ({"roles": (role("left", trusting({"AWS": "AROAEXAMPLEGONE"})),)}, (arn("role", "left"),)),
        ({}, ()),
        SOURCE_ONLY,
    ),
    "trust.vanished_principals(" + arn("role", "left") + ")": (
        ({"roles": (role("left", trusting({"AWS": "AROAEXAMPLEGONE"})),)}, ("AROAEXAMPLEGONE",)),
        ({}, ()),
        SOURCE_ONLY,
    ),
    "oidc.any_pool": (
        ({"roles": (role("app", pooled()),)}, (arn("role", "app"),)),
        ({"roles": (role("app", pooled(StringEquals={"cognito-identity.amazonaws.com__aud": "eu-west-1:pool"})),)}, ()),
        SOURCE_ONLY,
    ),
}
