"""What only ListRoles and GetPolicy tell: read, missed with a gap, and restored when what was deleted comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("moto")

from advisor.account import Advisor
from advisor.change.apply import apply_plan
from advisor.change.armed import arm
from advisor.change.plan import new_plan
from advisor.change.undo import undo_run
from advisor.collect.live import collect_account
from advisor.demo import Demo, start
from advisor.model.change import Change, Operation
from advisor.model.snapshot import Snapshot
from tests.change.normal import normal
from tests.collect.conftest import FaultyDemo

TRUST = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)
READ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
TAGS = [{"Key": "team", "Value": "ops"}]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    with start(faults=True) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        iam = running.session().client("iam", endpoint_url=running.endpoint_url)
        iam.create_role(
            RoleName="night", Path="/jobs/", AssumeRolePolicyDocument=TRUST, Description="runs at night", Tags=TAGS,
            MaxSessionDuration=7200,
        )  # fmt: skip
        iam.create_policy(
            PolicyName="night-read", Path="/jobs/", PolicyDocument=READ, Description="what it reads", Tags=TAGS
        )
        yield running


def read(account: Demo) -> Snapshot:
    (snapshot,) = collect_account(endpoint_url=account.endpoint_url)
    return snapshot


def test_descriptions_session_lengths_and_tags_are_read(account: Demo) -> None:
    snapshot = read(account)
    role = next(one for one in snapshot.roles if one.name == "night")
    assert (role.description, role.max_session_seconds, role.path) == ("runs at night", 7200, "/jobs/")
    policy = next(one for one in snapshot.policies if one.name == "night-read")
    assert (policy.description, policy.tags, policy.path) == ("what it reads", (("team", "ops"),), "/jobs/")


def test_what_was_refused_is_a_gap_and_unknown_not_the_default(account: Demo) -> None:
    FaultyDemo(account).set_faults(
        {"call": "iam:ListRoles", "kind": "denied"}, {"call": "iam:GetPolicy", "kind": "denied"}
    )
    snapshot = read(account)
    role = next(one for one in snapshot.roles if one.name == "night")
    assert (role.description, role.max_session_seconds) == (None, None)
    assert next(one for one in snapshot.policies if one.name == "night-read").description is None
    missed = {gap.call: gap.makes_unknown for gap in snapshot.gaps}
    assert sum(gap.call == "iam:GetPolicy" and gap.resource is None for gap in snapshot.gaps) == 1
    assert "session lengths" in missed["iam:ListRoles"]
    assert "iam:GetPolicy" in missed
    change = Change("gone", "gone", (Operation("iam", "DeleteRole", {"RoleName": "night"}),))
    assert "not restored" in Advisor((snapshot,)).preview(change).note


def test_a_deleted_role_and_policy_come_back_as_they_were(account: Demo, tmp_path: Path) -> None:
    before = read(account)
    arn = next(one.arn for one in before.policies if one.name == "night-read")
    operations = (
        Operation("iam", "DeleteRole", {"RoleName": "night"}),
        Operation("iam", "DeletePolicy", {"PolicyArn": arn}),
    )
    advisor = Advisor((before,))
    state = apply_plan(
        new_plan(advisor, [Change("gone", "gone", operations)]),
        advisor,
        account.session(),
        armed=arm(before.account, before.account),
        endpoint_url=account.endpoint_url,
        ask=lambda guard: True,
        show_secret=lambda name, value: None,
        folder=tmp_path,
    )
    assert normal(read(account)) != normal(before)
    undo_run(
        state.id,
        account.session(),
        armed=arm(before.account, before.account),
        show_secret=lambda name, value: None,
        folder=tmp_path,
    )
    assert normal(read(account)) == normal(before)
