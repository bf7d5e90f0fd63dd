"""Where a decision's claims stand: they hold, wait for the decided changes, hold no more, or are not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from advisor.advice.claims import judge
from advisor.model.change import Change
from advisor.model.effects import EffectError, apply_to

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

Standing = Literal["holds", "waits", "broken", "unknown", "not-in-force"]
WAITS = "◦"
SIGNS: dict[Standing, str] = {"holds": "✓", "waits": WAITS, "broken": "×", "unknown": "?", "not-in-force": "–"}


def waiting(account: OpenAccount, claims: Iterable[str], changes: Sequence[Change]) -> dict[str, str]:
    """Claims that do not hold yet and will when the changes are made: each with `waits for change 2`."""
    able = [(number, change) for number, change in enumerate(changes, 1) if change.operations and not change.needs]
    open_ = [claim for claim in claims if judge(account, claim).holds is False]
    if not able or not open_:
        return {}
    found: dict[str, str] = {}
    for claim in open_:
        number = _first(account, claim, able)
        if number:
            found[claim] = f"waits for change {number}"
    return found


def _first(account: OpenAccount, claim: str, able: Sequence[tuple[int, Change]]) -> int:
    """Number of the change with which the claim begins to hold; 0 when it does not even with all of them."""
    if not _holds_after(account, claim, able):
        return 0
    low, high = 1, len(able)
    while low < high:
        middle = (low + high) // 2
        if _holds_after(account, claim, able[:middle]):
            high = middle
        else:
            low = middle + 1
    return able[low - 1][0]


def _holds_after(account: OpenAccount, claim: str, able: Sequence[tuple[int, Change]]) -> bool:
    try:
        after = apply_to([change for _, change in able], account.snapshot)
    except EffectError:
        return False
    return judge(account.with_snapshot(after), claim).holds is True
