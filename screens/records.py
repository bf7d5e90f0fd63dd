"""Records: the decisions that were taken, and whether what they rest on still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.makers import set_makers
from screens.markdown import markdown_drawn
from screens.signs import RECORDS, mark
from screens.widgets.choices import Legend
from screens.widgets.columns import Column, head, line
from screens.widgets.pane import Detail, Drawn, Pane, hanging
from screens.widgets.rows import RowList
from screens.wording import account_in_fours, clean, count, day, short_name

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.decide.record import Record, Verified
    from advisor.model.snapshot import Snapshot
    from screens.session import Session

MOST_NAMED = 5
COLUMNS = (
    Column("", 1),
    Column("", 4),
    Column("decision", share=3),
    Column("decided", 11, least=70),
    Column("holds", share=4),
)


@dataclass(frozen=True)
class RecordRow:
    """A record with what was found when it was checked; another account's is not checked."""

    record: Record
    verified: Verified | None
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.record.number

    @property
    def text(self) -> str:
        return f"{self.record.number} {self.record.front.title} {self.record.front.topic}"

    def draw(self, width: int) -> Content:
        front = self.record.front
        cells = (
            mark(RECORDS[self.verified.standing if self.verified else "not-in-force"]),
            Content(front.number),
            Content(clean(front.title)),
            Content(day(front.date)),
            self.holds(),
        )
        return line(COLUMNS, cells, width)

    def holds(self) -> Content:
        found = self.verified
        if found is None:
            return Content.styled(f"account {account_in_fours(self.record.front.account)}", "$quiet")
        if found.standing == "not-in-force":
            front = self.record.front
            told = f"superseded by {front.superseded_by}" if front.superseded_by else front.status
            return Content.styled(clean(told), "$quiet")
        if found.standing == "holds":
            return Content(found.words)
        return Content.styled(found.words, RECORDS[found.standing].style)


class RecordsScreen(AdvisorScreen):
    """The list, newest first."""

    mode = "records"
    purpose = "Decisions as files: what was decided, on which evidence, and whether it still holds. e prints one."
    command = "advisor record list · record print N --format pdf · record verify"
    BINDINGS = [
        Binding("e", "print", "Print", id="records.print"),
        Binding("r", "check", "Check again", id="records.check"),
        Binding("b", "makers", "Decided by", id="records.makers", show=False, tooltip="Who decides, for new records"),
        Binding("s", "supersede", "Supersede", id="records.supersede", tooltip="Decide it again; the old one is kept"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Records",))

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                rows = RowList(id="records", head=lambda width: head(COLUMNS, width), empty="…")
                rows.verb = "Read"
                yield rows
                yield Legend()
            yield Detail()

    def show_account(self) -> None:
        self._read()

    def session_changed(self, what: str) -> None:
        if what in ("account", "records"):
            self._read()

    def _read(self) -> None:
        from advisor.decide.record import listing, verify

        advisor = self.session.advisor if not self.session.is_partial else None

        def find() -> list[RecordRow]:
            records = listing()
            verified = {one.path: one for one in verify(advisor, records)} if advisor else {}
            return [RecordRow(record, verified.get(record.path)) for record in records]

        def show(found: list[RecordRow]) -> None:
            self._show(found)
            if advisor is not None and any(map(_is_broken, found)):
                self.in_background("history", lambda: _with_since(advisor, found), self._show)

        self.workers.cancel_group(self, "history")
        self.in_background("records", find, show)

    def _show(self, found: list[RecordRow]) -> None:
        rows = self.query_one("#records", RowList)
        rows.empty = Content("No decision is recorded yet. 2 Decide walks one; its record is kept in ~/iam-records.")
        rows.show_rows(found)
        self.query_one(Legend).show(tuple(RECORDS.values()) if found else ())
        self.set_title("Records", f"{count(len(found), 'record')} · checked just now" if found else "")

    @property
    def record(self) -> Record | None:
        row = self.query_one("#records", RowList).row
        return row.record if isinstance(row, RecordRow) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        row = message.row
        if isinstance(row, RecordRow):
            self.query_one(Detail).show(
                Content(f"{row.record.number} {clean(row.record.front.title)}"),
                Content(""),
                lambda width: _detail(row, width),
            )

    def why_not(self, action: str) -> str:
        needs_record = action in ("print", "supersede")
        return "There is no record yet. 2 Decide makes one." if needs_record and self.record is None else ""

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        assert isinstance(message.row, RecordRow)
        self.app.push_screen(RecordScreen(self.session, message.row.record))

    def action_print(self) -> None:
        if self.record is None:
            self.say("There is no record to print yet. 2 Decide makes one.")
            return
        from screens.printing import print_record_of

        print_record_of(self, self.record)

    def action_check(self) -> None:
        self._read()
        self.say("Checked again on the account as it was read.")

    def action_makers(self) -> None:
        set_makers(self)

    def action_supersede(self) -> None:
        if self.record is None or self.session.advisor is None:
            self.say("There is no record to supersede.")
            return
        from advisor.decide.record import supersede_walk
        from screens.walk import WalkScreen

        try:
            walk = supersede_walk(self.record, [str(folder) for folder in self.session.advisor.knowledge])
        except AdvisorError as error:
            self.tell_error(error)
            return
        self.app.push_screen(WalkScreen(self.session, walk))

    def copied(self) -> str:
        return self.record.path if self.record else ""


def _is_broken(row: RecordRow) -> bool:
    return row.verified is not None and bool(row.verified.no_longer)


def _with_since(advisor: Advisor, rows: list[RecordRow]) -> list[RecordRow]:
    """The rows; those that hold no more with since when, as far as saved snapshots tell."""
    from advisor.decide.record import verify

    history = _history(advisor.snapshot)
    broken = [row.record for row in rows if _is_broken(row)]
    told = {one.path: one for one in verify(advisor, broken, history)} if history else {}
    return [RecordRow(row.record, told.get(row.record.path, row.verified)) for row in rows]


def _history(now: Snapshot) -> list[Advisor]:
    """The saved snapshots of this account that were opened lately: they tell since when a decision holds no more."""
    from advisor.account import open_account
    from screens.kept import recent_files

    found = []
    for path in recent_files():
        try:
            found.append(open_account([path]))
        except AdvisorError:  # moved, damaged, or no account any more
            continue
    return [one for one in found if one.snapshot.account == now.account]


def _detail(row: RecordRow, width: int) -> Content:
    front = row.record.front
    lines = [
        ("decided", f"{day(front.date)} by {', '.join(front.decision_makers) or 'not named'}"),
        ("snapshot", f"{front.snapshot.digest.removeprefix('sha256:')[:8]} of {day(front.snapshot.taken_at)}"),
        ("file", row.record.path),
    ]
    parts = [hanging(label, text, width) for label, text in lines]
    for one in row.verified.checks if row.verified else ():
        assert row.verified is not None
        sign = RECORDS[row.verified.standing_of(one)]
        reason = row.verified.words_of(one)
        parts.append(
            hanging(
                "holds if", f"{sign.char} {clean(one.sentence)}{f' · {reason}' if reason else ''}", width, sign.style
            )
        )
        found = row.verified.since_of(one)
        shown = found.through[:MOST_NAMED] if found else ()
        parts += [hanging("", f"through {short_name(item.subject)}: {item.detail}", width) for item in shown]
        if found and len(found.through) > MOST_NAMED:
            parts.append(hanging("", f"and {len(found.through) - MOST_NAMED} more", width))
        parts.append(hanging("", clean(one.claim), width, "$quiet"))
    return Content("\n").join(parts)


class RecordScreen(AdvisorScreen):
    """A record to read."""

    AUTO_FOCUS = "#text"
    mode = "records"
    purpose = "The record as it is written. e prints it."
    command = "advisor record show N"
    BINDINGS = [
        Binding("e", "print", "Print", id="record.print"),
    ]

    def __init__(self, session: Session, record: Record) -> None:
        super().__init__(session, ("Records", f"{record.number} {record.front.title}"))
        self.record = record

    def body(self) -> ComposeResult:
        with Pane(id="text"):
            yield Drawn(lambda width: markdown_drawn(self.record.body, width - 2))

    def show_account(self) -> None:
        self.set_title(self.crumbs[-1], self.record.front.status)

    def action_print(self) -> None:
        from screens.printing import print_record_of

        print_record_of(self, self.record)

    def copied(self) -> str:
        return self.record.body
