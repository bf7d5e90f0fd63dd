"""One fact for each step of the guided set-up: is it done? From other facts where they say it, else from the collector.

The collector leaves `setup.<step>` among the extra settings: a yes or no, or one for each Region.
"""

from __future__ import annotations

from typing import Any

from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import FactValue
from advisor.model.snapshot import Snapshot

_BY_CLAIMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "K0": ("kind of account is known", ("account.kind",)),
    "R1": ("root has MFA, or no password", ("root.mfa = 1 or root.password = 0",)),
    "R2": ("root has no access keys", ("root.keys = 0",)),
    "P1": ("an administrator who is not root", ("admins > 0",)),
    "P2": ("emergency access is there and strong", ("break_glass.users > 0", "break_glass.weak = 0")),
    "P3": ("permissions by group", ("users.direct = 0",)),
    "P4": ("password policy of 14 characters", ("password.min_length >= 14",)),
    "P5": ("MFA for every console user", ("users.console_no_mfa = 0",)),
    "L1": ("a trail of all Regions", ("trail.ok",)),
    "A1": ("an analyzer in every Region", ("analyzer.on",)),
    "O1": ("an organization with all features", ("org.features = ALL",)),
    "W1": (
        "roles for workloads, and a boundary for who makes roles",
        ("deleg.unbounded = 0", "lambda.shared_role = 0", "users.machine = 0 or users.exceptions_untagged = 0"),
    ),
    "O2": ("organizational units are there", ("org.units > 0",)),
    "O3": ("no mixed environments", ("env.mixed = no",)),
    "O4": ("centralized root access", ("root.central",)),
    "O5": ("an organization instance of Identity Center", ("ic.kind = organization",)),
    "O6": ("own roles for people", ("aam.used",)),
    "O7": ("guardrails attached", ("guard.scp > 0",)),
    "O8": ("a trail of the organization", ("trail.organization",)),
}
_BY_COLLECTOR: dict[str, tuple[str, str]] = {
    "R3": ("contact information is there", "account:GetContactInformation"),
    "L2": ("an alarm on the use of root", "events:ListRules"),
    "D2": ("snapshots and images cannot be made public", "ec2:GetSnapshotBlockPublicAccessState"),
    "D3": ("EBS volumes are encrypted by default", "ec2:GetEbsEncryptionByDefault"),
    "D4": ("new instances require IMDSv2", "ec2:GetInstanceMetadataDefaults"),
    "X1": ("threat detection is on", "guardduty:ListDetectors"),
    "X2": ("configuration history is recorded", "config:DescribeConfigurationRecorderStatus"),
    "X3": ("a posture score is kept", "securityhub:DescribeHub"),
    "Z1": ("the set-up is recorded", "sts:GetCallerIdentity"),
}


def _by_claims(q: Question, claims: tuple[str, ...]) -> FactValue:
    from advisor.advice.claims import judge_all

    judged = judge_all(q.account, claims)
    return FactValue(q.fact, judged.holds, judged.evidence, judged.gaps if judged.holds is None else ())


def _by_collector(q: Question, key: str) -> FactValue:
    noted = q.snapshot.settings.extra.get(key)
    if noted is None:
        return q.unknown()
    if not isinstance(noted, dict):
        return q.word(bool(noted), "yes" if noted else "no")
    return _by_region(q, noted)


def _by_region(q: Question, noted: dict[str, Any]) -> FactValue:
    """Yes only when every Region says so; a Region without an answer makes it unknown unless another says no."""
    evidence = tuple(
        q.seen(region, "unknown" if state is None else "yes" if state else "no") for region, state in noted.items()
    )
    if any(state is False for state in noted.values()):
        return q.answer(False, *evidence)
    if not noted or any(state is None for state in noted.values()):
        return q.unknown(evidence=evidence)
    return q.answer(True, *evidence)


@fact("setup.D1", "S3 is never public by accident", "s3control:GetPublicAccessBlock")
def public_access_block(q: Question) -> FactValue:
    block = q.snapshot.settings.public_access_block
    if block is None:
        return _by_collector(q, "setup.D1")
    switches = {name: bool(getattr(block, name)) for name in block.__struct_fields__}
    off = [name for name, on in switches.items() if not on]
    return q.word(not off, "all four switches are on" if not off else f"off: {', '.join(off)}")


@fact("setup.B1", "a budget with a subscriber", "budgets:DescribeBudgets")
def money_alarm(q: Question) -> FactValue:
    """Noted as counts: cost budgets that tell somebody, and monitors of unusual cost."""
    noted = q.snapshot.settings.extra.get("setup.B1")
    if not isinstance(noted, dict):
        return _by_collector(q, "setup.B1")
    if noted.get("budgets") is None:
        return q.unknown()
    return q.word(noted["budgets"] > 0, f"{noted['budgets']} budgets that tell somebody")


@fact("setup.G1", "no opt-in Region is on", "account:ListRegions")
def opt_in_regions(q: Question) -> FactValue:
    """Regions that are on by default cannot be switched off, so only the others count."""
    noted = q.snapshot.settings.extra.get("setup.G1")
    if not isinstance(noted, dict):
        return q.unknown()
    on = sorted(region for region, state in noted.items() if state == "ENABLED")
    return q.word(not on, "only Regions that are on by default" if not on else f"switched on: {', '.join(on)}")


@fact("setup.R4", "security, billing and operations contacts", "account:GetAlternateContact")
def alternate_contacts(q: Question) -> FactValue:
    contacts = q.snapshot.settings.contacts
    if contacts is None:
        return _by_collector(q, "setup.R4")
    missing = sorted(kind for kind, present in contacts.items() if not present)
    return q.word(not missing, "all are there" if not missing else f"missing: {', '.join(missing)}")


def steps_noted(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(sorted(key for key in snapshot.settings.extra if key.startswith("setup.")))


def _register_claims(step: str, says: str, claims: tuple[str, ...]) -> None:
    fact(f"setup.{step}", says, "iam:GetAccountSummary")(lambda q: _by_claims(q, claims))


def _register_noted(step: str, says: str, call: str) -> None:
    fact(f"setup.{step}", says, call)(lambda q: _by_collector(q, f"setup.{step}"))


for _step, (_says, _claims) in _BY_CLAIMS.items():
    _register_claims(_step, _says, _claims)
for _step, (_says, _call) in _BY_COLLECTOR.items():
    _register_noted(_step, _says, _call)
