"""`paths` and `cut`: who can become what, hop by hop, and the cheapest changes that end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.names import principal_of
from advisor.cli.options import command
from advisor.cli.text import clean, count, is_ascii_only, mark, table
from advisor.cli.words import condition_words, near, reasons_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.cli.session import Session
    from advisor.graph.cut import Cut
    from advisor.graph.paths import Hop, Path, Paths
    from advisor.model.change import Change

_SHOWN = 50
"""Paths that the table spells out; JSON has all."""


@command("paths")
@click.option("--source", metavar="P", help="Only the ways of this principal, or of `outside`.")
@click.option("--to", default="admin", show_default=True, metavar="admin|PRINCIPAL", help="Where the ways lead.")
@click.option(
    "--assume",
    multiple=True,
    metavar="KIND",
    help="Take what a file cannot show as there, such as `lambda:function`, or `all`; repeatable.",
)
@click.option("--all", "every", is_flag=True, help="All minimal paths, not one for each source and first technique.")
def paths(session: Session, source: str | None, to: str, assume: tuple[str, ...], every: bool) -> int:
    """Every way to become administrator (or another principal), with the statements behind each hop.

    Exit 1 when a path is open.
    """
    from advisor.cli.shapes import path_shape

    account = session.account
    start = source if source in (None, "outside") else principal_of(account, str(source))
    goal = to if to == "admin" else principal_of(account, to)
    found = account.paths(goal, start, assume, all=every)
    session.answer(
        lambda: {
            "admins": list(found.admins),
            "paths": [path_shape(path) for path in found.paths],
            **({"truncated": True} if found.truncated else {}),
        },
        lambda: _table(found, frozenset((account.snapshot.account,)), leads_to_power=to == "admin"),
    )
    if not session.is_json:
        session.tell_coverage()
    statuses = {path.status for path in found.paths}
    return session.done(holds="open" not in statuses, is_unknown="unknown" in statuses, gaps=found.gaps)


@command("cut")
@click.option(
    "--tolerate",
    multiple=True,
    metavar="P",
    help="Who may become administrator; repeatable. Without it those kept for emergencies.",
)
@click.option("--assume", multiple=True, metavar="KIND", help="As for `advisor paths`; repeatable.")
def cut(session: Session, tolerate: tuple[str, ...], assume: tuple[str, ...]) -> int:
    """The cheapest changes that close all paths to administrators, each with what it would break.

    Exit 1 when paths stay open.
    """
    from advisor.cli.plan import tolerated_of, with_impacts
    from advisor.cli.shapes import change_shape, path_shape

    account = session.account
    tolerated = tolerated_of(account, tolerate)
    found = account.cut(tolerated, assume)
    if tolerated and not tolerate:
        session.note(f"tolerated, as kept for emergencies: {', '.join(clean(_short(arn)) for arn in tolerated)}")
    changes = tuple(with_impacts(account, found.changes))
    session.answer(
        lambda: {
            "changes": [change_shape(change, with_impact=True) for change in changes],
            "closes": found.closes,
            "remaining": [path_shape(path) for path in found.remaining],
            "optimal": found.optimal,
            "gap": found.gap,
            **({"note": found.note} if found.note else {}),
        },
        lambda: _cut_table(found, changes),
    )
    return session.done(holds=not found.remaining)


def _cut_table(found: Cut, changes: Sequence[Change]) -> str:
    proof = "proved cheapest" if found.optimal else f"at most {found.gap:.0%} above the cheapest"
    lines = [click.style(f"{found.closes} of {found.paths} paths closed by {count(len(changes), 'change')}", bold=True)]
    lines += [f"  {proof}"] if changes else []
    for change in changes:
        lines += ["", f"  {clean(change.title)}"]
        if change.impact is not None:
            lost = list(dict.fromkeys(clean(_short(item.principal)) for item in change.impact.lost))
            actions = sum(len(item.actions) for item in change.impact.lost)
            words = (
                f"{', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''} {_loses(lost)} {count(actions, 'action')}"
            )
            lines.append(f"    {words if lost else 'nobody loses anything'} · gained {len(change.impact.gained)}")
    if found.remaining:
        lines += ["", f"  {count(len(found.remaining), 'path')} stay open:"]
        lines += [f"    {clean(_short(path.source))} → {clean(_short(path.target))}" for path in found.remaining[:10]]
    return "\n".join([*lines, *([f"  {clean(found.note)}"] if found.note else [])])


def _table(found: Paths, accounts: frozenset[str], *, leads_to_power: bool) -> str:
    tally = {word: sum(path.status == word for path in found.paths) for word in ("open", "conditional", "unknown")}
    lines = [
        click.style(f"{count(len(found.paths), 'path')}", bold=True),
        f"  {tally['open']} open · {tally['conditional']} only if · {tally['unknown']} unknown",
        f"  {count(len(found.admins), 'administrator')}: {', '.join(near(arn, accounts) for arn in found.admins[:8])}",
    ]
    shown = found.paths[:_SHOWN]
    grouped: dict[str, list[Path]] = {}
    for path in shown:
        grouped.setdefault(path.source, []).append(path)
    numbers = iter(range(1, len(shown) + 1))
    for source, mine in grouped.items():
        lines += ["", click.style(f"  {near(source, accounts)}  {count(len(mine), 'path')}", bold=True)]
        lines += [line for path in mine for line in _path_lines(next(numbers), path, accounts, leads_to_power)]
    if len(found.paths) > _SHOWN:
        lines += ["", f"  {len(found.paths) - _SHOWN} more; --source P narrows, --json has all"]
    return "\n".join(lines)


_STATUS = {"open": "", "conditional": "only if", "unknown": "unknown"}


def _path_lines(number: int, path: Path, accounts: frozenset[str], leads_to_power: bool) -> list[str]:
    power = "^ administrator" if is_ascii_only() else "▲ administrator"
    target = f"{near(path.target, accounts)} {power}" if leads_to_power else near(path.target, accounts)
    source = "" if path.source == path.target else f"{near(path.source, accounts)} → "
    sign = mark(path.status, with_word=False) + " " if _STATUS[path.status] else ""
    words = ", ".join(filter(None, (count(len(path.hops), "hop"), _STATUS[path.status])))
    title = click.style(f"{source}{target}, {sign}{words}", bold=True)
    return [f"  {number:>3}  {title}", *(line for hop in path.hops for line in _hop_lines(hop, accounts))]


def _hop_lines(hop: Hop, accounts: frozenset[str]) -> list[str]:
    state = "" if hop.state == "seen" else f" ({hop.state})"
    extra = f"  if {condition_words(hop.conditions)}" if hop.conditions else ""
    rows = [
        (f"{clean(need.action)} on {near(need.resource, accounts)}", reasons_words(need.because))
        for need in hop.requires
    ]
    head = f"       {clean(hop.title or hop.technique)} → {near(hop.target, accounts)}{state}{extra}"
    return [head, *([table(rows, indent="         ")] if rows else [])]


def _loses(lost: Sequence[str]) -> str:
    return "loses" if len(lost) == 1 else "lose"


def _short(arn: str) -> str:
    return arn.rsplit(":", 1)[-1] if arn.startswith("arn:") else arn
