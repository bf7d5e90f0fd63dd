"""The shipped trees, and what the schema refuses."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from advisor.decide import check_knowledge, trees
from advisor.decide.walk import Walk
from advisor.errors import KnowledgeError, UsageError
from advisor.reference.knowledge import load
from advisor.reference.schema.decisions import Decision, check
from tests.decide.every_way import all_paths

TOPICS = [
    "people", "credentials", "inline-or-managed", "groups-or-policies", "resource-or-tags", "accounts", "workloads",
    "sharing", "root", "guardrails",
]  # fmt: skip


def test_the_knowledge_has_no_problem() -> None:
    assert check_knowledge() == ()


def test_the_ten_decisions_are_there_in_their_order() -> None:
    assert list(trees()) == TOPICS


@pytest.mark.parametrize("topic", TOPICS)
def test_each_tree_says_what_was_said_what_is_said_since_when_why_and_by_whom(topic: str) -> None:
    tree = trees()[topic]
    assert all((tree.then, tree.now, tree.since, tree.why, tree.question))
    assert all(source.url.startswith("https://docs.aws.amazon.com/") for source in tree.sources)
    for result in tree.outcomes.values():
        assert result.recommendation
        assert result.good
        assert result.revisit
        assert result.unless


@pytest.mark.parametrize("topic", TOPICS)
def test_every_path_ends_in_advice(topic: str) -> None:
    paths = list(all_paths(trees(), topic))
    assert paths
    for path in paths:
        walk = Walk.start(topic)
        for answer in path:
            assert walk.node == (answer.tree, answer.question)
            walk = walk.answer(answer.option)
        assert walk.is_done
        assert walk.outcomes, f"no outcome after {path}"
        assert walk.left == (0, 0)


def test_there_are_as_many_paths_as_the_trees_describe() -> None:
    assert sum(len(list(all_paths(trees(), topic))) for topic in TOPICS) > 200


def test_an_unknown_topic_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean `people`"):
        Walk.start("peeple")


TREE = """\
id: mine
number: 11
title: T
question: Q?
then: a
now: b
since: c
why: d
start: one
questions:
  one:
    text: T?
    why: w
    unsure: u
    show: [account.kind]
    suggest: [{option: a, because: it is, when: [account.kind = member]}]
    options:
      - {id: a, label: A, next: two}
      - {id: b, label: B, outcomes: [good]}
  two:
    text: T?
    why: w
    unsure: u
    options:
      - {id: a, label: A, outcomes: [good]}
      - {id: b, label: B, outcomes: [good], tree: root, at: keys}
outcomes:
  good: {title: G, recommendation: r, good: [g], bad: [b], unless: u, revisit: [r], invariants: [root.keys = 0]}
sources: [{url: "https://example.org", checked: 2026-11-24}]
"""


def problems(folder: Path, text: str) -> str:
    (folder / "decisions").mkdir(exist_ok=True)
    (folder / "decisions" / "mine.yaml").write_text(text)
    return "\n".join(str(problem) for problem in check_knowledge(folder))


def test_a_users_own_tree_is_walked_like_ours(tmp_path: Path) -> None:
    assert problems(tmp_path, TREE) == ""
    walk = Walk.start("mine", folders=[tmp_path]).answer("a").answer("b")
    assert walk.node == ("root", "keys")
    assert walk.outcomes == (("mine", "good"),)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("start: one", "start: on", "start: no question `on`; did you mean `one`?"),
        ("next: two", "next: tow", "questions.one.options[0]: no question `tow`; did you mean `two`?"),
        ("outcomes: [good]}\n  two", "outcomes: [god]}\n  two", "no outcome `god`; did you mean `good`?"),
        ("tree: root, at: keys", "tree: rot, at: keys", "no tree `rot`; did you mean `root`?"),
        ("at: keys", "at: key", "`root` has no question `key`; did you mean `keys`?"),
        ("{option: a, because", "{option: c, because", "questions.one.suggest[0]: no option `c`"),
        ("account.kind = member", "account.kind == member", "`account.kind == member` is no claim"),
        ("when: [account.kind = member]", "when: [account.kinds = member]", "there is no fact `account.kinds`"),
        ("show: [account.kind]", "show: [acount.kind]", "there is no fact `acount.kind`; did you mean `account.kind`?"),
        ("invariants: [root.keys = 0]", "invariants: [root.key = 0]", "there is no fact `root.key`"),
        (
            "id: b, label: B, outcomes: [good]}\n  two",
            "id: b, label: B}\n  two",
            "the option `b` ends without an outcome",
        ),
        ("next: two", "outcomes: [good]", "nothing leads to this question"),
        ("tree: root, at: keys", "next: one", "leads in a circle: mine.one → mine.two → mine.one"),
        ("revisit: [r]", "revisits: [r]", "unknown key; did you mean `revisit`?"),
        ("unsure: u\n    show", "show", "`unsure` is missing"),
        ("checked: 2026-11-24", "checked: soon", "must be a date like 2026-11-24"),
        ("unless: u, ", 'unless: u, limits: [{text: t, url: "https://a"}], ', "must be a date like 2026-11-24"),
    ],
)
def test_a_broken_tree_is_refused_with_the_place(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in TREE
    assert complaint in problems(tmp_path, TREE.replace(old, new, 1))


def leading(tree: Decision, question: str, to: str, at: str) -> Decision:
    """The tree with the first option of a question leading into another tree."""
    ask = tree.questions[question]
    door = msgspec.structs.replace(ask.options[0], next="", tree=to, at=at)
    changed = msgspec.structs.replace(ask, options=(door, *ask.options[1:]))
    return msgspec.structs.replace(tree, questions={**tree.questions, question: changed})


def test_a_circle_through_another_tree_is_found() -> None:
    known = dict(load("decisions"))
    known["people"] = leading(known["people"], "kind", "credentials", "who")
    known["credentials"] = leading(known["credentials"], "who", "people", "kind")
    assert any("leads in a circle" in problem.reason for problem in check(known))


def test_a_broken_folder_stops_the_walk_with_all_problems(tmp_path: Path) -> None:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "mine.yaml").write_text(
        TREE.replace("why: d", "wy: d").replace("start: one", "strt: one")
    )
    with pytest.raises(KnowledgeError) as caught:
        Walk.start("mine", folders=[tmp_path])
    assert len(caught.value.problems) == 4
