"""Every change that a decision or a finding offers on a real account can be read, and says what it still lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest

from advisor.account import Advisor, open_account
from advisor.advice.templates import fill
from advisor.decide.outcome import changes_of
from advisor.decide.trees import trees
from advisor.model.change import Change
from tests.advice.small_accounts import person, read
from tests.shared_material import shared

EXPORTS = ("cloudsplaining-authz-details.json", "cloudsplaining-example.json")
PLACEHOLDER = re.compile(r"<([a-z_]+)>")
UNFILLED = re.compile(r"\$[a-z]+\.[a-z]|\bNone\b|\{subject\}")


def offered(account: Advisor) -> Iterator[tuple[str, Change]]:
    """Every change of every outcome of every tree, whatever way leads there, and of every finding."""
    for id, tree in trees().items():
        for outcome, result in tree.outcomes.items():
            yield from ((f"{id}.{outcome}", change) for change in changes_of(account, result))
    yield from ((finding.id, change) for finding in account.findings().findings for change in finding.changes)


def problems(where: str, change: Change) -> Iterator[str]:
    calls = msgspec.json.encode(change.operations).decode()
    told = " ".join((change.title, change.note, *change.by_hand))
    needs = {name for name, _ in change.needs}
    named = set(PLACEHOLDER.findall(calls))
    if named - needs:
        yield f"{where} {change.template}: {named - needs} stand in the calls and nobody is asked for them"
    if needs - named and change.operations:
        yield f"{where} {change.template}: {needs - named} are asked for and used nowhere"
    if PLACEHOLDER.search(told) or UNFILLED.search(f"{calls} {told}"):
        yield f"{where} {change.template}: not filled in: {told[:80]}"
    if not change.operations and not change.by_hand and not change.note:
        yield f"{where} {change.template}: nothing to do, and no word why"


@pytest.mark.parametrize("name", EXPORTS)
def test_no_change_on_an_export_has_an_unfilled_place(name: str) -> None:
    account = open_account([shared(f"accounts/{name}")])
    found = list(offered(account))
    assert len(found) > 50
    assert [problem for where, change in found for problem in problems(where, change)] == []


def test_no_change_on_the_demo_account_has_an_unfilled_place() -> None:
    pytest.importorskip("moto")
    account = open_account(demo=True)
    found = list(offered(account))
    assert len(found) > 100
    assert [problem for where, change in found for problem in problems(where, change)] == []
    recommended = [change for finding in account.findings().findings for change in finding.changes]
    assert all(change.operations or change.by_hand for change in recommended), "a recommendation can be followed"


def test_a_change_that_lacks_a_value_keeps_its_calls_and_hides_the_place_in_its_title() -> None:
    (change,) = fill("exception-user-create", read())
    assert change.operations and change.needs
    assert "…" in change.title and "<" not in change.title
    account = read(users=(person("ana"),))
    (given,) = fill("key-self-rotation", account)
    assert [name for name, _ in given.needs] == ["group"]
    assert given.operations[-1].parameters["GroupName"] == "<group>"
