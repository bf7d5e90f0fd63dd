"""Every technique works in a lab made for it, and in none of that lab's harmless twins."""

from __future__ import annotations

import pytest

from advisor.graph.paths import Finder, Paths
from advisor.reference.knowledge import load
from advisor.reference.schema.escalations import ADMINISTRATOR_GIVES, Technique
from tests.graph.technique_labs import ACTOR, Twist, assumed, lab, twists

TECHNIQUES = load("escalations")
LEADING = [
    item
    for item in TECHNIQUES.values()
    if item.gives in ADMINISTRATOR_GIVES and not item.same_as and {"user", "role"} & set(item.actors)
]


def _paths(technique: Technique, twist: Twist | None) -> Paths:
    techniques = TECHNIQUES if twist is None else {technique.id: technique}
    finder = Finder(lab(technique, twist).snapshot(), techniques, assumed(technique))
    return finder.find("admin", None, every=False)


def _by(paths: Paths, technique: Technique) -> list[str]:
    return [
        path.status
        for path in paths.paths
        if path.source.endswith(f"/{ACTOR}") and path.hops[0].technique == technique.id
    ]


@pytest.mark.parametrize("technique", LEADING, ids=lambda item: item.id)
def test_technique_is_found_where_everything_it_needs_is_there(technique: Technique) -> None:
    paths = _paths(technique, None)
    assert _by(paths, technique) == ["open"]
    inside = [path for path in paths.paths if path.status != "unknown" and ":iam::" in path.source]
    assert all(path.source.endswith((f"/{ACTOR}", "provider/Example", "id.example.com")) for path in inside)
    (hop,) = next(path.hops for path in paths.paths if path.hops[0].technique == technique.id)
    for required in hop.requires:
        assert required.because, f"no statement behind {required.action}"


@pytest.mark.parametrize(
    ("technique", "twist"),
    [pytest.param(item, twist, id=f"{item.id}: {twist}") for item in LEADING for twist in twists(item)],
)
def test_technique_is_not_found_where_something_stands_in_its_way(technique: Technique, twist: Twist) -> None:
    assert _by(_paths(technique, twist), technique) == []
