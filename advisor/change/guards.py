"""Guards: what must hold before a change is applied. Each says yes, no or cannot be decided, and why.

A refusal needs a reason to be overridden; what cannot be decided is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from advisor.change.actions import action_of, context_of, resource_of
from advisor.change.break_glass import keeps_break_glass
from advisor.change.case import (
    Case,
    Guard,
    break_glass,
    caller_of,
    cannot_sign_in,
    changed_account,
    holder_of,
    nobody_assumes,
    sure_administrators,
)
from advisor.change.keyholders import in_use, somebody_uses
from advisor.change.losses import losses_of
from advisor.model.change import Change, Operation
from advisor.model.difference import Difference
from advisor.model.effects import EffectError, name_of, steps_of
from advisor.model.principal import Role, User
from advisor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.change.plan import Plan

RECENT_DAYS = 90
MOST_NAMED = 8
"""Things that were used and are named one by one."""


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
    guards = (guard(case) for guard in sorted(_GUARDS, key=lambda guard: guard is keeps_break_glass))
    return next((guard for guard in guards if guard.sign == "no"), None)


def _keeps_caller(case: Case) -> Guard:
    """The caller still exists, can still sign in, is as much an administrator as before and can undo what it does."""
    snapshot = case.before.snapshot
    if (snapshot.settings.caller or "").endswith(":root"):
        return Guard("caller", "yes", "you are root, whom no change of this kind locks out")
    caller = caller_of(snapshot)
    if caller is None:
        return Guard("caller", "unknown", "whether you keep your access: you are not in what was read")
    arn = caller.arn
    reason = _lost(case, arn, caller)
    if reason:
        return Guard("caller", "no", reason, (arn,))
    if arn in sure_administrators(case.before) and arn in case.perhaps_administrators:
        return Guard("caller", "unknown", f"whether {caller.name}, who applies it, stays administrator", (arn,))
    undo = _decided("caller", case, _undo_calls(case), case.after, arn, "you keep your access", "you could not undo it")
    if case.only_refusals:
        return undo  # what the caller loses besides is said, and refuses nothing
    lost = losses_of(case.difference, (arn,), gone=case.gone)
    if undo.sign == "yes" and lost.words:
        return Guard("caller", "unknown", f"you could still undo it, but {lost.words}", (arn,))
    return undo


def _lost(case: Case, arn: str, caller: User | Role) -> str:
    after = case.after.snapshot
    now = holder_of(after, arn)
    if now is None:
        return f"{caller.name}, who applies it, would be gone"
    if cannot_sign_in(caller, now):
        return f"{caller.name}, who applies it, could not sign in any more"
    if isinstance(caller, Role) and isinstance(now, Role) and nobody_assumes(now, caller):
        return f"nobody could assume {caller.name}, who applies it, any more"
    if arn in sure_administrators(case.before) and arn not in (
        *sure_administrators(case.after),
        *case.perhaps_administrators,
    ):
        return f"{caller.name}, who applies it, would be no administrator any more"
    return ""


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


def _keeps_an_administrator(case: Case) -> Guard:
    """An administrator stays that a person can use."""
    stay = sure_administrators(case.after)
    if case.only_refusals and somebody_uses(case.after, stay):
        return Guard("administrator", "yes", "an administrator stays")
    use = in_use(case.after, stay)
    left = sum(used is True for used in use.values())
    if left:
        idle = [arn.rsplit("/", 1)[-1] for arn, used in use.items() if not used]
        word = "administrator stays" if left == 1 else "administrators stay"
        besides = (
            f", besides {', '.join(idle[:MOST_NAMED])}, which no person is known to be able to use" if idle else ""
        )
        return Guard("administrator", "yes", f"{left} {word}{besides}")
    if case.perhaps_administrators or None in use.values():
        return Guard("administrator", "unknown", "whether an administrator stays hangs on what was not read")
    were = in_use(case.before, sure_administrators(case.before))
    if not any(used is not False for used in were.values()):
        return Guard("administrator", "yes", "there was no administrator but root before")
    gone = (
        "the last administrator whom a person can use would be gone" if use else "the last administrator would be gone"
    )
    return Guard("administrator", "no", gone, tuple(arn for arn, used in were.items() if used is not False))


def _is_not_in_use(case: Case) -> Guard:
    """Nothing that was used in the last 90 days is deleted or put out of use, nor an action of it taken away."""
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
    recent += [
        f"{use.action} by {use.principal.rsplit('/', 1)[-1]} ({use.at[:10]})"
        for use in case.used.exact
        if now - _moment(use.at) < timedelta(days=RECENT_DAYS)
    ]
    if recent:
        subjects = list(dict.fromkeys(recent))
        more = f" and {len(subjects) - MOST_NAMED} more" if len(subjects) > MOST_NAMED else ""
        names = ", ".join(subjects[:MOST_NAMED]) + more
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
        return Guard("permission", "unknown", "whether you may make these calls: you are not in what was read")
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
    keeps_break_glass,
    _is_not_in_use,
    _is_unchanged,
    _is_allowed,
    _fits_quotas,
)

__all__ = ["Case", "Guard", "break_glass", "caller_of", "changed_account", "guards_for", "refusal_of"]
