"""What counts as a loss of who must keep access: found without comparing everybody, and not what was meant to go."""

from __future__ import annotations

import msgspec
import pytest

from advisor.access.difference import About, compare
from advisor.advice.templates import fill
from advisor.change.guards import changed_account, guards_for
from advisor.change.losses import losses_of
from advisor.change.preview import preview
from advisor.model.change import Change
from advisor.model.difference import AccessChange, Difference
from advisor.model.principal import InlinePolicy, Role, User
from tests.change.small_account import ADMIN, allow, document, iam, trust
from tests.change.test_preview import MFA_DENY, SEALED, account_of, change, guard, put_on_emergency, with_emergency_user

EMERGENCY = iam("user/break-glass/emergency")
OLD = iam("role/old")


def with_old_role() -> tuple[Role, ...]:
    sealed = Role(SEALED, "sealed", trust({"AWS": iam("root")}), path="/break-glass/", attached=(ADMIN,))
    return sealed, Role(OLD, "old", trust({"AWS": iam("root")}), inline=())


CLOSED = trust({"AWS": iam("user/ana")}).as_json()
CHANGES = [
    put_on_emergency({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": SEALED}),
    put_on_emergency(MFA_DENY),
    change(("iam:DeleteUserPolicy", {"UserName": "emergency", "PolicyName": "in"})),
    change(("iam:UpdateAssumeRolePolicy", {"RoleName": "sealed", "PolicyDocument": CLOSED})),
    change(("iam:DetachRolePolicy", {"RoleName": "sealed", "PolicyArn": ADMIN})),
    change(("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN})),
    change(("iam:DeleteUserPolicy", {"UserName": "cal", "PolicyName": "read"})),
]


def parts(difference: Difference, about: About) -> set[tuple[str, ...]]:
    """The losses that are asked about, action by action: which of them stand together may differ."""
    lost = losses_of(difference, about.principals, about.roles)
    return {
        (one.principal, action, one.resource, one.before, one.after)
        for one in (*lost.gone, *lost.conditional)
        for action in one.actions
        if one.principal in about.principals or action.startswith("sts:AssumeRole")
    }


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("about", [About((EMERGENCY, SEALED)), About((EMERGENCY, SEALED), (SEALED,)), About((), ())])
def test_comparing_some_finds_what_comparing_all_finds_about_them(what: Change, about: About) -> None:
    before = with_emergency_user()
    after = changed_account(before, (what,))
    some, everything = compare(before.index, after.index, about), compare(before.index, after.index)
    assert parts(some, about) == parts(everything, about)
    if not about.principals:
        assert (some.lost, some.gained) == ((), ())


@pytest.mark.parametrize("what", CHANGES)
def test_guards_say_the_same_with_the_whole_difference_at_hand(what: Change) -> None:
    account = with_emergency_user()
    told = preview(account, what, practices=False)
    assert told.access is not None
    assert [(one.id, one.sign) for one in told.guards] == [(one.id, one.sign) for one in guards_for((what,), account)]


@pytest.mark.parametrize("left", [(), ("s3:GetObject",)])
def test_a_role_that_goes_takes_nothing_from_break_glass_but_what_it_did_otherwise_counts(
    left: tuple[str, ...],
) -> None:
    """`sts:DecodeAuthorizationMessage` and the like are about no role: closing one takes them from nobody."""
    account = account_of(roles=with_old_role())
    (closing,) = fill("unused-role-remove", account, OLD)
    operations = closing.operations
    if left:
        denied = document({"Effect": "Deny", "Action": list(left), "Resource": "*"}).as_json()
        put = change(("iam:PutRolePolicy", {"RoleName": "sealed", "PolicyName": "no", "PolicyDocument": denied}))
        operations += put.operations
    both = msgspec.structs.replace(closing, operations=operations)
    found = guard("break-glass", account, both)
    assert (found.sign, "s3:GetObject" in found.text, "sts:" in found.text) == (
        "no" if left else "yes",
        bool(left),
        False,
    )
    lost = account.difference(changed_account(account, (closing,))).lost
    assert {action for one in lost for action in one.actions if one.principal == SEALED} <= {
        "sts:AssumeRole",
        "sts:SetContext",
        "sts:SetSourceIdentity",
        "sts:TagSession",
    }


def test_the_break_glass_role_itself_does_not_go() -> None:
    account = account_of(roles=with_old_role())
    (closing,) = fill("unused-role-remove", account, SEALED)
    assert guard("break-glass", account, closing).sign == "no"


def test_the_only_way_up_of_an_emergency_user_does_not_go() -> None:
    boss = Role(OLD, "old", trust({"AWS": iam("root")}), attached=(ADMIN,))
    way = InlinePolicy("in", document(allow("sts:AssumeRole", OLD)))
    user = User(EMERGENCY, "emergency", path="/break-glass/", inline=(way,))
    account = account_of(users=(*account_of().snapshot.users, user), roles=(boss,))
    (closing,) = fill("unused-role-remove", account, OLD)
    found = guard("break-glass", account, closing)
    assert (found.sign, "emergency loses sts:AssumeRole" in found.text) == ("no", True), found.text


def test_a_role_that_stays_open_for_others_is_a_loss_of_who_may_enter_no_more() -> None:
    """Break-glass reaches the role by its trust; closing it to break-glass alone is no taking out of use."""
    way = Role(OLD, "old", trust({"AWS": [SEALED, iam("user/ana")]}), attached=())
    sealed, _ = with_old_role()
    entering = msgspec.structs.replace(sealed, attached=())
    account = account_of(roles=(entering, way))
    narrower = change(("iam:UpdateAssumeRolePolicy", {"RoleName": "old", "PolicyDocument": CLOSED}))
    found = guard("break-glass", account, narrower)
    assert (found.sign, "sealed loses sts:AssumeRole" in found.text) == ("no", True), found.text


@pytest.mark.parametrize(
    ("resource", "gone", "counts"),
    [
        ("arn:aws:s3:::old", ("arn:aws:s3:::old",), False),
        ("arn:aws:s3:::old/x", ("arn:aws:s3:::old",), False),
        ("arn:aws:s3:::older", ("arn:aws:s3:::old",), True),
        (iam("user/a/b"), (iam("user/a"),), True),
        ("*", (OLD,), True),
    ],
)
def test_only_what_is_gone_itself_and_its_parts_are_no_loss(resource: str, gone: tuple[str, ...], counts: bool) -> None:
    one = AccessChange(SEALED, ("s3:GetObject",), resource, "allowed", "implicit-deny")
    assert bool(losses_of(Difference("proved", lost=(one,)), (SEALED,), gone=gone).gone) == counts
