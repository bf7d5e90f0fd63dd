"""How much of the account was read, in the few words of the badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.gap import Gap
    from screens.session import Session

_LAYERS = {"scp": "service control policies", "rcp": "resource control policies", "resource": "policies of resources"}


def unread(advisor: Advisor) -> tuple[Gap, ...]:
    """Gaps that could be closed (what AWS runs for the account by itself is none), then layers that were never read."""
    gaps = tuple(gap for snapshot in advisor.snapshots for gap in snapshot.gaps if gap.kind != "expected")
    return (*gaps, *never_read(advisor))


def never_read(advisor: Advisor) -> tuple[Gap, ...]:
    """A gap for each layer of policies that the source does not hold: answers assume that it limits nothing."""
    from advisor.model.gap import Gap

    read = advisor.snapshot.source.read_layers
    return tuple(
        Gap("", "absent", f"{name} were never read", "answers assume that none of them limits", None)
        for layer, name in _LAYERS.items()
        if layer not in read
    )


def percent_read(advisor: Advisor) -> int:
    """Kinds of reads without a gap, of all that a reading makes; rounded down, so that 100 means all."""
    from advisor.collect.permissions import reads

    total = len(reads())
    lacking = len({gap.call for gap in unread(advisor) if gap.call})
    return max(100 * (total - lacking) // total, 0)


def not_whole(session: Session) -> str:
    """Why answers are not final: the account is being read, or its reading ended early. Empty once it is whole."""
    if not session.is_partial:
        return ""
    return "still being read" if session.is_reading else "read in part: r reads it again"


def answer_so_far(session: Session) -> Content | None:
    """The line of an answer that rests on a part of the account; `None` where it rests on the whole."""
    if not session.is_partial:
        return None
    then = "it is asked again when all is read" if session.is_reading else "its reading ended early, r reads it again"
    return Content.assemble(("? ", "$is-unknown bold"), (f"From a part of the account only: {then}", "$is-unknown"))


def coverage(session: Session) -> Content:
    """The badge, which claims nothing of an account that is not read whole."""
    if session.is_partial and session.reading is not None:
        done, total = session.reading.counts
        word = "reading" if session.is_reading else "read"
        return Content.styled(f"? {word} {done:,} of {total:,}", "$is-unknown bold")
    return badge(session.advisor)


def badge(advisor: Advisor | None) -> Content:
    """`93% read ? 3`."""
    if advisor is None:
        return Content("")
    gaps = unread(advisor)
    if not gaps:
        return Content("all read")
    told = f"{percent_read(advisor)}% read " if any(gap.call for gap in gaps) else ""
    return Content.assemble(told, (f"? {len(gaps):,} not read" if not told else f"? {len(gaps):,}", "$is-unknown bold"))
