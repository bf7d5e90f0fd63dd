"""The shared cases, written another way that means the same: the answer must not change.

Each variant is made when the test runs; nothing of the cases is kept here. What a source merely repeats (the pattern of
a simulation, the key of a condition) is compared as the base case has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.run import judge, read_cases, run
from tests.shared_material import shared

Rewrite = Callable[[dict[str, Any]], dict[str, Any]]
Value = dict[str, Any]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def in_statements(change: Callable[[Value], list[Value]]) -> Rewrite:
    def rewrite(document: Value) -> Value:
        return {**document, "Statement": [new for old in listed(document["Statement"]) for new in change(dict(old))]}

    return rewrite


def reversed_order(document: Value) -> Value:
    return {**document, "Statement": listed(document["Statement"])[::-1] * 2}


def with_names(document: Value) -> Value:
    statements = [{**item, "Sid": f"S{at}"} for at, item in enumerate(listed(document["Statement"]))]
    return {"Id": "renamed", **document, "Statement": statements}


def with_idle_statements(document: Value) -> Value:
    """An Allow and a Deny of an action that no case asks about, for somebody whom no case has."""
    statements = listed(document["Statement"])
    idle: Value = {"Action": "workmail:CreateUser", "Resource": "*"}
    if any("Principal" in item or "NotPrincipal" in item for item in statements):
        idle["Principal"] = {"AWS": "arn:aws:iam::000000000000:root"}
    return {**document, "Statement": [{**idle, "Effect": "Allow"}, *statements, {**idle, "Effect": "Deny"}]}


def apart(statement: Value) -> list[Value]:
    """One statement for each action and resource."""
    parts = [statement]
    for name in ("Action", "Resource"):
        if name in statement:
            parts = [{**part, name: value} for part in parts for value in listed(part[name])]
    return parts


def in_lists(statement: Value) -> list[Value]:
    """Lists in place of lone strings, in reverse, everything twice."""
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement:
            statement[name] = listed(statement[name])[::-1] * 2
    for name in ("Principal", "NotPrincipal"):
        if isinstance(statement.get(name), dict):
            statement[name] = {kind: listed(value)[::-1] * 2 for kind, value in statement[name].items()}
    if "Condition" in statement:
        statement["Condition"] = {
            operator: {key: listed(values)[::-1] * 2 for key, values in reversed(keys.items())}
            for operator, keys in reversed(statement["Condition"].items())
        }
    return [statement]


def in_another_case(statement: Value) -> list[Value]:
    """Actions, operators and condition keys ignore case."""
    for name in ("Action", "NotAction"):
        if name in statement:
            statement[name] = [value.swapcase() for value in listed(statement[name])]
    if "Condition" in statement:
        statement["Condition"] = {
            operator.upper(): {key.swapcase(): value for key, value in keys.items()}
            for operator, keys in statement["Condition"].items()
        }
    return [statement]


def by_another_name(statement: Value) -> list[Value]:
    """`*` and an account in their other spelling."""
    for name in ("Principal", "NotPrincipal"):
        value = statement.get(name)
        if value in ("*", {"AWS": "*"}):
            statement[name] = {"AWS": "*"} if value == "*" else "*"
        elif isinstance(value, dict) and "AWS" in value:
            statement[name] = {**value, "AWS": [_respelled(str(entry)) for entry in listed(value["AWS"])]}
    return [statement]


def _respelled(entry: str) -> str:
    if entry.isdigit() and len(entry) == 12:
        return f"arn:aws:iam::{entry}:root"
    return entry[13:25] if entry.startswith("arn:aws:iam::") and entry.endswith(":root") else entry


REWRITES: dict[str, Rewrite] = {
    "reversed": reversed_order,
    "named": with_names,
    "idle": with_idle_statements,
    "apart": in_statements(apart),
    "lists": in_statements(in_lists),
    "case": in_statements(in_another_case),
    "names": in_statements(by_another_name),
}


def rewritten(value: Any, rewrite: Rewrite) -> Any:
    """Every policy document inside a value."""
    if isinstance(value, dict):
        if "Statement" in value:
            return rewrite(value)
        return {name: rewritten(item, rewrite) for name, item in value.items()}
    return [rewritten(item, rewrite) for item in value] if isinstance(value, list) else value


def cases(*kinds: str) -> Iterator[Value]:
    return (case for case in read_cases(shared("conformance")) if case.get("kind") in kinds)


@pytest.mark.parametrize("name", REWRITES)
def test_a_request_is_answered_alike_however_its_policies_are_written(name: str) -> None:
    for case in cases("decision", "simulation"):
        again = {**rewritten(case, REWRITES[name]), "expect": case["expect"]}
        assert judge(again, Path())[2] == judge(case, Path())[2], case["id"]


@pytest.mark.parametrize(
    "context",
    [
        lambda given: {key.swapcase(): value for key, value in given.items()},
        lambda given: {key: listed(value) for key, value in given.items()},
        lambda given: {key: {"true": True, "false": False}.get(str(value), value) for key, value in given.items()},
    ],
    ids=["case", "lists", "booleans"],
)
def test_a_request_is_answered_alike_however_its_context_is_written(context: Callable[[Value], Value]) -> None:
    for case in cases("decision", "simulation"):
        request = {**case["request"], "context": context(case["request"].get("context") or {})}
        assert judge({**case, "request": request}, Path())[2] == judge(case, Path())[2], case["id"]


def test_a_name_of_an_action_ignores_case() -> None:
    for case in cases("decision"):
        request = {**case["request"], "action": case["request"]["action"].upper()}
        assert judge({**case, "request": request}, Path())[2] == judge(case, Path())[2], case["id"]


def test_elements_match_alike_in_any_order_and_however_often() -> None:
    for case in cases("match"):
        if "patterns" in case:
            again = {**case, "patterns": case["patterns"][::-1] * 2}
            assert judge(again, Path())[2] == judge(case, Path())[2], case["id"]


@pytest.mark.parametrize("name", REWRITES)
def test_whole_accounts_are_answered_alike_however_their_policies_are_written(name: str, tmp_path: Path) -> None:
    source = shared("conformance")
    (tmp_path / "datasets").mkdir()
    for path in (source / "datasets").glob("*.json"):
        written = rewritten(json.loads(path.read_text("utf-8")), REWRITES[name])
        (tmp_path / "datasets" / path.name).write_text(json.dumps(written), "utf-8")
    (tmp_path / "cases.json").write_text(json.dumps(list(cases("account"))), "utf-8")
    assert run(tmp_path)["failures"] == []
