"""What hangs on a policy that comes in unread is unknown from then on: neither gained nor lost, closed nor opened."""

from __future__ import annotations

import pytest

from advisor.access.difference import compare
from advisor.account import Advisor
from advisor.change.preview import Preview, preview
from advisor.cli.plan import preview_document, preview_table
from advisor.model.change import Change
from advisor.model.difference import parted
from advisor.model.effects import apply_to
from advisor.model.principal import InlinePolicy, SignIn, User
from screens.plan_effect import in_words
from tests.change.small_account import ADMIN, small_account
from tests.change.test_preview import account_of, change, guard
from tests.policies import allow, document, iam

UNREAD = "arn:aws:iam::aws:policy/job-function/NetworkAdministrator"
EVE = iam("user/eve")
BEN = iam("user/ben")


def with_eve() -> Advisor:
    """Eve has one way to administrator: she attaches any policy to herself."""
    inline = (InlinePolicy("p", document(allow("iam:AttachUserPolicy"))),)
    eve = User(EVE, "eve", inline=inline, sign_in=SignIn(console=True, mfa=True, keys=(), special=()))
    return account_of(users=(*small_account().users, eve))


def attach(name: str) -> tuple[str, dict[str, object]]:
    return ("iam:AttachUserPolicy", {"UserName": name, "PolicyArn": UNREAD})


SWAP = change(("iam:DeleteUserPolicy", {"UserName": "eve", "PolicyName": "p"}), attach("eve"))
BOUND = change(("iam:PutUserPermissionsBoundary", {"UserName": "eve", "PermissionsBoundary": UNREAD}))
WEAKER = change(("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}), attach("ana"))
GROUP = change(("iam:AttachGroupPolicy", {"GroupName": "people", "PolicyArn": UNREAD}))


def others() -> int:
    """How many ways there are beside eve's."""
    return sum(path.source != EVE for path in with_eve().paths().paths)


def seen(what: Change) -> Preview:
    return preview(with_eve(), what, paths=True)


@pytest.mark.parametrize("what", [SWAP, BOUND, change(attach("eve"))])
def test_a_way_that_hangs_on_what_was_not_read_is_neither_closed_nor_left(what: Change) -> None:
    paths = seen(what).paths
    assert paths is not None
    assert (paths.closed, paths.opened, paths.left) == ((), (), others())
    assert [way.split()[0] for way in paths.doubtful] == [EVE]


def test_a_way_that_closes_for_certain_is_closed() -> None:
    gone = change(("iam:DeleteUserPolicy", {"UserName": "eve", "PolicyName": "p"}), attach("ben"))
    paths = seen(gone).paths
    assert paths is not None
    assert [way.split()[0] for way in paths.closed] == [EVE]
    assert (paths.doubtful, paths.perhaps, paths.left) == ((), (f"{BEN} administrator",), others())


def test_whoever_may_take_the_role_that_gets_it_may_have_a_way_from_then_on() -> None:
    text = document(allow("sts:AssumeRole", iam("role/vendor"))).as_json()
    into = change(
        ("iam:PutUserPolicy", {"UserName": "ben", "PolicyName": "in", "PolicyDocument": text}),
        ("iam:AttachRolePolicy", {"RoleName": "vendor", "PolicyArn": UNREAD}),
    )
    paths = seen(into).paths
    assert paths is not None and not paths.opened
    assert {way.split()[0] for way in paths.perhaps} >= {BEN, iam("role/vendor")}


def test_access_from_then_on_is_unknown_also_where_there_was_none() -> None:
    access = seen(change(attach("ben"))).access
    assert access is not None
    (item,) = access.gained
    assert (item.principal, item.actions, item.before, item.after) == (BEN, ("*",), "implicit-deny", "unknown")
    assert (access.verdict, UNREAD in access.reason) == ("unknown", True)
    gained, lost, unknown = parted(access.gained, access.lost)
    assert (gained, lost, unknown) == ((), (), (item,))


def test_a_boundary_leaves_only_its_own_actions_open() -> None:
    limit = document(allow("sqs:*")).as_json()
    narrow = change(
        ("iam:CreatePolicy", {"PolicyName": "narrow", "PolicyDocument": limit}),
        ("iam:PutUserPermissionsBoundary", {"UserName": "ben", "PermissionsBoundary": iam("policy/narrow")}),
        attach("ben"),
    )
    access = seen(narrow).access
    assert access is not None
    assert {action.partition(":")[0] for item in access.gained for action in item.actions} == {"sqs"}


def test_two_snapshots_of_which_the_second_has_an_unread_policy_are_not_proved_alike() -> None:
    before = with_eve()
    after = before.with_snapshot(apply_to(change(attach("ben")), before.snapshot))
    assert compare(before.index, after.index).verdict == "unknown"
    assert compare(after.index, after.index).verdict == "proved"


def test_practices_that_hang_on_it_are_unknown() -> None:
    turned = {one.id: (one.before, one.after) for one in seen(WEAKER).practices}
    assert turned["conditions"] == ("fails", "unknown")
    certain = change(("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}))
    assert {one.id: one.after for one in seen(certain).practices}["conditions"] == "holds"


@pytest.mark.parametrize("what", [WEAKER, GROUP])
def test_guards_do_not_claim_that_the_administrator_is_gone_nor_that_one_stays(what: Change) -> None:
    account = with_eve()
    for id in ("caller", "administrator"):
        assert guard(id, account, what).sign == "unknown"
    certain = change(("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}))
    assert guard("administrator", account, certain).sign == "no"


def test_every_face_tells_it_apart() -> None:
    account, found = with_eve(), seen(SWAP)
    text = preview_table(found)
    assert "gained 0 · lost 0 · unknown from then on 2" in text
    assert f"0 closed · 0 opened · {others()} left · 2 unknown from then on" in text
    body = preview_document(account, found)
    assert (body["impact"]["gained"], body["impact"]["lost"]) == ([], [])
    assert len(body["impact"]["unknown"]) == 2
    assert body["paths"].items() >= {"closed": 0, "opened": 0, "left": others(), "unknown": 2}.items()
    assert body["changes"][0]["impact"]["lost"] == []
    assert in_words(found) == "? 2 paths unknown · lost 0 · gained 0 · ? access of 1 unknown"
