"""Preview: what one change or the whole plan does before anything is called, and the way to apply it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens import arming
from screens.base import AdvisorScreen
from screens.preview_words import preview_drawn
from screens.widgets.pane import Drawn
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from screens.session import Session


def preview(screen: AdvisorScreen, changes: tuple[Change, ...], title: str) -> None:
    """Open the preview of some changes."""
    screen.app.push_screen(PreviewScreen(screen.session, changes, title, screen.crumbs))


class PreviewScreen(AdvisorScreen):
    """Diff, calls, access, paths, practices, guards and undo of changes, worked out together."""

    AUTO_FOCUS = "#preview"
    mode = "plan"
    purpose = "What the change does, before anything is called: diff, calls, access, guards, and the way back."
    command = "advisor plan new -o PLAN --findings=ID · advisor plan show PLAN · advisor apply PLAN --account ID"
    BINDINGS = [
        Binding("plus", "plan", "Plan", id="preview.plan", tooltip="Add it to the plan"),
        Binding("f", "give", "Give values", id="preview.give", tooltip="Give the values that the change still needs"),
        Binding("exclamation_mark", "arm", "Arm", id="preview.arm", tooltip="Allow changes for five idle minutes"),
        Binding("A", "apply", "Apply", id="preview.apply", tooltip="Apply the changes (arm first)"),
        Binding("e", "export", "Export", id="preview.export", tooltip="CLI script, Terraform or CloudFormation"),
    ]

    def __init__(self, session: Session, changes: tuple[Change, ...], title: str, trail: tuple[str, ...] = ()) -> None:
        super().__init__(session, (*trail[-1:], f"preview: {clean(title)}"))
        self.changes = changes
        self.found: Preview | None = None
        self.failed = ""

    def body(self) -> ComposeResult:
        with VerticalScroll(id="preview", can_focus=True):
            yield Drawn(self._drawn, id="preview-text")

    def on_mount(self) -> None:
        calls = sum(len(change.operations) for change in self.changes)
        undo = "undo ready" if all(change.reversible for change in self.changes) else "not all can be taken back"
        self.set_title(self.crumbs[-1], f"{count(len(self.changes), 'change')} · {count(calls, 'call')} · {undo}")
        self._work_out()

    def session_changed(self, what: str) -> None:
        if what == "armed":
            self.query_one("#preview-text", Drawn).show(self._drawn)

    @work(thread=True, exclusive=True, group="preview")
    def _work_out(self) -> None:
        from advisor.change.preview import preview as work_out

        worker, advisor = get_current_worker(), self.session.advisor
        if advisor is None:
            return
        found, failed = None, ""
        try:
            found = work_out(advisor, self.changes, access=False, practices=False)
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show, found, "")
            found = work_out(advisor, self.changes, paths=True)
        except AdvisorError as error:
            failed = error.message
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found, failed)

    def _show(self, found: Preview | None, failed: str) -> None:
        if self.is_attached:
            self.found, self.failed = found, failed
            self.query_one("#preview-text", Drawn).show(self._drawn)

    def _drawn(self, width: int) -> Content:
        return preview_drawn(self.session, self.changes, self.found, self.failed, width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return any(change.needs for change in self.changes) if action == "give" else True

    def action_give(self) -> None:
        from screens.needs import give

        give(self, self.changes, self._given)

    def _given(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes
        self.found = None
        self.refresh_bindings()
        self._work_out()

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self.changes))

    def action_arm(self) -> None:
        arming.toggle(self)

    def action_apply(self) -> None:
        from screens.apply import start

        start(self, self.changes, self.found)

    def action_export(self) -> None:
        from screens.export import export_changes

        export_changes(self, self.changes)

    def copied(self) -> str:
        return "\n".join(f"{sign} {text}" for change in self.changes for sign, text in self.session.diff_of(change))
