"""What would allow a denied request: the safe changes first, each with what else it gives."""

from __future__ import annotations

from advisor.advice.denied import Denial
from advisor.change.fixes import safe_fixes
from advisor.model.principal import Group, InlinePolicy, ManagedPolicy, PolicyVersion, User
from tests.change.test_preview import account_of
from tests.policies import allow, deny, document, iam

EVE, LIMIT = iam("user/eve"), iam("policy/edge")


def test_taking_a_boundary_off_an_administrator_is_not_safe_and_the_statement_in_it_is() -> None:
    everything = (InlinePolicy("all", document(allow("*"))),)
    edge = ManagedPolicy(LIMIT, "edge", (PolicyVersion("v1", document(allow("s3:GetObject")), True),), boundary_count=1)
    users = (User(EVE, "eve", inline=everything, boundary=LIMIT),)
    account = account_of(users=users, policies=(edge,), groups=(), roles=(), resources=())
    found = safe_fixes(account, Denial(EVE, "s3:PutObject", "arn:aws:s3:::reports/1.csv", layer="boundary"))
    assert [(fix.flip.change.id, fix.is_safe) for fix in found] == [
        ("flip-allow-in-boundary", True), ("flip-detach-boundary", False),
    ]  # fmt: skip
    allowed, detached = found
    assert (allowed.more, allowed.others, allowed.opens) == (0, (), ())
    assert detached.more > 1000
    assert detached.opens == (f"{EVE} administrator",)


def test_what_others_gain_by_it_is_told_and_puts_a_fix_behind() -> None:
    group = Group(iam("group/team"), "team", inline=(InlinePolicy("no", document(deny("s3:PutObject"))),))
    own = (InlinePolicy("own", document(allow("s3:PutObject"))),)
    users = tuple(User(iam(f"user/{name}"), name, groups=("team",), inline=own) for name in ("eve", "fay", "gil"))
    account = account_of(users=users, groups=(group,), roles=(), resources=())
    (fix,) = safe_fixes(account, Denial(EVE, "s3:PutObject", "arn:aws:s3:::reports/1.csv"))
    assert fix.is_safe
    assert fix.others == (iam("user/fay"), iam("user/gil"))


def test_a_pattern_is_never_allowed() -> None:
    users = (User(EVE, "eve"),)
    account = account_of(users=users, groups=(), roles=(), resources=())
    assert not safe_fixes(account, Denial(EVE, "s3:PutObject", "arn:aws:s3:::reports/*"))
    assert safe_fixes(account, Denial(EVE, "s3:PutObject", "arn:aws:s3:::reports/1.csv"))
