"""Preview: what one change or the whole plan does before anything is called, and the way to apply it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens import arming
from screens.base import AdvisorScreen
from screens.preview_words import TABS, preview_drawn, summary_told
from screens.widgets.choices import choices
from screens.widgets.pane import Drawn, Pane
from screens.wording import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from screens.session import Session


def preview(
    screen: AdvisorScreen, changes: tuple[Change, ...], title: str, check: Callable[[], None] | None = None
) -> None:
    """Open the preview of some changes; `check` looks again for what is done by hand."""
    screen.app.push_screen(PreviewScreen(screen.session, changes, title, screen.crumbs, check))


def in_order(session: Session, changes: tuple[Change, ...]) -> tuple[tuple[Change, ...], str]:
    """The changes, each made on the account as those before it leave it, and what to tell of one that cannot be."""
    from advisor.change.sequence import in_order as behind

    if session.advisor is None or len(changes) < 2:
        return changes, ""
    choice = behind(session.advisor, changes)
    if not choice.changes:
        return changes, ""  # the preview says what is in the way
    told = [f"Left out: {clean(one.change.title)} {clean(one.reason)}" for one in choice.left_out[:1]]
    more = f" (and {len(choice.left_out) - 1} more)" if len(choice.left_out) > 1 else ""
    return choice.changes, "".join(told) + more


class PreviewScreen(AdvisorScreen):
    """Diff, calls, access, paths, practices, guards and undo of changes, worked out together."""

    AUTO_FOCUS = "#preview"
    mode = "plan"
    purpose = "What the change does, before anything is called: diff, calls, access, guards, and the way back."
    command = "advisor plan new -o PLAN --findings=ID · advisor plan show PLAN · advisor apply PLAN --account ID"
    BINDINGS = [
        Binding("right_square_bracket", "tab(1)", "Next part", id="preview.next"),
        Binding("left_square_bracket", "tab(-1)", "Part before", id="preview.before", show=False),
        Binding("plus", "plan", "Plan", id="preview.plan", tooltip="Add it to the plan"),
        Binding("f", "give", "Give values", id="preview.give", tooltip="Give the values that the change still needs"),
        Binding("exclamation_mark", "arm", "Arm", id="preview.arm", tooltip="Allow changes for five idle minutes"),
        Binding("A", "apply", "Apply", id="preview.apply", tooltip="Apply the changes (arm first)"),
        Binding("e", "export", "Export", id="preview.export", tooltip="CLI script, Terraform or CloudFormation"),
        Binding("r", "check", "I did it, check", id="preview.check", tooltip="Read the account again"),
        Binding("u", "undo", "Undo", id="preview.undo", show=False),
    ]

    def __init__(
        self,
        session: Session,
        changes: tuple[Change, ...],
        title: str,
        trail: tuple[str, ...] = (),
        check: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(session, (*trail[-1:], f"preview: {clean(title)}"))
        self.asked = changes
        self.changes, self.left_out = in_order(session, changes)
        self.found: Preview | None = None
        self.failed = ""
        self.tab = TABS[0]
        self.check = check

    def body(self) -> ComposeResult:
        yield Drawn(self._tabs_drawn, id="views")
        with Pane(id="preview"):
            yield Drawn(self._drawn, id="preview-text")

    def show_account(self) -> None:
        self._entitle()
        self._work_out()
        self._tell_left_out()

    def _tell_left_out(self) -> None:
        if self.left_out:
            self.say(self.left_out)

    def _entitle(self) -> None:
        """What it comes to stands right and is not cut; the name gives way."""
        self.set_title(self.crumbs[-1], summary_told(self.changes))

    def _tabs_drawn(self, width: int) -> Content:
        return choices(TABS, TABS.index(self.tab), "screen.show_tab({})")

    def action_tab(self, step: int) -> None:
        self.action_show_tab((TABS.index(self.tab) + step) % len(TABS))

    def action_show_tab(self, at: int) -> None:
        self.tab = TABS[at]
        self.query_one("#views", Drawn).show(self._tabs_drawn)
        self._redraw()
        self.query_one("#preview").scroll_home(animate=False)

    def _redraw(self) -> None:
        self.query_one("#preview-text", Drawn).show(self._drawn)

    def session_changed(self, what: str) -> None:
        super().session_changed(what)
        if what == "armed":
            self._redraw()
        self.refresh_bindings()

    @work(thread=True, exclusive=True, group="preview")
    def _work_out(self) -> None:
        from advisor.change.preview import preview as work_out
        from advisor.change.validated import validated

        worker, advisor = get_current_worker(), self.session.advisor
        # what lacks a value has no effect that could be told, and what is done by hand makes no call
        changes = tuple(change for change in self.changes if change.operations and not change.needs)
        if advisor is None or not changes:
            return
        found, failed = None, ""
        try:
            found = work_out(advisor, changes, access=False, practices=False)
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show, found, "")
            found = work_out(advisor, changes, paths=True)
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show, found, "")
            found = validated(found, advisor)
        except AdvisorError as error:
            failed = error.message
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found, failed)

    def _show(self, found: Preview | None, failed: str) -> None:
        if self.is_attached:
            self.found, self.failed = found, failed
            self._redraw()

    def _drawn(self, width: int) -> Content:
        room = max(self.query_one("#preview").size.height, 12)
        return preview_drawn(
            self.session, self.changes, self.found, self.failed, width, tab=self.tab, room=room
        )  # fmt: skip

    @property
    def makes_calls(self) -> bool:
        return any(change.operations for change in self.changes)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "give":
            return any(change.needs for change in self.changes)
        if action in ("plan", "arm", "apply", "export") and not self.makes_calls:
            return False
        if action == "plan":
            known = {change.id for change in self.session.plan}
            return not all(change.id in known for change in self.changes)
        if action == "check":
            return any(change.by_hand for change in self.changes)
        return True

    def why_not(self, action: str) -> str:
        if action in ("apply", "export", "arm") and not self.makes_calls:
            return "There is no call in this: what is left is done by hand."
        if action == "arm" and not self.session.is_armed:
            return arming.why_not(self.session)
        if action == "apply" and not self.session.is_armed:
            return arming.why_not(self.session) or "Arm the account first: !"
        if action in ("apply", "export") and any(change.needs for change in self.changes):
            return "A value is still needed: f gives it."
        if action == "undo":
            return "Nothing of this is applied. What was applied is taken back in 8 Plan › Journal."
        return ""

    def action_give(self) -> None:
        from screens.needs import give

        give(self, self.asked, self._given)

    def _given(self, changes: tuple[Change, ...]) -> None:
        self.asked = changes
        self.changes, self.left_out = in_order(self.session, changes)
        self._tell_left_out()
        self.found = None
        self._entitle()
        self._redraw()
        self.refresh_bindings()
        self._work_out()

    def action_plan(self) -> None:
        self.say(self.session.add_to_plan(self.asked))
        self.refresh_bindings()

    def action_undo(self) -> None:
        self.say(self.why_not("undo"))

    def action_check(self) -> None:
        if self.check is not None:
            self.app.pop_screen()
            self.check()
            return
        self.say("Reading the account again.")
        self.app.opening.again()  # type: ignore[attr-defined]

    def action_arm(self) -> None:
        arming.toggle(self)

    def action_apply(self) -> None:
        from screens.apply import start

        start(self, self.changes, self.found)

    def action_export(self) -> None:
        from screens.export import export_changes

        if self.why_not("export"):
            self.say(self.why_not("export"))
        else:
            export_changes(self, self.changes)

    def copied(self) -> str:
        return "\n".join(f"{sign} {text}" for change in self.changes for sign, text in self.session.diff_of(change))
