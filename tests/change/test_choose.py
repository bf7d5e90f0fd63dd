"""Which changes go into a plan that nobody chose one by one: none that opens a way up, or gives access."""

from __future__ import annotations

import msgspec

from advisor.advice.templates import fill
from advisor.change.choose import choose
from advisor.change.guards import changed_account
from advisor.change.preview import preview
from advisor.graph.paths import find_paths
from advisor.model.change import Change, Operation
from advisor.model.principal import InlinePolicy, User
from advisor.model.resource import PublicAccessBlock
from tests.advice.small_accounts import (
    ADMINISTRATOR,
    OLD,
    administrator,
    allow,
    arn,
    bucket,
    document,
    key,
    open_to,
    person,
    policy,
    read,
    role,
    trusting,
)
from tests.advice.small_accounts import group as group_of
from tests.change.small_account import ACCOUNT


def change(id: str, operation: str, **parameters: object) -> Change:
    return Change(id, id, (Operation("iam", operation, parameters, account=ACCOUNT),))


def boss() -> User:
    return person("boss", attached=(ADMINISTRATOR,))


def up(name: str) -> User:
    return person(name, inline=(InlinePolicy("up", document(allow("iam:PutUserPolicy", arn("user", name)))),))


def test_a_change_that_opens_a_way_to_administrator_stays_out_and_says_for_whom() -> None:
    tools = policy("Tools", allow(["iam:PutUserPolicy"]))
    account = read(
        users=(boss(), person("ana")),
        policies=(administrator(), tools),
        groups=(group_of("people", inline=(), attached=()), group_of("idle", inline=(), attached=())),
        settings={"caller": arn("user", "boss")},
    )
    opens = change("opens", "AttachUserPolicy", UserName="ana", PolicyArn=tools.arn)
    good = change("good", "DeleteGroup", GroupName="idle")
    choice = choose(account, (opens, good))
    assert [one.id for one in choice.changes] == ["good"]
    assert [(one.change.id, one.reason) for one in choice.left_out] == [
        ("opens", "opens a way to administrator for ana")
    ]
    assert [one.id for one in choose(account, (opens, good), asked=True).changes] == ["opens", "good"]


def test_a_change_that_may_open_a_way_by_what_was_not_read_stays_out_too() -> None:
    users, settings = (boss(), person("ana")), {"caller": arn("user", "boss")}
    account = read(users=users, policies=(administrator(),), settings=settings)
    unread = change("unread", "AttachUserPolicy", UserName="ana", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    (left_out,) = choose(account, (unread,)).left_out
    assert left_out.reason == "may open a way, by what was not read, to administrator for ana"
    assert choose(account, (unread,), asked=True).changes == (unread,)


def test_a_change_that_makes_an_administrator_opens_the_widest_way() -> None:
    account = read(users=(boss(), up("ana")), policies=(administrator(),))
    made = change("made", "AttachUserPolicy", UserName="ana", PolicyArn=ADMINISTRATOR)
    assert choose(account, (made,)).changes == ()
    turned = preview(account, made, paths=True).paths
    assert turned is not None
    assert (turned.closed, turned.opened) == ((), (f"{arn('user', 'ana')} administrator",))


def test_who_was_administrator_and_now_needs_a_hop_has_gained_nothing() -> None:
    keeper = role("Keeper", trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), attached=(ADMINISTRATOR,))
    ana = person(
        "ana", attached=(ADMINISTRATOR,), inline=(InlinePolicy("wear", document(allow("sts:AssumeRole", keeper.arn))),)
    )
    account = read(users=(boss(), ana), roles=(keeper,), policies=(administrator(),))
    less = change("less", "DetachUserPolicy", UserName="ana", PolicyArn=ADMINISTRATOR)
    turned = preview(account, less, paths=True).paths
    assert turned is not None
    assert turned.left == 1
    assert (turned.closed, turned.opened) == ((), ())


def test_a_finding_that_others_settle_takes_no_second_change_of_the_same_thing() -> None:
    nothing = PublicAccessBlock(False, False, False, False)
    site = bucket("site", open_to("*"), public_access_block=nothing)
    account = read(
        users=(boss(),), policies=(administrator(),), resources=(site,), settings={"public_access_block": nothing}
    )
    findings = [one for one in account.findings().findings if one.id.startswith("public-resource")]
    block, remove = changes = [change for finding in findings for change in finding.changes]
    assert [one.template for one in changes] == ["bucket-block-public", "resource-policy-remove-grant"]
    assert choose(account, changes).changes == (block, remove)
    once = choose(account, changes, findings=findings)
    assert (once.changes, [one.change for one in once.left_out]) == ((block,), [remove])


def test_two_changes_of_one_user_that_a_finding_needs_are_both_taken() -> None:
    idle = person("idle", used=OLD, keys=(key("A", used=OLD, created=OLD), key("B", used=OLD, created=OLD)))
    account = read(users=(boss(), idle), policies=(administrator(),))
    findings = [one for one in account.findings().findings if one.id.startswith("unused-user")]
    choice = choose(account, [change for finding in findings for change in finding.changes], findings=findings)
    assert [one.template for one in choice.changes] == ["access-key-deactivate", "access-key-deactivate"]
    assert [(one.change.template, one.reason.partition(":")[0]) for one in choice.left_out] == [
        ("user-console-off", "cannot be undone in full")
    ]


def test_a_way_of_one_whose_policies_are_not_all_known_is_unknown_and_not_closed() -> None:
    """It could take the deny off itself: what an unread policy forbids is not known, what it leaves is not either."""
    denied = InlinePolicy("no", document({"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}))
    ana = up("ana")
    ana = msgspec.structs.replace(ana, inline=(*ana.inline, denied))
    account = read(users=(boss(), ana), policies=(administrator(),))
    unread = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    for change_ in (
        change("attached", "AttachUserPolicy", UserName="ana", PolicyArn=unread),
        change("bounded", "PutUserPermissionsBoundary", UserName="ana", PermissionsBoundary=unread),
    ):
        turned = preview(account, change_, paths=True).paths
        assert turned is not None
        assert (turned.closed, turned.opened, turned.left) == ((), (), 0)
        assert [way.split()[0] for way in turned.doubtful] == [ana.arn]
        (path,) = find_paths(changed_account(account, (change_,)), to="admin").paths
        assert (path.source, path.status) == (ana.arn, "unknown")


def test_access_that_is_given_on_purpose_is_taken_by_name_only() -> None:
    account = read(users=(boss(), person("ana")), policies=(administrator(),))
    given = fill("sign-in-local-development", account, arn("user", "ana"))
    assert given
    choice = choose(account, given)
    assert choice.changes == ()
    assert "gives access on purpose" in choice.left_out[0].reason
    assert choose(account, given, asked=True).changes == given


def test_a_placeholder_is_no_access() -> None:
    account = read(users=(boss(), person("ana")), policies=(administrator(), policy("Tools", allow("s3:*"))))
    statement = f"managed|{arn('policy', 'Tools')}|{arn('policy', 'Tools')}|0"
    (scope,) = fill("statement-scope", account, statement)
    found = preview(account, scope, paths=True)
    assert (found.access, found.paths, found.practices, found.guards) == (None, None, (), ())
    assert found.needs == ((scope.title, "resources", "The ARNs that the statement may still reach"),)
    (given,) = fill("statement-scope", account, statement, {"resources": ["arn:aws:s3:::mine/*"]})
    whole = preview(account, given, paths=True)
    assert whole.needs == () and whole.access is not None and whole.paths is not None
