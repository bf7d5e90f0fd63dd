"""Ways and look-alikes planted in generated accounts: none is missed, none is made up."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from advisor.account import open_account
from advisor.graph.paths import Finder
from advisor.model.snapshot import Snapshot
from advisor.reference.knowledge import load
from tests.generate.account import generate
from tests.graph.technique_labs import ACTOR, lab, twists

TECHNIQUES = load("escalations")
PLANTED = (
    "iam-001", "iam-002", "iam-005", "iam-007", "iam-008", "iam-011", "iam-012", "iam-013", "iam-014", "iam-018",
    "iam-020", "lambda-001", "lambda-004", "ec2-001", "ecs-002", "cloudformation-001", "glue-003", "sts-001",
    "x-iam-setdefault", "x-scheduler", "x-saml-1",
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    export, _, org = generate(80, seed=5).write(tmp_path_factory.mktemp("crowd"))
    return open_account([export], org=org).snapshot


def _within(crowd: Snapshot, planted: Snapshot) -> Snapshot:
    """The lab's principals and policies among those of the generated account, under its organization."""
    organization = planted.organization or crowd.organization
    return replace(
        crowd,
        users=(*crowd.users, *planted.users),
        roles=(*crowd.roles, *planted.roles),
        groups=(*crowd.groups, *planted.groups),
        policies=(*crowd.policies, *planted.policies),
        compute=planted.compute,
        organization=organization,
    )


def _found(snapshot: Snapshot, technique: str) -> list[Any]:
    paths = Finder(snapshot, TECHNIQUES).find("admin", None, every=False).paths
    return [path for path in paths if path.source.endswith(f"/{ACTOR}") and path.hops[0].technique == technique]


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_way_is_found(crowd: Snapshot, name: str) -> None:
    found = _found(_within(crowd, lab(TECHNIQUES[name]).snapshot()), name)
    assert [path.status for path in found] in (["open"], ["conditional"])  # the organization limits Regions


@pytest.mark.parametrize("name", PLANTED)
def test_its_look_alike_is_not(crowd: Snapshot, name: str) -> None:
    technique = TECHNIQUES[name]
    for twist in list(twists(technique))[:: 3 if len(technique.needs) > 1 else 2]:
        if twist.name != "bounded target":  # the crowd has other targets
            found = _found(_within(crowd, lab(technique, twist).snapshot()), name)
            assert found == [], twist
