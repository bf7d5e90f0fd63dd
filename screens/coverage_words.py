"""How much of the account was read, in the few words of the badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.gap import Gap


def unread(advisor: Advisor) -> tuple[Gap, ...]:
    """Gaps that could be closed: what AWS runs for the account by itself is none."""
    return tuple(gap for snapshot in advisor.snapshots for gap in snapshot.gaps if gap.kind != "expected")


def badge(advisor: Advisor | None) -> Content:
    """`93% read ? 3`: never rounded up."""
    if advisor is None:
        return Content("")
    gaps = unread(advisor)
    if not gaps:
        return Content("all read")
    return Content.assemble("not all read ", (f"? {len(gaps):,}", "$is-unknown bold"))
