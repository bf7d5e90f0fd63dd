"""A walk in words: answers so far, the question with the account's evidence, the options, the outcome."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from screens.tree_drawing import tree_drawn
from screens.widgets.pane import hanging
from screens.wording import clean, cut_end

if TYPE_CHECKING:
    from advisor.decide.outcome import Outcome
    from advisor.decide.suggest import Suggestion
    from advisor.decide.walk import Walk
    from advisor.reference.schema.decisions import Handover, Option

ROOM_FOR_A_REASON = 36
_SIGNS = {"yes": ("✓", "$is-allowed"), "no": ("–", "$quiet"), "unknown": ("?", "$is-unknown bold")}


@dataclass(frozen=True)
class OptionRow:
    """An option of the open question. The mark follows the cursor: what Enter takes."""

    id: str
    label: str
    note: str
    suggested: str = ""
    """Why it is suggested; empty where it is not."""
    lead: str = "suggested: "
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
        told = f"{self.lead}{self.suggested}" if self.suggested else self.note
        label = f"{mark} {cut_end(clean(self.label), max(width - 8, 20))}"
        if self.suggested and self.lead and width - cell_len(label) - 3 < min(cell_len(told), ROOM_FOR_A_REASON):
            told = self.lead.rstrip(": ")  # two words of a reason tell nothing: it stands in full in the detail
        return Content.assemble(label, "   ", (clean(told), "bold" if self.suggested else "$quiet")).truncate(
            width, ellipsis=True
        )


def option_rows(walk: Walk, suggestion: Suggestion) -> list[OptionRow]:
    """The options in their order, then that one does not know."""
    question = walk.question
    assert question is not None
    rows = [_option(option, *_hint(option, suggestion)) for option in question.options]
    return [*rows, OptionRow("unsure", "I do not know yet", "keeps the ways open and comes back here")]


def _hint(option: Option, suggestion: Suggestion) -> tuple[str, str]:
    """(why it is marked, what the mark begins with): the answer of before, and what the account suggests today."""
    if option.id == suggestion.option:
        return ("as answered before", "") if suggestion.is_earlier else (suggestion.because, "suggested: ")
    return (suggestion.because, "suggested now: ") if option.id == suggestion.now else ("", "")


def _option(option: Option, because: str, lead: str) -> OptionRow:
    return OptionRow(option.id, option.label, option.note, because, lead)


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


def about_option(
    walk: Walk, option: str, width: int, *, because: str = "", with_sources: bool = False, with_tree: bool = False
) -> Content:
    """Why it is suggested, why the question matters, where the option leads and what it rules out.

    With sources also what changed since 2016; with the tree, the tree.
    """
    question = walk.question
    if question is None:
        return Content("")
    parts = [hanging("suggested", because, width, "bold")] if because else []
    parts.append(hanging("matters", question.why, width))
    if option == "unsure":
        parts.append(hanging("find out", question.unsure, width))
    else:
        leads = walk.leads_to(option)
        parts += [hanging("leads to" if at == 0 else "", f"· {one}", width) for at, one in enumerate(leads)]
        closed = [one for one in walk.leads_to("unsure") if one not in leads]
        parts += [hanging("rules out" if at == 0 else "", f"· {one}", width) for at, one in enumerate(closed)]
    if with_tree:
        parts += [Content(""), tree_drawn(walk, option, width), Content("")]
    if with_sources or not walk.given:
        parts.append(hanging("2016", walk.tree.then, width))
        parts.append(hanging("today", walk.tree.now, width))
    if with_sources:
        parts += [
            hanging("source", f"{one.title or one.url} ({one.url}, checked {one.checked})", width)
            for one in walk.tree.sources
        ]
    return Content("\n").join(parts)


def outcome_drawn(result: Outcome, width: int, room: int = 40) -> tuple[Content, bool]:
    """Recommendation, what is good and bad about it, what was not chosen and why; and whether all of it fits."""
    lines = [Content.assemble(" ", (clean(result.title), "bold"))]
    lines += [one for text in result.recommendation[:2] for one in _wrapped(text, width - 2, " ")]
    recommended, half = len(lines), (width - 5) // 2
    good = [one for text in result.good for one in _wrapped(text, half, "+ ", "$holds")]
    bad = [one for text in result.bad for one in _wrapped(text, half, "– ", "$fails")]
    for at in range(max(len(good), len(bad))):
        left = good[at] if at < len(good) else Content("")
        right = bad[at] if at < len(bad) else Content("")
        lines.append(Content.assemble(" ", left, " " * max(half - left.cell_length, 0), "  ", right))
    for at, (title, why) in enumerate(result.not_chosen[:3]):
        told = f"{'Not chosen: ' if at == 0 else ''}{title}{f' ({why})' if why else ''}"
        lines += _wrapped(told, width - 2, " ", "$quiet")
    is_whole = len(lines) <= room
    # for and against belong together: where not both have room, both stand in the detail
    return Content("\n").join(lines if is_whole else lines[: min(recommended, room)]), is_whole


def _wrapped(text: str, width: int, lead: str, style: str = "") -> list[Content]:
    found = textwrap.wrap(clean(text), max(width - len(lead), 20), break_on_hyphens=False)
    return [Content.styled(f"{lead if at == 0 else ' ' * len(lead)}{one}", style) for at, one in enumerate(found)]


@dataclass(frozen=True)
class FollowingRow:
    """A decision that follows this one: Enter goes on there with the answers so far."""

    handover: Handover
    title: str
    selectable: bool = True

    @property
    def key(self) -> str:
        return f"{self.handover.tree}.{self.handover.at}"

    @property
    def text(self) -> str:
        return self.title

    def draw(self, width: int) -> Content:
        return Content.assemble(clean(self.title), ("   " + clean(self.handover.text), "$quiet")).truncate(
            width, ellipsis=True
        )
