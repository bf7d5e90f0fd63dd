"""Accounts from files, each recognized by its shape: exports, saved snapshots, lists of resources, `--org` context."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from advisor.collect.beside import read_twin, write_twin
from advisor.collect.content import Content, decode, decode_all, read_content
from advisor.collect.documents import Documents, is_given
from advisor.collect.export import Page, Part, merged, missing_things, parts_of, truncated
from advisor.collect.org import read_organization, with_layers, within
from advisor.collect.resources import read_resources
from advisor.collect.saved import load
from advisor.errors import InputError, UsageError
from advisor.model.gap import Gap
from advisor.model.principal import Group, ManagedPolicy, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot, Source
from advisor.model.work import paused_collector


class _Readings:
    """What the files hold, before it is put together account by account."""

    def __init__(self) -> None:
        self.documents = Documents()
        self.parts: dict[str, list[Part]] = {}
        self.names: dict[str, list[str]] = {}
        self.modified: dict[str, str] = {}
        self.saved: dict[str, Snapshot] = {}
        self.resources: list[Resource] = []
        self.order: dict[str, None] = {}
        self.read: list[str] = []

    def add_parts(self, parts: list[Part], content: Content) -> None:
        for part in parts:
            account = part.account or next(reversed(self.parts), "")
            self.order.setdefault(account)
            self.parts.setdefault(account, []).append(part)
            names = self.names.setdefault(account, [])
            if content.name not in names:
                names.append(content.name)
            self.modified[account] = max(content.modified, self.modified.get(account, ""))

    def add_saved(self, snapshot: Snapshot, content: Content) -> None:
        if snapshot.account in self.saved:
            raise InputError(f"account {snapshot.account} is in another file too", file=content.name)
        self.order.setdefault(snapshot.account)
        self.saved[snapshot.account] = snapshot


def read_files(files: Sequence[str | Path], org: str | Path | None = None) -> tuple[Snapshot, ...]:
    """Read the accounts in the files, one snapshot for each account, in the order in which the files name them.

    Raises:
        InputError: a file is not what it should be; it names file, place and reason.
        UsageError: standard input is named twice.
    """
    names = [str(file) for file in (*files, *((org,) if org else ()))]
    if names.count("-") > 1:
        raise UsageError("standard input (`-`) can be read once only")
    readings = _Readings()
    with paused_collector():
        for file in files:
            readings.read.append(str(file))
            _read(read_content(file), readings)
        organization = read_organization(read_content(org), readings.documents) if org else None
        found = _snapshots(readings)
        return tuple(found) if organization is None else tuple(within(entry, organization) for entry in found)


def _read(content: Content, readings: _Readings) -> None:
    head = content.data[:4096].lstrip()[:1]
    if not head:
        raise InputError("is empty", file=content.name)
    if b'"schema":"advisor/snapshot/' in content.data[:64]:
        readings.add_saved(_saved(content), content)
    elif head == b"[":
        _read_list(content, readings)
    else:
        for page in decode_all(content.data, Page, content.name):
            _read_page(page, content, readings)
        _refuse_repeated_lists(content)


def _saved(content: Content) -> Snapshot:
    """A saved snapshot, from its twin where that is up to date; else the twin is written for the next time."""
    if not content.raw:
        return load(content.data, content.name)
    path = Path(content.name)
    found = read_twin(path, content.raw)
    if found is None:
        found = load(content.data, content.name)
        write_twin(found, path, content.raw)
    return found


def _read_list(content: Content, readings: _Readings) -> None:
    """A list of resources, or of pages of an export."""
    entries = decode(content.data, list[dict[str, msgspec.Raw]], content.name)
    if entries and not any("Arn" in entry for entry in entries):
        for page in decode(content.data, list[Page], content.name):
            _read_page(page, content, readings)
        return
    readings.resources += read_resources(content.data, content.name, readings.documents)


def _read_page(page: Page, content: Content, readings: _Readings) -> None:
    if is_given(page.schema):
        readings.add_saved(load(content.data, content.name), content)
        return
    if not page.is_export:
        raise InputError(_not_an_account(content), file=content.name, advice=_ADVICE)
    readings.add_parts(parts_of(page, readings.documents), content)


_ADVICE = "see `advisor --help` for the kinds of files"


def _not_an_account(content: Content) -> str:
    """What the file is instead, where its keys tell."""
    keys = decode(content.data, dict[str, msgspec.Raw], content.name)
    if "Statement" in keys:
        return "is a policy document, not an account"
    if "accounts" in keys and "organization" in keys:
        return "is organization context: give it with `--org`"
    return "is neither an account export nor a saved snapshot nor a list of resources"


def _refuse_repeated_lists(content: Content) -> None:
    """A key that is there twice in one object would silently hide the first one's principals."""
    import json

    key = b'"UserDetailList"', b'"RoleDetailList"', b'"GroupDetailList"', b'"Policies"'
    if all(content.data.count(name) <= 1 for name in key):
        return

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) != len(items):
            twice = next(name for at, (name, _) in enumerate(items) if name in dict(items[:at]))
            raise InputError(f"the key `{twice}` occurs twice in one object", file=content.name)
        return found

    decoder, text, at = json.JSONDecoder(object_pairs_hook=pairs), content.data.decode(), 0
    while at < len(text):
        _, at = decoder.raw_decode(text, at)
        while at < len(text) and text[at].isspace():
            at += 1


def _snapshots(readings: _Readings) -> list[Snapshot]:
    owned = _owned_resources(readings)
    for account in owned:
        readings.order.setdefault(account)
    snapshots = []
    for account in readings.order:
        saved, parts = readings.saved.get(account), readings.parts.get(account)
        if saved and parts:
            raise InputError(f"account {account} is in a saved snapshot too", file=", ".join(readings.names[account]))
        snapshot = saved or (_snapshot(account, parts, readings) if parts else _bare(account))
        snapshots.append(_with_resources(snapshot, owned.get(account, []), readings))
    if not snapshots:
        raise InputError(
            f"no account in {', '.join(f'`{name}`' for name in readings.read)}",
            advice="`aws iam get-account-authorization-details` or `advisor collect` makes a file with one",
        )
    return snapshots


def _owned_resources(readings: _Readings) -> dict[str, list[Resource]]:
    """Resources by the account that owns them; a bucket without `Account` belongs to the first account."""
    inventory = {entry.arn: entry.account for snapshot in readings.saved.values() for entry in snapshot.resources}
    first = next(iter(readings.order), "")
    owned: dict[str, list[Resource]] = {}
    for entry in readings.resources:
        account = entry.account or inventory.get(entry.arn, first)
        if not account:
            raise InputError(f"nothing says which account owns `{entry.arn}`", advice='add `"Account"` to its entry')
        owned.setdefault(account, []).append(
            entry if entry.account else msgspec.structs.replace(entry, account=account)
        )
    return owned


def _snapshot(account: str, parts: list[Part], readings: _Readings) -> Snapshot:
    file = ", ".join(readings.names[account])
    if not account:
        raise InputError("holds no principal and no policy of its own, so its account is not known", file=file)
    users = merged((part.users for part in parts), file)
    groups = merged((part.groups for part in parts), file)
    roles = merged((part.roles for part in parts), file)
    policies = merged((part.policies for part in parts), file)
    partition = parts[0].partition
    holders: list[User | Group | Role | ManagedPolicy] = [*users, *groups, *roles, *policies]
    unreadable = _unreadable(readings, {entry.arn for entry in holders})
    return Snapshot(
        account=account,
        source=Source("export", file, ("identity", "boundary")),
        taken_at=readings.modified[account],
        partition=partition,
        users=users,
        groups=groups,
        roles=roles,
        policies=policies,
        gaps=(
            *truncated(parts),
            *unreadable,
            *missing_things(account, partition, (*users, *roles), groups, policies, unreadable),
        ),
    )


def _unreadable(readings: _Readings, arns: set[str]) -> tuple[Gap, ...]:
    """The gaps of policies that are none, of the things with these ARNs (a version of a policy follows its ARN)."""
    found = (gap for gap in readings.documents.gaps if gap.resource and gap.resource.partition(" ")[0] in arns)
    return tuple(dict.fromkeys(found))


def _bare(account: str) -> Snapshot:
    """An account of which only resources are known."""
    from datetime import UTC, datetime

    return Snapshot(account, Source("resources"), datetime.now(UTC).isoformat(timespec="seconds"))


def _with_resources(snapshot: Snapshot, resources: list[Resource], readings: _Readings) -> Snapshot:
    if not resources:
        return snapshot
    found = {entry.arn: entry for entry in snapshot.resources}
    found.update((entry.arn, entry) for entry in resources)
    return msgspec.structs.replace(
        snapshot,
        resources=tuple(found.values()),
        source=with_layers(snapshot.source, "resource"),
        gaps=(*snapshot.gaps, *_unreadable(readings, {entry.arn for entry in resources})),
    )
