"""What guards look at: the changes, the account before and after them, and who of them is kept for emergencies."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from advisor.access.difference import About, compare
from advisor.access.used import Used, used_of
from advisor.advice.emergency import is_emergency
from advisor.change.unread import hopeful, perhaps_administrators
from advisor.graph.administrators import administrators
from advisor.model.change import Change, Operation
from advisor.model.difference import Difference
from advisor.model.effects import apply_everywhere
from advisor.model.principal import Group, ManagedPolicy, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.change.plan import Plan

Sign = Literal["yes", "no", "unknown"]
Opened = TypeVar("Opened", bound="OpenAccount")


class Guard(msgspec.Struct, frozen=True):
    """One guard's answer. `id` is what an override names."""

    id: str
    sign: Sign
    text: str
    resources: tuple[str, ...] = ()


class Case:
    """What guards look at: the changes, the account before and after them, and who loses what by them."""

    def __init__(
        self,
        changes: tuple[Change, ...],
        before: OpenAccount,
        after: OpenAccount,
        plan: Plan | None = None,
        difference: Difference | None = None,
        *,
        only_refusals: bool = False,
    ) -> None:
        self.only_refusals = only_refusals
        self.changes = changes
        self.before = before
        self.after = after
        self.plan = plan
        self._difference = difference

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for change in self.changes for operation in change.operations)

    @cached_property
    def difference(self) -> Difference:
        """What the caller and break-glass gain and lose; of all others, if it was worked out for them anyway."""
        if self._difference is not None:
            return self._difference
        caller = caller_of(self.before.snapshot)
        principals = {*self.kept, *((caller.arn,) if caller is not None and not self.only_refusals else ())}
        return compare(self.before.index, self.after.index, About(principals, self.kept_roles))

    @cached_property
    def perhaps_administrators(self) -> frozenset[str]:
        """Of whom nobody can tell after the changes whether they are administrators."""
        return perhaps_administrators(self.after, hopeful(self.before, self.after))

    @cached_property
    def used(self) -> Used:
        """What is lost of access that was used, of those whose last accessed information was read."""
        snapshot = self.before.snapshot
        known = [user.arn for user in snapshot.users if user.uses is not None]
        known += [role.arn for role in snapshot.roles if role.uses is not None]
        if not known:
            return Used()
        found = self._difference or compare(self.before.index, self.after.index, About(known))
        return used_of(snapshot, found.lost)

    @cached_property
    def kept(self) -> tuple[str, ...]:
        return break_glass(self.before.snapshot)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The break-glass principals that are changed themselves."""
        before, after = self.before.snapshot, self.after.snapshot
        return tuple(arn for arn in self.kept if holder_of(after, arn) != holder_of(before, arn))

    @cached_property
    def kept_roles(self) -> tuple[str, ...]:
        """The touched roles, whose ways in are kept too."""
        return tuple(arn for arn in self.touched if arn in self.before.snapshot.role_by_arn)

    @cached_property
    def gone(self) -> tuple[str, ...]:
        """What is deleted, and the roles that are taken out of use: shut for everybody, but kept for emergencies."""
        before, after = self.before.snapshot, self.after.snapshot
        now = after.role_by_arn
        shut = (role.arn for role in before.roles if role.arn in now and nobody_assumes(now[role.arn], role))
        deleted = {thing.arn for thing in things_of(before)} - {thing.arn for thing in things_of(after)}
        return tuple(arn for arn in (*sorted(deleted), *shut) if arn not in self.kept)


def changed_account(account: Opened, changes: tuple[Change, ...]) -> Opened:
    """The account as it would be, on an index of its own.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    from advisor.graph.paths import follow

    after = account.with_snapshots(apply_everywhere(changes, account.snapshots))
    follow(account, after)
    return after


def caller_of(snapshot: Snapshot) -> User | Role | None:
    """The user or role that reads and would apply; `None` where it is root, of another account, or not known."""
    arn = snapshot.settings.caller or ""
    if ":assumed-role/" in arn:
        name = arn.split(":assumed-role/", 1)[1].split("/")[0]
        return next((role for role in snapshot.roles if role.name == name), None)
    return snapshot.user_by_arn.get(arn)


def break_glass(snapshot: Snapshot) -> tuple[str, ...]:
    """The principals kept for emergencies: by their path, a tag `break-glass`, or their name."""
    holders: list[User | Role] = [*snapshot.users, *snapshot.roles]
    return tuple(holder.arn for holder in holders if is_emergency(holder))


def sure_administrators(account: OpenAccount) -> tuple[str, ...]:
    """Who is administrator for certain, or on a condition."""
    return tuple(arn for arn, decision in administrators(account).items() if decision != "unknown")


def cannot_sign_in(before: User | Role, after: User | Role) -> bool:
    if not isinstance(before, User) or not isinstance(after, User):
        return False
    return _ways_in(before) and not _ways_in(after)


def _ways_in(user: User) -> bool:
    return bool(user.sign_in.console) or any(key.active for key in user.sign_in.keys or ())


def nobody_assumes(after: Role, before: Role) -> bool:
    """The trust changed so that no statement allows anybody, or a deny of everybody came in."""
    if after.trust == before.trust:
        return False
    denies_all = any(
        not statement.allows and statement.principals is not None and statement.principals.everyone
        for statement in after.trust.statements
    )
    return denies_all or not any(statement.allows for statement in after.trust.statements)


def holder_of(snapshot: Snapshot, arn: str) -> User | Role | None:
    return snapshot.user_by_arn.get(arn) or snapshot.role_by_arn.get(arn)


def things_of(snapshot: Snapshot) -> tuple[User | Role | Group | ManagedPolicy | Resource, ...]:
    return (*snapshot.users, *snapshot.roles, *snapshot.groups, *snapshot.policies, *snapshot.resources)
