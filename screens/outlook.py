"""How far the decisions and the set-up are, in the words of Home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.finding import Findings
    from screens.decide import Topic
    from screens.session import Session

_WEIGHT = {"critical": 100, "high": 10, "medium": 2, "low": 1}


@dataclass(frozen=True)
class Outlook:
    """A line for each of the two; empty where nothing is left to do."""

    decide: str = ""
    setup: str = ""


def look_ahead(session: Session) -> Outlook:
    """What is next in 2 Decide and 6 Set-up; call it from a worker, when the findings are known."""
    return Outlook(_decide(session), _setup(session))


def _decide(session: Session) -> str:
    from screens.decide import topics_of

    topics = topics_of(session)
    begun = next((one for one in topics if one.walk is not None), None)
    if begun is not None and begun.walk is not None:
        at = f"question {len(begun.walk.given) + 1}" if not begun.walk.is_done else "its outcome waits to be recorded"
        return f"Go on with the decision {_called(begun)}: {at}"
    opened = [one for one in topics if one.record is None]
    if not opened:
        return f"All {len(topics)} decisions are recorded: see which still hold"
    waiting = _waiting(session.findings(), session)
    first = max(opened, key=lambda one: sum(_WEIGHT[severity] for severity in waiting.get(one.key, ())))
    number = len(waiting.get(first.key, ()))
    told = f": {count(number, 'finding')} {'waits' if number == 1 else 'wait'}" if number else ""
    return f"Decide {_called(first)}{told}"


def _called(topic: Topic) -> str:
    """`how people sign in`, `on root and break-glass`."""
    title = clean(topic.tree.title)
    lower = title[:1].lower() + title[1:] if title[1:2].islower() else title
    return lower if lower.startswith("how ") else f"on {lower}"


def _waiting(findings: Findings, session: Session) -> dict[str, list[str]]:
    """Severities of open findings by the decision that their practice hangs on."""
    from advisor.reference.knowledge import load

    folders = session.advisor.knowledge if session.advisor else ()
    decisions = {id: getattr(one, "decision", "") for id, one in load("practices", folders).items()}
    found: dict[str, list[str]] = {}
    for one in findings.findings:
        topic = decisions.get(one.practice, "")
        if topic and one.status == "open":
            found.setdefault(topic, []).append(one.severity)
    return found


def _setup(session: Session) -> str:
    from advisor.change.setup import load_choices, playbook

    advisor = session.advisor
    assert advisor is not None
    book = playbook(advisor, load_choices(advisor.snapshot.account))
    if book.done == len(book.asked):
        return ""
    return f"Finish the set-up: {book.done} of {len(book.asked)} steps are done"
