"""Settings of the account as such: alias, password policy, providers, public-access block, trails, defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from advisor.model.change import Operation
from advisor.model.effects.resources import block_from, block_to
from advisor.model.effects.table import Effect, Parameters, Undo, call, cannot_undo, missing, models, undo_by
from advisor.model.effects.users import iam_arn
from advisor.model.snapshot import Analyzer, Provider, Snapshot, Trail


def with_settings(snapshot: Snapshot, **fields: Any) -> Snapshot:
    if all(getattr(snapshot.settings, field) == value for field, value in fields.items()):
        return snapshot
    return msgspec.structs.replace(snapshot, settings=msgspec.structs.replace(snapshot.settings, **fields))


@models("iam:CreateAccountAlias", undo=lambda before, p, like: _undo_alias(before, like, p["AccountAlias"]))
def create_alias(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return msgspec.structs.replace(snapshot, alias=p["AccountAlias"])


def _undo_alias(before: Snapshot, like: Operation, new: str) -> Undo:
    if before.alias:
        return Undo((call(like, "CreateAccountAlias", AccountAlias=before.alias),))
    return Undo((call(like, "DeleteAccountAlias", AccountAlias=new),))


@models("iam:DeleteAccountAlias", undo=undo_by("CreateAccountAlias", "AccountAlias"))
def delete_alias(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return msgspec.structs.replace(snapshot, alias="")


PASSWORD_DEFAULTS: dict[str, bool | int] = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "AllowUsersToChangePassword": False,
    "HardExpiry": False,
}
"""What UpdateAccountPasswordPolicy writes for a parameter that is not sent (IAM API Reference)."""

_DERIVED = ("ExpirePasswords",)


def _undo_password_policy(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = before.settings.password_policy
    if old is None:
        return Undo((), "the password policy was not read, so it cannot be put back", reversible=False)
    if not old:
        return Undo((call(like, "DeleteAccountPasswordPolicy"),))
    return Undo((call(like, "UpdateAccountPasswordPolicy", **{key: old[key] for key in old if key not in _DERIVED}),))


@models("iam:UpdateAccountPasswordPolicy", undo=_undo_password_policy)
def update_password_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    policy = PASSWORD_DEFAULTS | dict(p) | {"ExpirePasswords": bool(p.get("MaxPasswordAge"))}
    return with_settings(snapshot, password_policy=policy)


@models("iam:DeleteAccountPasswordPolicy", undo=_undo_password_policy)
def delete_password_policy(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    if snapshot.settings.password_policy == {}:
        raise missing("password policy of account", snapshot.account)
    return with_settings(snapshot, password_policy={})


def _add_provider(snapshot: Snapshot, provider: Provider) -> Snapshot:
    return with_settings(snapshot, providers=(*(snapshot.settings.providers or ()), provider))


def oidc_arn(snapshot: Snapshot, p: Parameters) -> str:
    return iam_arn(snapshot, "oidc-provider", "/", p["Url"].split("://", 1)[-1].rstrip("/"))


def _undo_oidc(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    return Undo((call(like, "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=oidc_arn(before, p)),))


@models(
    "iam:CreateOpenIDConnectProvider",
    undo=_undo_oidc,
    result=lambda before, p, like: {"OpenIDConnectProviderArn": oidc_arn(before, p)},
)
def create_oidc(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn = oidc_arn(snapshot, p)
    url = arn.split(":oidc-provider/", 1)[1]
    return _add_provider(snapshot, Provider(arn, "oidc", url, tuple(p.get("ClientIDList", ()))))


def _recreate_oidc(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = _provider(before, p["OpenIDConnectProviderArn"])
    url = f"https://{old.url.split('://', 1)[-1]}"
    return Undo((call(like, "CreateOpenIDConnectProvider", Url=url, ClientIDList=list(old.audiences)),))


@models("iam:DeleteOpenIDConnectProvider", undo=_recreate_oidc)
def delete_oidc(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _drop_provider(snapshot, p["OpenIDConnectProviderArn"])


def _provider(snapshot: Snapshot, arn: str) -> Provider:
    for provider in snapshot.settings.providers or ():
        if provider.arn == arn:
            return provider
    raise missing("identity provider", arn)


def _drop_provider(snapshot: Snapshot, arn: str) -> Snapshot:
    old = _provider(snapshot, arn)
    kept = tuple(provider for provider in snapshot.settings.providers or () if provider is not old)
    return with_settings(snapshot, providers=kept)


def _saml_arn(snapshot: Snapshot, p: Parameters) -> str:
    return iam_arn(snapshot, "saml-provider", "/", p["Name"])


@models(
    "iam:CreateSAMLProvider",
    undo=lambda before, p, like: Undo((call(like, "DeleteSAMLProvider", SAMLProviderArn=_saml_arn(before, p)),)),
    result=lambda before, p, like: {"SAMLProviderArn": _saml_arn(before, p)},
)
def create_saml(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _add_provider(snapshot, Provider(_saml_arn(snapshot, p), "saml"))


@models("iam:DeleteSAMLProvider", undo=cannot_undo("The provider's metadata document is needed to make it again."))
def delete_saml(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _drop_provider(snapshot, p["SAMLProviderArn"])


def _account_block(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = before.settings.public_access_block
    if old is None or not any(block_to(old).values()):
        return Undo((call(like, "DeletePublicAccessBlock", AccountId=p["AccountId"]),))
    step = call(like, "PutPublicAccessBlock", AccountId=p["AccountId"], PublicAccessBlockConfiguration=block_to(old))
    return Undo((step,))


@models("s3control:PutPublicAccessBlock", undo=_account_block)
def put_account_block(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return with_settings(snapshot, public_access_block=block_from(p["PublicAccessBlockConfiguration"]))


@models("s3control:DeletePublicAccessBlock", undo=_account_block)
def delete_account_block(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return with_settings(snapshot, public_access_block=block_from({}))


def _trail_arn(snapshot: Snapshot, p: Parameters, like: Operation) -> str:
    region = like.region or next(iter(snapshot.settings.regions or ("us-east-1",)))
    return f"arn:{snapshot.partition}:cloudtrail:{region}:{snapshot.account}:trail/{p['Name']}"


@models(
    "cloudtrail:CreateTrail",
    undo=undo_by("DeleteTrail", "Name"),
    result=lambda before, p, like: {"TrailARN": _trail_arn(before, p, like), "Name": p["Name"]},
)
def create_trail(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn = _trail_arn(snapshot, p, like)
    trail = Trail(
        arn=arn,
        name=p["Name"],
        home_region=arn.split(":")[3],
        multi_region=p.get("IsMultiRegionTrail", False),
        organization=p.get("IsOrganizationTrail", False),
        logging=False,
        log_validation=p.get("EnableLogFileValidation", False),
        bucket=p["S3BucketName"],
    )
    return with_settings(snapshot, trails=(*(snapshot.settings.trails or ()), trail))


def find_trail(snapshot: Snapshot, name: str) -> Trail:
    for trail in snapshot.settings.trails or ():
        if name in (trail.name, trail.arn):
            return trail
    raise missing("trail", name)


def _edit_trail(snapshot: Snapshot, name: str, **fields: Any) -> Snapshot:
    old = find_trail(snapshot, name)
    new = msgspec.structs.replace(old, **fields)
    return with_settings(
        snapshot, trails=tuple(new if trail is old else trail for trail in snapshot.settings.trails or ())
    )


def _recreate_trail(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find_trail(before, p["Name"])
    create = call(
        like, "CreateTrail", Name=old.name, S3BucketName=old.bucket, IsMultiRegionTrail=old.multi_region,
        IsOrganizationTrail=old.organization, EnableLogFileValidation=bool(old.log_validation),
    )  # fmt: skip
    steps = (create, call(like, "StartLogging", Name=old.name)) if old.logging else (create,)
    return Undo(steps, f"Event selectors of `{old.name}` do not come back by themselves.")


@models("cloudtrail:DeleteTrail", undo=_recreate_trail)
def delete_trail(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    old = find_trail(snapshot, p["Name"])
    return with_settings(snapshot, trails=tuple(trail for trail in snapshot.settings.trails or () if trail is not old))


_TRAIL_FIELDS = {
    "S3BucketName": "bucket", "IsMultiRegionTrail": "multi_region", "IsOrganizationTrail": "organization",
    "EnableLogFileValidation": "log_validation",
}  # fmt: skip


def _undo_update_trail(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = find_trail(before, p["Name"])
    fields = {name: getattr(old, field) for name, field in _TRAIL_FIELDS.items() if name in p}
    return Undo((call(like, "UpdateTrail", Name=p["Name"], **fields),))


@models("cloudtrail:UpdateTrail", undo=_undo_update_trail)
def update_trail(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _edit_trail(snapshot, p["Name"], **{field: p[name] for name, field in _TRAIL_FIELDS.items() if name in p})


def _undo_logging(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    was, now = find_trail(before, p["Name"]).logging, like.operation == "StartLogging"
    return Undo() if was == now else Undo((call(like, "StopLogging" if now else "StartLogging", Name=p["Name"]),))


@models("cloudtrail:StartLogging", undo=_undo_logging)
def start_logging(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _edit_trail(snapshot, p["Name"], logging=True)


@models("cloudtrail:StopLogging", undo=_undo_logging)
def stop_logging(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return _edit_trail(snapshot, p["Name"], logging=False)


def _analyzer_arn(snapshot: Snapshot, p: Parameters, like: Operation) -> str:
    region = like.region or next(iter(snapshot.settings.regions or ("us-east-1",)))
    return f"arn:{snapshot.partition}:access-analyzer:{region}:{snapshot.account}:analyzer/{p['analyzerName']}"


@models(
    "accessanalyzer:CreateAnalyzer",
    undo=undo_by("DeleteAnalyzer", "analyzerName"),
    result=lambda before, p, like: {"arn": _analyzer_arn(before, p, like)},
)
def create_analyzer(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    arn = _analyzer_arn(snapshot, p, like)
    analyzer = Analyzer(arn, p["analyzerName"], arn.split(":")[3], p["type"], "ACTIVE")
    return with_settings(snapshot, analyzers=(*(snapshot.settings.analyzers or ()), analyzer))


def _find_analyzer(snapshot: Snapshot, p: Parameters, like: Operation) -> Analyzer:
    for analyzer in snapshot.settings.analyzers or ():
        if analyzer.name == p["analyzerName"] and like.region in (None, analyzer.region):
            return analyzer
    raise missing("analyzer", p["analyzerName"])


def _recreate_analyzer(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    old = _find_analyzer(before, p, like)
    step = call(like, "CreateAnalyzer", analyzerName=old.name, type=old.type)
    return Undo((step,), f"Findings and archive rules of `{old.name}` do not come back.")


@models("accessanalyzer:DeleteAnalyzer", undo=_recreate_analyzer)
def delete_analyzer(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    old = _find_analyzer(snapshot, p, like)
    return with_settings(
        snapshot, analyzers=tuple(item for item in snapshot.settings.analyzers or () if item is not old)
    )


def set_check(snapshot: Snapshot, fact: str, value: Any, region: str | None = None) -> Snapshot:
    """Write the value of a set-up check, for one Region where the check has one value each."""
    extra = dict(snapshot.settings.extra)
    extra[fact] = {**(extra.get(fact) or {}), region: value} if region else value
    return with_settings(snapshot, extra=extra)


def was_on(snapshot: Snapshot, fact: str, region: str | None) -> Any:
    value = snapshot.settings.extra.get(fact)
    return value.get(region) if region and isinstance(value, dict) else value


def _with_both(snapshot: Snapshot, fact: str, region: str | None) -> Snapshot:
    """`setup.D2` holds where snapshots and images are both blocked; each alone stands under a name of its own."""
    if not fact.startswith("setup.D2."):
        return snapshot
    both = all(was_on(snapshot, part, region) for part in ("setup.D2.snapshots", "setup.D2.images"))
    return set_check(snapshot, "setup.D2", both, region)


def _switch(on: str, off: str, fact: str, parameters: Callable[[Parameters], dict[str, Any]] = lambda p: {}) -> None:
    """A setting of one Region that one operation turns on and another off."""

    def undo(before: Snapshot, p: Parameters, like: Operation) -> Undo:
        name = like.operation
        turned_on = f"{like.service}:{name}" == on
        if was_on(before, fact, like.region) is turned_on:
            return Undo()
        other = (off if turned_on else on).split(":")[1]
        return Undo((call(like, other, **({} if turned_on else parameters(p))),))

    def effect(value: bool) -> Effect:
        return lambda snapshot, p, like: _with_both(set_check(snapshot, fact, value, like.region), fact, like.region)

    models(on, undo=undo)(effect(True))
    models(off, undo=undo)(effect(False))


_switch("ec2:EnableEbsEncryptionByDefault", "ec2:DisableEbsEncryptionByDefault", "setup.D3")
_switch(
    "ec2:EnableSnapshotBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess", "setup.D2.snapshots",
    lambda p: {"State": "block-all-sharing"},
)  # fmt: skip
_switch(
    "ec2:EnableImageBlockPublicAccess", "ec2:DisableImageBlockPublicAccess", "setup.D2.images",
    lambda p: {"ImageBlockPublicAccessState": "block-new-sharing"},
)  # fmt: skip


def _undo_metadata(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    if was_on(before, "setup.D4", like.region):
        return Undo()
    return Undo((call(like, "ModifyInstanceMetadataDefaults", HttpTokens="no-preference", HttpPutResponseHopLimit=-1),))


@models("ec2:ModifyInstanceMetadataDefaults", undo=_undo_metadata)
def metadata_defaults(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return set_check(snapshot, "setup.D4", p.get("HttpTokens") == "required", like.region)


def _undo_contact(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    if (before.settings.contacts or {}).get(p["AlternateContactType"]):
        return Undo((), "the contact before was not kept, so it cannot be put back", reversible=False)
    return Undo((call(like, "DeleteAlternateContact", AlternateContactType=p["AlternateContactType"]),))


@models("account:PutAlternateContact", undo=_undo_contact)
def put_contact(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return with_settings(snapshot, contacts={**(snapshot.settings.contacts or {}), p["AlternateContactType"]: True})


@models("account:DeleteAlternateContact", undo=cannot_undo("The contact's details are needed to write it again."))
def delete_contact(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
    return with_settings(snapshot, contacts={**(snapshot.settings.contacts or {}), p["AlternateContactType"]: False})


def _count_budgets(by: int) -> Effect:
    def effect(snapshot: Snapshot, p: Parameters, like: Operation) -> Snapshot:
        """Only a budget that tells somebody counts."""
        if by > 0 and not p.get("NotificationsWithSubscribers"):
            return snapshot
        found = snapshot.settings.extra.get("setup.B1")
        counts = found if isinstance(found, dict) else {}
        return set_check(snapshot, "setup.B1", {**counts, "budgets": counts.get("budgets", 0) + by})

    return effect


def _undo_budget(before: Snapshot, p: Parameters, like: Operation) -> Undo:
    step = call(like, "DeleteBudget", AccountId=p["AccountId"], BudgetName=p["Budget"]["BudgetName"])
    return Undo((step,))


models("budgets:CreateBudget", undo=_undo_budget)(_count_budgets(1))
models("budgets:DeleteBudget", undo=cannot_undo("The budget's figures are needed to make it again."))(
    _count_budgets(-1)
)


def _region_switch(status: str) -> Effect:
    return lambda snapshot, p, like: set_check(snapshot, "setup.G1", status, p["RegionName"])


models("account:DisableRegion", undo=undo_by("EnableRegion", "RegionName"))(_region_switch("DISABLED"))
models("account:EnableRegion", undo=undo_by("DisableRegion", "RegionName"))(_region_switch("ENABLED"))
