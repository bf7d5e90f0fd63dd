"""What the preview foresees is what two readings of the account differ by: access, paths and practices."""

from __future__ import annotations

import pytest

from advisor.account import Advisor
from advisor.advice.given import with_values
from advisor.advice.practices import evaluate
from advisor.change.plan import new_plan
from advisor.change.preview import preview
from advisor.change.turned import paths_turned
from advisor.model.change import Change
from tests.change.conftest import Live

SAMPLE = (
    "statement-remove-actions",
    "bucket-block-public",
    "mfa-enforce",
    "unused-role-remove",
    "user-policies-to-group",
)


@pytest.fixture(scope="module")
def changes(live: Live) -> dict[str, Change]:
    """The first complete change of each template that the findings of the demo recommend."""
    found: dict[str, Change] = {}
    for finding in live.advisor.findings().findings:
        for change in finding.changes:
            if change.template == "user-policies-to-group":
                change = with_values(change, {"group": ("data",)}, live.snapshot)
            if change.operations and not change.needs:
                found.setdefault(change.template, change)
    return found


@pytest.mark.parametrize("template", SAMPLE)
def test_the_preview_and_a_comparison_of_two_readings_agree(
    live: Live, changes: dict[str, Change], template: str
) -> None:
    before, change = live.advisor, changes[template]
    found = preview(before, change, paths=True)
    assert found.access is not None
    state = live.apply(new_plan(before, (change,)))
    try:
        after = Advisor((live.collect(),))
        really = before.difference(after)
        assert (found.access.gained, found.access.lost) == (really.gained, really.lost)
        assert found.paths == paths_turned(before, after)
        were = {result.id: result.status for result in evaluate(before)}
        turned = {(one.id, were[one.id], one.status) for one in evaluate(after) if were[one.id] != one.status}
        assert {(one.id, one.before, one.after) for one in found.practices} == turned
        moves_only = template == "user-policies-to-group"
        assert bool(found.access.gained or found.access.lost or turned) is not moves_only
    finally:
        live.undo(state.id)
