"""Preview: what a change (or several) does before anything is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.change_words import call_told, diff_line
from screens.reasons import who
from screens.widgets.pane import Drawn
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.model.change import Change
    from advisor.model.difference import AccessChange, Difference
    from screens.session import Session


def preview(screen: AdvisorScreen, changes: tuple[Change, ...], title: str) -> None:
    """Open the preview of some changes."""
    screen.app.push_screen(PreviewScreen(screen.session, changes, title, screen.crumbs))


class PreviewScreen(AdvisorScreen):
    """Diff, calls, access and undo of changes."""

    AUTO_FOCUS = "#preview"
    mode = "findings"
    purpose = "What the change does, before anything is called: diff, calls, access gained and lost, and the way back."
    command = "advisor plan new -o PLAN --findings=ID · advisor plan show PLAN"
    BINDINGS = [
        Binding("plus", "plan", "Plan", id="preview.plan", tooltip="Add it to the plan"),
        Binding("escape", "back", "Back", id="preview.back", show=False),
    ]

    def __init__(self, session: Session, changes: tuple[Change, ...], title: str, trail: tuple[str, ...] = ()) -> None:
        super().__init__(session, (*trail[-1:], f"preview: {clean(title)}"))
        self.changes = changes
        self.difference: Difference | None = None
        self.failed = ""

    def body(self) -> ComposeResult:
        with VerticalScroll(id="preview", can_focus=True):
            yield Drawn(self._drawn, id="preview-text")

    def on_mount(self) -> None:
        calls = sum(len(change.operations) for change in self.changes)
        undo = "undo ready" if all(change.reversible for change in self.changes) else "not all can be taken back"
        self.set_title(self.crumbs[-1], f"{count(len(self.changes), 'change')} · {count(calls, 'call')} · {undo}")
        self._compare()

    @work(thread=True, exclusive=True, group="preview")
    def _compare(self) -> None:
        from advisor.account import Advisor
        from advisor.model.effects import apply_to

        advisor = self.session.advisor
        if advisor is None or not any(change.operations for change in self.changes):
            return
        try:
            after = Advisor((apply_to(self.changes, advisor.snapshot), *advisor.snapshots[1:]), strict=advisor.strict)
            difference = advisor.difference(after)
        except AdvisorError as error:
            self.app.call_from_thread(self._show, None, error.message)
            return
        self.app.call_from_thread(self._show, difference, "")

    def _show(self, difference: Difference | None, failed: str) -> None:
        self.difference, self.failed = difference, failed
        self.query_one("#preview-text", Drawn).show(self._drawn)

    def _drawn(self, width: int) -> Content:
        lines: list[Content] = []
        for change in self.changes:
            lines += self._change(change)
        lines += [*self._access(), *self._undo()]
        lines.append(Content.styled(" READ-ONLY: nothing is called.", "bold"))
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)

    def _change(self, change: Change) -> list[Content]:
        lines = [Content.assemble((" DIFF     ", "$quiet"), (clean(change.title), "bold"))]
        lines += [diff_line(sign, text) for sign, text in self.session.diff_of(change)]
        for at, step in enumerate(change.by_hand, 1):
            lines.append(
                Content.assemble((" BY HAND  " if at == 1 else "          ", "$quiet"), f"{at}. {clean(step)}")
            )
        for at, operation in enumerate(change.operations, 1):
            lines.append(
                Content.assemble((" CALLS    " if at == 1 else "          ", "$quiet"), f"{at} {call_told(operation)}")
            )
        if change.note:
            lines.append(Content.assemble((" NOTE     ", "$quiet"), clean(change.note)))
        return [*lines, Content("")]

    def _access(self) -> list[Content]:
        label = Content.styled(" ACCESS   ", "$quiet")
        if self.failed:
            return [Content.assemble(label, ("? ", "$is-unknown bold"), clean(self.failed))]
        if self.difference is None:
            return [Content.assemble(label, "… being compared")] if any(c.operations for c in self.changes) else []
        gained, lost = self.difference.gained, self.difference.lost
        lines = [Content.assemble(label, ("gained ", "bold"), f"{_actions(gained):,}"), *_changed("+", gained)]
        lines += [Content.assemble("          ", ("lost   ", "bold"), f"{_actions(lost):,}"), *_changed("-", lost)]
        if self.difference.verdict == "unknown":
            lines.append(Content.assemble("          ", ("? ", "$is-unknown bold"), clean(self.difference.reason)))
        return [*lines, Content("")]

    def _undo(self) -> list[Content]:
        calls = [operation for change in self.changes for operation in change.undo]
        return [
            Content.assemble((" UNDO     " if at == 1 else "          ", "$quiet"), f"{at} {call_told(operation)}")
            for at, operation in enumerate(calls, 1)
        ]

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self.changes))

    def copied(self) -> str:
        return "\n".join(f"{sign} {text}" for change in self.changes for sign, text in self.session.diff_of(change))


def _actions(changes: tuple[AccessChange, ...]) -> int:
    return sum(len(change.actions) for change in changes)


def _changed(sign: str, changes: tuple[AccessChange, ...]) -> list[Content]:
    lines = [
        diff_line(sign, f"{who(change.principal)}: {', '.join(change.actions[:3])}{_more(change)} on {change.resource}")
        for change in changes[:12]
    ]
    rest = len(changes) - len(lines)
    return [*lines, Content(f"            and {rest:,} more")] if rest > 0 else lines


def _more(change: AccessChange) -> str:
    return f" +{len(change.actions) - 3}" if len(change.actions) > 3 else ""
