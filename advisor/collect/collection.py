"""What is read of an account, in which order, and how the parts become one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Any

import msgspec

from advisor.collect.readers import (
    account,
    authorization,
    compute,
    credentials,
    kms,
    organization,
    people,
    policied,
    providers,
    s3,
    shares,
    usage,
    watch,
)
from advisor.collect.readers.part import Part, extra_from
from advisor.collect.reading import Reading
from advisor.model.gap import Gap
from advisor.model.organization import HumanAccess
from advisor.model.principal import ManagedPolicy, Role, SignIn, Tags
from advisor.model.resource import Compute, Resource
from advisor.model.snapshot import Settings, Snapshot, Source
from advisor.model.usage import Uses

OnPartial = Callable[[Snapshot], None]
Work = Callable[[], Part]

QUICK: tuple[Callable[[Reading], Part], ...] = (account.read_alias, account.read_summary)
"""Read beside the principals: what the first look at an account shows of it."""
GLOBAL: tuple[Callable[[Reading], Part], ...] = (
    account.read_password_policy,
    providers.read_providers,
    providers.read_instance_profiles,
    s3.read_account_block,
    account.read_contacts,
    account.read_contact_information,
    account.read_plan,
    account.read_money_alarms,
    account.read_region_status,
    watch.read_root_alarm,
)
REGIONAL: tuple[Callable[[Reading, str], Part], ...] = (
    compute.read_functions,
    compute.read_instances,
    kms.read,
    policied.read_queues,
    policied.read_topics,
    policied.read_secrets,
    compute.read_task_definitions,
    policied.read_repositories,
    s3.read_access_points,
    shares.read_shares,
    shares.read_tags,
    compute.read_pods,
    compute.read_anchors,
    compute.read_ec2_defaults,
    watch.read_trails,
    watch.read_analyzers,
    watch.read_detectors,
    watch.read_recorders,
    watch.read_hub,
)
AT_ONCE = 8
"""Readers under way at one time; each may have many calls under way."""
HEAD_START = 0.5
"""Seconds that principals get alone: a small account is there by then, a large one loses nothing by it."""
MANAGED_PATH = "/managed/"
BY_SCP = "explicit deny in a service control policy"
BY_REGION = ("trails", "analyzers")
"""Settings that every Region adds to."""


class Collection:
    """Runs the readers and puts their parts together in a fixed order, whichever is done first."""

    def __init__(
        self, reading: Reading, source: Source, caller: str, regions: tuple[str, ...], *, last_accessed: bool = False
    ) -> None:
        self._reading = reading
        self._source = source
        self._caller = caller
        self._wanted = regions
        self._last_accessed = last_accessed
        self._started = datetime.now(UTC)
        self._lock = Lock()
        self._total = 0
        self._done = 0

    def run(self, on_partial: OnPartial | None = None) -> Snapshot:
        """Read everything. Principals come first, so that they can be looked at while the rest is read."""
        reading = self._reading
        with ThreadPoolExecutor(AT_ONCE, "reader") as pool, ThreadPoolExecutor(5, "first reader") as first:
            principals = self._start(first, partial(authorization.read, reading))
            quick = [self._start(first, partial(reader, reading)) for reader in QUICK]
            wait([principals, *quick], timeout=HEAD_START)
            around = self._start(first, partial(organization.read, reading))
            early = [self._start(pool, partial(reader, reading)) for reader in GLOBAL]
            if on_partial and principals.done():
                on_partial(self._snapshot([principals.result(), *_done(quick)]))
                on_partial = None
            reading.regions = fetch_regions(reading, self._wanted)
            regional = [self._start(pool, partial(s3.read_buckets, reading, self._wanted))]
            regional += [
                self._start(pool, partial(reader, reading, region)) for reader in REGIONAL for region in reading.regions
            ]
            found = principals.result()
            late = [self._start(first, partial(credentials.read, reading, found.users))]
            late.append(self._start(first, partial(authorization.read_details, reading, found.policies)))
            if self._last_accessed:
                late.append(self._start(first, partial(usage.read, reading, (*found.users, *found.roles))))
            if on_partial:
                on_partial(self._snapshot([found, *_done(quick), *_done(early)]))
            named = around.result().organization
            late.append(self._start(first, partial(people.read, reading, found.roles, named)))
            parts = [found, around.result(), *(future.result() for future in (*quick, *early, *late, *regional))]
        return self._snapshot(parts)

    def _start(self, pool: ThreadPoolExecutor, work: Work) -> Future[Part]:
        with self._lock:
            self._total += 1
        return pool.submit(self._run, work)

    def _run(self, work: Work) -> Part:
        part = self._reading.guard(work) or Part()
        with self._lock:
            self._done += 1
            done, total = self._done, self._total
        self._reading.report("reads", done, total)
        return part

    def _snapshot(self, parts: Sequence[Part]) -> Snapshot:
        layers = dict.fromkeys(layer for part in parts for layer in part.layers)
        sign_ins: dict[str, SignIn] = {arn: entry for part in parts for arn, entry in part.sign_ins.items()}
        uses: dict[str, Uses] = {arn: entry for part in parts for arn, entry in part.uses.items()}
        roles = {arn: entry for part in parts for arn, entry in part.role_details.items()}
        policies = {arn: entry for part in parts for arn, entry in part.policy_details.items()}
        settings = self._settings(parts)
        tags = dict(settings.tags_seen or ())
        return Snapshot(
            account=self._reading.account,
            source=msgspec.structs.replace(self._source, read_layers=tuple(layers)),
            taken_at=self._started.isoformat(timespec="seconds"),
            alias=next((part.alias for part in parts if part.alias), ""),
            partition=self._reading.partition,
            users=tuple(
                msgspec.structs.replace(
                    user, sign_in=sign_ins.get(user.arn, user.sign_in), uses=uses.get(user.arn, user.uses)
                )
                for part in parts
                for user in part.users
            ),
            groups=tuple(group for part in parts for group in part.groups),
            roles=tuple(_with_details(role, roles, uses) for part in parts for role in part.roles),
            policies=tuple(_policy_with_details(policy, policies) for part in parts for policy in part.policies),
            resources=merge_resources((one for part in parts for one in part.resources), tags),
            compute=with_roles((one for part in parts for one in part.compute), settings.instance_profiles, tags),
            organization=next((part.organization for part in parts if part.organization), None),
            human_access=next((part.human_access for part in parts if part.human_access), HumanAccess()),
            settings=settings,
            gaps=expected_gaps(self._reading.gaps, self._reading.account, parts),
        )

    def _settings(self, parts: Sequence[Part]) -> Settings:
        found: dict[str, Any] = {}
        for part in parts:
            for name, value in part.settings.items():
                known = found.get(name)
                found[name] = _together(known, value) if name in BY_REGION and known is not None else value
        listed = [part.tags for part in parts if part.tags is not None]
        return Settings(
            **found,
            regions=self._reading.regions or None,
            caller=self._caller,
            extra=extra_from(parts),
            tags_seen=tuple(sorted({entry for tags in listed for entry in tags})) if listed else None,
        )


def _with_details(role: Role, details: dict[str, tuple[str, int]], uses: dict[str, Uses]) -> Role:
    if role.arn not in details and role.arn not in uses:
        return role
    description, seconds = details.get(role.arn, (role.description, role.max_session_seconds))
    return msgspec.structs.replace(
        role, description=description, max_session_seconds=seconds, uses=uses.get(role.arn, role.uses)
    )


def _policy_with_details(policy: ManagedPolicy, details: dict[str, tuple[str, Tags]]) -> ManagedPolicy:
    known = details.get(policy.arn)
    return policy if known is None else msgspec.structs.replace(policy, description=known[0], tags=known[1])


def expected_gaps(gaps: tuple[Gap, ...], account: str, parts: Sequence[Part]) -> tuple[Gap, ...]:
    """In a project account what AWS's own SCPs refuse is `expected`: it is not the user's to read.

    Such an account is a member that carries a role at `/managed/` and is refused its alias by an SCP.
    """
    organization = next((part.organization for part in parts if part.organization), None)
    is_member = organization is not None and organization.management_account != account
    managed = any(role.path == MANAGED_PATH for part in parts for role in part.roles)
    by_scp = {gap for gap in gaps if gap.kind == "refused" and BY_SCP in gap.reason}
    if not (is_member and managed and any(gap.call == "iam:ListAccountAliases" for gap in by_scp)):
        return gaps
    return tuple(
        msgspec.structs.replace(gap, kind="expected", reason="AWS runs this for project accounts")
        if gap in by_scp
        else gap
        for gap in gaps
    )


def _done(futures: Iterable[Future[Part]]) -> list[Part]:
    return [future.result() for future in futures if future.done()]


def _together(known: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both, each thing once: a trail of several Regions is seen in each."""
    return tuple({entry.arn: entry for entry in (*known, *more)}.values())


def fetch_regions(reading: Reading, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The Regions to read: those asked for, else all that are switched on, else (refused) the session's own."""
    if wanted:
        return wanted
    answer = reading.call("ec2:DescribeRegions", AllRegions=False)
    names = sorted(entry["RegionName"] for entry in (answer or {}).get("Regions", ()))
    return tuple(names) or (reading.clients.home_region,)


def merge_resources(resources: Iterable[Resource], tags: dict[str, Tags]) -> tuple[Resource, ...]:
    """Sorted by ARN, each once: a share adds its grants to the resource that another reader found."""
    found: dict[str, Resource] = {}
    for resource in resources:
        known = found.get(resource.arn)
        if known is not None:
            richer = known if known.policy is not None or known.settings else resource
            resource = msgspec.structs.replace(richer, grants=(*known.grants, *resource.grants))
        found[resource.arn] = resource
    return tuple(
        msgspec.structs.replace(found[arn], tags=found[arn].tags or tags.get(arn, ())) for arn in sorted(found)
    )


def with_roles(
    compute: Iterable[Compute], profiles: Sequence[tuple[str, tuple[str, ...]]] | None, tags: dict[str, Tags]
) -> tuple[Compute, ...]:
    """Sorted by ARN, tagged, and instances with the role of their profile."""
    role_of = {profile: roles[0] for profile, roles in profiles or () if roles}
    return tuple(
        msgspec.structs.replace(
            entry,
            role=entry.role or role_of.get(dict(entry.settings).get("instance_profile", "")),
            tags=entry.tags or tags.get(entry.arn, ()),
        )
        for entry in sorted(compute, key=lambda entry: (entry.arn, entry.role or ""))
    )
