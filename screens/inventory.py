"""What the account holds, as rows of the Explore lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.content import Content

from screens.signs import KINDS, Sign, mark
from screens.widgets.columns import Cell, Column, line
from screens.wording import account_in_fours, age, clean, count, short_name

if TYPE_CHECKING:
    from advisor.model.document import Document
    from advisor.model.principal import Group, ManagedPolicy, Role, User
    from advisor.model.resource import Resource
    from advisor.model.snapshot import Snapshot

PRINCIPALS = (
    Column("risk", 4, least=44),
    Column("name", share=3, at_most=48),
    Column("kind", 7),
    Column("MFA", 3, least=56),
    Column("last used", 10, least=72),
    Column("has", share=4),
)
GROUPS = (Column("name", share=2, at_most=48), Column("members", 9), Column("has", share=3))
POLICIES = (
    Column("name", share=2, at_most=56),
    Column("of", 9),
    Column("held by", 9),
    Column("statements", 10, least=60),
    Column("limits as boundary", 18, least=90),
)
RESOURCES = (
    Column("name", share=2, at_most=56),
    Column("type", 22),
    Column("Region", 14, least=70),
    Column("policy", 16),
)
OUTSIDE = (Column("who", share=2, at_most=56), Column("kind", 10), Column("comes in through", share=2))


def _no_risk(arn: str) -> Content:
    return Content("")


@dataclass(frozen=True)
class Thing:
    """One row: what it is and its cells, which are made when it is drawn."""

    key: str
    """ARN (or name) of the thing."""
    kind: str
    text: str
    columns: tuple[Column, ...]
    cells: Callable[[], tuple[Cell, ...]]
    order: tuple[object, ...] = ()
    selectable: bool = True

    def draw(self, width: int) -> Content:
        return line(self.columns, self.cells(), width)


def principals(snapshot: Snapshot, now: datetime, risk_of: Callable[[str], Content] = _no_risk) -> list[Thing]:
    """Users, then roles, each with what it holds. `risk_of` draws the risk of an ARN."""
    users = [
        Thing(
            user.arn, "user", f"{clean(user.name)} user", PRINCIPALS, partial(_user_cells, snapshot, user, now, risk_of)
        )
        for user in snapshot.users
    ]
    roles = [
        Thing(
            role.arn, "role", f"{clean(role.name)} role", PRINCIPALS, partial(_role_cells, snapshot, role, now, risk_of)
        )
        for role in snapshot.roles
    ]
    return [*users, *roles]


def _user_cells(snapshot: Snapshot, user: User, now: datetime, risk_of: Callable[[str], Content]) -> tuple[Cell, ...]:
    return (
        risk_of(user.arn),
        clean(user.name),
        mark(KINDS["user"], word=True),
        _yes_no(user.sign_in.mfa),
        _last_used(last_use_of_user(user), user.sign_in.console is None and user.sign_in.keys is None, now),
        holdings(snapshot, user),
    )


def _role_cells(snapshot: Snapshot, role: Role, now: datetime, risk_of: Callable[[str], Content]) -> tuple[Cell, ...]:
    return (
        risk_of(role.arn),
        clean(role.name),
        mark(KINDS["role"], word=True),
        Content(""),
        _last_used(role.last_used, False, now),
        holdings(snapshot, role),
    )


def _yes_no(value: bool | None) -> Content:
    """MFA: better and worse, so green and red; the sign says it without them."""
    if value is None:
        return Content.styled("?", "$is-unknown bold")
    return Content.styled("✓", "$holds") if value else Content.styled("×", "$fails")


def _last_used(moment: str | None, unread: bool, now: datetime) -> Content:
    if moment:
        return Content(age(moment, now) or clean(moment))
    return Content.styled("? not read", "$is-unknown") if unread else Content.styled("never seen", "$quiet")


def last_use_of_user(user: User) -> str | None:
    """The latest use of the password or a key, where AWS tells one."""
    times = [user.sign_in.console_last_used, *(key.last_used for key in user.sign_in.keys or ())]
    return max((moment for moment in times if moment and moment[:1].isdigit()), default=None)


def holdings(snapshot: Snapshot, holder: User | Role | Group) -> Content:
    """`≡ devs: § DevAccess`, `§ OpsPolicy, boundary § Limit`: what is held, the nearest first."""
    parts: list[Content] = []
    direct = [*(policy.name for policy in holder.inline), *(short_name(arn) for arn in holder.attached)]
    if direct:
        parts.append(_policies(direct))
    for name in getattr(holder, "groups", ()):
        group = snapshot.group_by_name.get(name)
        held = [*(p.name for p in group.inline), *(short_name(arn) for arn in group.attached)] if group else []
        parts.append(
            Content.assemble(("≡ ", "$kind-principal"), clean(name), *((": ", _policies(held)) if held else ()))
        )
    boundary = getattr(holder, "boundary", None)
    if boundary:
        unread = snapshot.gaps_by_resource.get(boundary)
        sign = Content.styled("boundary ? ", "$is-unknown") if unread else Content("boundary ")
        parts.append(Content.assemble(sign, short_name(boundary)))
    return Content(", ").join(parts) if parts else Content.styled("nothing", "$quiet")


def _policies(names: list[str]) -> Content:
    rest = f" +{len(names) - 2}" if len(names) > 2 else ""
    return Content.assemble(("§ ", "$kind-policy"), ", ".join(clean(name) for name in names[:2]), rest)


def groups(snapshot: Snapshot) -> list[Thing]:
    members: dict[str, int] = {}
    for user in snapshot.users:
        for name in user.groups:
            members[name] = members.get(name, 0) + 1

    def cells(group: Group) -> tuple[Cell, ...]:
        return (clean(group.name), Content(f"{members.get(group.name, 0):,}"), holdings(snapshot, group))

    return [Thing(group.arn, "group", clean(group.name), GROUPS, partial(cells, group)) for group in snapshot.groups]


def policies(snapshot: Snapshot) -> list[Thing]:
    def cells(policy: ManagedPolicy) -> tuple[Cell, ...]:
        document = policy.document
        statements = Content(str(len(document.statements))) if document else Content.styled("? not read", "$is-unknown")
        held = holders(snapshot).get(policy.arn, ())
        bounds = boundaries(snapshot).get(policy.arn, 0)
        return (
            clean(policy.name),
            Content("AWS" if policy.is_aws_managed else "account"),
            Content(f"{len(held):,}"),
            statements,
            Content(str(bounds) if bounds else ""),
        )

    ordered = sorted(snapshot.policies, key=lambda policy: policy.is_aws_managed)
    return [Thing(policy.arn, "policy", clean(policy.name), POLICIES, partial(cells, policy)) for policy in ordered]


class _Holders:
    """Who holds each managed policy, worked out once for a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def by_policy(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        everyone: tuple[User | Group | Role, ...] = (
            *self.snapshot.users,
            *self.snapshot.groups,
            *self.snapshot.roles,
        )
        for holder in everyone:
            for arn in holder.attached:
                found.setdefault(arn, []).append(holder.arn)
        return {arn: tuple(names) for arn, names in found.items()}

    @cached_property
    def bounded(self) -> dict[str, int]:
        found: dict[str, int] = {}
        everyone: tuple[User | Role, ...] = (*self.snapshot.users, *self.snapshot.roles)
        for holder in everyone:
            if holder.boundary:
                found[holder.boundary] = found.get(holder.boundary, 0) + 1
        return found


_last_holders: list[_Holders] = []


def _holders(snapshot: Snapshot) -> _Holders:
    if not _last_holders or _last_holders[0].snapshot is not snapshot:
        _last_holders[:] = [_Holders(snapshot)]
    return _last_holders[0]


def holders(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """ARNs of users, groups and roles by the ARN of the managed policy attached to them."""
    return _holders(snapshot).by_policy


def boundaries(snapshot: Snapshot) -> dict[str, int]:
    return _holders(snapshot).bounded


def resources(snapshot: Snapshot) -> list[Thing]:
    def cells(resource: Resource) -> tuple[Cell, ...]:
        if snapshot.gaps_by_resource.get(resource.arn):
            policy = Content.styled("? not read", "$is-unknown")
        elif resource.policy:
            policy = Content(count(len(resource.policy.statements), "statement"))
        else:
            policy = Content.styled("none", "$quiet")
        return (short_name(resource.arn), Content(clean(resource.kind)), Content(clean(resource.region)), policy)

    return [
        Thing(
            resource.arn,
            "resource",
            f"{short_name(resource.arn)} {resource.kind}",
            RESOURCES,
            partial(cells, resource),
        )
        for resource in snapshot.resources
    ]


@dataclass(frozen=True)
class Outsider:
    """Someone outside this account that a policy here names: `account`, `federated`, `service` or `everyone`."""

    name: str
    kind: str
    through: tuple[str, ...]
    """ARNs of the roles and resources that name it."""


def outside(snapshot: Snapshot) -> list[Thing]:
    def cells(outsider: Outsider) -> tuple[Cell, ...]:
        doors = ", ".join(short_name(arn) for arn in outsider.through[:3])
        rest = f" +{len(outsider.through) - 3}" if len(outsider.through) > 3 else ""
        sign = sign_of_outsider(outsider)
        return (
            account_in_fours(outsider.name) if outsider.kind == "account" else clean(outsider.name),
            Content.assemble(mark(sign), " ", outsider.kind),
            Content(doors + rest),
        )

    return [
        Thing(found.name, found.kind, clean(found.name), OUTSIDE, partial(cells, found))
        for found in outsiders(snapshot)
    ]


def sign_of_outsider(outsider: Outsider) -> Sign:
    if outsider.kind == "service":
        return KINDS["service"]
    return KINDS["outside-role"] if ":role/" in outsider.name else KINDS["outside-user"]


def outsiders(snapshot: Snapshot) -> list[Outsider]:
    """Everyone beyond the account whom a trust or resource policy allows by name, services last."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for owner, document in _documents_with_principals(snapshot):
        for kind, name in _named(document, snapshot.account):
            found.setdefault((kind, name), {})[owner] = None
    ordered = sorted(found, key=lambda key: (key[0] == "service", key[0], key[1]))
    return [Outsider(name, kind, tuple(found[kind, name])) for kind, name in ordered]


def _documents_with_principals(snapshot: Snapshot) -> Iterator[tuple[str, Document]]:
    for role in snapshot.roles:
        yield role.arn, role.trust
    for resource in snapshot.resources:
        if resource.policy:
            yield resource.arn, resource.policy


def _named(document: Document, account: str) -> Iterable[tuple[str, str]]:
    for statement in document.statements:
        named = statement.principals
        if named is None or named.negated or not statement.allows:
            continue
        if named.everyone:
            yield "everyone", "*"
        for arn in named.aws:
            owner = arn.split(":")[4] if arn.startswith("arn:") and arn.count(":") >= 5 else arn
            if owner != account and arn != "*":
                yield "account", owner if arn.endswith(":root") else arn
        for name in named.federated:
            yield "federated", name
        for name in named.service:
            yield "service", name
