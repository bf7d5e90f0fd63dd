"""Set-up: the playbook of a new account as a checklist; what is done is seen in the account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from advisor.errors import AdvisorError
from screens.base import AdvisorScreen
from screens.confirm import ConfirmScreen
from screens.setup_words import SIGNS, ProfileScreen, StepRow, lacks_values, legend, step_drawn
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import RowList
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.change.setup import Choices, Playbook, StepStatus
    from advisor.change.setup_answers import ProfileChange
    from advisor.model.change import Change
    from screens.session import Session
    from screens.walk import WalkScreen

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
        self.checking: StepStatus | None = None
        """The step of which the account is being read again, as it was before."""
        self.walking: WalkScreen | None = None
        """The decision that was opened from here: when it is recorded the way leads back."""
        self.was_asked = False
        """Whether the profile was asked for; it is asked once, and kept."""

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
        if what == "records" and self.walking is not None and self.walking is self.app.screen:
            told = f"Recorded as {self.walking.record.number}." if self.walking.record else ""
            self.walking = None
            self.app.pop_screen()
            self.say(told)

    def on_screen_resume(self) -> None:
        self._ask_profile()

    def _look(self) -> None:
        from advisor.change.setup import load_choices, playbook

        advisor = self.session.advisor
        if advisor is None:
            return

        def find() -> tuple[Choices, Playbook]:
            choices = self.choices or load_choices(advisor.snapshot.account)
            return choices, playbook(advisor, choices)

        self.in_background("setup", find, lambda found: self._show(*found))

    def _show(self, choices: Choices, book: Playbook) -> None:
        from advisor.reference.schema.setup import PROFILES

        before = self.item
        self.choices, self.book = choices, book
        rows = self.query_one("#steps-list", RowList)
        first = not rows.total
        is_over = before is not None and _is_over(before, book)
        numbers = {item.step.id: item.number for item in book.steps}
        rows.show_rows([StepRow(item, numbers) for item in book.steps])
        if first or is_over:
            self._to_next(before.number if before is not None else 0)
        told = f"{book.done} of {len(book.asked)} done · about {book.minutes_left} min left"
        self.set_title(f"Set-up › {PROFILES[book.profile]} ▾", told)
        self._tell_check()

        self._ask_profile()

    def _tell_check(self) -> None:
        """What reading again found of the step that was said to be done; what it cannot show is asked."""
        from advisor.change.setup_answers import told

        before, snapshot = self.checking, self.session.snapshot
        if before is None or self.book is None or snapshot is None:
            return
        if self.session.reading is None or not self.session.reading.finished:
            return
        self.checking = None
        now = next((one for one in self.book.steps if one.step.id == before.step.id), None)
        if now is None:
            return
        self.say(clean(told(before, now, snapshot.taken_at)))
        if now.asks:
            self._ask_word(now)

    def _to_next(self, here: int) -> None:
        """The cursor goes to the next step that is the user's, from the top on after the last; `p` is for the ready."""
        steps = self.book.asked if self.book else ()
        steps = (*(one for one in steps if one.number > here), *(one for one in steps if one.number <= here))
        mine = [item for item in steps if item.status in _OPEN]
        ready = [item for item in steps if item.status == "ready"]
        last = [item for item in self.book.asked[-1:] if item.status == "done"] if self.book else []
        if mine or ready or last:
            self.query_one("#steps-list", RowList).go_to((mine or ready or last)[0].step.id)

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

    def action_back(self) -> None:
        """Enter on a step that only tells led to its words: Esc leads back to the list."""
        if self.query_one(Detail).has_focus:
            self.query_one("#steps-list", RowList).focus()
        else:
            super().action_back()

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
        self.walking = WalkScreen(self.session, walk.resume(), opened_from="Set-up")
        self.app.push_screen(self.walking)

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

    def _ask_profile(self) -> None:
        """Once, when the steps are there: for whom the account is set up. The account suggests it."""
        is_new = self.choices is not None and self.choices.profile is None
        if is_new and not self.was_asked and self.app.screen is self:
            self.was_asked = True
            self.action_profile()

    def action_profile(self) -> None:
        from advisor.change.setup_answers import profile_changes

        advisor, choices = self.session.advisor, self.choices
        if advisor is not None and choices is not None:
            self.in_background("profiles", lambda: profile_changes(advisor, choices), self._offer_profiles)

    def _offer_profiles(self, changes: tuple[ProfileChange, ...]) -> None:
        def taken(profile: str | None) -> None:
            for one in changes:
                if one.after == profile:
                    self._keep(one.choices)

        self.app.push_screen(ProfileScreen(changes), taken)

    def why_not(self, action: str) -> str:
        item = self.item
        if action == "give" and (item is None or not item.needs):
            return "This step needs no value."
        if action == "preview" and not (self.book and any(one.status == "ready" for one in self.book.asked)):
            return "Nothing is ready to apply: what is left is yours to do or to decide."
        return ""

    def action_write(self) -> None:
        from advisor.change.setup_record import print_setup
        from screens.write import WriteScreen

        book, advisor = self.book, self.session.advisor
        if book is None or advisor is None:
            return
        menu = WriteScreen(
            "set-up",
            {"pdf": ("PDF", "pdf"), "html": ("HTML", "html"), "md": ("Markdown", "md")},
            f"iam-setup-{book.account}",
            lambda format: print_setup(book, advisor, format),
        )
        self.app.push_screen(menu, lambda told: self.say(told) if told else None)

    def _choose(self, **chosen: object) -> None:
        if self.choices is not None:
            self._keep(msgspec.structs.replace(self.choices, **chosen))

    def _keep(self, choices: Choices) -> None:
        from advisor.change.setup import save_choices

        snapshot = self.session.snapshot
        if snapshot is None:
            return
        self.choices = choices
        try:
            save_choices(snapshot.account, choices)
        except AdvisorError as error:
            self.tell_error(error)
        self._look()

    def action_give(self) -> None:
        from screens.needs import NeedsScreen

        item = self.item
        if item is None or not item.needs:
            self.say("This step needs no value.")
            return
        titles = {change.template: change.title for change in item.changes if change.needs}
        needs = {
            f"{template}.{name}": f"{titles[template]}: {words}" if len(titles) > 1 else words
            for template, name, words in item.needs
        }
        self.app.push_screen(NeedsScreen(needs), lambda given: self._given(item, given))

    def _given(self, item: StepStatus, given: dict[str, tuple[str, ...]] | None) -> None:
        if not given or self.choices is None:
            return
        values = {template: dict(kept) for template, kept in self.choices.values.items()}
        for template, name, _ in item.needs:
            if one := given.get(f"{template}.{name}"):
                values.setdefault(template, {})[name] = one[0] if len(one) == 1 else list(one)
        self._choose(values=values)

    def action_check(self) -> None:
        """I did it: what the account can show is read again, for the rest the user's word is asked."""
        item = self.item
        if item is None:
            return
        if item.said:
            self._ask_back(item)
        elif item.asks and item.status in ("yours", "unknown"):
            self._ask_word(item)
        else:
            self._read_again(item)

    def _read_again(self, item: StepStatus) -> None:
        self.checking = item
        self.say("Reading the account again.")
        self.app.opening.again()  # type: ignore[attr-defined]

    def _ask_word(self, item: StepStatus) -> None:
        told = [f"{item.number} {item.step.title}", "The account cannot show this; the record will say that you did:"]
        question = ConfirmScreen([*told, item.asks], "It is so", "Not yet", other="Read again")

        def answered(answer: str | None) -> None:
            if answer is None:
                return
            if question.took_other:
                self._read_again(item)
            else:
                self._say_so(item)

        self.app.push_screen(question, answered)

    def _say_so(self, item: StepStatus) -> None:
        from advisor.change.setup_answers import confirm

        if self.book is None or self.choices is None:
            return
        try:
            self._keep(confirm(self.book, self.choices, item.step.id, self.session.now.date().isoformat()))
        except AdvisorError as error:
            self.tell_error(error)

    def _ask_back(self, item: StepStatus) -> None:
        from advisor.change.setup_answers import take_back

        choices = self.choices
        told = [f"{item.number} {item.step.title}", f"You said so on {item.said}: {item.step.confirm}"]

        def answered(answer: str | None) -> None:
            if answer is not None and choices is not None:
                self._keep(take_back(choices, item.step.id))

        self.app.push_screen(ConfirmScreen(told, "Take it back", "It is so"), answered)

    def copied(self) -> str:
        return f"{self.item.step.id} {self.item.step.title}" if self.item else ""


def _toggled(ids: tuple[str, ...], id: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != id) if id in ids else (*ids, id)


def _is_over(before: StepStatus, book: Playbook) -> bool:
    """Whether nothing is left for the user to do at the step where the cursor stands."""
    now = next((one for one in book.steps if one.step.id == before.step.id), None)
    is_open = now is not None and now.status in _OPEN
    return now is None or (now.status != before.status and not is_open)
