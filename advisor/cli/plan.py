"""`plan`: a file of changes that people review: made from findings, shown with everything that it would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from advisor.cli.options import command, group
from advisor.cli.text import clean, clean_lines, count, mark, table
from advisor.cli.words import left_alone_words
from advisor.errors import UsageError
from advisor.model.difference import parted

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.change.choose import Choice
    from advisor.change.preview import Preview
    from advisor.cli.session import Session
    from advisor.model.change import Change
    from advisor.model.difference import AccessChange, Difference

EXPORTS = ("cli", "terraform", "cloudformation")
_ALL = "*"
_SHOWN = 40
_GUARD = {"yes": "holds", "no": "fails", "unknown": "unknown"}


@command("plan new")
@click.option("-o", "--output", required=True, metavar="PLAN", help="The plan, YAML.")
@click.option(
    "--findings",
    is_flag=False,
    flag_value=_ALL,
    metavar="[=ID,…]",
    help="Changes of these findings; without ids of all open ones.",
)
@click.option(
    "--setup",
    is_flag=False,
    flag_value=_ALL,
    metavar="[=STEP,…]",
    help="Steps of the guided set-up; without steps those that are ready.",
)
@click.option("--cut", is_flag=True, help="The cheapest changes that close all paths to administrators.")
@click.option("--tolerate", multiple=True, metavar="P", help="With --cut: who may become administrator; repeatable.")
def new(
    session: Session, output: str, findings: str | None, setup: str | None, cut: bool, tolerate: tuple[str, ...]
) -> int:
    """Make a plan of changes for the account as it was read.

    Without ids only what can be undone and passes the guards goes in; the rest is listed with its reason.
    """
    from advisor.change.choose import choose
    from advisor.change.plan import new_plan, write_plan
    from advisor.cli.shapes import change_shape

    if findings is None and setup is None and not cut:
        raise UsageError("a plan of what?", advice="give --findings, --findings=ID,…, --setup or --cut")
    account = session.account
    named = findings is not None and findings != _ALL
    candidates: list[Change] = list(account.cut(tolerated_of(account, tolerate)).changes) if cut else []
    if findings is not None:
        candidates += _of_findings(account, _ids(findings) if named else None)
    if setup is not None:
        from advisor.change.setup import changes_of
        from advisor.cli.setup import playbook_of

        named = named or setup != _ALL
        candidates += changes_of(playbook_of(account), _ids(setup) if setup != _ALL else None)
    mended = account.findings().findings if findings is not None else ()
    choice = choose(account, candidates, asked=named or findings is None, findings=mended)
    write_plan(new_plan(account, choice.changes), output)
    session.answer(
        lambda: {
            "plan": output,
            "changes": [change_shape(change) for change in choice.changes],
            "left_out": [{"id": o.change.id, "title": o.change.title, "reason": o.reason} for o in choice.left_out],
        },
        lambda: _new_table(choice, output),
    )
    return session.done()


@command("plan show")
@click.argument("plan", metavar="PLAN")
@click.option("--export", "export_to", type=click.Choice(EXPORTS), help="Write it for another tool instead.")
@click.option("-o", "--output", metavar="FILE", help="Write the export there instead of to standard output.")
def show(session: Session, plan: str, export_to: str | None, output: str | None) -> int:
    """What the plan would do: diff, calls, access gained and lost, practices, paths, quotas, guards."""
    from advisor.change.plan import check_plan, read_plan
    from advisor.change.preview import preview

    read = read_plan(plan)
    account = session.account
    problems = check_plan(read, account)
    if problems:
        raise UsageError(problems[0], advice="make the plan again for the account as it is now")
    if export_to is not None:
        from advisor.change.export import export

        session.save(export(read.changes, account.snapshot, export_to), output)
        return session.done()
    if output is not None:
        raise UsageError("-o writes an export", advice=f"add --export {'|'.join(EXPORTS)}")
    found = with_aws(session, preview(account, read.changes, paths=True))
    session.answer(lambda: preview_document(account, found), lambda: preview_table(found))
    return session.done(holds=not found.refusals)


def with_aws(session: Session, found: Preview) -> Preview:
    """AWS's own findings too, where the account is a live one."""
    from advisor.change.validated import validated

    return found if session.files else validated(found, session.account, *session.aws())


def tolerated_of(account: Advisor, names: tuple[str, ...]) -> list[str]:
    """The principals that may become administrator: those named, else those kept for emergencies, as in the app."""
    from advisor.cli.names import principal_of

    if names:
        return [principal_of(account, name) for name in names]
    return list(account.tolerated)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _of_findings(account: Advisor, ids: tuple[str, ...] | None) -> Iterator[Change]:
    found = {finding.id: finding for finding in account.findings().findings}
    for id in ids or ():
        if id not in found:
            raise UsageError(f"there is no finding `{id}`", advice="`advisor findings` lists them")
    wanted = [found[id] for id in ids] if ids is not None else [f for f in found.values() if f.status == "open"]
    for finding in wanted:
        yield from finding.changes


def _new_table(choice: Choice, output: str) -> str:
    rows = [(clean(change.title), count(len(change.operations), "call")) for change in choice.changes]
    lines = [click.style(f"{count(len(choice.changes), 'change')} in {clean(output)}", bold=True), table(rows)]
    if choice.left_out:
        left = [(clean(one.change.title), clean(one.reason)) for one in choice.left_out]
        lines += ["", click.style("left out", bold=True), table(left)]
    return "\n".join(line for line in lines if line is not None)


def preview_document(account: Advisor, found: Preview) -> dict[str, Any]:
    """The preview as JSON: each change with its own impact, and what they do together."""
    from advisor.access.impacts import with_impacts
    from advisor.cli.shapes import change_shape, impact_shape, operation_shape
    from advisor.model.change import Impact

    changes = [change_shape(change, with_impact=True) for change in with_impacts(account, found.changes)]
    return {
        "changes": changes,
        "calls": [
            {"number": call.number, "call": call.name, "subject": call.subject, "change": call.change}
            for call in found.calls
        ],
        "impact": impact_shape(found.access or Impact()),
        "practices": [{"id": p.id, "before": p.before, "after": p.after} for p in found.practices],
        "paths": {
            "closed": len(found.paths.closed) if found.paths else 0,
            "opened": len(found.paths.opened) if found.paths else 0,
            "left": found.paths.left if found.paths else 0,
            "left_ways": list(found.paths.ways) if found.paths else [],
            "of_administrators_before": len(found.paths.instead) if found.paths else 0,
            "unknown": len(found.paths.unknown) if found.paths else 0,
        },
        "guards": [
            {"id": guard.id, "sign": guard.sign, "text": guard.text, "resources": list(guard.resources)}
            for guard in found.guards
        ],
        "quotas": [
            {"name": q.name, "subject": q.subject, "used": q.used, "limit": q.limit, "fits": q.fits}
            for q in found.quotas
        ],
        "problems": list(found.problems),
        **({"not_asked": found.not_asked} if found.not_asked else {}),
        "undo": [operation_shape(operation) for operation in found.undo],
        "reversible": found.reversible,
        "not_modelled": list(found.not_modelled),
    }


def _title(change: Change) -> str:
    """The title, and under it what to know of the change."""
    return "\n".join(
        [clean(change.title), *([click.style(f"  {clean(change.note)}", dim=True)] if change.note else [])]
    )


def preview_table(found: Preview) -> str:
    """Everything to see before a plan is applied, for people."""
    from advisor.change.diff_text import as_text

    lines = [
        click.style(f"{count(len(found.changes), 'change')}, {count(len(found.calls), 'call')}", bold=True),
        table([(_title(change),) for change in found.changes]),
        "",
        click.style("diff", bold=True),
        clean_lines(as_text(found.things)),
        "",
        click.style("calls", bold=True),
        table([(str(call.number), clean(call.name), clean(call.subject), clean(call.region)) for call in found.calls]),
        "",
        *_access_lines(found.access),
        *_effect_lines(found),
        click.style("guards", bold=True),
        table([(mark(_GUARD[guard.sign], with_word=False), guard.id, clean(guard.text)) for guard in found.guards]),
    ]
    undo = "can be undone" if found.reversible else f"cannot be undone in full. {clean(found.note)}"
    return "\n".join([*lines, "", f"  {undo}"])


def _access_lines(access: Difference | None) -> list[str]:
    if access is None:
        return []
    parts = parted(access.gained, access.lost)
    signs = (("+", parts.gained), ("–", parts.lost), ("?", parts.unknown))
    rows = [(sign, *_access_row(item)) for sign, items in signs for item in items]
    more = [f"  {len(rows) - _SHOWN} more; --json has all"] if len(rows) > _SHOWN else []
    doubt = [f"  ? {clean(access.reason)}"] if parts.unknown and access.reason else []
    return [
        click.style(access_words(access), bold=True), *([table(rows[:_SHOWN])] if rows else []), *more, *doubt, "",
    ]  # fmt: skip


def access_words(access: Difference) -> str:
    """`access: gained 1 · lost 2 · unknown from then on 3`; the last only where there is something."""
    parts = parted(access.gained, access.lost)
    unknown = f" · unknown from then on {len(parts.unknown)}" if parts.unknown else ""
    return f"access: gained {len(parts.gained)} · lost {len(parts.lost)}{unknown}"


def _access_row(item: AccessChange) -> tuple[str, str, str]:
    actions = ", ".join(clean(action) for action in item.actions[:3])
    more = f" and {len(item.actions) - 3} more" if len(item.actions) > 3 else ""
    return clean(item.principal), actions + more, f"on {clean(item.resource)}"


def _effect_lines(found: Preview) -> list[str]:
    lines = []
    if found.practices:
        turned = [(clean(p.title), f"{p.before} → {p.after}") for p in found.practices]
        lines += [click.style("practices", bold=True), table(turned), ""]
    if found.paths is not None:
        paths = found.paths
        words = f"paths to administrators: {len(paths.closed)} closed · {len(paths.opened)} opened · {paths.left} left"
        words += f", {left_alone_words(paths.left_alone)}" if paths.left_alone else ""
        if paths.instead:
            words += f", {len(paths.instead)} of an administrator before, who had none then"
        words += f" · {len(paths.unknown)} unknown from then on" if paths.unknown else ""
        ways = [*(f"  {clean(way)}" for way in paths.ways), *(f"  ? {clean(way)}" for way in paths.unknown)]
        more = [f"  {len(ways) - _SHOWN} more; --json has all that are left"] if len(ways) > _SHOWN else []
        lines += [click.style(words, bold=True), *ways[:_SHOWN], *more, ""]
    tight = [quota for quota in found.quotas if not quota.fits]
    if tight:
        rows = [(clean(q.subject), clean(q.name), f"{q.used} of {q.limit}") for q in tight]
        lines += [click.style("over a quota", bold=True), table(rows), ""]
    if found.problems:
        lines += [click.style("the linter says", bold=True), *(f"  {clean(text)}" for text in found.problems), ""]
    if found.not_asked:
        lines += [f"? {clean(found.not_asked)}", ""]
    return lines


plan = group("plan", "A plan of changes: made, shown, exported. `advisor apply` applies it.", new, show)
