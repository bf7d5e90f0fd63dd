"""Organization context: `{"organization": {"Id", "MasterAccountId"}, "accounts": {id: {"scps", "rcps"}}}`."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from advisor.collect.content import Content, decode
from advisor.collect.documents import Documents
from advisor.errors import InputError
from advisor.model.organization import Level, NamedPolicy, Organization


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
    policies = tuple(
        NamedPolicy(entry.name, documents.read(entry.policy, f"{place}.policies[{at}].policy"), entry.id)
        for at, entry in enumerate(level.policies)
    )
    return Level(level.target, policies)
