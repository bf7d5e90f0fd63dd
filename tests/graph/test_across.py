"""Accounts that are opened together: ways from one into another, and on to its administrators."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from advisor.access.impacts import with_impacts
from advisor.account import Advisor
from advisor.change.choose import choose
from advisor.errors import UsageError
from advisor.graph.closed import paths_to_close
from advisor.graph.cut import find_cut
from advisor.graph.paths import Path, find_paths
from advisor.model.effects import apply_everywhere
from advisor.model.resource import Resource
from tests.graph import labs
from tests.graph.labs import ANYTHING, Lab, allow, deny, document, trusting

PROD, DEV, OPS = "111122223333", "444455556666", "777788889999"
LAMBDA = trusting(service="lambda.amazonaws.com")


def arn(account: str, kind: str, name: str) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


class Several:
    """Labs of several accounts, and what is found over all of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        self.snapshots: list[Any] = []

    def account(self, number: str) -> Lab:
        self.patch.setattr(labs, "ACCOUNT", number)
        return Lab()

    def close(self, lab: Lab, *resources: Resource) -> None:
        self.snapshots.append(replace(lab.snapshot(), resources=resources))

    def open(self) -> Advisor:
        return Advisor(self.snapshots)

    def ways(self, source: str | None = None, **more: Any) -> list[Path]:
        return list(find_paths(self.open(), source=source, **more).paths)


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> Several:
    return Several(monkeypatch)


def prod_with(several: Several, trust: str | list[str], *statements: dict[str, Any]) -> None:
    lab = several.account(PROD)
    lab.role("deploy", trusting(aws=trust), *(statements or (ANYTHING,)))
    several.close(lab)


def steps(path: Path) -> list[tuple[str, str]]:
    return [(hop.technique, hop.target) for hop in path.hops]


def test_both_sides_open_the_way_into_another_account(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{DEV}:root")
    lab = several.account(DEV)
    dana = lab.user("dana", allow("sts:AssumeRole", arn(PROD, "role", "deploy")))
    lab.user("eve", allow("s3:*"))
    lab.user("mia", allow("sts:AssumeRole"), deny("sts:AssumeRole", arn(PROD, "role", "*")))
    several.close(lab)
    (path,) = several.ways()
    assert (path.source, path.status, steps(path)) == (dana, "open", [("x-xacct", arn(PROD, "role", "deploy"))])
    owners = {reason.owner for reason in path.hops[0].requires[0].because}
    assert owners == {dana, arn(PROD, "role", "deploy")}


def test_the_name_in_a_trust_is_not_enough_from_another_account(several: Several) -> None:
    prod_with(several, arn(DEV, "user", "dana"))
    lab = several.account(DEV)
    lab.user("dana", allow("s3:*"))
    several.close(lab)
    assert several.ways() == []


def test_the_organization_of_the_other_account_stands_in_the_way(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{DEV}:root")
    lab = several.account(DEV)
    lab.user("dana", allow("sts:AssumeRole"))
    lab.scps = [document(ANYTHING, deny("sts:AssumeRole"))]
    several.close(lab)
    assert several.ways() == []


def test_hops_on_both_sides_of_the_border(several: Several) -> None:
    lab = several.account(PROD)
    boss = lab.role("boss", LAMBDA, ANYTHING)
    functions = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
    entry = lab.role("entry", trusting(aws=arn(DEV, "role", "job")), allow("iam:PassRole", boss), functions)
    several.close(lab)
    lab = several.account(DEV)
    job = lab.role("job", trusting(aws=arn(DEV, "user", "dana")), allow("sts:AssumeRole", entry))
    dana = lab.user("dana")
    several.close(lab)
    found = several.ways(dana)
    assert [steps(path) for path in found] == [[("sts-001", job), ("x-xacct", entry), ("lambda-001", boss)]]
    assert found[0].status == "open" and found[0].target == boss
    assert {path.source for path in several.ways()} == {dana, job, entry}


def test_a_condition_at_the_border_stays(several: Several) -> None:
    lab = several.account(PROD)
    lab.role("deploy", trusting(aws=f"arn:aws:iam::{DEV}:root", Bool={"aws:MultiFactorAuthPresent": "true"}), ANYTHING)
    several.close(lab)
    lab = several.account(DEV)
    lab.user("dana", allow("sts:AssumeRole"))
    several.close(lab)
    (path,) = several.ways()
    assert path.status == "conditional" and path.hops[0].conditions[0][0].key == "aws:MultiFactorAuthPresent"


def _cut(account: Advisor, *tolerate: str) -> list[str]:
    """The accounts that the changes of the cut are about; it closes all ways, of which it is sure."""
    cut = find_cut(account, tolerate)
    assert cut.paths == len(paths_to_close(account, tolerate)) > 0
    assert cut.optimal and not cut.remaining and cut.closes == cut.paths
    after = account.with_snapshots(apply_everywhere(cut.changes, account.snapshots))
    assert not {path.source for path in find_paths(Advisor(after.snapshots)).paths} - set(tolerate)
    return [str(change.operations[0].account) for change in cut.changes]


def test_a_cut_closes_the_way_into_another_account_on_the_milder_side(several: Several) -> None:
    """Who else the trust policy lets in from there is not touched."""
    prod_with(several, f"arn:aws:iam::{DEV}:root")
    lab = several.account(DEV)
    lab.user("dana", allow("sts:AssumeRole", arn(PROD, "role", "deploy")))
    several.close(lab)
    assert _cut(several.open()) == [DEV]


def test_a_cut_closes_a_border_at_the_trust_policy_where_many_could_cross(several: Several) -> None:
    prod_with(several, [f"arn:aws:iam::{DEV}:root", arn(PROD, "user", "boss")])
    lab = several.account(DEV)
    for name in ("ana", "ben", "dana", "eve", "mia"):
        lab.user(name, allow("sts:*"))
    several.close(lab)
    assert _cut(several.open()) == [PROD]


def test_a_cut_closes_the_ways_within_every_account(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{DEV}:root", allow("iam:PutRolePolicy", arn(PROD, "role", "deploy")))
    lab = several.account(DEV)
    lab.user("dana", allow("iam:PutUserPolicy", arn(DEV, "user", "dana")), allow("sts:AssumeRole"))
    several.close(lab)
    account = several.open()
    assert sorted(_cut(account)) == [PROD, DEV]
    changes = find_cut(account).changes
    elsewhere = [change for change in changes if change.operations[0].account == DEV]
    assert [change for change in changes if change.title.startswith(f"{DEV} ")] == elsewhere
    assert [(one.change, DEV in one.reason) for one in choose(account, changes).left_out] == [(elsewhere[0], True)]
    lost = [item.principal for change in with_impacts(account, changes) if change.impact for item in change.impact.lost]
    assert sorted(lost) == [arn(PROD, "role", "deploy"), arn(DEV, "user", "dana")]


def test_nobody_crosses_a_border_through_who_is_tolerated(several: Several) -> None:
    prod_with(several, arn(DEV, "role", "job"))
    lab = several.account(DEV)
    job = lab.role("job", trusting(aws=f"arn:aws:iam::{DEV}:root"), allow("sts:AssumeRole"))
    lab.user("dana", allow("sts:AssumeRole", job))
    several.close(lab)
    assert _cut(several.open(), job) == [DEV]
    assert {path.source for path in several.ways()} == {job, arn(DEV, "user", "dana")}


def test_an_administrator_elsewhere_is_kept_out_by_the_trust_policy(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{OPS}:root")
    lab = several.account(OPS)
    boss = lab.user("boss", ANYTHING)
    several.close(lab)
    assert _cut(several.open()) == [PROD]
    assert find_cut(several.open(), [boss]).changes == ()


def test_a_cut_takes_another_account_out_of_a_functions_policy(several: Several) -> None:
    lab = several.account(PROD)
    power = lab.role("power", LAMBDA, ANYTHING)
    function = lab.runs("lambda:function", f"arn:aws:lambda:us-east-1:{PROD}:function:job", power)
    named = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"}, "Sid": "dev", "Resource": function}
    policy = document({**named, "Action": "lambda:UpdateFunctionCode"})
    several.close(lab, Resource(function, "lambda:function", PROD, "us-east-1", policy=policy))
    lab = several.account(DEV)
    for name in ("ana", "ben", "dana"):
        lab.user(name, allow("lambda:*"))
    several.close(lab)
    account = several.open()
    assert _cut(account) == [PROD]
    assert find_cut(account).changes[0].operations[0].operation == "RemovePermission"


def test_an_administrator_of_one_account_reaches_those_of_another(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{OPS}:root")
    lab = several.account(OPS)
    boss = lab.user("boss", ANYTHING)
    several.close(lab)
    (path,) = several.ways()
    assert (path.source, path.target) == (boss, arn(PROD, "role", "deploy"))


def test_a_border_is_crossed_twice(several: Several) -> None:
    prod_with(several, arn(OPS, "role", "bridge"))
    lab = several.account(OPS)
    lab.role("bridge", trusting(aws=arn(DEV, "user", "dana")), allow("sts:AssumeRole", arn(PROD, "role", "deploy")))
    several.close(lab)
    lab = several.account(DEV)
    dana = lab.user("dana", allow("sts:AssumeRole"))
    several.close(lab)
    (path,) = several.ways(dana)
    assert [hop.target for hop in path.hops] == [arn(OPS, "role", "bridge"), arn(PROD, "role", "deploy")]


def test_a_function_is_taken_over_from_another_account(several: Several) -> None:
    lab = several.account(PROD)
    function = f"arn:aws:lambda:us-east-1:{PROD}:function:hello"
    boss = lab.role("boss", LAMBDA, ANYTHING)
    lab.runs("lambda:function", function, boss)
    principal = {"AWS": f"arn:aws:iam::{DEV}:root"}
    actions = ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"]
    policy = document({"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": function})
    several.close(lab, Resource(arn=function, kind="lambda:function", account=PROD, region="us-east-1", policy=policy))
    lab = several.account(DEV)
    lab.user("dana", allow(actions, function))
    lab.user("eve", allow(actions[:1], function))
    several.close(lab)
    found = several.ways()
    assert {path.source for path in found} == {arn(DEV, "user", "dana")}
    assert ("lambda-004", boss) in {steps(path)[0] for path in found} | {
        steps(path)[0] for path in several.ways(all=True)
    }


def test_ways_to_a_principal_and_to_data_of_another_account(several: Several) -> None:
    lab = several.account(PROD)
    bucket = "arn:aws:s3:::prod-vault"
    lab.role("reader", trusting(aws=f"arn:aws:iam::{DEV}:root"), allow("s3:GetObject", f"{bucket}/*"))
    several.close(lab, Resource(arn=bucket, kind="s3:bucket", account=PROD, region="us-east-1"))
    lab = several.account(DEV)
    dana = lab.user("dana", allow("sts:AssumeRole"))
    several.close(lab)
    assert several.ways() == []
    reader = arn(PROD, "role", "reader")
    for goal in (reader, "reader"):
        assert [(path.source, path.target) for path in several.ways(to=goal)] == [(dana, reader)]
    (path,) = several.ways(to=bucket)
    assert steps(path) == [("x-xacct", reader), ("reads", bucket)]


def test_an_account_that_was_not_read_stays_unknown(several: Several) -> None:
    prod_with(several, [f"arn:aws:iam::{DEV}:root", f"arn:aws:iam::{OPS}:root"])
    lab = several.account(DEV)
    lab.user("dana", allow("sts:AssumeRole"))
    several.close(lab)
    assert {(path.source, path.status) for path in several.ways()} == {
        (arn(DEV, "user", "dana"), "open"),
        (f"arn:aws:iam::{OPS}:root", "unknown"),
    }


def test_somebody_who_is_in_none_of_the_accounts(several: Several) -> None:
    prod_with(several, f"arn:aws:iam::{DEV}:root")
    several.close(several.account(DEV))
    for question in ({"source": "nobody"}, {"to": "nobody"}):
        with pytest.raises(UsageError, match="is no user or role"):
            several.ways(**question)


def test_a_pipeline_comes_in_from_outside_and_crosses_the_border(several: Several) -> None:
    github = f"arn:aws:iam::{OPS}:oidc-provider/token.actions.githubusercontent.com"
    prod_with(several, arn(OPS, "role", "ci"))
    lab = several.account(OPS)
    subject = {"token.actions.githubusercontent.com:sub": "repo:acme/*"}
    lab.role("ci", trusting(federated=github, StringLike=subject), allow("sts:AssumeRole", arn(PROD, "role", "deploy")))
    several.close(lab)
    for source in ("outside", github, None):
        found = [path for path in several.ways(source) if path.source == github]
        assert [steps(path) for path in found] == [
            [("x-sts-webid", arn(OPS, "role", "ci")), ("x-xacct", arn(PROD, "role", "deploy"))]
        ]
        assert found[0].status == "conditional" and found[0].hops[0].conditions[0][0].values == ("repo:acme/*",)
