"""A walk in words: answers so far, the question with the account's evidence, the options, the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.widgets.pane import hanging
from screens.wording import clean, count, cut_end

if TYPE_CHECKING:
    from advisor.decide.outcome import Outcome
    from advisor.decide.suggest import Suggestion
    from advisor.decide.walk import Walk
    from advisor.model.change import Change
    from advisor.reference.schema.decisions import Option

_SIGNS = {"yes": ("✓", "$is-allowed"), "no": ("–", "$quiet"), "unknown": ("?", "$is-unknown bold")}


@dataclass(frozen=True)
class OptionRow:
    """An option of the open question. The mark follows the cursor: what Enter takes."""

    id: str
    label: str
    note: str
    suggested: str = ""
    """Why it is suggested; empty where it is not."""
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.id

    @property
    def text(self) -> str:
        return self.label

    def draw(self, width: int) -> Content:
        return self._draw("( )", width)

    def draw_here(self, width: int) -> Content:
        return self._draw("(•)", width)

    def _draw(self, mark: str, width: int) -> Content:
        told = f"suggested: {self.suggested}" if self.suggested else self.note
        label = f"{mark} {cut_end(clean(self.label), max(width - 8, 20))}"
        return Content.assemble(label, "   ", (clean(told), "bold" if self.suggested else "$quiet")).truncate(
            width, ellipsis=True
        )


def option_rows(walk: Walk, suggestion: Suggestion) -> list[OptionRow]:
    """The options in their order, then that one does not know."""
    question = walk.question
    assert question is not None
    because = "as answered before" if suggestion.is_earlier else suggestion.because
    rows = [_option(option, because if option.id == suggestion.option else "") for option in question.options]
    return [*rows, OptionRow("unsure", "I do not know yet", "keeps the ways open and comes back here")]


def _option(option: Option, because: str) -> OptionRow:
    return OptionRow(option.id, option.label, option.note, because)


def question_drawn(walk: Walk, suggestion: Suggestion | None, width: int, room: int) -> Content:
    """Answers so far, the question, and what the account says; as many earlier answers as there is room for."""
    question = walk.question
    if question is None:
        return Content("")
    answered = walk.answered
    evidence = (
        [_evidence(one.sign, one.text, width) for one in suggestion.evidence] if suggestion else [Content("     …")]
    )
    spare = max(room - len(evidence) - 3, 1)
    first = max(len(answered) - spare, 0)
    lines = [
        Content.assemble(
            (" ✓ ", "$holds"),
            f"{at:<2} {cut_end(clean(text), max(width - 34, 20))}",
            (f"   {cut_end(clean(option), 26)}", "$quiet"),
        )
        for at, (text, option) in list(enumerate(answered, 1))[first:]
    ]
    lines.append(Content.assemble(f"   {len(answered) + 1:<2} ", (clean(question.text), "bold")))
    if evidence:
        lines += [Content.styled("   This account says", "$quiet"), *evidence]
    if suggestion and suggestion.gaps and not suggestion.option:
        lines.append(Content.styled("     nothing is suggested: what would tell was not read (c)", "$is-unknown"))
    return Content("\n").join(one.truncate(width, ellipsis=True) for one in lines)


def _evidence(sign: str, text: str, width: int) -> Content:
    char, style = _SIGNS[sign]
    return Content.assemble("     ", (char, style), f" {clean(text)}").truncate(width, ellipsis=True)


def about_option(walk: Walk, option: str, width: int, *, with_sources: bool) -> Content:
    """Why the question matters, where the option leads, what changed since 2016."""
    question = walk.question
    if question is None:
        return Content("")
    parts = [hanging("matters", question.why, width)]
    if option == "unsure":
        parts.append(hanging("find out", question.unsure, width))
    else:
        parts.append(hanging("leads to", " · ".join(walk.leads_to(option)), width))
    parts.append(hanging("changed", f"2016: {walk.tree.then} Today: {walk.tree.now}", width))
    if with_sources:
        parts += [
            hanging("source", f"{one.title or one.url} ({one.url}, checked {one.checked})", width)
            for one in walk.tree.sources
        ]
    return Content("\n").join(parts)


def outcome_drawn(result: Outcome, width: int) -> Content:
    """Recommendation, what is good and bad about it, what was not chosen and why."""
    half = width // 2 - 3
    lines = [Content.assemble(" ", (clean(result.title), "bold"))]
    lines += [hanging("", text, width) for text in result.recommendation[:2]]
    for at in range(max(len(result.good), len(result.bad))):
        good = f"+ {cut_end(clean(result.good[at]), half - 4)}" if at < len(result.good) else ""
        bad = f"– {cut_end(clean(result.bad[at]), half)}" if at < len(result.bad) else ""
        lines.append(Content.assemble("   ", (f"{good:<{half}}", "$holds"), "  ", (bad, "$fails")))
    if result.not_chosen:
        told = " · ".join(f"{title} ({why})" if why else title for title, why in result.not_chosen[:3])
        lines.append(Content.styled(f" Not chosen: {clean(told)}", "$quiet"))
    return Content("\n").join(one.truncate(width, ellipsis=True) if "\n" not in one.plain else one for one in lines)


@dataclass(frozen=True)
class ChangeRow:
    """A change of the outcome with its tick."""

    number: int
    change: Change
    ticked: bool
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.change.id

    @property
    def text(self) -> str:
        return self.change.title

    def draw(self, width: int) -> Content:
        remark = (
            "by hand" if not self.change.operations else f"needs {self.change.needs[0][0]}" if self.change.needs else ""
        )
        if not remark:
            remark = count(len(self.change.operations), "call")
            remark += "" if self.change.reversible else ", cannot be taken back"
        left = Content(f"[{'x' if self.ticked else ' '}] {self.number} {clean(self.change.title)}")
        room = max(width - len(remark) - 1, 10)
        return Content.assemble(left.truncate(room, ellipsis=True, pad=True), " ", (remark, "$quiet"))
