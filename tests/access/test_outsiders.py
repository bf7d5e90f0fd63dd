"""Whom a resource's policy lets in from outside is listed, each as what it is; nobody whom it names is left out.

Source: IAM User Guide, "AWS JSON policy elements: Principal"; rules 20–28.
"""

from __future__ import annotations

from typing import Any

import pytest

from advisor.access.index import build_index
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from tests.evaluate.worlds import ACCOUNT, document

IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EXAMPLE"
CANONICAL = "0" * 60 + "abcd"
OTHER = "444455556666"


@pytest.mark.parametrize(
    ("principal", "listed"),
    [
        ({"AWS": IDENTITY}, [(IDENTITY, "service", "allowed")]),
        ({"CanonicalUser": CANONICAL}, [(CANONICAL, "account", "unknown")]),
        ({"AWS": OTHER}, [(f"arn:aws:iam::{OTHER}:root", "account", "unknown")]),
        ({"AWS": [OTHER, f"arn:aws:iam::{OTHER}:root"]}, [(f"arn:aws:iam::{OTHER}:root", "account", "unknown")]),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/x"}, [(f"arn:aws:iam::{OTHER}:role/x", "role", "unknown")]),
        ({"AWS": f"arn:aws:iam::{OTHER}:group/x"}, []),
        ({"AWS": f"arn:aws-cn:iam::{OTHER}:root"}, []),
        ({"AWS": "AROAEXAMPLEEXAMPLE"}, []),
        ({"Federated": "cognito-identity.amazonaws.com"}, []),
        ({"Service": "cloudfront.amazonaws.com"}, [("cloudfront.amazonaws.com", "service", "allowed")]),
        ("*", [("*", "everyone", "allowed")]),
    ],
)
def test_who_is_let_into_a_bucket(principal: Any, listed: list[tuple[str, str, str]]) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    bucket = Resource("arn:aws:s3:::b", "s3:bucket", ACCOUNT, policy=document([statement]))
    layers = ("identity", "boundary", "resource", "scp", "rcp")
    index = build_index((Snapshot(ACCOUNT, Source("live", read_layers=layers), "", resources=(bucket,)),))
    found = index.who_can("s3:GetObject", "arn:aws:s3:::b/x").answers
    assert [(answer.principal, answer.kind, answer.decision) for answer in found] == listed
