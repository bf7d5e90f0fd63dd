"""`knowledge check`: every problem of the knowledge files at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.options import command, group
from advisor.cli.text import clean, count
from advisor.errors import Exit

if TYPE_CHECKING:
    from advisor.cli.session import Session


@command("knowledge check", source=False)
@click.argument("folder", metavar="[DIR]", required=False)
def check(session: Session, folder: str | None) -> int:
    """Validate the shipped knowledge, or the folder DIR together with it: all problems at once."""
    from advisor.decide.trees import check_knowledge
    from advisor.reference.knowledge import KINDS, load, schema_of

    problems = check_knowledge(folder)
    counts: dict[str, int] = {}
    if not problems:
        folders = (folder,) if folder else ()
        counts = {kind: len(load(kind, folders)) for kind in KINDS if schema_of(kind) is not None}
    if session.is_json:
        rows = [{"file": p.file, "line": p.line, "place": p.place, "reason": p.reason} for p in problems]
        session.emit_bare({"problems": rows, "counts": counts})
    elif problems:
        session.print("\n".join(clean(problem) for problem in problems))
        session.note(f"{count(len(problems), 'problem')} in knowledge files")
    else:
        session.print("knowledge is sound: " + ", ".join(_counted(number, kind) for kind, number in counts.items()))
    return Exit.INPUT if problems else Exit.DONE


_NOUNS = {
    "changes": "change",
    "decisions": "decision",
    "escalations": "technique",
    "lists": "list",
    "phrases": "phrase",
    "practices": "practice",
    "sentences": "file of sentences",
    "setup": "set-up step",
}


def _counted(number: int, kind: str) -> str:
    one, _, rest = _NOUNS.get(kind, kind).partition(" of ")
    return count(number, one) + (f" of {rest}" if rest else "")


knowledge = group("knowledge", "Knowledge is data: trees, practices, techniques, changes, set-up steps.", check)
