"""Where an account can come from: the demo, a file, a profile. Shown when nothing was named, and under `@` later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Input

from screens.base import AdvisorScreen
from screens.kept import recent_files, remember_file
from screens.session import Opener, Partial
from screens.widgets.pane import Detail, Drawn, hanging
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
    opener: Opener | None
    """`None`: a path is asked for first."""
    told: tuple[tuple[str, str], ...] = ()
    """What to know of it before it is chosen."""


_READ_ONLY = ("reads", "only what `advisor permissions collect` names (c); nothing is written before you arm it")
_DEMO = (
    ("what", "the account of a small company, with good and bad habits, on this machine alone"),
    ("try", "change it, break it, take it back: nothing is real, and it is new at each start"),
    ("needs", "no AWS account, no credentials, no network"),
)
_FILE = (
    ("export", "aws iam get-account-authorization-details > account.json, run by anybody who may"),
    ("snapshot", "advisor collect -o account.snapshot.gz, which holds more: resources, organization, use"),
    ("holds", "no secret; .gz is unpacked; nothing is called"),
)
_DEFAULT = (
    ("signs in", "with the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID, …) or the profile `default`"),
    ("none yet?", "aws login, or aws configure sso: then come back here. d says step by step what is missing"),
    _READ_ONLY,
)


def demo() -> Place:
    return Place("demo", partial(_open, demo=True), _DEMO)


def file(path: str) -> Place:
    told = (("file", str(path)), *_FILE[2:])
    return Place(Path(path).name, partial(_open, files=(str(Path(path).expanduser()),)), told)


def profile(name: str) -> Place:
    return Place(f"profile {name}", partial(_open, profile=name))


def _open(progress: Progress, partly: Partial | None, **where: object) -> Advisor:
    from advisor.account import open_account

    cancel = getattr(progress, "cancel", None)
    ask = getattr(progress, "ask", None)
    return open_account(progress=progress, cancel=cancel, on_partial=partly, mfa_prompt=ask, **where)  # type: ignore[arg-type]


def offers(now: datetime) -> list[Line]:
    """The places to choose from, the easiest first."""
    rows: list[Line] = []
    if find_spec("moto"):
        rows.append(_offer("demo", "Try the demo account", "everything works, nothing is real", demo()))
    rows.append(_offer("file", "Open a file", "an account export or a saved snapshot", Place("a file", None, _FILE)))
    rows += [_offer(f"recent {path}", Path(path).name, _written(path, now), file(path)) for path in recent_files()]
    default = Place("live", _open, _DEFAULT)
    rows.append(_offer("default", "The credentials in force", "of the environment or the default profile", default))
    return rows


def _written(path: str, now: datetime) -> str:
    """`opened before · written 3 d ago`."""
    written = datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    return f"opened before · written {ago(written.isoformat(), now)}"


def _offer(key: str, title: str, told: str, place: Place | None) -> Line:
    content = Content.assemble((f"{cut(clean(title), 24):<25}", "bold"), (clean(told), "$quiet"))
    return Line(key, content, value=place)


def _profile_row(found: Profile, now: datetime) -> Line:
    """`acme-prod  sso · expired 2 h ago · run aws sso login …`."""
    told = found.kind + (f" · account {account_in_fours(found.account)}" if found.account else "")
    if not found.signs_in:
        ended = f"expired {ago(found.expires, now)}" if found.expires else "no sign-in is cached"
        told += f" · {ended}" + (f" · run {found.next_command}" if found.next_command else "")
    place = profile(found.name)
    how = (("next", found.next_command or "Enter signs in"), _READ_ONLY)
    return _offer(f"profile {found.name}", found.name, told, Place(place.source, place.opener, how))


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
        self._found_none = False
        """Whether no profile is configured on this machine."""

    def body(self) -> ComposeResult:
        yield Drawn(self._intro, id="intro")
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                rows = RowList(id="offers")
                rows.verb = "Choose"
                yield rows
            yield Detail()
        yield Input(placeholder="path of an export (.json, .gz) or a saved snapshot", id="path", compact=True)

    def on_mount(self) -> None:
        self.query_one("#path", Input).display = False
        self.set_title(self.heading)
        self.query_one("#offers", RowList).show_rows(offers(self.session.now))
        self.in_background("profiles", self._profiles, self._add)

    def _profiles(self) -> list[Line]:
        from advisor.collect.profiles import list_profiles

        return [_profile_row(one, self.session.now) for one in list_profiles()]

    def _add(self, rows: list[Line]) -> None:
        """The profiles that there are; without any, that no sign-in was found."""
        if rows:
            self.query_one("#offers", RowList).show_rows([*offers(self.session.now), heading("PROFILES"), *rows])
        self._found_none = not rows
        self.query_one("#intro", Drawn).show(self._intro)

    def action_doctor(self) -> None:
        from screens.doctor import DoctorScreen

        self.app.push_screen(DoctorScreen(self.session, ("Doctor",)))

    def _intro(self, width: int) -> Content:
        if self.failed is None:
            none = "No AWS sign-in was found. " if self._found_none and self.session.advisor is None else ""
            return Content(f" {none}Nothing is called until you choose.\n")
        lines = [Content.assemble((" × ", "$risk-high bold"), clean(self.failed.message))]
        if self.failed.advice:
            lines.append(Content(f"   {clean(self.failed.advice)}"))
        return Content("\n").join([*lines, Content("   Nothing was opened.\n")])

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        place = getattr(message.row, "value", None)
        if isinstance(place, Place):
            title = Content(clean(place.source))
            told = place.told
            self.query_one(Detail).show(
                title, Content(""), lambda width: Content("\n").join(hanging(*one, width) for one in told)
            )

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        place = message.row.value  # type: ignore[attr-defined]
        if place.opener is None:
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
