"""A change in a list, to be ticked: of a decision's outcome, of the plan, and as the base of the cut's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.change import Change


@dataclass(frozen=True)
class ChangeRow:
    """A change with its tick, and how it is made."""

    number: int
    change: Change
    ticked: bool
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.change.id

    @property
    def text(self) -> str:
        return self.change.title

    @property
    def tick(self) -> str:
        return f"[{'x' if self.ticked else ' '}]"

    @property
    def title(self) -> str:
        return f"{self.number} {clean(self.change.title)}"

    @property
    def need(self) -> str:
        """`needs ALLOWED_ROLES`: the first value that is missing; empty where none is."""
        return f"needs {self.change.needs[0][0]}" if self.change.needs else ""

    def draw(self, width: int) -> Content:
        remark = "not possible here" if not self.change.by_hand else "by hand"
        if self.change.operations:
            remark = self.need
        if not remark:
            remark = count(len(self.change.operations), "call")
            remark += "" if self.change.reversible else ", cannot be taken back"
        left = Content(f"{self.tick} {self.title}")
        room = max(width - len(remark) - 1, 10)
        return Content.assemble(left.truncate(room, ellipsis=True, pad=True), " ", (remark, "$quiet"))
