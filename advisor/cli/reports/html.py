"""Findings as one HTML page that stands alone: no script, no request, readable on paper too."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from advisor.cli.text import clean
from advisor.reference.data import data_folder

if TYPE_CHECKING:
    from advisor.model.finding import Finding, Findings, PracticeResult
    from advisor.model.snapshot import Snapshot

_SIGNS = {"holds": "✓ holds", "fails": "× does not", "unknown": "? unknown"}


def write(found: Findings, snapshot: Snapshot) -> str:
    title = f"Findings of {snapshot.alias or snapshot.account}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_text(title)}</title><style>{_style()}</style></head><body>",
        f"<h1>{_text(title)}</h1>",
        f'<p class="meta">Account {_text(snapshot.account)}, read {_text(snapshot.taken_at)}'
        f" ({_text(snapshot.source.kind)}). <code>{_text(snapshot.digest)}</code></p>",
        f"<p>{_tally(found)}</p>",
        *_section("Open", [item for item in found.findings if item.status == "open"]),
        *_section("Unknown", [item for item in found.findings if item.status == "unknown"]),
        *_section("Accepted", [item for item in found.findings if item.status == "accepted"]),
        "<h2>Practices</h2><table>",
        *(_practice(item) for item in found.practices),
        "</table>",
        *_coverage(snapshot),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _style() -> str:
    return (data_folder("assets") / "report" / "findings.css").read_text("utf-8")


def _text(value: object) -> str:
    return escape(clean(value))


def _tally(found: Findings) -> str:
    tally = {word: sum(item.status == word for item in found.findings) for word in ("open", "unknown", "accepted")}
    holding = sum(item.status == "holds" for item in found.practices)
    return (
        f"{tally['open']} open, {tally['unknown']} unknown, {tally['accepted']} accepted; "
        f"{holding} of {len(found.practices)} practices hold."
    )


def _section(title: str, findings: list[Finding]) -> Iterator[str]:
    if findings:
        yield f"<h2>{title}</h2>"
        yield from (_article(finding) for finding in findings)


def _article(finding: Finding) -> str:
    status = "" if finding.status == "open" else finding.status
    rows = [f"<li><code>{_text(item.subject)}</code> {_text(item.detail)}</li>" for item in finding.evidence]
    changes = [f"<li>{_text(change.title)}</li>" for change in finding.changes]
    gaps = [
        f"<li>? {_text(gap.call)}: {_text(gap.reason)}; unknown: {_text(gap.makes_unknown)}</li>"
        for gap in finding.gaps
    ]
    links = " ".join(
        f'<a rel="noreferrer" href="{_text(url)}">{_text(url)}</a>' for url in finding.sources if _is_web(url)
    )
    return "\n".join(
        [
            f'<article class="{finding.severity} {status}"><p><b>{finding.severity}</b> {_text(finding.title)}</p>',
            f"<ul>{''.join(rows)}</ul>" if rows else "",
            f"<ul>{''.join(gaps)}</ul>" if gaps else "",
            f"<p>Recommended:</p><ul>{''.join(changes)}</ul>" if changes else "",
            f'<p class="meta"><code>{_text(finding.id)}</code> {links}</p></article>',
        ]
    )


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _practice(item: PracticeResult) -> str:
    return f'<tr><td class="{item.status}">{_SIGNS[item.status]}</td><td>{_text(item.title)}</td></tr>'


def _coverage(snapshot: Snapshot) -> Iterator[str]:
    missing = [gap for gap in snapshot.gaps if gap.kind != "expected"]
    yield f"<h2>Coverage</h2><p>Read: {_text(', '.join(snapshot.source.read_layers) or 'nothing')}.</p>"
    if missing:
        yield "<table><tr><th>Not read</th><th>Reason</th><th>Stays unknown</th></tr>"
        for gap in missing:
            what = f"{gap.call} {gap.resource or ''}"
            yield f"<tr><td>{_text(what)}</td><td>{_text(gap.reason)}</td><td>{_text(gap.makes_unknown)}</td></tr>"
        yield "</table>"
