"""Beside the answers: the verdict of the selected one with its trace, a change that would turn it, or how to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from advisor.model.change import Flip
from screens.asking import Question, how_to_ask
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.policy_panel import PolicyPanel
from screens.reasons import who
from screens.trace import answer_told, deciding_layer, layer_lines, reasons_drawn
from screens.widgets.pane import Detail
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.verdict import Verdict
    from screens.outcome import Outcome
    from screens.verdict import Case
    from screens.widgets.rows import Row


def look_at(screen: AdvisorScreen, row: Row | None, outcome: Outcome | None) -> None:
    """Show what stands behind a row. Under 100 columns the list has the room: Enter opens the verdict."""
    detail, value = screen.query_one(Detail), getattr(row, "value", None)
    if row is None or isinstance(value, Question):
        detail.display = not screen.has_class("-narrow")
        detail.show(Content("How to ask"), Content(""), how_to_ask)
        screen.query_one(PolicyPanel).show_nothing()
    elif isinstance(value, Flip):
        change = value.change
        detail.display = True
        title = Content(clean(change.title))
        detail.show(title, Content("p Preview"), lambda width: change_drawn(screen.session, change, width))
    elif outcome is not None and (case := outcome.case(row)) is not None:
        if screen.has_class("-narrow") and outcome.verdict is None:  # one answer leaves room for its trace
            detail.display = False
        else:
            _judge(screen, case)


def _judge(screen: AdvisorScreen, case: Case) -> None:
    advisor = screen.session.advisor
    if advisor is not None:
        screen.in_background(
            "judge",
            lambda: advisor.can(case.principal, case.action, case.resource, case.context),
            lambda verdict: _show(screen, case, verdict),
        )


def _show(screen: AdvisorScreen, case: Case, verdict: Verdict) -> None:
    advisor = screen.session.advisor
    if advisor is None or not screen.is_attached:
        return
    at = deciding_layer(verdict)

    def draw(width: int) -> Content:
        lines = [Content.assemble(" ", answer_told(verdict)), *layer_lines(verdict, width, at)]
        if verdict.trace:
            lines.append(reasons_drawn(advisor, verdict.trace[at], verdict, width))
        return Content("\n").join(lines)

    detail = screen.query_one(Detail)
    detail.display = True
    detail.show(Content(who(case.principal)), Content(clean(case.words)), draw)
    screen.query_one(PolicyPanel).show_behind(advisor, verdict.trace[at] if verdict.trace else None)
