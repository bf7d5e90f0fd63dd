"""Set-up: the playbook of a new account as a checklist; what is done is seen in the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.setup_words import SIGNS, ProfileScreen, StepRow, lacks_values, legend, looked_again, step_drawn
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.change.setup import Choices, Playbook, StepStatus
    from advisor.model.change import Change
    from screens.session import Session

_OPEN = ("yours", "decide", "unknown")


class SetupScreen(AdvisorScreen):
    """The checklist with the selected step."""

    mode = "setup"
    purpose = "A new account, step by step. What is done is found in the account; by hand: do it, then r looks again."
    command = "advisor setup status · setup plan · setup apply"
    BINDINGS = [
        Binding("space", "leave_out", "Leave out", id="setup.leave_out"),
        Binding("p", "preview", "Preview all", id="setup.preview", tooltip="Preview every change that is ready"),
        Binding("r", "check", "I did it, check", id="setup.check", tooltip="Read the account again"),
        Binding("v", "profile", "Profile", id="setup.profile", tooltip="One person, a small team, several accounts"),
        Binding("f", "give", "Give values", id="setup.give", tooltip="Give the values that the step still needs"),
        Binding("e", "write", "Export", id="setup.write", tooltip="The record of the set-up as a file"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Set-up",))
        self.book: Playbook | None = None
        self.choices: Choices | None = None
        self.checking = ""
        """The step of which the account is being read again."""

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield RowList(id="steps-list", empty="… being looked at")
                yield Drawn(legend, id="setup-legend")
            yield Detail()

    def show_account(self) -> None:
        if self.session.can_judge:
            self._look()

    def session_changed(self, what: str) -> None:
        if what in ("account", "records"):
            self.show_account()

    @work(thread=True, exclusive=True, group="setup")
    def _look(self) -> None:
        from advisor.change.setup import load_choices, playbook

        worker, advisor = get_current_worker(), self.session.advisor
        if advisor is None:
            return
        try:
            choices = self.choices or load_choices(advisor.snapshot.account)
            choices = msgspec.structs.replace(choices, decided=_decided(advisor.snapshot.account))
            book = playbook(advisor, choices)
        except AdvisorError as error:
            self.app.call_from_thread(self.tell_error, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, choices, book)

    def _show(self, choices: Choices, book: Playbook) -> None:
        from advisor.reference.schema.setup import PROFILES

        before = self.item
        self.choices, self.book = choices, book
        rows = self.query_one("#steps-list", RowList)
        first = not rows.total
        numbers = {item.step.id: item.number for item in book.steps}
        rows.show_rows([StepRow(item, numbers) for item in book.steps])
        here = next((one for one in book.steps if before and one.step.id == before.step.id), None)
        if first or (before and here and here.status != before.status and here.status not in (*_OPEN, "left-out")):
            self._to_next()
        told = f"{book.done} of {len(book.asked)} done · about {book.minutes_left} min left"
        self.set_title(f"Set-up › {PROFILES[book.profile]} ▾", told)
        self._tell_check()

    def _tell_check(self) -> None:
        """What reading again found of the step that was said to be done."""
        if not self.checking or self.session.reading is None or not self.session.reading.finished:
            return
        found = next((one for one in self.book.steps if one.step.id == self.checking), None) if self.book else None
        self.checking = ""
        if found is not None:
            self.say(looked_again(found))

    def _to_next(self) -> None:
        """The cursor goes to the first step that is the user's; what is ready waits for `p`."""
        steps = self.book.asked if self.book else ()
        mine = [item for item in steps if item.status in _OPEN or lacks_values(item)]
        ready = [item for item in steps if item.status == "ready"]
        if mine or ready:
            self.query_one("#steps-list", RowList).go_to((mine or ready)[0].step.id)

    @property
    def item(self) -> StepStatus | None:
        row = self.query_one("#steps-list", RowList).row
        return row.item if isinstance(row, StepRow) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        item = self.item
        if item is not None:
            self.query_one(Detail).show(
                Content(f"{item.number} {clean(item.step.title)}"),
                Content("needs a value" if lacks_values(item) else SIGNS[item.status][2] or "yours to decide"),
                lambda width: step_drawn(self.session, item, width),
            )  # fmt: skip

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        item = self.item
        if item is None:
            return
        if item.status == "decide":
            self._walk(item.step.decide)
        elif lacks_values(item):
            self.action_give()
        elif item.changes:
            self._preview(item.changes, item.step.title)
        else:
            self.query_one(Detail).focus()

    def _walk(self, topic: str) -> None:
        from advisor.decide.state import load_walk
        from advisor.decide.walk import Walk
        from screens.walk import WalkScreen

        advisor = self.session.advisor
        if advisor is None:
            return
        try:
            left = load_walk(advisor.snapshot.account, topic, advisor.knowledge)
            walk = left or Walk.start(topic, folders=advisor.knowledge)
        except AdvisorError as error:
            self.tell_error(error)
            return
        self.app.push_screen(WalkScreen(self.session, walk.resume()))

    def _preview(self, changes: tuple[Change, ...], title: str) -> None:
        from screens.preview import preview

        preview(self, changes, title, check=self.action_check)

    def action_preview(self) -> None:
        from advisor.change.setup import changes_of

        ready = changes_of(self.book) if self.book else ()
        if ready:
            self._preview(ready, "what is ready")
        else:
            self.say("Nothing is ready to apply: what is left is yours to do or to decide.")

    def action_leave_out(self) -> None:
        item, choices = self.item, self.choices
        if item is None or choices is None:
            return
        if item.is_offered:
            self._choose(wanted=_toggled(choices.wanted, item.step.id))
        else:
            self._choose(left_out=_toggled(choices.left_out, item.step.id))

    def action_profile(self) -> None:
        from advisor.change.setup import steps_of
        from advisor.reference.schema.setup import PROFILES

        book, advisor = self.book, self.session.advisor
        if book is None or advisor is None:
            return
        profiles = {
            id: (words, sum(1 for step in steps_of(advisor, id) if book.kind is None or book.kind in step.kinds))
            for id, words in PROFILES.items()
        }
        self.app.push_screen(ProfileScreen(profiles, book.profile), self._take_profile)

    def _take_profile(self, profile: str | None) -> None:
        if profile is not None and self.book is not None and profile != self.book.profile:
            self._choose(profile=profile)

    def why_not(self, action: str) -> str:
        item = self.item
        if action == "give" and (item is None or not item.needs):
            return "This step needs no value."
        if action == "preview" and not (self.book and any(one.status == "ready" for one in self.book.asked)):
            return "Nothing is ready to apply: what is left is yours to do or to decide."
        return ""

    def action_write(self) -> None:
        from advisor.change.setup_record import as_markdown
        from screens.write import WriteScreen

        book, advisor = self.book, self.session.advisor
        if book is None or advisor is None:
            return
        menu = WriteScreen(
            "set-up",
            {"markdown": ("Markdown", "md")},
            f"iam-setup-{book.account}",
            lambda _: as_markdown(book, advisor),
        )
        self.app.push_screen(menu, lambda told: self.say(told) if told else None)

    def _choose(self, **chosen: object) -> None:
        from advisor.change.setup import save_choices

        snapshot = self.session.snapshot
        if self.choices is None or snapshot is None:
            return
        self.choices = msgspec.structs.replace(self.choices, **chosen)
        save_choices(snapshot.account, self.choices)
        self._look()

    def action_give(self) -> None:
        from screens.needs import NeedsScreen

        item = self.item
        if item is None or not item.needs:
            self.say("This step needs no value.")
            return
        needs = {name: words for _, name, words in item.needs}
        self.app.push_screen(NeedsScreen(needs), lambda given: self._given(item, given))

    def _given(self, item: StepStatus, given: dict[str, tuple[str, ...]] | None) -> None:
        if not given or self.choices is None:
            return
        values = {template: dict(kept) for template, kept in self.choices.values.items()}
        for template, name, _ in item.needs:
            if given.get(name):
                one = given[name]
                values.setdefault(template, {})[name] = one[0] if len(one) == 1 else list(one)
        self._choose(values=values)

    def action_check(self) -> None:
        self.checking = self.item.step.id if self.item else ""
        self.say("Reading the account again.")
        self.app.opening.again()  # type: ignore[attr-defined]

    def copied(self) -> str:
        return f"{self.item.step.id} {self.item.step.title}" if self.item else ""


def _toggled(ids: tuple[str, ...], id: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != id) if id in ids else (*ids, id)


def _decided(account: str) -> tuple[str, ...]:
    """Topics with a record in force for this account."""
    from advisor.decide.record import listing

    records = listing()
    return tuple(dict.fromkeys(one.front.topic for one in records if one.is_in_force and one.front.account == account))
