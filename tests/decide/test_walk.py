"""Walking: evidence, suggestions, going back, parking, handing over, and walks that survive a restart."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import advisor
from advisor.account import Advisor
from advisor.decide import (
    Answer,
    Walk,
    forget_walk,
    load_walk,
    open_question,
    outcome,
    read_answers,
    save_walk,
    suggest,
    trees,
    walk_by_answers,
)
from advisor.errors import InputError, UsageError
from advisor.model.organization import HumanAccess
from tests.advice.small_accounts import (
    key,
    organization,
    person,
    program,
    provider,
    read,
    refused,
    role,
    trusting,
    unread,
    user,
)
from tests.decide.every_way import all_paths
from tests.shared_material import shared

PERMISSION_SET = role("AWSReservedSSO_Admin_1", path="/aws-reserved/sso.amazonaws.com/")


def by(account: Advisor, **answers: str) -> Walk:
    return walk_by_answers(account, "people", answers)


def test_enter_enter_enter_walks_people_on_an_organizations_member() -> None:
    account = read(
        users=(person("ana", mfa=False), person("ben"), program("ci")),
        roles=(PERMISSION_SET,),
        settings={"providers": (provider("saml", "okta"),)},
    )
    walk = walk_by_answers(account, "people", {}, suggested=True)
    assert walk.is_done
    assert [one.option for one in walk.given] == ["own", "staff", "yes", "yes", "same"]
    result = outcome(walk, account)
    assert result is not None
    assert result.title == "Identity Center with permission sets"
    templates = [change.template for change in result.changes]
    assert "mfa-enforce" in templates
    assert templates.count("user-remove") == 2
    assert "permission-sets-baseline" not in templates
    assert not any(id.startswith("user-remove") for id in result.ticked)
    assert "users.human_daily within [user/ana, user/ben]" in result.invariants
    assert ("credentials", "who") in [(one.tree, one.at) for one in result.next]
    assert (
        "Team members in AWS Settings",
        "Which kind of account is this? An account of your own.",
    ) in result.not_chosen
    ruled_out = dict(result.not_chosen)["One IAM user, without keys"]
    assert ruled_out.startswith("Is the account in an organization")


def test_a_suggestion_says_why_and_shows_the_evidence() -> None:
    account = read(users=(person("ana"), person("ben")), organization=None)
    walk = by(account, kind="own", who="staff", directory="no")
    found = suggest(walk, account)
    assert found.option == ""
    walk = walk.answer("no")
    found = suggest(walk, account)
    assert (found.option, found.because) == ("several", "2 users seem to be people")
    assert found.evidence[0].text == "users who seem to be people: 2 (ana, ben)"
    assert found.evidence[0].sign == "yes"


def test_nothing_is_suggested_where_nothing_was_read() -> None:
    found = suggest(Walk.start("people"), unread())
    assert found.option == ""
    assert found.evidence[0].sign == "unknown"
    assert found.gaps[0].call == "organizations:DescribeOrganization"


def test_a_rule_that_is_not_known_is_not_passed_over() -> None:
    account = read(
        human_access=HumanAccess(), roles=(PERMISSION_SET,), gaps=(refused("account-access:ListApplications"),)
    )
    walk = by(account, kind="own", who="staff", directory="yes", organization="yes")
    assert suggest(walk, account).option == ""
    assert suggest(walk, account).gaps


def test_the_user_may_disagree_and_go_back() -> None:
    account = read(users=(person("ana"),))
    walk = Walk.start("people").answer("project")
    assert walk.is_done
    again = walk.back()
    assert again.question is not None
    assert suggest(again, account).is_earlier
    assert suggest(again, account).option == "project"
    assert again.answer("own").node == ("people", "who")
    assert Walk.start("people").back() == Walk.start("people")


def test_not_knowing_parks_the_walk_and_says_how_to_find_out() -> None:
    walk = Walk.start("people").answer("own").answer("unsure")
    assert walk.is_parked
    assert not walk.is_done
    assert "end users" in walk.how_to_find_out
    assert outcome(walk, read()) is None
    assert len(walk.leads_to("unsure")) > len(walk.leads_to("customers"))
    assert walk.resume().node == walk.back().node == ("people", "who")
    assert walk.answer("staff").node == ("people", "directory")


def test_what_an_option_leads_to_is_known_before_it_is_taken() -> None:
    walk = Walk.start("people")
    assert walk.leads_to("project") == ("Team members in AWS Settings",)
    assert "Identity Center with permission sets" in walk.leads_to("own")
    assert walk.left == (1, 5)


def test_a_handover_keeps_the_answers_of_both_trees() -> None:
    walk = Walk.start("credentials").answer("outside")
    assert walk.node == ("workloads", "where")
    walk = walk.answer("build").answer("yes")
    assert walk.outcomes == (("workloads", "oidc"),)
    assert [one.tree for one in walk.given] == ["credentials", "workloads", "workloads"]


def test_a_follow_up_starts_at_its_question_with_the_answers_on_offer() -> None:
    account = read(users=(person("ana", keys=(key("A"),)), program("ci")))
    done = by(account, kind="own", who="staff", directory="yes", organization="yes", same="same")
    result = outcome(done, account)
    assert result is not None
    following = result.next[0]
    walk = done.hand_over(following.tree, following.at)
    assert walk.node == ("credentials", "who")
    assert walk.carried[: len(done.given)] == done.given
    later = Walk.start("credentials", at="in-use")
    assert later.node == ("credentials", "in-use")
    assert later.given == ()
    assert later.answer("no").answer("reason").is_done


def test_what_a_later_entry_never_offered_was_not_considered() -> None:
    account = read()
    result = outcome(Walk.start("people", at="same").answer("same"), account)
    assert result is not None
    assert [one.id for one in result.considered] == ["permission-sets", "own-roles"]
    assert result.not_chosen[0][1].endswith("The same in every account.")


def test_a_question_that_does_not_exist_cannot_be_entered() -> None:
    with pytest.raises(UsageError, match="did you mean `who`"):
        Walk.start("credentials", at="whom")


def test_an_option_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean `project`"):
        Walk.start("people").answer("projects")


def test_a_finished_walk_takes_no_answer() -> None:
    with pytest.raises(UsageError, match="no open question"):
        Walk.start("people").answer("project").answer("own")


def test_a_walk_survives_a_restart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    walk = Walk.start("people").answer("own").answer("unsure")
    file = save_walk(walk, "111122223333")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_walk("111122223333", "people") == walk
    assert load_walk("444455556666", "people") is None
    forget_walk("111122223333", "people")
    assert load_walk("111122223333", "people") is None


def test_a_kept_walk_whose_tree_changed_goes_on_where_it_still_can() -> None:
    plain = Walk.start("people").answer("own").answer("staff").encode()
    plain["answers"][1]["option"] = "gone"
    walk = Walk.decode(plain)
    assert walk.node == ("people", "who")
    plain["answers"][0]["tree"] = "elsewhere"
    assert Walk.decode(plain).given == ()


def test_a_kept_file_that_is_damaged_is_no_walk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    save_walk(Walk.start("people"), "111122223333").write_text("{")
    assert load_walk("111122223333", "people") is None
    forget_walk("../../etc", "passwd")


@pytest.mark.parametrize("topic", list(trees()))
def test_every_outcome_can_be_worked_out_on_a_full_and_on_a_bare_account(topic: str) -> None:
    full = read(
        users=(person("ana", mfa=False, keys=(key("A"),)), program("ci"), user("idle", groups=())),
        roles=(role("open", trusting({"AWS": "*"})), PERMISSION_SET),
        organization=organization(),
    )
    seen: set[tuple[tuple[str, str], ...]] = set()
    for path in all_paths(trees(), topic):
        walk = Walk.start(topic)
        for answer in path:
            walk = walk.answer(answer.option)
        if walk.outcomes in seen:
            continue
        seen.add(walk.outcomes)
        for account in (full, unread()):
            result = outcome(walk, account)
            assert result is not None
            assert result.recommendation
            assert set(result.ticked) <= {change.id for change in result.changes}
            assert len({change.id for change in result.changes}) == len(result.changes)


def test_answers_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("kind: own\npeople.who: staff\ndirectory: yes\norganization: no\nnumber: one\n")
    walk = walk_by_answers(read(), "people", read_answers(file))
    assert walk.outcomes == (("people", "one-person"),)


def test_without_an_answer_the_open_question_is_named() -> None:
    walk = walk_by_answers(unread(), "people", {"kind": "own"}, suggested=True)
    assert open_question(walk) == "people.who"
    assert open_question(walk_by_answers(unread(), "people", {"kind": "project"})) is None


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [({"kind": "owned"}, "did you mean `own`"), ({"kynd": "own"}, "did you mean `kind`")],
)
def test_a_slip_of_the_pen_in_the_answers_is_refused(answers: dict[str, str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        walk_by_answers(unread(), "people", answers)


@pytest.mark.parametrize("text", ["- a\n", "kind: [own]\n", "kind: a\nkind: b\n", "kind: &x own\n"])
def test_a_file_of_answers_that_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    with pytest.raises(InputError):
        read_answers(file)


def test_a_file_of_answers_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_answers(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", ["cloudsplaining-example.json", "cloudsplaining-authz-details.json"])
def test_every_tree_is_walked_on_a_real_export_by_its_first_options(name: str) -> None:
    account = advisor.open_account(files=[shared(f"accounts/{name}")])
    for topic in trees():
        walk = walk_by_answers(account, topic, {}, suggested=True)
        while walk.question is not None:
            assert suggest(walk, account).evidence is not None
            walk = walk.answer(walk.question.options[0].id)
        result = outcome(walk, account)
        assert result is not None
        assert result.title


def test_reasons_count_in_words() -> None:
    from advisor.decide.suggest import in_words
    from tests.advice.small_accounts import person, read

    text = "{users.all|IAM user is|IAM users are} there"
    assert in_words(read(users=(person("ana"),)), text) == "1 IAM user is there"
    assert in_words(read(users=(person("ana"), person("ben"))), text) == "2 IAM users are there"
    assert in_words(read(users=()), text) == "0 IAM users are there"


def test_what_supersedes_starts_with_the_old_answers_and_new_ones_go_before_them() -> None:
    account = read(users=(person("ana"),), organization=None)
    old = {"kind": "own", "who": "staff", "directory": "no", "organization-alone": "no", "number-alone": "one"}
    carried = tuple(Answer("people", question, option) for question, option in old.items())
    begun = Walk.start("people", carried=carried, supersedes="0007")
    again = walk_by_answers(account, "people", {}, begun=begun)
    assert (again.is_done, again.supersedes) == (True, "0007")
    assert {one.question: one.option for one in again.given} == old
    other = walk_by_answers(account, "people", {"number-alone": "several"}, begun=begun)
    assert [id for _, id in other.outcomes] == ["organization-first"]


def test_an_old_answer_that_the_tree_no_longer_has_is_no_answer() -> None:
    begun = Walk.start("people", carried=(Answer("people", "kind", "gone"),), supersedes="0007")
    assert open_question(walk_by_answers(read(), "people", {}, begun=begun)) == "people.kind"


def test_an_old_answer_stands_beside_what_the_account_suggests_now() -> None:
    begun = Walk.start("people", carried=(Answer("people", "kind", "project"),))
    found = suggest(begun, read())
    assert (found.option, found.is_earlier, found.now) == ("project", True, "own")
    assert "member" in found.because
