"""Findings as OCSF 1.5 compliance findings (class 2003), a JSON list, as Amazon Security Lake and others take them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from advisor import __version__
from advisor.cli.text import clean

if TYPE_CHECKING:
    from advisor.model.finding import Finding, Findings
    from advisor.model.snapshot import Snapshot

_SEVERITY = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_STANDARD = "Security best practices in IAM"
"""Of the IAM User Guide; versions of OCSF before 1.4 ask for at least one name."""
_STATUS = {"open": (1, "New"), "unknown": (0, "Unknown"), "accepted": (3, "Suppressed")}


def write(found: Findings, snapshot: Snapshot) -> str:
    titles = {practice.id: practice.title for practice in found.practices}
    events = [_event(finding, titles.get(finding.practice, finding.practice), snapshot) for finding in found.findings]
    return msgspec.json.format(msgspec.json.encode(events), indent=2).decode()


def _event(finding: Finding, title: str, snapshot: Snapshot) -> dict[str, Any]:
    severity_id, severity = _SEVERITY[finding.severity]
    status_id, status = _STATUS[finding.status]
    is_known = finding.status != "unknown"
    return {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "time": int(datetime.fromisoformat(snapshot.taken_at).timestamp() * 1000),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "metadata": {
            "version": "1.5.0",
            "product": {"name": "IAM Advisor", "vendor_name": "IAM Advisor", "version": __version__},
        },
        "finding_info": {
            "uid": f"{snapshot.account}/{finding.id}",
            "title": clean(finding.title),
            "desc": clean("; ".join(f"{item.subject}: {item.detail}" for item in finding.evidence)),
            "types": ["IAM"],
        },
        "compliance": {
            "standards": [_STANDARD],
            "control": finding.practice,
            "desc": clean(title),
            "status_id": 3 if is_known else 0,
            "status": "Fail" if is_known else "Unknown",
        },
        "resources": [
            {"uid": clean(name), "cloud_partition": snapshot.partition, "owner": _owner(snapshot)}
            for name in finding.resources
        ],
        "remediation": {
            "desc": clean("; ".join(change.title for change in finding.changes)) or "see the references",
            "references": list(finding.sources),
        },
        "cloud": {"provider": "AWS", "account": _account(snapshot)},
    }


def _account(snapshot: Snapshot) -> dict[str, Any]:
    name = clean(snapshot.alias or snapshot.account)
    return {"uid": snapshot.account, "name": name, "type_id": 10, "type": "AWS Account"}


def _owner(snapshot: Snapshot) -> dict[str, Any]:
    """The account as the one that answers for a resource: OCSF's user object wants a name, an id and a type."""
    account = _account(snapshot)
    return {"uid": account["uid"], "name": account["name"], "type_id": 99, "type": "Account", "account": account}
