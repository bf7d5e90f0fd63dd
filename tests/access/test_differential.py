"""The index and the one-request evaluator agree. `make bench` asks ten times as much."""

from __future__ import annotations

import pytest

from tests.access.agreement import disagreements, indexed


@pytest.mark.parametrize(
    ("seed", "with_resources", "with_org"),
    [(1, True, True), (2, True, True), (3, False, True), (4, True, False), (5, False, False)],
)
def test_index_and_single_requests_agree(seed: int, with_resources: bool, with_org: bool) -> None:
    index = indexed(400, seed, with_resources=with_resources, with_org=with_org)
    asked, found = disagreements(index, seed, asks=80, principals_each=25)
    assert asked == 2_000
    assert not found, found[:3]
