"""The live account, read with the credentials in force: see `collection.py` for what is read and in which order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from advisor.collect import signin
from advisor.collect.calls import Clients
from advisor.collect.collection import Collection, OnPartial
from advisor.collect.permissions import reads
from advisor.collect.reading import Progress, Reading
from advisor.errors import UsageError
from advisor.model.snapshot import Snapshot, Source

if TYPE_CHECKING:
    from boto3 import Session


def collect_account(
    profile: str | None = None,
    regions: Sequence[str] = (),
    endpoint_url: str | None = None,
    demo: bool = False,
    org: str | Path | None = None,
    progress: Progress | None = None,
    cancel: Event | None = None,
    on_partial: OnPartial | None = None,
    mfa_prompt: signin.MfaPrompt | None = None,
    last_accessed: bool = False,
) -> tuple[Snapshot, ...]:
    """Read the live account of a profile (or of the default credentials), or the demo account.

    `regions` narrows what is read by Region; else all that are switched on. `on_partial` gets a snapshot of principals
    and policies as soon as they are there. `cancel` stops: what was read is kept, the rest are gaps. `last_accessed`
    asks for each user and role what it last used as well: two calls or more for each.

    Raises:
        UsageError: `last_accessed` of the demo, which has none.
        SignInError: AWS does not accept the credentials.
        SignInEnded: they ended while the account was read; its `snapshots` holds what was read until then.
    """
    if demo and last_accessed:
        raise UsageError("the demo account keeps no record of what was used", advice="leave --last-accessed out")
    source, session, endpoint_url = _source(profile, regions, endpoint_url, demo, mfa_prompt)
    caller = signin.identify(session, endpoint_url, profile)
    clients = Clients(session, reads(), endpoint_url=endpoint_url)
    with Reading(clients, caller["Account"], progress=progress, cancel=cancel) as reading:
        snapshot = Collection(reading, source, caller["Arn"], tuple(regions), last_accessed=last_accessed).run(
            on_partial
        )
    if org is not None:
        snapshot = _with_org_file(snapshot, org)
    if reading.expired.is_set():
        raise signin.sign_in_ended(profile, (snapshot,))
    return (snapshot,)


def _source(
    profile: str | None,
    regions: Sequence[str],
    endpoint_url: str | None,
    demo: bool,
    mfa_prompt: signin.MfaPrompt | None,
) -> tuple[Source, Session, str | None]:
    if not demo:
        session = signin.open_session(profile, regions, mfa_prompt=mfa_prompt)
        name = profile or os.environ.get("AWS_PROFILE", "")
        return Source("live", name, endpoint_url=endpoint_url or ""), session, endpoint_url
    from advisor.demo import begin, shared

    begin()
    import boto3  # while the demo starts

    running = shared()
    session = boto3.Session(region_name=running.region, **running.keys)
    return Source("demo", running.name, endpoint_url=running.endpoint_url), session, running.endpoint_url


def _with_org_file(snapshot: Snapshot, org: str | Path) -> Snapshot:
    """The organization out of a file, for those who may not read it live."""
    from advisor.collect.content import read_content
    from advisor.collect.documents import Documents
    from advisor.collect.org import read_organization, within

    return within(snapshot, read_organization(read_content(org), Documents()))
