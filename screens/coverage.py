"""Coverage: what was not read, which permission would tell, and what stays unknown because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from screens.base import AdvisorScreen
from screens.coverage_words import not_whole, unread
from screens.widgets.pane import Detail, hanging
from screens.widgets.rows import Line, RowList
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.model.gap import Gap
    from screens.session import Session

_WORDS = {"refused": "AWS refused", "failed": "failed", "absent": "not in this source"}


class CoverageScreen(AdvisorScreen):
    """The gaps, one a row."""

    purpose = "What could not be read, why, what stays unknown because of it, and the permission that settles it."
    command = "advisor permissions collect"

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Coverage",))

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield RowList(id="gaps")
            yield Detail()

    def show_account(self) -> None:
        advisor = self.session.advisor
        gaps = unread(advisor) if advisor else ()
        rows = [
            Line(f"{n}", _told(gap), right=Content.styled(_WORDS.get(gap.kind, gap.kind), "$quiet"), value=gap)
            for n, gap in enumerate(gaps)
        ]
        gaps_shown = self.query_one("#gaps", RowList)
        partly = not_whole(self.session)
        if partly:
            gaps_shown.empty = Content(f"The account is {partly}. What could not be read is told as it is met.")
        else:
            gaps_shown.empty = Content("✓ Everything that was asked for was read.")
        gaps_shown.verb = ""
        gaps_shown.show_rows(rows)
        self.set_title("Coverage", f"{count(len(gaps), 'thing')} not read" if gaps else partly or "all read")

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        if message.row is None:
            return
        gap: Gap = message.row.value  # type: ignore[attr-defined]
        self.query_one(Detail).show(
            Content(clean(gap.call)), Content(_WORDS.get(gap.kind, gap.kind)), lambda width: _whole(gap, width)
        )

    def copied(self) -> str:
        row = self.query_one("#gaps", RowList).row
        return row.value.call if row else ""  # type: ignore[attr-defined]


def _told(gap: Gap) -> Content:
    of = f" {short_name(gap.resource)}" if gap.resource else ""
    call = clean(gap.call) or clean(gap.reason)
    return Content.assemble(("? ", "$is-unknown bold"), f"{call}{of}: {clean(gap.makes_unknown)}")


def _whole(gap: Gap, width: int) -> Content:
    lines = [("unknown", gap.makes_unknown), ("because", gap.reason)]
    if gap.resource:
        lines.append(("of", gap.resource))
    if gap.kind == "refused":
        lines.append(("settled", f"by the permission {gap.call} for whoever reads, then r reads again"))
    return Content("\n").join(hanging(label, text, width) for label, text in lines)
