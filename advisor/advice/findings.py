"""Findings: what fails in this account, worst first, each with its evidence and the change that would mend it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from advisor.advice.accepted import Acceptance, accepted, is_in_force
from advisor.advice.facts import ask
from advisor.advice.facts.registry import says
from advisor.advice.practices import Failure, Outcome, folders_of, outcomes, results
from advisor.advice.recommend import changes_for, distinct, fillings
from advisor.model.change import Change
from advisor.model.finding import Finding, Findings
from advisor.reference.claims import parse_claim
from advisor.reference.schema.practices import Check

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

MOST_BY_THEMSELVES = 25
"""With more failures of one check they become one finding that lists them."""
_RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}
_STATUS = {"open": 0, "unknown": 1, "accepted": 2}
_PLACE = re.compile(r"\{(name|subject|detail|count)\}")


def find(account: OpenAccount, acceptances: Mapping[str, Acceptance] | None = None) -> Findings:
    """Judge every practice. Accepted risks are read from the state folder unless given."""
    if acceptances is None:
        acceptances = accepted(account.snapshot.account)
    found = outcomes(account)
    findings = [finding for outcome in found for finding in _of(account, outcome, acceptances)]
    findings.sort(key=lambda one: (_STATUS[one.status], _RANK[one.severity], one.practice, one.id))
    return Findings(results(found), tuple(findings))


def _of(account: OpenAccount, outcome: Outcome, acceptances: Mapping[str, Acceptance]) -> list[Finding]:
    now = account.snapshot.taken_at
    in_force = {id for id, acceptance in acceptances.items() if is_in_force(acceptance, now)}
    findings = [_finding(account, outcome, group, acceptances) for group in _groups(outcome, in_force)]
    if outcome.is_unknown:
        findings.append(_unknown(outcome))
    return findings


def _groups(outcome: Outcome, in_force: Collection[str]) -> list[tuple[Failure, ...]]:
    """One finding for each thing; for all together where the check says so, or where so many fail that a list of
    findings would be read by nobody. What is critical, and what was accepted by itself, stays by itself.
    """
    check, failures = outcome.check, outcome.failures
    if check.group and failures:
        return [failures]
    apart = [one for one in failures if finding_id(check.id, one.subject) in in_force]
    together = tuple(one for one in failures if one not in apart) if apart else failures
    if check.severity == "critical" or len(together) <= MOST_BY_THEMSELVES:
        return [(failure,) for failure in failures]
    return [together, *((failure,) for failure in apart)]


def _finding(
    account: OpenAccount, outcome: Outcome, group: tuple[Failure, ...], acceptances: Mapping[str, Acceptance]
) -> Finding:
    check, practice = outcome.check, outcome.practice
    is_mass = len(group) > 1 and not check.group
    id = f"{check.id}-all" if is_mass else finding_id(check.id, "" if check.group else group[0].subject)
    acceptance = acceptances.get(id)
    in_force = acceptance is not None and is_in_force(acceptance, account.snapshot.taken_at)
    subjects = tuple(dict.fromkeys(failure.subject for failure in group))
    return Finding(
        id=id,
        practice=practice.id,
        severity=check.severity,
        status="accepted" if in_force else "open",
        title=f"{len(subjects):,} {says(check.each)}" if is_mass else _title(check.title, group),
        resources=tuple(dict.fromkeys(failure.resource for failure in group)),
        evidence=tuple(failure.evidence for failure in group) if check.each else outcome.evidence,
        changes=tuple(
            sorted(distinct(change for one in subjects for change in _changes(account, check, one)), key=_lacks_a_value)
        ),
        sources=tuple(source.url for source in practice.sources),
        detail=_detail(outcome, group, acceptance if in_force else None),
    )


def _lacks_a_value(change: Change) -> bool:
    """What can be done as it stands comes first."""
    return bool(change.needs)


def _changes(account: OpenAccount, check: Check, subject: str) -> Iterator[Change]:
    """What would mend one failure; where a fact lists what to mend, one change for each entry.

    What cannot be done in the account's state recommends nothing.
    """
    for recommendation in check.changes:
        subjects: tuple[str, ...] = (subject,)
        if recommendation.each:
            value = ask(account, recommendation.each.replace("{subject}", subject)).value
            subjects = value if isinstance(value, tuple) else ()
        for one in subjects:
            for filling in fillings(account, one, recommendation.fill):
                values = {**recommendation.values, **filling}
                found = changes_for(account, recommendation.template, one, values, folders_of(account))
                yield from (change for change in found if change.operations or change.by_hand)


def _detail(outcome: Outcome, group: tuple[Failure, ...], acceptance: Acceptance | None) -> dict[str, object]:
    detail: dict[str, object] = {"check": outcome.check.id, "why": outcome.check.why or outcome.practice.why}
    if outcome.practice.decision:
        detail["decision"] = outcome.practice.decision
    if acceptance is not None:
        detail["accepted"] = {"owner": acceptance.owner, "reason": acceptance.reason, "until": acceptance.until}
    told = " ".join(failure.evidence.detail for failure in group)
    meanings = {code: meaning for code, meaning in outcome.practice.codes.items() if f"{code}:" in told}
    return {**detail, "codes": meanings} if meanings else detail


def _unknown(outcome: Outcome) -> Finding:
    """What could not be read may hide more of the same."""
    check = outcome.check
    return Finding(
        id=finding_id(check.id, "?"),
        practice=outcome.practice.id,
        severity=check.severity,
        status="unknown",
        title=f"{'Not all known' if outcome.failures else 'Not known'}: {says(check.each or _first_fact(check.fails))}",
        evidence=() if outcome.failures else outcome.evidence,
        sources=tuple(source.url for source in outcome.practice.sources),
        detail={"check": check.id, "why": check.why or outcome.practice.why},
        gaps=outcome.gaps,
    )


def _first_fact(claim: str) -> str:
    return parse_claim(claim).tests[0].fact


def finding_id(check: str, subject: str) -> str:
    """Stable as long as the check and the thing are the same."""
    if not subject:
        return check
    return f"{check}-{hashlib.sha256(subject.encode()).hexdigest()[:6]}" if subject != "?" else f"{check}-unknown"


def _title(template: str, group: tuple[Failure, ...]) -> str:
    first = group[0]
    values = {
        "name": _name(first.resource),
        "subject": first.subject or first.resource,
        "detail": first.evidence.detail,
        "count": str(len({failure.subject for failure in group})),
    }
    return _PLACE.sub(lambda match: values[match[1]], template)


def _name(resource: str) -> str:
    if not resource.startswith("arn:"):
        return resource
    return resource.rsplit("/", 1)[-1] if "/" in resource else resource.rsplit(":", 1)[-1]
