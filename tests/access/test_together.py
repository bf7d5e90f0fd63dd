"""Rule 36: a call that AWS authorizes on several resources needs an allow on each type that it has."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.access.index import AccessIndex, build_index
from advisor.model.principal import InlinePolicy, User
from advisor.model.snapshot import Snapshot, Source
from tests.policies import ACCOUNT, allow, document

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
RUN = "ec2:RunInstances"
INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*"
OWN = [f"arn:aws:ec2:*:{ACCOUNT}:{kind}/*" for kind in ("instance", "network-interface", "security-group", "subnet")]
IMAGE = "arn:aws:ec2:*::image/ami-0123*"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"


def index_of(*statements: dict[str, Any]) -> AccessIndex:
    held = (InlinePolicy("own", document(*statements)),)
    user = User(ANA, "ana", "AIDAANA", inline=held)
    layers = ("identity", "boundary", "resource", "scp", "rcp")
    return build_index((Snapshot(ACCOUNT, Source("live", read_layers=layers), "", users=(user,)),))


def say(index: AccessIndex, action: str, resource: str | None = None) -> str:
    """`can`, after comparing it with `who_can` and, for any resource, with `what_can`."""
    alone = index.can(ANA, action, resource).decision
    listed = {answer.principal: answer.decision for answer in index.who_can(action, resource).answers}
    assert listed.get(ANA, "denied") == (alone if not alone.endswith("deny") else "denied")
    if resource is None:
        assert (action in {item.action for item in index.what_can(ANA)}) == (ANA in listed)
    return alone


@pytest.mark.parametrize("resource", [None, INSTANCE, "arn:aws:ec2:eu-west-1::image/ami-0123456789"])
def test_everything_that_an_instance_needs_is_enough(resource: str | None) -> None:
    assert say(index_of(allow(RUN, "*")), RUN, resource) == "allowed"
    assert say(index_of(allow(RUN, [*OWN, IMAGE])), RUN, resource) == "allowed"


@pytest.mark.parametrize("resource", [None, INSTANCE])
def test_without_an_image_no_instance_starts(resource: str | None) -> None:
    index = index_of(allow(RUN, OWN))
    assert say(index, RUN, resource) == "implicit-deny"
    trace = {step.layer: step.detail for step in index.can(ANA, RUN, resource).trace}
    assert trace["identity"] == "the-call-needs-image-too"
    assert index.flips(ANA, RUN, resource) == ()


def test_a_deny_of_every_subnet_refuses_the_call_on_the_instance() -> None:
    deny = {"Effect": "Deny", "Action": RUN, "Resource": "arn:aws:ec2:*:*:subnet/*"}
    index = index_of(allow(RUN, "*"), deny)
    assert index.can(ANA, RUN, INSTANCE).decision == "explicit-deny"
    assert ANA not in {answer.principal for answer in index.who_can(RUN, INSTANCE)}


def test_a_deny_of_some_subnets_leaves_the_others() -> None:
    deny = {"Effect": "Deny", "Action": RUN, "Resource": f"arn:aws:ec2:*:{ACCOUNT}:subnet/subnet-1"}
    assert say(index_of(allow(RUN, "*"), deny), RUN, INSTANCE) == "allowed"


def test_what_may_be_on_the_other_resource_is_no_refusal() -> None:
    tagged = {"Condition": {"StringEquals": {"ec2:Subnet": "subnet-1"}}}
    statements = [allow(RUN, [IMAGE, OWN[0], OWN[2], OWN[3]]), allow(RUN, OWN[1], **tagged)]
    assert say(index_of(*statements), RUN, INSTANCE) == "allowed"


def test_an_alias_needs_its_key() -> None:
    alias = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/pay"
    assert say(index_of(allow("kms:CreateAlias", alias)), "kms:CreateAlias", alias) == "implicit-deny"
    assert say(index_of(allow("kms:CreateAlias", [alias, KEY])), "kms:CreateAlias", alias) == "allowed"


def test_alternatives_that_the_reference_calls_required_are_not_demanded() -> None:
    table = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"
    index = index_of(allow("dynamodb:PutResourcePolicy", table))
    assert say(index, "dynamodb:PutResourcePolicy", table) == "allowed"
