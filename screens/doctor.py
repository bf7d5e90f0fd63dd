"""Doctor: sign-in and set-up of this machine, step by step, each with the next thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from screens.base import AdvisorScreen
from screens.widgets.rows import Line, RowList
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.collect.doctor import Check

_SIGNS = {
    "ok": ("✓", "$holds"), "warning": ("!", "$risk-some bold"), "failed": ("×", "$fails bold"),
    "skipped": ("·", "$quiet"),
}  # fmt: skip


class DoctorScreen(AdvisorScreen):
    """The checks, one a row."""

    purpose = "Why signing in does not work: each step is checked, and what is wrong says what to run next."
    command = "advisor doctor"

    def body(self) -> ComposeResult:
        rows = RowList(id="checks", empty="… being checked")
        rows.verb = ""
        yield rows

    def on_mount(self) -> None:
        self.set_title("Doctor")
        from advisor.collect.doctor import examine

        self.in_background("doctor", lambda: tuple(examine()), self._show)

    def _show(self, checks: tuple[Check, ...]) -> None:
        self.query_one("#checks", RowList).show_rows([row for check in checks for row in _rows(check)])

    def copied(self) -> str:
        row = self.query_one("#checks", RowList).row
        return row.text.strip() if row else ""


def _rows(check: Check) -> list[Line]:
    sign, style = _SIGNS[check.status]
    found = [Line(check.id, Content.assemble((sign, style), f" {check.title:<18} {clean(check.detail)}"))]
    if check.next_command:
        found.append(Line(f"{check.id} next", Content.assemble("    run  ", (clean(check.next_command), "bold"))))
    return found
