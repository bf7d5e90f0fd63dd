"""Guards: what must hold before a change is applied. Each says yes, no or cannot be decided, and why.

A refusal needs a reason to be overridden; what cannot be decided is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from advisor.access.difference import About, compare
from advisor.advice.emergency import is_emergency
from advisor.change.actions import action_of, context_of, resource_of
from advisor.change.losses import Losses, losses_of
from advisor.graph.administrators import administrators
from advisor.model.change import Change, Operation
from advisor.model.difference import Difference
from advisor.model.effects import EffectError, apply_to, name_of, steps_of
from advisor.model.principal import Group, ManagedPolicy, Role, User
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.change.plan import Plan

Sign = Literal["yes", "no", "unknown"]
Opened = TypeVar("Opened", bound="OpenAccount")
RECENT_DAYS = 90


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
    def kept(self) -> tuple[str, ...]:
        return break_glass(self.before.snapshot)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The break-glass principals that are changed themselves."""
        before, after = self.before.snapshot, self.after.snapshot
        return tuple(arn for arn in self.kept if _holder(after, arn) != _holder(before, arn))

    @cached_property
    def kept_roles(self) -> tuple[str, ...]:
        """The touched roles, whose ways in are kept too."""
        return tuple(arn for arn in self.touched if arn in self.before.snapshot.role_by_arn)

    @cached_property
    def gone(self) -> tuple[str, ...]:
        """What is deleted, and the roles that are taken out of use: shut for everybody, but kept for emergencies."""
        before, after = self.before.snapshot, self.after.snapshot
        now = after.role_by_arn
        shut = (role.arn for role in before.roles if role.arn in now and _nobody_assumes(now[role.arn], role))
        deleted = {thing.arn for thing in _things(before)} - {thing.arn for thing in _things(after)}
        return tuple(arn for arn in (*sorted(deleted), *shut) if arn not in self.kept)


def guards_for(
    changes: Iterable[Change],
    account: OpenAccount,
    *,
    plan: Plan | None = None,
    after: OpenAccount | None = None,
    difference: Difference | None = None,
) -> tuple[Guard, ...]:
    """Every guard's answer for the changes together; none for changes that are made by hand.

    `after` and `difference` save working out what is known already.
    """
    changes = tuple(changes)
    if not any(change.operations for change in changes):
        return ()
    case = Case(changes, account, after or changed_account(account, changes), plan, difference)
    return tuple(guard(case) for guard in _GUARDS)


def refusal_of(changes: tuple[Change, ...], account: OpenAccount, after: OpenAccount) -> Guard | None:
    """The first guard that refuses the changes; the one that compares access is asked last."""
    if not any(change.operations for change in changes):
        return None
    case = Case(changes, account, after, only_refusals=True)
    guards = (guard(case) for guard in sorted(_GUARDS, key=lambda guard: guard is _keeps_break_glass))
    return next((guard for guard in guards if guard.sign == "no"), None)


def changed_account(account: Opened, changes: tuple[Change, ...]) -> Opened:
    """The account as it would be, on an index of its own.

    Raises:
        EffectError: AWS would refuse an operation.
    """
    from advisor.graph.paths import follow

    after = account.with_snapshot(apply_to(changes, account.snapshot))
    follow(account, after)
    return after


def caller_of(snapshot: Snapshot) -> User | Role | None:
    """The user or role that reads and would apply; `None` where it is root, of another account, or not known."""
    arn = snapshot.settings.caller or ""
    if ":assumed-role/" in arn:
        name = arn.split(":assumed-role/", 1)[1].split("/")[0]
        return next((role for role in snapshot.roles if role.name == name), None)
    return snapshot.user_by_arn.get(arn)


def _keeps_caller(case: Case) -> Guard:
    """The caller still exists, can still sign in, is as much an administrator as before and can undo what it does."""
    snapshot = case.before.snapshot
    if (snapshot.settings.caller or "").endswith(":root"):
        return Guard("caller", "yes", "you are root, whom no change of this kind locks out")
    caller = caller_of(snapshot)
    if caller is None:
        return Guard("caller", "unknown", "who applies it is not in the account that was read")
    arn = caller.arn
    reason = _lost(case, arn, caller)
    if reason:
        return Guard("caller", "no", reason, (arn,))
    undo = _decided("caller", case, _undo_calls(case), case.after, arn, "you keep your access", "you could not undo it")
    if case.only_refusals:
        return undo  # what the caller loses besides is said, and refuses nothing
    lost = losses_of(case.difference, (arn,), gone=case.gone)
    if undo.sign == "yes" and lost.words:
        return Guard("caller", "unknown", f"you could still undo it, but {lost.words}", (arn,))
    return undo


def _lost(case: Case, arn: str, caller: User | Role) -> str:
    after = case.after.snapshot
    now = _holder(after, arn)
    if now is None:
        return f"{caller.name}, who applies it, would be gone"
    if _cannot_sign_in(caller, now):
        return f"{caller.name}, who applies it, could not sign in any more"
    if isinstance(caller, Role) and isinstance(now, Role) and _nobody_assumes(now, caller):
        return f"nobody could assume {caller.name}, who applies it, any more"
    if arn in _administrators(case.before) and arn not in _administrators(case.after):
        return f"{caller.name}, who applies it, would be no administrator any more"
    return ""


def _cannot_sign_in(before: User | Role, after: User | Role) -> bool:
    if not isinstance(before, User) or not isinstance(after, User):
        return False
    return _ways_in(before) and not _ways_in(after)


def _ways_in(user: User) -> bool:
    return bool(user.sign_in.console) or any(key.active for key in user.sign_in.keys or ())


def _nobody_assumes(after: Role, before: Role) -> bool:
    """The trust changed so that no statement allows anybody, or a deny of everybody came in."""
    if after.trust == before.trust:
        return False
    denies_all = any(
        not statement.allows and statement.principals is not None and statement.principals.everyone
        for statement in after.trust.statements
    )
    return denies_all or not any(statement.allows for statement in after.trust.statements)


def _undo_calls(case: Case) -> tuple[Operation, ...]:
    return tuple(operation for change in case.changes for operation in change.undo)


def _decided(
    id: str, case: Case, calls: Iterable[Operation], account: OpenAccount, arn: str, good: str, bad: str
) -> Guard:
    """Whether the principal may make all the calls, by our own evaluator."""
    unknown, refused = [], []
    for operation in calls:
        verdict = account.can(
            arn, action_of(name_of(operation)), resource_of(operation, case.before.snapshot), context_of(operation)
        )
        if verdict.decision in ("explicit-deny", "implicit-deny"):
            refused.append(name_of(operation))
        elif verdict.decision != "allowed":
            unknown.append(name_of(operation))
    if refused:
        return Guard(id, "no", f"{bad}: {', '.join(dict.fromkeys(refused))}", (arn,))
    if unknown:
        return Guard(id, "unknown", f"it hangs on conditions: {', '.join(dict.fromkeys(unknown))}", (arn,))
    return Guard(id, "yes", good)


def _administrators(account: OpenAccount) -> tuple[str, ...]:
    """Who is administrator for certain, or on a condition."""
    return tuple(arn for arn, decision in administrators(account).items() if decision != "unknown")


def _keeps_an_administrator(case: Case) -> Guard:
    left = len(_administrators(case.after))
    if left:
        word = "administrator stays" if left == 1 else "administrators stay"
        return Guard("administrator", "yes", f"{left} {word}")
    if administrators(case.after):
        return Guard("administrator", "unknown", "whether an administrator stays hangs on what was not read")
    if not _administrators(case.before):
        return Guard("administrator", "yes", "there was no administrator but root before")
    return Guard("administrator", "no", "the last administrator would be gone", _administrators(case.before))


def break_glass(snapshot: Snapshot) -> tuple[str, ...]:
    """The principals kept for emergencies: by their path, a tag `break-glass`, or their name."""
    holders: list[User | Role] = [*snapshot.users, *snapshot.roles]
    return tuple(holder.arn for holder in holders if is_emergency(holder))


def _keeps_break_glass(case: Case) -> Guard:
    """They stay, can sign in, and lose nothing: neither what they may do nor the way into them."""
    kept = case.kept
    if not kept:
        return Guard("break-glass", "yes", "there is no break-glass principal to touch")
    shut = tuple(arn for arn in kept if _is_shut(case, arn))
    if shut:
        named = ", ".join(arn.rsplit("/", 1)[-1] for arn in shut)
        return Guard("break-glass", "no", f"{named} would not open the account in an emergency", shut)
    lost = _lost_by_break_glass(case)
    if lost.gone:
        return Guard("break-glass", "no", f"break-glass loses access: {lost.words}", kept)
    if lost.conditional:
        return Guard("break-glass", "unknown", f"break-glass access would hang on conditions: {lost.words}", kept)
    if case.touched and case.difference.verdict == "unknown" and case.difference.reason:
        return Guard("break-glass", "unknown", f"whether break-glass loses access: {case.difference.reason}", kept)
    return Guard("break-glass", "yes", "break-glass loses no access")


def _lost_by_break_glass(case: Case) -> Losses:
    """Administrators need nothing that goes; to others an administrator that goes may be their way up."""
    were = _administrators(case.before)
    high = [arn for arn in case.kept if arn in were]
    others = [arn for arn in case.kept if arn not in were]
    one = losses_of(case.difference, high, case.kept_roles, gone=case.gone)
    other = losses_of(case.difference, others, gone=[arn for arn in case.gone if arn not in were])
    return Losses(one.gone + other.gone, one.conditional + other.conditional)


def _is_shut(case: Case, arn: str) -> bool:
    """Gone, without a way to sign in, assumed by nobody, or administrator no more."""
    before, after = _holder(case.before.snapshot, arn), _holder(case.after.snapshot, arn)
    if before is None or after is None or _cannot_sign_in(before, after):
        return True
    if isinstance(before, Role) and isinstance(after, Role) and _nobody_assumes(after, before):
        return True
    return arn in _administrators(case.before) and arn not in _administrators(case.after)


def _holder(snapshot: Snapshot, arn: str) -> User | Role | None:
    return snapshot.user_by_arn.get(arn) or snapshot.role_by_arn.get(arn)


def _things(snapshot: Snapshot) -> tuple[User | Role | Group | ManagedPolicy | Resource, ...]:
    return (*snapshot.users, *snapshot.roles, *snapshot.groups, *snapshot.policies, *snapshot.resources)


def _is_not_in_use(case: Case) -> Guard:
    """Nothing that was used in the last 90 days is deleted or put out of use."""
    snapshot = case.before.snapshot
    now = _moment(snapshot.taken_at)
    recent, unknown = [], []
    for change in case.changes:
        for state, operation, _ in steps_of(change.operations, snapshot) if _is_walkable(change, snapshot) else ():
            for subject, used in _uses(operation, state):
                if used is None:
                    unknown.append(subject)
                elif used and now - _moment(used) < timedelta(days=RECENT_DAYS):
                    recent.append(f"{subject} ({used[:10]})")
    if recent:
        names = ", ".join(dict.fromkeys(recent))
        return Guard("recent-use", "no", f"used in the last {RECENT_DAYS} days: {names}")
    if unknown:
        names = ", ".join(dict.fromkeys(unknown))
        return Guard("recent-use", "unknown", f"last use was not read: {names}")
    return Guard("recent-use", "yes", f"nothing that is deleted was used in the last {RECENT_DAYS} days")


def _is_walkable(change: Change, snapshot: Snapshot) -> bool:
    try:
        steps_of(change.operations, snapshot)
    except EffectError:
        return False
    return True


def _uses(operation: Operation, snapshot: Snapshot) -> Iterator[tuple[str, str | None]]:
    """(what, when it was last used) for each thing that the call deletes: empty for never, `None` for not known."""
    p = operation.parameters
    user = next((user for user in snapshot.users if user.name == p.get("UserName")), None)
    if operation.operation == "DeleteRole":
        role = next((role for role in snapshot.roles if role.name == p.get("RoleName")), None)
        if role is not None:
            yield role.name, role.last_used or ("" if _reads_use(snapshot) else None)
    elif operation.operation in ("DeleteAccessKey", "UpdateAccessKey") and user is not None:
        for key in user.sign_in.keys or ():
            if key.id == p.get("AccessKeyId") and (key.active or operation.operation == "DeleteAccessKey"):
                yield f"access key {key.id}", key.last_used or ("" if key.last_used_service is None else None)
    elif operation.operation == "DeleteLoginProfile" and user is not None:
        used = user.sign_in.console_last_used
        yield f"password of {user.name}", used if used != "no_information" else ""


def _reads_use(snapshot: Snapshot) -> bool:
    """A reading that knows the last use of any role knows that of all: never used is then known too."""
    return any(role.last_used for role in snapshot.roles)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.astimezone()


def _is_unchanged(case: Case) -> Guard:
    if case.plan is None or case.plan.snapshot == case.before.snapshot.digest:
        return Guard("unchanged", "yes", "the account is as it was when the plan was made")
    return Guard("unchanged", "no", "the account has changed since the plan was made")


def _is_allowed(case: Case) -> Guard:
    caller = caller_of(case.before.snapshot)
    if (case.before.snapshot.settings.caller or "").endswith(":root"):
        return Guard("permission", "yes", "root may make these calls")
    if caller is None:
        return Guard("permission", "unknown", "who applies it is not in the account that was read")
    return _decided(
        "permission", case, case.operations, case.before, caller.arn, "you may make these calls", "you may not call"
    )


def _fits_quotas(case: Case) -> Guard:
    from advisor.change.quotas import quotas_for

    broken = [quota for quota in quotas_for(case.before.snapshot, case.after.snapshot) if not quota.fits]
    if broken:
        words = "; ".join(f"{quota.subject}: {quota.used:,} of {quota.limit:,} {quota.name}" for quota in broken)
        return Guard("quota", "no", words, tuple(quota.subject for quota in broken))
    return Guard("quota", "yes", "sizes and counts stay within AWS's quotas")


_GUARDS: tuple[Callable[[Case], Guard], ...] = (
    _keeps_caller,
    _keeps_an_administrator,
    _keeps_break_glass,
    _is_not_in_use,
    _is_unchanged,
    _is_allowed,
    _fits_quotas,
)
