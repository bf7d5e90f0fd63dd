"""Who may become administrator: a list to tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.path_words import risk_of
from screens.reasons import who
from screens.widgets.key_words import KeyWords
from screens.widgets.rows import RowList

if TYPE_CHECKING:
    from screens.session import Session


@dataclass(frozen=True)
class PersonRow:
    arn: str
    ticked: bool
    risk: Content
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.arn

    @property
    def text(self) -> str:
        return who(self.arn)

    def draw(self, width: int) -> Content:
        tick, room = f"[{'x' if self.ticked else ' '}] ", " " * (5 - self.risk.cell_length)
        return Content.assemble(tick, self.risk, room, who(self.arn)).truncate(width, ellipsis=True)


class TolerateScreen(ModalScreen[tuple[str, ...] | None]):
    """Gives back the ARNs of those who are tolerated."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "Back", id="tolerate.back"),
        Binding("space", "tick", "Tick", id="tolerate.tick"),
    ]

    def __init__(self, session: Session, arns: list[str], chosen: tuple[str, ...]) -> None:
        super().__init__()
        self.session = session
        self.arns = arns
        self.chosen = set(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Who may become administrator? Their paths are left alone.", markup=False)
            yield RowList(self._rows(), id="people", empty="Nobody else can become administrator.")
            yield KeyWords("Space Tick   ↵ Cut again with these   Esc Leave it")

    def _rows(self) -> list[PersonRow]:
        return [PersonRow(arn, arn in self.chosen, risk_of(self.session, arn)) for arn in self.arns]

    def action_tick(self) -> None:
        rows = self.query_one("#people", RowList)
        if rows.row is not None:
            self.chosen ^= {rows.row.key}
            rows.show_rows(self._rows())

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.dismiss(tuple(arn for arn in self.arns if arn in self.chosen))
