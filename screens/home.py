"""Home: what the account is, how it stands, what is worst and what to do next."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from screens.base import AdvisorScreen
from screens.coverage_words import unread
from screens.inventory import outsiders
from screens.signs import KINDS, mark
from screens.widgets.bars import clickable
from screens.widgets.pane import Drawn
from screens.widgets.rows import Line, RowList
from screens.wording import count


class HomeScreen(AdvisorScreen):
    """The account at a glance; everything else is one key away."""

    mode = "home"
    purpose = "The account at a glance: what is in it, how it stands against the practices, what is worst and what to do next."
    command = "advisor findings"

    def body(self) -> ComposeResult:
        yield Drawn(self._cards, id="home-cards")
        yield RowList(id="next")

    def __init__(self, session) -> None:  # type: ignore[no-untyped-def]
        super().__init__(session, ("Home",))

    def show_account(self) -> None:
        self.query_one("#home-cards", Drawn).show(self._cards)
        self.query_one("#next", RowList).show_rows(self._rows())

    def _cards(self, width: int) -> Content:
        snapshot = self.session.snapshot
        if snapshot is None:
            return Content(" Nothing is open yet.")
        services = sum(1 for one in outsiders(snapshot) if one.kind == "service")
        kinds = [
            ("user", len(snapshot.users), "user"),
            ("group", len(snapshot.groups), "group"),
            ("role", len(snapshot.roles), "role"),
            ("policy", sum(1 for policy in snapshot.policies if not policy.is_aws_managed), "policy"),
            ("resource", len(snapshot.resources), "resource"),
            ("service", services, "service"),
        ]
        cells = [
            Content.assemble(mark(KINDS[kind]), f" {number:>4,} ", count(number, noun).split(" ", 1)[1])
            for kind, number, noun in kinds
        ]
        left = [cells[0], cells[1], cells[2]]
        right = [cells[3], cells[4], cells[5]]
        lines = [Content.styled(" ACCOUNT", "bold")]
        lines += [
            Content.assemble(" ", one.pad_right(max(18 - one.cell_length, 0)), other)
            for one, other in zip(left, right, strict=True)
        ]
        lines.append(Content.styled(" ASK", "bold"))
        lines.append(clickable(Content.assemble((" a", "bold"), "  Who can … ?"), "app.ask"))
        return Content("\n").join(lines)

    def _rows(self) -> list[Line]:
        rows: list[Line] = []
        if self.session.advisor is not None and (gaps := unread(self.session.advisor)):
            rows.append(
                Line(
                    "coverage",
                    Content.assemble(
                        ("? ", "$is-unknown bold"), f"{count(len(gaps), 'thing')} not read: some answers stay unknown"
                    ),
                    right=Content.styled("c ", "bold"),
                    value="coverage",
                )
            )
        return rows

    async def on_row_list_opened(self, message: RowList.Opened) -> None:
        if message.row.key == "coverage":
            await self.app.run_action("coverage")
