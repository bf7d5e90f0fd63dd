"""The access difference of two states: what it names is really gained or lost, and what it proves is really so."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest

from advisor.access.difference import compare, compare_policies
from advisor.access.index import AccessIndex, build_index
from advisor.evaluate.pattern import glob_match
from advisor.model.document import Document, parse_document
from advisor.model.principal import InlinePolicy, ManagedPolicy, PolicyVersion, Role, User
from advisor.model.resource import Compute, Resource
from advisor.model.snapshot import Snapshot, Source
from advisor.reference.catalogue import takes_resources
from tests.access.agreement import indexed, questions
from tests.generate.documents import Documents
from tests.policies import ACCOUNT, allow, deny
from tests.policies import document as policy

LAYERS = ("identity", "boundary", "resource", "scp", "rcp", "endpoint")


TRUST = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"


def account(
    document: Document, *, resources: tuple[Resource, ...] = (), boundary: Document | None = None
) -> AccessIndex:
    edge = f"arn:aws:iam::{ACCOUNT}:policy/edge"
    user = User(ANA, "ana", inline=(InlinePolicy("own", document),), boundary=edge if boundary else None)
    other = Role(
        f"arn:aws:iam::{ACCOUNT}:role/other", "other", TRUST, inline=(InlinePolicy("own", policy(allow("ec2:*"))),)
    )
    policies = (ManagedPolicy(edge, "edge", (PolicyVersion("v1", boundary, True),)),) if boundary else ()
    snapshot = Snapshot(
        ACCOUNT, Source("export", "", LAYERS), "", users=(user,), roles=(other,), policies=policies, resources=resources
    )
    return build_index((snapshot,))


def told(changes: Any) -> list[tuple[str, tuple[str, ...], str, str, str]]:
    return [(c.principal.rsplit("/", 1)[-1], c.actions, c.resource, c.before, c.after) for c in changes]


def test_a_wider_policy_is_new_access_with_a_witness_that_was_evaluated() -> None:
    old = account(policy(allow("s3:GetObject", "arn:aws:s3:::a/*")))
    new = account(policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/*")))
    found = compare(old, new)
    assert found.verdict == "new-access"
    assert told(found.gained) == [("ana", ("s3:PutObject",), "arn:aws:s3:::a/*", "implicit-deny", "allowed")]
    assert found.lost == ()
    witness: Any = found.witness
    assert (
        new.can(witness["principal"], witness["action"], witness["resource"], witness["context"]).decision == "allowed"
    )
    assert (
        old.can(witness["principal"], witness["action"], witness["resource"], witness["context"]).decision != "allowed"
    )


def test_a_narrower_policy_is_proved_to_give_nothing() -> None:
    old = account(policy(allow("s3:*", "arn:aws:s3:::a/*")))
    new = account(policy(allow("s3:GetObject", "arn:aws:s3:::a/in/*")))
    found = compare(old, new)
    assert (found.verdict, found.gained) == ("proved", ())
    lost = {
        (change.resource, "s3:GetObject" in change.actions, "s3:PutObject" in change.actions) for change in found.lost
    }
    assert lost == {("arn:aws:s3:::a/*", True, True)}


def test_a_deny_taken_away_gives_what_it_denied() -> None:
    old = account(policy(allow("s3:GetObject"), deny("s3:GetObject", "arn:aws:s3:::secret/*")))
    found = compare(old, account(policy(allow("s3:GetObject"))))
    assert told(found.gained) == [("ana", ("s3:GetObject",), "arn:aws:s3:::secret/*", "explicit-deny", "allowed")]


def test_splitting_and_reordering_statements_changes_nothing() -> None:
    old = account(policy(allow(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])))
    parts = [allow(action, f"arn:aws:s3:::{name}/*") for name in "ba" for action in ("s3:PutObject", "s3:GetObject")]
    found = compare(old, account(policy(*parts)))
    assert (found.verdict, found.gained, found.lost) == ("proved", (), ())


def test_a_condition_taken_away_is_a_gain_and_one_added_a_loss() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    with_mfa, free = policy(allow("iam:CreateUser", Condition=mfa)), policy(allow("iam:CreateUser"))
    found = compare(account(with_mfa), account(free))
    assert [(c.before, c.after) for c in found.gained] == [("conditional", "allowed")]
    assert found.verdict == "new-access"
    found = compare(account(free), account(with_mfa))
    assert (found.verdict, found.gained, len(found.lost)) == ("proved", (), 1)


def test_a_boundary_limits_what_an_edit_gives() -> None:
    boundary = policy(allow("s3:*", "arn:aws:s3:::a/*"))
    old = account(policy(allow("ec2:RunInstances")), boundary=boundary)
    new = account(policy(allow(["ec2:RunInstances", "s3:GetObject", "iam:CreateUser"])), boundary=boundary)
    found = compare(old, new)
    assert told(found.gained) == [("ana", ("s3:GetObject",), "arn:aws:s3:::a/*", "implicit-deny", "allowed")]


def test_a_bucket_policy_opened_to_the_world_names_everyone() -> None:
    closed = Resource("arn:aws:s3:::a", "s3:bucket", ACCOUNT)
    public = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"})
    opened = msgspec.structs.replace(closed, policy=public)
    nothing = policy(allow("sqs:SendMessage"))
    found = compare(account(nothing, resources=(closed,)), account(nothing, resources=(opened,)))
    assert {(change.principal, change.after) for change in found.gained} >= {("*", "allowed"), (ANA, "allowed")}
    assert found.verdict == "new-access"


def test_what_cannot_be_known_is_no_proof() -> None:
    gone = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    one = account(policy(allow("s3:GetObject"))).snapshots[0]
    user = msgspec.structs.replace(one.users[0], attached=(gone,))
    other = msgspec.structs.replace(one, users=(user,))
    found = compare(build_index((one,)), build_index((other,)))
    assert found.verdict == "unknown"
    assert gone in found.reason


@pytest.mark.parametrize("seed", range(4))
def test_sampled_requests_are_all_told(seed: int) -> None:
    """Whatever is allowed now and was denied before stands among what was gained; and the other way round."""
    source = random.Random(seed)
    old = indexed(60, seed)
    new = build_index((_edited(old.snapshots[0], source, edits=4),))
    found = compare(old, new)
    gained = {(c.principal, action): [] for c in found.gained for action in c.actions}
    lost = {(c.principal, action): [] for c in found.lost for action in c.actions}
    for table, changes in ((gained, found.gained), (lost, found.lost)):
        for change in changes:
            for action in change.actions:
                table[change.principal, action].append(change.resource)
    for (action, resource, context), _ in zip(questions(source, 60), range(60), strict=False):
        resource = resource if takes_resources(action) else "*"
        for arn in source.sample(sorted(new.principals), 20):
            before, after = (index.can(arn, action, resource, context).decision for index in (old, new))
            denied = ("implicit-deny", "explicit-deny")
            if after == "allowed" and before in denied:
                assert _is_told(gained, arn, action, resource), (arn, action, resource, context)
            if before == "allowed" and after in denied:
                assert _is_told(lost, arn, action, resource), (arn, action, resource, context)


def _is_told(table: dict[tuple[str, str], list[str]], arn: str, action: str, resource: str) -> bool:
    return any(glob_match(pattern, resource) for pattern in table.get((arn, action), ()))


def _edited(snapshot: Snapshot, source: random.Random, edits: int) -> Snapshot:
    """The account after some customer managed policies were rewritten."""
    documents = Documents(source, ACCOUNT, len(snapshot.users), len(snapshot.roles))
    policies = list(snapshot.policies)
    for at in source.sample(range(len(policies)), min(edits, len(policies))):
        text = json.dumps(documents.identity())
        policies[at] = msgspec.structs.replace(
            policies[at], versions=(PolicyVersion("v9", parse_document(text), True),)
        )
    return msgspec.structs.replace(snapshot, policies=tuple(policies))


def test_two_policies_are_compared_whoever_holds_them() -> None:
    one = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject", "arn:aws:s3:::a/*")]})
    two = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:Get*", "arn:aws:s3:::a/*")]})
    assert compare_policies(two, one).verdict == "proved"
    found = compare_policies(one, two)
    assert found.verdict == "new-access"
    assert "s3:GetObjectTagging" in found.gained[0].actions


def test_policies_of_resources_are_compared_for_each_whom_they_name() -> None:
    def text(principal: Any) -> str:
        statement = {**allow("s3:GetObject", "arn:aws:s3:::a/*"), "Principal": principal}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    found = compare_policies(text({"AWS": ANA}), text({"AWS": [ANA, "444455556666"]}))
    assert [change.principal for change in found.gained] == ["444455556666"]
    assert compare_policies(text("*"), text({"AWS": ANA})).verdict == "proved"


def test_a_tag_of_a_user_or_role_turns_what_is_done_to_it() -> None:
    blue = {"StringEquals": {"iam:ResourceTag/team": "blue"}}
    held = policy(allow(["iam:DeleteUser", "iam:DeleteRole"], Condition=blue))

    def tagged(tags: tuple[tuple[str, str], ...]) -> AccessIndex:
        (snapshot,) = account(held).snapshots
        ben = User(f"arn:aws:iam::{ACCOUNT}:user/ben", "ben", tags=tags)
        roles = tuple(msgspec.structs.replace(role, tags=tags) for role in snapshot.roles)
        return build_index((msgspec.structs.replace(snapshot, users=(*snapshot.users, ben), roles=roles),))

    found = compare(tagged(()), tagged((("team", "blue"),)))
    gained = {(action, change.resource.rsplit(":", 1)[-1]) for change in found.gained for action in change.actions}
    assert {("iam:DeleteUser", "user/ben"), ("iam:DeleteRole", "role/other")} <= gained


def test_a_tag_of_an_instance_turns_what_is_done_to_it() -> None:
    arn = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    (snapshot,) = account(policy(allow("ec2:StopInstances", Condition=blue))).snapshots

    def tagged(value: str) -> AccessIndex:
        machine = Compute(arn, "ec2:instance", ACCOUNT, "eu-west-1", tags=(("team", value),))
        return build_index((msgspec.structs.replace(snapshot, compute=(machine,)),))

    found = compare(tagged("red"), tagged("blue"))
    assert ("ana", arn) in {(change.principal.rsplit("/", 1)[-1], change.resource) for change in found.gained}
