"""Applying a plan: guarded, armed, journaled before and after each call, stopped at the first failure, resumable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from advisor.change.armed import ArmedClients, Arming, NotArmed
from advisor.change.guards import Guard, guards_for
from advisor.change.journal import Journal, RunState, begin, journal_folder, locked, read_run
from advisor.change.plan import Plan, check_plan
from advisor.change.run import USUAL, Engine, Event, Settings
from advisor.change.secrets import Secrets, Show
from advisor.change.steps import steps_for
from advisor.errors import AdvisorError, UsageError

if TYPE_CHECKING:
    from boto3 import Session

    from advisor.access.account import OpenAccount

Ask = Callable[[Guard], bool]
"""Asked for each guard that cannot be decided: whether to go on."""


class Refused(AdvisorError):
    """A guard refuses the plan; `guards` are those that do."""

    def __init__(self, guards: tuple[Guard, ...]) -> None:
        words = "; ".join(f"{guard.id}: {guard.text}" for guard in guards)
        names = " ".join(f"--override {guard.id}=REASON" for guard in guards)
        super().__init__(f"not applied. {words}", advice=f"change the plan, or say why it must be: {names}")
        self.guards = guards


def apply_plan(
    plan: Plan,
    account: OpenAccount,
    session: Session,
    *,
    armed: Arming | None,
    endpoint_url: str | None = None,
    overrides: Mapping[str, str] | None = None,
    ask: Ask = lambda guard: False,
    undo_after: float | None = None,
    on_event: Event = lambda kind, step: None,
    show_secret: Show,
    folder: Path | None = None,
    settings: Settings = USUAL,
) -> RunState:
    """Apply every change of the plan to the account.

    `overrides` maps the id of a refusing guard to the reason, which goes into the journal. `undo_after` seconds later
    the run is undone unless somebody keeps it: the caller waits with `undo.wait_for_keep`.

    Raises:
        Refused: a guard says no and is not overridden.
        NotArmed: the session is read-only, or armed for another account.
        ApplyStopped: a call failed; the journal has it all.
    """
    _may_be_applied(plan, account, overrides or {}, ask)
    steps = steps_for(plan.changes, account.snapshot)
    if not steps:
        raise UsageError("there is no call in this plan; what is left to do is done by hand")
    place = journal_folder(folder)
    clients = ArmedClients(session, steps, _armed_for(armed, plan.account), endpoint_url=endpoint_url)
    with locked(place):
        require_account(clients, plan.account)
        run, journal = begin(
            place,
            plan.account,
            steps,
            snapshot=plan.snapshot,
            endpoint_url=endpoint_url,
            undo_after=undo_after,
            overrides=dict(overrides or {}),
            is_demo=account.snapshot.source.kind == "demo",
        )
        return _run(run, journal, clients, on_event, show_secret, folder, settings)


def resume(
    run: str,
    session: Session,
    *,
    armed: Arming | None,
    on_event: Event = lambda kind, step: None,
    show_secret: Show,
    folder: Path | None = None,
    settings: Settings = USUAL,
) -> RunState:
    """Go on where a run stopped or was interrupted. Steps that were done are not done again.

    Raises:
        UsageError: there is no such run, or nothing of it is left to do.
    """
    place = journal_folder(folder)
    with locked(place):
        state = read_run(run, folder)
        if state.status in ("finished", "kept", "undone", "undo-stopped"):
            raise UsageError(f"run `{run}` is {state.status}: there is nothing to resume")
        steps = tuple(item.step for item in state.steps)
        clients = ArmedClients(session, steps, _armed_for(armed, state.account), endpoint_url=state.endpoint_url)
        require_account(clients, state.account)
        journal = Journal(place / f"{run}.jsonl")
        journal.write("resumed")
        return _run(run, journal, clients, on_event, show_secret, folder, settings)


def _run(
    run: str,
    journal: Journal,
    clients: ArmedClients,
    on_event: Event,
    show: Show,
    folder: Path | None,
    settings: Settings,
) -> RunState:
    try:
        Engine(run, journal, clients, on_event, Secrets(show), folder, settings).apply()
    finally:
        journal.close()
    return msgspec.structs.replace(read_run(run, folder), status="finished")


def _armed_for(armed: Arming | None, account: str) -> Arming | None:
    if armed is None:
        raise NotArmed("the session is read-only", advice="arm the account first")
    if armed.account != account:
        raise NotArmed(f"account {armed.account} is armed, the plan is for {account}")
    return armed


def require_account(clients: ArmedClients, account: str) -> None:
    """The credentials in force belong to the account that is meant.

    Raises:
        UsageError: they belong to another.
        AdvisorError: AWS does not answer, or refuses them.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = clients.get("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise AdvisorError(f"nothing was called: {error}", advice="`advisor doctor` looks for the cause") from error
    if found != account:
        raise UsageError(f"the credentials are for account {found}, the plan is for {account}")


def _may_be_applied(plan: Plan, account: OpenAccount, overrides: Mapping[str, str], ask: Ask) -> None:
    problems = check_plan(plan, account)
    if problems:
        raise UsageError("; ".join(problems))
    unreasoned = [name for name, reason in overrides.items() if not reason.strip()]
    if unreasoned:
        raise UsageError(f"`{unreasoned[0]}` is overridden without a reason")
    guards = guards_for(plan.changes, account, plan=plan)
    refusing = tuple(guard for guard in guards if guard.sign == "no" and guard.id not in overrides)
    if refusing:
        raise Refused(refusing)
    undecided: Sequence[Guard] = [guard for guard in guards if guard.sign == "unknown" and guard.id not in overrides]
    for guard in undecided:
        if not ask(guard):
            raise UsageError(
                f"not applied: {guard.id} cannot be decided: {guard.text}",
                advice="--yes accepts what cannot be decided",
            )
