"""The sets of the search against single verdicts, pair by pair: two ways to the same answers, on generated accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from advisor.account import Advisor, open_account
from advisor.evaluate.residual import FALSE, Dnf, any_of
from advisor.graph.moves import level_of
from advisor.graph.paths import Finder
from advisor.graph.powers import fix
from advisor.graph.universe import members
from advisor.reference.knowledge import load
from tests.generate.account import generate

DECISIONS = {0: "allowed", 1: "conditional", 2: "unknown"}


@pytest.fixture(scope="module", params=[11, 12, 13])
def account(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Advisor:
    export, resources, org = generate(70, seed=request.param).write(tmp_path_factory.mktemp("generated"))
    return open_account([export, resources], org=org)


@pytest.fixture(scope="module")
def finder(account: Advisor) -> Finder:
    return Finder(account.snapshot, load("escalations"))


def _pairs(parts: Iterator[tuple[int, Dnf]]) -> dict[int, Dnf]:
    found: dict[int, Dnf] = {}
    for bits, formula in parts:
        for at in members(bits):
            found[at] = any_of((found.get(at, FALSE), formula))
    return found


def _decision(formula: Dnf) -> str:
    return DECISIONS[level_of(formula)] if formula else "denied"


@pytest.mark.parametrize(
    ("action", "context"),
    [
        ("iam:AttachRolePolicy", {}),
        ("iam:PutRolePolicy", {}),
        ("iam:CreateAccessKey", {}),
        ("iam:UpdateAssumeRolePolicy", {}),
        ("iam:PassRole", {"iam:PassedToService": ("lambda.amazonaws.com",)}),
        ("sts:AssumeRole", {}),
    ],
)
def test_each_pair_gets_the_verdict_of_the_index(
    account: Advisor, finder: Finder, action: str, context: dict[str, tuple[str, ...]]
) -> None:
    wrong = []
    needs, nodes = finder.search.interpreter.needs, finder.account.nodes
    for node, holder in enumerate(finder.account.holder_of):
        if action == "sts:AssumeRole":
            found = _pairs(iter(needs.assuming.parts(holder, node)))
        else:
            found = _pairs(iter(needs.powers.parts(holder, node, action.lower(), nodes, fix(context))))
        for at, target in enumerate(nodes.arns):
            if (":user/" in target) != (action == "iam:CreateAccessKey") or at == node:
                continue
            verdict = account.can(nodes.arns[node], action, target, context).decision
            wanted = verdict if verdict in DECISIONS.values() else "denied"
            decision = _decision(finder.search.interpreter.can_hold(found.get(at, FALSE), node))
            if decision != wanted:
                wrong.append((nodes.arns[node], target, wanted, decision))
    assert wrong == []
