"""Facts about settings of the account: trail, analyzer, password policy."""

from __future__ import annotations

from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import FactValue

_TRAILS = "cloudtrail:DescribeTrails"
_ANALYZERS = "accessanalyzer:ListAnalyzers"
_PASSWORD = "iam:GetAccountPasswordPolicy"


@fact("trail.ok", "a trail of all Regions that is logging", _TRAILS)
def trail_ok(q: Question) -> FactValue:
    trails = q.snapshot.settings.trails
    if trails is None:
        return q.unknown()
    good = [one for one in trails if one.multi_region and one.logging]
    if good:
        return q.answer(True, *(q.seen(one.arn, "covers all Regions and is logging") for one in good))
    if any(one.multi_region and one.logging is None for one in trails):
        return q.unknown("cloudtrail:GetTrailStatus")
    if not trails:
        return q.word(False, "there is no trail")
    return q.answer(False, *(q.seen(one.arn, _shortcoming(one.multi_region, one.logging)) for one in trails))


def _shortcoming(multi_region: bool, logging: bool | None) -> str:
    return "is not logging" if multi_region and logging is False else "covers one Region only"


@fact("trail.broken", "trails that do not log, or not in all Regions", _TRAILS)
def trail_broken(q: Question) -> FactValue:
    trails = q.snapshot.settings.trails
    if trails is None:
        return q.unknown()
    bad = [one for one in trails if one.logging is False or not one.multi_region]
    return q.listed((one.arn, q.seen(one.arn, _shortcoming(one.multi_region, one.logging))) for one in bad)


@fact("trail.organization", "a trail of the whole organization", _TRAILS)
def trail_organization(q: Question) -> FactValue:
    trails = q.snapshot.settings.trails
    if trails is None:
        return q.unknown()
    found = [one for one in trails if one.organization]
    return q.word(bool(found), found[0].arn if found else "none of the trails is an organization's")


@fact("trail.same_account", "log buckets in the account that they watch", _TRAILS)
def trail_same_account(q: Question) -> FactValue:
    trails = q.snapshot.settings.trails
    if trails is None:
        return q.unknown()
    own = {item.arn.rsplit(":", 1)[-1] for item in q.snapshot.resources if item.kind == "s3:bucket"}
    here = [(one.bucket, q.seen(one.arn, f"logs to {one.bucket}, here")) for one in trails if one.bucket in own]
    return q.listed(here, q.gaps_of("s3:ListBuckets") if len(here) < len(trails) else ())


@fact("trail.no_validation", "trails without log file validation", _TRAILS)
def trail_no_validation(q: Question) -> FactValue:
    trails = q.snapshot.settings.trails
    if trails is None:
        return q.unknown()
    return q.listed((one.arn, q.seen(one.arn, "validation is off")) for one in trails if one.log_validation is False)


@fact("analyzer.on", "an active analyzer of outside access in every Region", _ANALYZERS)
def analyzer_on(q: Question) -> FactValue:
    missing = q.ask("analyzer.missing")
    if missing.value is None:
        return q.because(missing)
    if missing.value:
        return q.answer(False, *missing.evidence)
    return q.unknown() if missing.gaps else q.word(True, "active in every Region that was read")


@fact("analyzer.missing", "Regions without an active analyzer of outside access", _ANALYZERS)
def analyzer_missing(q: Question) -> FactValue:
    analyzers, regions = q.snapshot.settings.analyzers, q.snapshot.settings.regions
    if analyzers is None or regions is None:
        return q.unknown()
    covered = {one.region for one in analyzers if one.type in ("ACCOUNT", "ORGANIZATION") and one.status == "ACTIVE"}
    gaps = q.gaps_of(_ANALYZERS)
    unread = {region for gap in gaps for region in q.regions_of(gap)}
    missing = [region for region in regions if region not in covered and region not in unread]
    return q.listed(((region, q.seen(region, "no active analyzer")) for region in missing), gaps)


_DEFAULTS: dict[str, bool | int] = {
    "MinimumPasswordLength": 8,
    "PasswordReusePrevention": 0,
    "MaxPasswordAge": 0,
    "HardExpiry": False,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
}
"""AWS's default where an account has no policy of its own (IAM User Guide, "Set an account password policy")."""


def _password(q: Question, field: str) -> FactValue:
    policy = q.snapshot.settings.password_policy
    if policy is None:
        return q.unknown()
    own = field in policy
    value = policy.get(field, _DEFAULTS[field])
    return q.word(value, f"{field} is {value}" if own else f"{field} is {value}, AWS's default")


_FIELDS = {
    "min_length": ("MinimumPasswordLength", "shortest password allowed"),
    "reuse": ("PasswordReusePrevention", "old passwords that may not come back"),
    "max_age": ("MaxPasswordAge", "days until a password ends"),
    "hard_expiry": ("HardExpiry", "whether an ended password locks its user out"),
    "symbols": ("RequireSymbols", "whether symbols are required"),
    "numbers": ("RequireNumbers", "whether digits are required"),
    "uppercase": ("RequireUppercaseCharacters", "whether capitals are required"),
    "lowercase": ("RequireLowercaseCharacters", "whether small letters are required"),
}


def _register(name: str, field: str, says: str) -> None:
    fact(f"password.{name}", says, _PASSWORD)(lambda q: _password(q, field))


for _name, (_field, _says) in _FIELDS.items():
    _register(_name, _field, _says)
