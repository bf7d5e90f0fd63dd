"""A decision without a terminal: by a file of answers, by what the evidence suggests, or by both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.decide.suggest import suggest
from advisor.decide.walk import Walk
from advisor.errors import InputError, UsageError
from advisor.reference import plain_yaml
from advisor.reference.schema.decisions import UNSURE
from advisor.reference.shape import nearest

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


def read_answers(file: str | Path) -> dict[str, str]:
    """Answers from YAML: question id to option id; `tree.question` where two trees have a question of that name.

    Raises:
        InputError: no such file, or something else is in it.
    """
    try:
        parsed = plain_yaml.parse(Path(file).read_text("utf-8")).value
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", file=str(file)) from error
    except InputError as error:
        raise InputError(error.reason, file=str(file), place=error.place) from error
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise InputError("must be a map of question to option", file=str(file))
    found = {}
    for key, value in parsed.items():
        if isinstance(value, dict | list) or value is None:
            raise InputError("must name an option", file=str(file), place=str(key))
        found[key] = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return found


def walk_by_answers(
    account: OpenAccount,
    topic: str,
    answers: Mapping[str, str],
    *,
    suggested: bool = False,
    folders: Sequence[str | Path] = (),
    begun: Walk | None = None,
) -> Walk:
    """Walk as far as answers (and, with `suggested`, the evidence) reach. What is lacking stays as the open question.

    A walk that was `begun` to supersede a record goes on with that record's answers where none is given.

    Raises:
        UsageError: an answer names no option, or a question that no tree on the way has.
    """
    walk = begun or Walk.start(topic, folders=folders)
    used: set[str] = set()
    while (node := walk.node) is not None:
        key = next((name for name in (f"{node[0]}.{node[1]}", node[1]) if name in answers), "")
        option = answers[key] if key else walk.earlier()
        if not option and suggested:
            option = suggest(walk, account).option
        if key:
            used.add(key)
        if not option:
            break
        walk = walk.answer(option)
        if option == UNSURE:
            break
    _refuse_strangers(walk, answers, used)
    return walk


def _refuse_strangers(walk: Walk, answers: Mapping[str, str], used: set[str]) -> None:
    """An answer to a question that no tree has is a slip of the pen; one that was not come by is not."""
    known = {
        name
        for id, tree in walk.trees.items()
        for question in tree.questions
        for name in (question, f"{id}.{question}")
    }
    for name in answers:
        if name not in used and name not in known:
            raise UsageError(f"no decision has a question `{name}`{nearest(name, known)}")


def open_question(walk: Walk) -> str | None:
    """`tree.question` that is still open, or nothing."""
    return None if walk.node is None else ".".join(walk.node)
