"""What came back for a question: its rows, the case behind each row, and what is copied of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.answers import AnswerRow, PermissionRow, rests_on, summary, who_rows
from screens.asking import by_service
from screens.questions import Asked
from screens.reasons import gap_told, who
from screens.trace import answer_told, sentence
from screens.verdict import Case
from screens.widgets.rows import Row
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.gap import Gap
    from advisor.model.verdict import Answers, Permission, Verdict
    from screens.fix import Context
    from screens.session import Session

MOST_LOOKED_THROUGH = 2000


@dataclass(frozen=True)
class Outcome:
    """The answer to a question, with how long it took: one of the three kinds."""

    asked: Asked
    context: Context
    milliseconds: int
    answers: Answers | None = None
    verdict: Verdict | None = None
    permissions: tuple[Permission, ...] | None = None
    hidden: tuple[Gap, ...] = ()
    """What hides policies of the principal that is asked about: all that is not listed is unknown."""

    def rows(self, administrators: Collection[str], account: str, risk: Callable[[str], Content]) -> list[Row]:
        if self.answers is not None:
            return [*who_rows(self.answers, risk, account)]
        if self.permissions is not None:
            return by_service(self.permissions, is_admin=self.asked.principal in administrators)
        assert self.verdict is not None
        return [VerdictRow(self.asked, self.verdict)]

    def counted(self) -> Content:
        """The answer in numbers, or in a word."""
        if self.answers is not None:
            return summary(self.answers)
        if self.permissions is not None:
            listed = Content(f"can do {count(len(self.permissions), 'action')}")
            if not self.hidden:
                return listed
            unknown = f"anything else is unknown: {gap_told(self.hidden[0])}"
            return Content.assemble(listed, " · ", Content.styled(unknown, "$is-unknown"))
        assert self.verdict is not None
        return answer_told(self.verdict)

    def rests_on(self, account: str) -> Content | None:
        return rests_on(self.answers, account) if self.answers is not None else None

    def case(self, row: Row) -> Case | None:
        """What the verdict behind a row is asked about."""
        asked, context = self.asked, self.context
        if isinstance(row, AnswerRow):
            answer = row.answer
            action = answer.actions[0] if answer.actions else asked.action
            resource = answer.resources[0] if answer.resources else asked.resource
            return Case(answer.principal, action, resource, context, asked.words)
        if isinstance(row, PermissionRow):
            at = row.permission.resources[0] if row.permission.resources else None
            return Case(asked.principal, row.permission.action, at, context, row.permission.action)
        if isinstance(row, VerdictRow):
            return Case(asked.principal, asked.action, asked.resource, context, asked.words)
        return None

    def as_json(self) -> str:
        import msgspec

        return msgspec.json.encode(self.answers or self.verdict or self.permissions).decode()


@dataclass(frozen=True)
class VerdictRow:
    """The one answer of a Can question."""

    asked: Asked
    verdict: Verdict
    selectable: bool = True
    key: str = "verdict"

    @property
    def text(self) -> str:
        return self.asked.words

    def draw(self, width: int) -> Content:
        name, words = who(self.asked.principal), clean(self.asked.words)
        return Content.assemble(name, " ", words, "  ", answer_told(self.verdict))


def work_out(advisor: Advisor, asked: Asked, context: Context, *, via: bool) -> Outcome:
    """Put the question to the account."""
    started = time.perf_counter()
    answers = verdict = permissions = None
    hidden: tuple[Gap, ...] = ()
    if asked.tab == "who":
        answers = advisor.who_can(asked.action, asked.resource, context, via=via)
    elif asked.tab in ("can", "denied"):
        verdict = advisor.can(asked.principal, asked.action, asked.resource, context)
    else:
        permissions = advisor.what_can(asked.principal, None, context)
        hidden = advisor.hidden_from(asked.principal)
    took = int((time.perf_counter() - started) * 1000)
    return Outcome(asked, context, took, answers, verdict, permissions, hidden)


def can_look_through(session: Session, outcome: Outcome) -> bool:
    """Whether it is soon worked out who can become one of those that can."""
    snapshot = session.snapshot
    if outcome.answers is None or snapshot is None or session.known_paths is None:
        return False
    return len(snapshot.users) + len(snapshot.roles) <= MOST_LOOKED_THROUGH


def through_others(advisor: Advisor, outcome: Outcome) -> tuple[str, ...]:
    """Those who can become one of those that can."""
    asked = outcome.asked
    found = advisor.who_can(asked.action, asked.resource, outcome.context, via=True)
    return tuple(answer.principal for answer in found.answers if answer.via)


def copied_of(row: Row | None) -> str:
    """What `y` copies of an answer: who, what, or the verdict as a sentence."""
    if isinstance(row, AnswerRow):
        return row.answer.principal
    if isinstance(row, VerdictRow):
        return sentence(who(row.asked.principal), row.asked.words, row.verdict)
    return row.permission.action if isinstance(row, PermissionRow) else ""
