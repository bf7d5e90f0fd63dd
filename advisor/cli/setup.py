"""`setup`: the guided set-up of a new account: what is done already, what is left, and the calls for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from advisor.cli.change import ACCOUNT, YES
from advisor.cli.options import command, into_option
from advisor.cli.text import clean, count, table
from advisor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.account import Advisor
    from advisor.change.setup import Choices, Playbook, StepStatus
    from advisor.cli.session import Session

_SIGNS = {
    "done": ("✓ done", "green"),
    "yours": ("◦ by hand", "yellow"),
    "decide": ("◦ to decide", "yellow"),
    "ready": ("+ ready", "blue"),
    "waits": ("· waits", "bright_black"),
    "unknown": ("? unknown", "magenta"),
    "left-out": ("– left out", "bright_black"),
}

_Function = Any


def _choices(function: _Function) -> _Function:
    """The options by which the user chooses; what is chosen is kept for the account."""
    options: list[Callable[[_Function], _Function]] = [
        click.option("--for", "people", metavar="PROFILE", help="one, team or several (accounts); kept."),
        click.option("--leave-out", multiple=True, metavar="STEP", help="Not this step; kept; repeatable."),
        click.option("--want", multiple=True, metavar="STEP", help="An offered step, or one left out before; kept."),
        click.option(
            "--confirm",
            multiple=True,
            metavar="STEP[=DAY]",
            help="You did what no call can show; kept, with the day (today).",
        ),
        click.option("--take-back", multiple=True, metavar="STEP", help="It is not so after all."),
        click.option("--set", "values", multiple=True, metavar="TEMPLATE.NAME=VALUE", help="A value; kept."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@command("setup status")
@_choices
def status(session: Session, **chosen: Any) -> int:
    """Where each step stands, as seen in the account itself.

    With --strict: exit 1 while a step is open.
    """
    _, book = _book(session, chosen)
    session.answer(lambda: _document(book), lambda: _table(book))
    return session.done(
        holds=book.is_finished or not session.strict, is_unknown=any(item.status == "unknown" for item in book.asked)
    )


@command("setup record", formats=("md", "html", "pdf"))
@into_option
@_choices
def record(session: Session, into: str | None, **chosen: Any) -> None:
    """The record of the set-up: what stands, on what evidence, what is open, and how to check it again."""
    from advisor.change.setup_record import print_setup

    account, book = _book(session, chosen)
    session.save(print_setup(book, account, session.format), into)


@command("setup plan")
@click.argument("steps", nargs=-1, metavar="[STEP]…")
@click.option("-o", "--output", required=True, metavar="PLAN", help="The plan, YAML.")
@_choices
def plan(session: Session, steps: tuple[str, ...], output: str, **chosen: Any) -> int:
    """A plan of the steps that are ready, or of the named ones: for `advisor plan show` and `advisor apply`."""
    from advisor.change.plan import new_plan, write_plan
    from advisor.change.setup import changes_of
    from advisor.cli.shapes import change_shape

    account, book = _book(session, chosen)
    changes = changes_of(book, steps or None)
    _refuse_empty(book, steps)
    write_plan(new_plan(account, changes), output)
    rows = [(clean(change.title), count(len(change.operations), "call")) for change in changes]
    session.answer(
        lambda: {"plan": output, "changes": [change_shape(change) for change in changes]},
        lambda: f"{count(len(changes), 'change')} in {clean(output)}\n{table(rows)}",
    )
    return session.done()


@command("setup apply")
@click.argument("steps", nargs=-1, metavar="[STEP]…")
@ACCOUNT
@YES
@_choices
def apply(session: Session, steps: tuple[str, ...], account: str, yes: bool, **chosen: Any) -> int:
    """Apply the steps that are ready, or the named ones, as `advisor apply` does."""
    from advisor.change.plan import new_plan
    from advisor.change.setup import changes_of
    from advisor.cli.change import Meant, apply_shown

    if session.files:
        raise UsageError("a file cannot be changed: name the live account", advice="--profile NAME, or --demo")
    live, book = _book(session, chosen)
    _refuse_empty(book, steps)
    apply_shown(session, new_plan(live, changes_of(book, steps or None)), Meant(account, yes))
    return session.done()


def _book(session: Session, chosen: dict[str, Any]) -> tuple[Advisor, Playbook]:
    """The account and its playbook, with what was chosen before and now."""
    from advisor.change.setup import load_choices, playbook, save_choices

    account = session.account
    id = account.snapshot.account
    before = load_choices(id)
    choices = _said(account, _chosen(before, chosen), chosen)
    book = playbook(account, choices)
    known = {item.step.id for item in book.steps}
    for step in (*choices.left_out, *choices.wanted):
        if step not in known:
            raise UsageError(f"there is no step `{step}` for this profile", advice=f"steps: {', '.join(sorted(known))}")
    if choices != before:
        save_choices(id, choices)
    return account, book


def _said(account: Advisor, choices: Choices, chosen: dict[str, Any]) -> Choices:
    """With what the user confirms now, and without what is taken back."""
    from datetime import date

    from advisor.change.setup import playbook
    from advisor.change.setup_answers import confirm, take_back

    for step in chosen["take_back"]:
        choices = take_back(choices, step)
    for text in chosen["confirm"]:
        step, _, day = text.partition("=")
        choices = confirm(playbook(account, choices), choices, step, _day(day) if day else date.today().isoformat())
    return choices


def _day(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"`{text}` is no day", advice="write it as 2026-11-24") from None


def _refuse_empty(book: Playbook, steps: tuple[str, ...]) -> None:
    """A named step without calls gets an answer, not an empty plan."""
    named = {step.upper() for step in steps}
    for item in book.steps:
        if item.step.id.upper() in named and not any(change.operations for change in item.changes):
            why = f"waits for {', '.join(item.waits_for)}" if item.waits_for else f"has no calls: {item.status}"
            raise UsageError(f"step {item.step.id} {why}", advice="`advisor setup` shows where each step stands")


def playbook_of(account: Advisor) -> Playbook:
    """The playbook of an account with what was chosen for it before."""
    from advisor.change.setup import load_choices, playbook

    return playbook(account, load_choices(account.snapshot.account))


def _chosen(before: Choices, chosen: dict[str, Any]) -> Choices:
    from advisor.change.setup import profile_of

    left_out = tuple(step.upper() for step in chosen["leave_out"])
    wanted = tuple(step.upper() for step in chosen["want"])
    values = {template: dict(found) for template, found in before.values.items()}
    for text in chosen["values"]:
        place, sign, value = text.partition("=")
        template, dot, name = place.partition(".")
        if not (sign and dot):
            raise UsageError(f"`--set {text}` is not TEMPLATE.NAME=VALUE")
        values.setdefault(template, {})[name] = value
    return msgspec.structs.replace(
        before,
        profile=profile_of(chosen["people"]) if chosen["people"] else before.profile,
        left_out=tuple(dict.fromkeys(s for s in (*before.left_out, *left_out) if s not in wanted)),
        wanted=tuple(dict.fromkeys(s for s in (*before.wanted, *wanted) if s not in left_out)),
        values=values,
    )


def _document(book: Playbook) -> dict[str, Any]:
    return {
        "profile": book.profile,
        "kind": book.kind,
        "done": book.done,
        "of": len(book.asked),
        "minutes_left": book.minutes_left,
        "steps": [_step_shape(item) for item in book.steps],
    }


def _step_shape(item: StepStatus) -> dict[str, Any]:
    from advisor.cli.shapes import change_shape, evidence_shapes, gap_shapes

    return {
        "id": item.step.id,
        "title": item.step.title,
        "status": item.status,
        "offered": item.is_offered,
        "why": item.step.why,
        "minutes": item.step.minutes,
        "waits_for": list(item.waits_for),
        "asks": item.asks,
        "said": item.said,
        "needs": [{"template": template, "name": name, "what": what} for template, name, what in item.needs],
        "evidence": evidence_shapes(item.evidence),
        "gaps": gap_shapes(item.gaps),
        "changes": [change_shape(change) for change in item.changes],
    }


def _table(book: Playbook) -> str:
    head = f"set-up for {book.profile}: {book.done} of {len(book.asked)} steps done, about {book.minutes_left} min left"
    rows = [
        (
            click.style(_SIGNS[item.status][0], fg=_SIGNS[item.status][1]),
            item.step.id,
            "\n".join(
                filter(None, (clean(item.step.title), click.style(_next(item), dim=True) if _next(item) else ""))
            ),
        )
        for item in book.steps
    ]
    return f"{click.style(head, bold=True)}\n{table(rows)}"


def _next(item: StepStatus) -> str:
    """What the step waits for, or what it takes."""
    if item.status == "waits":
        return f"after {', '.join(item.waits_for[:4])}{' …' if len(item.waits_for) > 4 else ''}"
    if item.said:
        return clean(f"you said so on {item.said}")
    if item.is_offered and item.status != "done":
        return f"offered: --want {item.step.id}"
    if item.needs:
        template, name, what = item.needs[0]
        return clean(f"needs --set {template}.{name}=… ({what})")
    if item.status == "decide":
        return clean(f"advisor decide {item.step.decide}")
    if item.asks:
        return clean(f"--confirm {item.step.id}: {item.asks}")
    calls = sum(len(change.operations) for change in item.changes)
    return count(calls, "call") if item.status == "ready" else ""


@command("setup", subcommands=(status, plan, apply, record))
@_choices
def setup(session: Session, **chosen: Any) -> int:
    """The guided set-up of a new account; without a word after it: where each step stands."""
    _, book = _book(session, chosen)
    session.answer(lambda: _document(book), lambda: _table(book))
    return session.done(
        holds=book.is_finished or not session.strict, is_unknown=any(item.status == "unknown" for item in book.asked)
    )
