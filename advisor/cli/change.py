"""`apply`, `undo`, `keep`, `journal`: changes in the real account, each journaled before and after its call."""

from __future__ import annotations

import re
import select
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from advisor.cli.options import command
from advisor.cli.text import clean, table
from advisor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.account import Advisor
    from advisor.change.guards import Guard
    from advisor.change.journal import RunState, Step
    from advisor.change.plan import Plan
    from advisor.change.undo_preview import UndoPreview
    from advisor.cli.session import Session

ACCOUNT = click.option("--account", required=True, metavar="ID", help="The account that is meant.")
YES = click.option("--yes", is_flag=True, help="Do not ask; accepts what a guard cannot decide, never a refusal.")

_DEMO = "demo, which ends with its process"


@command("apply")
@click.argument("plan", metavar="[PLAN]", required=False)
@ACCOUNT
@YES
@click.option("--resume", is_flag=True, help="Go on with the run that stopped or was interrupted.")
@click.option("--undo-after", metavar="TIME", help="Undo by itself after this time (30s, 5m, 1h) unless it is kept.")
@click.option("--override", multiple=True, metavar="GUARD=REASON", help="Overrule a guard; the journal has the reason.")
def apply(
    session: Session,
    plan: str | None,
    account: str,
    yes: bool,
    resume: bool,
    undo_after: str | None,
    override: tuple[str, ...],
) -> int:
    """Apply PLAN to the account: the calls as they were shown, journaled, stopped at the first failure.

    Without --yes it shows the preview and asks for the account's id.
    """
    from advisor.change.plan import read_plan

    if session.files:
        raise UsageError("a file cannot be changed: name the live account", advice="--profile NAME, or --demo")
    meant = Meant(account, yes, _seconds(undo_after) if undo_after else None, _overrides(override))
    if resume:
        if plan is not None or override or undo_after:
            raise UsageError("--resume goes on as the run began: it takes no plan, --override or --undo-after")
        _resume(session, meant)
    elif plan is None:
        raise UsageError("which plan?", advice="`advisor plan new -o PLAN --findings` makes one")
    else:
        apply_shown(session, read_plan(plan), meant)
    return session.done()


@command("undo")
@click.argument("run", metavar="[ID]", required=False)
@ACCOUNT
@YES
def undo(session: Session, run: str | None, account: str, yes: bool) -> int:
    """Take back run ID (the newest of the account by default), the last call first."""
    from advisor.change.journal import read_run
    from advisor.change.undo import last_run

    demo = session.aws()[1] if session.demo else None
    state = read_run(run) if run else last_run(account, demo=demo)
    if state.account != account:
        raise UsageError(f"run `{state.id}` is of account {state.account}, not of {account}")
    if not state.is_there(demo):
        raise UsageError(f"run `{state.id}` was in a demo account, which ended with its process: nothing is left of it")
    from advisor.change.undo_preview import undo_preview

    if not yes:
        _need_somebody()
    found = undo_preview(state, None if yes else session.account)
    session.note(f"run {state.id} of {state.started}: {len(found.calls)} calls take it back")
    for line in _undo_lines(found):
        session.note(f"  {line}")
    secrets: list[dict[str, str]] = []
    tell_run(session, _undo(session, state, _typed(Meant(account, yes)), secrets), secrets)
    return session.done()


def _undo_lines(found: UndoPreview) -> Iterator[str]:
    """The calls, what they change as far as it was worked out, and what nothing takes back."""
    from advisor.cli.plan import access_words

    yield from (f"{call.number} {call.name} {call.subject}" for call in found.calls)
    yield from (f"stays as it is: {what}" for what in found.left)
    if found.access is not None:
        yield access_words(found.access)
    signs = {"yes": "✓", "no": "×", "unknown": "?"}
    yield from (f"{signs[guard.sign]} {guard.id}: {guard.text}" for guard in found.guards)
    if found.doubt:
        yield f"? {found.doubt}"


@command("keep", source=False)
@click.argument("run", metavar="[ID]", required=False)
def keep(session: Session, run: str | None) -> None:
    """Confirm run ID (the one that waits for it by default), so that it is not undone by itself."""
    from advisor.change.undo import keep as keep_run
    from advisor.change.undo import waiting

    if run is None:
        waits = waiting()
        if len(waits) != 1:
            words = f"{len(waits)} runs wait: say which" if waits else "no run waits to be kept"
            raise UsageError(words, advice="`advisor journal` lists the runs")
        run = waits[0].id
    tell_run(session, keep_run(run), [])


@command("journal", source=False)
@click.argument("run", metavar="[ID]", required=False)
def journal(session: Session, run: str | None) -> None:
    """What was applied: all runs, or run ID call by call."""
    from advisor.change.journal import all_runs, read_run

    if run is not None:
        tell_run(session, read_run(run), [])
        return
    tell_forsaken(session)
    found, unread = all_runs()
    if session.is_json:
        also = {"unread": [one._asdict() for one in unread]} if unread else {}
        session.emit_bare({"runs": [_run_shape(state) for state in found], **also})
        return
    rows = [
        (
            state.id,
            state.status,
            state.account,
            f"{state.done} of {len(state.steps)} calls",
            _DEMO if state.is_demo else "",
        )
        for state in found
    ]
    session.print(table(rows, ("run", "status", "account", "done", "")) if rows else "nothing was applied yet")


class Meant(NamedTuple):
    """What a command line says of a change: in which account, whether anybody is asked, and what holds besides."""

    account: str
    yes: bool
    undo_after: float | None = None
    overrides: dict[str, str] = {}


def apply_shown(session: Session, plan: Plan, meant: Meant) -> None:
    """Apply the plan; with a dead man's switch wait for somebody to keep it, also where it stopped half-way."""
    from advisor.change.apply import apply_plan
    from advisor.change.journal import read_run
    from advisor.errors import ApplyStopped

    _offer_forsaken(session, meant)
    live = _seen(session, plan, meant)
    arming = _typed(meant)
    aws, endpoint = session.aws()
    secrets: list[dict[str, str]] = []
    try:
        state = apply_plan(
            plan,
            live,
            aws,
            armed=arming,
            endpoint_url=endpoint,
            overrides=meant.overrides,
            ask=_asking(meant),
            undo_after=meant.undo_after,
            on_event=_telling(session),
            show_secret=_keeping(session, secrets),
        )
    except ApplyStopped as stopped:
        if meant.undo_after is not None:
            session.note(stopped.message)
            tell_run(session, _wait(session, read_run(stopped.run), secrets), secrets)
        raise
    tell_run(session, state if meant.undo_after is None else _wait(session, state, secrets), secrets)


def _seen(session: Session, plan: Plan, meant: Meant) -> Advisor:
    """The live account that is meant; unless --yes says that the plan was reviewed before, its preview is shown."""
    from advisor.change.preview import preview
    from advisor.cli.plan import preview_table, with_aws

    if plan.account != meant.account:
        raise UsageError(f"the plan is for account {plan.account}, --account says {meant.account}")
    if not meant.yes:
        _need_somebody()
    live = session.account
    if live.snapshot.account != meant.account:
        raise UsageError(f"the credentials are for account {live.snapshot.account}, --account says {meant.account}")
    if not meant.yes:
        session.show_aside(preview_table(with_aws(session, preview(live, plan.changes, paths=True))))
    return live


def _offer_forsaken(session: Session, meant: Meant) -> None:
    """Before anything else is applied, what was to be undone by itself; where nobody can be asked it is told."""
    for state in tell_forsaken(session, meant.account):
        if not meant.yes and sys.stdin.isatty() and click.confirm("Undo it first?", default=True, err=True):
            secrets: list[dict[str, str]] = []
            tell_run(session, _undo(session, state, _typed(meant), secrets), secrets)


def tell_forsaken(session: Session, account: str | None = None) -> tuple[RunState, ...]:
    """Runs that were to be undone by themselves, and whose waiting process ended before it could; and unread ones."""
    from advisor.change.journal import unread_runs
    from advisor.change.undo import forsaken

    for one in unread_runs():
        session.note(f"? run {one.id} cannot be read: {one.reason}")
    found = forsaken(account)
    for state in found:
        session.note(
            f"run {state.id} was to be undone at {state.undo_at} unless it was kept, and the process that waited for "
            f"that has ended: `advisor undo {state.id} --account {state.account}` first, or `advisor keep {state.id}`"
        )
    return found


def _resume(session: Session, meant: Meant) -> None:
    from advisor.change.apply import resume
    from advisor.change.journal import runs

    _offer_forsaken(session, meant)
    aws, endpoint = session.aws()
    here = [state for state in runs() if state.account == meant.account and state.is_there(endpoint)]
    left = [state for state in here if state.status in ("stopped", "interrupted")]
    if not left:
        raise UsageError(
            f"no run of account {meant.account} is left to resume", advice="`advisor journal` lists the runs"
        )
    session.note(f"run {left[0].id} goes on: {left[0].done} of {len(left[0].steps)} calls are done")
    secrets: list[dict[str, str]] = []
    state = resume(
        left[0].id,
        aws,
        armed=_typed(meant),
        on_event=_telling(session),
        show_secret=_keeping(session, secrets),
    )
    tell_run(session, state, secrets)


def _undo(session: Session, state: RunState, arming: Any, secrets: list[dict[str, str]]) -> RunState:
    from advisor.change.undo import undo_run

    aws, _ = session.aws()
    return undo_run(state.id, aws, armed=arming, on_event=_telling(session), show_secret=_keeping(session, secrets))


def _wait(session: Session, state: RunState, secrets: list[dict[str, str]]) -> RunState:
    """The dead man's switch: wait until somebody keeps the run, here by Enter, else take it back."""
    from advisor.change.armed import arm
    from advisor.change.undo import keep as keep_run
    from advisor.change.undo import wait_for_keep

    session.note(f"undone by itself at {state.undo_at} unless it is kept: press Enter, or `advisor keep {state.id}`")

    def tick(left: float) -> None:
        if sys.stdin.isatty() and select.select([sys.stdin], [], [], 0)[0]:
            sys.stdin.readline()
            keep_run(state.id)

    return wait_for_keep(state.id, lambda: _undo(session, state, arm(state.account, state.account), secrets), tick=tick)


def _typed(meant: Meant) -> Any:
    """Arm the account: by the id that the user types, or with --yes by that of --account."""
    from advisor.change.armed import arm

    if meant.yes:
        return arm(meant.account, meant.account)
    _need_somebody()
    return arm(meant.account, str(click.prompt(f"Type the account id {meant.account} to change it", err=True)))


def _need_somebody() -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm it", advice="--yes confirms what was reviewed before")


def _asking(meant: Meant) -> Callable[[Guard], bool]:
    def ask(guard: Guard) -> bool:
        if meant.yes:
            return True
        return sys.stdin.isatty() and click.confirm(f"? {guard.id}: {clean(guard.text)}. Go on?", err=True)

    return ask


def _telling(session: Session) -> Callable[[str, Step], None]:
    def tell(kind: str, step: Step) -> None:
        if kind in ("done", "already", "failed", "undone"):
            call = f"{step.operation.service}:{step.operation.operation}"
            session.note(f"  {kind:<8}{step.number:>3}  {call}  {step.subject}")

    return tell


def _keeping(session: Session, secrets: list[dict[str, str]]) -> Callable[[str, str], None]:
    """A secret is shown once: at once on standard output, or in the JSON document."""

    def show(what: str, secret: str) -> None:
        if session.is_json:
            secrets.append({"name": what, "value": secret})
        else:
            session.print(f"{clean(what)}: {clean(secret)}   (shown once, and kept nowhere)")

    return show


def _overrides(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in given:
        guard, sign, reason = text.partition("=")
        if not sign or not reason.strip():
            raise UsageError(f"`--override {text}` is not GUARD=REASON")
        found[guard] = reason
    return found


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(s|m|h)?", text.strip())
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600, None: 60}[found[2]] if found else 0
    if not 0 < seconds <= 86_400:
        raise UsageError(f"`{text}` is no time from 1s to 24h", advice="write 30s, 5m or 1h")
    return float(seconds)


def _run_shape(state: RunState) -> dict[str, Any]:
    from advisor.cli.shapes import operation_shape

    return {
        "id": state.id,
        "account": state.account,
        **({"is_demo": True} if state.is_demo else {}),
        "started": state.started,
        "status": state.status,
        "snapshot": state.snapshot,
        "undo_at": state.undo_at,
        "overrides": state.overrides,
        "steps": [
            {
                "number": item.step.number,
                "title": item.step.title,
                "operation": operation_shape(item.step.operation),
                "undo": [operation_shape(operation) for operation in item.step.undo],
                "status": item.status,
                "at": item.at,
                **({"error": item.error} if item.error else {}),
            }
            for item in state.steps
        ],
    }


def tell_run(session: Session, state: RunState, secrets: list[dict[str, str]]) -> None:
    if session.is_json:
        session.emit_bare(
            {"account": {"id": state.account}, "run": _run_shape(state), **({"secrets": secrets} if secrets else {})}
        )
        return
    rows = [
        (str(item.step.number), item.status, f"{item.step.operation.service}:{item.step.operation.operation}",
         clean(item.step.subject), clean(item.error))
        for item in state.steps
    ]  # fmt: skip
    head = click.style(f"run {state.id}  {state.status}", bold=True)
    session.print(f"{head}  account {state.account}, {state.done} of {len(state.steps)} calls\n{table(rows)}")
