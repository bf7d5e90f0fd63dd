"""A run in lines: its calls as they stand, and what taking it back would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from screens.plan_effect import access_told
from screens.widgets.rows import Line, Row, blank
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.change.journal import RunState
    from advisor.change.undo_preview import UndoPreview

_SIGNS = {
    "todo": ("·", "$quiet"), "checking": ("…", ""), "calling": ("…", "bold"), "done": ("✓", "$holds"),
    "already": ("✓", "$holds"), "failed": ("×", "$fails bold"), "settling": ("…", ""), "undoing": ("…", "bold"),
    "undone": ("◦", "$quiet"),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One call as it stands."""

    number: int
    name: str
    subject: str
    status: str
    at: str = ""
    error: str = ""


def shown_steps(state: RunState) -> dict[int, Shown]:
    return {
        one.step.number: Shown(
            one.step.number, f"{one.step.operation.service}:{one.step.operation.operation}", one.step.subject,
            one.status, one.at, one.error,
        )
        for one in state.steps
    }  # fmt: skip


def steps_drawn(steps: Iterable[Shown], width: int) -> list[Content]:
    """A line for each call, and one for the error of one that failed."""
    ordered = sorted(steps, key=lambda one: one.number)
    widest = max((len(clean(one.name)) for one in ordered), default=0)
    lines = []
    for shown in ordered:
        sign, style = _SIGNS.get(shown.status, ("·", ""))
        call = Content(f" {shown.number:>2} {clean(shown.name):<{widest}} {short_name(shown.subject)}")
        call = call.truncate(max(width - 28, 20), ellipsis=True, pad=True)
        lines.append(Content.assemble("   ", (sign, style), call, (f" {shown.status:<8} {shown.at[11:19]}", "$quiet")))
        if shown.error:
            lines.append(Content.styled(f"       {clean(shown.error)}", "$fails"))
    return lines


def clock(seconds: float) -> str:
    """`4:31`"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def ways_of(state: RunState, left: float | None) -> list[Row]:
    """What can be done with a run that is not at work, the likely one first. `left`: seconds until it is undone."""
    undo = Line("undo", Content(f"Undo {count(state.done, 'call')}"), value="undo")
    if state.status in ("undone", "running") or not state.done:
        more = [_resume(state)] if state.status in ("stopped", "interrupted") else []
        return [blank("way"), *more, Line("leave", Content("Back"), value="leave")]
    if state.undo_at is not None and state.status in ("finished", "stopped", "interrupted"):
        return [blank("way"), *_switched(state, undo, left)]
    leave = Line("leave", Content("Leave it so"), right=Content("both ways stay open"), value="leave")
    if state.status in ("stopped", "interrupted"):
        return [blank("way"), undo, _resume(state), leave]
    return [blank("way"), Line("leave", Content("Keep it"), value="leave"), undo]


def _resume(state: RunState) -> Line:
    return Line("resume", Content("Resume where it stopped"), right=Content("checks for drift first"), value="resume")


def _switched(state: RunState, undo: Line, left: float | None) -> list[Row]:
    """The ways of a run that was to be undone by itself: it is waited for, or nobody waits any more."""
    resume = [_resume(state)] if state.status != "finished" else []
    if left is not None:
        told = f"{clock(left)} left, then it is undone by itself"
        return [Line("keep", Content("Keep it"), right=Content.styled(told, "bold"), value="keep"), *resume, undo]
    return [
        undo,
        Line("keep", Content("Keep it"), value="keep"),
        *resume,
        Line("leave", Content("Leave it so"), right=Content("asked again at the next start"), value="leave"),
    ]


def forsaken_told(state: RunState) -> str:
    """That a run was to be undone by itself, and that nobody does it any more."""
    return (
        f"It was to be undone by itself at {(state.undo_at or '')[11:16]} UTC unless somebody kept it. The program "
        "that waited for it has ended, so nothing was undone."
    )


def undo_told(found: UndoPreview, calls: int) -> list[str]:
    """The question before a run is taken back: its calls, what comes and goes, the guards, what stays."""
    told = [f"Take back run {found.run}: {count(calls, 'call')}?"]
    told += [f"{call.number} {call.name} {short_name(call.subject)}".strip() for call in found.calls[:6]]
    told += [f"and {calls - 6} more"] if calls > 6 else []
    if found.access is not None:
        effect = " · ".join(access_told(found.access))
        told.append(effect[:1].upper() + effect[1:])
    told += [f"× {guard.text}" for guard in found.guards if guard.sign == "no"]
    told += [f"? {guard.text}" for guard in found.guards if guard.sign == "unknown"]
    told += [f"Stays as it is: {what}" for what in found.left[:4]]
    told += [f"? {found.doubt}"] if found.doubt else []
    if found.access is None and not found.doubt:
        told.append("? What it changes is not worked out: the account is being read.")
    return told
