"""Home: what the account is, how it stands, what is worst and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens.base import AdvisorScreen
from screens.coverage_words import unread
from screens.finding_words import FindingRow, finding_drawn
from screens.inventory import outsiders
from screens.judged import recommended
from screens.outlook import Outlook, look_ahead
from screens.signs import ADMINISTRATOR, BECOMES, KINDS, PRACTICES, SEVERITIES, mark
from screens.widgets.bars import clickable
from screens.widgets.choices import Legend
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import Line, Row, RowList, blank, heading, spread
from screens.wording import count, plural_of

if TYPE_CHECKING:
    from advisor.model.finding import Finding, Findings
    from screens.session import Session

WORST = 3
_SEVERITY = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True)
class Next:
    """A row that leads on: to a mode, with words for what is to be done there."""

    mode: str


@dataclass(frozen=True)
class Sentence(Line):
    """What to do next; where there is no room for it, in short."""

    short: str = ""

    def draw(self, width: int) -> Content:
        needs = self.content.cell_length + (self.right.cell_length if self.right else 0) + 1
        return spread(self.content if needs <= width else Content(self.short), self.right, width)


class HomeScreen(AdvisorScreen):
    """The account at a glance; everything else is one key away."""

    mode = "home"
    purpose = (
        "The account at a glance: what is in it, how it stands against the practices, what is worst, what to do next."
    )
    command = "advisor findings"
    BINDINGS = [
        Binding("p", "preview", "Preview", id="home.preview", tooltip="Preview the recommended change"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, ("Home",))
        self._outlook = Outlook(
            "Decide how people sign in, and what follows from it", "Set up the account step by step"
        )
        self._judged = False
        """Whether the findings are on the screen: when they come, the cursor goes to the worst."""

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left wider"):
                yield Drawn(self._cards, id="home-cards")
                yield RowList(id="next")
                yield Drawn(self._unread, id="home-unread")
                yield Legend((*SEVERITIES.values(), *KINDS.values()))
            yield Detail()

    def why_not(self, action: str) -> str:
        finding = self._finding()
        if action == "preview" and (finding is None or not finding.changes):
            return "There is no change to preview here: choose one of the findings."
        return ""

    def show_account(self) -> None:
        self._draw()
        if self.session.can_judge:
            self._judge()

    def session_changed(self, what: str) -> None:
        if what == "account":
            self.show_account()
        elif what in ("findings", "paths", "cut"):
            self._draw()

    def on_screen_resume(self) -> None:
        """A walk or a step may have gone on elsewhere."""
        if self.session.known_findings is not None:
            self.in_background("ahead", lambda: look_ahead(self.session), self._show_outlook)

    def _judge(self) -> None:
        """Findings, then what they leave to do, the paths, the cut: each is shown when it is there."""
        session = self.session

        def found(what: str, then: Callable[[], None]) -> Callable[[object], None]:
            def tell(_: object) -> None:
                session.announce(what)
                then()

            return tell

        def ahead() -> None:
            self.in_background("ahead", lambda: look_ahead(session), self._show_outlook)
            self.in_background("paths", session.paths, found("paths", cheapest))

        def cheapest() -> None:
            if session.known_paths is not None and session.known_paths.paths:
                self.in_background("cut", session.cut, found("cut", lambda: None))

        self.in_background("findings", session.findings, found("findings", ahead))

    def _show_outlook(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._draw()

    def _draw(self) -> None:
        first = not self._judged and self.session.known_findings is not None
        self._judged = self.session.known_findings is not None
        self.query_one("#home-cards", Drawn).show(self._cards)
        self.query_one("#home-unread", Drawn).show(self._unread)
        rows = self.query_one("#next", RowList)
        rows.show_rows(self._rows(), keep=not first)
        if first:
            rows.action_ends(-1)

    # The cards

    def _cards(self, width: int) -> Content:
        from screens.asking import first_example

        if self.session.snapshot is None:
            return Content(" Nothing is open yet.")
        column = 40 if width >= 79 else 36
        left, right = self._holdings(), self._standing(min(width - column - 1 if width >= 70 else width - 2, 38))
        if width < 70:
            lines = [*left, *(Content.assemble(" ", line) for line in right)]
        else:
            pairs = zip([*left, *[Content("")] * len(right)], [*right, *[Content("")] * len(left)], strict=False)
            lines = [
                Content.assemble(one.pad_right(max(column - one.cell_length, 1)), other)
                for one, other in list(pairs)[: max(len(left), len(right))]
            ]
        ask = clickable(Content.assemble((" a", "bold"), "  Who can … ?"), "app.ask")
        hint = (
            Content.styled(f"try: {first_example(self.session.snapshot)} · delete users", "$quiet")
            if width >= 70
            else Content("")
        )
        lines += [
            Content.styled(" ASK", "bold"),
            Content.assemble(ask.pad_right(max(column - ask.cell_length, 1)), hint).truncate(width, ellipsis=True),
        ]
        return Content("\n").join(lines)

    def _holdings(self) -> list[Content]:
        snapshot = self.session.snapshot
        assert snapshot is not None
        services = sum(1 for one in outsiders(snapshot) if one.kind == "service")
        own_policies = sum(1 for policy in snapshot.policies if not policy.is_aws_managed)
        cells = [
            _counted("user", len(snapshot.users)), _counted("policy", own_policies),
            _counted("group", len(snapshot.groups)), _counted("resource", len(snapshot.resources)),
            _counted("role", len(snapshot.roles)), _counted("service", services),
        ]  # fmt: skip
        rows = zip(cells[::2], cells[1::2], strict=True)
        title = Content.styled(" ACCOUNT", "bold")
        return [
            title,
            *(Content.assemble(" ", one.pad_right(max(18 - one.cell_length, 1)), other) for one, other in rows),
        ]

    def _standing(self, width: int) -> list[Content]:
        findings = self.session.known_findings
        if findings is None:
            return [Content.styled("PRACTICES", "bold"), Content.styled("… being checked", "$quiet")]
        holds, fails, unknown = (
            sum(1 for one in findings.practices if one.status == status) for status in ("holds", "fails", "unknown")
        )
        gap = "  " if width >= 38 else " "
        signs = Content.assemble(
            (f"PRACTICES{gap}", "bold"), (f"✓ {holds} hold", "$holds"), gap, (f"× {fails} do not", "$fails"),
            *((gap, (f"? {unknown}", "$is-unknown bold")) if unknown else ()),
        )  # fmt: skip
        return [
            signs,
            _bar(holds, fails, unknown, width),
            *(one.truncate(width, ellipsis=True) for one in self._powers()),
        ]

    def _powers(self) -> list[Content]:
        """Administrators, and who can become one: certain, then perhaps."""
        found = self.session.known_paths
        if found is None:
            return []
        statuses: dict[str, set[str]] = {}
        for path in found.paths:
            statuses.setdefault(path.source, set()).add(path.status)
        sure = sum(1 for one in statuses.values() if one & {"open", "conditional"})
        perhaps, kept = len(statuses) - sure, len(statuses.keys() & set(self.session.tolerated))
        return [
            Content.assemble(mark(ADMINISTRATOR), f" {count(len(found.admins), 'administrator')}"),
            Content.assemble(
                (BECOMES.char[0], BECOMES.style),
                f" {sure} can become one",
                (f", {perhaps} perhaps" if perhaps else "", "$is-unknown"),
                (f" ({kept} tolerated)" if kept else "", "$quiet"),
            ),
        ]

    def _unread(self, width: int) -> Content:
        advisor = self.session.advisor
        gaps = unread(advisor) if advisor else ()
        if not gaps:
            return Content("")
        then = ": what hangs on them stays unknown" if width >= 70 else ""
        left = Content.assemble((" ? ", "$is-unknown bold"), f"{count(len(gaps), 'thing')} not read{then}")
        right = Content.assemble(("c", "bold"), " Coverage ")
        return clickable(spread(left, right, width), "app.coverage")

    # The list

    def _rows(self) -> list[Row]:
        findings = self.session.known_findings
        rows: list[Row] = []
        if findings is not None:
            rows += self._worst(findings)
        return [*rows, *self._next(findings)]

    def _worst(self, findings: Findings) -> list[Row]:
        opened = [one for one in findings.findings if one.status == "open"]
        if not opened:
            unknown = sum(1 for one in findings.practices if one.status == "unknown")
            told = f"None open. {count(len(findings.practices), 'practice')} checked, {unknown} unknown."
            return [heading("WORST FIRST"), Line("none", Content.assemble(("✓ ", "$holds"), told), selectable=False)]
        worst = sorted(opened, key=lambda one: (_SEVERITY[one.severity], _is_unfinished(one)))[:WORST]
        return [
            heading("WORST FIRST", f"5  all {len(opened)}"),
            *(FindingRow(one, lambda: self.is_wide) for one in worst),
        ]

    def _next(self, findings: Findings | None) -> list[Row]:
        steps = [
            Sentence(
                f"next {mode}",
                Content(told),
                right=Content.assemble((f"{key} ", "bold"), title),
                value=Next(mode),
                short=short,
            )
            for told, short, key, mode, title in self._steps(findings)
        ]
        return [blank("2"), heading("NEXT"), *steps] if steps else []

    def _steps(self, findings: Findings | None) -> list[tuple[str, str, str, str, str]]:
        """(what to do, the same in short, key, mode, name of the mode), only of modes that there are."""
        there = {mode: (key, title) for key, mode, title in getattr(self.app, "mode_tabs", ())}
        wanted: list[tuple[str, str, str]] = []
        opened = sum(1 for one in findings.findings if one.status == "open") if findings else 0
        if opened:
            told = f"Go through {count(opened, 'open finding')}"
            wanted.append((f"{told}, each with its change", told, "findings"))
        from advisor.graph.paths import parted

        paths = self.session.known_paths
        to_close = parted(paths.paths, self.session.tolerated)[0] if paths else ()
        if to_close:
            cut = self.session.known_cut
            closes = count(len(to_close), "path")
            if cut:
                whole = cut.closes == cut.paths
                closes = f"all {count(cut.paths, 'path')}" if whole else f"{cut.closes} of {count(cut.paths, 'path')}"
            by = f" with {count(len(cut.changes), 'change')}" if cut else ""
            wanted.append((f"Close {closes} to administrators{by}", f"Close {closes}{by}", "paths"))
        wanted += [
            (told, told.partition(":")[0], mode)
            for told, mode in ((self._outlook.decide, "decide"), (self._outlook.setup, "setup"))
        ]
        wanted.append(("Walk through principals, policies and resources", "Walk through the account", "explore"))
        return [
            (told, short, there[mode][0], mode, there[mode][1])
            for told, short, mode in wanted
            if told and mode in there
        ]

    def _finding(self) -> Finding | None:
        from advisor.model.finding import Finding

        rows = self.query("#next")
        row = rows.first(RowList).row if rows else None
        value = getattr(row, "value", None)
        return value if isinstance(value, Finding) else None

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        finding = self._finding()
        self.refresh_bindings()
        detail = self.query_one(Detail)
        if finding is not None and self.session.advisor is not None:
            title, right, draw = finding_drawn(self.session, finding)
            detail.show(title, right, draw)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        finding = self._finding()
        if finding is not None:
            self.session.wanted_finding = finding.id
            self.app.call_later(self.app.run_action, "go('findings')")
            return
        step = getattr(message.row, "value", None)
        if isinstance(step, Next):
            self.app.call_later(self.app.run_action, f"go('{step.mode}')")

    def copied(self) -> str:
        """The finding, else the account's id as AWS writes it."""
        finding, snapshot = self._finding(), self.session.snapshot
        return finding.title if finding is not None else snapshot.account if snapshot is not None else ""

    def command_here(self) -> str:
        return "advisor findings"

    def action_preview(self) -> None:
        finding = self._finding()
        if finding is not None:
            from screens.preview import preview

            preview(self, recommended(finding), finding.title)


def _is_unfinished(finding: Finding) -> bool:
    """Its change needs a value that only a person can give: what can be done at once comes first."""
    return not finding.changes or any(change.needs for change in finding.changes)


def _counted(kind: str, number: int) -> Content:
    return Content.assemble(mark(KINDS[kind]), f" {number:>4,} {kind if number == 1 else plural_of(kind)}")


def _bar(holds: int, fails: int, unknown: int, width: int) -> Content:
    """Holding, failing and unknown as lengths; what is there is never drawn as nothing."""
    total = max(holds + fails + unknown, 1)
    room = max(width, 10)
    unknown_cells = max(round(room * unknown / total), 1) if unknown else 0
    fail_cells = max(round(room * fails / total), 1) if fails else 0
    return Content.assemble(
        ("█" * max(room - fail_cells - unknown_cells, 0), PRACTICES["holds"].style),
        ("░" * fail_cells, PRACTICES["fails"].style),
        ("?" * unknown_cells, "$is-unknown"),
    )
