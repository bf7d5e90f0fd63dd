"""What the plan comes to as a whole: the sum of its effects, worked out anew whenever it changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from advisor.errors import AdvisorError
from advisor.model.difference import parted
from screens.wording import count

if TYPE_CHECKING:
    from textual.app import App

    from advisor.change.preview import Preview
    from advisor.model.difference import AccessChange, Difference
    from screens.session import Session


def follow(app: App[None], session: Session) -> None:
    """Work the effect out in a thread and tell the screens when it is there."""
    session.plan_effect = ""
    if session.plan and session.advisor is not None and not session.is_partial:
        app.run_worker(partial(_work_out, app, session), thread=True, exclusive=True, group="plan effect")


def _work_out(app: App[None], session: Session) -> None:
    from advisor.change.preview import preview
    from advisor.change.sequence import in_order

    worker, advisor, plan = get_current_worker(), session.advisor, session.plan
    if advisor is None:
        return
    try:
        choice = in_order(advisor, plan)
        told = in_words(preview(advisor, choice.changes, practices=False, guards=False, paths=True))
        told += f" · {count(len(choice.left_out), 'change')} left out" if choice.left_out else ""
    except AdvisorError as error:
        told = f"does not fit together: {error.message}"
    if not worker.is_cancelled and plan is session.plan:
        session.plan_effect = told
        app.call_from_thread(session.announce, "effect")


def in_words(found: Preview) -> str:
    """`closes 9 of 9 paths · 4 lose 13 actions · gained 0`; what it does not touch is left out."""
    parts = []
    if found.paths is not None:
        closed, opened = len(found.paths.closed), len(found.paths.opened)
        if closed:
            kept = f", {len(found.paths.left_alone)} tolerated" if found.paths.left_alone else ""
            were = closed + found.paths.left - len(found.paths.instead) + len(found.paths.doubtful)
            parts.append(f"closes {closed} of {were} paths{kept}")
        if opened:
            parts.append(f"opens {count(opened, 'path')}")
        if found.paths.unknown:
            parts.append(f"? {count(len(found.paths.unknown), 'path')} unknown")
    return " · ".join([*parts, *(access_told(found.access) if found.access is not None else ())])


def access_told(access: Difference) -> list[str]:
    """`4 lose 13 actions`, `gained 0`, and of how many nobody can tell any more what they may do."""
    gained, lost, unknown = parted(access.gained, access.lost)
    losers = {change.principal for change in lost}
    who = f"{len(losers)} lose{'s' if len(losers) == 1 else ''}"
    parts = [f"{who} {count(actions_in(lost), 'action')}" if lost else "lost 0", f"gained {actions_in(gained):,}"]
    return [*parts, f"? access of {len({one.principal for one in unknown})} unknown"] if unknown else parts


def actions_in(changes: tuple[AccessChange, ...]) -> int:
    return sum(len(change.actions) for change in changes)
