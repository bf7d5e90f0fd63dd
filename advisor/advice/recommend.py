"""From what is wrong to what would mend it: templates of changes filled in for this account and this thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.errors import UsageError
from advisor.model.change import Change
from advisor.reference.knowledge import load

if TYPE_CHECKING:
    from advisor.account import Advisor


def changes_for(
    account: Advisor,
    template: str,
    subject: str = "",
    values: Mapping[str, str] | None = None,
    folders: Sequence[str | Path] = (),
) -> tuple[Change, ...]:
    """The changes of one template, empty where it has nothing to do for this thing.

    A template that does not exist, or does not fit the thing, recommends nothing: `check_knowledge` reports the first.
    """
    from advisor.advice.templates import fill

    if template not in load("changes", tuple(folders)):
        return ()
    try:
        return tuple(fill(template, account, subject, dict(values or {}), folders=folders))
    except UsageError:
        return ()
