"""Findings: what fails here, worst first, each with its change beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens.accepting import accept_risk, judge
from screens.base import AdvisorScreen
from screens.finding_policy import policies_behind
from screens.finding_words import FindingRow, finding_drawn
from screens.judged import recommended
from screens.policy_panel import PolicyPanel
from screens.signs import PRACTICES, SEVERITIES
from screens.tables import Table
from screens.widgets.choices import Legend
from screens.widgets.pane import Detail
from screens.widgets.rows import RowList
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.finding import Finding
    from screens.session import Session


class FindingsScreen(AdvisorScreen):
    """The list with the selected finding's evidence and change."""

    mode = "findings"
    purpose = "What fails against the practices, worst first, the change that mends it beside it. Unknown is shown."
    command = "advisor findings"
    BINDINGS = [
        Binding("p", "preview", "Preview", id="findings.preview", tooltip="Preview the recommended change"),
        Binding("plus", "plan", "Plan", id="findings.plan", tooltip="Add the change to the plan"),
        Binding("x", "accept", "Accept risk", id="findings.accept"),
        Binding("w", "why", "Why, sources", id="findings.why"),
        Binding("e", "write", "Export", id="findings.write", tooltip="The list as CSV, JSON or Markdown"),
        Binding("right_square_bracket", "step(1)", "Next", id="findings.next", show=False),
        Binding("left_square_bracket", "step(-1)", "Before", id="findings.before", show=False),
        Binding("o", "order", "Order", id="findings.order", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Findings",))
        self.with_why = False
        self.by_practice = False

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                rows = RowList(id="findings", empty="… being checked")
                rows.verb = "Detail"
                yield rows
                yield Legend((*SEVERITIES.values(), PRACTICES["unknown"]))
            yield Detail()
            yield PolicyPanel(classes="third")

    def show_account(self) -> None:
        if self.session.known_findings is not None:
            self._fill()
        elif self.session.can_judge:
            judge(self)

    def session_changed(self, what: str) -> None:
        if what == "account":
            self.show_account()
        elif what == "findings":
            self._fill()
        elif what == "paths":
            self._show_detail()

    def on_screen_resume(self) -> None:
        wanted = self.session.wanted_finding
        if wanted:
            self.session.wanted_finding = ""
            self.query_one("#findings", RowList).go_to(wanted)

    def _fill(self) -> None:
        known = self.session.known_findings
        if known is None:
            return
        found = list(known.findings)
        if self.by_practice:
            found.sort(key=lambda one: one.practice)
        rows = self.query_one("#findings", RowList)
        unknown = sum(1 for one in known.practices if one.status == "unknown")
        rows.empty = Content(f"✓ None open. {count(len(known.practices), 'practice')} checked, {unknown} unknown.")
        rows.show_rows([FindingRow(one, lambda: self.is_wide) for one in found])
        counts = [
            f"{sum(1 for one in found if one.status == status)} {status}" for status in ("open", "accepted", "unknown")
        ]
        self.set_title("Findings", " · ".join(counts))
        self.on_screen_resume()

    @property
    def finding(self) -> Finding | None:
        row = self.query_one("#findings", RowList).row
        return getattr(row, "value", None)

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        finding = self.finding
        if finding is not None:
            title, right, draw = finding_drawn(self.session, finding, with_why=self.with_why)
            self.query_one(Detail).show(title, right, draw)
            behind = policies_behind(self.session, finding)
            panel = self.query_one(PolicyPanel)
            panel.show_policy(*behind[0]) if behind else panel.show_nothing()

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.query_one(Detail).focus()

    def action_why(self) -> None:
        self.with_why = not self.with_why
        self._show_detail()

    def action_step(self, step: int) -> None:
        self.query_one("#findings", RowList).action_move(step)

    def action_order(self) -> None:
        self.by_practice = not self.by_practice
        self._fill()
        self.say("By practice." if self.by_practice else "Worst first.")

    def action_preview(self) -> None:
        from screens.preview import preview

        finding = self.finding
        if finding is None or not finding.changes:
            self.say("There is no change to preview for this one.")
            return
        preview(self, recommended(finding), finding.title)

    def action_plan(self) -> None:
        finding = self.finding
        if finding is None or not finding.changes:
            self.say("There is no change to add for this one.")
            return
        added, left = recommended(finding), len(finding.changes) - len(recommended(finding))
        told = f" {count(left, 'more change')} for it would need values first." if left else ""
        self.say(self.session.add_to_plan(added) + told)

    def action_accept(self) -> None:
        finding = self.finding
        if finding is None or finding.status == "unknown":
            self.say("What is unknown cannot be accepted: c says what would settle it.")
            return
        accept_risk(self, finding, partial(judge, self))

    def shown_table(self) -> Table | None:
        found = [row.value for row in self.query_one("#findings", RowList).rows if isinstance(row, FindingRow)]
        cells = tuple(
            (
                one.severity,
                one.status,
                one.practice,
                one.title,
                ", ".join(one.resources),
                " · ".join(change.title for change in one.changes),
                one.id,
            )
            for one in found
        )
        columns = ("severity", "status", "practice", "finding", "resources", "changes", "id")
        return Table("findings", columns, cells, "advisor findings")

    def copied(self) -> str:
        return clean(self.finding.title) if self.finding else ""

    def copies(self) -> list[tuple[str, str]]:
        finding = self.finding
        if finding is None:
            return []
        arns = [("of what it is", arn) for arn in finding.resources[:3]]
        policies = [(f"the policy {one.title}", one.document.text) for one in policies_behind(self.session, finding)]
        return [*arns, *policies, ("its sources", " ".join(finding.sources))]

    def command_here(self) -> str:
        return "advisor findings"
