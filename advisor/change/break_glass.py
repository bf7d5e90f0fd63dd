"""The guard of those who are kept for emergencies: they stay, get in, and are as strong as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.change.case import Case, Guard, cannot_sign_in, holder_of, nobody_assumes, sure_administrators
from advisor.change.losses import Losses, is_way_in, losses_of
from advisor.model.principal import Role

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount


def keeps_break_glass(case: Case) -> Guard:
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
    were = sure_administrators(case.before)
    high = [arn for arn in case.kept if arn in were]
    others = [arn for arn in case.kept if arn not in were and not _opens_as_before(case, arn)]
    in_between = [arn for arn in case.kept if arn not in were and arn not in others]
    one = losses_of(case.difference, high, case.kept_roles, gone=case.gone)
    other = losses_of(case.difference, others, gone=[arn for arn in case.gone if arn not in were])
    found = (one, other, _ways_in(losses_of(case.difference, in_between), case))
    return Losses(
        tuple(change for losses in found for change in losses.gone),
        tuple(change for losses in found for change in losses.conditional),
    )


def _opens_as_before(case: Case, arn: str) -> bool:
    """Whether all that it loses it still has as an administrator whom it can become just as before.

    Such a principal signs in and assumes: what else it may do by itself (read a public website, say) is no help in an
    emergency that the role is not.
    """
    roles = [role for role in case.kept if role in case.before.snapshot.role_by_arn]
    strong = [role for role in roles if role in sure_administrators(case.after)]
    return any(_assumes(case.after, arn, role) == _assumes(case.before, arn, role) != "" for role in strong)


def _assumes(account: OpenAccount, arn: str, role: str) -> str:
    """`allowed` or `conditional`; empty where it may not, or nobody knows."""
    decision = account.can(arn, "sts:AssumeRole", role).decision
    return decision if decision in ("allowed", "conditional") else ""


def _ways_in(losses: Losses, case: Case) -> Losses:
    """Of what is lost only the ways into roles that are kept."""
    roles = [role for role in case.kept if role in case.before.snapshot.role_by_arn]
    return Losses(
        tuple(one for one in losses.gone if is_way_in(one, roles)),
        tuple(one for one in losses.conditional if is_way_in(one, roles)),
    )


def _is_shut(case: Case, arn: str) -> bool:
    """Gone, without a way to sign in, assumed by nobody, or administrator no more."""
    before, after = holder_of(case.before.snapshot, arn), holder_of(case.after.snapshot, arn)
    if before is None or after is None or cannot_sign_in(before, after):
        return True
    if isinstance(before, Role) and isinstance(after, Role) and nobody_assumes(after, before):
        return True
    return arn in sure_administrators(case.before) and arn not in sure_administrators(case.after)
