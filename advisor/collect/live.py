"""The live account: every reader at once, each refused call a gap, and one snapshot out of what they found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.collect import signin
from advisor.collect.calls import Clients
from advisor.collect.permissions import reads
from advisor.collect.readers import account, authorization
from advisor.collect.readers.part import Part, extra_from
from advisor.collect.reading import Progress, Reading
from advisor.model.organization import HumanAccess, Organization
from advisor.model.principal import SignIn
from advisor.model.snapshot import Settings, Snapshot, Source

if TYPE_CHECKING:
    from boto3 import Session

OnPartial = Callable[[Snapshot], None]
Reader = Callable[[Reading], Part]
RegionalReader = Callable[[Reading, str], Part]

GLOBAL: tuple[Reader, ...] = (account.read_summary, account.read_password_policy, account.read_alias)
REGIONAL: tuple[RegionalReader, ...] = ()
AT_ONCE = 8
"""Readers under way at one time; each may have many calls under way."""


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
) -> tuple[Snapshot, ...]:
    """Read the live account of a profile (or of the default credentials), or the demo account.

    `regions` narrows what is read by Region; else all that are switched on. `on_partial` gets a snapshot of principals and
    policies as soon as they are there. `cancel` stops: what was read is kept, the rest are gaps.

    Raises:
        SignInError: AWS does not accept the credentials, or they ended while reading; `snapshots` of the error then holds
            what was read until then.
    """
    source, session, endpoint_url = _source(profile, regions, endpoint_url, demo, mfa_prompt)
    caller = signin.identify(session, endpoint_url, profile)
    reading = Reading(
        Clients(session, reads(), endpoint_url=endpoint_url), caller["Account"], progress=progress, cancel=cancel
    )
    collection = _Collection(reading, source, caller["Arn"], tuple(regions))
    try:
        snapshot = collection.run(on_partial)
    finally:
        reading.close()
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
        return Source("live", profile or session.profile_name, endpoint_url=endpoint_url or ""), session, endpoint_url
    from advisor.demo import begin, shared

    begin()
    import boto3  # while the demo starts

    running = shared()
    session = boto3.Session(region_name=running.region, **running.keys)
    return Source("demo", running.name, endpoint_url=running.endpoint_url), session, running.endpoint_url


def _with_org_file(snapshot: Snapshot, org: str | Path) -> Snapshot:
    """The organization out of a file, for those who may not read it live."""
    from advisor.collect.content import read_content
    from advisor.collect.org import read_organization

    organization = read_organization(read_content(org), snapshot_documents())
    layers = dict.fromkeys((*snapshot.source.read_layers, *_layers_of(organization)))
    source = msgspec.structs.replace(snapshot.source, read_layers=tuple(layers))
    return msgspec.structs.replace(snapshot, organization=organization, source=source)


def snapshot_documents() -> Any:
    from advisor.collect.documents import Documents

    return Documents()


def _layers_of(organization: Organization) -> tuple[str, ...]:
    named = {"scp": organization.scps, "rcp": organization.rcps}
    return tuple(layer for layer, levels in named.items() if levels is not None)


class _Collection:
    """Runs the readers and puts their parts together in a fixed order, whichever is done first."""

    def __init__(self, reading: Reading, source: Source, caller: str, regions: tuple[str, ...]) -> None:
        self._reading = reading
        self._source = source
        self._caller = caller
        self._wanted = regions
        self._started = datetime.now(UTC)
        self._total = 0
        self._done = 0

    def run(self, on_partial: OnPartial | None = None) -> Snapshot:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reader") as pool:
            principals = pool.submit(authorization.read, self._reading)
            early = [pool.submit(reader, self._reading) for reader in GLOBAL]
            parts = [principals.result(), *(future.result() for future in early)]
        return self._snapshot(parts)

    def _snapshot(self, parts: Sequence[Part]) -> Snapshot:
        settings: dict[str, Any] = {name: value for part in parts for name, value in part.settings.items()}
        layers = dict.fromkeys(layer for part in parts for layer in part.layers)
        sign_ins: dict[str, SignIn] = {arn: entry for part in parts for arn, entry in part.sign_ins.items()}
        return Snapshot(
            account=self._reading.account,
            source=msgspec.structs.replace(self._source, read_layers=tuple(layers)),
            taken_at=self._started.isoformat(timespec="seconds"),
            alias=next((part.alias for part in parts if part.alias), ""),
            partition=self._reading.partition,
            users=tuple(
                msgspec.structs.replace(user, sign_in=sign_ins.get(user.arn, user.sign_in))
                for part in parts
                for user in part.users
            ),
            groups=tuple(group for part in parts for group in part.groups),
            roles=tuple(role for part in parts for role in part.roles),
            policies=tuple(policy for part in parts for policy in part.policies),
            resources=tuple(resource for part in parts for resource in part.resources),
            compute=tuple(entry for part in parts for entry in part.compute),
            organization=next((part.organization for part in parts if part.organization), None),
            human_access=next((part.human_access for part in parts if part.human_access), HumanAccess()),
            settings=Settings(**settings, caller=self._caller, extra=extra_from(parts)),
            gaps=self._reading.gaps,
        )
