"""Where an account can come from: the demo, a file, a profile. Shown when nothing was named, and under `@` later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.base import AdvisorScreen
from screens.kept import recent_files, remember_file
from screens.session import Opener, Partial
from screens.widgets.pane import Drawn
from screens.widgets.rows import Line, RowList, heading
from screens.wording import account_in_fours, ago, clean, cut

if TYPE_CHECKING:
    from advisor.account import Advisor, Progress
    from advisor.collect.profiles import Profile
    from advisor.errors import AdvisorError
    from screens.opening import Opening
    from screens.session import Session


@dataclass(frozen=True)
class Place:
    """Where an account comes from, with what opens it."""

    source: str
    opener: Opener


def demo() -> Place:
    return Place("demo", partial(_open, demo=True))


def file(path: str) -> Place:
    return Place(Path(path).name, partial(_open, files=(str(Path(path).expanduser()),)))


def profile(name: str) -> Place:
    return Place(f"profile {name}", partial(_open, profile=name))


def _open(progress: Progress, partly: Partial | None, **where: object) -> Advisor:
    from advisor.account import open_account

    cancel = getattr(progress, "cancel", None)
    ask = getattr(progress, "ask", None)
    return open_account(progress=progress, cancel=cancel, on_partial=partly, mfa_prompt=ask, **where)  # type: ignore[arg-type]


def offers() -> list[Line]:
    """The places to choose from, the easiest first."""
    rows: list[Line] = []
    if find_spec("moto"):
        rows.append(_offer("demo", "Try the demo account", "everything works, nothing is real", demo()))
    rows.append(_offer("file", "Open a file", "an account export or a saved snapshot", None))
    rows += [
        _offer(f"recent {path}", Path(path).name, f"opened before · {cut(clean(path), 40)}", file(path))
        for path in recent_files()
    ]
    rows.append(
        _offer("default", "The credentials in force", "of the environment or the default profile", Place("live", _open))
    )
    return rows


def _offer(key: str, title: str, told: str, place: Place | None) -> Line:
    content = Content.assemble((f"{cut(clean(title), 24):<25}", "bold"), (clean(told), "$quiet"))
    return Line(key, content, value=place)


def _profile_row(found: Profile, now: datetime) -> Line:
    """`acme-prod  sso · expired 2 h ago · run aws sso login …`."""
    told = found.kind + (f" · account {account_in_fours(found.account)}" if found.account else "")
    if not found.signs_in:
        ended = f"expired {ago(found.expires, now)}" if found.expires else "no sign-in is cached"
        told += f" · {ended}" + (f" · run {found.next_command}" if found.next_command else "")
    return _offer(f"profile {found.name}", found.name, told, profile(found.name))


class WelcomeScreen(AdvisorScreen):
    """Offers the places; nothing is called before one is chosen."""

    purpose = "Choose an account. Nothing is called before you choose, and nothing is changed until you arm it."
    command = "advisor --demo · advisor --from FILE · advisor --profile NAME"
    BINDINGS = [
        Binding("escape", "back", "Back", id="welcome.back", show=False),
        Binding("d", "doctor", "Doctor", id="welcome.doctor", tooltip="Check sign-in step by step"),
    ]
    heading = "Welcome"

    def __init__(self, session: Session, opening: Opening, *, failed: AdvisorError | None = None) -> None:
        super().__init__(session, (self.heading,))
        self.opening = opening
        self.failed = failed

    def body(self) -> ComposeResult:
        yield Drawn(self._intro)
        rows = RowList(id="offers")
        rows.verb = "Choose"
        yield rows
        yield Input(placeholder="path of an export (.json, .gz) or a saved snapshot", id="path", compact=True)

    def on_mount(self) -> None:
        self.query_one("#path", Input).display = False
        self.query_one("#offers", RowList).show_rows(offers())
        self._find_profiles()

    @work(thread=True, exclusive=True, group="profiles")
    def _find_profiles(self) -> None:
        from advisor.collect.profiles import list_profiles

        rows = [_profile_row(one, self.session.now) for one in list_profiles()]
        if rows:
            self.app.call_from_thread(self._add, rows)

    def _add(self, rows: list[Line]) -> None:
        self.query_one("#offers", RowList).show_rows([*offers(), heading("PROFILES"), *rows])

    def action_doctor(self) -> None:
        from screens.doctor import DoctorScreen

        self.app.push_screen(DoctorScreen(self.session, ("Doctor",)))

    def _intro(self, width: int) -> Content:
        if self.failed is None:
            return Content(" Nothing is called until you choose.\n")
        lines = [Content.assemble((" × ", "$risk-high bold"), clean(self.failed.message))]
        if self.failed.advice:
            lines.append(Content(f"   {clean(self.failed.advice)}"))
        return Content("\n").join([*lines, Content("   Nothing was opened.\n")])

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        place = message.row.value  # type: ignore[attr-defined]
        if place is None:
            box = self.query_one("#path", Input)
            box.display = True
            box.focus()
            return
        self._choose(place)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "path" and event.value.strip():
            self._choose(file(event.value.strip()))
        else:
            super().on_input_submitted(event)

    def _choose(self, place: Place) -> None:
        if isinstance(place.opener, partial) and (files := place.opener.keywords.get("files")):
            remember_file(files[0])
        self.app.pop_screen()
        self.session.disarm()
        self.session.advisor = None
        self.session.announce("account")
        self.opening.start(place.opener, place.source)

    def action_back(self) -> None:
        if self.session.advisor is None and not isinstance(self.focused, Input):
            self.say("Choose where the account comes from, or q quits.")
            return
        super().action_back()


class SwitcherScreen(WelcomeScreen):
    """The same offers while an account is open."""

    heading = "Accounts"
