"""How much of the account was read, in the few words of the badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.gap import Gap

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


def badge(advisor: Advisor | None) -> Content:
    """`93% read ? 3`."""
    if advisor is None:
        return Content("")
    gaps = unread(advisor)
    if not gaps:
        return Content("all read")
    told = f"{percent_read(advisor)}% read " if any(gap.call for gap in gaps) else ""
    return Content.assemble(told, (f"? {len(gaps):,} not read" if not told else f"? {len(gaps):,}", "$is-unknown bold"))
