"""Practices and findings: what fails, what is unknown, what is accepted, and what would mend it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import advisor
from advisor.account import Advisor
from advisor.advice.accepted import Acceptance, accept, accepted, withdraw
from advisor.advice.findings import find, finding_id
from advisor.advice.practices import practices
from advisor.decide import trees
from advisor.errors import InputError, UsageError
from advisor.model.finding import Finding
from advisor.model.principal import InlinePolicy, SignIn
from tests.advice.small_accounts import (
    ADMINISTRATOR,
    ID,
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
    program,
    read,
    role,
    trail,
    trusting,
    unread,
    user,
)  # fmt: skip
from tests.shared_material import shared

GOOD = {"settings": {"trails": (trail(),)}}
SOURCE = {
    # the eleven practices, their benefits and use cases
    "p0", "p0.unique-credentials", "p0.individual-rotation", "p0.individual-permissions",
    "p1", "p1.fewer-mistakes", "p1.easier-to-give", "p1.granular",
    "p2", "p2.same-permissions", "p2.reassign", "p2.one-change",
    "p3", "p3.granularity", "p3.any-api", "p3.accidents",
    "p4", "p4.visibility",
    "p5", "p5.protected",
    "p6", "p6.password-and-key",
    "p7", "p7.one-time-code",
    "p8", "p8.no-sharing", "p8.no-long-term", "p8.cross-account", "p8.intra-account", "p8.federation",
    "p9", "p9.easy-keys", "p9.automatic-rotation", "p9.least-privilege", "p9.sdk", "p9.cli",
    "p10", "p10.misuse", "p10.delete-keys", "p10.mfa",
    # the six choices
    "c1.users", "c1.federation", "c1.mobile-cognito",
    "c2.keys", "c2.rotate", "c2.report", "c2.allow-rotation", "c2.password",
    "c3.one-to-one", "c3.wrong-attachment", "c3.dies-with-principal", "c3.size-inline", "c3.reuse",
    "c3.attach-anywhere",
    "c3.central-change", "c3.versioning", "c3.delegation", "c3.automatic-updates", "c3.size-managed",
    "c4.logical-group", "c4.central", "c4.all-three-entities", "c4.both-together",
    "c5.specific", "c5.most-services", "c5.logical-grouping", "c5.new-resources", "c5.services",
    "c6.single-simple", "c6.no-isolation-needed", "c6.no-cost-split", "c6.isolation", "c6.recovery-and-audit",
    "c6.single-bill", "c6.isolate-audit",
}  # fmt: skip


def findings_of(account: Advisor, check: str) -> list[Finding]:
    return [one for one in find(account, {}).findings if one.detail["check"] == check]


def test_each_advice_and_use_case_of_the_source_has_its_entry() -> None:
    carried = {item for practice in practices().values() for item in practice.covers}
    carried |= {item for tree in trees().values() for item in tree.covers}
    assert carried == SOURCE


def test_the_eleven_are_numbered_as_in_the_source_and_say_what_was_said_then() -> None:
    eleven = {practice.number: practice for practice in practices().values() if practice.number is not None}
    assert sorted(eleven) == list(range(11))
    assert all(practice.then and practice.now and practice.why and practice.since for practice in eleven.values())


def test_todays_fourteen_have_an_entry() -> None:
    todays = (
        "individual-users workload-roles mfa rotate-credentials root least-privilege managed-policies "
        "generate-policies unused-access conditions outside-access validate-policies guardrails boundaries"
    )
    assert set(todays.split()) <= set(practices())


def test_every_check_of_an_export_is_unknown_or_decided_and_never_silently_fine() -> None:
    results = {one.id: one for one in find(unread(users=(user("ana", sign_in=SignIn()),)), {}).practices}
    for name in ("root", "mfa", "password-policy", "audit-trail", "outside-access"):
        assert results[name].status == "unknown"
        assert results[name].gaps


def test_a_user_without_mfa_is_one_finding_with_its_change_and_evidence() -> None:
    account = read(users=(person("ana", mfa=False), person("ben")), **GOOD)
    (finding,) = findings_of(account, "console-without-mfa")
    assert (finding.title, finding.severity, finding.status) == (
        "ana signs in to the console without MFA",
        "high",
        "open",
    )
    assert finding.resources == (arn("user", "ana"),)
    assert finding.evidence[0].call == "iam:GetCredentialReport"
    assert [change.template for change in finding.changes] == ["user-mfa-by-hand", "mfa-enforce"]
    assert finding.sources[0].startswith("https://docs.aws.amazon.com/")


def test_an_id_is_stable_and_names_the_thing() -> None:
    first = findings_of(read(users=(person("ana", mfa=False),)), "console-without-mfa")
    second = findings_of(read(users=(person("zoe"), person("ana", mfa=False))), "console-without-mfa")
    assert first[0].id == second[0].id == finding_id("console-without-mfa", arn("user", "ana"))
    assert findings_of(read(users=(person("ben", mfa=False),)), "console-without-mfa")[0].id != first[0].id


def test_what_was_not_read_is_its_own_finding_beside_what_fails() -> None:
    account = read(users=(person("ana", mfa=False), user("ben", sign_in=SignIn(console=True))))
    statuses = {one.status for one in findings_of(account, "console-without-mfa")}
    assert statuses == {"open", "unknown"}
    assert next(one for one in find(account, {}).practices if one.id == "mfa").status == "fails"


def test_root_without_mfa_does_not_count_where_root_has_no_password() -> None:
    summary = {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0}
    assert findings_of(read(settings={"summary": {**summary, "AccountPasswordPresent": 1}}), "root-without-mfa")
    assert not findings_of(read(settings={"summary": {**summary, "AccountPasswordPresent": 0}}), "root-without-mfa")


def test_whoever_can_become_administrator_is_critical_and_the_statement_is_named() -> None:
    rewrite = policy("self", allow("s3:*"), allow("iam:CreatePolicyVersion", arn("policy", "self")))
    account = read(users=(person("eve", attached=(rewrite.arn,)),), policies=(rewrite,))
    (finding,) = findings_of(account, "becomes-administrator")
    assert finding.severity == "critical"
    assert finding.title.startswith("eve can become administrator in 1 hop")
    assert [change.template for change in finding.changes] == ["statement-remove-actions", "statement-scope"]
    assert finding.changes[0].operations[0].operation == "CreatePolicyVersion"


def test_an_administrator_by_group_is_mended_at_the_group() -> None:
    from tests.advice.small_accounts import group

    admins = group("admins", inline=(), attached=(ADMINISTRATOR,))
    account = read(users=(person("ben", groups=("admins",)),), groups=(admins,), policies=(administrator(),))
    (finding,) = findings_of(account, "administrator-user")
    assert finding.changes[0].target == admins.arn


def test_a_public_bucket_is_closed_by_taking_the_star_away() -> None:
    from advisor.model.resource import PublicAccessBlock

    account = read(resources=(bucket("site", open_to("*")),), settings={"public_access_block": PublicAccessBlock()})
    (finding,) = findings_of(account, "public-resource")
    assert finding.title == "site is open to everyone"
    assert finding.changes
    assert not findings_of(account, "shared-resource")


def test_two_outsiders_of_one_bucket_are_two_changes() -> None:
    shared_bucket = bucket("data", open_to({"AWS": ["444455556666", "555566667777"]}))
    (finding,) = findings_of(read(resources=(shared_bucket,)), "shared-resource")
    assert len(finding.changes) == 2
    assert len({change.id for change in finding.changes}) == 2


def test_linter_codes_come_with_their_meaning() -> None:
    odd = policy("odd", allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "blue*"}}))
    (finding,) = findings_of(read(policies=(odd,)), "policy-mistake")
    assert "StringLike" in finding.detail["codes"]["wildcard-in-equals"]


def test_worst_first_open_before_accepted() -> None:
    account = read(users=(person("ana", mfa=False, attached=(ADMINISTRATOR,)),), policies=(administrator(),))
    order = [(one.status, one.severity) for one in find(account, {}).findings]
    severities = [severity for status, severity in order if status == "open"]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low"].index)


def test_hostile_names_stay_what_they_are_in_titles() -> None:
    name = "{subject}[red]{count}"
    account = read(roles=(role(name, trusting({"AWS": "*"})),))
    (finding,) = findings_of(account, "everyone-may-assume")
    assert finding.title == f"Everyone in AWS may assume {name}"


def test_an_accepted_risk_comes_back_on_its_day(tmp_path: Path) -> None:
    file = tmp_path / "state" / "accepted.json"
    id = finding_id("console-without-mfa", arn("user", "ana"))
    accept(Acceptance(ID, id, "m.reyes", "leaves in December", "2026-12-03"), "2026-11-24", file)
    users = (person("ana", mfa=False),)
    during = next(one for one in find(read(users=users), accepted(ID, file)).findings if one.id == id)
    after = next(
        one
        for one in find(read(users=users, taken_at="2026-12-03T08:00:00Z"), accepted(ID, file)).findings
        if one.id == id
    )
    assert during.status == "accepted"
    assert during.detail["accepted"] == {"owner": "m.reyes", "reason": "leaves in December", "until": "2026-12-03"}
    assert after.status == "open"
    assert accepted("999988887777", file) == {}


def test_accepted_risks_are_private_and_can_be_withdrawn(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    accept(Acceptance(ID, "a", "me", "why", "2027-01-01"), "2026-11-24", file)
    accept(Acceptance(ID, "a", "you", "why", "2027-01-01"), "2026-11-24", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert accepted(ID, file)["a"].owner == "you"
    assert withdraw(ID, "a", file)
    assert not withdraw(ID, "a", file)


@pytest.mark.parametrize(
    ("owner", "reason", "until"),
    [("", "r", "2027-01-01"), ("o", " ", "2027-01-01"), ("o", "r", "2026-11-24"), ("o", "r", "soon")],
)
def test_an_acceptance_needs_owner_reason_and_a_coming_day(tmp_path: Path, owner: str, reason: str, until: str) -> None:
    with pytest.raises(UsageError):
        accept(Acceptance(ID, "a", owner, reason, until), "2026-11-24", tmp_path / "a.json")


def test_a_broken_file_of_accepted_risks_is_an_error_not_an_empty_list(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    file.write_text("{")
    with pytest.raises(InputError, match="accepted risks"):
        accepted(ID, file)


@pytest.mark.parametrize("name", ["cloudsplaining-example.json", "cloudsplaining-authz-details.json"])
def test_findings_of_real_exports(name: str) -> None:
    account = advisor.open_account(files=[shared(f"accounts/{name}")])
    found = find(account, {})
    assert len({one.id for one in found.findings}) == len(found.findings)
    assert {one.status for one in found.practices} >= {"fails", "unknown"}
    for one in found.findings:
        assert one.title
        assert one.gaps or one.resources


def test_old_keys_and_unused_ones_name_the_key() -> None:
    account = read(users=(program("p", keys=(key("A", OLD, OLD),)),))
    (unused,) = findings_of(account, "unused-key")
    assert unused.resources == (arn("user", "p"),)
    assert unused.changes[0].operations[0].parameters["AccessKeyId"] == "AKIAEXAMPLEA"
    assert "AKIAEXAMPLEA" in unused.title


def test_a_delegation_without_a_boundary_is_found() -> None:
    delegate = InlinePolicy("make", document(allow(["iam:CreateRole", "iam:PutRolePolicy"])))
    assert findings_of(read(users=(person("ana", inline=(delegate,)),)), "unbounded-delegation")


def test_a_change_that_can_be_made_as_it_stands_comes_before_one_that_lacks_a_value() -> None:
    """The way up is a single action in a shared policy: everybody's finding begins with taking it out there."""
    helpers = policy("Helpers", allow(["s3:GetObject", "iam:PutUserPolicy"], Sid="Help"))
    users = tuple(person(name, attached=(helpers.arn,)) for name in ("ana", "ben"))
    found = findings_of(read(users=users, policies=(helpers,)), "becomes-administrator")
    assert len(found) == 2
    for one in found:
        first = one.changes[0]
        assert first.title == "Take iam:PutUserPolicy out of statement Help of Helpers"
        assert not first.needs and len(first.operations) == 1
        assert [bool(change.needs) for change in one.changes] == sorted(bool(change.needs) for change in one.changes)
    assert found[0].changes[0] == found[1].changes[0]


def test_an_action_that_only_a_wildcard_gives_is_not_taken_out_by_itself() -> None:
    wide = policy("Wide", allow(["iam:Put*"]))
    (finding,) = findings_of(
        read(users=(person("ana", attached=(wide.arn,)),), policies=(wide,)), "becomes-administrator"
    )
    assert {change.template for change in finding.changes} == {"statement-scope"}


def test_two_statements_of_one_policy_are_told_apart_by_their_changes_titles() -> None:
    pair = policy("Pair", allow("iam:Put*", Sid="Write"), allow("iam:Attach*"))
    (finding,) = findings_of(
        read(users=(person("ana", attached=(pair.arn,)),), policies=(pair,)), "becomes-administrator"
    )
    titles = {change.title for change in finding.changes}
    assert titles == {
        "Limit statement Write of Pair to named resources", "Limit statement 2 of 2 of Pair to named resources",
    }  # fmt: skip


def test_what_fails_many_times_is_one_finding_with_the_list_inside(tmp_path: Path) -> None:
    many = tuple(person(f"user-{number:02}", mfa=False) for number in range(26))
    (one,) = findings_of(read(users=many), "console-without-mfa")
    assert (one.id, one.title) == ("console-without-mfa-all", "26 users with a console password and no MFA device")
    assert len(one.resources) == len(one.evidence) == 26
    assert {change.template for change in one.changes} == {"user-mfa-by-hand", "mfa-enforce"}
    assert len(findings_of(read(users=many[:25]), "console-without-mfa")) == 25


def test_what_was_accepted_by_itself_stays_by_itself_among_many() -> None:
    many = tuple(person(f"user-{number:02}", mfa=False) for number in range(27))
    account = read(users=many)
    id = finding_id("console-without-mfa", arn("user", "user-03"))
    given = {id: Acceptance(ID, id, "M. Reyes", "leaves", "2027-01-01")}
    found = [one for one in find(account, given).findings if one.detail["check"] == "console-without-mfa"]
    assert [(one.id, one.status, len(one.resources)) for one in found] == [
        ("console-without-mfa-all", "open", 26), (id, "accepted", 1),
    ]  # fmt: skip


def test_what_is_critical_is_never_lumped_together() -> None:
    up = policy("Up", allow(["iam:PutUserPolicy"]))
    many = tuple(person(f"user-{number:02}", attached=(up.arn,)) for number in range(30))
    assert len(findings_of(read(users=many, policies=(up,)), "becomes-administrator")) == 30
