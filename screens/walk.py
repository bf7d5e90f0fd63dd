"""Walking a decision: question after question with the account's evidence, then the outcome, then its record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from advisor.errors import AdvisorError
from screens.accepting import accept_risk, finding_behind, judge
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.coverage_words import not_whole
from screens.makers import set_makers
from screens.printing import print_record_of
from screens.ticked import ChangeRow
from screens.walk_words import (
    FollowingRow,
    OptionRow,
    about_option,
    option_rows,
    outcome_drawn,
    question_drawn,
)
from screens.widgets.pane import Detail, Drawn, hanging
from screens.widgets.rows import Line, Row, RowList, heading
from screens.wording import clean, shown_path

if TYPE_CHECKING:
    from advisor.decide.outcome import Outcome
    from advisor.decide.record import Record
    from advisor.decide.suggest import Suggestion
    from advisor.decide.walk import Walk
    from advisor.model.change import Change
    from screens.session import Session


COLUMNS_FOR_THE_TREE = 120


class WalkScreen(AdvisorScreen):
    """One decision from its first question to its record."""

    AUTO_FOCUS = "#options"
    mode = "decide"
    purpose = "Enter takes the marked option; the likely one comes with its reason. Left goes back; leaving keeps all."
    command = "advisor decide TOPIC --suggested"
    BINDINGS = [
        Binding("space", "tick", "Tick", id="walk.tick"),
        Binding("p", "preview", "Preview", id="walk.preview", tooltip="Preview the ticked changes"),
        Binding("plus", "plan", "Plan", id="walk.plan", tooltip="Add this change to the plan"),
        Binding("x", "accept", "Accept risk", id="walk.accept", tooltip="Answer for the risk behind this change"),
        Binding("e", "print", "Print", id="walk.print", tooltip="Print the record"),
        Binding("left,h", "question_before", "Back", id="walk.before"),
        Binding("w", "why", "2016, sources", id="walk.why"),
        Binding("b", "makers", "Decided by", id="walk.makers", show=False, tooltip="Who decides, for the record"),
    ]

    def __init__(self, session: Session, walk: Walk, *, opened_from: str = "Decide") -> None:
        super().__init__(session, (opened_from, walk.tree.title))
        self.walk = walk
        self.suggestion: Suggestion | None = None
        self.outcome: Outcome | None = None
        self.ticked: set[str] = set()
        self.record: Record | None = None
        self.with_sources = False
        self._is_whole = True
        """Whether the outcome stands above the list in full."""

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield Drawn(self._head, id="asked")
                yield RowList(id="options", empty="…")
            yield Detail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("tick", "preview", "plan", "accept"):
            return self.outcome is not None and bool(self.outcome.changes) and self.record is None
        if action == "print":
            return self.record is not None
        if action == "question_before":
            return self.record is None
        return True

    def show_account(self) -> None:
        if self.session.can_judge and self.record is None:
            self._consider()
        elif self.session.is_partial:
            partly = not_whole(self.session)
            self.query_one("#options", RowList).empty = Content(f"… waits for its evidence: the account is {partly}")

    # Working out what stands beside the question

    def _consider(self) -> None:
        from advisor.decide.outcome import outcome
        from advisor.decide.state import save_walk
        from advisor.decide.suggest import suggest

        advisor, walk = self.session.advisor, self.walk
        assert advisor is not None

        def find() -> tuple[Suggestion | None, Outcome | None]:
            if walk.given:
                save_walk(walk, advisor.snapshot.account)
            return (None, outcome(walk, advisor)) if walk.is_done else (suggest(walk, advisor), None)

        self.in_background("walk", find, lambda found: self._show(walk, *found))

    def _show(self, walk: Walk, suggestion: Suggestion | None, result: Outcome | None) -> None:
        if walk is not self.walk:
            return
        self.suggestion, self.outcome = suggestion, result
        self.ticked = set(result.ticked) if result else set()
        self._draw()
        rows = self.query_one("#options", RowList)
        if suggestion is not None:
            # Enter must not take for an answer what nothing speaks for
            rows.go_to(suggestion.option or "unsure")
        elif result is not None:
            rows.go_to("record")
        rows.focus()

    def _draw(self) -> None:
        rows = self.query_one("#options", RowList)
        self.set_class(self.outcome is not None, "-outcome")
        self.query_one("#asked", Drawn).show(self._head)
        if self.outcome is not None:
            self._draw_outcome(rows, self.outcome)
        elif self.suggestion is not None:
            rows.verb = "Take it"
            rows.show_rows(option_rows(self.walk, self.suggestion), keep=False)
            least, most = self.walk.left
            asked = len(self.walk.given)
            total = f"{asked + least}" if least == most else f"{asked + least} to {asked + most}"
            self.set_title(f"{self.walk.tree.title} › question {asked + 1} of {total}")
        self.refresh_bindings()

    def _draw_outcome(self, rows: RowList, result: Outcome) -> None:
        rows.verb = "Record it, plan the ticked" if self.record is None else "Print"
        changes = [ChangeRow(at, change, change.id in self.ticked) for at, change in enumerate(result.changes, 1)]
        more = f"and {result.more:,} more things alike" if result.more else ""
        done = Line(
            "record", Content.styled("Record this decision" if self.record is None else "Print the record", "bold")
        )
        shown: list[Row] = [heading("CHANGES FOR THIS ACCOUNT", more), *changes] if changes else []
        following = [FollowingRow(one, self.walk.trees[one.tree].title) for one in result.next] if self.record else []
        # what Enter is for stands first: a long list of changes must not push it out of sight
        then: list[Row] = [heading("DECISIONS THAT FOLLOW"), *following] if following else []
        rows.show_rows([done, *then, *shown])
        told = f"recorded as {self.record.number}" if self.record else f"{len(self.ticked)} ticked"
        self.set_title(f"{self.walk.tree.title} › outcome", told)

    def _head(self, width: int) -> Content:
        if self.outcome is not None:
            drawn, self._is_whole = outcome_drawn(self.outcome, width, max(self.app.size.height - 18, 5))
            return drawn
        return question_drawn(self.walk, self.suggestion, width, max(self.app.size.height - 16, 4))

    # Moving

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        row = self.query_one("#options", RowList).row
        detail = self.query_one(Detail)
        if isinstance(row, OptionRow):
            walk, sources = self.walk, self.with_sources
            because = row.suggested
            with_tree = self.app.size.width >= COLUMNS_FOR_THE_TREE
            detail.show(
                Content(clean(row.label)), Content("w 2016, sources"),
                lambda width: about_option(
                    walk, row.id, width, because=because, with_sources=sources, with_tree=with_tree
                ),
            )  # fmt: skip
        elif isinstance(row, FollowingRow):
            detail.show(Content(clean(row.title)), Content(""), lambda width: hanging("then", row.handover.text, width))
        elif isinstance(row, ChangeRow):
            detail.show(
                Content(clean(row.change.title)), Content("undo ready" if row.change.undo else ""),
                lambda width: change_drawn(self.session, row.change, width),
            )  # fmt: skip
        else:
            detail.show(Content(""), Content(""), self._after)

    def _after(self, width: int) -> Content:
        """What stands behind the outcome in full: its price, what must hold, what comes next."""
        from advisor.advice.sentences import sentence_of

        result = self.outcome
        if result is None or self.session.advisor is None:
            return Content("")
        parts: list[Content] = []
        if self.record is not None:
            planned = "The ticked changes are in the plan (8). " if self.ticked else ""
            parts.append(hanging("written", shown_path(Path(self.record.path)), width))
            parts.append(hanging("", f"{planned}e prints the record.", width))
        sentences = tuple(sentence_of(claim, self.session.advisor.knowledge) for claim in result.invariants)
        told: list[tuple[str, tuple[str, ...]]] = [
            ("limits", tuple(limit.text for limit in result.limits)), ("holds if", sentences),
            ("again if", result.revisit), ("then", tuple(one.text for one in result.next)),
        ]  # fmt: skip
        if not self._is_whole:
            told = [("good", result.good), ("bad", result.bad), *told]
            told.append(("not taken", tuple(f"{title}: {why}" for title, why in result.not_chosen)))
        for label, texts in told:
            parts += [hanging(label if at == 0 else "", text, width) for at, text in enumerate(texts)]
        return Content("\n").join(parts)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        if isinstance(message.row, OptionRow):
            self._take(message.row.id)
        elif isinstance(message.row, FollowingRow):
            self._go_on(message.row)
        elif self.record is not None:
            self.action_print()
        else:
            self._record_as_named()

    def _take(self, option: str) -> None:
        try:
            self.walk = self.walk.answer(option)
        except AdvisorError as error:
            self.tell_error(error)
            return
        if self.walk.is_parked:
            self._keep_parked()
            return
        self._consider()

    def _go_on(self, row: FollowingRow) -> None:
        """The next decision, with every answer of this one on offer."""
        self.app.push_screen(WalkScreen(self.session, self.walk.hand_over(row.handover.tree, row.handover.at)))

    def _keep_parked(self) -> None:
        from advisor.decide.state import save_walk

        snapshot = self.session.snapshot
        if snapshot is not None:
            save_walk(self.walk, snapshot.account)
        self.say(f"Left open here. To find out: {clean(self.walk.how_to_find_out)}")
        self.walk = self.walk.resume()

    def action_question_before(self) -> None:
        if not self.walk.given:
            self.say("This is the first question.")
            return
        self.walk = self.walk.back()
        self.outcome = None
        self._consider()

    def action_why(self) -> None:
        self.with_sources = not self.with_sources
        self._show_detail()

    # The outcome

    def action_tick(self) -> None:
        row = self.query_one("#options", RowList).row
        if not isinstance(row, ChangeRow):
            self.say("Space ticks a change.")
            return
        self.ticked ^= {row.change.id}
        self._draw()

    def action_plan(self) -> None:
        """Add the change under the cursor to the plan, whatever becomes of the record."""
        row = self.query_one("#options", RowList).row
        if not isinstance(row, ChangeRow) or not row.change.operations:
            self.say("+ adds a change that can be made to the plan.")
            return
        self.say(self.session.add_to_plan((row.change,)))

    def action_accept(self) -> None:
        """Answer for what a change would mend, instead of making it."""
        row = self.query_one("#options", RowList).row
        if not isinstance(row, ChangeRow):
            self.say("x accepts the risk behind a change.")
            return
        known = self.session.known_findings
        finding = finding_behind(known.findings if known else (), row.change)
        if finding is None:
            self.say("No open finding is behind this change: leave it unticked.")
            return
        accept_risk(self, finding, lambda: self._accepted(row.change))

    def _accepted(self, change: Change) -> None:
        self.ticked.discard(change.id)
        self._draw()
        judge(self)

    def action_preview(self) -> None:
        from screens.preview import preview

        assert self.outcome is not None
        chosen = tuple(change for change in self.outcome.changes if change.id in self.ticked)
        if not chosen:
            self.say("Nothing is ticked: Space ticks a change.")
            return
        preview(self, chosen, self.walk.tree.title)

    def _record_as_named(self) -> None:
        """Record it; before the first record ask once who decides."""
        from advisor.decide.makers import were_asked
        from screens.makers import MakersScreen

        if were_asked():
            self._record()
        else:
            self.app.push_screen(MakersScreen(), self._named)

    def _named(self, answered: bool | None) -> None:
        if answered:
            self._record()

    def action_makers(self) -> None:
        set_makers(self)

    @work(thread=True, exclusive=True, group="record")
    def _record(self) -> None:
        from advisor.decide.makers import configured_makers
        from advisor.decide.record import write_record
        from advisor.decide.state import forget_walk

        advisor = self.session.advisor
        assert advisor is not None
        today = self.session.now.date().isoformat()
        try:
            record = write_record(
                self.walk, advisor, today, decision_makers=configured_makers(), changes=tuple(self.ticked)
            )
            forget_walk(advisor.snapshot.account, self.walk.topic)
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        self.app.call_from_thread(self._recorded, record)

    def _recorded(self, record: Record) -> None:
        assert self.outcome is not None
        self.record = record
        chosen = tuple(change for change in self.outcome.changes if change.id in self.ticked and change.operations)
        added = f" {self.session.add_to_plan(chosen)}" if chosen else ""
        self._draw()
        self.query_one("#options", RowList).go_to("record")
        self.session.announce("records")
        self.say(f"Recorded as {record.number}.{added} e prints it.")

    def action_print(self) -> None:
        if self.record is None:
            self.say("Record it first: Enter on Record this decision.")
            return
        print_record_of(self, self.record)

    def copied(self) -> str:
        if self.record is not None:
            return self.record.path
        return "\n".join(self.outcome.recommendation) if self.outcome else ""
