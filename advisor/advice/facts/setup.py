"""One fact for each step of the guided set-up: is it done? From other facts where they say it, else from the collector.

The collector leaves `setup.<step>` among the extra settings: a yes or no, or one for each Region.
"""

from __future__ import annotations

from typing import Any

from advisor.advice.emergency import is_emergency
from advisor.advice.facts.account import stands_alone
from advisor.advice.facts.registry import Question, fact
from advisor.model.document import Statement
from advisor.model.finding import FactValue
from advisor.model.organization import Level
from advisor.model.principal import Role, User
from advisor.model.snapshot import Snapshot

_BY_CLAIMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "K0": ("kind of account is known", ("account.kind",)),
    "R1": ("root has MFA, or no password", ("root.mfa = 1 or root.password = 0",)),
    "R2": ("root has no access keys", ("root.keys = 0",)),
    "P3": ("permissions by group", ("users.direct = 0",)),
    "P4": ("password policy of 14 characters", ("password.min_length >= 14",)),
    "L1": ("a trail of all Regions", ("trail.ok",)),
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
        return q.word(bool(noted), _told(q, bool(noted)))
    return _by_region(q, noted)


def _told(q: Question, state: bool) -> str:
    """`EBS volumes are encrypted by default: no`: the evidence stands far from the fact's own words."""
    return f"{q.definition.says}: {'yes' if state else 'no'}"


def _by_region(q: Question, noted: dict[str, Any]) -> FactValue:
    """Yes only when every enabled Region says so; one without an answer makes it unknown unless another says no."""
    states = {region: noted.get(region) for region in _enabled(q) or noted} | noted
    evidence = tuple(
        q.seen(region, "not read" if state is None else _told(q, state)) for region, state in states.items()
    )
    if any(state is False for state in states.values()):
        return q.answer(False, *evidence)
    if not states or any(state is None for state in states.values()):
        return q.unknown(evidence=evidence)
    return q.answer(True, *evidence)


def _enabled(q: Question) -> tuple[str, ...]:
    """The Regions that are on, whether or not they were read; a project works in its own Regions only."""
    noted = q.snapshot.settings.extra.get("setup.G1")
    if not isinstance(noted, dict) or q.ask("account.kind").value == "project":
        return q.snapshot.settings.regions or ()
    return tuple(region for region, state in noted.items() if state in ("ENABLED", "ENABLED_BY_DEFAULT"))


@fact("setup.A1", "an analyzer of outside access in every Region", "access-analyzer:ListAnalyzers")
def analyzers_everywhere(q: Question) -> FactValue:
    read = q.ask("analyzer.on")
    if read.value is not True:
        return FactValue(q.fact, read.value, read.evidence, read.gaps)
    unread = [region for region in _enabled(q) if region not in (q.snapshot.settings.regions or ())]
    if unread:
        return q.unknown(evidence=[q.seen(region, "not read") for region in unread])
    return q.answer(True, *read.evidence)


@fact("setup.P1", "an administrator other than root, with MFA or of a directory", "iam:GetAccountAuthorizationDetails")
def daily_administrator(q: Question) -> FactValue:
    """A user with a password and MFA, or a role that a directory opens. Who assumes another role was not looked at."""
    admins = q.ask("admins")
    if not isinstance(admins.value, tuple):
        return q.because(admins)
    judged = [(arn, *_daily(q.snapshot, arn)) for arn in admins.value]
    evidence = tuple(q.seen(arn, words) for arn, _, words in judged)
    states = [state for _, state, _ in judged]
    if True in states:
        return q.answer(True, *(one for one, state in zip(evidence, states, strict=True) if state))
    if any(state is None and arn in q.snapshot.user_by_arn for arn, state, _ in judged):
        return q.unknown("iam:GetCredentialReport", evidence=evidence)
    if None in states or admins.gaps:  # who stands behind a role that another one opens cannot be read here
        return FactValue(q.fact, None, evidence, admins.gaps)
    return q.answer(False, *(evidence or (q.seen(q.snapshot.account, "nobody but root is administrator"),)))


def _daily(snapshot: Snapshot, arn: str) -> tuple[bool | None, str]:
    user, role = snapshot.user_by_arn.get(arn), snapshot.role_by_arn.get(arn)
    people = snapshot.human_access
    if people is not None and any(one.role == arn for one in people.entitlements or ()):
        return True, "an administrator's role that a directory's people use"
    if user is not None and is_emergency(user):
        return False, "an administrator for emergencies only"
    if user is not None:
        return _daily_user(user)
    if role is None or is_emergency(role):
        return False, "an administrator for emergencies only" if role else "is not of this account"
    return _daily_role(role)


def _daily_user(user: User) -> tuple[bool | None, str]:
    if user.sign_in.console is False:
        return False, "an administrator without a password: a program's"
    if user.sign_in.console is None or user.sign_in.mfa is None:
        return None, "an administrator; password and MFA were not read"
    return user.sign_in.mfa, "an administrator with MFA" if user.sign_in.mfa else "an administrator without MFA"


def _daily_role(role: Role) -> tuple[bool | None, str]:
    actions = {action.lower() for one in role.trust.statements if one.allows for action in one.actions or ()}
    if "sts:assumerolewithsaml" in actions:
        return True, "an administrator's role that a directory opens"
    trusted = [one.principals for one in role.trust.statements if one.allows and one.principals]
    if trusted and not any(one.everyone or one.aws for one in trusted):
        return False, "an administrator's role of a service or a program"
    return None, "an administrator's role; whether people use it with MFA is not seen here"


@fact("setup.P2", "emergency access is there and strong", "iam:GetAccountAuthorizationDetails")
def emergency_access(q: Question) -> FactValue:
    """A user or a role kept for emergencies; users have MFA and no keys."""
    weak = q.ask("break_glass.weak")
    if weak.value is None:
        return q.because(weak)
    if weak.value:
        return q.answer(False, *weak.evidence)
    holders: list[User | Role] = [*q.snapshot.users, *q.snapshot.roles]
    kept = tuple(q.seen(one.arn, "kept for emergencies") for one in holders if is_emergency(one))
    if weak.gaps:
        return q.unknown(evidence=kept)
    return q.answer(bool(kept), *(kept or (q.seen(q.snapshot.account, "nobody is kept for emergencies"),)))


@fact("setup.P5", "every console user has MFA, and can do nothing without it", "iam:GetAccountAuthorizationDetails")
def mfa_or_nothing(q: Question) -> FactValue:
    """Emergency users need MFA too, but are not held by a policy that could lock them out."""
    lacking, console = q.ask("users.console_no_mfa"), q.ask("users.console")
    if lacking.value:
        return q.answer(False, *lacking.evidence)
    if lacking.value is None or lacking.gaps or not isinstance(console.value, tuple) or console.gaps:
        return q.because(lacking if lacking.value is None or lacking.gaps else console)
    users = [q.snapshot.user_by_arn[arn] for arn in console.value]
    free = [user for user in users if not is_emergency(user) and not _is_held(q.snapshot, user)]
    if free:
        return q.answer(False, *(q.seen(user.arn, "no policy refuses everything without MFA") for user in free))
    return q.word(True, "every console user has MFA and is held to it" if users else "there is no console user")


def _is_held(snapshot: Snapshot, user: User) -> bool:
    groups = [group for group in snapshot.groups if group.name in user.groups]
    holders: list[Any] = [user, *groups]
    attached = {arn for holder in holders for arn in holder.attached}
    texts = [inline.document for holder in holders for inline in holder.inline]
    texts += [policy.document for policy in snapshot.policies if policy.arn in attached and policy.document]
    return any(_needs_mfa(statement) for text in texts for statement in text.statements)


def _needs_mfa(statement: Statement) -> bool:
    """A deny of nearly everything, on every resource, for requests without MFA and no others."""
    wide = statement.not_actions is not None or "*" in (statement.actions or ())
    on_all = "*" in (statement.resources or ())
    return (
        not statement.allows
        and wide
        and on_all
        and len(statement.conditions) == 1
        and all(
            condition.operator.lower() in ("bool", "boolifexists")
            and condition.key.lower() == "aws:multifactorauthpresent"
            and [str(value).lower() for value in condition.values] == ["false"]
            for condition in statement.conditions
        )
    )


@fact("setup.O7", "a service control policy limits every account", "organizations:ListPoliciesForTarget")
def guardrails_everywhere(q: Question) -> FactValue:
    """Every account but the management account, which no such policy binds."""
    org = q.snapshot.organization
    if stands_alone(q):
        return q.word(False, "there is no organization")
    if org is None or org.accounts is None or org.scps is None:
        return q.unknown()
    levels = dict(org.scps)
    members = [(id, name) for id, name in org.accounts if id != org.management_account]
    judged = [(id, name, None if id not in levels else _limited_at(levels[id])) for id, name in members]
    evidence = tuple(
        q.seen(f"{name} {id}", "was not read" if at is None else f"limited at {at}" if at else "no policy limits it")
        for id, name, at in judged
    )
    if any(at == "" for _, _, at in judged):
        return q.answer(False, *evidence)
    if any(at is None for _, _, at in judged):
        return q.unknown(evidence=evidence)
    return q.answer(True, *evidence) if judged else q.word(False, "there is no member account yet")


def _limited_at(levels: tuple[Level, ...]) -> str:
    return next((one.target for one in levels if any(policy.name != "FullAWSAccess" for policy in one.policies)), "")


@fact("setup.O8", "a trail and an analyzer of the whole organization", "cloudtrail:DescribeTrails")
def organization_watched(q: Question) -> FactValue:
    trail, analyzers = q.ask("trail.organization"), q.snapshot.settings.analyzers
    found = [one for one in analyzers or () if one.type == "ORGANIZATION" and one.status == "ACTIVE"]
    evidence = (*trail.evidence, *(q.seen(one.arn, "analyzes the organization") for one in found))
    if trail.value is False:
        return q.answer(False, *evidence)
    if trail.value is None or analyzers is None:
        return FactValue(q.fact, None, evidence, trail.gaps or (q.gap("access-analyzer:ListAnalyzers"),))
    if not found:
        evidence = (*evidence, q.seen(q.snapshot.account, "no analyzer is the organization's"))
    return q.answer(bool(found), *evidence)


@fact("setup.D1", "S3 is never public by accident", "s3control:GetPublicAccessBlock")
def public_access_block(q: Question) -> FactValue:
    block = q.snapshot.settings.public_access_block
    if block is None:
        return _by_collector(q, "setup.D1")
    switches = {
        "BlockPublicAcls": block.block_acls, "IgnorePublicAcls": block.ignore_acls,
        "BlockPublicPolicy": block.block_policy, "RestrictPublicBuckets": block.restrict_buckets,
    }  # fmt: skip
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
    return q.word(noted["budgets"] > 0, f"budgets that tell somebody: {noted['budgets']}")


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
