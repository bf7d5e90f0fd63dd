"""Signing in: the session of a profile, told to ask for MFA codes by us and to read `AWS_REGION` too."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from advisor.collect.calls import Clients
from advisor.collect.reading import describe, is_sign_in_error
from advisor.errors import SignInError, UsageError

if TYPE_CHECKING:
    from boto3 import Session

    from advisor.model.snapshot import Snapshot, Source

MfaPrompt = Callable[[str], str]
"""Asked with words that name the device; answers the six digits."""


def open_session(
    profile: str | None = None,
    regions: Sequence[str] = (),
    *,
    mfa_prompt: MfaPrompt | None = None,
    probe_instance: bool = True,
) -> Session:
    """A session of a profile, or of the environment.

    The Region is the first of `regions`, else `AWS_REGION` (which botocore itself does not read), else the profile's.
    Without `probe_instance` the metadata service of EC2 is not asked for a role.

    Raises:
        SignInError: there is no such profile, or the configuration cannot be read.
    """
    import boto3
    import botocore.session
    from botocore.exceptions import BotoCoreError

    core = botocore.session.Session(profile=profile)
    try:
        region = (regions[0] if regions else "") or os.environ.get("AWS_REGION") or core.get_config_variable("region")
        resolver = core.get_component("credential_provider")
        if not probe_instance:
            resolver.remove("iam-role")
        _ask_with(resolver, mfa_prompt or _nobody_to_ask)
        return boto3.Session(botocore_session=core, region_name=region or "us-east-1")
    except BotoCoreError as error:
        raise SignInError(str(error), advice="`advisor doctor` shows the profiles that there are") from error


def open_source(source: Source, *, mfa_prompt: MfaPrompt | None = None) -> tuple[Session, str | None]:
    """The session in which an account was read, and its endpoint: for calls to the very same account later.

    Raises:
        SignInError: see `open_session`.
        UsageError: the account was read from files, so there is nobody to call.
    """
    if source.kind == "demo":
        from advisor.demo import shared

        running = shared()
        return running.session(), running.endpoint_url
    if source.kind != "live":
        raise UsageError(
            f"the account was read from {source.name or 'a file'}, so nothing can be called",
            advice="open the live account with --profile",
        )
    return open_session(source.name or None, mfa_prompt=mfa_prompt), source.endpoint_url or None


def _ask_with(resolver: Any, prompt: MfaPrompt) -> None:
    """Let the role provider ask us for MFA codes: its own prompt reads a standard input that the app has taken."""
    resolver.get_provider("assume-role")._prompter = prompt


def _nobody_to_ask(question: str) -> str:
    raise SignInError(
        "the profile's role wants an MFA code, and there is nobody to ask",
        advice="run it in a terminal, or sign in first and use the credentials from the environment",
    )


def identify(
    session: Session, endpoint_url: str | None = None, profile: str | None = None, *, attempts: int = 3
) -> dict[str, str]:
    """Who we are: `Account` and `Arn` of sts:GetCallerIdentity, which nobody can be refused.

    Raises:
        SignInError: there are no credentials, or AWS does not accept them.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    clients = Clients(
        session, ("sts:GetCallerIdentity",), endpoint_url=endpoint_url, attempts=attempts, connect_seconds=5
    )
    try:
        answer: dict[str, str] = clients.get("sts").get_caller_identity()
        return answer
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        if isinstance(error, NoCredentialsError):
            raise SignInError("no credentials were found", advice=next_command(profile)) from error
        if _is_of_the_clock(describe(error)):
            raise SignInError(
                f"the clock of this machine is not AWS's: {describe(error)}",
                advice="set the clock (on Linux `timedatectl set-ntp true`), then try again",
            ) from error
        if is_sign_in_error(error):
            raise SignInError(describe(error), advice=next_command(profile)) from error
        raise SignInError(
            f"AWS does not answer: {describe(error)}", advice="`advisor doctor` looks for the cause"
        ) from error


def _is_of_the_clock(reason: str) -> bool:
    """Whether AWS refuses the time of a request, in the words of its several services.

    Source: IAM User Guide, "Troubleshoot Signature Version 4 requests for AWS APIs"; Amazon S3, "Error responses".
    """
    words = ("RequestTimeTooSkewed", "Signature expired", "Signature not yet current", "RequestInTheFuture")
    return any(word in reason for word in words)


class SignInEnded(SignInError):
    """The sign-in ended while an account was read; `snapshots` holds what was read until then."""

    def __init__(self, message: str, *, advice: str, snapshots: tuple[Snapshot, ...]) -> None:
        super().__init__(message, advice=advice)
        self.snapshots = snapshots


def sign_in_ended(profile: str | None, snapshots: tuple[Snapshot, ...]) -> SignInEnded:
    at = datetime.now().strftime("%H:%M")
    return SignInEnded(
        f"your sign-in ended at {at} while the account was read", advice=next_command(profile), snapshots=snapshots
    )


def next_command(profile: str | None = None) -> str:
    """What to do to sign in (again), by the kind of the profile in force."""
    from advisor.collect.profiles import find_profile

    name = profile or os.environ.get("AWS_PROFILE") or "default"
    found = find_profile(name)
    if found is not None and found.next_command:
        return f"run `{found.next_command}`"
    if found is not None and found.kind == "process":
        return f"look at the program of `credential_process` in profile `{name}`"
    if os.environ.get("AWS_ACCESS_KEY_ID") and profile is None:
        return (
            "put fresh credentials into the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)"
        )
    return "run `aws login`, or name a profile with --profile"
