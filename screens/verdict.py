"""One verdict: the answer, the layers in AWS's order, the deciding statement with what each line of it matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from advisor.errors import AdvisorError
from advisor.model.change import Flip
from screens.base import AdvisorScreen
from screens.change_words import change_drawn
from screens.coverage_words import answer_so_far, not_whole
from screens.policy_panel import PolicyPanel
from screens.reasons import document_of, who
from screens.signs import DECISIONS, OUTCOMES, mark
from screens.tables import Table
from screens.trace import (
    LAYER_NAMES,
    answer_told,
    basis_told,
    deciding_layer,
    layer_told,
    reasons_drawn,
    sentence,
    together,
)
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import Line, RowList, heading, spread
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.model.verdict import LayerOutcome, Verdict
    from screens.session import Session


@dataclass(frozen=True)
class Case:
    """What is asked of one principal."""

    principal: str
    action: str
    resource: str | None
    context: dict[str, tuple[str, ...]]
    words: str
    """The question as the user put it: `read payroll`."""


class VerdictScreen(AdvisorScreen):
    """The trace of one verdict."""

    mode = "explore"
    purpose = "Why one principal can or cannot: every layer of AWS's evaluation, the deciding one opened."
    command = "advisor can PRINCIPAL ACTION RESOURCE --explain"
    BINDINGS = [
        Binding("f", "fix", "Fix a condition", id="verdict.fix", tooltip="Fix a condition key: KEY=VALUE"),
        Binding("p", "preview", "Preview a flip", id="verdict.preview", tooltip="The change that turns the answer"),
        Binding("n", "draw", "Draw", id="verdict.draw", tooltip="What stands around the principal"),
        Binding("e", "write", "Export", id="verdict.write", tooltip="The layers as CSV, JSON or Markdown"),
    ]

    def __init__(self, session: Session, case: Case, trail: tuple[str, ...]) -> None:
        super().__init__(session, (*trail[-2:], f"{who(case.principal)}, {clean(case.words)}"))
        self.case = case
        self.verdict: Verdict | None = None
        self._has_flips = False
        """Whether it is worked out what turns the answer."""

    def body(self) -> ComposeResult:
        yield Drawn(id="answer")
        with Container(classes="split"):
            with Vertical(classes="left"):
                rows = RowList(id="layers", empty="…")
                rows.verb = "Whole policy"
                yield rows
            yield Detail()
            yield PolicyPanel(classes="third")

    def show_account(self) -> None:
        self._ask()

    def _ask(self) -> None:
        """The answer first, then what would turn it."""
        advisor, case = self.session.advisor, self.case
        if advisor is None:
            return
        asked = (case.principal, case.action, case.resource, case.context)

        def show(verdict: Verdict) -> None:
            self._show(verdict)
            self.in_background("flips", flips, lambda found: self._show_flips(case, found))

        def flips() -> tuple[Flip, ...]:
            try:
                return advisor.flips(*asked)
            except AdvisorError:
                return ()  # an answer without a way to turn it is still the answer

        self.in_background("verdict", lambda: advisor.can(*asked), show)

    def _show_flips(self, case: Case, flips: tuple[Flip, ...]) -> None:
        self._has_flips = True
        self.refresh_bindings()
        if case is not self.case or not flips:
            return
        rows = self.query_one("#layers", RowList)
        rows.show_rows([*rows.unfiltered, heading("SMALLEST CHANGES THAT TURN IT"), *map(flip_row, flips[:4])])

    def _show(self, verdict: Verdict) -> None:
        self.verdict = verdict
        deciding = deciding_layer(verdict)
        self.set_title(
            self.crumbs[-1], f"{LAYER_NAMES[verdict.trace[deciding].layer]} decides" if verdict.trace else ""
        )
        self.query_one("#answer", Drawn).show(self._answer)
        rows = self.query_one("#layers", RowList)
        rows.show_rows([self._row(layers) for layers in together(verdict)], keep=False)
        if verdict.trace:
            rows.go_to(verdict.trace[deciding].layer)

    def _answer(self, width: int) -> Content:
        if self.verdict is None:
            return Content(" …")
        asked = f" {clean(self.case.action)} on {clean(self.case.resource or 'any resource')}"
        fixed = ", ".join(f"{clean(key)}={clean(','.join(values))}" for key, values in self.case.context.items())
        lines = [
            Content.assemble(" ", answer_told(self.verdict)),
            spread(
                Content.styled(f"{asked}{f'   with {fixed}' if fixed else ''}", "$quiet"),
                Content.assemble(basis_told(self.verdict), " "),
                width,
            ),
        ]
        if so_far := answer_so_far(self.session):
            lines.insert(0, Content.assemble(" ", so_far))
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)

    def _row(self, layers: tuple[LayerOutcome, ...]) -> Line:
        assert self.verdict is not None
        outcome, behind = layer_told(layers[0], assumed=layers[0].layer in self.verdict.assuming)
        names = ", ".join(LAYER_NAMES[layer.layer] for layer in layers).capitalize()
        if len(layers) > 1:
            name = Content(f"{names}  ")
            outcome = mark(OUTCOMES["none"])
            behind = Content(" none, so none of them limits")
        else:
            name = Content(f"{LAYER_NAMES[layers[0].layer]:<10}")
            outcome = outcome.pad_right(max(17 - outcome.cell_length, 2))
        return Line(layers[0].layer, Content.assemble(name, outcome, behind), value=layers[0])

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        advisor, verdict = self.session.advisor, self.verdict
        if message.row is None or advisor is None or verdict is None:
            return
        value = message.row.value  # type: ignore[attr-defined]
        if isinstance(value, Flip):
            change = value.change
            self.query_one(Detail).show(
                Content(clean(change.title)),
                Content("p Preview"),
                lambda width: change_drawn(self.session, change, width),
            )
            return
        layer: LayerOutcome = value
        self.query_one(PolicyPanel).show_behind(advisor, layer)
        self.query_one(Detail).show(
            Content(LAYER_NAMES[layer.layer]),
            Content(""),
            lambda width: reasons_drawn(advisor, layer, verdict, width),
        )

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        if isinstance(message.row.value, Flip):  # type: ignore[attr-defined]
            self.action_preview()
            return
        layer: LayerOutcome = message.row.value  # type: ignore[attr-defined]
        advisor = self.session.advisor
        reason = layer.reasons[0] if layer.reasons else None
        document = document_of(advisor, reason) if advisor and reason else None
        if reason is None or document is None:
            self.say("No policy text stands behind this layer.")
            return
        from screens.policy import PolicyScreen

        title = reason.policy.rsplit("/", 1)[-1]
        marked = [one.statement for one in layer.reasons if one.policy == reason.policy and one.owner == reason.owner]
        self.app.push_screen(PolicyScreen(self.session, title, document, self.crumbs[-1:], marked))

    def action_preview(self) -> None:
        """The selected change, else the first one that turns the answer."""
        from screens.preview import preview

        for flip in self._flips()[:1]:
            preview(self, (flip.change,), flip.change.title)

    def action_fix(self) -> None:
        from screens.fix import FixScreen, suggestion_for

        conditions = self.verdict.conditions if self.verdict else ()
        self.app.push_screen(FixScreen(self.case.context, suggestion_for(conditions)), self._fixed)

    def _fixed(self, context: dict[str, tuple[str, ...]] | None) -> None:
        if context is not None:
            case = self.case
            self.case = Case(case.principal, case.action, case.resource, context, case.words)
            self._ask()

    def why_not(self, action: str) -> str:
        if action == "preview" and not self._flips():
            return (
                "No single change turns this answer." if self._has_flips else "What would turn it is being worked out."
            )
        return ""

    def _flips(self) -> list[Flip]:
        rows = self.query_one("#layers", RowList)
        values = [getattr(row, "value", None) for row in (rows.row, *rows.unfiltered) if row is not None]
        return [value for value in values if isinstance(value, Flip)]

    def action_draw(self) -> None:
        from screens.drawing import draw_around

        draw_around(self, self.case.principal)

    def copied(self) -> str:
        if self.verdict is None:
            return ""
        partly = not_whole(self.session)
        told = sentence(who(self.case.principal), self.case.words, self.verdict)
        return f"{told} Of an account that is {partly}." if partly else told

    def command_here(self) -> str:
        from shlex import join

        case = self.case
        fixed = [part for key, values in case.context.items() for part in ("--context", f"{key}={','.join(values)}")]
        words = (case.principal, case.action, case.resource)
        return join(["advisor", "can", *(word for word in words if word), *fixed, "--explain"])

    def copies(self) -> list[tuple[str, str]]:
        import msgspec

        from screens.policy import statement_text

        advisor, value = self.session.advisor, getattr(self.query_one("#layers", RowList).row, "value", None)
        if self.verdict is None or advisor is None:
            return []
        offered = [("the principal", self.case.principal), ("JSON", msgspec.json.encode(self.verdict).decode())]
        reason = next(iter(getattr(value, "reasons", ())), None)
        document = document_of(advisor, reason) if reason else None
        if reason is not None and document is not None:
            offered += [("the policy", document.text), ("the statement", statement_text(document, reason.statement))]
        return offered

    def shown_table(self) -> Table | None:
        if self.verdict is None:
            return None
        rows = tuple(
            (LAYER_NAMES[layer.layer], *(part.plain for part in layer_told(layer))) for layer in self.verdict.trace
        )
        title = f"{who(self.case.principal)} {self.case.words}: {answer_told(self.verdict).plain}"
        return Table(title, ("layer", "outcome", "because"), rows, self.command_here())


def flip_row(flip: Flip) -> Line:
    """`to ✓  drop statement 1 of Limit`."""
    sign = DECISIONS["implicit-deny" if flip.to == "denied" else flip.to]
    return Line(flip.change.id, Content.assemble("to ", mark(sign), f"  {clean(flip.change.title)}"), value=flip)
