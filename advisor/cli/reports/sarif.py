"""Findings as SARIF 2.1.0 (OASIS): a rule for each practice, a result for each finding, a notification for each gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from advisor import __version__
from advisor.cli.text import clean

if TYPE_CHECKING:
    from advisor.model.finding import Finding, Findings
    from advisor.model.snapshot import Snapshot

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}
"""`security-severity`, by which code scanning sorts."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(found: Findings, snapshot: Snapshot) -> str:
    shown = found.findings
    titles = {practice.id: practice.title for practice in found.practices}
    rules = list(dict.fromkeys(finding.practice for finding in shown))
    worst = {rule: min((f.severity for f in shown if f.practice == rule), key=list(_LEVELS).index) for rule in rules}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "IAM Advisor",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule, titles.get(rule, rule), worst[rule], shown) for rule in rules],
                    }
                },
                "automationDetails": {"id": f"iam-advisor/{snapshot.account}"},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _gaps(snapshot)}],
                "results": [_result(finding, rules.index(finding.practice), snapshot) for finding in shown],
                "properties": {"account": snapshot.account, "digest": snapshot.digest, "taken_at": snapshot.taken_at},
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()


def _rule(rule: str, title: str, severity: str, shown: tuple[Finding, ...]) -> dict[str, Any]:
    sources = next((finding.sources for finding in shown if finding.practice == rule), ())
    return {
        "id": rule,
        "shortDescription": {"text": clean(title)},
        **({"helpUri": sources[0]} if sources else {}),
        "properties": {"tags": ["security", "iam"], "security-severity": _SCORES[severity]},
    }


def _result(finding: Finding, rule: int, snapshot: Snapshot) -> dict[str, Any]:
    names = finding.resources or (snapshot.account,)
    result: dict[str, Any] = {
        "ruleId": finding.practice,
        "ruleIndex": rule,
        "kind": "review" if finding.status == "unknown" else "fail",
        "level": "none" if finding.status == "unknown" else _LEVELS[finding.severity],
        "message": {"text": clean(finding.title)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": f"aws-account/{snapshot.account}"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": clean(name), "kind": "resource"} for name in names],
            }
        ],
        "partialFingerprints": {"findingId/v1": finding.id},
        "properties": {"id": finding.id, "evidence": [clean(f"{e.subject}: {e.detail}") for e in finding.evidence]},
    }
    if finding.status == "accepted":
        accepted = finding.detail.get("accepted", {})
        words = f"{accepted.get('owner', '')}: {accepted.get('reason', '')}, until {accepted.get('until', '')}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": clean(words)}]
    return result


def _gaps(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {"level": "warning", "message": {"text": clean(f"{gap.call}: {gap.reason}. Unknown: {gap.makes_unknown}")}}
        for gap in snapshot.gaps
        if gap.kind != "expected"
    ]
