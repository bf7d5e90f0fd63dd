"""The steps of the set-up in words: rows, detail, the menu of profiles, what looking again found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from advisor.change.setup_answers import ProfileChange
from advisor.reference.schema.setup import PROFILES
from screens.change_words import change_drawn
from screens.reasons import gap_told
from screens.widgets.columns import Column, line
from screens.widgets.key_words import KeyWords
from screens.widgets.pane import hanging
from screens.widgets.rows import Line, RowList
from screens.wording import clean, count, day

if TYPE_CHECKING:
    from advisor.change.setup import StepStatus
    from screens.session import Session

COLUMNS = (Column("", 1), Column("", 2), Column("step"), Column("state", 21))
ROOMY = (*COLUMNS[:-1], Column("state", 36))
"""From so wide a list on that titles keep their room."""
SIGNS = {
    "done": ("✓", "$holds", "done"), "yours": ("◦", "bold", "yours to do"), "decide": ("◦", "bold", ""),
    "ready": ("+", "$is-allowed", "ready"), "waits": ("·", "$quiet", "waits"),
    "unknown": ("?", "$is-unknown bold", "unknown"), "left-out": ("–", "$quiet", "left out"),
}  # fmt: skip


@dataclass(frozen=True)
class StepRow:
    """One step of the playbook; `numbers` are those of all steps, for what it waits for."""

    item: StepStatus
    numbers: dict[str, int] = field(default_factory=dict, compare=False)
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
        number = Content(f"{self.item.number:>2}")
        columns = ROOMY if width >= 100 else COLUMNS
        return line(columns, (Content.styled(sign, style), number, title, self._state()), width)

    def _state(self) -> Content:
        item = self.item
        minutes = f" · {item.step.minutes} min" if item.step.minutes else ""
        offered = "offered · " if item.is_offered and item.status != "done" else ""
        if item.status == "waits":
            return Content.styled(f"{offered}waits for {waits_told(item, self.numbers)}", "$quiet")
        if item.status == "unknown" and not item.needs:
            return Content.styled("was not read" if item.gaps else "the account cannot tell", "$is-unknown")
        if lacks_values(item):
            return Content(f"{offered}yours: {count(len(item.needs), 'value')}")
        calls = count(sum(len(change.operations) for change in item.changes), "call")
        told = {
            "done": f"you said so, {day(item.said)}" if item.said else "found done",
            "yours": f"by hand{minutes}", "decide": f"decide: {item.step.decide}",
            "ready": f"ready · {calls}", "left-out": "left out",
        }[item.status]  # fmt: skip
        return Content(offered + told)


def waits_told(item: StepStatus, numbers: dict[str, int]) -> str:
    """`1, 4 …`: the numbers of the steps that come first."""
    told = ", ".join(str(numbers.get(id, id)) for id in item.waits_for[:3])
    return f"{told} …" if len(item.waits_for) > 3 else told


def lacks_values(item: StepStatus) -> bool:
    """Whether its calls are known but for what a person must say."""
    return item.status in ("yours", "unknown") and bool(item.needs)


def legend(width: int) -> Content:
    parts = [Content.assemble((sign, style), f" {word}") for sign, style, word in SIGNS.values() if word]
    for gap in ("   ", "  ", " "):
        told = Content.assemble(" ", Content(gap).join(parts))
        if told.cell_length <= width:
            return told
    return told.truncate(width, ellipsis=True)


def step_drawn(session: Session, item: StepStatus, width: int) -> Content:
    """What the step is for, what was seen, what it costs, and its change."""
    step = item.step
    parts = [hanging("why", step.why, width)]
    parts += [
        hanging("seen" if at == 0 else "", f"{one.subject}: {one.detail}", width)
        for at, one in enumerate(item.evidence[:4])
    ]
    parts += [hanging("?", f"{gap_told(gap)}: {gap.makes_unknown}", width, "$is-unknown") for gap in item.gaps[:2]]
    parts += [
        hanging("value", f"{words} ({template}.{name}): f gives it", width, "bold")
        for template, name, words in item.needs
    ]
    parts.append(hanging("cost", f"{step.cost} · can be undone: {step.undo}", width))
    if item.asks:
        parts.append(hanging("confirm", f"{item.asks} r says that it is so", width, "bold"))
    if item.said:
        parts.append(
            hanging("said", f"{item.step.confirm or item.step.title} You, on {item.said}; r takes it back", width)
        )
    if step.mistake:
        parts.append(hanging("mistake", step.mistake, width))
    parts += [change_drawn(session, change, width) for change in item.changes[:2]]
    parts += [hanging("source", one.url, width) for one in step.sources[:2]]
    parts.append(hanging("id", f"{step.id}, for advisor setup", width, "$quiet"))
    return Content("\n").join(parts)


class ProfileScreen(ModalScreen[str | None]):
    """Whom the account is for: other profiles have other steps, so each says which come and go."""

    AUTO_FOCUS = "#profiles"
    BINDINGS = [Binding("escape", "dismiss(None)", "Leave it", id="profile.back")]

    def __init__(self, changes: tuple[ProfileChange, ...]) -> None:
        super().__init__()
        self.changes = changes
        self.current = changes[0].before

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("For whom is the account set up? It decides which steps there are.", markup=False)
            yield RowList([self._row(change) for change in self.changes], id="profiles")
            yield Static("", id="profile-words", markup=False)
            yield Static("What was left out, said and given is kept. v changes the profile later.", markup=False)
            yield KeyWords("↵ Take it   j k Choose   Esc Leave it")

    def _row(self, change: ProfileChange) -> Line:
        now = "now · " if change.after == self.current else ""
        return Line(
            change.after,
            Content(PROFILES[change.after]),
            right=Content(f"{now}{change.done} of {change.asked} done"),
            value=change,
        )

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        change = message.row.value if isinstance(message.row, Line) else None
        words = change.words.partition("; ")[2] if isinstance(change, ProfileChange) else ""
        self.query_one("#profile-words", Static).update(
            Content(f"Against now it {words}." if words else "As it is now.")
        )

    def on_mount(self) -> None:
        self.query_one("#profiles", RowList).go_to(self.current)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.dismiss(message.row.key)
