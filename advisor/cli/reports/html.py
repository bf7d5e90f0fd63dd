"""Findings as one HTML page that stands alone: no script, no request, readable on paper too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from advisor.cli.text import clean
from advisor.reference.data import data_folder

if TYPE_CHECKING:
    from advisor.model.change import Change
    from advisor.model.finding import Evidence, Finding, Findings, PracticeResult
    from advisor.model.gap import Gap
    from advisor.model.snapshot import Snapshot

SEVERITIES = ("critical", "high", "medium", "low")
MOST_EVIDENCE = 30
"""So much of what was seen stands under a finding; the rest is counted."""
_SIGNS = {"holds": "✓ holds", "fails": "× does not", "unknown": "? unknown"}
_LAYERS = {
    "identity": "users, groups, roles and their policies", "boundary": "permissions boundaries",
    "resource": "policies of resources", "scp": "service control policies", "rcp": "resource control policies",
}  # fmt: skip


def write(found: Findings, snapshot: Snapshot) -> str:
    title = f"Findings of {snapshot.alias or snapshot.account}"
    titles = {practice.id: practice.title for practice in found.practices}
    groups = {
        status: [item for item in found.findings if item.status == status] for status in ("open", "unknown", "accepted")
    }
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_text(title)}</title><style>{_style()}</style></head><body>",
        f"<h1>{_text(title)}</h1>",
        _of_account(snapshot),
        *_summary(found, groups),
        *_section("Open", groups["open"], titles),
        *_section("Unknown", groups["unknown"], titles),
        *_section("Accepted", groups["accepted"], titles),
        '<h2 id="practices">Practices</h2><table>',
        *(_practice(item) for item in found.practices),
        "</table>",
        *_coverage(snapshot),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _style() -> str:
    return (data_folder("assets") / "report" / "findings.css").read_text("utf-8")


def _text(value: object) -> str:
    return escape(clean(value))


def _of_account(snapshot: Snapshot) -> str:
    from advisor.decide.record.moments import moment

    account = snapshot.account
    fours = f"{account[:4]} {account[4:8]} {account[8:]}" if len(account) == 12 else account
    return (
        f'<p class="meta">Account {_text(fours)}, read {_text(moment(snapshot.taken_at))}'
        f" ({_text(snapshot.source.kind)}).<br><code>{_text(snapshot.digest)}</code></p>"
    )


def _summary(found: Findings, groups: dict[str, list[Finding]]) -> Iterator[str]:
    """How many of each severity, and how many practices hold: the answer first."""
    counts = Counter[str](item.severity for item in groups["open"])
    cells = [f'<td class="{name}"><b>{counts[name]}</b> {name}</td>' for name in SEVERITIES]
    rest = [f"<td><b>{len(groups[name])}</b> {name}</td>" for name in ("unknown", "accepted")]
    yield f'<table class="tally"><tr>{"".join((*cells, *rest))}</tr></table>'
    of = Counter[str](item.status for item in found.practices)
    number = len(groups["open"])
    yield f"<p>{number} {'finding is' if number == 1 else 'findings are'} open."
    yield (
        f"Of {len(found.practices)} practices {of['holds']} hold, {of['fails']} do not, and {of['unknown']}"
        ' stay unknown; what was not read is under <a href="#coverage">Coverage</a>.</p>'
    )


def _section(title: str, findings: list[Finding], titles: dict[str, str]) -> Iterator[str]:
    if findings:
        yield f"<h2>{title}</h2>"
        yield from (_article(finding, titles) for finding in findings)


def _article(finding: Finding, titles: dict[str, str]) -> str:
    status = "" if finding.status == "open" else finding.status
    why = finding.detail.get("why")
    told = [
        f'<article class="{finding.severity} {status}" id="{_text(finding.id)}">',
        f"<h3><b>{finding.severity}</b> {_text(finding.title)}</h3>",
        f"<p>{_text(why)}</p>" if why else "",
        _accepted(finding),
        _list("", _seen(finding)),
        _list("Not known:", _unread(finding.gaps)),
        _list("Recommended:", (_change(change) for change in finding.changes)),
        f'<p class="meta">{_text(titles.get(finding.practice, finding.practice))} · <code>{_text(finding.id)}</code>'
        f" · {_links(finding.sources)}</p></article>",
    ]
    return "\n".join(part for part in told if part)


def _accepted(finding: Finding) -> str:
    accepted = finding.detail.get("accepted", {})
    if not accepted:
        return ""
    who, until = accepted.get("owner", "?"), accepted.get("until", "?")
    return f"<p>Accepted by {_text(who)} until {_text(until)}: {_text(accepted.get('reason', ''))}</p>"


def _list(lead: str, lines: Iterable[str]) -> str:
    rows = "".join(f"<li>{line}</li>" for line in lines)
    return f"{f'<p>{lead}</p>' if lead else ''}<ul>{rows}</ul>" if rows else ""


def _seen(finding: Finding) -> Iterator[str]:
    """What was seen, without what the title says already."""
    shown = finding.evidence[:MOST_EVIDENCE]
    for item in shown:
        yield _evidence(item, is_told=bool(item.detail) and item.detail in finding.title)
    if len(finding.evidence) > len(shown):
        yield f"and {len(finding.evidence) - len(shown):,} more"


def _evidence(item: Evidence, *, is_told: bool) -> str:
    read_by = f' <span class="meta">({_text(item.call)})</span>' if item.call else ""
    return f"<code>{_text(item.subject)}</code>{'' if is_told else f' {_text(item.detail)}'}{read_by}"


def _unread(gaps: Iterable[Gap]) -> Iterator[str]:
    for gap in gaps:
        yield f"<code>{_text(gap.call)}</code> {_text(_why(gap))}; unknown: {_text(gap.makes_unknown)}"


def _why(gap: Gap) -> str:
    return "was refused by AWS" if gap.kind == "refused" else gap.reason


def _change(change: Change) -> str:
    """Its title, and what a person must give or do."""
    needs = ", ".join(_text(name) for name, _ in change.needs)
    remark = f"needs {needs}" if needs else "" if change.operations else "by hand"
    if change.operations and not change.reversible:
        remark = ", ".join(part for part in (remark, "cannot be taken back") if part)
    steps = _list("", (_text(step) for step in change.by_hand)) if not change.operations else ""
    told = f' <span class="meta">({remark})</span>' if remark else ""
    return f"{_text(change.title)}{told}{steps}"


def _links(urls: Iterable[str]) -> str:
    return " · ".join(
        f'<a rel="noreferrer" href="{_text(url)}">{_text(url.removeprefix("https://").rsplit("/", 1)[-1])}</a>'
        for url in urls
        if _is_web(url)
    )


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _practice(item: PracticeResult) -> str:
    return f'<tr><td class="{item.status}">{_SIGNS[item.status]}</td><td>{_text(item.title)}</td></tr>'


def _coverage(snapshot: Snapshot) -> Iterator[str]:
    missing = [gap for gap in snapshot.gaps if gap.kind != "expected"]
    read = [_LAYERS.get(layer, layer) for layer in snapshot.source.read_layers]
    never = [told for layer, told in _LAYERS.items() if layer not in snapshot.source.read_layers]
    yield '<h2 id="coverage">Coverage</h2>'
    yield f"<p>Read: {_text('; '.join(read) or 'nothing')}.</p>"
    if never:
        yield f"<p>Never read, and taken not to limit: {_text('; '.join(never))}.</p>"
    if missing:
        yield "<table><tr><th>Not read</th><th>Why</th><th>Stays unknown</th></tr>"
        for gap in missing:
            what = f"{gap.call} {gap.resource or ''}"
            yield f"<tr><td>{_text(what)}</td><td>{_text(_why(gap))}</td><td>{_text(gap.makes_unknown)}</td></tr>"
        yield "</table>"
