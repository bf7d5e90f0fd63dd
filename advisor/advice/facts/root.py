"""Facts about the root user.

Source: IAM API Reference, GetAccountSummary; IAM User Guide, "Centrally manage root access for member accounts".
"""

from __future__ import annotations

from advisor.advice.facts.moments import days_before
from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import FactValue

_SUMMARY = "iam:GetAccountSummary"
_REPORT = "iam:GetCredentialReport"


def _from_summary(q: Question, key: str, yes: str, no: str) -> FactValue:
    summary = q.snapshot.settings.summary
    if summary is None or key not in summary:
        return q.unknown()
    return q.answer(summary[key], q.seen(f"{q.snapshot.account} root", yes if summary[key] else no))


@fact("root.mfa", "MFA device of the root user", _SUMMARY)
def root_mfa(q: Question) -> FactValue:
    return _from_summary(q, "AccountMFAEnabled", "MFA is on", "no MFA device")


@fact("root.keys", "access keys of the root user", _SUMMARY)
def root_keys(q: Question) -> FactValue:
    return _from_summary(q, "AccountAccessKeysPresent", "an access key is there", "no access key")


@fact("root.password", "password of the root user", _SUMMARY)
def root_password(q: Question) -> FactValue:
    return _from_summary(q, "AccountPasswordPresent", "a password is there", "no password")


@fact("root.mfa_virtual", "root's MFA is an app, not a passkey or hardware key", "iam:ListVirtualMFADevices")
def root_mfa_virtual(q: Question) -> FactValue:
    virtual = q.snapshot.settings.root_mfa_virtual
    if virtual is None:
        return q.unknown()
    return q.word(
        virtual, "an authenticator app is assigned to root" if virtual else "no authenticator app is assigned to root"
    )


@fact("root.used_days", "days since the root user was last used", _REPORT)
def root_used_days(q: Question) -> FactValue:
    root = q.snapshot.settings.root
    if root is None:
        return q.unknown()
    uses = [root.console_last_used, *(key.last_used for key in root.keys or ())]
    ages = [age for age in (days_before(use, q.snapshot.taken_at) for use in uses) if age is not None]
    if ages:
        return q.word(min(ages), f"root was last used {min(ages)} days ago", f"{q.snapshot.account} root")
    if root.console_last_used == "no_information" or root.console_last_used is None:
        return q.word(NEVER, "no use of root is on record", f"{q.snapshot.account} root")
    return q.unknown()


NEVER = 99_999
"""Days that stand for "no use on record", so that `root.used_days >= 90` holds."""


@fact("root.central", "centralized root access of the organization", "iam:ListOrganizationsFeatures")
def root_central(q: Question) -> FactValue:
    org = q.snapshot.organization
    if org is None or org.root_features is None:
        return q.unknown()
    missing = {"RootCredentialsManagement", "RootSessions"} - set(org.root_features)
    return q.word(not missing, "both features are on" if not missing else f"off: {', '.join(sorted(missing))}", org.id)
