"""A tree is data: a user's folder adds one, or a question to a shipped one, and command, record and check know it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from advisor.account import Advisor, open_account
from advisor.decide import outcome, suggest, walk_by_answers
from advisor.decide.record import verify, write_record
from advisor.errors import UsageError
from tests.advice.small_accounts import person, read
from tests.cli.conftest import Advise

TREE = """
id: contractors
number: 20
title: Contractors
question: How do contractors get in?
then: An IAM user each.
now: The directory, with an end date.
since: our own rule of 2025
why: Nobody remembers to remove them.
start: any
questions:
  any:
    text: Do people have IAM users here?
    why: A contractor's user outlives the contract.
    show: [users.human, users.all]
    unsure: Ask the project leads.
    suggest:
      - {option: "yes", when: [users.human > 0], because: "{users.human|person signs|people sign} in"}
      - {option: "no", when: [users.human = 0], because: nobody does}
    options:
      - {id: "yes", label: "Yes", outcomes: [directory], next: date}
      - {id: "no", label: "No", outcomes: [nothing]}
  date:
    text: Is there an end date?
    why: A date ends access by itself.
    unsure: Look into the contract.
    options:
      - {id: "yes", label: "Yes"}
      - {id: "no", label: "No", outcomes: [nothing]}
outcomes:
  directory:
    title: Contractors come by the directory
    recommendation: Take contractors into the directory.
    good: [They leave by themselves]
    bad: [Somebody must enter the date]
    unless: There are none.
    changes:
      - {template: our-tag, each: users.human}
    invariants: ["users.human within $now"]
    revisit: [A contract is renewed]
  nothing:
    title: Nothing to do
    recommendation: Keep it so.
    good: [Nothing to run]
    bad: []
    unless: There are contractors.
    revisit: [The first contractor]
sources:
  - {url: "https://example.com/handbook", checked: 2026-11-24, title: Our handbook}
"""
CHANGE = """
id: our-tag
title: Tag $user.name as a contractor
subject: user
operations:
- service: iam
  operation: TagUser
  parameters:
    UserName: $user.name
    Tags: [{Key: contractor, Value: "yes"}]
sources:
- {url: "https://example.com/handbook", checked: 2026-11-24}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    for kind, name, text in (("decisions", "contractors", TREE), ("changes", "our-tag", CHANGE)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"{name}.yaml").write_text(text)
    return folder


def test_a_tree_of_ones_own_is_listed_walked_and_recorded(
    advise: Advise, export: Path, own: Path, tmp_path: Path
) -> None:
    assert advise("knowledge", "check", own).code == 0
    mine = ("--knowledge", own, "--from", export, "--dir", tmp_path / "records")
    assert "contractors" in [topic["id"] for topic in advise("decide", "--json", *mine).json["topics"]]
    answers = tmp_path / "answers.yaml"
    answers.write_text('any: "yes"\ndate: "yes"\n')
    done = advise("decide", "contractors", "--answers", answers, "--json", *mine)
    assert done.code == 0, done.err
    assert done.json["outcome"] == "directory"
    assert all(change["title"].endswith("as a contractor") for change in done.json["changes"])
    assert advise("record", "verify", "--json", *mine).json["records"][0]["topic"] == "contractors"


def test_evidence_change_and_invariant_of_ones_own_tree_work_on_the_account(own: Path, tmp_path: Path) -> None:
    account = read(users=(person("ana"),))
    walk = walk_by_answers(account, "contractors", {}, suggested=True, folders=[own])
    assert suggest(walk, account).option == ""
    assert walk.given[0].option == "yes"
    done = walk.answer("yes")
    result = outcome(done, account)
    assert result is not None
    assert [change.title for change in result.changes] == ["Tag ana as a contractor"]
    record = write_record(done, account, "2026-11-24", folder=tmp_path / "records")
    assert "https://example.com/handbook" in record.body
    after = read(users=(person("ana"), person("ben")), taken_at="2026-11-25T00:00:00+00:00")
    (checked,) = verify(after, [record])
    assert [item.subject.rsplit("/", 1)[-1] for item in checked.since[0].through] == ["ben"]


def test_a_question_added_to_a_shipped_tree_is_asked(tmp_path: Path) -> None:
    from advisor.reference.data import data_folder

    shipped = yaml.safe_load((data_folder("knowledge") / "decisions" / "root.yaml").read_text("utf-8"))
    shipped["questions"]["safe"] = {
        "text": "Is there a safe?", "why": "A key needs a place.", "unsure": "Ask the house.",
        "options": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No", "outcomes": ["alarm"]}],
    }  # fmt: skip
    for option in shipped["questions"]["alarm"]["options"]:
        option["next"] = "safe"
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "root.yaml").write_text(yaml.safe_dump(shipped, sort_keys=False))
    account: Advisor = read()
    answers = {"kind": "own", "keys": "no", "devices": "yes", "fails": "person", "alarm": "yes", "safe": "no"}
    walk = walk_by_answers(account, "root", answers, folders=[tmp_path])
    assert walk.is_done
    assert [id for _, id in walk.outcomes][-1] == "alarm"
    with pytest.raises(UsageError, match="no decision has a question `safe`"):
        walk_by_answers(account, "root", answers)


def test_the_app_opens_with_ones_own_trees(own: Path, export: Path) -> None:
    account = open_account([export], knowledge=[own])
    from advisor.decide import trees

    assert "contractors" in trees(account.knowledge)
