"""The cheapest cut: it closes every way, it costs the least, and the changed account proves it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from threading import Event

import pytest

from advisor.account import Advisor
from advisor.errors import UsageError
from advisor.graph import closed
from advisor.graph.cut import STEPS, Stopped, find_cut
from advisor.graph.cut_changes import changes_of
from advisor.graph.cut_problem import problem_of
from advisor.graph.cut_solve import solve
from advisor.graph.edit_costs import EditCosts
from advisor.graph.edits import Edit, Edits
from advisor.graph.paths import find_paths, finder_of, follow
from advisor.model.effects import apply_to
from advisor.model.usage import ServiceUse
from tests.generate.account import generate
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, trusting

LAMBDA = trusting(service="lambda.amazonaws.com")
RUN_LAMBDA = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])


def _left(lab: Advisor, changes: tuple[object, ...]) -> list[str]:
    """Who still has a way once the changes are made."""
    snapshot = lab.snapshot
    for change in changes:
        snapshot = apply_to(change, snapshot)  # type: ignore[arg-type]
    return [path.source for path in find_paths(Advisor([snapshot])).paths]


def test_one_shared_statement_closes_all_ways() -> None:
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING)
    shared = lab.policy("shared", allow("iam:PassRole"), RUN_LAMBDA)
    for name in ("ana", "ben", "eve"):
        lab.user(name, attached=(shared,))
    account = lab.open()
    cut = find_cut(account)
    assert cut.optimal and cut.gap == 0 and not cut.remaining
    assert [change.target for change in cut.changes] == [shared]
    assert cut.closes == cut.paths > 0
    assert cut.changes[0].undo and cut.changes[0].reversible
    assert _left(account, cut.changes) == []


def test_what_two_statements_grant_is_taken_from_both() -> None:
    lab = Lab()
    lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")), allow("iam:Put*", arn("user", "a*")))
    account = lab.open()
    cut = find_cut(account)
    assert cut.remaining == () and _left(account, cut.changes) == []


def test_a_policy_of_aws_is_detached() -> None:
    lab = Lab()
    full = "arn:aws:iam::aws:policy/IAMFullAccess"
    lab.policy("IAMFullAccess", allow("iam:*"))
    from msgspec.structs import replace

    lab.policies[-1] = replace(lab.policies[-1], arn=full)
    lab.user("ana", attached=(full,))
    account = lab.open()
    (change,) = find_cut(account).changes
    assert [operation.operation for operation in change.operations] == ["DetachUserPolicy"]
    assert _left(account, (change,)) == []


def test_whom_a_trust_names_alone_is_denied_by_a_policy_of_its_own() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=arn("user", "ana")), ANYTHING)
    lab.user("ana")
    account = lab.open()
    cut = find_cut(account)
    assert [operation.operation for operation in cut.changes[0].operations] == ["PutUserPolicy"]
    assert _left(account, cut.changes) == []


def test_a_trust_loses_one_of_its_names() -> None:
    lab = Lab()
    lab.user("boss", ANYTHING)
    lab.role("power", trusting(aws=[arn("user", "ana"), arn("user", "boss")]), ANYTHING)
    lab.user("ana")
    account = lab.open()
    (change,) = find_cut(account).changes
    assert [operation.operation for operation in change.operations] == ["UpdateAssumeRolePolicy"]
    assert _left(account, (change,)) == []


def test_a_trust_that_would_name_nobody_stays_and_its_actors_are_denied() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=[arn("user", "ana"), arn("user", "ben")]), ANYTHING)
    lab.user("ana")
    lab.user("ben")
    account = lab.open()
    cut = find_cut(account)
    assert {operation.operation for change in cut.changes for operation in change.operations} == {"PutUserPolicy"}
    assert cut.optimal and _left(account, cut.changes) == []


def test_who_is_tolerated_may_and_nobody_through_them() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=arn("role", "deploy")), ANYTHING)
    lab.role("deploy", trusting(aws=f"arn:aws:iam::{ACCOUNT}:root"))
    lab.user("ana", allow("sts:AssumeRole", arn("role", "deploy")))
    account = lab.open()
    cut = find_cut(account, tolerate=["deploy"])
    assert not cut.remaining and len(cut.changes) == 1
    assert set(_left(account, cut.changes)) == {arn("role", "deploy")}


def test_nothing_to_close_is_no_change() -> None:
    lab = Lab()
    lab.user("ana", ANYTHING)
    cut = find_cut(lab.open())
    assert (cut.changes, cut.closes, cut.remaining, cut.optimal) == ((), 0, (), True)


GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
VENDOR = "arn:aws:iam::444455556666:root"


def test_who_comes_in_from_outside_is_taken_out_of_the_trust_of_an_administrator() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=[VENDOR, arn("user", "boss")]), ANYTHING)
    lab.user("boss", ANYTHING)
    account = lab.open()
    cut = find_cut(account)
    (change,) = cut.changes
    (operation,) = change.operations
    assert operation.operation == "UpdateAssumeRolePolicy"
    assert operation.parameters["PolicyDocument"]["Statement"][0]["Principal"] == {"AWS": [arn("user", "boss")]}
    assert (cut.paths, cut.closes, cut.remaining) == (1, 1, ()) and _left(account, cut.changes) == []


def test_who_is_closed_behind_a_role_needs_no_change_of_its_own() -> None:
    lab = Lab()
    lab.role("deploy", trusting(federated=GITHUB), allow("iam:PutRolePolicy", arn("role", "deploy")))
    account = lab.open()
    cut = find_cut(account)
    assert [change.target for change in cut.changes] == [arn("role", "deploy")]
    assert {operation.operation for change in cut.changes for operation in change.operations} <= {
        "PutRolePolicy",
        "DeleteRolePolicy",
    }
    assert cut.paths == 2 and _left(account, cut.changes) == []


def test_a_trust_that_names_outsiders_alone_admits_nobody_afterwards_and_says_so() -> None:
    lab = Lab()
    lab.role("power", trusting(federated=GITHUB), ANYTHING)
    account = lab.open()
    cut = find_cut(account)
    (change,) = cut.changes
    assert "nobody can assume" in change.note and change.undo
    assert _left(account, cut.changes) == [] and not cut.remaining


def test_outsiders_can_be_tolerated_by_name() -> None:
    lab = Lab()
    lab.role("power", trusting(federated=GITHUB), ANYTHING)
    assert find_cut(lab.open(), tolerate=[GITHUB]).changes == ()


def test_who_is_nobody_cannot_be_tolerated() -> None:
    lab = Lab()
    lab.user("ana", ANYTHING)
    with pytest.raises(UsageError):
        find_cut(lab.open(), tolerate=["nobody"])


def test_a_way_that_a_change_opens_is_found_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that takes a deny away with it, as if nothing had kept it from being offered."""
    monkeypatch.setattr(Edits, "_denies", lambda self, item: False)
    monkeypatch.setattr(EditCosts, "of", lambda self, edit: 0.1 if edit.kind == "detach" else 5.0)
    lab = Lab()
    mixed = lab.policy("mixed", allow("iam:AttachUserPolicy", arn("user", "ana")), deny("iam:PutUserPolicy"))
    lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")), attached=(mixed,))
    account = lab.open()
    cut = find_cut(account)
    operations = [operation.operation for change in cut.changes for operation in change.operations]
    assert operations[0] == "DetachUserPolicy" and len(operations) == 2
    assert not cut.optimal and 0 < cut.gap < 1
    assert not cut.remaining and _left(account, cut.changes) == []


LATELY, LONG_AGO = "2026-11-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(("last", "is_spared"), [(LATELY, True), (LONG_AGO, False), (None, False)])
def test_what_was_used_lately_is_kept_where_something_else_closes_the_way(last: str | None, is_spared: bool) -> None:
    """Both statements are needed for the hop; the one that costs less was used."""
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING)
    uses = (ServiceUse("lambda", last, (("CreateFunction", last),)),)
    lab.user("ana", RUN_LAMBDA, attached=(lab.policy("pass", allow("iam:PassRole")),), uses=uses)
    lab.user("ben", attached=(arn("policy", "pass"),))
    lab.user("eve", attached=(arn("policy", "pass"),))
    account = lab.open()
    cut = find_cut(account)
    assert _left(account, cut.changes) == []
    assert [change.target for change in cut.changes] == [arn("policy", "pass") if is_spared else arn("user", "ana")]


def test_the_steps_are_told_and_the_work_can_be_stopped() -> None:
    lab = Lab()
    lab.user("ana", allow("iam:PutUserPolicy", arn("user", "ana")))
    told: list[str] = []
    find_cut(lab.open(), progress=lambda what, done, of: told.append(what))
    assert tuple(dict.fromkeys(told)) == STEPS
    cancel = Event()
    cancel.set()
    with pytest.raises(Stopped):
        find_cut(lab.open(), cancel=cancel)


def test_the_same_change_has_the_same_name_in_every_cut() -> None:
    lab = Lab()
    for name in ("ana", "ben"):
        lab.user(name, allow("iam:PutUserPolicy", arn("user", name)))
    account = lab.open()
    both = {change.target: change.id for change in find_cut(account).changes}
    (one,) = find_cut(account, tolerate=["ana"]).changes
    assert one.id == both[arn("user", "ben")] != both[arn("user", "ana")]


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_accounts_are_closed(tmp_path: object, seed: int) -> None:
    from advisor.account import open_account

    export, _, org = generate(120, seed=seed).write(tmp_path)
    account = open_account([export], org=org)
    cut = find_cut(account)
    assert cut.remaining == () and cut.closes == cut.paths > 0
    assert _left(account, cut.changes) == []


_GRANTS = (
    ("iam:PutUserPolicy", "user/{me}"), ("iam:AttachUserPolicy", "user/*"), ("iam:CreateAccessKey", "user/boss"),
    ("sts:AssumeRole", "role/power"), ("sts:AssumeRole", "role/deploy"), ("iam:UpdateAssumeRolePolicy", "role/power"),
    ("iam:PutUser*", "user/{me}"), ("iam:PutRolePolicy", "role/deploy"),
)  # fmt: skip


def _random_account(seed: int) -> Advisor:
    """Some users with rights of their own and by shared policies, two roles, one of them with power."""
    source = random.Random(seed)
    lab = Lab()

    def some(me: str, count: int) -> list[dict[str, object]]:
        picked = source.sample(_GRANTS, count)
        return [allow(action, f"arn:aws:iam::{ACCOUNT}:{on.format(me=me)}") for action, on in picked]

    shared = [lab.policy(f"shared-{at}", *some("a*", source.randint(1, 2))) for at in range(2)]
    lab.user("boss", ANYTHING)
    for name in ("ana", "abe")[: source.randint(1, 2)]:
        lab.user(name, *some(name, source.randint(0, 1)), attached=tuple(source.sample(shared, source.randint(0, 2))))
    lab.role("power", trusting(aws=f"arn:aws:iam::{ACCOUNT}:root"), ANYTHING)
    lab.role("deploy", trusting(aws=source.choice([arn("user", "boss"), f"arn:aws:iam::{ACCOUNT}:root", VENDOR])))
    return lab.open()


@pytest.mark.parametrize("seed", range(30))
def test_no_cheaper_set_of_edits_closes_a_small_account(seed: int) -> None:
    """Every set of edits that costs less is made in the account, and the search finds a way that it leaves open."""
    pytest.importorskip("highspy")
    account = _random_account(seed)
    tolerate = ["deploy"] if seed % 3 == 0 else []
    cut = find_cut(account, tolerate)
    assert not cut.remaining and cut.optimal and cut.gap == 0
    tolerated = {arn("role", "deploy")} if tolerate else set()
    assert not set(_left(account, cut.changes)) - tolerated
    problem = problem_of([finder_of(account)], frozenset(tolerated))
    costs = dict(zip(problem.edits, problem.costs, strict=True))
    paid = sum(costs[edit] for edit in solve(problem).edits)
    tried = 0
    for some in _sets_below(costs, paid):
        tried += 1
        assert set(_left(account, changes_of(some, account.snapshot))) - tolerated, some
    assert tried or not cut.changes


def _sets_below(costs: dict[Edit, float], most: float) -> Iterator[tuple[Edit, ...]]:
    """The largest sets of edits that cost less: what they leave open, smaller ones do too."""
    edits = sorted(costs)
    below = [
        frozenset(some)
        for size in range(len(edits) + 1)
        for some in combinations(edits, size)
        if sum(costs[edit] for edit in some) < most - 1e-6
    ]
    known = set(below)
    for some in below:
        if not any(some | {edit} in known for edit in edits if edit not in some):
            yield tuple(sorted(some))


def test_a_count_after_a_tick_is_that_of_a_search_from_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it starts from the count before: few of the account's principals are worked out again."""
    lab = Lab()
    for name in ("ana", "ben", "dan", "eve", "gus", "mia"):
        lab.user(name, allow("iam:PutUserPolicy", arn("user", name)))
    account = lab.open()
    cut = find_cut(account)
    assert len(cut.changes) == cut.paths == 6
    followed: list[object] = []
    monkeypatch.setattr(closed, "follow", lambda before, after: followed.append(before) or follow(before, after))
    for left_out in cut.changes:
        ticked = tuple(change for change in cut.changes if change is not left_out)
        after = apply_to(ticked, account.snapshot)
        open_still = len(find_paths(Advisor([after])).paths)
        assert closed.closed_by(account, ticked, (), cut.paths) == cut.paths - open_still < cut.paths
    assert closed.closed_by(account, cut.changes, (), cut.paths) == cut.paths
    assert account not in followed and len(followed) == len(cut.changes) + 1
