"""`findings`: practices and findings, worst first, each with its change; `accept` answers for one until a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from advisor.cli.options import command, into_option
from advisor.cli.reports import FORMATS
from advisor.cli.text import clean, count, mark, table
from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.cli.session import Session
    from advisor.model.finding import Finding, Findings

_LISTED = 3


@command("findings accept")
@click.argument("finding", metavar="ID")
@click.option("--owner", required=True, metavar="O", help="Who answers for it.")
@click.option("--reason", required=True, metavar="R", help="Why.")
@click.option("--until", required=True, metavar="DATE", help="The first day on which it is open again, YYYY-MM-DD.")
def accept(session: Session, finding: str, owner: str, reason: str, until: str) -> None:
    """Accept the risk of finding ID until DATE. Then it comes back by itself."""
    from datetime import UTC, datetime

    from advisor.advice import accepted

    account = session.account
    known = {item.id for item in account.findings().findings}
    if finding not in known:
        raise UsageError(
            f"there is no finding `{finding}`{_nearest(finding, known)}", advice="`advisor findings` lists them"
        )
    entry = accepted.Acceptance(account.snapshot.account, finding, owner, reason, until)
    accepted.accept(entry, datetime.now(UTC).date().isoformat())
    session.answer(
        lambda: {"accepted": {"id": finding, "owner": owner, "reason": reason, "until": until}},
        lambda: clean(f"{finding} is accepted until {until}; {owner} answers for it"),
    )


@command("findings reopen")
@click.argument("finding", metavar="ID")
def reopen(session: Session, finding: str) -> None:
    """Take back the acceptance of finding ID."""
    from advisor.advice.accepted import withdraw

    if not withdraw(session.account.snapshot.account, finding):
        raise UsageError(f"the finding `{finding}` is not accepted")
    session.answer(lambda: {"reopened": finding}, lambda: clean(f"{finding} is open again"))


@command("findings", formats=("table", "json", *FORMATS), subcommands=(accept, reopen))
@click.option("--impact", is_flag=True, help="JSON: also the access that each change alone gives and takes.")
@into_option
def findings(session: Session, impact: bool, into: str | None) -> int:
    """Practices and findings with recommended changes, worst first. Exit 1 when something is open."""
    from advisor.cli.shapes import finding_shape, practice_shape

    account = session.account
    found = account.findings()
    shown = [_with_impact(account, item) for item in found.findings] if impact else found.findings
    if session.format in FORMATS:
        from advisor.cli.reports import report

        session.save(report(session.format, found, account.snapshot), into)
    else:
        session.answer(
            lambda: {
                "practices": [practice_shape(item) for item in found.practices],
                "findings": [finding_shape(item, with_impact=impact) for item in shown],
            },
            lambda: _table(found),
            into,
        )
    if session.format == "table":
        session.tell_coverage()
    return session.done(
        holds=not any(item.status == "open" for item in found.findings),
        is_unknown=any(item.status == "unknown" for item in found.practices),
    )


def _with_impact(account: Advisor, finding: Finding) -> Finding:
    """The finding with each change's own impact; a change that cannot be made as things are keeps none."""
    from advisor.access.impacts import with_impacts
    from advisor.model.effects import EffectError

    changes = []
    for change in finding.changes:
        try:
            changes += list(with_impacts(account, (change,))) if change.operations else [change]
        except EffectError:
            changes.append(change)
    return msgspec.structs.replace(finding, changes=tuple(changes))


def _nearest(word: str, known: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _table(found: Findings) -> str:
    statuses = ("open", "unknown", "accepted")
    tally = {word: [item for item in found.findings if item.status == word] for word in statuses}
    lines = [click.style("findings", bold=True), f"  {' · '.join(f'{len(tally[word])} {word}' for word in statuses)}"]
    for word in statuses:
        if tally[word]:
            lines += ["", click.style(word, bold=True), table([_row(item) for item in tally[word]])]
    rows = [(mark(item.status), clean(item.id), clean(item.title)) for item in found.practices]
    return "\n".join([*lines, "", click.style("practices", bold=True), table(rows)])


def _row(item: Finding) -> tuple[str, ...]:
    resources = ", ".join(clean(name.rsplit(":", 1)[-1]) for name in item.resources[:_LISTED])
    more = f" and {len(item.resources) - _LISTED} more" if len(item.resources) > _LISTED else ""
    by_hand = all(change.by_hand and not change.operations for change in item.changes)
    changes = f"{count(len(item.changes), 'change')}{', by hand' if by_hand else ''}" if item.changes else ""
    told = " · ".join(part for part in (clean(item.id), resources + more, changes) if part)
    return mark(item.severity), f"{clean(item.title)}\n{click.style(told, dim=True)}"
