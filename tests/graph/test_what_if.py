"""After a change the search takes over what cannot have changed, and finds what a search from scratch does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.account import Advisor
from advisor.change.case import changed_account
from advisor.graph.cut import find_cut
from advisor.graph.interpret import Interpreter
from advisor.graph.paths import ADMIN, Finder, find_paths, finder_of, follow
from advisor.model.change import Change, Operation
from advisor.model.document import parse_document
from advisor.model.principal import PolicyVersion
from advisor.model.snapshot import Snapshot
from tests.access.agreement import indexed
from tests.graph.labs import allow, arn, trusting
from tests.policies import document


def _opened(principals: int = 300) -> Advisor:
    return Advisor(indexed(principals, 5, with_resources=True, with_org=True).snapshots)


def _with_statement(snapshot: Snapshot, policy: int, statement: dict[str, Any]) -> Snapshot:
    """One more statement in a managed policy, as a new version."""
    was = snapshot.policies[policy]
    assert was.document is not None
    written = was.document.as_json()["Statement"]
    statements = [*(written if isinstance(written, list) else [written]), statement]
    document = parse_document({"Version": "2012-10-17", "Statement": statements})
    old = tuple(msgspec.structs.replace(version, is_default=False) for version in was.versions)
    changed = msgspec.structs.replace(was, versions=(*old, PolicyVersion("v99", document, True)))
    return msgspec.structs.replace(
        snapshot, policies=(*snapshot.policies[:policy], changed, *snapshot.policies[policy + 1 :])
    )


STATEMENTS = (
    {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:AddUserToGroup", "iam:SetDefaultPolicyVersion"], "Resource": "*"},
    {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("policy", (0, 5, 11))
def test_finds_the_same_as_a_search_from_scratch(statement: dict[str, Any], policy: int) -> None:
    account = _opened()
    find_paths(account)
    after = _with_statement(account.snapshot, policy, statement)
    finder = finder_of(account)
    again, scratch = finder.after(after), Finder(after, finder.techniques)
    assert again.admins == scratch.admins
    assert again.find(ADMIN, None, every=False).paths == scratch.find(ADMIN, None, every=False).paths


def test_trust_and_tags_are_looked_at_again() -> None:
    account = _opened()
    find_paths(account)
    roles = account.snapshot.roles
    tagged = tuple(msgspec.structs.replace(role, tags=(("team", "red"),), trust=roles[0].trust) for role in roles)
    after = msgspec.structs.replace(account.snapshot, roles=tagged)
    finder = finder_of(account)
    scratch = Finder(after, finder.techniques)
    assert finder.after(after).find(ADMIN, None, every=False).paths == scratch.find(ADMIN, None, every=False).paths


def test_the_account_after_a_change_follows_the_one_before() -> None:
    account = _opened()
    other = Advisor((_with_statement(account.snapshot, 3, STATEMENTS[0]),))
    follow(account, other)
    assert find_paths(other) == find_paths(Advisor(other.snapshots))
    assert finder_of(other).account.lines is finder_of(account).account.lines


def _operation(name: str, **parameters: Any) -> Change:
    return Change(id=name, title=name, operations=(Operation("iam", name, parameters),))


def _changes(account: Advisor) -> list[Change]:
    """Some of those of a cut, and what else alters who may do what."""
    snapshot = account.snapshot
    user, group = next((user, user.groups[0]) for user in snapshot.users if user.groups)
    role, policy = snapshot.roles[7], next(policy for policy in snapshot.policies if not policy.is_aws_managed)
    passing, trust = document(allow(["iam:PassRole", "sts:AssumeRole"])), trusting(aws=arn("user", user.name))
    bound = document(STATEMENTS[3], STATEMENTS[2])
    return [
        _operation("PutGroupPolicy", GroupName=group, PolicyName="more", PolicyDocument=passing.as_json()),
        _operation("RemoveUserFromGroup", GroupName=group, UserName=user.name),
        _operation("UpdateAssumeRolePolicy", RoleName=role.name, PolicyDocument=trust.as_json()),
        _operation("CreatePolicy", PolicyName="bound", PolicyDocument=bound.as_json()),
        _operation("PutUserPermissionsBoundary", UserName=user.name, PermissionsBoundary=policy.arn),
        _operation("PutRolePermissionsBoundary", RoleName=role.name, PermissionsBoundary=policy.arn),
        *find_cut(account).changes[::9],
    ]


def test_each_change_alone_and_all_after_each_other_give_what_a_search_from_scratch_gives() -> None:
    account = _opened(100)
    find_paths(account)
    state, last = account, account
    for at, change in enumerate(_changes(account)):
        state = changed_account(state, (change,))
        for after in (state, *([changed_account(account, (change,))] if at % 3 == 0 else [])):
            scratch = Finder(after.snapshot, finder_of(account).techniques)
            assert find_paths(after).admins == scratch.admins, change.title
            assert find_paths(after).paths == scratch.find(ADMIN, None, every=False).paths, change.title
        last = state
    assert find_paths(last).paths != find_paths(account).paths


def test_only_those_whom_a_change_touches_are_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    account = _opened()
    find_paths(account)
    asked: list[int] = []
    work = Interpreter.moves

    def counted(self: Interpreter, holder: Any, actors: Any = None, **more: Any) -> Any:
        asked.extend(actors)
        return work(self, holder, actors, **more)

    monkeypatch.setattr(Interpreter, "moves", counted)
    changes = [change for change in find_cut(account).changes if change.operations[0].operation == "PutUserPolicy"]
    everybody = len(account.snapshot.users) + len(account.snapshot.roles)
    for change in changes[:5]:
        asked.clear()
        find_paths(changed_account(account, (change,)))
        assert 0 < len(asked) < everybody / 10
