"""Organization context: `{"organization": {"Id", "MasterAccountId"}, "accounts": {id: {"scps", "rcps"}}}`."""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from advisor.collect.content import Content, decode
from advisor.collect.documents import Documents
from advisor.errors import InputError
from advisor.model.gap import Gap
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.snapshot import Snapshot, Source


class _Policy(msgspec.Struct):
    name: str
    policy: Raw
    id: str = ""


class _Level(msgspec.Struct):
    target: str
    policies: list[_Policy]


class _Account(msgspec.Struct):
    scps: list[_Level] | None = None
    rcps: list[_Level] | None = None
    name: str | None = None
    path: str | None = None


class _Organization(msgspec.Struct, rename="pascal"):
    id: str
    master_account_id: str | None = None
    feature_set: str | None = None


class _File(msgspec.Struct):
    accounts: dict[str, _Account]
    organization: _Organization | None = None


def read_organization(content: Content, documents: Documents) -> Organization:
    """The organization of a file given with `--org`. Levels stand root first, the account last.

    Raises:
        InputError: with file and place.
    """
    found: _File = decode(content.data, _File, content.name)
    head = found.organization or _Organization(id="")
    try:
        scps = _levels(found, "scps", documents)
        rcps = _levels(found, "rcps", documents)
    except InputError as error:
        raise InputError(error.reason, file=content.name, place=error.place) from error
    return Organization(
        id=head.id,
        management_account=head.master_account_id or "",
        features=head.feature_set,
        accounts=tuple((account, entry.name or "") for account, entry in found.accounts.items()),
        paths=tuple((account, entry.path) for account, entry in found.accounts.items() if entry.path),
        scps=scps,
        rcps=rcps,
    )


def _levels(file: _File, key: str, documents: Documents) -> tuple[tuple[str, tuple[Level, ...]], ...] | None:
    found = []
    for account, entry in file.accounts.items():
        levels: list[_Level] | None = getattr(entry, key)
        if levels is not None:
            place = f"accounts.{account}.{key}"
            found.append(
                (account, tuple(_level(level, f"{place}[{at}]", documents) for at, level in enumerate(levels)))
            )
    return tuple(found) or None


def _level(level: _Level, place: str, documents: Documents) -> Level:
    """One level; what AWS would not have accepted as a policy is a gap of it, and all else in the file still good."""
    known = len(documents.gaps)
    policies = []
    for at, entry in enumerate(level.policies):
        document = documents.attempt(entry.policy, f"{place}.policies[{at}].policy", _gap_of(entry))
        if document is not None:
            policies.append(NamedPolicy(entry.name, document, entry.id))
    return Level(level.target, tuple(policies), tuple(documents.gaps[known:]))


def _gap_of(entry: _Policy) -> Gap:
    unknown = "what this policy of the organization allows and denies"
    return Gap("organizations:DescribePolicy", "failed", "", unknown, entry.id or entry.name)


def within(snapshot: Snapshot, organization: Organization) -> Snapshot:
    """The account in its organization: the layers that are read with it, and the policies above it that cannot be."""
    tables = {"scp": organization.scps, "rcp": organization.rcps}
    own = {layer: dict(levels or ()).get(snapshot.account) for layer, levels in tables.items()}
    layers = [layer for layer, levels in own.items() if levels is not None]
    gaps = [gap for levels in own.values() for level in levels or () for gap in level.gaps]
    return replace(
        snapshot,
        organization=organization,
        source=with_layers(snapshot.source, *layers),
        gaps=(*snapshot.gaps, *dict.fromkeys(gaps)),
    )


def with_layers(source: Source, *layers: str) -> Source:
    """A source from which these layers were read as well."""
    return replace(source, read_layers=tuple(dict.fromkeys((*source.read_layers, *layers))))
