"""After a change the search takes over what cannot have changed, and finds what a search from scratch does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.account import Advisor
from advisor.graph.paths import ADMIN, Finder, find_paths, finder_of, follow
from advisor.model.document import parse_document
from advisor.model.principal import PolicyVersion
from advisor.model.snapshot import Snapshot
from tests.access.agreement import indexed


def _opened() -> Advisor:
    return Advisor(indexed(300, 5, with_resources=True, with_org=True).snapshots)


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
