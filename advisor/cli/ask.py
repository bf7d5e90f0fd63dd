"""`who-can`, `can`, `what-can`: questions about access, with their reasons."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.names import principal_of
from advisor.cli.options import command, context_option, parse_context
from advisor.cli.text import clean, count, mark, table
from advisor.cli.words import condition_words, miss_words, near, reasons_words, some
from advisor.errors import InputError, UsageError
from advisor.model.arn import account_of
from advisor.model.condition_words import LISTED

if TYPE_CHECKING:
    from advisor.cli.session import Session
    from advisor.model.change import Flip
    from advisor.model.gap import Gap
    from advisor.model.verdict import Answer, Answers, LayerOutcome, Permission, Verdict


@command("who-can")
@click.argument("action")
@click.argument("resource", required=False)
@click.option("--via", is_flag=True, help="Also who can become such a principal.")
@context_option
def who_can(session: Session, action: str, resource: str | None, via: bool, context: tuple[str, ...]) -> int:
    """Every principal that can do ACTION on RESOURCE, and the statements that say so.

    Globs in both. Without RESOURCE: on any; the answer says which. Words of the app do too: `who-can read payroll`.
    """
    from advisor.cli.shapes import answer_shape

    fixed = parse_context(context)
    action, resource = _as_question(session, action, resource)
    answers = session.account.who_can(action, resource, fixed, via=via)
    for warning in answers.warnings:
        session.note(f"warning: {warning}")
    session.answer(
        lambda: {
            "question": {
                "action": answers.action,
                "resource": answers.resource,
                "context": {key: list(values) for key, values in answers.context.items()},
            },
            "answers": [answer_shape(answer) for answer in answers],
            "denied": answers.denied,
            "denied_explicitly": answers.denied_explicitly,
            "root": answers.root,
        },
        lambda: _who_can_table(answers, session.account_ids),
    )
    if not session.is_json:
        session.tell_coverage()
    return session.done(
        is_unknown=any(answer.decision == "unknown" for answer in answers) or answers.root == "unknown",
        gaps=answers.coverage,
    )


@command("can")
@click.argument("principal")
@click.argument("action")
@click.argument("resource", required=False)
@click.option("--session-policy", metavar="FILE", help="A policy passed to the session; - is standard input.")
@click.option("--explain", is_flag=True, help="Add the smallest single changes that would turn the answer.")
@click.option("--expect", type=click.Choice(["allowed", "denied"]), help="Exit 1 unless the decision is this.")
@context_option
def can(
    session: Session,
    principal: str,
    action: str,
    resource: str | None,
    session_policy: str | None,
    explain: bool,
    expect: str | None,
    context: tuple[str, ...],
) -> int:
    """May PRINCIPAL do ACTION on RESOURCE? One verdict with each layer that was asked."""
    from advisor.access.asking import warnings_on
    from advisor.cli.shapes import condition_shapes, flip_shape, gap_shapes, layer_shape, witness_shape

    fixed = parse_context(context)
    action, resource = _as_question(session, action, resource, only_exact=expect is not None)
    warnings = warnings_on(action)
    for warning in warnings:
        session.note(f"warning: {warning}")
    policy = _read_text(session_policy) if session_policy else None
    principal = principal_of(session.account, principal)
    verdict = session.account.can(principal, action, resource, fixed, session_policy=policy)
    flips = session.account.flips(principal, action, resource, fixed) if explain else None
    session.answer(
        lambda: {
            "question": {
                "principal": principal,
                "action": action,
                "resource": resource or "*",
                "context": {key: list(values) for key, values in fixed.items()},
            },
            "decision": verdict.decision,
            "conditions": condition_shapes(verdict.conditions),
            **({"witness": witness_shape(verdict)} if verdict.witness is not None else {}),
            **({"flips": [flip_shape(flip) for flip in flips]} if flips is not None else {}),
            "gaps": gap_shapes(verdict.gaps),
            "assuming": list(verdict.assuming),
            "trace": [layer_shape(layer) for layer in verdict.trace],
        },
        lambda: verdict_table(principal, action, resource, verdict, flips),
    )
    return session.done(
        holds=expect is None or _is_met(expect, verdict),
        is_unknown=verdict.decision == "unknown" or bool(warnings),
        gaps=verdict.gaps,
    )


@command("what-can")
@click.argument("principal")
@click.option("--on", "resource", metavar="RESOURCE", help="Only what holds for this resource (a glob may stand here).")
@context_option
def what_can(session: Session, principal: str, resource: str | None, context: tuple[str, ...]) -> int:
    """What PRINCIPAL may do: its effective permissions, service by service, with conditions."""
    from advisor.cli.shapes import gap_shapes, permission_shape

    principal = principal_of(session.account, principal)
    permissions = session.account.what_can(principal, resource, parse_context(context))
    hidden = session.account.hidden_from(principal)
    session.answer(
        lambda: {
            "principal": principal,
            "actions": [permission_shape(item) for item in permissions],
            **({"others": "unknown"} if hidden else {}),
            "gaps": gap_shapes(hidden),
        },
        lambda: _permissions_table(principal, resource, permissions, hidden),
    )
    if not session.is_json:
        session.tell_coverage()
    return session.done(is_unknown=bool(hidden) or any(item.decision == "unknown" for item in permissions))


def _as_question(
    session: Session, action: str, resource: str | None, *, only_exact: bool = False
) -> tuple[str, str | None]:
    """The question as it was put; or the one that words such as `read payroll` most likely mean, which is said.

    Raises:
        UsageError: it is none, or it has to be exact.
    """
    from advisor.access.asking import check_action, check_resource

    is_phrase = (":" not in action and action not in ("", "*")) or (resource or "").isidentifier()
    meant = session.account.questions(" ".join(word for word in (action, resource) if word)) if is_phrase else ()
    if meant and not only_exact:
        found = meant[0]
        session.note(f"asked: {found.action}{f' on {found.resource}' if found.resource else ''}")
        return found.action, found.resource
    try:
        check_action(action)
        check_resource(resource)
    except UsageError as error:
        words = " or ".join(" ".join(filter(None, (one.action, one.resource))) for one in meant[:2])
        raise UsageError(error.message, advice=f"ask exactly: {words}" if words else error.advice) from error
    return action, resource


def _is_met(expect: str, verdict: Verdict) -> bool:
    return verdict.decision == "allowed" if expect == "allowed" else verdict.decision.endswith("-deny")


def _read_text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", file=name) from error


def _who_can_table(answers: Answers, accounts: frozenset[str]) -> str:
    tally = {word: sum(answer.decision == word for answer in answers) for word in ("allowed", "conditional", "unknown")}
    summary = (
        f"{tally['allowed']} can · {tally['conditional']} if · {tally['unknown']} unknown · {answers.denied} cannot"
        f" ({answers.denied_explicitly} denied by a statement)"
    )
    rows = [
        (
            mark(answer.decision),
            _named(answer, accounts),
            "\n".join(filter(None, (reasons_words(answer.because), _extras(answer, answers)))),
        )
        for answer in answers
    ]
    head = f"who can {clean(answers.action)} on {clean(answers.resource)}"
    root = f"  root: {click.unstyle(mark(answers.root))}"
    return "\n".join(
        [
            click.style(head, bold=True),
            f"  {summary}",
            root,
            "",
            table(rows) if rows else "  nobody",
            *_assumed(answers),
        ]
    ).rstrip()


def _assumed(answers: Answers) -> list[str]:
    """The layers that were not read. An SCP is of the caller's organization: the answer says of whose account."""
    layers = sorted({layer for answer in answers for layer in answer.assuming})
    words = [f"{_policies_of(layer)}{_whose(answers, layer)}" for layer in layers]
    return ["", f"  never read and taken not to limit: {clean(', '.join(words))}"] if words else []


def _policies_of(layer: str) -> str:
    return {"scp": "SCPs", "rcp": "RCPs"}.get(layer, layer)


def _whose(answers: Answers, layer: str) -> str:
    if layer != "scp":
        return ""
    principals = [answer.principal for answer in answers if layer in answer.assuming]
    ids = {name if name.isdigit() else account_of(name) for name in principals} - {""}
    return f" of {', '.join(sorted(ids)[:LISTED])}{' and others' if len(ids) > LISTED else ''}" if ids else ""


def _named(answer: Answer, accounts: frozenset[str]) -> str:
    """`role/Admin`, `user/admin/ben`; of another account the whole ARN; what is neither with its kind."""
    if answer.kind in ("user", "role"):
        return near(answer.principal, accounts)
    return clean(f"{answer.kind} {answer.principal}")


def _extras(answer: Answer, asked: Answers) -> str:
    parts = []
    if answer.conditions:
        parts.append(f"if {condition_words(answer.conditions)}")
    parts += [f"? {clean(gap.makes_unknown)}" for gap in answer.gaps[:LISTED]]
    if answer.via:
        parts.append("via " + ", ".join(clean(name.rsplit(":", 1)[-1]) for name in answer.via))
    if answer.actions is not None:
        parts.append(f"actions {some(answer.actions)}")
    if answer.resources is not None and answer.resources != (asked.resource,):
        parts.append(f"on {some(answer.resources)}")
    return "; ".join(parts)


def verdict_table(
    principal: str, action: str, resource: str | None, verdict: Verdict, flips: Sequence[Flip] | None = None
) -> str:
    """One verdict for people: the answer, each layer with what decided in it, and what would turn it."""
    lines = [
        click.style(clean(f"can {principal} {action} {resource or 'on any resource'}"), bold=True),
        f"  {mark(verdict.decision)}{' ' + condition_words(verdict.conditions) if verdict.conditions else ''}",
        "",
        table([_layer_row(layer, verdict) for layer in verdict.trace]),
    ]
    if verdict.witness:
        from advisor.cli.shapes import witness_shape

        words = ", ".join(f"{key}={'|'.join(values)}" for key, values in witness_shape(verdict).items())
        lines += ["", f"  for example with {clean(words)}"]
    lines += [
        f"  ? {clean(gap.call)}: {clean(gap.reason)}; unknown: {clean(gap.makes_unknown)}" for gap in verdict.gaps
    ]
    if verdict.assuming:
        lines += ["", f"  never read and taken not to limit: {', '.join(verdict.assuming)}"]
    if flips is not None:
        rows = [(f"to {flip.to}", clean(flip.change.title), condition_words(flip.conditions)) for flip in flips]
        lines += ["", "  smallest changes that turn it:", table(rows) if rows else "    none within this account"]
    return "\n".join(lines)


def _layer_row(layer: LayerOutcome, verdict: Verdict) -> tuple[str, str, str]:
    outcome = "unknown" if layer.layer in verdict.assuming else layer.outcome
    return layer.layer, mark(outcome), reasons_words(layer.reasons) or miss_words(layer.detail)


def _permissions_table(
    principal: str, resource: str | None, permissions: tuple[Permission, ...], hidden: tuple[Gap, ...]
) -> str:
    services: dict[str, list[Permission]] = {}
    for permission in permissions:
        services.setdefault(permission.action.partition(":")[0], []).append(permission)
    lines = [
        click.style(f"what {clean(principal)} can do{f' on {clean(resource)}' if resource else ''}", bold=True),
        f"  {count(len(permissions), 'action')} in {count(len(services), 'service')}" if permissions else "  nothing",
    ]
    for service, items in services.items():
        lines += ["", click.style(clean(service), bold=True), table(_permission_rows(items))]
    if hidden:
        lines += ["", f"{mark('unknown')} anything else: policies of this principal could not be read"]
        lines += [f"    {clean(gap.resource or gap.call)}: {clean(gap.reason)}" for gap in hidden]
    return "\n".join(lines)


def _permission_rows(items: list[Permission]) -> list[tuple[str, ...]]:
    """One row for all actions of a service that hold alike: an administrator has 20,000 of them."""
    alike: dict[tuple[object, ...], list[Permission]] = {}
    for item in items:
        alike.setdefault((item.decision, item.resources, item.conditions, item.because, item.gaps), []).append(item)
    return [
        (
            mark(group[0].decision),
            _action_words([item.action for item in group]),
            some(group[0].resources),
            _permission_extras(group[0]),
        )
        for group in alike.values()
    ]


def _action_words(actions: list[str]) -> str:
    first = clean(actions[0])
    names = [clean(action.partition(":")[2]) for action in actions[1:LISTED]]
    more = f" and {len(actions) - LISTED} more" if len(actions) > LISTED else ""
    return ", ".join([first, *names]) + more


def _permission_extras(item: Permission) -> str:
    words = [f"if {condition_words(item.conditions)}"] if item.conditions else []
    return "\n".join([reasons_words(item.because), *words])
