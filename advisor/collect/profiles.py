"""The profiles that are configured, with their kind, account and expiry as far as that is known without asking AWS."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from advisor.model.arn import account_of

KINDS = {
    "sso": "Identity Center (SSO)",
    "login": "aws login",
    "role": "role",
    "role-mfa": "role, MFA",
    "web-identity": "web identity",
    "process": "external program",
    "keys": "access keys",
    "none": "no credentials",
}
"""Kinds of profiles, in words."""


class Profile(msgspec.Struct, frozen=True):
    """One profile of `~/.aws/config` or `~/.aws/credentials`."""

    name: str
    kind: str
    account: str = ""
    """Empty where only AWS could tell."""
    region: str = ""
    expires: str | None = None
    """When the cached sign-in ends, ISO 8601 in UTC; `None` when there is none or the kind has no expiry."""
    signs_in: bool = True
    """False when there is nothing cached or it has ended, so that the next call needs a sign-in."""
    next_command: str = ""
    """What to run to sign in; empty where there is nothing to run."""


def list_profiles() -> tuple[Profile, ...]:
    """All profiles in the order of the files; a file that cannot be read has none (`advisor doctor` says why)."""
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        config = botocore.session.Session().full_config
    except BotoCoreError:
        return ()
    return tuple(_profile(name, entry, config) for name, entry in config.get("profiles", {}).items())


def find_profile(name: str) -> Profile | None:
    return next((profile for profile in list_profiles() if profile.name == name), None)


def kind_of(entry: dict[str, Any]) -> str:
    """The kind of a profile, in the order in which botocore looks for credentials."""
    if entry.get("role_arn"):
        if entry.get("web_identity_token_file"):
            return "web-identity"
        return "role-mfa" if entry.get("mfa_serial") else "role"
    if entry.get("sso_session") or entry.get("sso_start_url"):
        return "sso"
    if entry.get("login_session"):
        return "login"
    if entry.get("aws_access_key_id"):
        return "keys"
    return "process" if entry.get("credential_process") else "none"


def _profile(name: str, entry: dict[str, Any], config: dict[str, Any]) -> Profile:
    kind = kind_of(entry)
    source, settled = _source(name, entry, config)
    expires = _expiry(settled, config)
    cached = kind_of(settled) in ("sso", "login")
    return Profile(
        name=name,
        kind=kind,
        account=_account(entry),
        region=str(entry.get("region", "")),
        expires=expires,
        signs_in=kind != "none" and (not cached or (expires is not None and expires > _now())),
        next_command=command_for(kind_of(settled), source),
    )


def _source(name: str, entry: dict[str, Any], config: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The profile that really signs in: a role's source profile, and that one's."""
    seen = {name}
    while entry.get("role_arn") and entry.get("source_profile") and entry["source_profile"] not in seen:
        name = entry["source_profile"]
        seen.add(name)
        entry = config.get("profiles", {}).get(name, {})
    return name, entry


def command_for(kind: str, name: str) -> str:
    """The command that signs in to a profile of that kind."""
    option = "" if name == "default" else f" --profile {name}"
    return {"sso": f"aws sso login{option}", "login": f"aws login{option}", "keys": f"aws configure{option}"}.get(
        kind, ""
    )


def _account(entry: dict[str, Any]) -> str:
    if entry.get("sso_account_id"):
        return str(entry["sso_account_id"])
    return account_of(str(entry.get("role_arn") or entry.get("login_session") or ""))


def _expiry(entry: dict[str, Any], config: dict[str, Any]) -> str | None:
    """When the cached token of an SSO session or of `aws login` ends."""
    session = entry.get("sso_session")
    if session or entry.get("sso_start_url"):
        return _expiry_in(Path("~/.aws/sso/cache").expanduser(), session or entry["sso_start_url"], ())
    if entry.get("login_session"):
        folder = os.environ.get("AWS_LOGIN_CACHE_DIRECTORY") or "~/.aws/login/cache"
        return _expiry_in(Path(folder).expanduser(), entry["login_session"], ("accessToken",), hashlib.sha256)
    return None


def _expiry_in(folder: Path, name: str, inside: tuple[str, ...], hasher: Any = hashlib.sha1) -> str | None:
    """`expiresAt` of the cache file that is named by the hash of the session's name. Nothing else is looked at."""
    path = folder / f"{hasher(name.encode()).hexdigest()}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
        for key in inside:
            found = found[key]
        moment = datetime.fromisoformat(str(found["expiresAt"]).replace("UTC", "+00:00"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
