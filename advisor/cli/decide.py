"""`decide`: walk a decision tree, by hand, by a file of answers, or by what the evidence suggests."""

from __future__ import annotations

import sys
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import command
from advisor.cli.text import clean, table, terminal_room
from advisor.errors import Exit, InputError

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.cli.session import Session
    from advisor.decide.outcome import Outcome
    from advisor.decide.record import Record
    from advisor.decide.walk import Walk
    from advisor.model.change import Change

_WIDTH = 78


@command("decide")
@click.argument("topic", required=False)
@click.option("--answers", metavar="FILE", help="Answers from a YAML file: question id to option id.")
@click.option("--suggested", is_flag=True, help="Take what the evidence suggests, where there is no answer.")
@click.option("--restart", is_flag=True, help="Begin anew, although a walk was left open.")
@click.option("--dir", "folder", metavar="DIR", help="Where the record goes; ~/iam-records by default.")
@click.option("--supersede", metavar="N", help="Decide record N again; it is marked as superseded.")
@click.option("--by", "makers", multiple=True, metavar="NAME", help="Who decided, for the record; repeatable.")
@click.option("--no-record", is_flag=True, help="Write no record.")
def decide(
    session: Session,
    topic: str | None,
    answers: str | None,
    suggested: bool,
    restart: bool,
    folder: str | None,
    supersede: str | None,
    makers: tuple[str, ...],
    no_record: bool,
) -> int:
    """Walk the decision tree TOPIC to its recommendation, changes and record. Without TOPIC: the list.

    In a terminal it asks; what was left open goes on. Exit 1 while a question is open.
    """
    if topic is None and supersede is None:
        return _list(session, folder)
    account = session.account
    begun = _begun(session, account, topic, restart, supersede, folder)
    walk = _walked(session, account, begun, answers, suggested)
    return _finish(session, account, walk, None if no_record else (folder, makers))


def _begun(
    session: Session, account: Advisor, topic: str | None, restart: bool, supersede: str | None, folder: str | None
) -> Walk:
    """A new walk, the one that was left, or one that takes up the answers of the record that it supersedes."""
    from advisor.decide.state import load_walk
    from advisor.decide.walk import Walk

    if supersede is not None:
        from advisor.decide.record import find, supersede_walk

        return supersede_walk(find(supersede, folder), session.knowledge)
    assert topic is not None
    left = None if restart else load_walk(account.snapshot.account, topic, session.knowledge)
    if left is not None and not left.is_done:
        return left
    return Walk.start(topic, folders=session.knowledge)


def _walked(session: Session, account: Advisor, begun: Walk, answers: str | None, suggested: bool) -> Walk:
    from advisor.decide.headless import read_answers, walk_by_answers
    from advisor.decide.state import save_walk

    if answers is not None or suggested or not sys.stdin.isatty():
        given = read_answers(answers) if answers is not None else {}
        again = begun if begun.supersedes else None  # a walk that was left is not what a script asks for
        return walk_by_answers(account, begun.topic, given, suggested=suggested, folders=session.knowledge, begun=again)
    from advisor.cli.dialogue import ask_through

    return ask_through(begun, account, lambda walk: save_walk(walk, account.snapshot.account))


def _finish(session: Session, account: Advisor, walk: Walk, wanted: tuple[str | None, tuple[str, ...]] | None) -> int:
    from advisor.decide.outcome import outcome
    from advisor.decide.state import forget_walk

    found = outcome(walk, account)
    record = None
    if found is not None and wanted is not None:
        from advisor.decide.makers import configured_makers
        from advisor.decide.record import write_record

        today = datetime.now(UTC).date().isoformat()
        makers = wanted[1] or _asked_once() or configured_makers()
        record = write_record(walk, account, today, folder=wanted[0], decision_makers=makers)
        forget_walk(account.snapshot.account, walk.topic)
    session.answer(lambda: _document(walk, found, record), lambda: _table(walk, found, record))
    if found is None:
        _name_the_question(session, account, walk)
        return Exit.DOES_NOT_HOLD
    return session.done()


def _asked_once() -> tuple[str, ...]:
    """Before the first record a person at a terminal is asked who decides; the answer is kept."""
    from advisor.decide.makers import configured_makers, keep_makers, were_asked

    if were_asked() or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ()
    question = "  Who decides? Names for the records, parted by commas; Enter for none"
    keep_makers(str(click.prompt(question, default="", show_default=False, err=True)))
    return configured_makers()


def _list(session: Session, folder: str | None) -> int:
    """The decisions, and where this account's walks stand. Without a source only the records can tell."""
    from advisor.decide.record import listing
    from advisor.decide.trees import trees

    account = session.account if session.has_source else None
    records = {
        record.front.topic: record
        for record in reversed(listing(folder))
        if record.is_in_force and (account is None or record.front.account == account.snapshot.account)
    }
    topics: list[dict[str, Any]] = []
    for id, tree in trees(session.knowledge).items():
        left = _left(session, account, id) if account else None
        is_open = left is not None and not left.is_done
        record = records.get(id)
        state = "open" if is_open else "done" if record else "none"
        topics.append({"id": id, "title": tree.title, "walk": state, **({"record": record.path} if record else {})})
    if session.is_json:
        session.emit({"topics": topics}) if account else session.emit_bare({"topics": topics})
    else:
        rows = [(clean(t["id"]), clean(t["title"]), t["walk"], clean(t.get("record", ""))) for t in topics]
        session.print(table(rows, ("topic", "", "walk", "record")))
    return Exit.DONE


def _left(session: Session, account: Advisor, topic: str) -> Walk | None:
    """The walk that was left; one that a newer version left is told, and hides no other."""
    from advisor.decide.state import load_walk

    try:
        return load_walk(account.snapshot.account, topic, session.knowledge)
    except InputError as error:
        session.note(f"? {error.message}")
        return None


def _answers(walk: Walk) -> dict[str, str]:
    """Question id to option id, as `--answers` reads it; the tree's name before it where the walk went into another."""
    return {one.question if one.tree == walk.topic else f"{one.tree}.{one.question}": one.option for one in walk.given}


def _document(walk: Walk, found: Outcome | None, record: Record | None) -> dict[str, Any]:
    from advisor.cli.shapes import change_shape
    from advisor.decide.headless import open_question

    body: dict[str, Any] = {"topic": walk.topic, "answers": _answers(walk)}
    question = walk.question
    if found is None and question is not None:
        body["open_question"] = open_question(walk)
        body["question"] = {
            "text": question.text,
            "options": [{"id": option.id, "label": option.label} for option in question.options],
            "find_out": question.unsure,
        }
    if found is not None:
        body["outcome"] = "+".join(id for _, id in found.ids)
        body["title"] = found.title
        body["recommendation"] = list(found.recommendation)
        body["invariants"] = list(found.invariants)
        body["next"] = [{"topic": one.tree, "at": one.at, "text": one.text} for one in found.next]
    body["changes"] = [change_shape(change) for change in found.changes] if found else []
    return {**body, "record": record.path} if record else body


def _table(walk: Walk, found: Outcome | None, record: Record | None) -> str:
    lines = [click.style(clean(walk.tree.title), bold=True)]
    lines += [f"  {clean(question)}  {clean(option)}" for question, option in walk.answered]
    if found is None:
        return "\n".join(lines)
    lines += ["", click.style(clean(found.title), bold=True)]
    room = min(_WIDTH, terminal_room() or _WIDTH)
    for text in found.recommendation:
        lines += textwrap.wrap(clean(text), room, initial_indent="  ", subsequent_indent="  ")
    lines += [f"  + {clean(text)}" for text in found.good] + [f"  – {clean(text)}" for text in found.bad]
    if found.changes:
        rows = [
            (
                "[x]" if change.id in found.ticked else "[ ]",
                clean(change.title),
                _remark(change),
                clean(change.target),
            )
            for change in found.changes
        ]
        lines += ["", click.style("changes for this account", bold=True), table(rows)]
    if found.not_chosen:
        lines += ["", "  not chosen: " + clean(" · ".join(title for title, _ in found.not_chosen))]
    lines += [f"  then: {clean(one.text)} (advisor decide {clean(one.tree)})" for one in found.next]
    return "\n".join([*lines, "", f"  record: {clean(record.path)}"] if record else lines)


def _remark(change: Change) -> str:
    """What stands in the way of a change, or how many calls it is."""
    if change.needs:
        return f"needs {clean(change.needs[0][0])}"
    number = len(change.operations)
    if not number:
        return "by hand" if change.by_hand else "not possible here"
    return f"{number} call{'' if number == 1 else 's'}"


def _name_the_question(session: Session, account: Advisor, walk: Walk) -> None:
    """Which question is open, why nothing answers it, how to find out, and the line that would answer it."""
    from advisor.decide.headless import open_question
    from advisor.decide.suggest import suggest

    question, name = walk.question, open_question(walk)
    if question is None:
        return
    session.note(f"open: {name}: {question.text} (options: {', '.join(option.id for option in question.options)})")
    unread = ", ".join(dict.fromkeys(gap.call for gap in suggest(walk, account).gaps))
    why = f"what would tell was not read: {unread}" if unread else "the account cannot tell, a person can"
    session.note(f"  {why}. To find out: {question.unsure}")
    session.note(
        f"  then give --answers a YAML file with the line `{name}: {question.options[0].id}` (or another option)"
    )
