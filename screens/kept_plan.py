"""The plan of each account, kept over restarts in the state folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError, InputError
from advisor.reference.places import make_private, set_aside, state_folder

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.change import Change


def _file(account: str) -> Path:
    return state_folder() / "plans" / f"{''.join(char for char in account if char.isalnum())}.yaml"


def kept_plan(advisor: Advisor) -> tuple[Change, ...]:
    """The changes that were left in the plan of this account.

    Raises:
        InputError: the file is not what it should be, or of a newer version: it is set aside, so that nothing is lost.
    """
    from advisor.change.plan import read_plan

    file = _file(advisor.snapshot.account)
    if not file.is_file():
        return ()
    try:
        return read_plan(file).changes
    except InputError as error:
        set_aside(file)
        raise InputError(f"the plan that was left is set aside: {error.reason}", file=f"{file.name}.unread") from error


def keep_plan(advisor: Advisor, changes: tuple[Change, ...]) -> None:
    """Keep the plan as it is now; a state folder that cannot be written is no reason to stop."""
    from advisor.change.plan import new_plan, write_plan

    file = _file(advisor.snapshot.account)
    try:
        if changes:
            make_private(file.parent)
            write_plan(new_plan(advisor, changes), file)
        else:
            file.unlink(missing_ok=True)
    except (AdvisorError, OSError):
        return
