"""Taking a run back, keeping it, and the dead man's switch that undoes what nobody confirms."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from advisor.change.apply import require_account
from advisor.change.armed import ArmedClients, Arming, NotArmed
from advisor.change.journal import (
    Journal,
    RunState,
    Unread,
    age_of,
    all_runs,
    is_waited_for,
    journal_folder,
    locked,
    read_run,
    runs,
    waited_for,
)
from advisor.change.run import USUAL, Engine, Event, Settings
from advisor.change.secrets import Secrets, Show
from advisor.errors import UsageError

if TYPE_CHECKING:
    from boto3 import Session

_OVER = ("undone",)


def undo_run(
    run: str,
    session: Session,
    *,
    armed: Arming | None,
    on_event: Event = lambda kind, step: None,
    show_secret: Show,
    folder: Path | None = None,
    settings: Settings = USUAL,
) -> RunState:
    """Take back all that a run did, the last call first; what others have done since then is seen and not overwritten.

    Raises:
        UsageError: there is no such run, or it was taken back already.
        ApplyStopped: a call failed; undo again goes on from there.
    """
    place = journal_folder(folder)
    with locked(place):
        state = read_run(run, folder)
        if state.status in _OVER:
            raise UsageError(f"run `{run}` was taken back already")
        if armed is None or armed.account != state.account:
            raise NotArmed(f"account {state.account} is not armed", advice="arm the account first")
        steps = tuple(item.step for item in state.steps)
        clients = ArmedClients(session, steps, armed, endpoint_url=state.endpoint_url)
        require_account(clients, state.account)
        journal = Journal(place / f"{run}.jsonl")
        journal.write("undo-began")
        try:
            Engine(run, journal, clients, on_event, Secrets(show_secret), folder, settings).undo()
        finally:
            journal.close()
        return msgspec.structs.replace(read_run(run, folder), status="undone")


def last_run(account: str, folder: Path | None = None, *, demo: str | None = None) -> RunState:
    """The newest run of an account that is not taken back; of a demo only the one that runs at the endpoint `demo`.

    Raises:
        UsageError: there is none, or a later one cannot be read, so that nobody can tell which is the newest.
    """
    found, unread = all_runs(folder)
    for state in found:
        if state.account == account and state.status not in _OVER and state.is_there(demo):
            _refuse_unread_after(state, unread)
            return state
    ended = any(state.account == account and state.status not in _OVER and not state.is_there(demo) for state in found)
    raise UsageError(
        f"no run of account {account} is left to undo",
        advice="a demo account ends with its process, and its runs with it"
        if ended
        else "`advisor journal` lists the runs",
    )


def _refuse_unread_after(state: RunState, unread: Iterable[Unread]) -> None:
    """Stop where a run is meant without being named, and a later one cannot be read: it may be the one that is meant.

    Raises:
        UsageError: there is such a run.
    """
    for later in unread:
        if age_of(later.id) > age_of(state.id):
            raise UsageError(
                f"run {later.id}, after {state.id}, cannot be read: {later.reason}",
                advice=f"name the run that is meant: {state.id}",
            )


def keep(run: str, folder: Path | None = None) -> RunState:
    """Confirm a run: it is not undone by itself.

    Raises:
        UsageError: it was taken back already.
    """
    state = read_run(run, folder)
    if state.status in ("undone", "undo-stopped"):
        raise UsageError(f"run `{run}` was taken back already")
    journal = Journal(journal_folder(folder) / f"{run}.jsonl")
    try:
        journal.write("kept")
    finally:
        journal.close()
    return msgspec.structs.replace(state, status="kept")


def waiting(account: str | None = None, folder: Path | None = None) -> tuple[RunState, ...]:
    """Runs with a dead man's switch that nobody confirmed, the newest first."""
    return tuple(
        state
        for state in runs(folder)
        if state.undo_at is not None
        and state.status in ("finished", "stopped", "interrupted")
        and (account is None or state.account == account)
    )


def forsaken(account: str | None = None, folder: Path | None = None) -> tuple[RunState, ...]:
    """Those that wait although the process that was to undo them has ended: to be offered first at the next start."""
    return tuple(
        state for state in waiting(account, folder) if state.is_there() and not is_waited_for(state.id, folder)
    )


def seconds_left(state: RunState) -> float | None:
    """Until a run is undone by itself; `None` where it never is."""
    if state.undo_at is None or state.status in ("kept", "undone"):
        return None
    due = datetime.fromisoformat(state.undo_at.replace("Z", "+00:00"))
    return max(0.0, (due - datetime.now(UTC)).total_seconds())


def wait_for_keep(
    run: str,
    undo: Callable[[], RunState],
    *,
    folder: Path | None = None,
    tick: Callable[[float], None] = lambda left: None,
    pause: float = 0.5,
) -> RunState:
    """Wait until the run is kept (by this process or another) or its time is over; then `undo` is called."""
    with waited_for(run, folder):
        while True:
            state = read_run(run, folder)
            left = seconds_left(state)
            if left is None:
                return state
            if left <= 0:
                return undo()
            tick(left)
            time.sleep(min(pause, left))
