"""`paths` and `cut`: who can become what, hop by hop, and the cheapest changes that end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from advisor.cli.names import principal_of
from advisor.cli.options import command
from advisor.cli.text import clean, count, is_ascii_only, mark, table
from advisor.cli.words import condition_words, left_alone_words, near, reasons_words
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.account import Advisor
    from advisor.cli.session import Session
    from advisor.graph.cut import Cut
    from advisor.graph.paths import Hop, Path, Paths
    from advisor.model.change import Change, Impact
    from advisor.model.snapshot import Snapshot

MOST_IMPACTS = 100
"""Changes of a cut whose impact is worked out without being asked for: it takes some 50 ms for each."""
_SHOWN = 50
"""Paths that the table spells out; JSON has all."""
_NAMES = 8
"""Principals that a line names."""


@command("paths")
@click.option(
    "--source",
    metavar="P",
    help="Only the ways of this principal, of a provider, service, account or person (`user:jo`), or of `outside`.",
)
@click.option(
    "--to",
    default="admin",
    show_default=True,
    metavar="admin|PRINCIPAL|RESOURCE",
    help="Where the ways lead: a principal, or a resource with what it holds, such as a bucket.",
)
@click.option(
    "--assume",
    multiple=True,
    metavar="KIND",
    help="Take what a file cannot show as there, such as `lambda:function`, or `all`; repeatable.",
)
@click.option("--all", "every", is_flag=True, help="All minimal paths, not one for each source and first technique.")
def paths(session: Session, source: str | None, to: str, assume: tuple[str, ...], every: bool) -> int:
    """Every way to become administrator (or another principal, or to read a resource), with the statements behind each
    hop. Several --from files: the ways from one account into another, too.

    Exit 1 when a path is open.
    """
    from advisor.cli.shapes import path_shape

    account = session.account
    start = source if source in (None, "outside") else _start(account, str(source))
    goal = _goal(account, to)
    found = account.paths(goal, start, assume, all=every)
    session.answer(
        lambda: {
            "admins": list(found.admins),
            "paths": [path_shape(path) for path in found.paths],
            **({"truncated": True} if found.truncated else {}),
        },
        lambda: _table(found, account, leads_to_power=to == "admin"),
    )
    if not session.is_json:
        session.tell_coverage()
    statuses = {path.status for path in found.paths}
    return session.done(holds="open" not in statuses, is_unknown="unknown" in statuses, gaps=found.gaps)


def _start(account: Advisor, source: str) -> str:
    """The principal, or the person of the directory, that is called so."""
    people = {f"{one.principal_kind}:{one.principal}" for one in account.snapshot.human_access.entitlements or ()}
    found = [name for name in sorted(people) if source in (name, name.partition(":")[2])]
    return found[0] if len(found) == 1 else principal_of(account, source)


def _goal(account: Advisor, to: str) -> str:
    """`admin`, a principal, or the only resource that is called so."""
    if to == "admin" or to.startswith("arn:"):
        return to
    named = [
        one.arn
        for snapshot in account.snapshots
        for one in snapshot.resources
        if one.arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1] == to
    ]
    try:
        return principal_of(account, to)
    except AdvisorError:
        if len(named) != 1:
            raise
        return named[0]


@command("cut")
@click.option(
    "--tolerate",
    multiple=True,
    metavar="P",
    help="Who may become administrator; repeatable. Without it those kept for emergencies.",
)
@click.option("--assume", multiple=True, metavar="KIND", help="As for `advisor paths`; repeatable.")
@click.option(
    "--impact",
    is_flag=True,
    help=f"What each change would break, also where there are more than {MOST_IMPACTS} of them.",
)
def cut(session: Session, tolerate: tuple[str, ...], assume: tuple[str, ...], impact: bool) -> int:
    """The cheapest changes that close all paths to administrators, each with what it would break.

    Exit 1 when paths stay open.
    """
    from advisor.access.impacts import with_impacts
    from advisor.cli.plan import tolerated_of
    from advisor.cli.shapes import change_shape, path_shape

    account = session.account
    tolerated = tolerated_of(account, tolerate)
    found = account.cut(tolerated, assume)
    if session.is_json:
        session.note(_tolerated_words(found, tolerated))
    changes = found.changes
    if impact or len(changes) <= MOST_IMPACTS:
        changes = tuple(with_impacts(account, changes))
    else:
        session.note(f"{len(changes)} changes: what each would break is worked out with --impact")
    session.answer(
        lambda: {
            "changes": [change_shape(change, with_impact=True) for change in changes],
            "closes": found.closes,
            "remaining": [path_shape(path) for path in found.remaining],
            "optimal": found.optimal,
            "gap": found.gap,
            **({"note": found.note} if found.note else {}),
        },
        lambda: _cut_table(found, changes, account.snapshot, _tolerated_words(found, tolerated)),
    )
    return session.done(holds=not found.remaining)


def _tolerated_words(found: Cut, tolerated: Sequence[str]) -> str:
    """`tolerated: user/emergency-1, role/Admin; 1 path left alone`: those named, then the administrators."""
    names = list(dict.fromkeys((*tolerated, *found.admins)))
    left_alone = f"; {count(len(found.left_alone), 'path')} left alone" if found.left_alone else ""
    return f"tolerated: {_listed([clean(_short(arn)) for arn in names]) or 'nobody'}{left_alone}"


def _listed(names: Sequence[str]) -> str:
    """As many names as a line takes, and how many more there are."""
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def _cut_table(found: Cut, changes: Sequence[Change], snapshot: Snapshot, tolerated: str) -> str:
    proof = "proved cheapest" if found.optimal else f"at most {_above(found.gap)} above the cheapest"
    lines = [click.style(f"{found.closes} of {found.paths} paths closed by {count(len(changes), 'change')}", bold=True)]
    lines += [f"  {tolerated}", *([f"  {proof}"] if changes else [])]
    for change in changes:
        lines += ["", f"  {clean(change.title)}"]
        if change.impact is not None:
            lost = list(dict.fromkeys(clean(_short(item.principal)) for item in change.impact.lost))
            actions = sum(len(item.actions) for item in change.impact.lost)
            words = (
                f"{', '.join(lost[:5])}{' and more' if len(lost) > 5 else ''} {_loses(lost)} {count(actions, 'action')}"
            )
            lines.append(f"    {words if lost else 'nobody loses anything'} · gained {len(change.impact.gained)}")
            lines += _used_lines(snapshot, change.impact)
        lines += [f"    {clean(change.note)}"] if change.note else []
    if found.remaining:
        lines += ["", f"  {count(len(found.remaining), 'path')} stay open:"]
        lines += [f"    {clean(_short(path.source))} → {clean(_short(path.target))}" for path in found.remaining[:10]]
    return "\n".join([*lines, *([f"  {clean(found.note)}"] if found.note else [])])


def _above(gap: float) -> str:
    """How far the cost is above the cheapest at most: `gap` is the share of the cost itself."""
    return f"{gap / (1 - gap):.0%}" if gap < 1 else "any share"


def _used_lines(snapshot: Snapshot, impact: Impact) -> list[str]:
    """What of the lost access was used, where that was read."""
    from advisor.access.used import used_of

    used = used_of(snapshot, impact.lost)
    shown = [
        f"    {'used' if use.exact else 'perhaps used, as its service was,'} {use.at[:10]}: "
        f"{clean(use.action)} by {clean(_short(use.principal))}"
        for use in used.uses[:3]
    ]
    return [*shown, *([f"    and {len(used.uses) - 3} more uses"] if len(used.uses) > 3 else [])]


def _table(found: Paths, account: Advisor, *, leads_to_power: bool) -> str:
    from advisor.graph.paths import parted

    accounts = (account.snapshot.account,)
    admins = _listed([near(arn, accounts) for arn in found.admins])
    _, left_alone = parted(found.paths, account.tolerated if leads_to_power else ())
    tally = {word: sum(path.status == word for path in found.paths) for word in ("open", "conditional", "unknown")}
    lines = [
        click.style(f"{count(len(found.paths), 'path')}", bold=True),
        f"  {tally['open']} open · {tally['conditional']} only if · {tally['unknown']} unknown",
        *([f"  {left_alone_words(path.source for path in left_alone)}"] if left_alone else []),
        f"  {count(len(found.admins), 'administrator')}: {admins}",
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


def _path_lines(number: int, path: Path, accounts: Sequence[str], leads_to_power: bool) -> list[str]:
    power = "^ administrator" if is_ascii_only() else "▲ administrator"
    target = f"{near(path.target, accounts)} {power}" if leads_to_power else near(path.target, accounts)
    source = "" if path.source == path.target else f"{near(path.source, accounts)} → "
    sign = mark(path.status, with_word=False) + " " if _STATUS[path.status] else ""
    words = ", ".join(filter(None, (count(len(path.hops), "hop"), _STATUS[path.status])))
    title = click.style(f"{source}{target}, {sign}{words}", bold=True)
    return [f"  {number:>3}  {title}", *(line for hop in path.hops for line in _hop_lines(hop, accounts))]


def _hop_lines(hop: Hop, accounts: Sequence[str]) -> list[str]:
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
