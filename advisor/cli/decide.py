"""`decide`: walk a decision tree, by hand, by a file of answers, or by what the evidence suggests."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import command
from advisor.cli.text import clean, table
from advisor.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.account import Advisor
    from advisor.cli.session import Session
    from advisor.decide.outcome import Outcome
    from advisor.decide.walk import Walk

_WIDTH = 78


@command("decide")
@click.argument("topic", required=False)
@click.option("--answers", metavar="FILE", help="Answers from a YAML file: question id to option id.")
@click.option("--suggested", is_flag=True, help="Take what the evidence suggests, where there is no answer.")
@click.option("--restart", is_flag=True, help="Begin anew, although a walk was left open.")
@click.option("--dir", "folder", metavar="DIR", help="Where the record goes; ~/iam-records by default.")
@click.option("--no-record", is_flag=True, help="Write no record.")
def decide(
    session: Session,
    topic: str | None,
    answers: str | None,
    suggested: bool,
    restart: bool,
    folder: str | None,
    no_record: bool,
) -> int:
    """Walk the decision tree TOPIC to its recommendation, changes and record. Without TOPIC: the list.

    In a terminal it asks; what was left open goes on. Exit 1 while a question is open.
    """
    if topic is None:
        return _list(session, folder)
    account = session.account
    walk = _walked(session, account, topic, answers, suggested, restart)
    return _finish(session, account, walk, None if no_record else folder or "")


def _walked(
    session: Session, account: Advisor, topic: str, answers: str | None, suggested: bool, restart: bool
) -> Walk:
    from advisor.decide.headless import read_answers, walk_by_answers
    from advisor.decide.state import load_walk, save_walk
    from advisor.decide.walk import Walk

    if answers is not None or suggested or not sys.stdin.isatty():
        given = read_answers(answers) if answers is not None else {}
        return walk_by_answers(account, topic, given, suggested=suggested, folders=session.knowledge)
    from advisor.cli.dialogue import ask_through

    account_id = account.snapshot.account
    left = None if restart else load_walk(account_id, topic, session.knowledge)
    begun = left if left is not None and not left.is_done else Walk.start(topic, folders=session.knowledge)
    return ask_through(begun, account, lambda walk: save_walk(walk, account_id))


def _finish(session: Session, account: Advisor, walk: Walk, folder: str | None) -> int:
    from advisor.decide.outcome import outcome

    found = outcome(walk, account)
    record = _record(account, walk, found, folder) if found is not None and folder is not None else None
    session.answer(lambda: _document(walk, found, record), lambda: _table(walk, found, record))
    if found is None:
        _name_the_question(session, walk)
        return Exit.DOES_NOT_HOLD
    return session.done()


def _answers(walk: Walk) -> dict[str, str]:
    """Question id to option id, as `--answers` reads it; the tree's name before it where the walk went into another."""
    return {one.question if one.tree == walk.topic else f"{one.tree}.{one.question}": one.option for one in walk.given}


def _document(walk: Walk, found: Outcome | None, record: Path | None) -> dict[str, Any]:
    from advisor.cli.shapes import change_shape
    from advisor.decide.headless import open_question

    body: dict[str, Any] = {"topic": walk.topic, "answers": _answers(walk)}
    if found is None:
        body["open_question"] = open_question(walk)
    else:
        body["outcome"] = "+".join(id for _, id in found.ids)
        body["title"] = found.title
        body["recommendation"] = list(found.recommendation)
        body["invariants"] = list(found.invariants)
    body["changes"] = [change_shape(change) for change in found.changes] if found else []
    return {**body, "record": str(record)} if record else body


def _table(walk: Walk, found: Outcome | None, record: Path | None) -> str:
    lines = [click.style(clean(walk.tree.title), bold=True)]
    lines += [f"  {clean(question)}  {clean(option)}" for question, option in walk.answered]
    if found is None:
        return "\n".join(lines)
    lines += ["", click.style(clean(found.title), bold=True)]
    for text in found.recommendation:
        lines += textwrap.wrap(clean(text), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += [f"  + {clean(text)}" for text in found.good] + [f"  – {clean(text)}" for text in found.bad]
    if found.changes:
        rows = [
            (
                "[x]" if change.id in found.ticked else "[ ]",
                clean(change.title),
                "by hand" if change.by_hand else f"{len(change.operations)} calls",
                clean(change.target),
            )
            for change in found.changes
        ]
        lines += ["", click.style("changes for this account", bold=True), table(rows)]
    if found.not_chosen:
        lines += ["", "  not chosen: " + clean(" · ".join(title for title, _ in found.not_chosen))]
    return "\n".join([*lines, "", f"  record: {clean(record)}"] if record else lines)


def _name_the_question(session: Session, walk: Walk) -> None:
    from advisor.decide.headless import open_question

    question = walk.question
    if question is not None:
        options = ", ".join(option.id for option in question.options)
        session.note(f"open: {open_question(walk)}: {question.text} (options: {options})")
