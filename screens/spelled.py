"""The lines between the question box and its answer: what was understood, and what to do where nothing was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from screens.asking import TABS
from screens.reasons import who
from screens.widgets.bars import clickable
from screens.widgets.choices import choices
from screens.widgets.rows import spread
from screens.wording import clean, joined

if TYPE_CHECKING:
    from screens.questions import Asked


def tabs_drawn(tab: str) -> Content:
    """The kinds of questions, and the way to an empty box: each a button."""
    drawn = choices(list(TABS.values()), list(TABS).index(tab), "screen.tab_at({})")
    anew = clickable(Content.assemble(("Ctrl+N", "bold"), (" New question", "$quiet")), "screen.anew")
    return Content.assemble(drawn, ("   Ctrl+T   ", "$quiet"), anew)


def spelled(asked: Sequence[Asked], context: Mapping[str, Sequence[str]], width: int) -> Content:
    """The question in full, how many other meanings there are, and the conditions that are fixed."""
    fixed = " ".join(f"{clean(key)}={clean(','.join(values))}" for key, values in context.items())
    right = clickable(Content.assemble((" f ", "bold"), fixed or "No condition fixed"), "screen.fix")
    room = max(width - right.cell_length - 1, 10)
    others = f"  ↓ {len(asked) - 1} more" if len(asked) > 1 else ""
    question = Content.styled(f" {asked[0].spelled}", "$quiet").truncate(room - len(others), ellipsis=True)
    return Content.assemble(Content.assemble(question, others).truncate(room, pad=True), " ", right)


def also_through(principals: Sequence[str], width: int) -> Content:
    """`7 more can become one of these: ana, chris and 5 more`."""
    key = clickable(Content.assemble(("v", "bold"), " With via "), "screen.via")
    names = joined([who(one) for one in principals], 4)
    return spread(Content(f" {len(principals)} more can become one of these: {names}"), key, width)


def nothing_found(text: str, nearest: str) -> str:
    """Why the list is empty, with the nearest name where one is near."""
    if not text.strip():
        return ""
    if nearest:
        return f'Nothing here is called "{clean(text)}". Nearest: {clean(nearest)}  ↵ Take it'
    return f'Nothing here is called "{clean(text)}". Try a part of a name, or an action such as s3:GetObject.'
