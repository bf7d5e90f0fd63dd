"""What must hold whatever the policies say, checked on generated ones."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context, Knowledge, Unknown
from advisor.evaluate.layers import decide
from advisor.evaluate.pattern import glob_match
from advisor.evaluate.statement import Asked
from advisor.model.verdict import Conditions, Verdict
from tests.evaluate.worlds import asked_of, policies_of

# `make fuzz` asks for more
EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "120"))

quick = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 120,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

ME = "arn:aws:iam::111122223333:user/ana"
ROLE = "arn:aws:iam::111122223333:role/build"
SESSION = "arn:aws:sts::111122223333:assumed-role/build/run-1"
PRINCIPALS = (ME, ROLE, SESSION, "arn:aws:iam::111122223333:root")
QUESTIONS = (
    ("s3:GetObject", "arn:aws:s3:::plans/a.txt", "111122223333"),
    ("s3:GetObject", "arn:aws:s3:::plans/a.txt", "444455556666"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs", "111122223333"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1", "111122223333"),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/ops", "111122223333"),
)

# keys that stay open, with a few values each, so that conditions meet and contradict each other
VALUES: dict[str, tuple[str, ...]] = {
    "aws:SourceVpc": ("vpc-1", "vpc-2"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:SourceIp": ("192.0.2.0/24", "192.0.2.7", "198.51.100.0/24"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    "s3:max-keys": ("10", "20"),
    "aws:CalledVia": ("athena.amazonaws.com", "cloudformation.amazonaws.com"),
    "aws:PrincipalTag/team": ("blue", "red*", "${aws:SourceVpc}", "${aws:SourceVpc, 'green'}"),
    "aws:userid": ("AROAEXAMPLE:*", "*:run-1", "AROAOTHER:*"),
}
OPERATORS: dict[str, tuple[str, ...]] = {
    "aws:SourceVpc": ("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "Null"),
    "aws:MultiFactorAuthPresent": ("Bool", "BoolIfExists", "Null"),
    "aws:SourceIp": ("IpAddress", "NotIpAddress"),
    "aws:CurrentTime": ("DateLessThan", "DateGreaterThanEquals"),
    "s3:max-keys": ("NumericLessThanEquals", "NumericNotEquals"),
    "aws:CalledVia": ("ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"),
    "aws:PrincipalTag/team": ("StringLike", "StringNotLike"),
    "aws:userid": ("StringLike", "StringNotLike"),
}
SAMPLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "aws:SourceVpc": ((), ("vpc-1",), ("vpc-2",), ("vpc-3",)),
    "aws:MultiFactorAuthPresent": ((), ("true",), ("false",)),
    "aws:SourceIp": ((), ("192.0.2.7",), ("192.0.2.9",), ("198.51.100.1",), ("203.0.113.1",)),
    "aws:CurrentTime": (("2025-06-01T00:00:00Z",), ("2026-06-01T00:00:00Z",), ("2027-06-01T00:00:00Z",)),
    "s3:max-keys": ((), ("5",), ("15",), ("20",), ("30",)),
    "aws:CalledVia": ((), ("athena.amazonaws.com",), ("athena.amazonaws.com", "x.amazonaws.com"), ("x.amazonaws.com",)),
    "aws:PrincipalTag/team": ((), ("blue",), ("redder",), ("green",), ("vpc-1",), ("a.txt",), ("${aws:SourceVpc}",)),
}
USER_IDS = (("AROAEXAMPLE:run-1",), ("AROAEXAMPLE:other",))
RESOURCES = (
    "*",
    "*",
    "arn:aws:s3:::plans/*",
    "arn:aws:sqs:*:*:jobs",
    "arn:aws:s3:::plans/${aws:PrincipalTag/team}",
    "arn:aws:s3:::plans/${aws:PrincipalTag/team, 'a.txt'}",
)


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=2, unique=True)):
        operator = draw(st.sampled_from(OPERATORS[key]))
        values = ("true", "false") if operator == "Null" else VALUES[key]
        block.setdefault(operator, {})[key] = draw(
            st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
        )
        if operator == "Null":
            block[operator][key] = block[operator][key][:1]
    return block


@st.composite
def statements(draw: Any, principal: bool = False) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        "Action": draw(st.sampled_from(("*", "s3:*", "s3:Get*", "sqs:SendMessage", "kms:*", "sts:*"))),
        "Resource": draw(st.sampled_from(RESOURCES)),
    }
    if principal:
        statement["Principal"] = draw(
            st.sampled_from(("*", {"AWS": "111122223333"}, {"AWS": ME}, {"AWS": ROLE}, {"AWS": SESSION}))
        )
    block = draw(conditions())
    if block:
        statement["Condition"] = block
    return statement


def policy(principal: bool = False) -> Any:
    return st.lists(statements(principal), max_size=3)


@st.composite
def worlds(draw: Any) -> dict[str, Any]:
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")))
    world: dict[str, Any] = {"version": version, "identity": draw(policy())}
    for name in ("boundary", "session", "endpoint"):
        if draw(st.integers(0, 3)) == 0:
            world[name] = draw(policy(name == "endpoint"))
    if draw(st.booleans()):
        world["resource"] = draw(policy(True))
    if draw(st.integers(0, 3)) == 0:
        world["scp"] = [[{"Effect": "Allow", "Action": "*", "Resource": "*"}], [draw(statements()), draw(statements())]]
    if draw(st.integers(0, 3)) == 0:
        deny = {**draw(statements()), "Effect": "Deny", "Principal": "*"}
        world["rcp"] = [[deny]]
    return world


NOT_ONE_POLICY = ("scp", "rcp", "version")

questions = st.tuples(st.sampled_from(PRINCIPALS), st.sampled_from(QUESTIONS))


def verdict_on(question: Any, world: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> Verdict:
    return decide(asked_in(question, context), policies_of(world))


def asked_in(question: Any, context: Mapping[str, Any] | None = None) -> Asked:
    """The question, with a context that completes what is open and leaves alone what is known."""
    principal, (action, resource, account) = question
    known = "" if principal == ME else "AROAEXAMPLE"
    free = asked_of(principal, action, resource, account=account, id=known)
    if context is None:
        return free
    fits = {key: value for key, value in context.items() if _fits(free.context.lookup(key.lower()), value)}
    return asked_of(principal, action, resource, account=account, context=fits, complete=True, id=known)


def _fits(known: Knowledge, value: tuple[str, ...]) -> bool:
    return isinstance(known, Unknown) and all(glob_match(known.shape, item) for item in value)


DENIED = ("explicit-deny", "implicit-deny")
WIDTH = {"explicit-deny": 0, "implicit-deny": 0, "conditional": 1, "unknown": 1, "allowed": 2}


def completions(seed: int, count: int = 12) -> list[dict[str, tuple[str, ...]]]:
    """Complete contexts: every open key of the worlds above gets a value, or none."""
    chooser = random.Random(seed)
    found = []
    for _ in range(count):
        context = {key: chooser.choice(samples) for key, samples in SAMPLES.items()}
        found.append(context | {"aws:userid": chooser.choice(USER_IDS)})
    return found


def meets(conditions: Conditions, context: Context) -> bool:
    if not conditions:
        return True
    return any(all(CompiledCondition(item).holds(context) is not item.unless for item in term) for term in conditions)


@quick
@given(questions, worlds(), st.integers(0, 10_000))
def test_three_values_agree_with_every_completion_of_the_context(question: Any, world: Any, seed: int) -> None:
    open_verdict = verdict_on(question, world)
    for context in completions(seed):
        closed = verdict_on(question, world, context)
        assert closed.decision not in ("conditional", "unknown"), closed
        if open_verdict.decision == "allowed":
            assert closed.decision == "allowed"
        elif open_verdict.decision in DENIED:
            assert closed.decision in DENIED
        else:
            whole = asked_in(question, context).context
            assert meets(open_verdict.conditions, whole) == (closed.decision == "allowed"), (open_verdict, context)


@quick
@given(questions, worlds())
def test_a_conditional_answer_has_a_witness_that_is_allowed(question: Any, world: Any) -> None:
    verdict = verdict_on(question, world)
    if verdict.decision == "conditional":
        assert verdict.witness is not None, verdict
        assert verdict_on(question, world, verdict.witness | _times(verdict.witness)).decision == "allowed"


def _times(witness: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {} if "aws:currenttime" in witness else {"aws:CurrentTime": ("2026-06-01T00:00:00Z",)}


@quick
@given(questions, worlds(), st.sampled_from(("identity", "boundary", "session", "resource")))
def test_an_explicit_deny_always_wins(question: Any, world: Any, name: str) -> None:
    if question[0].endswith(":root") and name != "resource":
        return
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"} | ({"Principal": "*"} if name == "resource" else {})
    assert verdict_on(question, {**world, name: [*(world.get(name) or []), deny]}).decision == "explicit-deny"


@quick
@given(
    questions,
    worlds(),
    st.sampled_from(("identity", "boundary", "session", "resource")),
    statements(),
    st.integers(0, 99),
)
def test_adding_a_deny_never_widens(question: Any, world: Any, name: str, extra: Any, seed: int) -> None:
    if world.get(name) is None:
        return
    deny = {**extra, "Effect": "Deny"} | ({"Principal": "*"} if name == "resource" else {})
    narrowed = {**world, name: [*world[name], deny]}
    assert WIDTH[verdict_on(question, narrowed).decision] <= WIDTH[verdict_on(question, world).decision]
    for context in completions(seed, 3):
        if verdict_on(question, world, context).decision in DENIED:
            assert verdict_on(question, narrowed, context).decision in DENIED


@quick
@given(questions, worlds(), st.integers(0, 10))
def test_removing_an_allow_never_widens(question: Any, world: Any, pick: int) -> None:
    places = [
        (name, index)
        for name in ("identity", "boundary", "session", "resource", "endpoint")
        for index, statement in enumerate(world.get(name) or [])
        if statement["Effect"] == "Allow"
    ]
    if not places:
        return
    name, index = places[pick % len(places)]
    without = {**world, name: [item for at, item in enumerate(world[name]) if at != index]}
    assert WIDTH[verdict_on(question, without).decision] <= WIDTH[verdict_on(question, world).decision]


@quick
@given(questions, worlds(), policy())
def test_a_boundary_or_scp_never_grants(question: Any, world: Any, limit: Any) -> None:
    bare = {name: value for name, value in world.items() if name not in ("boundary", "scp")}
    free = WIDTH[verdict_on(question, bare).decision]
    assert WIDTH[verdict_on(question, {**bare, "boundary": limit}).decision] <= free
    if limit:
        assert WIDTH[verdict_on(question, {**bare, "scp": [limit]}).decision] <= free


@quick
@given(questions, worlds(), st.randoms(use_true_random=False))
def test_order_of_statements_never_matters(question: Any, world: Any, chooser: Any) -> None:
    shuffled = {
        name: chooser.sample(value, len(value)) if name not in NOT_ONE_POLICY else value
        for name, value in world.items()
    }
    one, other = verdict_on(question, world), verdict_on(question, shuffled)
    assert (one.decision, one.conditions) == (other.decision, other.conditions)


@quick
@given(questions, worlds())
def test_splitting_a_statement_never_changes_an_answer(question: Any, world: Any) -> None:
    split: dict[str, Any] = {}
    for name, value in world.items():
        if name in NOT_ONE_POLICY:
            split[name] = value
            continue
        split[name] = []
        for statement in value:
            # the same statement over two halves of its actions, the second half idle
            split[name] += [{**statement, "Action": [statement["Action"]]}, {**statement, "Action": ["iam:GetUser"]}]
    one, other = verdict_on(question, world), verdict_on(question, split)
    assert (one.decision, one.conditions) == (other.decision, other.conditions)
