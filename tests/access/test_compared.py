"""The access difference on resources with policies of their own: each action is asked for itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec
import pytest

from advisor.access.difference import compare
from advisor.access.index import AccessIndex, build_index
from advisor.access.instances import instances
from advisor.evaluate.pattern import glob_covers
from advisor.model.difference import AccessChange, Difference
from advisor.model.document import Document, parse_document
from advisor.model.principal import ManagedPolicy, PolicyVersion, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from advisor.reference.catalogue import takes_resources
from tests.access.agreement import indexed
from tests.generate.account import ACCOUNT
from tests.generate.documents import SERVICES, Documents
from tests.policies import document as policy

LAYERS = ("identity", "boundary", "resource", "scp", "rcp", "endpoint")
HELD = f"arn:aws:iam::{ACCOUNT}:policy/held"
BUCKET, KEY = "arn:aws:s3:::a", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
DENIED = ("implicit-deny", "explicit-deny")


def said(effect: str, principal: Any, action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}


def account(held: Document, *resources: Resource, names: Iterable[str] = ("ana",)) -> AccessIndex:
    """Users who hold one managed policy, and resources."""
    users = tuple(User(f"arn:aws:iam::{ACCOUNT}:user/{name}", name, attached=(HELD,)) for name in names)
    policies = (ManagedPolicy(HELD, "held", (PolicyVersion("v1", held, True),)),)
    source = Source("export", "", LAYERS)
    return build_index((Snapshot(ACCOUNT, source, "", users=users, policies=policies, resources=resources),))


def allowing(actions: Any, resource: str) -> Document:
    return policy({"Effect": "Allow", "Action": actions, "Resource": resource})


def told(changes: Iterable[AccessChange]) -> set[tuple[str, str]]:
    return {(change.principal.rsplit("/", 1)[-1], action) for change in changes for action in change.actions}


NOTHING = policy({"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*"})


def test_a_bucket_that_denies_one_action_hides_no_other_action() -> None:
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, policy=policy(said("Deny", "*", "s3:DeleteObject", f"{BUCKET}/*")))
    held = allowing(["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:RestoreObject"], f"{BUCKET}/*")
    without, with_it = account(NOTHING, bucket), account(held, bucket)
    expected = {("ana", "s3:DeleteObjectVersion"), ("ana", "s3:RestoreObject")}
    found = compare(without, with_it)
    assert (found.verdict, told(found.gained)) == ("new-access", expected)
    assert told(compare(with_it, without).lost) - {("ana", "ec2:StopInstances")} == expected


def test_a_key_that_denies_one_action_hides_no_other_action() -> None:
    root = said("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
    key = Resource(KEY, "kms:key", ACCOUNT, policy=policy(root, said("Deny", "*", "kms:Decrypt")))
    found = compare(account(NOTHING, key), account(allowing(["kms:Decrypt", "kms:Encrypt", "kms:Sign"], "*"), key))
    gained = [change for change in found.gained if change.resource == KEY]
    assert told(gained) == {("ana", "kms:Encrypt"), ("ana", "kms:Sign")}


def test_a_key_that_leaves_some_actions_to_the_account_gives_those_alone() -> None:
    root = said("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, ["kms:Encrypt", "kms:Sign"])
    key = Resource(KEY, "kms:key", ACCOUNT, policy=policy(root))
    found = compare(account(NOTHING, key), account(allowing("kms:*", KEY), key))
    assert told(found.gained) == {("ana", "kms:Encrypt"), ("ana", "kms:Sign")}


@pytest.mark.parametrize(
    "only_ana",
    [
        said("Deny", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}, "s3:*", f"{BUCKET}/*"),
        said("Deny", "*", "s3:*", f"{BUCKET}/*", Condition={"StringEquals": {"aws:username": "ana"}}),
    ],
)
def test_who_holds_the_same_policies_is_told_apart_by_what_a_bucket_says_of_each(only_ana: dict[str, Any]) -> None:
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, policy=policy(only_ana))
    names, held = ("ana", "ben", "cem"), allowing("s3:GetObject", f"{BUCKET}/*")
    found = compare(account(NOTHING, bucket, names=names), account(held, bucket, names=names))
    assert told(found.gained) == {("ben", "s3:GetObject"), ("cem", "s3:GetObject")}


# --- Generated accounts ----------------------------------------------------------------------------------------------


SEEDS = (22, 24)


@cache
def _compared(seed: int) -> tuple[tuple[AccessIndex, AccessIndex], Difference]:
    old = indexed(60, seed)
    sides = old, build_index((_edited(old.snapshots[0], random.Random(seed)),))
    return sides, compare(*sides)


def _edited(snapshot: Snapshot, source: random.Random) -> Snapshot:
    """The account after some managed policies and some policies of resources were rewritten."""
    documents = Documents(source, ACCOUNT, len(snapshot.users), len(snapshot.roles))
    policies, resources = list(snapshot.policies), list(snapshot.resources)
    for at in source.sample(range(len(policies)), min(3, len(policies))):
        versions = (PolicyVersion("v9", parse_document(documents.identity()), True),)
        policies[at] = msgspec.structs.replace(policies[at], versions=versions)
    for at in source.sample(range(len(resources)), 5):
        service = resources[at].arn.split(":")[2]
        document = parse_document(documents._resource_policy(resources[at].arn, service))
        resources[at] = msgspec.structs.replace(resources[at], policy=document)
    return msgspec.structs.replace(snapshot, policies=tuple(policies), resources=tuple(resources))


def _decisions(sides: tuple[AccessIndex, AccessIndex], principal: str, action: str, resource: str) -> tuple[str, ...]:
    """A single request about one resource, on both sides."""
    return tuple(side.verdict(side.caller(principal), side.question(action, resource, {})).decision for side in sides)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_change_is_what_single_requests_say_of_both_sides(seed: int) -> None:
    source = random.Random(seed)
    sides, found = _compared(seed)
    changes = [change for change in (*found.gained, *found.lost) if change.principal in sides[0].principals]
    kinds: Counter[str] = Counter()
    for change in source.sample(changes, min(len(changes), 150)):
        for action in source.sample(change.actions, min(len(change.actions), 3)):
            asked = [
                _decisions(sides, change.principal, action, arn) for arn in instances(change.resource, action, ACCOUNT)
            ]
            assert any(_alike(decisions, (change.before, change.after)) for decisions in asked), (change, action, asked)
            kinds[change.resource.split(":")[2] if ":" in change.resource else "*"] += 1
    assert sum(kinds.values()) > 100 and kinds["s3"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_turns_on_a_resource_with_a_policy_of_its_own_is_told(seed: int) -> None:
    source = random.Random(seed)
    sides, found = _compared(seed)
    tables = [_table(found.gained), _table(found.lost)]
    turned = 0
    resources = [item for item in sides[1].snapshots[0].resources if item.policy is not None]
    for _ in range(90):
        resource = source.choice(resources).arn
        service = resource.split(":")[2]
        action = f"{service}:{source.choice(SERVICES[service])}"
        target = resource + source.choice(["", "/a/b"]) * (service == "s3")
        for principal in source.sample(sorted(sides[0].principals), 25):
            before, after = _decisions(sides, principal, action, target if takes_resources(action) else "*")
            for table, wide, narrow in ((tables[0], after, before), (tables[1], before, after)):
                if wide == "allowed" and narrow in DENIED:
                    turned += 1
                    patterns = table.get((principal, action), [])
                    covered = any(glob_covers(pattern, target) for pattern in patterns)
                    assert covered or not takes_resources(action), (principal, action, target, before, after)
    assert turned > 5


def _alike(found: tuple[str, ...], expected: tuple[str, ...]) -> bool:
    return all(one == other or {one, other} <= set(DENIED) for one, other in zip(found, expected, strict=True))


def _table(changes: Iterable[AccessChange]) -> dict[tuple[str, str], list[str]]:
    table: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        for action in change.actions:
            table.setdefault((change.principal, action), []).append(change.resource)
    return table
