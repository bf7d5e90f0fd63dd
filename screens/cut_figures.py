"""What each change of a cut is worth: the paths that it closes, what is lost by it, and when that was last used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.access.used import Used, used_of
from advisor.change.guards import changed_account
from advisor.errors import AdvisorError
from advisor.graph.closed import closed_by, paths_to_close
from screens.inventory import holders, last_use_of_user
from screens.wording import age, count

if TYPE_CHECKING:
    from datetime import datetime

    from advisor.account import Advisor
    from advisor.model.change import Change
    from advisor.model.snapshot import Snapshot

MOST_AT_ONCE = 25
"""Changes whose figures are worked out without being looked at."""


@dataclass(frozen=True)
class Figures:
    """Of one change: paths closed by it alone, paths closed by all the others, what is lost by it and was used."""

    alone: int
    without: int
    lost: int
    used: Used


def figures_of(
    advisor: Advisor, change: Change, changes: tuple[Change, ...], tolerated: tuple[str, ...], total: int
) -> Figures | None:
    """The figures of one change of a cut; `None` where it does not fit the account by itself."""
    others = tuple(other for other in changes if other.id != change.id)
    try:
        after = changed_account(advisor, (change,))
        alone = max(total - len(paths_to_close(after, tolerated)), 0)
        lost = advisor.difference(after).lost
        actions = sum(len(one.actions) for one in lost)
        return Figures(alone, closed_by(advisor, others, tolerated, total), actions, used_of(advisor.snapshot, lost))
    except AdvisorError:
        return None


def last_used(snapshot: Snapshot, change: Change, figures: Figures | None, now: datetime) -> str:
    """When what is lost was last used, where AWS was asked for it; `≤ 5 d`: its service was, perhaps by this.

    Else when somebody who has what is changed was last seen: `today`, `5 d`, `never`, `? unknown`.
    """
    if figures is not None and figures.lost and (figures.used.uses or not figures.used.unknown):
        use = next(iter(figures.used.uses), None)
        return "never" if use is None else age(use.at, now) if use.exact else f"≤ {age(use.at, now)}"
    held = holders(snapshot).get(change.target, ()) or (change.target,)
    members = {name for arn in held for name in (arn.rsplit("/", 1)[-1],) if ":group/" in arn}
    users = [user for user in snapshot.users if user.arn in held or members & set(user.groups)]
    roles = [snapshot.role_by_arn[arn] for arn in held if arn in snapshot.role_by_arn]
    if not users and not roles:
        return "? unknown"
    moments = [moment for moment in (*map(last_use_of_user, users), *(role.last_used for role in roles)) if moment]
    return age(max(moments), now) if moments else "never"


def takes_away(figures: Figures | None) -> str:
    return "…" if figures is None else count(figures.lost, "action")
