"""Paths in small accounts, each about one rule that others get wrong."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.graph.paths import Path, find_paths
from advisor.model.organization import Entitlement
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, document, trusting

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LAMBDA = trusting(service="lambda.amazonaws.com")
RUN_LAMBDA = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])


def paths(lab: Lab, source: str | None = None, **more: Any) -> list[Path]:
    return list(find_paths(lab.open(), source=source, **more).paths)


def techniques(found: list[Path], status: str = "open") -> set[str]:
    return {path.hops[0].technique for path in found if path.status == status}


def admins(lab: Lab) -> set[str]:
    return {one.rsplit("/", 1)[-1] for one in find_paths(lab.open()).admins}


# --- Administrators ---


@pytest.mark.parametrize(
    "statements",
    [
        [ANYTHING],
        [allow("iam:*"), {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault"}],
        [ANYTHING, deny("s3:DeleteBucket", "arn:aws:s3:::vault")],
        [ANYTHING, deny("s3:DeleteBucket")],
    ],
)
def test_administrator_by_effective_permissions(statements: list[dict[str, Any]]) -> None:
    lab = Lab()
    lab.user("ana", *statements)
    assert admins(lab) == {"ana"}


@pytest.mark.parametrize(
    "statements",
    [
        [allow("iam:*")],
        [{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}],
        [ANYTHING, deny("iam:*")],
        [allow("*", "arn:aws:s3:::*")],
        [allow("*:GetBucket")],
    ],
)
def test_no_administrator(statements: list[dict[str, Any]]) -> None:
    lab = Lab()
    lab.user("ana", *statements)
    assert admins(lab) == set()


def test_a_boundary_or_the_organization_makes_no_administrator() -> None:
    lab = Lab()
    lab.user("ana", ANYTHING, boundary=lab.policy("limit", allow("s3:*")))
    lab.user("ben", ANYTHING)
    lab.scps = [document(ANYTHING, deny("iam:*", ArnNotLike={"aws:PrincipalArn": arn("user", "ben")}))]
    lab.user("eve", ANYTHING)
    assert admins(lab) == {"ben"}


def test_a_limit_to_some_regions_leaves_an_administrator_one() -> None:
    lab = Lab()
    lab.user("ana", ANYTHING)
    region = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
    limit = {"Effect": "Deny", "NotAction": ["iam:*", "s3:*"], "Resource": "*", "Condition": region}
    lab.scps = [document(ANYTHING, limit)]
    assert admins(lab) == {"ana"}


# --- Passing a role ---


def test_passing_a_role_leads_on_to_what_that_role_can_do() -> None:
    lab = Lab()
    lab.role("OpsRole", LAMBDA, allow("iam:AttachRolePolicy"))
    lab.user("chris", allow("iam:PassRole"), RUN_LAMBDA)
    (path,) = (p for p in paths(lab, "chris") if p.hops[0].technique == "lambda-001")
    assert [hop.technique for hop in path.hops] == ["lambda-001", "iam-009"]
    assert path.status == "open" and path.target == arn("role", "OpsRole")
    first = path.hops[0].requires[0]
    assert (first.action, first.resource) == ("iam:PassRole", arn("role", "OpsRole"))
    assert (first.because[0].policy, first.because[0].owner, first.because[0].statement) == (
        "own",
        arn("user", "chris"),
        0,
    )


def test_what_is_created_must_be_what_is_invoked() -> None:
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING)
    functions = "arn:aws:lambda:*:*:function:{}-*"
    lab.user(
        "eve",
        allow("iam:PassRole"),
        allow("lambda:CreateFunction", functions.format("dev")),
        allow("lambda:InvokeFunction", functions.format("prod")),
    )
    assert "lambda-001" not in techniques(paths(lab, "eve"))


def test_a_name_that_only_some_statements_leave_open_is_found() -> None:
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING)
    everything_but = {"Effect": "Deny", "Action": "lambda:*", "NotResource": "arn:aws:lambda:*:*:function:dev-*"}
    lab.user("eve", allow("iam:PassRole"), RUN_LAMBDA, everything_but)
    assert "lambda-001" in techniques(paths(lab, "eve"))


def test_a_trust_that_asks_for_this_account_admits_the_service() -> None:
    lab = Lab()
    trust = trusting(service="lambda.amazonaws.com", StringEquals={"aws:SourceAccount": ACCOUNT})
    lab.role("power", trust, ANYTHING)
    lab.user("eve", allow("iam:PassRole"), RUN_LAMBDA)
    assert "lambda-001" in techniques(paths(lab, "eve"))


def test_a_trust_that_asks_for_another_account_does_not() -> None:
    lab = Lab()
    trust = trusting(service="lambda.amazonaws.com", StringEquals={"aws:SourceAccount": "444455556666"})
    lab.role("power", trust, ANYTHING)
    lab.user("eve", allow("iam:PassRole"), RUN_LAMBDA)
    assert paths(lab, "eve") == []


def test_an_instance_needs_a_role_in_a_profile() -> None:
    lab = Lab()
    lab.role("power", trusting(service="ec2.amazonaws.com"), ANYTHING)
    lab.user("eve", allow("iam:PassRole"), allow("ec2:RunInstances"))
    assert "ec2-001" not in techniques(paths(lab, "eve"))


# --- Existing things ---


def _function(lab: Lab, role: str) -> str:
    return lab.runs("lambda:function", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ledger", role)


def test_a_function_that_was_seen_gives_the_role_that_it_has() -> None:
    lab = Lab()
    _function(lab, lab.role("power", LAMBDA, ANYTHING))
    lab.role("other", LAMBDA, ANYTHING)
    lab.user("eve", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]))
    found = [path for path in paths(lab, "eve") if path.hops[0].technique == "lambda-004"]
    assert [(path.status, path.target, path.hops[0].state) for path in found] == [
        ("open", arn("role", "power"), "seen")
    ]


def test_what_was_not_read_is_unknown_and_can_be_assumed() -> None:
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING)
    lab.user("eve", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]))
    assert techniques(paths(lab, "eve"), "unknown") >= {"lambda-004"}
    (hop,) = next(p.hops for p in paths(lab, "eve") if p.hops[0].technique == "lambda-004")
    assert hop.state == "unknown" and hop.gaps
    (hop,) = next(p.hops for p in paths(lab, "eve", assume=["lambda:function"]) if p.hops[0].technique == "lambda-004")
    assert hop.state == "assumed"


def test_what_was_read_and_is_not_there_is_no_way() -> None:
    lab = Lab()
    lab.regions = ("us-east-1",)
    lab.role("power", LAMBDA, ANYTHING)
    lab.user("eve", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]))
    assert paths(lab, "eve") == []


# --- Becoming a principal ---


def test_the_account_in_a_trust_delegates_and_the_name_grants() -> None:
    lab = Lab()
    lab.role("by-account", trusting(aws=ROOT), ANYTHING)
    lab.role("by-name", trusting(aws=arn("user", "ana")), ANYTHING)
    lab.user("ana", allow("s3:ListAllMyBuckets"))
    lab.user("ben", allow("sts:AssumeRole", arn("role", "by-account")))
    assert [path.target for path in paths(lab, "ana")] == [arn("role", "by-name")]
    assert [path.target for path in paths(lab, "ben")] == [arn("role", "by-account")]


def test_a_deny_of_its_own_stops_whom_a_trust_names() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=arn("user", "ana")), ANYTHING)
    lab.user("ana", deny("sts:AssumeRole"))
    assert paths(lab, "ana") == []


def test_a_boundary_limits_a_grant_to_a_role_but_not_to_a_user() -> None:
    lab = Lab()
    limit = lab.policy("limit", allow("s3:*"))
    lab.role("power", trusting(aws=[arn("user", "ana"), arn("role", "job")]), ANYTHING)
    lab.user("ana", boundary=limit)
    lab.role("job", LAMBDA, boundary=limit)
    assert len(paths(lab, "ana")) == 1
    assert paths(lab, "job") == []


def test_mfa_stays_as_a_condition() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=ROOT, Bool={"aws:MultiFactorAuthPresent": "true"}), ANYTHING)
    lab.user("ana", allow("sts:AssumeRole"))
    (path,) = paths(lab, "ana")
    assert path.status == "conditional"
    assert [[c.key for c in term] for term in path.hops[0].conditions] == [["aws:MultiFactorAuthPresent"]]


def test_a_boundary_that_was_not_read_makes_unknown() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=ROOT), ANYTHING)
    lab.user("ana", allow("sts:AssumeRole"), boundary=arn("policy", "lost"))
    (path,) = paths(lab, "ana")
    assert path.status == "unknown" and path.hops[0].gaps[0].resource == arn("policy", "lost")


def test_who_takes_over_a_bounded_role_is_no_administrator() -> None:
    lab = Lab()
    lab.role("bounded", LAMBDA, ANYTHING, boundary=lab.policy("limit", allow("s3:*")))
    lab.user("ana", allow(["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]))
    assert paths(lab, "ana") == []


@pytest.mark.parametrize("path", ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"])
def test_roles_that_refuse_edits_are_no_targets(path: str) -> None:
    lab = Lab()
    lab.role("power", LAMBDA, ANYTHING, path=path)
    lab.user("ana", allow(["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]))
    assert paths(lab, "ana") == []


def test_user_rights_in_the_hands_of_a_role_need_a_way_to_become_the_user() -> None:
    lab = Lab()
    lab.user("ben", allow("s3:ListAllMyBuckets"))
    lab.role("job", LAMBDA, allow("iam:PutUserPolicy"))
    lab.role("boss", LAMBDA, allow(["iam:PutUserPolicy", "iam:CreateAccessKey"]))
    assert paths(lab, "job") == []
    assert techniques(paths(lab, "boss")) == {"iam-018"}


def test_keys_that_were_not_read_make_unknown() -> None:
    lab = Lab()
    lab.user("root-like", ANYTHING, keys=None)
    lab.user("ana", allow("iam:CreateAccessKey"))
    assert [(path.status, path.hops[0].state) for path in paths(lab, "ana")] == [("unknown", "unknown")]


def test_a_policy_of_aws_has_no_versions_to_write() -> None:
    lab = Lab()
    lab.user("ana", allow("iam:CreatePolicyVersion"), attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",))
    assert "iam-001" not in techniques(paths(lab, "ana")) | techniques(paths(lab, "ana"), "unknown")


def test_a_full_policy_needs_room_first() -> None:
    lab = Lab()
    older = [document(allow(f"s3:Get{number}")) for number in range(4)]
    full = lab.policy("full", allow("s3:*"), older=older)
    lab.user("ana", allow("iam:CreatePolicyVersion"), attached=(full,))
    lab.user("ben", allow(["iam:CreatePolicyVersion", "iam:DeletePolicyVersion"]), attached=(full,))
    assert paths(lab, "ana") == []
    assert techniques(paths(lab, "ben")) == {"iam-001"}


def test_only_a_stronger_version_is_worth_setting() -> None:
    lab = Lab()
    weak = lab.policy("weak", allow("s3:*"), older=[document(allow("ec2:*"))])
    strong = lab.policy("strong", allow("s3:*"), older=[document(ANYTHING)])
    lab.user("ana", allow("iam:SetDefaultPolicyVersion"), attached=(weak,))
    lab.user("ben", allow("iam:SetDefaultPolicyVersion"), attached=(strong,))
    assert paths(lab, "ana") == []
    assert techniques(paths(lab, "ben")) == {"x-iam-setdefault"}


def test_attaching_is_limited_by_the_policies_that_may_be_attached() -> None:
    lab = Lab()
    harmless = {"iam:PolicyARN": arn("policy", "harmless")}
    lab.user("ana", allow("iam:AttachUserPolicy", arn("user", "ana"), ArnLike=harmless))
    own = {"iam:PolicyARN": lab.policy("everything", ANYTHING)}
    lab.user("ben", allow("iam:AttachUserPolicy", arn("user", "ben"), ArnLike=own))
    assert paths(lab, "ana") == []
    assert techniques(paths(lab, "ben")) == {"iam-008"}


def test_variables_name_the_actor() -> None:
    lab = Lab()
    own = "arn:aws:iam::*:user/${aws:username}"
    lab.user("ana", allow("iam:PutUserPolicy", own))
    lab.user("ben", allow("iam:PutUserPolicy", "arn:aws:iam::*:user/x${aws:username}"))
    assert techniques(paths(lab, "ana")) == {"iam-007"}
    assert paths(lab, "ben") == []


def test_tags_of_the_target_are_known() -> None:
    lab = Lab()
    lab.role("tagged", LAMBDA, ANYTHING, tags=(("team", "blue"),))
    same = {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}
    lab.user("ana", allow("iam:UpdateAssumeRolePolicy", StringEquals=same), tags=(("team", "blue"),))
    lab.user("ben", allow("iam:UpdateAssumeRolePolicy", StringEquals=same), tags=(("team", "red"),))
    assert techniques(paths(lab, "ana")) == {"iam-012"}
    assert paths(lab, "ben") == []


def test_a_new_role_that_must_be_bounded_is_no_way() -> None:
    lab = Lab()
    bound = {"iam:PermissionsBoundary": lab.policy("limit", allow("s3:*"))}
    lab.user("ana", allow(["iam:CreateRole", "iam:AttachRolePolicy"], StringEquals=bound))
    lab.user("ben", allow(["iam:CreateRole", "iam:AttachRolePolicy"]))
    assert paths(lab, "ana") == []
    assert "x-iam-role-new" in techniques(paths(lab, "ben"))


# --- Several hops ---


def test_joining_a_group_adds_its_rights_to_ones_own() -> None:
    lab = Lab()
    lab.group("passers", allow("iam:PassRole"))
    lab.role("power", LAMBDA, ANYTHING)
    lab.user("ana", allow("iam:AddUserToGroup"), RUN_LAMBDA)
    (path,) = paths(lab, "ana")
    assert [(hop.technique, hop.target) for hop in path.hops] == [
        ("iam-013", arn("group", "passers")),
        ("lambda-001", arn("role", "power")),
    ]
    assert path.hops[1].actor == arn("user", "ana")
    assert path.hops[1].requires[0].because[0].owner == arn("group", "passers")


def test_chains_of_roles_and_every_minimal_path() -> None:
    lab = Lab()
    step = allow("sts:AssumeRole")
    lab.user("ana", step)
    for name in ("left", "right"):
        lab.role(name, trusting(aws=arn("user", "ana")), step)
    lab.role("power", trusting(aws=[arn("role", "left"), arn("role", "right")]), ANYTHING)
    assert [len(path.hops) for path in paths(lab, "ana")] == [2]
    every = paths(lab, "ana", all=True)
    assert sorted(path.hops[0].target for path in every) == [arn("role", "left"), arn("role", "right")]


def test_a_surer_path_comes_before_a_shorter_one() -> None:
    lab = Lab()
    lab.role("power", trusting(aws=arn("role", "step")), ANYTHING)
    lab.role("step", trusting(aws=arn("user", "ana")))
    lab.role("doubt", trusting(aws=ROOT, Bool={"aws:MultiFactorAuthPresent": "true"}), ANYTHING)
    lab.user("ana", allow("sts:AssumeRole"))
    (path,) = paths(lab, "ana")
    assert (path.status, len(path.hops)) == ("open", 2)


def test_paths_to_a_principal() -> None:
    lab = Lab()
    lab.role("reader", trusting(aws=arn("user", "ana")), allow("s3:Get*"))
    lab.user("ana")
    assert [path.target for path in paths(lab, to="reader")] == [arn("role", "reader")]
    assert paths(lab) == []


def test_paths_to_data_end_with_the_statement_that_reads_it() -> None:
    lab = Lab()
    bucket = "arn:aws:s3:::vault"
    lab.role("reader", trusting(aws=arn("user", "ana")), allow("s3:GetObject", f"{bucket}/data/*"))
    lab.role("lister", trusting(aws=arn("user", "ana")), allow("s3:ListBucket", bucket))
    lab.user("ana")
    (path,) = paths(lab, to=bucket)
    assert [(hop.technique, hop.target) for hop in path.hops] == [("sts-001", arn("role", "reader")), ("reads", bucket)]
    assert path.hops[1].requires[0].because[0].owner == arn("role", "reader")


def test_somebody_who_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="is no user or role"):
        paths(Lab(), "nobody")


def test_what_cannot_be_assumed_is_a_usage_error_with_the_words_there_are() -> None:
    with pytest.raises(UsageError, match="lambda:functions") as caught:
        paths(Lab(), assume=["lambda:functions"])
    assert "`lambda:function`" in caught.value.advice and "ec2:instance" in caught.value.advice


# --- From outside ---


def test_outsiders_are_sources() -> None:
    lab = Lab()
    github = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    subject = {"token.actions.githubusercontent.com:sub": "repo:acme/*"}
    lab.role("ci", trusting(federated=github, StringLike=subject), ANYTHING)
    lab.role("partner", trusting(aws="arn:aws:iam::444455556666:root"), ANYTHING)
    lab.entitlements = (Entitlement("permission-set", "user", "jo", arn("role", "ci")),)
    found = {path.source: path for path in paths(lab)}
    assert found[github].status == "conditional"
    assert found[github].hops[0].conditions[0][0].values == ("repo:acme/*",)
    assert found["arn:aws:iam::444455556666:root"].status == "unknown"
    assert "user:jo" not in found
    (asked,) = paths(lab, "user:jo")
    assert asked.target == arn("role", "ci")
