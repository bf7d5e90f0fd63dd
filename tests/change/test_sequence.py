"""Changes one after the other: none takes back, or copies elsewhere, what one before it took out."""

from __future__ import annotations

import msgspec
import pytest

from advisor.account import Advisor
from advisor.advice.given import with_values
from advisor.advice.place_names import name_of
from advisor.advice.templates import fill
from advisor.change.choose import choose
from advisor.change.guards import changed_account, guards_for
from advisor.change.plan import as_yaml, new_plan, read_plan
from advisor.change.preview import preview
from advisor.change.sequence import in_order
from advisor.model.change import Change, Operation
from advisor.model.principal import InlinePolicy, SignIn, User
from tests.advice.small_accounts import (
    ADMINISTRATOR,
    OLD,
    administrator,
    allow,
    arn,
    document,
    group,
    person,
    policy,
    read,
    role,
    trusting,
    user,
)
from tests.change.conftest import Live

OWN = arn("policy", "Tools")


def boss() -> User:
    return person("boss", attached=(ADMINISTRATOR,))


def with_tools() -> Advisor:
    """`ana` rewrites the policy that she has, by a policy of her own with two statements."""
    tools = InlinePolicy(
        "tools", document(allow("s3:GetObject", "*"), allow(["iam:CreatePolicyVersion", "iam:GetPolicy"], OWN))
    )
    return read(
        users=(boss(), person("ana", inline=(tools,), attached=(OWN,))),
        policies=(
            administrator(),
            policy("Tools", allow("s3:ListBucket", "*"), allow("s3:PutObject", "*"), allow("s3:GetBucketAcl", "*")),
        ),
        settings={"caller": arn("user", "boss")},
    )


def statement(index: int) -> str:
    return name_of("inline", "tools", arn("user", "ana"), index)


def ways(account: Advisor) -> list[str]:
    return [path.source for path in account.paths().paths]


def test_policies_that_move_are_those_that_an_earlier_change_left() -> None:
    account = with_tools()
    assert ways(account) == [arn("user", "ana")]
    changes = (
        *fill("statement-remove-actions", account, statement(1), {"actions": "iam:CreatePolicyVersion"}),
        *fill("user-policies-to-group", account, arn("user", "ana"), {"group": "data"}),
    )
    together = in_order(account, changes)
    assert [one.id for one in together.changes] == [one.id for one in changes] and together.left_out == ()
    assert ways(changed_account(account, together.changes)) == []
    assert ways(changed_account(account, changes)) == [arn("user", "ana")], "as they were recommended one by one"
    assert [len(one.undo) for one in together.changes] == [len(one.undo) for one in changes]


def test_a_value_that_was_given_and_a_plan_that_was_kept_are_filled_in_again() -> None:
    account = with_tools()
    (out,) = fill("statement-remove-actions", account, statement(1), {"actions": "iam:CreatePolicyVersion"})
    (asks,) = fill("user-policies-to-group", account, arn("user", "ana"))
    assert [name for name, _ in asks.needs] == ["group"]
    moved = with_values(asks, {"group": ("data",)}, account.snapshot)
    kept = read_plan(as_yaml(new_plan(account, (out, moved))).encode()).changes
    assert ways(changed_account(account, in_order(account, kept).changes)) == []


def test_two_changes_of_one_policy_both_hold_though_the_first_moves_the_numbers() -> None:
    account = with_tools()
    changes = tuple(
        change for index in (0, 1) for change in fill("statement-remove", account, name_of("managed", OWN, OWN, index))
    )
    together = in_order(account, changes)
    assert (len(together.changes), together.left_out) == (2, ())
    left = changed_account(account, together.changes).snapshot.policy_by_arn[OWN].document
    assert left is not None and [one.actions for one in left.statements] == [("s3:GetBucketAcl",)]


def test_a_change_that_is_written_by_hand_over_a_text_that_moved_is_left_out_with_its_reason() -> None:
    account = with_tools()
    (out,) = fill("statement-remove-actions", account, statement(1), {"actions": "iam:CreatePolicyVersion"})
    text = document(allow(["iam:CreatePolicyVersion"], OWN)).as_json()
    put = Operation("iam", "PutUserPolicy", {"UserName": "ana", "PolicyName": "tools", "PolicyDocument": text})
    (left_out,) = choose(account, (out, Change("own", "own", (put,))), asked=True).left_out
    assert left_out.reason == "would take back what a change before it does to ana: make it afterwards"
    assert in_order(account, (Change("own", "own", (put,)),)).left_out == ()


def test_what_opens_again_a_finding_that_others_close_is_left_out() -> None:
    account = with_tools()
    (finding,) = [one for one in account.findings().findings if one.id.startswith("becomes-administrator-")]
    (close,) = fill("statement-remove-actions", account, statement(1), {"actions": "iam:CreatePolicyVersion"})
    text = document(allow("iam:PutUserPolicy", arn("user", "ana"))).as_json()
    put = Operation("iam", "PutUserPolicy", {"UserName": "ana", "PolicyName": "more", "PolicyDocument": text})
    idle = Operation("iam", "CreateGroup", {"GroupName": "idle"})
    changes = (close, Change("again", "again", (put,)), Change("idle", "idle", (idle,)))
    for asked in (False, True):
        choice = choose(account, changes, asked=asked, findings=(msgspec.structs.replace(finding, changes=(close,)),))
        assert [one.id for one in choice.changes] == [close.id, "idle"]
    assert [(one.change.id, one.reason) for one in choice.left_out] == [
        ("again", f"opens again what others close: {finding.title}")
    ]


def test_who_is_administrator_outright_stays_one_unless_somebody_names_the_finding() -> None:
    account = read(
        users=(boss(), person("ben", groups=("admins",))),
        groups=(group("admins", attached=(ADMINISTRATOR,), inline=()),),
        policies=(administrator(), policy("Less", allow("s3:*"))),
        settings={"caller": arn("user", "boss")},
    )
    less = fill("admin-reduce", account, arn("group", "admins"), {"policy": arn("policy", "Less")})
    assert [one.reason for one in choose(account, less).left_out] == [
        "takes administrator from ben: name its finding to take it"
    ]
    assert choose(account, less, asked=True).changes == less


def sign(account: Advisor, change: Change) -> tuple[str, str]:
    found = next(guard for guard in guards_for((change,), account) if guard.id == "administrator")
    return found.sign, found.text


def test_an_administrator_counts_when_a_person_can_use_it() -> None:
    deploy = role("Deploy", trusting({"Service": "cloudformation.amazonaws.com"}), attached=(ADMINISTRATOR,))
    worn = role("Worn", trusting({"AWS": arn("user", "ana")}), attached=(ADMINISTRATOR,))
    less = Change(
        "less", "less", (Operation("iam", "DetachUserPolicy", {"UserName": "boss", "PolicyArn": ADMINISTRATOR}),)
    )
    alone = read(users=(boss(),), roles=(deploy,), policies=(administrator(),))
    assert sign(alone, less) == ("no", "the last administrator whom a person can use would be gone")
    helped = read(users=(boss(), person("ana")), roles=(deploy, worn), policies=(administrator(),))
    assert sign(helped, less) == (
        "yes", "1 administrator stays, besides Deploy, which no person is known to be able to use",
    )  # fmt: skip
    unread = read(users=(boss(), user("ana", sign_in=SignIn())), roles=(worn,), policies=(administrator(),))
    assert sign(unread, less)[0] == "unknown"


def test_a_password_that_goes_does_not_come_back_and_is_no_part_of_a_plan_without_names() -> None:
    account = read(users=(boss(), person("ana", used=OLD)), policies=(administrator(),))
    off = fill("user-console-off", account, arn("user", "ana"))
    assert [one.reversible for one in off] == [False] and off[0].undo
    found = preview(account, off)
    assert not found.reversible and "the old one does not come back" in found.note
    (left_out,) = choose(account, off).left_out
    assert left_out.reason.startswith("cannot be undone in full: ")


def test_the_ways_before_are_those_closed_and_those_left_without_those_of_former_administrators() -> None:
    admin = role("Admin", trusting({"AWS": arn("user", "ben")}), attached=(ADMINISTRATOR,))
    account = read(
        users=(boss(), person("ben", attached=(ADMINISTRATOR,))), roles=(admin,), policies=(administrator(),)
    )
    less = Change(
        "less", "less", (Operation("iam", "DetachUserPolicy", {"UserName": "ben", "PolicyArn": ADMINISTRATOR}),)
    )
    turned = preview(account, less, paths=True).paths
    assert turned is not None
    assert (len(turned.closed), turned.left, len(turned.instead)) == (0, 1, 1)
    assert turned.ways == turned.instead == (f"{arn('user', 'ben')} assumes the role → {admin.arn}",)


@pytest.fixture(scope="module")
def open_before(live: Live) -> frozenset[str]:
    return opened(live.advisor)


def opened(account: Advisor) -> frozenset[str]:
    return frozenset(finding.id for finding in account.findings().findings if finding.status == "open")


def test_what_a_change_of_the_demo_s_plan_closes_alone_is_closed_after_the_whole_plan(
    live: Live, open_before: frozenset[str]
) -> None:
    account, findings = live.advisor, live.advisor.findings().findings
    candidates = [
        with_values(change, {"group": (f"job-{number}",)}, live.snapshot)
        if change.template == "user-policies-to-group"
        else change
        for finding in findings
        for number, change in enumerate(finding.changes)
    ]
    plan = choose(account, candidates, findings=findings).changes
    assert len(plan) > 15 and {"statement-remove-actions", "user-policies-to-group"} <= {one.template for one in plan}
    after = opened(changed_account(account, plan))
    by_id = {change.id: change for change in candidates}
    for change in plan:
        closed = open_before - opened(changed_account(account, (by_id[change.id],)))
        assert not closed & after, change.title
    ways_before, turned = len(account.paths().paths), preview(account, plan, paths=True).paths
    assert turned is not None
    assert len(turned.closed) + turned.left - len(turned.instead) == ways_before
    assert not set(account.paths().admins) - set(changed_account(account, plan).paths().admins)


def test_two_recommended_changes_of_the_demo_never_undo_each_other(live: Live, open_before: frozenset[str]) -> None:
    """All pairs of which one rewrites a policy of somebody whose policies the other moves, both ways round."""
    account = live.advisor
    found = {change.id: change for finding in account.findings().findings for change in finding.changes}
    pairs = [
        (one, other)
        for one in found.values()
        for other in found.values()
        if one is not other and not one.needs and one.operations and other.operations
    ]
    pairs = [
        (one, with_values(other, {"group": ("job",)}, live.snapshot))
        for one, other in pairs
        if other.template == "user-policies-to-group" and one.target == other.target
    ]
    assert len(pairs) > 3
    for one, other in pairs:
        closed = open_before - opened(changed_account(account, (one,)))
        for order in ((one, other), (other, one)):
            made = in_order(account, order)
            if one.id in {change.id for change in made.changes}:
                assert not closed & opened(changed_account(account, made.changes)), (one.title, other.title)


def test_the_app_s_plan_is_put_together_the_same_way() -> None:
    from screens.preview import in_order as together
    from screens.session import Session

    session = Session()
    session.advisor = account = with_tools()
    changes = (
        *fill("statement-remove-actions", account, statement(1), {"actions": "iam:CreatePolicyVersion"}),
        *fill("user-policies-to-group", account, arn("user", "ana"), {"group": "data"}),
    )
    made, told = together(session, changes)
    assert (ways(changed_account(account, made)), told) == ([], "")
    own = InlinePolicy("tools", document(allow(["iam:CreatePolicyVersion"], OWN))).document.as_json()
    put = Operation("iam", "PutUserPolicy", {"UserName": "ana", "PolicyName": "tools", "PolicyDocument": own})
    made, told = together(session, (changes[0], Change("own", "own", (put,))))
    assert ([one.id for one in made], told) == (
        [changes[0].id],
        "Left out: own would take back what a change before it does to ana: make it afterwards",
    )
