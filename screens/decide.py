"""Decide: the decisions, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.signs import WALKS, mark
from screens.widgets.choices import Legend
from screens.widgets.columns import Column, head, line
from screens.widgets.pane import Detail, hanging
from screens.widgets.rows import RowList
from screens.wording import clean, day

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.decide.record import Record
    from advisor.decide.walk import Walk
    from advisor.reference.schema.decisions import Decision
    from screens.session import Session

COLUMNS = (Column("decision", share=2), Column("where it stands", share=1), Column("record", 8, least=70))


@dataclass(frozen=True)
class Topic:
    """One decision with the walk that was left in it and the record that stands."""

    tree: Decision
    walk: Walk | None = None
    record: Record | None = None
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.tree.id

    @property
    def text(self) -> str:
        return f"{self.tree.title} {self.tree.question}"

    def stands(self) -> Content:
        if self.walk is not None:
            asked = len(self.walk.given)
            word = (
                "left open"
                if self.walk.is_parked
                else "at its outcome"
                if self.walk.is_done
                else f"question {asked + 1}"
            )
            return Content.assemble(mark(WALKS["begun"]), (f" {word}", "bold"))
        if self.record is not None:
            return Content.assemble(mark(WALKS["decided"], word=True), f" {day(self.record.front.date)}")
        return mark(WALKS["not-begun"], word=True)

    def draw(self, width: int) -> Content:
        number = f"{self.record.number}" if self.record else ""
        return line(COLUMNS, (Content(clean(self.tree.title)), self.stands(), Content(number)), width)


class DecideScreen(AdvisorScreen):
    """The list of decisions."""

    mode = "decide"
    purpose = "Decisions about access, each with the account's evidence. Enter walks one; your answers are kept."
    command = "advisor decide TOPIC"

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Decide",))

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                rows = RowList(id="topics", head=lambda width: head(COLUMNS, width), empty="…")
                rows.verb = "Walk"
                yield rows
                yield Legend(tuple(WALKS.values()))
            yield Detail()

    def show_account(self) -> None:
        if self.session.advisor is not None:
            self.in_background("topics", lambda: topics_of(self.session), self._show)

    def session_changed(self, what: str) -> None:
        if what in ("account", "records"):
            self.show_account()

    def on_screen_resume(self) -> None:
        self.show_account()

    def _show(self, topics: list[Topic]) -> None:
        self.query_one("#topics", RowList).show_rows(topics)
        done = sum(1 for topic in topics if topic.record)
        self.set_title("Decide", f"{done} of {len(topics)} decided")

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        topic = message.row
        if not isinstance(topic, Topic):
            return
        tree = topic.tree
        told = [
            ("asks", tree.question),
            ("now", tree.now),
            ("2016", tree.then),
            ("since", tree.since),
            ("because", tree.why),
        ]
        self.query_one(Detail).show(
            Content(clean(tree.title)),
            Content(""),
            lambda width: Content("\n").join(hanging(label, text, width) for label, text in told if text),
        )

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        from screens.walk import WalkScreen

        topic = message.row
        assert isinstance(topic, Topic)
        from advisor.decide.state import load_walk
        from advisor.decide.walk import Walk

        advisor = self.session.advisor
        folders = advisor.knowledge if advisor else ()
        try:
            left = topic.walk or (load_walk(advisor.snapshot.account, topic.tree.id, folders) if advisor else None)
        except AdvisorError as error:  # a newer version left it
            self.tell_error(error)
            return
        walk = left or Walk.start(topic.tree.id, folders=folders)
        self.app.push_screen(WalkScreen(self.session, walk.resume()))


def topics_of(session: Session) -> list[Topic]:
    """Every decision with where it stands in the open account."""
    from advisor.decide.record import listing
    from advisor.decide.trees import trees

    advisor = session.advisor
    assert advisor is not None
    account = advisor.snapshot.account
    standing = {one.front.topic: one for one in reversed(listing()) if one.is_in_force and one.front.account == account}
    return [Topic(tree, _left(advisor, id), standing.get(id)) for id, tree in trees(advisor.knowledge).items()]


def _left(advisor: Advisor, topic: str) -> Walk | None:
    """The walk that was left; one of a newer version is told when it is opened, and hides no other."""
    from advisor.decide.state import load_walk

    try:
        return load_walk(advisor.snapshot.account, topic, advisor.knowledge)
    except AdvisorError:
        return None
