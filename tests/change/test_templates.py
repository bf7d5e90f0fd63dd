"""Every shipped template fills in, means what AWS understands, and its effect is what its title says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisor.advice.subjects import names_of
from advisor.advice.templates import fill, fill_template
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.effects import apply_to, effects_of, name_of
from advisor.model.principal import SignIn, User
from advisor.model.snapshot import Snapshot
from advisor.reference.knowledge import load
from advisor.reference.schema.changes import VALUES, Template, check
from tests.change.small_account import (
    ACCOUNT,
    ADMIN,
    OUTSIDE,
    REGION,
    advisor_of,
    allow,
    document,
    iam,
    small_account,
    trust,
)

SUBJECTS = {
    "account": "",
    "user": iam("user/ana"),
    "group": iam("group/people"),
    "role": iam("role/vendor"),
    "principal": iam("user/ana"),
    "access-key": "AKIAI44QH8DHBEXAMPLE",
    "policy": iam("policy/spare"),
    "bucket": "arn:aws:s3:::payroll",
    "resource": "arn:aws:s3:::payroll",
    "compute": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1",
    "trail": "main",
    "statement": f"managed|{iam('policy/dev')}||1",
}
OTHER = {
    "irsa-trust": iam("role/ci"),
    "oidc-close": iam("role/ci"),
    "trust-narrow": iam("role/open"),
    "boundary-condition": iam("role/maker"),
    "pass-role-scope": iam("role/maker"),
    "role-per-workload": "work",
    "user-to-group": iam("user/ben"),
    "access-key-deactivate": "AKIAIOSFODNN7EXAMPLE",
    "exception-user-tags": iam("user/ben"),
}
TRUSTING = {
    "cognito-pool": trust({"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity"),
    "trust-source-account": trust({"Service": "scheduler.amazonaws.com"}),
}
"""What the vendor's role trusts instead, for changes to such a trust."""
GIVEN: dict[str, Any] = {
    "group": "people",
    "policy": iam("policy/dev"),
    "principal": f"arn:aws:iam::{OUTSIDE}:root",
    "target": ACCOUNT,
    "resources": ["arn:aws:iam::111122223333:role/app-*"],
    "actions": ["iam:PassRole"],
    "regions": [REGION],
    "vendors": [OUTSIDE],
    "services": ["s3:*"],
    "instance": "arn:aws:sso:::instance/ssoins-1234567890abcdef",
    "admin_group": "9067642ac7-11111111-2222-3333-4444-555555555555",
    "read_group": "9067642ac7-11111111-2222-3333-4444-555555555556",
    "bucket": "org-trail-logs",
    "metadata": "x" * 1000,
}


def filled(template: Template, snapshot: Snapshot | None = None) -> Change:
    values = {
        name: GIVEN.get(name, value.example or "given")
        for name, value in template.values.items()
        if value.default is None
    }
    values |= {"policy": ADMIN} if template.id == "policy-detach" else {}
    values |= {"name": "zoe"} if template.id == "one-administrator" else {}
    subject = OTHER.get(template.id, SUBJECTS[template.subject])
    changes = fill_template(template, snapshot or account_for(template.id), subject, values)
    assert len(changes) == 1, "the template has nothing to do on the account that it is made for"
    return changes[0]


def account_for(template_id: str) -> Snapshot:
    if template_id == "organization-create":
        return small_account(organization=None)
    snapshot = small_account()
    if template_id in TRUSTING:
        roles = (
            msgspec.structs.replace(one, trust=TRUSTING[template_id]) if one.name == "vendor" else one
            for one in snapshot.roles
        )
        return msgspec.structs.replace(snapshot, roles=tuple(roles))
    if template_id != "resource-source-account":
        return snapshot
    open_to_sns = document(allow("s3:PutObject", "arn:aws:s3:::payroll/*", Principal={"Service": "sns.amazonaws.com"}))
    bucket = msgspec.structs.replace(snapshot.resource_by_arn["arn:aws:s3:::payroll"], policy=open_to_sns)
    others = tuple(one for one in snapshot.resources if one.arn != bucket.arn)
    return msgspec.structs.replace(snapshot, resources=(*others, bucket))


@pytest.mark.parametrize("template_id", sorted(load("changes")))
def test_a_template_fills_in_and_is_taken_back(template_id: str) -> None:
    template = load("changes")[template_id]
    change = filled(template)
    assert change.needs == ()
    assert bool(change.operations) == bool(template.operations), change.note
    before = account_for(template_id)
    done = effects_of(change.operations, before)
    assert done.not_modelled == ()
    if change.reversible and change.operations:
        assert change.undo
        effects_of(change.undo, done.snapshot, done.results)
    elif change.operations:
        assert change.note, "what cannot be taken back says so"


@pytest.mark.parametrize("template_id", sorted(load("changes")))
def test_a_filled_template_is_what_boto3_accepts(template_id: str) -> None:
    from botocore import session, validate

    from advisor.change.calls import keyword_arguments

    models = session.get_session()
    change = filled(load("changes")[template_id])
    results = effects_of(change.operations, account_for(template_id)).results
    for operation in change.operations:
        model = models.get_service_model(operation.service).operation_model(operation.operation)
        if model.input_shape is not None:
            report = validate.ParamValidator().validate(keyword_arguments(operation, results, str), model.input_shape)
            wrong = [line for line in report.generate_report().splitlines() if "Invalid length" not in line]
            assert wrong == [], name_of(operation)


def test_the_names_that_templates_may_use_are_the_names_that_subjects_have() -> None:
    for kind, subject in SUBJECTS.items():
        names, _ = names_of(kind, small_account(), subject)
        found = {f"{one}.{two}" for one, values in names.items() for two in values}
        assert found - {"statement.index"} == VALUES[kind], kind


def test_a_value_that_is_missing_is_named_and_stands_in_brackets() -> None:
    (change,) = fill("trust-external-id", advisor_of(small_account()), iam("role/vendor"))
    assert [name for name, _ in change.needs] == ["external_id"]
    assert "<external_id>" in str(change.operations[0].parameters)


def test_a_change_that_has_nothing_to_do_is_no_change() -> None:
    assert fill("access-key-delete", advisor_of(small_account()), "AKIAIOSFODNN7EXAMPLE") == ()
    assert fill("trust-external-id", advisor_of(small_account()), iam("role/app"), {"external_id": "x"}) == ()


def test_what_aws_would_refuse_comes_back_with_the_reason() -> None:
    (change,) = fill("policy-delete", advisor_of(small_account()), iam("policy/limit"))
    assert change.operations == ()
    assert "attachments" in change.note


def test_unknown_templates_and_subjects_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="access-key-delete"):
        fill("access-key-delet", advisor_of(small_account()))
    with pytest.raises(UsageError, match="nobody"):
        fill("user-remove", advisor_of(small_account()), iam("user/nobody"))


def test_removing_a_user_removes_all_that_belongs_to_it() -> None:
    (change,) = fill("user-remove", advisor_of(small_account()), iam("user/ana"))
    after = apply_to(change, small_account())
    assert iam("user/ana") not in after.user_by_arn
    assert not change.reversible


def test_policies_move_to_the_group_before_the_user_loses_them() -> None:
    (change,) = fill("user-policies-to-group", advisor_of(small_account()), iam("user/ana"), {"group": "data"})
    state = small_account()
    held = {ADMIN, "read"}
    for operation in change.operations:
        state = apply_to((operation,), state)
        user = state.user_by_arn[iam("user/ana")]
        direct = {*user.attached, *(policy.name for policy in user.inline)}
        through = {
            name
            for group in state.groups
            if group.name in user.groups
            for name in (*group.attached, *(policy.name for policy in group.inline))
        }
        assert held <= direct | through, name_of(operation)
    assert (user.attached, user.inline) == ((), ())


def test_mfa_is_enforced_on_groups_and_on_users_without_a_group() -> None:
    (change,) = fill("mfa-enforce", advisor_of(small_account()))
    after = apply_to(change, small_account())
    policy = iam("policy/mfa-or-nothing")
    assert policy in after.group_by_name["people"].attached
    assert policy in after.user_by_arn[iam("user/ben")].attached
    assert policy not in after.user_by_arn[iam("user/cal")].attached


def test_what_stands_already_is_referred_to_by_its_name() -> None:
    """The policy was made before, and one was taken out of it since: only that one gets it, by the ARN that it has."""
    (first,) = fill("mfa-enforce", advisor_of(small_account()))
    policy = iam("policy/mfa-or-nothing")
    taken = Operation("iam", "DetachUserPolicy", {"UserName": "ben", "PolicyArn": policy})
    since = apply_to((taken,), apply_to(first, small_account()))
    (again,) = fill("mfa-enforce", advisor_of(since))
    assert [(name_of(one), one.parameters) for one in again.operations] == [
        ("iam:AttachUserPolicy", {"UserName": "ben", "PolicyArn": policy})
    ]
    assert policy in apply_to(again, since).user_by_arn[iam("user/ben")].attached


def test_a_group_with_an_emergency_member_is_spared_and_the_others_in_it_get_the_policy_themselves() -> None:
    before = small_account()
    emergency = User(
        iam("user/break-glass/emergency"), "emergency", path="/break-glass/", groups=("people",),
        sign_in=SignIn(console=True, mfa=True, keys=(), special=()),
    )  # fmt: skip
    before = msgspec.structs.replace(before, users=(*before.users, emergency))
    (change,) = fill("mfa-enforce", advisor_of(before))
    after = apply_to(change, before)
    policy = iam("policy/mfa-or-nothing")
    assert policy not in after.group_by_name["people"].attached
    assert policy in after.user_by_arn[iam("user/ana")].attached
    assert after.user_by_arn[emergency.arn] == before.user_by_arn[emergency.arn]


def test_an_external_id_is_asked_of_outsiders_only() -> None:
    (change,) = fill("trust-external-id", advisor_of(small_account()), iam("role/vendor"), {"external_id": "x-1"})
    statement = apply_to(change, small_account()).role_by_arn[iam("role/vendor")].trust.statements[0]
    assert [(item.operator, item.key, item.values) for item in statement.conditions] == [
        ("StringEquals", "sts:ExternalId", ("x-1",))
    ]


def test_a_statement_is_narrowed_where_it_stands() -> None:
    (change,) = fill(
        "statement-scope",
        advisor_of(small_account()),
        f"managed|{iam('policy/dev')}||1",
        {"resources": ["arn:aws:iam::111122223333:role/app-*"]},
    )
    text = apply_to(change, small_account()).policy_by_arn[iam("policy/dev")].document
    assert text is not None
    assert text.statements[0] == document(allow("s3:*")).statements[0]
    assert text.statements[1].resources == ("arn:aws:iam::111122223333:role/app-*",)


def test_administrators_by_aws_policy_get_our_own_with_mfa_in_its_stead() -> None:
    (change,) = fill("admin-condition", advisor_of(small_account()), iam("user/ana"))
    user = apply_to(change, small_account()).user_by_arn[iam("user/ana")]
    assert ADMIN not in user.attached
    assert iam("policy/administrator-with-mfa") in user.attached


def test_equal_inline_policies_become_one_managed_policy() -> None:
    (change,) = fill("policy-merge-same", advisor_of(small_account()))
    after = apply_to(change, small_account())
    assert [name_of(step) for step in change.operations].count("iam:CreatePolicy") == 1
    for name in ("ana", "cal"):
        user = after.user_by_arn[iam(f"user/{name}")]
        assert user.inline == ()
        assert iam("policy/read") in user.attached


def test_a_template_that_names_what_nobody_fills_is_refused() -> None:
    template = load("changes")["user-console-off"]
    broken = msgspec.structs.replace(template, title="Take it from $user.nmae")
    problems = [str(problem) for problem in check({"user-console-off": broken})]
    assert problems == ["user-console-off: title: `$user.nmae` stands for nothing; did you mean `user.name`?"]
