"""Previews and guards: what a change would do and what speaks against it, before anything is called."""

from __future__ import annotations

import msgspec
import pytest

from advisor.account import Advisor
from advisor.advice.templates import fill
from advisor.change.guards import Guard, guards_for
from advisor.change.plan import new_plan
from advisor.change.preview import preview
from advisor.change.quotas import quotas_for
from advisor.model.change import Change, Operation
from advisor.model.effects import apply_to
from advisor.model.principal import AccessKey, InlinePolicy, Role, SignIn, User
from advisor.model.snapshot import Snapshot
from advisor.model.usage import ServiceUse
from tests.change.small_account import ACCOUNT, ADMIN, advisor_of, allow, document, iam, small_account, trust

ANA = iam("user/ana")


def account_of(caller: str | None = ANA, **fields: object) -> Advisor:
    snapshot = small_account(**fields)
    return advisor_of(
        msgspec.structs.replace(snapshot, settings=msgspec.structs.replace(snapshot.settings, caller=caller))
    )


def change(*operations: tuple[str, dict[str, object]]) -> Change:
    return Change(
        "x", "x", tuple(Operation(*name.split(":"), parameters, account=ACCOUNT) for name, parameters in operations)
    )


def guard(id: str, account: Advisor, *changes: Change) -> Guard:
    return next(item for item in guards_for(changes, account) if item.id == id)


DETACH = change(("iam:DetachUserPolicy", {"UserName": "ana", "PolicyArn": ADMIN}))


def test_the_caller_is_not_locked_out() -> None:
    assert guard("caller", account_of(), DETACH).sign == "no"
    keys_off = change(
        ("iam:UpdateAccessKey", {"UserName": "ana", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}),
        ("iam:DeleteLoginProfile", {"UserName": "ana"}),
    )
    assert "sign in" in guard("caller", account_of(), keys_off).text
    harmless = change(("iam:TagUser", {"UserName": "ben", "Tags": [{"Key": "a", "Value": "b"}]}))
    assert guard("caller", account_of(), harmless).sign == "yes"


def test_a_caller_who_is_not_in_the_snapshot_is_a_question_and_root_is_none() -> None:
    for caller in (None, "arn:aws:sts::111122223333:assumed-role/nobody/x"):
        assert guard("caller", account_of(caller), DETACH).sign == "unknown"
        assert guard("permission", account_of(caller), DETACH).sign == "unknown"
    assert guard("caller", account_of(iam("root")), DETACH).sign == "yes"


def test_a_role_that_nobody_could_assume_any_more_locks_its_caller_out() -> None:
    snapshot = small_account()
    boss = Role(iam("role/boss"), "boss", trust({"AWS": iam("root")}), attached=(ADMIN,))
    account = account_of("arn:aws:sts::111122223333:assumed-role/boss/me", roles=(*snapshot.roles, boss))
    (closing,) = fill("unused-role-remove", account, boss.arn)
    assert "nobody could assume boss" in guard("caller", account, closing).text


def test_the_last_administrator_stays() -> None:
    refused = guard("administrator", account_of(None), DETACH)
    assert (refused.sign, refused.resources) == ("no", (ANA,))
    other = change(("iam:AttachUserPolicy", {"UserName": "ben", "PolicyArn": ADMIN}))
    assert guard("administrator", account_of(None), other, DETACH).sign == "yes"


def test_break_glass_is_not_touched() -> None:
    snapshot = small_account()
    sealed = Role(
        iam("role/break-glass/open"),
        "open-in-case",
        trust({"AWS": iam("root")}),
        path="/break-glass/",
        attached=(ADMIN,),
    )
    account = account_of(roles=(*snapshot.roles, sealed))
    broken = change(("iam:DetachRolePolicy", {"RoleName": "open-in-case", "PolicyArn": ADMIN}))
    assert guard("break-glass", account, broken).sign == "no"
    assert guard("break-glass", account, DETACH).sign == "yes"


SEALED = iam("role/break-glass/sealed")
MFA_DENY: dict[str, object] = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def with_emergency_user() -> Advisor:
    """An emergency user who is no administrator, but may assume the role that is."""
    snapshot = small_account()
    user = User(
        iam("user/break-glass/emergency"),
        "emergency",
        path="/break-glass/",
        inline=(InlinePolicy("in", document(allow("sts:AssumeRole", SEALED))),),
        sign_in=SignIn(console=True, mfa=True, keys=(), special=()),
    )
    sealed = Role(SEALED, "sealed", trust({"AWS": iam("root")}), path="/break-glass/", attached=(ADMIN,))
    return account_of(users=(*snapshot.users, user), roles=(*snapshot.roles, sealed))


def put_on_emergency(statement: dict[str, object]) -> Change:
    text = document(statement).as_json()
    return change(("iam:PutUserPolicy", {"UserName": "emergency", "PolicyName": "new", "PolicyDocument": text}))


@pytest.mark.parametrize(
    ("what", "sign", "words"),
    [
        (put_on_emergency({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": SEALED}), "no", "AssumeRole"),
        (put_on_emergency(MFA_DENY), "unknown", "on conditions only"),
        (put_on_emergency(allow("s3:GetObject")), "yes", "loses no access"),
        (change(("iam:DeleteUserPolicy", {"UserName": "emergency", "PolicyName": "in"})), "no", "AssumeRole"),
        (change(("iam:DeleteLoginProfile", {"UserName": "emergency"})), "no", "would not open"),
        (
            change(
                (
                    "iam:UpdateAssumeRolePolicy",
                    {"RoleName": "sealed", "PolicyDocument": trust({"AWS": iam("user/ana")}).as_json()},
                )
            ),
            "no",
            "AssumeRole",
        ),
    ],
)
def test_break_glass_keeps_every_access_and_the_way_into_it(what: Change, sign: str, words: str) -> None:
    found = guard("break-glass", with_emergency_user(), what)
    assert (found.sign, words in found.text) == (sign, True), found.text


def test_what_an_emergency_user_may_do_as_the_role_anyway_is_no_loss() -> None:
    """A public website that it could read like everybody is not what it is kept for; its way into the role is."""
    assert guard("break-glass", with_emergency_user(), put_on_emergency({**MFA_DENY, "Action": "s3:*"})).sign == "yes"
    deny = put_on_emergency({"Effect": "Deny", "Action": ["s3:GetObject", "sts:AssumeRole"], "Resource": "*"})
    assert guard("break-glass", with_emergency_user(), deny).sign == "no"


def test_the_caller_is_told_what_it_loses_although_it_could_undo_it() -> None:
    text = document({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}).as_json()
    put = Operation("iam", "PutUserPolicy", {"UserName": "ana", "PolicyName": "no", "PolicyDocument": text})
    back = Operation("iam", "DeleteUserPolicy", {"UserName": "ana", "PolicyName": "no"})
    found = guard("caller", account_of(), Change("x", "x", (put,), (back,)))
    assert (found.sign, "ana loses s3:GetObject" in found.text) == ("unknown", True)


def test_what_is_done_by_hand_has_no_guards() -> None:
    assert guards_for((Change("x", "x", by_hand=("sign in as root",)),), account_of()) == ()


@pytest.mark.parametrize(
    ("last_used", "sign"), [("2026-11-01T00:00:00Z", "no"), ("2026-01-01T00:00:00Z", "yes"), (None, "yes")]
)
def test_what_was_used_lately_is_not_put_out_of_use(last_used: str | None, sign: str) -> None:
    snapshot = small_account()
    ana = snapshot.user_by_arn[ANA]
    key = AccessKey("AKIAIOSFODNN7EXAMPLE", True, last_used=last_used)
    ana = msgspec.structs.replace(ana, sign_in=msgspec.structs.replace(ana.sign_in, keys=(key,)))
    account = account_of(users=(ana, *snapshot.users[1:]))
    off = change(("iam:UpdateAccessKey", {"UserName": "ana", "AccessKeyId": key.id, "Status": "Inactive"}))
    assert guard("recent-use", account, off).sign == sign


@pytest.mark.parametrize(
    ("last", "sign"), [("2026-11-01T00:00:00Z", "no"), ("2026-01-01T00:00:00Z", "yes"), (None, "yes")]
)
def test_an_action_that_was_used_lately_is_not_taken_away(last: str | None, sign: str) -> None:
    """Where last accessed information was read; an action of which only the service is known to be used may go."""
    snapshot = small_account()
    ana = msgspec.structs.replace(
        snapshot.user_by_arn[ANA],
        uses=(ServiceUse("s3", "2026-11-01T00:00:00Z", (("CreateBucket", last),)),),
    )
    account = account_of(users=(ana, *snapshot.users[1:]))
    text = document({"Effect": "Deny", "Action": ["s3:CreateBucket", "s3:ListAllMyBuckets"], "Resource": "*"}).as_json()
    put = change(("iam:PutUserPolicy", {"UserName": "ana", "PolicyName": "no", "PolicyDocument": text}))
    found = guard("recent-use", account, put)
    assert found.sign == sign
    assert ("s3:CreateBucket by ana (2026-11-01)" in found.text) == (sign == "no")


def test_whether_an_exported_role_was_ever_used_is_a_question() -> None:
    remove = change(("iam:DeleteRole", {"RoleName": "vendor"}))
    assert guard("recent-use", account_of(), remove).sign == "unknown"


def test_a_plan_for_another_state_of_the_account_is_refused() -> None:
    account = account_of()
    plan = new_plan(account, (DETACH,))
    moved = advisor_of(apply_to(change(("iam:CreateGroup", {"GroupName": "g"})), account.snapshot))
    found = {item.id: item.sign for item in guards_for(plan.changes, moved, plan=plan)}
    assert found["unchanged"] == "no"
    assert {item.id: item.sign for item in guards_for(plan.changes, account, plan=plan)}["unchanged"] == "yes"


def test_the_actors_own_permissions_are_checked_call_by_call() -> None:
    weak = account_of(iam("user/ben"))
    refused = guard("permission", weak, change(("iam:CreateGroup", {"GroupName": "g"})))
    assert (refused.sign, "iam:CreateGroup" in refused.text) == ("no", True)
    assert guard("permission", account_of(), change(("iam:CreateGroup", {"GroupName": "g"}))).sign == "yes"


def with_text(snapshot: Snapshot, size: int) -> Snapshot:
    text = document(allow("s3:GetObject", [f"arn:aws:s3:::b/{'x' * size}"])).as_json()
    return apply_to(
        change(("iam:PutUserPolicy", {"UserName": "ben", "PolicyName": "p", "PolicyDocument": text})), snapshot
    )


def test_quotas_are_counted_without_white_space_against_the_accounts_own_limits() -> None:
    before = small_account()
    small, large = with_text(before, 100), with_text(before, 3000)
    assert all(quota.fits for quota in quotas_for(before, small))
    broken = [quota for quota in quotas_for(before, large) if not quota.fits]
    assert [(quota.subject, quota.limit, quota.is_live) for quota in broken] == [("ben", 2048, False)]
    settings = msgspec.structs.replace(before.settings, summary={"UserPolicySizeQuota": 9999})
    wide = msgspec.structs.replace(before, settings=settings)
    assert all(quota.fits for quota in quotas_for(wide, with_text(wide, 3000)))


def test_a_preview_tells_calls_access_practices_undo_and_problems() -> None:
    account = account_of()
    (moved,) = fill("access-key-deactivate", account, "AKIAIOSFODNN7EXAMPLE")
    bad = change(
        (
            "iam:PutUserPolicy",
            {"UserName": "ben", "PolicyName": "p", "PolicyDocument": document(allow("s3:GetObjekt")).as_json()},
        )
    )
    found = preview(account, (moved, bad), paths=True)
    assert [(call.number, call.name, call.subject) for call in found.calls] == [
        (1, "iam:UpdateAccessKey", "ana"),
        (2, "iam:PutUserPolicy", "ben"),
    ]
    assert [step.operation for step in found.undo] == ["DeleteUserPolicy", "UpdateAccessKey"]
    assert found.reversible
    assert [thing.title for thing in found.things] == ["ana", "ben"]
    assert any("ben" in problem for problem in found.problems)
    assert found.paths is not None


def test_access_gained_and_lost_is_that_of_the_whole_account() -> None:
    account = account_of()
    found = preview(
        account,
        change(
            (
                "iam:PutUserPolicy",
                {"UserName": "ben", "PolicyName": "p", "PolicyDocument": document(allow("sqs:SendMessage")).as_json()},
            )
        ),
    )
    assert found.access is not None
    assert {item.principal for item in found.access.gained} == {iam("user/ben")}
    assert not found.access.lost
    assert any("sqs:SendMessage" in item.actions for item in found.access.gained)


def test_paths_that_are_left_name_those_kept_for_emergencies() -> None:
    """What a cut leaves alone is part of what is left here, and told."""
    turned = preview(with_emergency_user(), put_on_emergency(allow("s3:GetObject")), paths=True).paths
    assert turned is not None
    assert set(turned.left_alone) == {iam("user/break-glass/emergency")}
    assert 0 < len(turned.left_alone) <= turned.left
