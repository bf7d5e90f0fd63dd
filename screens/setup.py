"""Set-up: the playbook of a new account as a checklist; what is done is seen in the account itself."""

from __future__ import annotations

from dataclasses import dataclass
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
from screens.change_words import change_drawn
from screens.reasons import gap_told
from screens.widgets.columns import Column, line
from screens.widgets.pane import Detail, Drawn, hanging
from screens.widgets.rows import RowList
from screens.wording import clean, count

if TYPE_CHECKING:
    from advisor.change.setup import Choices, Playbook, StepStatus
    from advisor.model.change import Change
    from screens.session import Session

COLUMNS = (Column("", 1), Column("", 3), Column("step", share=4), Column("state", share=3))
SIGNS = {
    "done": ("✓", "$holds", "done"), "yours": ("◦", "bold", "yours to do"), "decide": ("◦", "bold", ""),
    "ready": ("+", "$is-allowed", "ready to apply"), "waits": ("·", "$quiet", "waits"),
    "unknown": ("?", "$is-unknown bold", "unknown"), "left-out": ("–", "$quiet", "left out"),
}  # fmt: skip


@dataclass(frozen=True)
class StepRow:
    """One step of the playbook."""

    item: StepStatus
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.item.step.id

    @property
    def text(self) -> str:
        return f"{self.item.step.id} {self.item.step.title} {self.item.status}"

    def draw(self, width: int) -> Content:
        sign, style, _ = SIGNS[self.item.status]
        title = Content(clean(self.item.step.title))
        return line(
            COLUMNS, (Content.styled(sign, style), Content(clean(self.item.step.id)), title, self._state()), width
        )

    def _state(self) -> Content:
        item = self.item
        minutes = f" · {item.step.minutes} min" if item.step.minutes else ""
        offered = "offered · " if item.is_offered and item.status != "done" else ""
        if item.status == "waits":
            return Content.styled(f"{offered}waits for {', '.join(item.waits_for[:3])}", "$quiet")
        if item.status == "unknown":
            return Content.styled(
                f"{gap_told(item.gaps[0])}" if item.gaps else "what would tell was not read", "$is-unknown"
            )
        calls = count(sum(len(change.operations) for change in item.changes), "call")
        told = {
            "done": "found done", "yours": f"by hand{minutes}", "decide": f"decide: {item.step.decide}",
            "ready": f"ready · {calls}", "left-out": "left out",
        }[item.status]  # fmt: skip
        return Content(offered + told)


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
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Set-up",))
        self.book: Playbook | None = None
        self.choices: Choices | None = None

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield RowList(id="steps-list", empty="… being looked at")
                yield Drawn(self._legend, id="setup-legend")
            yield Detail()

    def _legend(self, width: int) -> Content:
        parts = [Content.assemble((sign, style), f" {word}") for sign, style, word in SIGNS.values() if word]
        return Content.assemble(" ", Content("   ").join(parts)).truncate(width, ellipsis=True)

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

        self.choices, self.book = choices, book
        rows = self.query_one("#steps-list", RowList)
        first = not rows.total
        rows.show_rows([StepRow(item) for item in book.steps])
        if first:
            self._to_next()
        told = f"{book.done} of {len(book.asked)} done · about {book.minutes_left} min left"
        self.set_title(f"Set-up › {PROFILES[book.profile]} ▾", told)

    def _to_next(self) -> None:
        """The cursor goes to the first step that is the user's."""
        wanted = ("yours", "decide", "unknown", "ready")
        steps = self.book.asked if self.book else ()
        found = next((item.step.id for item in steps if item.status in wanted), None)
        if found:
            self.query_one("#steps-list", RowList).go_to(found)

    @property
    def item(self) -> StepStatus | None:
        row = self.query_one("#steps-list", RowList).row
        return row.item if isinstance(row, StepRow) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        item = self.item
        if item is not None:
            self.query_one(Detail).show(
                Content(f"{item.step.id} {clean(item.step.title)}"),
                Content(SIGNS[item.status][2] or "yours to decide"),
                lambda width: self._detail(item, width),
            )  # fmt: skip

    def _detail(self, item: StepStatus, width: int) -> Content:
        step = item.step
        parts = [hanging("why", step.why, width)]
        parts += [
            hanging("seen" if at == 0 else "", f"{one.subject}: {one.detail}", width)
            for at, one in enumerate(item.evidence[:4])
        ]
        parts += [hanging("?", f"{gap_told(gap)}: {gap.makes_unknown}", width, "$is-unknown") for gap in item.gaps[:2]]
        parts.append(hanging("cost", f"{step.cost} · can be undone: {step.undo}", width))
        if step.mistake:
            parts.append(hanging("mistake", step.mistake, width))
        parts += [change_drawn(self.session, change, width) for change in item.changes[:2]]
        parts += [hanging("source", one.url, width) for one in step.sources[:2]]
        return Content("\n").join(parts)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        item = self.item
        if item is None:
            return
        if item.status == "decide":
            self._walk(item.step.decide)
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

        preview(self, changes, title)

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
        from advisor.reference.schema.setup import PROFILES

        if self.book is not None:
            names = list(PROFILES)
            self._choose(profile=names[(names.index(self.book.profile) + 1) % len(names)])

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
